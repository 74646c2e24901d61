// This page stands in the place of any other, and a copy of the book may lie anywhere on its
// server. The root of the book is the nearest folder above from which the script of its pages
// comes; where the book is published, that is known.
(function (html, script) {
  const NAMES = ["href", "src", "action", "data-search", "data-cards", "data-content_root"];
  const published = html.dataset.content_root, within = location.pathname.split("/").slice(1, -1);
  const above = within.map((_, count) => `/${within.slice(0, count + 1).join("/")}/`).reverse();
  const here = [...above, "/"].filter((folder) => folder !== published);
  const roots = location.pathname.startsWith(published) ? [published, ...here] : here;

  function move(from, to) {
    for (const name of NAMES) {
      for (const element of document.querySelectorAll(`[${name}^="${from}"]`)) {
        element.setAttribute(name, to + element.getAttribute(name).slice(from.length));
      }
    }
  }

  function begin([root, ...others], before) {
    if (root === undefined) return move(before, published);
    move(before, root);
    const src = root + script.slice(published.length);
    const onerror = () => begin(others, root);
    document.head.append(Object.assign(document.createElement("script"), { src, onerror }));
  }
  begin(roots, published);
})(document.documentElement, document.currentScript.dataset.begins);
