"""Numbers on the axes of a figure, as a language writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnbook.metrics import Marks

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def localize(figure: Figure, marks: Marks) -> None:
    """Write the numbers on all axes of a figure with the decimal mark of a language.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Complete but for its language.
    marks : Marks
    """
    if marks.decimal == Marks().decimal:
        return
    from matplotlib.ticker import FixedFormatter, FixedLocator

    figure.canvas.draw()  # what the axes show is decided now
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            for ticks in (axis.major, axis.minor):
                assert ticks.locator and ticks.formatter
                places = list(ticks.locator())
                texts = [_written(text, marks) for text in ticks.formatter.format_ticks(places)]
                ticks.locator, ticks.formatter = FixedLocator(places), FixedFormatter(texts)
                ticks.locator.set_axis(axis)


def _written(text: str, marks: Marks) -> str:
    # Within mathematics, a comma without braces would be followed by a gap.
    return text.replace(".", f"{{{marks.decimal}}}" if "$" in text else marks.decimal)
