"""Explorables: a number that the reader moves on the web, and a table of one setting in print.

Everything shown is computed in Python beforehand, as exact piecewise polynomials of the number; the
page only evaluates them. It loads nothing, works with the keyboard, and without scripts shows the
default setting.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
import sympy

from nnbook.publishing.tables import MathTable
from nnbook.theory.piecewise import pieces


@dataclass(frozen=True, eq=False)
class Quantity:
    """One thing that an explorable shows.

    Parameters
    ----------
    symbol : str
        LaTeX, without dollar signs.
    name : str
        The same in words.
    values : SymPy expression, or array of at most two dimensions of them
        Piecewise polynomials in the explorable's parameter.
    """

    symbol: str
    name: str
    values: Any

    @property
    def matrix(self) -> list[list[Any]]:
        """The values as rows of SymPy expressions."""
        return [
            [sympy.sympify(value) for value in row]
            for row in np.atleast_2d(np.asarray(self.values, dtype=object)).tolist()
        ]


@dataclass(frozen=True, eq=False)
class Explorable:
    """A slider and a number field for one parameter, and what follows from its value.

    Parameters
    ----------
    parameter : SymPy symbol
        What the reader moves.
    name : str
        The parameter in words.
    start, stop, step : SymPy rational numbers
        The range of the slider and the distance of its stops.
    default : SymPy rational number
        The first setting, and the one in print.
    quantities : sequence of Quantity
        Shown as matrices.
    headline : Quantity
        One number; each change of it is announced to readers who hear the page.
    """

    parameter: sympy.Symbol
    name: str
    start: sympy.Rational
    stop: sympy.Rational
    step: sympy.Rational
    default: sympy.Rational
    quantities: Sequence[Quantity]
    headline: Quantity

    def at(self, value: sympy.Rational) -> MathTable:
        """Return the table of all quantities for one value of the parameter."""
        rows = [
            [f"${quantity.symbol}$", _substitute(quantity.matrix, self.parameter, value)]
            for quantity in (*self.quantities, self.headline)
        ]
        setting = rf"${sympy.latex(self.parameter)} = {sympy.latex(sympy.sympify(value))}$"
        return MathTable(["", setting], rows, f"{self.name} {value}")

    def _repr_latex_(self) -> str:
        return self.at(self.default)._repr_latex_()

    def _repr_html_(self) -> str:
        matrices = "".join(
            f'<div class="nnx-quantity">{_math(quantity.symbol + " =")}'
            f"{self._matrix(quantity, f'q{number}')}</div>"
            for number, quantity in enumerate(self.quantities)
        )
        data = {
            f"q{number}": [[self._pieces(value) for value in row] for row in quantity.matrix]
            for number, quantity in enumerate((*self.quantities, self.headline))
        }
        headline = _number(self.headline.matrix[0][0].subs(self.parameter, self.default))
        fields = {
            "ID": "nnx-" + hashlib.sha256(json.dumps(data).encode()).hexdigest()[:12],
            "NAME": escape(self.name),
            "SYMBOL": _math(sympy.latex(self.parameter)),
            "START": _number(self.start),
            "STOP": _number(self.stop),
            "STEP": _number(self.step),
            "DEFAULT": _number(self.default),
            "FRACTION": str(self.default),
            "MATRICES": matrices,
            "HEADLINE_NAME": escape(self.headline.name),
            "HEADLINE": headline,
            "DATA": json.dumps(data).replace("</", "<\\/"),
        }
        page = files(__package__).joinpath("slider.html").read_text("utf-8")
        for key, text in fields.items():
            page = page.replace(f"@{key}@", text)
        return page

    def _matrix(self, quantity: Quantity, key: str) -> str:
        rows = "".join(
            "<tr>"
            + "".join(
                f"<td>{_number(value.subs(self.parameter, self.default))}</td>" for value in row
            )
            + "</tr>"
            for row in quantity.matrix
        )
        # Columns that keep their width do not move while the reader moves the number.
        style = f"--nnx-digits:{self._longest(quantity)}"
        caption = f"<caption>{escape(quantity.name)}</caption>"
        return f'<table data-key="{key}" style="{style}">{caption}{rows}</table>'

    def _longest(self, quantity: Quantity) -> int:
        """Return the most characters of an entry, over all stops of the slider."""
        stops = np.arange(float(self.start), float(self.stop), float(self.step))
        longest = 0
        for value in (value for row in quantity.matrix for value in row):
            values = sympy.lambdify(self.parameter, value)(np.append(stops, float(self.stop)))
            longest = max(longest, *(len(_number(x)) for x in np.ravel(values)))
        return longest

    def _pieces(self, value: sympy.Expr) -> list[list[Any]]:
        """Return [right end, [constant, linear, ... coefficient]] for each piece, as floats."""
        return [
            [float(piece.right), [float(c) for c in reversed(piece.polynomial.all_coeffs())]]
            for piece in pieces(value, self.parameter, self.start, self.stop)
        ]


def _substitute(matrix: list[list[Any]], symbol: sympy.Symbol, value: sympy.Rational) -> Any:
    return np.array([[entry.subs(symbol, value) for entry in row] for row in matrix], dtype=object)


def _math(latex: str) -> str:
    return rf'<span class="math notranslate nohighlight">\({escape(latex)}\)</span>'


def _number(value: Any) -> str:
    """Return a number as the page's script writes it: at most four decimals."""
    text = f"{float(value):.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("-", "\N{MINUS SIGN}")
