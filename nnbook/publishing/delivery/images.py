"""Images that declare their size, load when they are near, and are enlarged when asked to."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

_IMAGE = re.compile(r"<img\b[^>]*>")
_LINKED = re.compile(r"(<a\b[^>]*>\s*)?(<img\b[^>]*>)")
_SVG = re.compile(rb"<svg\b[^>]*>", re.DOTALL)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
WHEN_NEAR = ' loading="lazy" decoding="async"'
AT_ONCE = ' fetchpriority="high"'
LEGIBLE = 11.0  # px: no text of a figure is shown smaller


def declare(text: str, folder: Path) -> str:
    """Return markup whose images say how large they are; images of figures become links.

    A link to the image itself works without scripts, and is what ``page.js`` opens on the page.

    Parameters
    ----------
    text
        Markup of a page.
    folder
        Where the page lies; paths of images are relative to it.
    """

    def complete(found: re.Match[str]) -> str:
        link, tag = found[1] or "", found[2]
        source = re.search(r'\bsrc="([^"]*)"', tag)
        if source is None or source[1].startswith(("data:", "http:", "https:", "//")):
            return found[0]
        path = folder / unquote(html.unescape(source[1])).partition("?")[0]
        return link + _complete(tag, path, may_link=not link)

    return _LINKED.sub(complete, text)


def _complete(tag: str, path: Path, may_link: bool) -> str:
    added = ""
    least = 0.0
    if 'loading="' not in tag:
        added += WHEN_NEAR
    size = _size(path, path.stat().st_mtime_ns)
    if size is not None and not re.search(r"\s(?:width|height)=", tag):
        width, height, letters = size
        added += f' width="{round(width)}" height="{round(height)}"'
        least = width * LEGIBLE / letters if letters else 0.0
        # Never wider than it is made, or than the smallest screen needs.
        if letters and least > 300:
            added += f' style="--least:{round(min(least, width))}px"'
    tag = re.sub(r"\s*/?>$", f"{added} />", tag)
    if not may_link or size is None:
        return tag
    source = re.search(r'\bsrc="([^"]*)"', tag)
    assert source is not None
    return f'<a class="nnb-enlarge" href="{source[1]}">{tag}</a>'


@lru_cache(maxsize=4096)
def _size(path: Path, changed: int) -> tuple[float, float, float | None] | None:
    """Return width, height and the size of the smallest text of an image, all in px."""
    if path.suffix == ".svg":
        return _svg_size(path.read_bytes())
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return float(image.width), float(image.height), None
    except UnidentifiedImageError:
        return None


def _svg_size(content: bytes) -> tuple[float, float, float | None] | None:
    found = _SVG.search(content)
    if found is None:
        return None
    tag = found[0].decode("utf-8")
    box = re.search(r'\bviewBox="\s*[-\d.e]+[\s,]+[-\d.e]+[\s,]+([\d.]+)[\s,]+([\d.]+)', tag)
    width, height = _length(tag, "width"), _length(tag, "height")
    if width is None or height is None:
        if box is None:
            return None
        width, height = float(box[1]), float(box[2])
    scale = width / float(box[1]) if box else 1.0
    return width, height, _smallest_text(content.decode("utf-8"), scale)


def _length(tag: str, name: str) -> float | None:
    found = re.search(rf'\s{name}="([\d.]+)(px|pt|in|cm|mm)?"', tag)
    return float(found[1]) * _PIXELS[found[2] or ""] if found else None


def _smallest_text(svg: str, scale: float) -> float | None:
    """Return the size of the smallest letters of an image in px; exponents do not count."""
    sizes = {float(size) for size in re.findall(r"font(?:-size)?:[^;\"']*?([\d.]+)px", svg)}
    # Mathematics sets exponents at 0.7 of the size of what they belong to.
    full = {s for s in sizes if not any(abs(s - 0.7 * larger) < 0.05 for larger in sizes)}
    return min(full) * scale if full else None
