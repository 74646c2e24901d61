/* Search as one types: in the dialog of each page and on the page of the search; hits are marked. */
window.nnbookSearch = {};
(() => {
  const root = document.documentElement;
  const script = document.querySelector("script[data-search]");
  const toRoot = root.dataset.content_root ?? "";

  /* Words and how they are compared: without case, accents and the marks of formulas. A word of
     several parts is found as a whole and by its parts: mini-batch, learning_rate; a letter with
     indices also without them. */
  const WORD = /\(\d+(?:\.\d+)+\)|(?!\p{Lm})[\p{L}\p{N}\p{M}]+(?:[-'’._^][\p{L}\p{N}\p{M}]+)*/gu;
  const INDEXED = /^(\p{L}\p{M}*)[\p{Lm}\p{No}]+$/u;
  const normal = (word) => word.normalize("NFKD").replace(/[\p{M}^'’]/gu, "").toLowerCase();
  function partsOf(word) {
    const plain = normal(word);
    if (/^[\d(]/.test(plain)) return [plain];
    const letter = INDEXED.exec(word)?.[1];
    if (letter) return [plain, normal(letter)];
    const parts = plain.split(/[-._]/).filter(Boolean);
    return parts.length > 1 ? [parts.join(""), ...parts] : parts;
  }
  function wordsIn(text) {
    return [...text.matchAll(WORD)]
      .map((found) => ({ text: found[0], start: found.index, terms: partsOf(found[0]) }))
      .filter((word) => word.terms.length);
  }
  Object.assign(nnbookSearch, { wordsIn, partsOf });

  let loading;
  function load() {
    loading ??= new Promise((done, failed) => {
      const element = document.createElement("script");
      element.src = script?.dataset.search ?? `${toRoot}_static/search.js`;
      element.onload = done;
      element.onerror = failed;
      document.head.append(element);
    });
    return loading;
  }

  const make = (tag, values = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), values);
    element.append(...children);
    return element;
  };

  /* The field, how many results there are, and the results, which the arrow keys walk through. */
  function furnish(box, input, most) {
    const status = make("p", { className: "nnb-count", role: "status" });
    const list = make("ol", { className: "nnb-results" });
    box.append(status, list);
    Object.assign(input, { type: "search", autocomplete: "off" });
    let asked = "";

    async function show() {
      const query = input.value.trim();
      if (query === asked) return;
      asked = query;
      if (!query) {
        list.replaceChildren();
        status.textContent = "";
        return;
      }
      status.textContent ||= "Search is loading.";
      try {
        await load();
      } catch {
        status.textContent = "The search could not be loaded.";
        return;
      }
      if (query !== asked) return;
      const results = nnbookSearch.find(query, most);
      list.replaceChildren(...results.map(item));
      const more = results.total > results.length;
      status.textContent = !results.length ? `Nothing found for “${query}”.`
        : results.total === 1 ? "1 place" : `${results.total} places${more ? ", the best first" : ""}`;
      if (more && most < 50) {
        const all = make("a", { href: `${toRoot}search.html?q=${encodeURIComponent(query)}` }, "Show more");
        list.append(make("li", { className: "nnb-more" }, all));
      }
    }

    input.addEventListener("focus", () => load().catch(() => {}));
    input.addEventListener("input", show);
    input.form.addEventListener("submit", (event) => {
      event.preventDefault();
      show().then(() => list.querySelector("a")?.click());
    });
    box.parentElement.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const stops = [input, ...list.querySelectorAll("a")];
      stops[stops.indexOf(document.activeElement) + step]?.focus();
      event.preventDefault();
    });
    list.addEventListener("click", (event) => {
      if (event.target.closest("a")) document.querySelector("#pst-search-dialog")?.close();
    });
    return show;
  }

  function item({ address, anchor, page, title, excerpt, terms }) {
    const marks = terms.length ? `?${new URLSearchParams({ marks: terms.slice(0, 12).join(" ") })}` : "";
    const href = `${toRoot}${address}${marks}${anchor && `#${anchor}`}`;
    const link = make("a", { href }, make("span", { className: "nnb-page" }, page));
    if (title) link.append(" › ", title);
    const text = excerpt.map((part) => (part.hit ? make("mark", {}, part.text) : part.text));
    return make("li", {}, link, make("p", {}, ...text));
  }

  const dialog = document.querySelector("#pst-search-dialog");
  if (dialog) {
    dialog.ariaLabel = "Search";
    const box = make("div", { className: "nnb-search" });
    dialog.append(box);
    furnish(box, dialog.querySelector("input"), 12);
  }
  const whole = document.querySelector(".nnb-search[data-count]");
  if (whole) {
    const input = make("input", { className: "form-control", name: "q", ariaLabel: "Search this book" });
    whole.append(make("form", { className: "bd-search", role: "search" }, input));
    const show = furnish(whole, input, Number(whole.dataset.count));
    input.value = new URLSearchParams(location.search).get("q") ?? "";
    input.focus();
    show();
  }
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    if (whole) whole.querySelector("input").focus();
    else dialog?.showModal();
  });

  /* Hits on a page that a result has led to. Boxes are opened for what is said only in them; the
     others say how many hits they hold. */
  const asked = new URL(location.href);
  const terms = new Set((asked.searchParams.get("marks") ?? "").split(" ").filter(Boolean));
  const article = document.querySelector("article.bd-article");
  const UNMARKED = "h1, .math, script, style, pre, button, summary:not(.admonition-title), select, label, output, [role=button], .headerlink";
  if (terms.size && article) {
    const ranges = [], folded = [], outside = new Set();
    const hitIn = (words) => words.flatMap((word) => word.terms).find((term) => terms.has(term));
    const count = (node, term) => {
      const box = node.parentElement.closest("details");
      const inside = !node.parentElement.closest("summary");
      if (box) folded.push({ box, term, inside });
      else outside.add(term);
    };
    for (const formula of article.querySelectorAll(".math")) {
      const hit = hitIn(wordsIn(formula.querySelector("math")?.textContent ?? ""));
      formula.classList.toggle("nnb-hit", Boolean(hit));
      if (hit) count(formula, hit);
    }
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());) {
      if (text.parentElement.closest(UNMARKED)) continue;
      for (const word of wordsIn(text.data)) {
        const hit = hitIn([word]);
        if (!hit) continue;
        const range = document.createRange();
        range.setStart(text, word.start);
        range.setEnd(text, word.start + word.text.length);
        ranges.push(range);
        count(text, hit);
      }
    }
    const counts = new Map();
    for (const { box, term, inside } of folded) {
      if (!outside.has(term)) box.open = true;
      if (inside) counts.set(box, (counts.get(box) ?? 0) + 1);
    }
    for (const [box, hits] of counts)
      box.querySelector("summary").append(make("span", { className: "nnb-hits" }, `${hits} found`));
    if (window.Highlight) CSS.highlights.set("nnb-hit", new Highlight(...ranges));
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !terms.size) return;
      terms.clear();
      window.CSS.highlights?.delete("nnb-hit");
      for (const formula of article.querySelectorAll(".nnb-hit")) formula.classList.remove("nnb-hit");
      for (const note of article.querySelectorAll(".nnb-hits")) note.remove();
      asked.searchParams.delete("marks");
      history.replaceState(null, "", asked);
    });
  }
})();
