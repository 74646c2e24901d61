/* What is found: sections by their words, with room for typing errors. Loaded when search opens. */
(() => {
  const { wordsIn, partsOf } = nnbookSearch;
  const BOOST = { title: 6, marks: 6, labels: 2, page: 2, numbers: 20, text: 1 };
  const FEW = 3;  // of one page, so that others are seen, too
  const OF_BOXES = 0.4;  // exercises and solutions come after what they are about
  const EXCERPT = 28;  // words
  const NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega";
  const GREEK = new Map(NAMES.split(" ").map((name, i) => [name, "αβγδεζηθικλμνξοπρστυφχψω"[i]]));
  const READ = ["title", "text", "numbers", "page"];  // fields that are shown, in some form
  const ENDINGS = /^(?:e?s|e?d|n|ly|(?:[a-z]?)(?:ings?|e[dr]s?))$/;
  let pages, places, engine, common;
  const known = new Set();  // words that are said, not what is joined of several

  nnbookSearch.fill = (content) => {
    pages = content.pages.map(([address, title, weight]) => ({ address, title, weight }));
    common = new Set(content.common);
    places = content.places.map(([page, anchor, title, text, marks, labels, numbers, isBox, within], id) => {
      const on = pages[page];
      const figures = new Map(Object.entries(within));
      const weight = on.weight * (isBox ? OF_BOXES : 1);
      return { id, anchor, title, text, marks, labels, numbers, figures, isBox, on, weight, page: on.title };
    });
    engine = new MiniSearch({
      fields: Object.keys(BOOST),
      tokenize: (text) => wordsIn(text).flatMap((word) => word.terms),
      processTerm: (term) => term,
    });
    engine.addAll(places);
    for (const { title, text } of places) {
      for (const { terms: [whole, ...parts] } of wordsIn(`${title} ${text}`)) {
        for (const term of parts.length ? parts : [whole]) known.add(term);
      }
    }
  };

  // All words must occur, whole or as a beginning; if that finds nothing, nearly; else any of them.
  nnbookSearch.find = (query, count) => {
    const words = wordsIn(query.replace(/[{}$\\]/g, "")).map((word) => partsOf(word.text));
    if (!words.length) return [];
    const telling = words.filter(([whole]) => !common.has(whole));
    const asked = telling.length ? telling : words;
    const queries = asked.map(([whole, ...parts]) => {
      const others = parts.length ? [{ combineWith: "AND", queries: parts }] : [];
      if (GREEK.has(whole)) others.push(GREEK.get(whole));
      return others.length ? { combineWith: "OR", queries: [whole, ...others] } : whole;
    });
    const nearly = (term) => term.length > 3 && !known.has(term) && !/^[\d(]/.test(term) && 0.2;
    const tries = [["AND", false], ["AND", nearly], ["OR", nearly]];
    for (const [combineWith, fuzzy] of tries) {
      const found = engine.search({ combineWith, queries }, {
        boost: BOOST, prefix: true, fuzzy, tokenize: (term) => [term],
        boostDocument: (id) => places[id].weight,
      });
      if (!found.length) continue;
      const said = words.map((word) => word[0]).join(" ").replace(/^fig /, "figure ");
      return shown(ranked(found, said), count, said, asked);
    }
    return [];
  };

  // What to mark of the terms that a place was found by: the words themselves and their
  // inflections; else what a word is the beginning of; else what it was perhaps meant to be.
  function meant(asked, match) {
    const terms = Object.keys(match).filter((term) => match[term].some((field) => READ.includes(field)));
    const begins = (word, term) => word.length > 2 && term.startsWith(word);
    const chosen = new Set();
    for (const word of asked) {
      const forms = [...word, GREEK.get(word[0])].filter(Boolean);
      const inflects = (form, term) => begins(form, term) && ENDINGS.test(term.slice(form.length));
      const isOther = (term) => asked.some((other) => other !== word && begins(other[0], term));
      const ways = [
        (term) => forms.some((form) => term === form || inflects(form, term)),
        (term) => known.has(term) && begins(word[0], term),
      ];
      if (!known.has(word[0])) ways.push((term) => known.has(term) && !isOther(term));
      ways.map((way) => terms.filter(way)).find((some) => some.length)?.forEach((term) => chosen.add(term));
    }
    return [...chosen];
  }

  // Words that stand together count for more than words that are far apart, and a page that says
  // them in many places is about them.
  function ranked(found, asked) {
    const sums = new Map();
    for (const { id, score } of found) {
      const { address } = places[id].on;
      if (!places[id].isBox) sums.set(address, (sums.get(address) ?? 0) + score);
    }
    const phrase = ` ${asked}`;
    const said = (text) => ` ${wordsIn(text).map((word) => word.terms[0]).join(" ")} `;
    for (const one of found.slice(0, 60)) {
      const { title, text, figures, on } = places[one.id];
      if (figures.has(asked)) one.score *= 100;  // it is looked up
      one.score *= Math.sqrt(sums.get(on.address) ?? one.score);
      const heading = said(title);
      if (heading === `${phrase} `) one.score *= 2;
      else if (heading.includes(phrase)) one.score *= 1.5;
      if (asked.includes(" ") && said(text).includes(phrase)) one.score *= 1.2;
    }
    return found.sort((a, b) => b.score - a.score);
  }

  function shown(found, count, said, asked) {
    const taken = new Map();
    const results = found.filter(({ id }) => {
      const page = places[id].on;
      taken.set(page, (taken.get(page) ?? 0) + 1);
      return taken.get(page) <= (count > 50 ? Infinity : FEW);
    });
    return Object.assign(results.slice(0, count).map(({ id, match }) => {
      const place = places[id];
      const isPage = place.title === place.page;
      const terms = meant(asked, match);
      return {
        address: place.on.address,
        anchor: place.figures.get(said) ?? (isPage ? "" : place.anchor),
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
