"""Images that declare their size, load when they are near, and are enlarged when asked to."""

from __future__ import annotations

import html
import json
import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nnbook.publishing.drawing.series import thinned
from nnbook.publishing.drawing.svg import carried

_IMAGE = re.compile(r"<img\b[^>]*>")
_LINKED = re.compile(r"(<a\b[^>]*>\s*)?(<img\b[^>]*>)")
_SVG = re.compile(rb"<svg\b[^>]*>", re.DOTALL)
_PIXELS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
WHEN_NEAR = ' loading="lazy" decoding="async"'
AT_ONCE = ' fetchpriority="high"'
LEGIBLE = 11.0  # px: no text of a figure is shown smaller
NARROW = "(max-width: 40rem)"  # where the narrow form of a figure is shown; also in page.css

_POINTS = 400  # of a line, to be pointed at
_Size = tuple[float, float, float | None]  # width, height, smallest text, in px


def declare(text: str, folder: Path, may_link: bool = True) -> str:
    """Return markup whose images say how large they are; images of figures become links.

    A link to the image itself works without scripts, and is what ``page.js`` opens on the page.

    Parameters
    ----------
    text
        Markup of a page.
    folder
        Where the page lies; paths of images are relative to it.
    may_link
        Whether images may become links.
    """

    def complete(found: re.Match[str]) -> str:
        link, tag = found[1] or "", found[2]
        source = re.search(r'\bsrc="([^"]*)"', tag)
        if source is None or source[1].startswith(("data:", "http:", "https:", "//")):
            return found[0]
        path = folder / unquote(html.unescape(source[1])).partition("?")[0]
        return link + _complete(tag, path, may_link and not link)

    return _LINKED.sub(complete, text)


def _complete(tag: str, path: Path, may_link: bool) -> str:
    values, narrow = _part(path)
    added = f' data-values="{values}"' if values else ""
    if 'loading="' not in tag:
        added += WHEN_NEAR
    size = _size(path, path.stat().st_mtime_ns)
    small = _size(narrow, narrow.stat().st_mtime_ns) if narrow else None
    if size is not None and not re.search(r"\s(?:width|height)=", tag):
        added += f"{_extent(size)}{_least(size, small)}"
    tag = re.sub(r"\s*/?>$", f"{added} />", tag)
    if not may_link or size is None:
        return tag
    source = re.search(r'\bsrc="([^"]*)"', tag)
    assert source is not None
    if narrow and small:
        address = source[1].replace(path.name, narrow.name)
        other = f'<source media="{NARROW}" srcset="{address}"{_extent(small)} />'
        tag = f"<picture>{other}{tag}</picture>"
    return f'<a class="nnb-enlarge" href="{source[1]}">{tag}</a>'


def _extent(size: _Size) -> str:
    return f' width="{round(size[0])}" height="{round(size[1])}"'


def _least(size: _Size, small: _Size | None) -> str:
    """Return how wide the forms of an image have to be shown so that all can be read."""
    named = {"--least": size, "--least-narrow": small}
    widths = {name: width for name, one in named.items() if one and (width := _legible_width(one))}
    declared = ";".join(f"{name}:{width}px" for name, width in widths.items())
    return f' style="{declared}"' if declared else ""


def _legible_width(size: _Size) -> int | None:
    width, _, letters = size
    least = width * LEGIBLE / letters if letters else 0.0
    # Never wider than it is made, or than the smallest screen needs.
    return math.ceil(round(min(least, width), 3)) if letters and least > 288 else None


def _part(path: Path) -> tuple[str, Path | None]:
    """Take out of an image what it carries along: its narrow form and its values.

    Returns the address of the values, as a script, and the file of the narrow form.
    """
    if path.suffix != ".svg":
        return "", None
    narrow, values = path.with_name(f"{path.stem}-narrow.svg"), path.with_suffix(".js")
    svg, things = carried(path.read_text(encoding="utf-8"))
    if things:
        path.write_text(svg, encoding="utf-8")
        for file in (narrow, values):
            file.unlink(missing_ok=True)
        if "narrow" in things:
            narrow.write_text(things["narrow"], encoding="utf-8")
        if things["panels"]:
            panels = [_pointed_at(panel) for panel in things["panels"]]
            content = json.dumps([path.stem, panels, things["boxes"]])
            values.write_text(f"nnbookValues(...{content})", encoding="utf-8")
    address = path.stem if values.is_file() else ""
    return address, narrow if narrow.is_file() else None


def _pointed_at(panel: dict[str, Any]) -> dict[str, Any]:
    """Return a panel with no more points than a pointer can tell apart."""
    series = [thinned(one, 1 + len(one["x"]) // _POINTS) for one in panel["series"]]
    return panel | {"series": series}


@lru_cache(maxsize=4096)
def _size(path: Path, changed: int) -> _Size | None:
    """Return width, height and the size of the smallest text of an image, all in px."""
    if path.suffix == ".svg":
        return _svg_size(path.read_bytes())
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return float(image.width), float(image.height), None
    except UnidentifiedImageError:
        return None


def _svg_size(content: bytes) -> _Size | None:
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
