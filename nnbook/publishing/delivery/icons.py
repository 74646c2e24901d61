"""The icons of the theme as inline SVG: a few glyphs of Font Awesome Free, in ``icons.json``.

The theme marks icons up for a script of 540 kB (compressed) and for fonts of 280 kB, of which a
page shows some twenty glyphs. These are kept in the package (CC BY 4.0, see ``icons.LICENSE.txt``).
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from nnbook.errors import NNBookError

_PLACE = re.compile(r"<(?P<tag>i|span)\b(?P<attributes>[^<>]*)>\s*</(?P=tag)>")
_CLASSES = re.compile(r'\bclass="([^"]*)"')
_OTHERS = re.compile(r'\b(?:class|title)="[^"]*"')
_TITLE = re.compile(r'\btitle="([^"]*)"')
_STYLES = frozenset({"fa", "fas", "far", "fab", "fa-solid", "fa-regular", "fa-brands"})
_SIZES = re.compile(r"fa-(?:lg|fw|xs|sm|xl|2xs|2xl|\d+x|spin|pulse)")


class UnknownIconError(NNBookError):
    """A page asks for a glyph that the package does not carry."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"A page shows the icon {name!r}, which nnbook/publishing/delivery/icons.json lacks. "
            f"It holds {', '.join(_icons())}: add the glyph from Font Awesome Free."
        )


@dataclass(frozen=True)
class Icon:
    """One glyph: its code point in the font, the size of its box, and its outline."""

    code: str
    width: int
    height: int
    path: str

    @property
    def data_uri(self) -> str:
        """The glyph as an image for a style sheet, to be used as a mask."""
        outline = f'<path d="{self.path}"/>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{self.box}">{outline}</svg>'
        return "data:image/svg+xml," + quote(svg, safe=" '/:=")

    @property
    def box(self) -> str:
        """The coordinates that the outline is drawn in."""
        return f"0 0 {self.width} {self.height}"


def by_code(code: str) -> Icon:
    """Return the glyph of a code point, as in ``"f0c9"``.

    Raises
    ------
    UnknownIconError
        The package does not carry it.
    """
    for icon in _icons().values():
        if icon.code == code:
            return icon
    raise UnknownIconError(f"U+{code.upper()}")


def draw(page: str) -> str:
    """Return a page with the places of icons, as in ``<i class="fas fa-code"></i>``, drawn as SVG.

    Raises
    ------
    UnknownIconError
        The package does not carry one of them.
    """
    return _PLACE.sub(_draw_one, page)


def _draw_one(place: re.Match[str]) -> str:
    attributes = place["attributes"]
    found = _CLASSES.search(attributes)
    classes = found[1].split() if found else []
    if not _STYLES & set(classes):
        return place[0]
    glyphs = [
        c for c in classes if c.startswith("fa-") and c not in _STYLES and not _SIZES.match(c)
    ]
    name = glyphs[0].removeprefix("fa-") if glyphs else ""
    if name not in _icons():
        raise UnknownIconError(name)
    icon = _icons()[name]
    kept = " ".join(["nnb-icon", *(c for c in classes if c not in _STYLES and c not in glyphs)])
    title = _TITLE.search(attributes)
    label = f"<title>{html.escape(html.unescape(title[1]))}</title>" if title else ""
    others = " ".join(_OTHERS.sub("", attributes).split())
    attributes = " ".join(filter(None, [f'class="{kept}"', others, f'viewBox="{icon.box}"']))
    return f'<svg {attributes} aria-hidden="true">{label}<path d="{icon.path}"/></svg>'


@cache
def _icons() -> dict[str, Icon]:
    text = files(__package__).joinpath("icons.json").read_text(encoding="utf-8")
    return {name: Icon(**fields) for name, fields in json.loads(text).items()}
