"""A matplotlib figure as SVG in the type of the page, whose colors follow the page's theme."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from nnbook.publishing.drawing.flowing import flowing, markup, unmarked
from nnbook.publishing.drawing.grounds import has_light_ground, on_dark_ground
from nnbook.publishing.drawing.palette import KEPT, Pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

FONTS = "system-ui,'DejaVu Sans',sans-serif"
"""The type of the page, and for programs that know none the one that text is measured in."""

_PIXELS = 100  # of a picture within a figure, in an inch
_HEAD = re.compile(r"<\?xml.*?(?=<svg\b)", re.DOTALL)
_META = re.compile(r"\s*<metadata>.*?</metadata>\s*<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_FAMILY = re.compile(r"; font-family: [^;\"]*(?=[;\"])")
_STYLED = re.compile(r'(<text\b[^>]*?)?style="([^"]*)"')
_COLOR = re.compile(r"\b(fill|stroke): (#[0-9a-f]{6})\b")
_VARIABLE = re.compile(r"var\(\s*--[\w-]+\s*,\s*([^()]*(?:\([^()]*\))?)\)")
_CARRIED = re.compile(r'<metadata id="nnbook">([^<]*)</metadata>')
_ON_LIGHT, _ON_DARK = "on-light-", "on-dark-"  # ids of pictures begin so
_FOLLOWS = "nnbook:follows"  # of a picture that has a form for dark pages
_DARK_PICTURE = re.compile(rf'<image\b[^>]*\bid="{_ON_DARK}[^>]*/>')
_ONE_FORM = (
    f'image[id^="{_ON_DARK}"]{{display:none}}@media (prefers-color-scheme:dark){{'
    f'image[id^="{_ON_LIGHT}"]{{display:none}}image[id^="{_ON_DARK}"]{{display:inline}}}}'
)


@contextmanager
def measured(figure: Figure) -> Iterator[None]:
    """Measure the text of a figure for a while as it is drawn: in points."""
    from matplotlib.backend_bases import FigureCanvasBase

    class Canvas(FigureCanvasBase):
        def get_renderer(self) -> Any:
            return _ruler()

    dpi, canvas = figure.dpi, figure.canvas
    try:
        figure.dpi = 72
        Canvas(figure)
        yield
    finally:
        figure.set_canvas(canvas)
        figure.dpi = dpi


def draw(figure: Figure) -> str:
    """Return a figure as SVG, exactly as large as it says."""
    buffer = io.StringIO()
    for image in [image for axes in figure.axes for image in axes.images]:
        image.set_url(_FOLLOWS if has_light_ground(image) else None)
    with measured(figure):
        size = figure.bbox.size
        renderer = _renderer()(*size, buffer, image_dpi=_PIXELS, metadata={"Date": None})
        figure.draw(renderer)
        renderer.finalize()
    return _themed(markup(buffer.getvalue()))


@cache
def _ruler() -> Any:
    """Return what measures text: it writes nothing."""
    return _renderer()(72, 72, io.StringIO())


@cache
def _renderer() -> Any:
    from matplotlib.backends.backend_svg import RendererSVG

    class Renderer(RendererSVG):
        """Writes mathematics of one line as text that flows, and pictures in two forms."""

        def draw_image(self, gc: Any, x: Any, y: Any, im: Any, transform: Any = None) -> None:
            draw_one = cast("Any", super()).draw_image
            if gc.get_url() != _FOLLOWS:
                draw_one(gc, x, y, im, transform)
                return
            gc.set_url(None)
            self._pictures = getattr(self, "_pictures", 0) + 1
            for form, pixels in ((_ON_LIGHT, im), (_ON_DARK, on_dark_ground(im))):
                gc.set_gid(f"{form}{self._pictures}")
                draw_one(gc, x, y, pixels, transform)

        def draw_text(  # noqa: PLR0917 - as matplotlib has it
            self,
            gc: Any,
            x: Any,
            y: Any,
            s: Any,
            prop: Any,
            angle: Any,
            ismath: Any = False,
            mtext: Any = None,
        ) -> None:
            line = flowing(s) if ismath else None
            if line is not None:
                s, ismath = line, False
            cast("Any", super()).draw_text(gc, x, y, s, prop, angle, ismath, mtext)

        def get_text_width_height_descent(self, s: Any, prop: Any, ismath: Any) -> Any:
            return _size(s, prop, ismath)

    @cache
    def _size(text: str, font: FontProperties, ismath: Any) -> tuple[float, float, float]:
        line = flowing(text) if ismath else None
        if line is not None:
            text, ismath = unmarked(line), False
        measure = cast("Any", RendererSVG.get_text_width_height_descent)
        width, height, descent = measure(_ruler(), text, font, ismath)
        return width, height, descent

    return Renderer


def _themed(svg: str) -> str:
    """Return SVG whose colors are variables, with values for light and dark pages."""
    pairs = Pairs()

    def replace(found: re.Match[str]) -> str:
        is_text = found[1] is not None

        def variable(color: re.Match[str]) -> str:
            kept = KEPT.get(color[2])
            kind = "text" if is_text else color[1]
            return f"{color[1]}: {kept or pairs.variable(color[2], kind)}"

        return f'{found[1] or ""}style="{_COLOR.sub(variable, found[2])}"'

    svg = _STYLED.sub(replace, _FAMILY.sub("", _HEAD.sub("", svg)))
    ink = pairs.variable("#000000")
    style = (
        f"*{{stroke-linejoin:round;stroke-linecap:butt}}"
        f"svg{{fill:{ink}}}"  # Matplotlib does not name black, which is SVG's own color
        f"text{{font-family:{FONTS}}}{pairs.css()}"
    )
    if _ON_DARK in svg:
        style += _ONE_FORM
    return _META.sub(f"<style>{style}</style>", svg, count=1)


def carry(svg: str, **things: Any) -> str:
    """Return SVG that carries other things along, for whoever builds pages: see `carried`."""
    packed = base64.b64encode(zlib.compress(json.dumps(things).encode(), 9)).decode()
    metadata = f'<metadata id="nnbook">{packed}</metadata>'
    return re.sub(r"(<svg\b[^>]*>)", lambda tag: tag[0] + metadata, svg, count=1)


def carried(svg: str) -> tuple[str, dict[str, Any]]:
    """Return SVG without what it carries along, and that.

    Examples
    --------
    >>> carried(carry("<svg></svg>", of=1))
    ('<svg></svg>', {'of': 1})
    """
    found = _CARRIED.search(svg)
    if found is None:
        return svg, {}
    things: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return _CARRIED.sub("", svg, count=1), things


def alone(svg: str) -> str:
    """Return SVG in its own colors, without what it carries: for paper and for e-books.

    Examples
    --------
    >>> alone(carry('<path style="fill: var(--c0, #1B6CA8)"/></svg>', of=1))
    '<path style="fill: #1B6CA8"/></svg>'
    """
    return _VARIABLE.sub(r"\1", on_light(carried(svg)[0]))


def on_light(svg: str) -> str:
    """Return SVG without the forms of its pictures that are for dark pages."""
    return _DARK_PICTURE.sub("", svg).replace(_ONE_FORM, "")
