"""Exercise 2a for any network: the tables of one step of backpropagation, as LaTeX."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from nnbook.errors import LabError, NNBookError, nearest
from nnbook.publishing.lab.folder import Backpropagation
from nnbook.publishing.tables import latex
from nnbook.theory.activations import ACTIVATIONS
from nnbook.theory.arrays import Array
from nnbook.theory.losses import LOSSES
from nnbook.theory.network import Layer, Network

EXACT = ("relu", "leaky_relu", "identity", "step")
"""Activations whose values are fractions where their arguments are."""

EXACT_LOSSES = ("sse", "half_sse", "mse", "mae")
SYMBOL = "eta"

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
        known = {
            "activation": [(layer.activation, ACTIVATIONS) for layer in declared.layers],
            "loss": [(declared.loss, LOSSES)],
        }
        for kind, pairs in known.items():
            for name, names in pairs:
                if name not in names:
                    raise LabError(
                        f"[backpropagation]: unknown {kind} {name!r}, {nearest(name, names)}"
                    )
        self.declared = declared
        is_exact = declared.loss in EXACT_LOSSES and all(
            layer.activation in EXACT for layer in declared.layers
        )
        numbers = _fractions if is_exact else _floats
        try:
            self.network = Network(
                tuple(
                    Layer(numbers(layer.weights), numbers(layer.biases), layer.activation)  # type: ignore[arg-type]
                    for layer in declared.layers
                )
            )
            self.inputs = numbers(declared.inputs).T
            self.targets = numbers(declared.targets).T
            self.forward = self.network.forward(self.inputs)
            self.backward = self.network.backward(self.forward, self.targets, declared.loss)
            self.after = self._step()
        except NNBookError as error:
            raise LabError(f"[backpropagation]: {error}") from None
        except (ValueError, TypeError, ZeroDivisionError, OverflowError) as error:
            raise LabError(
                f"[backpropagation]: expected rows of numbers, of equal length ({error})"
            ) from None

    def _step(self) -> Network:
        rate = self.declared.learning_rate
        if rate == SYMBOL:
            import sympy

            return self.network.step(
                self.backward.gradients, sympy.Symbol(SYMBOL, positive=True)
            )
        number = Fraction(rate)
        exact = self.network[1].weights.dtype == object
        return self.network.step(self.backward.gradients, number if exact else float(number))

    @property
    def rate(self) -> str:
        """The learning rate as LaTeX."""
        rate = self.declared.learning_rate
        return r"\eta" if rate == SYMBOL else latex(Fraction(rate))

    @property
    def _numbers(self) -> range:
        return range(1, len(self.network.layers) + 1)

    def forward_table(self) -> tuple[list[str], MathRows]:
        """Return header and rows of the forward pass, a row for each example."""
        last = len(self.network.layers)
        header = ["", "a^0"]
        for l in self._numbers:  # noqa: E741 - the number of a layer, as in the equations
            header += [f"z^{l}", rf"\hat y = a^{l}" if l == last else f"a^{l}"]
        header.append("y")
        rows = []
        for k in range(self.inputs.shape[1]):
            row = [f"{k + 1}", _latex(self.inputs[:, [k]])]
            for l in self._numbers:  # noqa: E741
                row += [_latex(self.forward.z[l][:, [k]]), _latex(self.forward.a[l][:, [k]])]
            rows.append([*row, _latex(self.targets[:, [k]])])
        return header, rows

    def backward_table(self) -> tuple[list[str], MathRows]:
        """Return header and rows of error signals and gradients, last layer first."""
        header = ["l", r"\delta^l", r"\partial L / \partial W^l", r"\partial L / \partial b^l"]
        gradients = self.backward.gradients
        rows = [
            [
                f"{l}",
                _latex(self.backward.deltas[l]),
                _latex(gradients.weights[l]),
                _latex(gradients.biases[l]),
            ]
            for l in reversed(self._numbers)  # noqa: E741
        ]
        return header, rows

    def step_table(self) -> tuple[list[str], MathRows]:
        """Return header and rows of the parameters before and after the step."""
        rows = [
            [f"{letter}^{l}", _latex(getattr(self.network[l], kind)), _latex(getattr(self.after[l], kind))]
            for l in self._numbers  # noqa: E741
            for letter, kind in (("W", "weights"), ("b", "biases"))
        ]
        return ["", "t = 0", "t = 1"], rows


def _fractions(values: Any) -> Array:
    # 0.1 in the file is one tenth, not the nearest binary number.
    return _mapped(values, lambda value: Fraction(str(value)))


def _floats(values: Any) -> Array:
    return np.array(_mapped(values, lambda value: float(Fraction(str(value)))), dtype=float)


def _mapped(values: Any, number: Callable[[Any], Any]) -> Array:
    rows = values if values and isinstance(values[0], list) else [values]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("the rows have different lengths")
    array = np.array([[number(value) for value in row] for row in rows], dtype=object)
    return array if rows is values else array[0]


def _latex(values: Any) -> str:
    """Return numbers as LaTeX: those that are not exact with four digits."""
    array = np.asarray(values)
    if array.dtype == object:
        array = np.frompyfunc(_rounded, 1, 1)(array)
    return latex(array)


def _rounded(value: Any) -> Any:
    if isinstance(value, float | int | Fraction):
        return value
    import sympy

    expression = sympy.sympify(value)
    short = {number: sympy.Float(number, 4) for number in expression.atoms(sympy.Float)}
    return expression.xreplace(short)
