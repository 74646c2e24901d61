/* What is found: sections by their words, with room for typing errors. Loaded when search opens. */
(() => {
  const { wordsIn, partsOf } = nnbookSearch;
  const BOOST = { title: 6, marks: 6, labels: 2, page: 2, numbers: 20, text: 1 };
  const FEW = 3;  // of one page, so that others are seen, too
  const OF_BOXES = 0.4;  // exercises and solutions come after what they are about
  const EXCERPT = 28;  // words
  const NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega";
  const GREEK = Object.fromEntries(NAMES.split(" ").map((name, i) => [name, "αβγδεζηθικλμνξοπρστυφχψω"[i]]));
  let pages, places, engine;

  nnbookSearch.fill = (content) => {
    pages = content.pages.map(([address, title, weight]) => ({ address, title, weight }));
    places = content.places.map(([page, anchor, title, text, marks, labels, numbers, isBox], id) => {
      const on = pages[page];
      const weight = on.weight * (isBox ? OF_BOXES : 1);
      return { id, anchor, title, text, marks, labels, numbers, on, weight, page: on.title };
    });
    engine = new MiniSearch({
      fields: Object.keys(BOOST),
      tokenize: (text) => wordsIn(text).flatMap((word) => word.terms),
      processTerm: (term) => term,
    });
    engine.addAll(places);
  };

  // All words must occur, whole or as a beginning; if that finds nothing, nearly; else any of them.
  nnbookSearch.find = (query, count) => {
    const words = wordsIn(query.replace(/[{}$\\]/g, "")).map((word) => partsOf(word.text));
    if (!words.length) return [];
    const queries = words.map(([whole, ...parts]) => {
      const others = parts.length ? [{ combineWith: "AND", queries: parts }] : [];
      if (whole in GREEK) others.push(GREEK[whole]);
      return others.length ? { combineWith: "OR", queries: [whole, ...others] } : whole;
    });
    const nearly = (term) => term.length > 3 && !/^[\d(]/.test(term) && 0.2;
    const tries = [["AND", false], ["AND", nearly], ["OR", nearly]];
    for (const [combineWith, fuzzy] of tries) {
      const found = engine.search({ combineWith, queries }, {
        boost: BOOST, prefix: true, fuzzy, tokenize: (term) => [term],
        boostDocument: (id) => places[id].weight,
      });
      if (found.length) return shown(ranked(found, words.map((word) => word[0])), count);
    }
    return [];
  };

  // Words that stand together count for more than words that are far apart, and a page that says
  // them in many places is about them.
  function ranked(found, words) {
    const sums = new Map();
    for (const { id, score } of found) {
      const { address } = places[id].on;
      sums.set(address, (sums.get(address) ?? 0) + score);
    }
    const phrase = ` ${words.join(" ")}`;
    const said = (text) => ` ${wordsIn(text).map((word) => word.terms[0]).join(" ")} `;
    for (const one of found.slice(0, 60)) {
      const { title, text, on } = places[one.id];
      one.score *= Math.sqrt(sums.get(on.address));
      const heading = said(title);
      if (heading === `${phrase} `) one.score *= 2;
      else if (heading.includes(phrase)) one.score *= 1.5;
      if (words.length > 1 && said(text).includes(phrase)) one.score *= 1.2;
    }
    return found.sort((a, b) => b.score - a.score);
  }

  function shown(found, count) {
    const taken = new Map();
    const results = found.filter(({ id }) => {
      const page = places[id].on;
      taken.set(page, (taken.get(page) ?? 0) + 1);
      return taken.get(page) <= (count > 50 ? Infinity : FEW);
    });
    return Object.assign(results.slice(0, count).map(({ id, terms }) => {
      const place = places[id];
      const isPage = place.title === place.page;
      return {
        address: place.on.address,
        anchor: isPage ? "" : place.anchor,
        page: place.page,
        title: isPage ? "" : place.title,
        excerpt: excerpt(place.text, new Set(terms)),
        terms,
      };
    }), { total: found.length });
  }

  // The stretch of a text that holds most of the terms, as texts that are hits and that are not.
  function excerpt(text, terms) {
    const words = wordsIn(text);
    const hits = words.map((word) => word.terms.find((term) => terms.has(term)));
    let best = 0, most = 0;
    hits.forEach((hit, start) => {
      if (!hit) return;
      const many = new Set(hits.slice(start, start + EXCERPT - 6).filter(Boolean)).size;
      if (many > most) [best, most] = [Math.max(0, start - 6), many];
    });
    const last = Math.min(best + EXCERPT, words.length);
    const parts = [];
    let end = best ? words[best].start : 0;
    if (best) parts.push({ text: "… " });
    for (let i = best; i < last; i++) {
      if (!hits[i]) continue;
      parts.push({ text: text.slice(end, words[i].start) }, { text: words[i].text, hit: true });
      end = words[i].start + words[i].text.length;
    }
    parts.push({ text: last < words.length ? `${text.slice(end, words[last].start)}…` : text.slice(end) });
    return parts.filter((part) => part.text);
  }
})();
