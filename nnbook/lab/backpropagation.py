"""One step of backpropagation for any network: what comes out of it, quantity by quantity.

A quantity is what a student enters in ``step.toml`` under its name, such as ``forward.z1`` or
``after.W2`` (see `nnbook.lab.entered`). Its array has the shape that it has there: a row for each
example, or for each unit, and no rows for biases.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from nnbook.errors import LabError, NNBookError, nearest
from nnbook.lab.tasks import Backpropagation, Entering, Number
from nnbook.theory.activations import ACTIVATIONS
from nnbook.theory.arrays import Array
from nnbook.theory.losses import LOSSES, get_loss
from nnbook.theory.network import Layer, Network

EXACT = ("relu", "leaky_relu", "identity", "step")
"""Activations whose values are fractions where their arguments are."""

EXACT_LOSSES = ("sse", "half_sse", "mse", "mae")
SYMBOL = "eta"

MOST_CHARACTERS = 40
"""Of a number in a file."""

MOST_DIGITS = 300
"""Of the numbers that follow from them."""


@dataclass(frozen=True)
class Linear:
    """A number, or one plus a multiple of the learning rate that is left a symbol."""

    constant: Any
    slope: Any = Fraction(0)

    def __str__(self) -> str:
        """Return it as ``step.toml`` has it.

        >>> str(Linear(Fraction(1), Fraction(-1, 2))), str(Linear(0, 1)), str(Linear(2.5))
        ('1 - 1/2 eta', 'eta', '2.5')
        """
        constant, slope = _plain(self.constant), _plain(abs(self.slope))
        if not self.slope:
            return constant
        term = SYMBOL if slope == "1" else f"{slope} {SYMBOL}"
        if not self.constant:
            return f"-{term}" if self.slope < 0 else term
        return f"{constant} {'-' if self.slope < 0 else '+'} {term}"


def _plain(number: Any) -> str:
    return str(number) if isinstance(number, Fraction | int) else f"{number:.10g}"


@dataclass(frozen=True)
class Quantity:
    """Something that is computed in a step.

    Attributes
    ----------
    name : str
        Table and key in ``step.toml``.
    sort : {"z", "a", "deltas", "gradients", "parameters"}
    layer : int
        From 1.
    shape : tuple of int
        Of its values: (examples, units), (units, inputs) or (units,).
    """

    name: str
    sort: Entering
    layer: int
    shape: tuple[int, ...]

    @property
    def by_example(self) -> bool:
        """Whether it has a row for each example."""
        return self.sort in ("z", "a", "deltas")


class Step:
    """One step of gradient descent on a mini-batch, in fractions where that is possible.

    Parameters
    ----------
    declared : Backpropagation
        What the definition of a lab says.

    Attributes
    ----------
    network : Network
        Before the step.
    inputs, targets : array of shape (n, examples)
    rate : number, optional
        The learning rate; None if it is a symbol.
    quantities : dict of str to Quantity
        All that is computed, in this order.
    asked : dict of str to Quantity
        What a student is asked to enter of it.

    Raises
    ------
    LabError
        If it is no network, or the examples do not fit it.
    """

    def __init__(self, declared: Backpropagation) -> None:
        for layer in declared.layers:
            _known("activation", layer.activation, ACTIVATIONS)
        self.losses = declared.entered.losses or [declared.loss]
        for loss in (declared.loss, *self.losses):
            _known("loss", loss, LOSSES)
        self.declared = declared
        self.is_exact = all(loss in EXACT_LOSSES for loss in self.losses) and all(
            layer.activation in EXACT for layer in declared.layers
        )
        numbers = _fractions if self.is_exact else _floats
        try:
            parameters = [
                (
                    numbers(f"layers: {n}: weights", layer.weights),
                    numbers(f"layers: {n}: biases", layer.biases),
                )
                for n, layer in enumerate(declared.layers, start=1)
            ]
            self.inputs = numbers("inputs", declared.inputs).T
            self.targets = numbers("targets", declared.targets).T
            if self.is_exact:
                flat = [array for pair in parameters for array in pair]
                refuse_large_fractions([self.inputs, self.targets, *flat])
            self.network = Network(
                tuple(
                    Layer(weights, biases, layer.activation)
                    for (weights, biases), layer in zip(parameters, declared.layers, strict=True)
                )
            )
            self.rate = self._rate(declared.learning_rate)
            for loss in self.losses:  # each fits what the network predicts
                self.quantities = {
                    quantity.name: quantity for quantity, _ in self._compute(loss, {})
                }
        except LabError:
            raise
        except NNBookError as error:
            raise LabError(f"[backpropagation]: {error}") from None
        self.asked = {
            name: quantity
            for name, quantity in self.quantities.items()
            if quantity.sort in declared.entered.quantities
        }

    def _rate(self, declared: Number) -> Any:
        if declared == SYMBOL:
            return None
        try:
            rate = _fraction(declared)
        except (ValueError, ZeroDivisionError) as error:
            raise _refused("learning_rate", f"a positive number or {SYMBOL!r}", error) from None
        if rate <= 0:
            raise _refused(
                "learning_rate", f"a positive number or {SYMBOL!r}", f"received {declared}"
            )
        return rate if self.is_exact else float(rate)

    def follow(
        self,
        loss: str,
        given: Mapping[str, Array] | None = None,
        agree: Callable[[str, Array], Array] | None = None,
    ) -> dict[str, Array]:
        """Return the values of each quantity, as they follow from those before it.

        Parameters
        ----------
        loss : str
        given : mapping of str to array, optional
            Values of quantities with which is gone on; where one is None, with what follows.
        agree : callable, optional
            Says where the given values of a quantity agree with those that follow: there is gone
            on with what follows, unrounded.

        Returns
        -------
        dict of str to array of Linear
            In the order of computing.
        """
        with np.errstate(all="ignore"):  # of what a student enters, much may come
            computed = self._compute(loss, given or {}, agree)
            return {quantity.name: values for quantity, values in computed}

    def _compute(
        self,
        loss: str,
        given: Mapping[str, Array],
        agree: Callable[[str, Array], Array] | None = None,
    ) -> Iterator[tuple[Quantity, Array]]:
        layers, last = self.network.layers, len(self.network.layers)
        gone_on: dict[str, Array] = {}

        def settle(
            name: str, sort: Entering, layer: int, computed: Array, view: _View
        ) -> tuple[Quantity, Array]:
            """Return what follows, and note what is gone on with."""
            values = view.there(computed).copy()
            found = entrywise(Linear, values)
            if name in given:
                there = ~is_gap(given[name])
                if agree:
                    there &= ~agree(name, found)
                values[there] = [self._number(value) for value in given[name][there]]
            gone_on[name] = view.back(values)
            return Quantity(name, sort, layer, values.shape), found

        a, kept = self.inputs, {}
        for l, layer in enumerate(layers, start=1):  # noqa: E741 - as in the equations
            dense, activation = layer.parts
            z, kept[l] = dense.forward(a)
            yield settle(f"forward.z{l}", "z", l, z, _TURNED)
            name = "forward.y" if l == last else f"forward.a{l}"
            a, _ = activation.forward(gone_on[f"forward.z{l}"])
            yield settle(name, "a", l, a, _TURNED)
            a = gone_on[name]
        try:
            signal = get_loss(loss).gradient(a, self.targets)
        except NNBookError:
            if not given:
                raise
            signal = np.full(np.shape(a), np.nan)  # of what is no probability, nothing follows
        for l in range(last, 0, -1):  # noqa: E741
            dense, activation = layers[l - 1].parts
            delta = activation.pull_back(gone_on[f"forward.z{l}"], signal)
            yield settle(f"backward.delta{l}", "deltas", l, delta, _TURNED)
            delta = gone_on[f"backward.delta{l}"]
            gradients = Network([dense.gradients(kept[l], delta)])[1]
            yield settle(f"gradients.W{l}", "gradients", l, gradients.weights, _AS_IT_IS)
            yield settle(f"gradients.b{l}", "gradients", l, gradients.biases, _WITHOUT_ROWS)
            signal = dense.pull_back(kept[l], delta)
        for l, layer in enumerate(layers, start=1):  # noqa: E741
            parameters = (("W", layer.weights, _AS_IT_IS), ("b", layer.biases, _WITHOUT_ROWS))
            for letter, array, view in parameters:
                before = view.there(array)
                gradient = view.there(gone_on[f"gradients.{letter}{l}"])
                if self.rate is None:
                    after = entrywise(Linear, before, -gradient)
                else:
                    after = entrywise(Linear, before - self.rate * gradient)
                yield Quantity(f"after.{letter}{l}", "parameters", l, after.shape), after

    def _number(self, value: Fraction) -> Any:
        if self.is_exact:
            return value
        try:
            return float(value)
        except OverflowError:
            return math.inf


class _View(NamedTuple):
    """How an array is turned into the one of the file, and back."""

    there: Callable[[Array], Array]
    back: Callable[[Array], Array]


_TURNED = _View(np.transpose, np.transpose)
_AS_IT_IS = _View(np.asarray, np.asarray)
_WITHOUT_ROWS = _View(lambda array: array[:, 0], lambda array: array[:, None])


def entrywise(function: Callable[..., Any], *arrays: Array) -> Array:
    """Return an array of objects: what a function gives for the entries of others."""
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype=object)


def is_gap(values: Array) -> Array:
    """Return for each value whether it is None."""
    return entrywise(lambda value: value is None, values).astype(bool)


def solution(step: Step, loss: str = "") -> str:
    """Return ``step.toml`` as it is right.

    Parameters
    ----------
    step : Step
    loss : str
        By default the first that the lab allows.

    Raises
    ------
    LabError
        If the lab does not allow it.
    """
    loss = loss or step.losses[0]
    if loss not in step.losses:
        raise LabError(f"loss: expected {' or '.join(map(repr, step.losses))}, received {loss!r}")
    tables: dict[str, list[str]] = {}
    for name, values in step.follow(loss).items():
        if name in step.asked:
            table, _, key = name.partition(".")
            line = f"{key} = {json.dumps(entrywise(str, values).tolist())}"
            tables.setdefault(table, []).append(line)
    parts = [[f'loss = "{loss}"'], *([f"[{table}]", *lines] for table, lines in tables.items())]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _known(kind: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise LabError(f"[backpropagation]: unknown {kind} {name!r}, {nearest(name, names)}")


def _refused(key: str, expected: str, why: object) -> LabError:
    return LabError(f"[backpropagation]: {key}: expected {expected}, {why}")


def _fractions(key: str, values: Any) -> Array:
    # 0.1 in the file is one tenth, not the nearest binary number.
    return _mapped(key, values, _fraction)


def _floats(key: str, values: Any) -> Array:
    return np.array(_mapped(key, values, lambda value: float(_fraction(value))), dtype=float)


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
    try:
        return Fraction(text)
    except ValueError:
        raise ValueError(f"received {text!r}") from None


def _mapped(key: str, values: Any, number: Callable[[Any], Any]) -> Array:
    rows = values if values and isinstance(values[0], list) else [values]
    try:
        if len({len(row) for row in rows}) != 1:
            raise ValueError("the rows have different lengths")
        array = np.array([[number(value) for value in row] for row in rows], dtype=object)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError) as error:
        raise _refused(key, "rows of numbers, of equal length", error) from None
    return array if rows is values else array[0]


def refuse_large_fractions(arrays: Sequence[Array]) -> None:
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
