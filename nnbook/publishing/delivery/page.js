/* What the book's pages do beside what their theme does. */
(() => {
  const article = document.querySelector("article.bd-article");
  const root = document.documentElement;

  // The browser's own controls and scrollbars follow the theme.
  new MutationObserver(() => { root.style.colorScheme = root.dataset.theme; })
    .observe(root, { attributeFilter: ["data-theme"] });

  // The sidebar shows where the reader is, also after a step to a far chapter.
  function showCurrent() {
    const sidebar = document.querySelector("#pst-primary-sidebar");
    const dialog = document.querySelector("#pst-primary-sidebar-modal");
    const box = dialog?.open ? dialog : sidebar;
    const current = box?.querySelector("nav.bd-links .current:not(:has(.current)) > a, nav.bd-links a.current");
    if (!current) return;
    const [outer, inner] = [box, current].map((e) => e.getBoundingClientRect());
    if (inner.top < outer.top || inner.bottom > Math.min(outer.bottom, innerHeight))
      box.scrollTop += inner.top - outer.top - outer.height / 3;
  }

  // The header of a narrow page shows its title when that is out of sight.
  const title = article?.querySelector("h1");
  if (title)
    new IntersectionObserver(([entry]) => root.toggleAttribute("data-past-title", !entry.isIntersecting))
      .observe(title);

  // What is wider than its box says so at its edges, and can be scrolled from the keyboard.
  const WIDE = ".cell_output, .table-wrapper, .pst-scrollable-table-container, .nnb-scroll, .nnb-enlarge, div.highlight > pre";
  const resized = new ResizeObserver((entries) => {
    const boxes = entries.map((entry) => entry.target.closest(WIDE)).filter(Boolean);
    showEdges([...new Set(boxes)]);
  });
  function showEdges(boxes) {
    // All are measured before one is changed: each change would have the page laid out again.
    const measured = boxes.map((box) => {
      const hidden = box.scrollWidth - box.clientWidth;
      const scrolls = hidden > 1 && /auto|scroll/.test(getComputedStyle(box).overflowX);
      const more = [];
      if (scrolls && box.scrollLeft > 1) more.push("left");
      if (scrolls && box.scrollLeft < hidden - 1) more.push("right");
      return [box, scrolls, more.join(" ")];
    });
    for (const [box, scrolls, more] of measured) {
      if (more) box.dataset.more = more;
      else delete box.dataset.more;
      if (box.matches("a, [tabindex]:not([data-scrolls])")) continue;
      if (scrolls === box.hasAttribute("data-scrolls")) continue;
      box.toggleAttribute("data-scrolls", scrolls);
      if (scrolls) {
        box.tabIndex = 0;
        box.role = "group";
        box.ariaLabel = box.dataset.label ?? (box.querySelector("table") ? "Table" : "Code");
      } else for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  }
  function watchWide(within) {
    within?.querySelectorAll(WIDE).forEach((box) => {
      resized.observe(box);
      const content = box.querySelector(".katex, img") ?? box.firstElementChild;  // it changes with its fonts
      if (content) resized.observe(content);
      box.addEventListener("scroll", () => showEdges([box]), { passive: true });
    });
  }

  // The theme marks what comes by near the top, in the contents at the right. Where a step leads far, or to
  // the end, nothing comes by: when the page stands still, it is what stands there that counts.
  const entries = [...document.querySelectorAll("#pst-page-toc-nav a[href^='#']")].reverse();
  function topOf(entry) {
    const section = document.getElementById(decodeURIComponent(entry.hash.slice(1)));
    const outer = section.closest(".bd-article > section > section") ?? section;
    const { top, bottom } = outer.getBoundingClientRect();  // sections out of sight are not laid out for this
    return top > innerHeight || bottom < 0 ? top : section.querySelector("h2, h3, h4").getBoundingClientRect().top;
  }
  function markEntry() {
    const isEnd = scrollY > 0 && scrollY + innerHeight >= root.scrollHeight - 2;
    const here = entries.find((entry) => topOf(entry) < innerHeight * (isEnd ? 1 : 0.3));
    const chosen = isEnd && entries.find((entry) => entry.hash === location.hash && topOf(entry) >= 0);
    for (const entry of entries) {
      entry.classList.toggle("active", entry === (chosen || here));
      entry.ariaCurrent = entry === (chosen || here) ? "true" : null;
      entry.closest(".toc-entry").classList.toggle("active", false);
    }
    for (let item = (chosen || here)?.closest(".toc-entry"); item; item = item.parentElement.closest(".toc-entry"))
      item.classList.add("active");
  }
  if (entries.length) addEventListener("scrollend", () => setTimeout(markEntry, 150));  // after the theme

  // A figure is enlarged on the page; without scripts its link opens the picture alone.
  function enlarge(link) {
    const image = link.querySelector("img");
    const dialog = document.createElement("dialog");
    dialog.className = "nnb-large";
    dialog.setAttribute("aria-label", "Figure, enlarged");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "nnb-close";
    close.textContent = "Close";
    const frame = document.createElement("div");
    frame.className = "nnb-frame bd-content";
    frame.tabIndex = 0;
    const copy = image.cloneNode();
    copy.removeAttribute("loading");
    copy.removeAttribute("style");
    const [width, height] = [image.getAttribute("width"), image.getAttribute("height")].map(Number);
    // Filling the window, but never so small that it cannot be read.
    const fit = Math.min((innerWidth - 32) / width, (innerHeight - 96) / height);
    copy.style.width = `${Math.round(width * Math.max(fit, Math.min(1, 900 / width)))}px`;
    frame.append(copy);
    dialog.append(close, frame);
    dialog.addEventListener("click", (event) => { if (event.target !== copy) dialog.close(); });
    dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
    document.body.append(dialog);
    dialog.showModal();
    close.focus();
  }
  article?.addEventListener("click", (event) => {
    const link = event.target.closest("a.nnb-enlarge");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    enlarge(link);
  });

  // A box that a link leads to, or into, is open.
  function reveal(hash) {
    let name = hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch { /* it is meant as it stands */ }
    const target = name && document.getElementById(name);
    let hidden = false;
    for (let box = target && target.closest("details"); box; box = box.parentElement.closest("details")) {
      hidden ||= box.hidden || box !== target && !box.open;
      box.hidden = false;
      box.open = true;
    }
    if (hidden) target.scrollIntoView();
  }
  addEventListener("hashchange", () => reveal(location.hash));
  document.addEventListener("click", (event) => {  // also for one that is led to again
    const link = event.target.closest?.("a[href]");
    if (link && link.hash === location.hash && link.pathname === location.pathname) reveal(link.hash);
  });

  // Solutions are printed open.
  const folded = () => article?.querySelectorAll("details.dropdown:not([open], .nnb-checks)") ?? [];
  let opened = [];
  addEventListener("beforeprint", () => { for (const box of (opened = [...folded()])) box.open = true; });
  addEventListener("afterprint", () => { for (const box of opened) box.open = false; });
  // A page from a narrow window keeps its narrow figures on paper: where they change as it is printed,
  // pages are counted with the ones and filled with the others, and the last are lost.
  const forms = document.querySelectorAll("picture > source[media]");
  addEventListener("beforeprint", () => { for (const form of forms) [form.dataset.media, form.media] = [form.media, matchMedia(form.media).matches ? "all" : "not all"]; });
  addEventListener("afterprint", () => { for (const form of forms) form.media = form.dataset.media; });

  // Left and right turn the page, unless something else may be meant: they move sliders and boxes, too.
  const OTHERS = ".nnx, .nnq, .nnb-tools, [data-scrolls], .cell_output, input, select, textarea, button";
  let other = null;  // what uses these keys, if the reader was there last
  for (const kind of ["pointerdown", "focusin"])
    addEventListener(kind, ({ target }) => { other = target.closest?.(OTHERS); }, true);
  addEventListener("keydown", (event) => {
    const link = { ArrowLeft: "left-prev", ArrowRight: "right-next" }[event.key];
    if (!link || event.target !== document.body || event.repeat || other) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (root.scrollWidth > root.clientWidth || visualViewport.scale > 1 || !getSelection().isCollapsed) return;
    document.querySelector(`.prev-next-area .${link}`)?.click();
  });

  // This script is loaded when the page has been read and drawn.
  showCurrent();
  reveal(location.hash);
  document.querySelector(".primary-toggle")?.addEventListener("click", () => setTimeout(showCurrent));
  watchWide(article);
  article?.addEventListener("nnb-added", (event) => watchWide(event.target));
})();
