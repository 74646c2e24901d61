"""How small the letters of the figures on a page are, as they are shown."""

import math
import re
from functools import cache

from tests.book.conftest import HTML

LEAST = 11  # px
# Each figure in the form that a window of this width is shown, when that has been loaded.
SHOWN = """async () => {
  const images = [...document.querySelectorAll(".bd-article img[src$='.svg']")];
  await Promise.all(images.map(image => {
    image.loading = "eager";
    return image.decode().catch(() => {}); }));
  return images.map(image => ({
    path: new URL(image.currentSrc || image.src).pathname,
    width: image.getBoundingClientRect().width })); }"""
_SIZE = re.compile(r"font-size: ([\d.]+)px")


@cache
def _smallest(path):
    """Return the smallest letters of an SVG in px, as it is made, and its width."""
    svg = path.read_text(encoding="utf-8")
    width = float(re.search(r'<svg[^>]*\swidth="([\d.]+)pt"', svg)[1]) * 96 / 72
    sizes = [float(size) * 96 / 72 for size in _SIZE.findall(svg)]
    return min(sizes, default=math.inf), width  # a drawing may have none


def too_small(page):
    """Return the figures of an open page whose letters cannot be read, and their letters in px."""
    found = {}
    for shown in page.evaluate(SHOWN):
        path = HTML / shown["path"].lstrip("/")
        if path.parent.name == "_images":
            letters, made = _smallest(path)
            if letters * shown["width"] / made < LEAST:
                found[path.name] = letters * shown["width"] / made
    return found
