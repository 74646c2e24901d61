"""The tables of one step of backpropagation for any network, as LaTeX."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from nnbook.errors import LabError, NNBookError, nearest
from nnbook.lab.tasks import Backpropagation
from nnbook.publishing.tables import latex
from nnbook.theory.activations import ACTIVATIONS
from nnbook.theory.arrays import Array
from nnbook.theory.losses import LOSSES
from nnbook.theory.network import Layer, Network

EXACT = ("relu", "leaky_relu", "identity", "step")
"""Activations whose values are fractions where their arguments are."""

EXACT_LOSSES = ("sse", "half_sse", "mse", "mae")
SYMBOL = "eta"

MOST_CHARACTERS = 40
"""Of a number in the file."""

MOST_DIGITS = 300
"""Of the numbers that follow from them."""

MathRows = list[list[str]]
"""A table whose cells are LaTeX."""


class Step:
    """One step of gradient descent on a mini-batch, in fractions where that is possible.

    Parameters
    ----------
    declared : Backpropagation
        What ``lab.toml`` says.

    Raises
    ------
    LabError
        If it is no network, or the examples do not fit it.
    """

    def __init__(self, declared: Backpropagation) -> None:
        for layer in declared.layers:
            _known("activation", layer.activation, ACTIVATIONS)
        _known("loss", declared.loss, LOSSES)
        self.declared = declared
        is_exact = declared.loss in EXACT_LOSSES and all(
            layer.activation in EXACT for layer in declared.layers
        )
        numbers = _fractions if is_exact else _floats
        try:
            parameters = [
                (numbers(layer.weights), numbers(layer.biases)) for layer in declared.layers
            ]
            self.inputs = numbers(declared.inputs).T
            self.targets = numbers(declared.targets).T
            if is_exact:
                flat = [array for pair in parameters for array in pair]
                _refuse_large_fractions([self.inputs, self.targets, *flat])
            self.network = Network(
                tuple(
                    Layer(weights, biases, layer.activation)
                    for (weights, biases), layer in zip(parameters, declared.layers, strict=True)
                )
            )
            self.forward = self.network.forward(self.inputs)
            self.backward = self.network.backward(self.forward, self.targets, declared.loss)
            self._rate = (
                None if declared.learning_rate == SYMBOL else numbers([declared.learning_rate])[0]
            )
        except NNBookError as error:
            raise LabError(f"[backpropagation]: {error}") from None
        except (ValueError, TypeError, ZeroDivisionError, OverflowError) as error:
            raise LabError(
                f"[backpropagation]: expected rows of numbers, of equal length ({error})"
            ) from None

    @property
    def rate(self) -> str:
        """The learning rate as LaTeX."""
        return r"\eta" if self._rate is None else latex(self._rate)

    @property
    def _numbers(self) -> range:
        return range(1, len(self.network.layers) + 1)

    def forward_table(self) -> tuple[list[str], MathRows]:
        """Return header and rows of the forward pass, a row for each example."""
        last = len(self.network.layers)
        header = ["k", "a^0"]
        for l in self._numbers:  # noqa: E741 - the number of a layer, as in the equations
            header += [f"z^{l}", rf"\hat y = a^{l}" if l == last else f"a^{l}"]
        header.append("y")
        rows = []
        for k in range(self.inputs.shape[1]):
            row = [f"{k + 1}", latex(self.inputs[:, [k]])]
            for l in self._numbers:  # noqa: E741
                row += [latex(self.forward.z[l][:, [k]]), latex(self.forward.a[l][:, [k]])]
            rows.append([*row, latex(self.targets[:, [k]])])
        return header, rows

    def backward_table(self) -> tuple[list[str], MathRows]:
        """Return header and rows of error signals and gradients, last layer first."""
        header = ["l", r"\delta^l", r"\partial L / \partial W^l", r"\partial L / \partial b^l"]
        gradients = self.backward.gradients
        rows = [
            [
                f"{l}",
                latex(self.backward.deltas[l]),
                latex(gradients[l].weights),
                latex(gradients[l].biases),
            ]
            for l in reversed(self._numbers)  # noqa: E741
        ]
        return header, rows

    def step_table(self) -> tuple[list[str], MathRows]:
        """Return header and rows of the parameters before and after the step."""
        gradients = self.backward.gradients
        rows = []
        for l in self._numbers:  # noqa: E741
            for letter, kind in (("W", "weights"), ("b", "biases")):
                before, gradient = (getattr(net[l], kind) for net in (self.network, gradients))
                rows.append([f"{letter}^{l}", latex(before), self._after(before, gradient)])
        return ["", "t = 0", "t = 1"], rows

    def _after(self, before: Array, gradient: Array) -> str:
        """Return before - eta * gradient as LaTeX, with eta as a number or as a symbol."""
        if self._rate is not None:
            return latex(before - self._rate * gradient)
        entries = np.frompyfunc(_linear, 2, 1)(before, -gradient)
        rows = [" & ".join(row) for row in entries.tolist()]
        if entries.size == 1:
            return rows[0]
        return r"\begin{bmatrix}" + r" \\ ".join(rows) + r"\end{bmatrix}"


def _known(kind: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise LabError(f"[backpropagation]: unknown {kind} {name!r}, {nearest(name, names)}")


def _linear(constant: Any, slope: Any) -> str:
    r"""Return constant + slope * eta as LaTeX.

    >>> _linear(Fraction(1), Fraction(-1, 2)), _linear(0, 1), _linear(2.5, 0)
    ('1 - \\frac{1}{2} \\eta', '\\eta', '2.5')
    """
    if not slope:
        return latex(constant)
    size = "" if abs(slope) == 1 else latex(abs(slope)) + " "
    term = rf"{size}\eta"
    if not constant:
        return f"-{term}" if slope < 0 else term
    return f"{latex(constant)} {'-' if slope < 0 else '+'} {term}"


def _fractions(values: Any) -> Array:
    # 0.1 in the file is one tenth, not the nearest binary number.
    return _mapped(values, _fraction)


def _floats(values: Any) -> Array:
    return np.array(_mapped(values, lambda value: float(_fraction(value))), dtype=float)


def _fraction(value: Any) -> Fraction:
    """Return a number of the file as it was typed.

    >>> _fraction("1/3"), _fraction(0.1)
    (Fraction(1, 3), Fraction(1, 10))
    """
    text = str(value)
    exponent = re.search(r"e[+-]?0*(\d+)", text, flags=re.IGNORECASE)
    if len(text) > MOST_CHARACTERS or (exponent and len(exponent[1]) > 2):
        # Ten to the power of a number of nine digits would take for ever to write out.
        raise ValueError(
            f"{text[:MOST_CHARACTERS]!r} ...: a number of at most {MOST_CHARACTERS} characters, "
            f"with an exponent from -99 to 99"
        )
    return Fraction(text)


def _mapped(values: Any, number: Callable[[Any], Any]) -> Array:
    rows = values if values and isinstance(values[0], list) else [values]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("the rows have different lengths")
    array = np.array([[number(value) for value in row] for row in rows], dtype=object)
    return array if rows is values else array[0]


def _refuse_large_fractions(arrays: Sequence[Array]) -> None:
    """Refuse numbers whose fractions would have so many digits that no table could hold them.

    A denominator of the last layer divides the product of one denominator for each layer, which
    the numbers of the layer have in common.
    """
    digits = 0.0
    for array in arrays:
        common = math.lcm(*(entry.denominator for entry in array.flat))
        digits += math.log10(common)
        if digits > MOST_DIGITS:
            raise LabError(
                f"[backpropagation]: expected numbers whose exact results have at most "
                f"{MOST_DIGITS} digits; use fewer different denominators, or fewer decimals"
            )
