"""What axe-core finds on a page: about each kind of text, and about formulas and code in brief."""

from axe_playwright_python.sync_playwright import Axe

# Measuring contrast takes long, and a page has thousands of pieces of text of some forty kinds: of
# each kind it is measured on three. Text is of one kind when all that contrast depends on is the
# same: its own color, shadow and size, and what the boxes around it add. Axe measures nothing on
# what has to be scrolled to within its box.
CONTRAST_OF_EACH_KIND = """() => {
  const OF_BOXES = ["backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode"];
  const NOTHING_ADDED = "rgba(0, 0, 0, 0),none,1,none,normal,";
  const boxes = new Map(), boxOf = new Map(), scrollOf = new Map(), marked = new Map();
  const within = (inner, outer) => !outer || (inner.top >= outer.top && inner.left >= outer.left
    && inner.bottom <= outer.bottom && inner.right <= outer.right);
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-contrast]" }] });
  axe.setup(document);
  for (const element of document.querySelectorAll("body, body *")) {
    const style = getComputedStyle(element);
    // What leaves its place may cover other boxes; in formulas it lies beside its neighbors.
    const leaves = /absolute|fixed|sticky/.test(style.position) && !element.closest(".katex");
    const added = [...OF_BOXES.map(name => style[name]), leaves ? style.position : ""].join();
    let box = boxOf.get(element.parentElement);
    if (added !== NOTHING_ADDED) {
      const like = `${box} ${added}`;
      if (!boxes.has(like)) boxes.set(like, boxes.size);
      box = boxes.get(like);
    }
    boxOf.set(element, box);
    const scrolls = /auto|scroll/.test(style.overflow) && element !== document.body;
    scrollOf.set(element, scrolls ? element : scrollOf.get(element.parentElement));
    const text = [...element.childNodes]
      .map(node => node.nodeType === Node.TEXT_NODE ? node.data.trim() : "").join("");
    if (!text && !element.matches("input, select, textarea")) continue;
    const points = parseFloat(style.fontSize) * 0.75;
    const large = points >= (style.fontWeight >= 700 ? 14 : 18);
    const seen = within(
      element.getBoundingClientRect(), scrollOf.get(element)?.getBoundingClientRect());
    // Of a single letter no contrast is asked.
    const kind = [box, style.color, style.textShadow, large, text.length === 1, seen].join();
    const sofar = marked.get(kind) ?? 0;
    if (sofar === 3 || !axe.commons.dom.isVisibleOnScreen(element)) continue;
    marked.set(kind, sofar + 1);
    element.toggleAttribute("data-contrast", true);
  }
  axe.teardown();
}"""

# Most elements of a page are pieces of formulas and of code, in which no rule but that of contrast
# finds anything. Where no contrast is asked either, they become boxes of their size, or plain text.
PIECES_IN_BRIEF = """() => {
  const ASKED = /^(aria-.*|role|tabindex|href|id|lang|title|data-contrast)$/;
  const plain = piece => (piece.localName === "span" || !(piece instanceof HTMLElement))
    && !piece.getAttributeNames().some(name => ASKED.test(name));
  const allPlain = formula => plain(formula) && [...formula.querySelectorAll("*")].every(plain);
  const seen = [...document.querySelectorAll(".katex-html .katex-base")].filter(allPlain);
  const widths = seen.map(base => base.getBoundingClientRect().width);
  seen.forEach((base, number) => {
    base.style.width = `${widths[number]}px`;
    base.replaceChildren(base.querySelector(".katex-strut") ?? "");
  });
  for (const math of document.querySelectorAll(".katex-mathml math"))
    if (allPlain(math)) math.textContent = math.textContent;
  for (const piece of document.querySelectorAll("pre span"))
    if (plain(piece)) piece.replaceWith(...piece.childNodes);
}"""

OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # A formula in the head of a table is text for screen readers, which axe does not know.
    "rules": {"empty-table-header": {"enabled": False}},
    # Of what is in order no list is wanted, which is long; and no rule of these reads style sheets.
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},
}
AXE = Axe()
AXE.axe_script += f";({CONTRAST_OF_EACH_KIND})();({PIECES_IN_BRIEF})()"


def violations(page):
    """Return a report of what is wrong, or nothing; formulas and code are left in brief."""
    found = AXE.run(page, options=OPTIONS)
    return found.generate_report() if found.violations_count else ""
