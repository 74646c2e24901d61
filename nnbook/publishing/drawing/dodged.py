"""Marks beside each other, so that none hides another: moved as drawn, with their true values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.container import Container

_MARK = "_nnbook_dodged"


def dodge(
    drawn: Container | Iterable[Artist], points: float, axis: Literal["x", "y"] = "x"
) -> None:
    """Draw marks, lines and intervals a little beside their place; their values stay true.

    Parameters
    ----------
    drawn : Container or iterable of Artist
        What `matplotlib.axes.Axes.errorbar` or `~matplotlib.axes.Axes.plot` has returned.
    points : float
        How far, in points (1/72 inch): to the right, or along "y" upwards.
    axis : {"x", "y"}
        In which direction.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> dodge(axes.plot([1, 2], [3, 4], "o"), 3)
    >>> axes.lines[0].get_xdata().tolist()
    [1, 2]
    """
    from matplotlib.container import Container
    from matplotlib.transforms import ScaledTranslation

    move = (points, 0.0) if axis == "x" else (0.0, points)
    for artist in drawn.get_children() if isinstance(drawn, Container) else drawn:
        inches: Any = cast("Any", artist).figure.dpi_scale_trans
        moved = ScaledTranslation(move[0] / 72, move[1] / 72, inches)
        artist.set_transform(artist.get_transform() + moved)
        setattr(artist, _MARK, move)


def dodged(artist: Artist) -> tuple[float, float] | None:
    """Return how many points an artist was moved right and up; None if it was not."""
    return getattr(artist, _MARK, None)
