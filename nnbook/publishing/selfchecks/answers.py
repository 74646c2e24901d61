"""The right answers of self-checks: expressions in the names of nnbook, and numbers of claims."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from nnbook.errors import NNBookError
from nnbook.metrics import in_print

_ROUNDING = 1e-9  # of a number that has to be met exactly

FindClaim = Callable[[str], float]
"""Return the number of a claim, from a text such as ``"momentum-can-hurt.none"``."""


class SelfCheckError(NNBookError):
    """A self-check that cannot be what it should be."""


class Names(dict[str, Any]):
    """What an expression may use: public names of nnbook, functions of `math`, ``np``, ``sympy``.

    Parameters
    ----------
    claim : callable
        What ``claim("NAME.VALUE")`` is.

    Attributes
    ----------
    files : set of str
        The files of the modules that were used.
    """

    def __init__(self, claim: FindClaim) -> None:
        own = {f.__name__: f for f in (abs, all, any, float, len, max, min, range, round, sum)}
        super().__init__(own, claim=claim, Fraction=Fraction, __builtins__={})
        self.files: set[str] = set()

    def __missing__(self, name: str) -> Any:
        """Return what a name stands for."""
        import nnbook

        if name == "np":
            import numpy

            return numpy
        if name == "sympy":
            import sympy

            return sympy
        if name in dir(nnbook):
            found = getattr(nnbook, name)
            module = sys.modules.get(getattr(found, "__module__", ""))
            if path := getattr(module, "__file__", None):
                self.files.add(path)
            return found
        if not name.startswith("_") and hasattr(math, name):
            return getattr(math, name)
        raise NameError(f"neither nnbook nor math has a name {name!r}")


def value(expression: str, names: Names) -> Any:
    """Return what an expression is.

    Raises
    ------
    SelfCheckError
        If it cannot be evaluated.
    """
    try:
        return eval(expression, names)
    except Exception as error:
        raise SelfCheckError(
            f"expected an expression in names of nnbook, received {expression!r} "
            f"({type(error).__name__}: {error})"
        ) from error


def number(expression: str, names: Names) -> float:
    """Return what an expression is, if it is a finite number.

    Raises
    ------
    SelfCheckError
        If it is none.

    Examples
    --------
    >>> number("sigmoid(0) / 4", Names(float))
    0.125
    """
    found = value(expression, names)
    try:
        as_float = float(found)
    except (TypeError, ValueError):
        as_float = math.nan
    if not math.isfinite(as_float):
        raise SelfCheckError(f"expected a finite number, received {expression!r}, which is {found}")
    return as_float


def tolerance(text: str, answer: float) -> float:
    """Return how far an answer may be from the right one.

    Parameters
    ----------
    text : str
        A share of the answer, as in ``"1 %"``, or a distance, as in ``"0.05"``; ``"0"`` leaves
        room for rounding only.
    answer : float

    Raises
    ------
    SelfCheckError
        If it is neither, or leaves no room at all.

    Examples
    --------
    >>> tolerance("1 %", 50), tolerance("0.05", 50)
    (0.5, 0.05)
    """
    share = text.strip().endswith("%")
    try:
        size = float(text.strip().removesuffix("%"))
    except ValueError:
        size = math.nan
    if not 0 <= size < math.inf:
        raise SelfCheckError(f"expected a tolerance as in '1 %' or '0.05', received {text!r}")
    if share and answer == 0:
        raise SelfCheckError(f"the answer is 0: expected a distance, received {text!r}")
    room = abs(answer) * size / 100 if share else size
    return max(room, _ROUNDING * max(1.0, abs(answer)))


def shown(answer: float, form: str) -> str:
    r"""Return a number as it is printed.

    Examples
    --------
    >>> shown(-0.000012, ".2g"), shown(12345, ",.0f"), shown(0.25, "g")
    ('−1.2\xa0·\xa010⁻⁵', '12,345', '0.25')
    """
    try:
        text = format(answer, form)
    except ValueError as error:
        raise SelfCheckError(f"expected a format as in '.3g', received {form!r}") from error
    return in_print(text)
