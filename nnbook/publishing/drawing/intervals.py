"""The intervals of a figure: error bars, and the bands that belong to lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nnbook.theory.arrays import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

ENDS = ("x low", "x high", "y low", "y high")
"""What the ends of intervals are called, along either axis."""


def intervals(line: Line2D, axes: Axes) -> dict[str, Array]:
    """Return the ends of the intervals of a line, for each of its points; NaN where one has none.

    Parameters
    ----------
    line : matplotlib.lines.Line2D
        A line or marks.
    axes : matplotlib.axes.Axes
        Where it is drawn, with error bars or with a band of the same color.

    Returns
    -------
    dict of str to array of shape (points,)
        Of `ENDS` those of the axes along which there are intervals.
    """
    return _bars(line, axes) or _band(line, axes)


def _bars(line: Line2D, axes: Axes) -> dict[str, Array]:
    from matplotlib.container import ErrorbarContainer

    for bars in axes.containers:
        if isinstance(bars, ErrorbarContainer) and bars.lines[0] is line:
            along = [axis for axis in "xy" if getattr(bars, f"has_{axis}err")]
            return {
                f"{axis} {end}": np.array(
                    [np.asarray(path.vertices)[k, "xy".index(axis)] for path in paths]
                )
                for axis, collection in zip(along, bars.lines[2], strict=True)
                if len(paths := collection.get_paths()) == len(np.asarray(line.get_xdata()))
                for k, end in enumerate(("low", "high"))
            }
    return {}


def _band(line: Line2D, axes: Axes) -> dict[str, Array]:
    """Return the ends of a band of the color of a line that has an end at each of its points."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_hex

    places = np.asarray(line.get_xdata(), dtype=float)
    for band in axes.collections:
        if not isinstance(band, PolyCollection) or not len(colors := band.get_facecolor()):
            continue
        low, high = _edges(band)
        of_band, of_line = to_hex(cast("Any", colors)[0]), to_hex(line.get_color())
        is_of_line = of_band == of_line and len(places) > 1
        if is_of_line and all(place in low for place in places):
            ends = [("y low", low), ("y high", high)]
            return {end: np.array([found[x] for x in places]) for end, found in ends}
    return {}


def _edges(band: Any) -> tuple[dict[float, float], dict[float, float]]:
    """Return the lower and upper ends of what `fill_between` has drawn, by their places.

    Its outline goes along one edge and back along the other, with a point at each turn.
    """
    low: dict[float, float] = {}
    high: dict[float, float] = {}
    for path in band.get_paths():
        points = (len(path.vertices) - 3) // 2
        there = path.vertices[1 : points + 1]
        back = path.vertices[points + 2 : 2 * points + 2][::-1]
        if len(there) != len(back) or not np.array_equal(there[:, 0], back[:, 0]):
            continue
        low |= dict(zip(there[:, 0], np.minimum(there[:, 1], back[:, 1]), strict=True))
        high |= dict(zip(there[:, 0], np.maximum(there[:, 1], back[:, 1]), strict=True))
    return low, high
