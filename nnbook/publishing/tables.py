r"""Tables that look right on the web, in print and in a notebook, which shows them by itself.

Both are Markdown. The cells of a `MathTable` may be words, mathematics between dollar signs, or
values: numbers, fractions, SymPy expressions, and arrays of these, which are shown as matrices. A
`DataTable` holds the columns of a data frame.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.metrics import in_print

if TYPE_CHECKING:
    import pandas as pd

    from nnbook.theory.network import Network


def latex(value: Any) -> str:
    r"""Return the LaTeX of a number, an expression or an array, without dollar signs.

    Parameters
    ----------
    value : number, SymPy expression, or array of at most two dimensions
        Floats are shown with four significant digits. A one-dimensional array is a row; an array
        with a single entry is shown as that entry.

    Returns
    -------
    str

    Examples
    --------
    >>> latex(Fraction(-1, 2))
    '-\\frac{1}{2}'
    >>> latex([[1, 2], [3, 4]])
    '\\begin{bmatrix}1 & 2 \\\\ 3 & 4\\end{bmatrix}'
    """
    array = np.asarray(value)
    if array.size == 1:
        return _latex_of_entry(array.item())
    rows = [" & ".join(map(_latex_of_entry, row)) for row in np.atleast_2d(array).tolist()]
    # In print, rows of fractions would touch.
    separator = r" \\[0.5ex] " if any(r"\frac" in row for row in rows) else r" \\ "
    return r"\begin{bmatrix}" + separator.join(rows) + r"\end{bmatrix}"


def _latex_of_entry(entry: Any) -> str:
    if isinstance(entry, Fraction):
        sign, size = "-" if entry < 0 else "", abs(entry)
        if size.denominator == 1:
            return f"{sign}{size.numerator}"
        return rf"{sign}\frac{{{size.numerator}}}{{{size.denominator}}}"
    if isinstance(entry, int):
        return str(entry)
    if isinstance(entry, float):
        return _latex_of_float(entry)
    import sympy

    # Constants first: -1 + 2 eta reads as "the old weight, plus a correction".
    return str(sympy.latex(entry, order="rev-lex"))


def _latex_of_float(number: float) -> str:
    digits, _, exponent = f"{number:.4g}".partition("e")
    digits = digits.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if exponent else digits


@dataclass(frozen=True)
class MathTable:
    """A table with one header row.

    Parameters
    ----------
    header : sequence of cells
        What the columns are.
    rows : sequence of sequences of cells
        Each as long as the header; the first cell of each is the row's own header.
    """

    header: Sequence[Any]
    rows: Sequence[Sequence[Any]]

    def __post_init__(self) -> None:
        """Refuse a table with holes."""
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(f"expected {len(self.header)} cells, received {len(row)}: {row}")

    def _repr_markdown_(self) -> str:
        alignment = [":--", *[":-:"] * (len(self.header) - 1)]
        rows = [[_cell(cell) for cell in row] for row in self.rows]
        return _markdown([list(map(_cell, self.header)), alignment, *rows])


def parameter_rows(*networks: "Network", suffix: str = "") -> list[list[Any]]:
    """Return the rows of a `MathTable` that shows the parameters of networks of one shape.

    Parameters
    ----------
    *networks : Network
        One column each.
    suffix : str
        LaTeX that follows the name of each parameter, such as ``"(t=1)"``.

    Returns
    -------
    list of list
        For each layer a row with its weights and a row with its biases.
    """
    return [
        [f"${letter}^{l}{suffix}$", *(getattr(network[l], kind) for network in networks)]
        for l in range(1, len(networks[0].layers) + 1)  # noqa: E741 - as in the equations
        for letter, kind in (("W", "weights"), ("b", "biases"))
    ]


def _cell(cell: Any) -> str:
    """Return a cell as Markdown, in which bars would divide cells."""
    if not isinstance(cell, str):
        return f"${_without_bars(latex(cell))}$"
    parts = cell.split("$")
    return "$".join(
        _without_bars(p) if n % 2 else p.replace("|", r"\|") for n, p in enumerate(parts)
    )


def _without_bars(formula: str) -> str:
    return formula.replace(r"\|", r"\Vert ").replace("|", r"\vert ")


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


@dataclass(frozen=True)
class DataTable:
    """Columns of a data frame, each with a title and a number format.

    Parameters
    ----------
    frame : pandas.DataFrame
        The data. Its index becomes the first column.
    columns : mapping of str to (str, str)
        For each column to show: its title, which may hold mathematics between dollar signs, and a
        format specification such as ``".3f"``; an empty one for a column of words.
    index : str
        Title of the first column.
    """

    frame: "pd.DataFrame"
    columns: Mapping[str, tuple[str, str]]
    index: str = ""

    def _repr_markdown_(self) -> str:
        titles = [self.index, *(title for title, _ in self.columns.values())]
        rows = [
            [str(name), *(_text(row[key], how) for key, (_, how) in self.columns.items())]
            for name, row in self.frame.to_dict("index").items()
        ]
        alignment = ["--:" if how else ":--" for _, how in self.columns.values()]
        return _markdown([titles, [":--", *alignment], *rows])


def _text(cell: Any, specification: str) -> str:
    return cell if isinstance(cell, str) else in_print(format(cell, specification))
