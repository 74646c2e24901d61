"""What is done to each figure before it is shown: legible, told apart without color, labeled."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nnbook.publishing.drawing.grounds import has_light_ground
from nnbook.publishing.drawing.palette import COLORS, KEPT

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

LEAST = 8.5
"""Points: no text is smaller, so that it is shown with 11 px (exponents aside)."""

DASHES: tuple[Any, ...] = (
    "-",
    (0, (7, 2)),
    (0, (4, 1.5, 1, 1.5)),
    (0, (2, 1.2)),
    (0, (9, 2, 1, 2, 1, 2)),
    (0, (5, 4)),
    "-",
)
"""What tells lines of the colors of the palette apart without color."""

MARKERS = "os^DvPX"
_MOST_LABELS, _LONGEST_LABEL = 7, 24


def finish(figure: Figure) -> None:
    """Make a figure ready to be shown, once: text of some size, lines with dashes, a layout."""
    from matplotlib.text import Text

    if getattr(figure, "_nnbook_finished", False):
        return
    figure._nnbook_finished = True  # type: ignore[attr-defined]
    for text in figure.findobj(Text):
        text.set_fontsize(max(float(cast("Any", text).get_fontsize()), LEAST))
    for axes in figure.axes:
        _keep_colors_on_pictures(axes)
        _tell_apart(axes)
        _label_lines(axes)
    for legend in list(figure.legends):
        legend.remove()
        above(figure, legend.legend_handles, [text.get_text() for text in legend.get_texts()])
    # Letters of readers' fonts may be a little wider than those that text is measured in.
    figure.set_layout_engine("constrained", compress=are_pictures(figure.axes), w_pad=0.08)


def are_pictures(panels: Sequence[Axes]) -> bool:
    """Say whether panels show pictures alone, whose shape is given."""
    return bool(panels) and all(axes.images and axes.get_aspect() == 1 for axes in panels)


def _keep_colors_on_pictures(axes: Axes) -> None:
    """Keep the color of text upon a picture that is the same in either theme."""
    from matplotlib.colors import to_hex

    if axes.images and not all(map(has_light_ground, axes.images)):
        kept = {shown: name for name, shown in KEPT.items()}
        for text in axes.texts:
            color = to_hex(text.get_color())
            text.set_color(kept.get(color, color))


def _number(artist: Line2D) -> int | None:
    """Return which of the palette's colors a line has."""
    from matplotlib.colors import to_hex

    color = to_hex(artist.get_color()).upper()
    return COLORS.index(color) if color in COLORS else None


def _tell_apart(axes: Axes) -> None:
    """Give lines of different colors different dashes, marks different shapes, as far as none has.

    What a cell has set itself stays.
    """
    legend = axes.get_legend()
    keys = _lines(legend) if legend else []
    curves = [line for line in axes.lines if len(cast("Any", line.get_xdata())) > 2]
    drawn = [line for line in curves if line.get_linestyle() not in {"None", " ", ""}]
    if all(line.get_linestyle() == "-" for line in drawn) and _colors(drawn) > 1:
        plain = [key for key in keys if key.get_linestyle() == "-"]
        for line in [*drawn, *plain]:
            if (number := _number(line)) is not None:
                line.set_linestyle(DASHES[number])
    marked = [line for line in axes.lines if line.get_marker() in {"o", "."}]
    others = {line.get_marker() for line in axes.lines} - {"o", ".", "None", "", None, "_", "|"}
    if not others and _colors(marked) > 1:
        for line in [*marked, *(key for key in keys if key.get_marker() in {"o", "."})]:
            if number := _number(line):
                if line.get_marker() == ".":
                    line.set_markersize(0.5 * line.get_markersize())
                line.set_marker(MARKERS[number])


def _colors(lines: list[Line2D]) -> int:
    return len({_number(line) for line in lines} - {None})


def _lines(artist: Artist) -> list[Line2D]:
    from matplotlib.lines import Line2D

    return list(artist.findobj(Line2D))


def _label_lines(axes: Axes) -> None:
    """Write labels beside the ends of lines instead of a legend, where there is room for all."""
    legend = axes.get_legend()
    if legend is None or not _is_rightmost(axes):
        return
    handles, labels = axes.get_legend_handles_labels()
    shown = [text.get_text() for text in legend.get_texts()]
    if sorted(shown) != sorted(labels) or len(labels) > _MOST_LABELS:
        return
    if max(map(len, labels), default=99) > _LONGEST_LABEL:
        return
    ends = [_end(handle, axes) for handle in handles]
    if any(end is None for end in ends):
        return
    size = float(legend.get_texts()[0].get_fontsize())
    height = axes.get_position().height * axes.get_figure().get_figheight() * 72  # type: ignore[union-attr]
    room = 1.2 * size / height
    places = spread([cast("tuple[float, Any]", end)[0] for end in ends], room)
    if places is None:
        return
    legend.remove()
    for place, end, label in zip(places, ends, labels, strict=True):
        color = cast("tuple[float, Any]", end)[1]
        text = axes.text(
            1.01, place, label, color=color, size=size, va="center", transform=axes.transAxes
        )
        text._nnbook_end = True  # type: ignore[attr-defined]


def stands_at_an_end(text: Text) -> bool:
    """Say whether a text is the label beside the end of a line."""
    return getattr(text, "_nnbook_end", False)


def above(figure: Figure, handles: Sequence[Any], labels: Sequence[str]) -> Legend:
    """Put a legend above all panels, in as many columns as there is room for."""
    longest = max(len(re.sub(r"\\[a-z]+|[${}]", "x", label)) for label in labels)
    return figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=max(1, min(len(labels), int(13 * figure.get_figwidth() / (longest + 8)))),
        fontsize=LEAST + 0.5,
        handlelength=2.4,
        columnspacing=1.2,
    )


def _is_rightmost(axes: Axes) -> bool:
    spec = axes.get_subplotspec()
    return spec is None or spec.is_last_col()


def _end(handle: Any, axes: Axes) -> tuple[float, Any] | None:
    """Return how high a line ends at the right edge, as a share of the axes, and its color."""
    from matplotlib.lines import Line2D

    line = handle.lines[0] if hasattr(handle, "lines") else handle
    if not isinstance(line, Line2D) or line.get_linestyle() in {"None", " ", ""}:
        return None
    data = [np.asarray(values, dtype=float) for values in line.get_data()]
    points = line.get_transform().transform(np.column_stack(data))
    x, y = axes.transAxes.inverted().transform(points[np.isfinite(points).all(axis=1)]).T
    inside = (x > 0.8) & (x <= 1.001) & (y >= 0) & (y <= 1)
    if not inside.any() or x.max() < 0.9 or x.max() - x[inside].max() > 0.02:
        return None
    return float(y[inside][np.argmax(x[inside])]), line.get_color()


def spread(places: list[float], room: float) -> list[float] | None:
    """Return places near the given ones and at least so far apart; None if none are near.

    Examples
    --------
    >>> spread([0.5, 0.1], 0.2), spread([0.5, 0.5, 0.5], 0.2)
    ([0.5, 0.1], None)
    """
    order = np.argsort(places, kind="stable")
    moved = np.array(places, dtype=float)[order]
    for _ in range(50):
        for low, high in itertools.pairwise(range(len(moved))):
            if (lack := room - (moved[high] - moved[low])) > 0:
                moved[low] -= lack / 2
                moved[high] += lack / 2
    result = np.empty(len(moved))
    result[order] = moved
    far = np.abs(result - places).max(initial=0) > 0.9 * room
    return None if far else [round(float(place), 4) for place in result]
