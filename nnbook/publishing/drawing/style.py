"""The book's style: what matplotlib is told once, and how a notebook shows figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from nnbook.publishing.drawing.finish import finish
from nnbook.publishing.drawing.narrow import has_narrow_form, narrowed
from nnbook.publishing.drawing.palette import COLORS, GRID
from nnbook.publishing.drawing.series import boxes, every, series
from nnbook.publishing.drawing.svg import carry, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RC = {
    "figure.figsize": (6.4, 3.6),
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": "medium",
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    # Text stays text: it can be searched, selected and read aloud.
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # wider than readers' own, so that there is room for these
    "text.hinting": "no_hinting",  # widths as they are at any size
    # The same figure gives the same bytes, so that a rebuilt book shows no false change.
    "svg.hashsalt": "nnbook",
}


def use_style() -> None:
    """Set the book's matplotlib style, and vector graphics as the format of inline figures.

    Call it once, in a chapter's first cell. Outside a notebook only the style is set.
    """
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib import pyplot as plt

    mpl.rcParams.update(cast("Any", _RC))
    mpl.rcParams["axes.prop_cycle"] = cycler(color=COLORS)
    if shell := _notebook():
        from matplotlib.figure import Figure
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        cast("Any", set_matplotlib_formats)("svg")
        shell.display_formatter.formatters["image/svg+xml"].for_type(Figure, as_svg)
        # Figures are shown when their cell ends: what pyplot draws before that, nobody sees.
        plt.uninstall_repl_displayhook()


def _notebook() -> Any:
    """Return the shell of the notebook that this runs in, or None."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if shell is not None and shell.has_trait("kernel") else None


def as_svg(figure: Figure) -> str | None:
    """Return a figure as SVG, which carries its narrow form and its data along.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of any kind. Its text, dashes, labels and layout become those of the book's style.
    """
    if not figure.axes and not figure.get_children()[1:]:
        return None
    finish(figure)
    svg = draw(figure)
    panels, step = series(figure), every(figure)
    things: dict[str, Any] = {"panels": panels, "every": step, "boxes": [boxes(figure)]}
    if has_narrow_form(figure):
        with narrowed(figure):
            things["narrow"] = draw(figure)
            things["boxes"].append(boxes(figure))
    return carry(svg, **things)
