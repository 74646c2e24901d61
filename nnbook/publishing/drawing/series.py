"""What a figure shows, as numbers: for a table of its data, and for the value under the pointer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.publishing.drawing.dodged import dodged
from nnbook.publishing.drawing.flowing import flowing, unmarked
from nnbook.publishing.drawing.intervals import ENDS, intervals
from nnbook.publishing.drawing.ticks import names
from nnbook.theory.arrays import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_POINTS = 8000
"""Of a figure with more, every second point is kept, or every third, and so on."""


def series(figure: Figure) -> list[dict[str, Any]]:
    """Return the panels of a figure with all lines, marks and bars that have a place on axes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        One that has been drawn.

    Returns
    -------
    list of dict
        For each panel with numbers its ``title``, the labels ``x`` and ``y`` of its axes, for each
        axis its ``scales`` (kind, first and last value, and what else a kind needs) and the
        ``words`` of one that names things, and ``series``: of each its label, x and y, the ends of
        its intervals (`ENDS`), and as ``aside`` how many points it is drawn right of and above
        its place.
    """
    step = every(figure)
    return [_panel(axes, [thinned(one, step) for one in found]) for axes, found in _shown(figure)]


def every(figure: Figure) -> int:
    """Return of how many points one is kept."""
    found = (len(one["x"]) for _, found in _shown(figure) for one in found)
    return max(1, math.ceil(sum(found) / MOST_POINTS))


def thinned(one: dict[str, Any], step: int) -> dict[str, Any]:
    """Return of a series one point in so many, with the ends of its interval."""
    return one | {name: one[name][::step] for name in ("x", "y", *ENDS) if name in one}


def boxes(figure: Figure) -> list[list[float]]:
    """Return left, top, width and height of the panels of `series`, as shares of a drawn figure."""
    places = [axes.get_position() for axes, _ in _shown(figure)]
    return [[round(float(n), 4) for n in (p.x0, 1 - p.y1, p.width, p.height)] for p in places]


def _shown(figure: Figure) -> Iterator[tuple[Axes, list[dict[str, Any]]]]:
    for axes in figure.axes:
        found = [one for one in [*_of_lines(axes), *_of_bars(axes)] if one["x"]]
        if axes.axison and found:
            yield axes, found


def _panel(axes: Axes, found: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": _plain(axes.get_title() or axes.get_title("left")),
        "x": _plain(axes.get_xlabel()),
        "y": _plain(axes.get_ylabel()),
        "scales": [
            [axes.get_xscale(), *_limits(axes.get_xlim()), *_around_zero(axes.xaxis)],
            [axes.get_yscale(), *_limits(axes.get_ylim()), *_around_zero(axes.yaxis)],
        ],
        "words": [_words(axes.xaxis), _words(axes.yaxis)],
        "series": found,
    }


def _limits(limits: tuple[float, float]) -> list[float]:
    return [float(f"{limit:.6g}") for limit in limits]


def _around_zero(axis: Any) -> list[float]:
    """Return of a symmetric logarithmic scale how far it is linear, how long that is, and its base.

    The length is one power of the base for each unit of it.
    """
    scale = axis.get_transform()
    if axis.get_scale() != "symlog":
        return []
    return [float(scale.linthresh), float(scale.linscale), float(scale.base)]


def _of_lines(axes: Axes) -> list[dict[str, Any]]:
    """Return the lines and marks in data coordinates: no lines across a panel."""
    named = _names(axes)
    return [
        {
            "label": named.get(_look(line), ""),
            **_points(*line.get_data(), **intervals(line, axes)),
            **({"aside": move} if (move := dodged(line)) else {}),
        }
        for line in axes.lines
        if (line.get_transform().contains_branch(axes.transData) or dodged(line))
        and line.get_visible() and line.get_marker() not in {"|", "_"}
    ]  # fmt: skip


def _look(line: Any) -> str:
    from matplotlib.colors import to_hex

    return str(to_hex(line.get_color()))


def _names(axes: Axes) -> dict[str, str]:
    """Return what colors stand for, from labels of lines and of their ends."""
    handles, labels = axes.get_legend_handles_labels()
    named: dict[str, str] = {}
    for handle, label in zip(handles, labels, strict=True):
        line = handle.lines[0] if hasattr(handle, "lines") else handle
        if hasattr(line, "get_marker"):
            color = _look(line)
            named[color] = "" if color in named else _plain(label)  # a color of two says nothing
    return named


def _of_bars(axes: Axes) -> list[dict[str, Any]]:
    from matplotlib.container import BarContainer

    return [
        {
            "label": _plain(str(bars.get_label())).removeprefix("_"),
            **_points(
                [bar.get_x() + bar.get_width() / 2 for bar in bars],
                [bar.get_y() + bar.get_height() for bar in bars],
            ),
        }
        for bars in axes.containers
        if isinstance(bars, BarContainer)
    ]


def _points(x: Any, y: Any, **ends: Array) -> dict[str, list[float | None]]:
    across, up = (np.asarray(values, dtype=float).ravel() for values in (x, y))
    finite = np.isfinite(across) & np.isfinite(up)
    every = {"x": across, "y": up, **ends}
    return {name: _short(values[finite]) for name, values in every.items()}


def _short(values: Array) -> list[float | None]:
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values]


def _words(axis: Any) -> dict[str, str]:
    return {f"{place:g}": _plain(label) for place, label in names(axis).items()}


def _plain(text: str) -> str:
    """Return text as it reads, without the marks of mathematics."""
    return unmarked(flowing(text) or text).replace("\n", " ")
