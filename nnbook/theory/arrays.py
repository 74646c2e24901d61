"""Arrays whose entries may be floats, complex numbers, fractions or SymPy expressions.

Everything in `nnbook.theory` is written once and runs on four kinds of numbers: float64 (fast),
complex128 (for the complex step), and object arrays of `fractions.Fraction` or SymPy expressions
(exact). The few operations for which NumPy has no common answer are collected here.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from nnbook.errors import ShapeError

Array = npt.NDArray[Any]


def exact(values: npt.ArrayLike) -> Array:
    """Return an object array of exact fractions.

    Parameters
    ----------
    values : array_like
        Integers, fractions or strings such as ``"1/3"``, of any shape. A float is taken at its
        exact binary value.

    Returns
    -------
    array of Fraction
        The same shape as `values`.

    Examples
    --------
    >>> exact([[1, "1/3"]])
    array([[Fraction(1, 1), Fraction(1, 3)]], dtype=object)
    """
    return np.asarray(np.frompyfunc(Fraction, 1, 1)(np.array(values, dtype=object)), dtype=object)


def as_numbers(values: npt.ArrayLike) -> Array:
    """Return `values` as an array of one of the number types that the theory room computes with.

    Parameters
    ----------
    values : array_like
        Numbers of any shape.

    Returns
    -------
    array
        float64, complex128, or object. Integers become float64, except in an object array, where
        they become fractions, so that a later division stays exact.

    Raises
    ------
    ShapeError
        If rows have different lengths.
    """
    if type(values) is np.ndarray and values.dtype.char == "d":  # as nearly always
        return values
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ShapeError(
            f"expected an array whose rows have equal lengths, received {values!r}"
        ) from error
    if is_exact(array):
        return np.asarray(np.frompyfunc(_integer_to_fraction, 1, 1)(array), dtype=object)
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64, copy=False)


def is_exact(array: Array) -> bool:
    """Return whether the entries are Python objects: fractions or SymPy expressions."""
    return array.dtype == object


def exp(array: Array) -> Array:
    """Return the exponential of every entry; fractions become exact SymPy expressions."""
    return _entrywise("exp", array) if is_exact(array) else np.asarray(np.exp(array))


def log(array: Array) -> Array:
    """Return the natural logarithm of every entry; fractions become exact SymPy expressions."""
    return _entrywise("log", array) if is_exact(array) else np.asarray(np.log(array))


def tanh(array: Array) -> Array:
    """Return the hyperbolic tangent of every entry; fractions become SymPy expressions."""
    return _entrywise("tanh", array) if is_exact(array) else np.asarray(np.tanh(array))


def sqrt(array: Array) -> Array:
    """Return the square root of every entry; fractions become exact SymPy expressions."""
    return _entrywise("sqrt", array) if is_exact(array) else np.asarray(np.sqrt(array))


def is_negative(array: Array) -> Array:
    """Return, per entry, whether the real part is below zero: a bool or a SymPy relation."""
    if is_exact(array):
        return np.asarray(np.less(array, 0, dtype=object))
    return np.asarray(np.less(array.real, 0))


def is_at_most_zero(array: Array) -> Array:
    """Return, per entry, whether the real part is at most zero: a bool or a SymPy relation."""
    if is_exact(array):
        return np.asarray(np.less_equal(array, 0, dtype=object))
    return np.asarray(np.less_equal(array.real, 0))


def is_zero(array: Array) -> Array:
    """Return, per entry, whether it is zero; a symbol counts as not zero."""
    return np.asarray(np.equal(array, 0, dtype=object if is_exact(array) else None))


def choose(condition: Array, if_true: Any, if_false: Any) -> Array:
    """Choose entry by entry, as `numpy.where`, but leave undecided SymPy relations undecided.

    Parameters
    ----------
    condition : array of bool or of SymPy relations
        What to decide by.
    if_true, if_false : array_like
        Values, broadcast against `condition`.

    Returns
    -------
    array
        Where the sign of a symbol is unknown, the entry is a SymPy ``Piecewise`` of both values.
    """
    if is_exact(condition):
        return np.asarray(np.frompyfunc(_choose_one, 3, 1)(condition, if_true, if_false), object)
    return np.asarray(np.where(condition, if_true, if_false))


def sign(array: Array) -> Array:
    """Return -1, 0 or 1 per entry, by the sign of its real part."""
    return choose(is_negative(array), -1, choose(is_at_most_zero(array), 0, 1))


def times_log(y: Array, p: Array) -> Array:
    r"""Return :math:`y \log p` entry by entry, with :math:`0 \log 0 = 0`."""
    with np.errstate(divide="ignore"):
        return np.asarray(y * log(choose(is_zero(y), 1, p)))


def divided_by(y: Array, p: Array) -> Array:
    """Return :math:`y / p` entry by entry, with 0 / 0 = 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(y / choose(is_zero(y), 1, p))


def log_sum_exp(z: Array) -> Array:
    r"""Return :math:`\log \sum_k e^{z_k}` for each column, of shape (1, B), without overflow."""
    if is_exact(z):
        return log(np.sum(exp(z), axis=0, keepdims=True))
    largest = np.max(z.real, axis=0, keepdims=True)
    return np.asarray(largest + np.log(np.sum(np.exp(z - largest), axis=0, keepdims=True)))


def _entrywise(name: str, array: Array) -> Array:
    import sympy

    function = getattr(sympy, name)
    ufunc = np.frompyfunc(lambda entry: function(sympy.sympify(entry)), 1, 1)
    return np.asarray(ufunc(array), dtype=object)


def _integer_to_fraction(entry: Any) -> Any:
    return Fraction(int(entry)) if isinstance(entry, int | np.integer) else entry


def _choose_one(condition: Any, if_true: Any, if_false: Any) -> Any:
    if not getattr(condition, "is_Relational", False):
        return if_true if condition else if_false
    import sympy

    return sympy.Piecewise((if_true, condition), (if_false, True))
