"""Numbers on the axes of a figure, as a language writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from matplotlib.ticker import Formatter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nnbook.metrics import Marks

POWER = re.compile(r"\$\\mathdefault\{(.*?)10\^\{(.*?)\}\}\$")
"""What matplotlib writes where an axis is logarithmic."""

RAISED = str.maketrans("0123456789-\N{MINUS SIGN}", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")


def localize(figure: Figure, marks: Marks) -> None:
    """Write the numbers on all axes of a figure with the decimal mark of a language.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    marks : Marks
    """
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(_Localized(axis.get_major_formatter(), marks))
            axis.set_minor_formatter(_Localized(axis.get_minor_formatter(), marks))


class _Localized(Formatter):
    """Writes what another formatter does in another way."""

    def __init__(self, formatter: Formatter, marks: Marks) -> None:
        self._formatter = formatter
        self._marks = marks

    def set_axis(self, axis: Any) -> None:
        self._formatter.set_axis(axis)

    def set_locs(self, locs: Any) -> None:
        self._formatter.set_locs(locs)

    def __call__(self, x: float, pos: int | None = None) -> str:
        return _written(self._formatter(x, pos), self._marks)

    def format_ticks(self, values: list[float]) -> list[str]:
        return [_written(text, self._marks) for text in self._formatter.format_ticks(values)]

    def get_offset(self) -> str:
        return _written(self._formatter.get_offset(), self._marks)


def _written(text: str, marks: Marks) -> str:
    r"""Return a number in a language, a power of ten as text: TeX takes long to be read.

    >>> from nnbook.metrics import Marks
    >>> _written(r"$\mathdefault{2.5\times10^{-12}}$", Marks(decimal=","))
    '2,5×10⁻¹²'
    """
    power = POWER.fullmatch(text)
    if power:
        factor, exponent = power.groups()
        text = factor.replace(r"\times", "×") + "10" + exponent.translate(RAISED)
    # Within mathematics, a comma without braces would be followed by a gap.
    return text.replace(".", f"{{{marks.decimal}}}" if "$" in text else marks.decimal)
