/* What is copied of a formula is its TeX, whole. */
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (!event.clipboardData || selection.isCollapsed || !selection.rangeCount) return;
  const range = selection.getRangeAt(0).cloneRange();
  const formulaAt = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("[data-tex]");
  const first = formulaAt(range.startContainer);
  const last = formulaAt(range.endContainer);
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  const copy = document.createElement("div");
  copy.append(range.cloneContents());
  const formulas = copy.querySelectorAll("[data-tex]");
  if (!formulas.length) return;
  for (const formula of formulas) {
    const mark = formula.tagName === "DIV" ? "$$" : "$";
    formula.textContent = mark + formula.dataset.tex + mark;
  }
  document.body.append(copy);  // line breaks are those of a page that is laid out
  event.clipboardData.setData("text/plain", copy.innerText);
  event.clipboardData.setData("text/html", copy.innerHTML);
  copy.remove();
  event.preventDefault();
});

/* Equations that are wider than their box can be scrolled from the keyboard, and show at which side
   they go on. No other formula is a stop of the tab key. */
addEventListener("DOMContentLoaded", () => {
  const mark = (box) => {
    const hidden = box.scrollWidth - box.clientWidth;
    const more = [];
    if (hidden > 0 && box.scrollLeft >= 1) more.push("left");
    if (hidden > 0 && box.scrollLeft <= hidden - 1) more.push("right");
    box.toggleAttribute("data-scrolls", hidden > 0);
    if (more.length) box.dataset.more = more.join(" ");
    else delete box.dataset.more;
    if (hidden > 0) {
      box.tabIndex = 0;
      box.role = "group";
      box.ariaLabel = box.dataset.label;
    } else for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
  };
  const resized = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target.closest(".nnb-scroll"))));
  for (const box of document.querySelectorAll(".nnb-equation > .nnb-scroll")) {
    resized.observe(box);
    resized.observe(box.querySelector(".katex"));  // it changes with its fonts
    box.addEventListener("scroll", () => mark(box), { passive: true });
  }
});
