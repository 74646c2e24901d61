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
