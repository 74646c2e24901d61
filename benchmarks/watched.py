"""What is asked of a page on which an explorable is used: its scripts."""

# What a reader typed is quoted where it is refused. Frames are those of a page that is seen.
OBSERVE = r"""
window.seen = { bad: [], frames: [] };
const BAD = /NaN|Infinity|undefined/;
const look = (text, where) => {
  const found = BAD.test(text) && BAD.exec(text.replace(/“[^”]*”/g, ""));
  if (!found) return;
  seen.bad.push(`${where}: ${text.slice(Math.max(0, found.index - 80), found.index + 80)}`);
};
window.watch = (box) => {
  new MutationObserver((records) => {
    for (const { type, target, attributeName, addedNodes } of records) {
      if (type === "attributes") look(target.getAttribute(attributeName) ?? "", attributeName);
      else if (type === "characterData") look(target.data, "text");
      else for (const node of addedNodes) look(node.outerHTML ?? node.data ?? "", "text");
    }
  }).observe(box, { subtree: true, childList: true, attributes: true, characterData: true });
  look(box.outerHTML, "at first");
  let last = 0;
  const next = (now) => {
    if (last) seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
};
window.fields = (box) => {
  for (const one of box.querySelectorAll("input")) {
    if (one !== document.activeElement) look(one.value, "field");
  }
  const found = seen;
  window.seen = { bad: [], frames: [] };
  return found;
};
"""
# What a page shows beside its links, for instance, is no part of the explorable.
ALONE = """box => {
  for (let inner = box; inner !== document.body; inner = inner.parentElement) {
    for (const other of inner.parentElement.children) other.inert = other !== inner;
  }
}"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
# Where an element can be pressed, if nothing lies above it.
PLACE = """element => {
  element.scrollIntoView({ block: "center", inline: "nearest" });
  const { x, y, width, height } = element.getBoundingClientRect();
  const top = document.elementFromPoint(x + width / 2, y + height / 2);
  return element.contains(top) || top?.contains(element) ? { x, y, width, height } : null;
}"""
