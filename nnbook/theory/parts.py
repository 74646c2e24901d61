r"""The parts that networks are made of: what each computes, and how gradients pass through it.

A part turns a batch `a` of shape (n, B), one example per column, into another one. It offers

- ``forward``: its output, together with what the way back will need;
- ``pull_back``: the gradient of a loss with respect to its input, from that to its output;
- ``gradients``: the derivatives with respect to its own parameters, arranged as a part of its kind;
- ``map``: the part with a function applied to each array of parameters.

Nothing is changed in place. This module has the part with the weights, `Dense`; the others are the
activations (`nnbook.theory.activations`), the normalizations (`nnbook.theory.normalization`),
`nnbook.theory.dropout.Dropout` and `nnbook.theory.network.Shortcut`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from nnbook.errors import ShapeError
from nnbook.theory.arrays import Array, as_numbers

Training = bool | np.random.Generator
"""Whether a forward pass is one of training: no, yes, or yes with this source of randomness."""


@dataclass(frozen=True, eq=False)
class Part(ABC):
    """One step of a network, with or without parameters."""

    parameters: ClassVar[tuple[str, ...]] = ()
    """The names of the arrays that are trained."""

    @property
    def inputs(self) -> int | None:
        """How many rows a batch must have; None if any number will do."""
        return None

    @property
    def outputs(self) -> int | None:
        """How many rows the output has; None if as many as the input."""
        return None

    @abstractmethod
    def forward(self, a: npt.ArrayLike, training: Training = False) -> tuple[Array, Any]:
        """Return the output for a batch, and what `pull_back` and `gradients` need of this pass.

        Parameters
        ----------
        a : array of shape (n, B)
            The batch.
        training : bool or numpy.random.Generator
            Whether to compute as in training, where normalization takes the statistics of the
            batch and dropout draws masks, for which it needs the generator.

        Raises
        ------
        ShapeError
            If the batch does not fit the part.
        """

    @abstractmethod
    def pull_back(self, kept: Any, gradient: npt.ArrayLike) -> Array:
        """Return the gradient with respect to the input of a forward pass.

        Parameters
        ----------
        kept : object
            What `forward` returned beside its output.
        gradient : array
            The gradient with respect to the output, of its shape.
        """

    def gradients(self, kept: Any, gradient: npt.ArrayLike) -> "Part":
        """Return the derivatives with respect to the parameters, in the place of these.

        The arguments are those of `pull_back`. A part without parameters returns itself.
        """
        return self

    def simple(self) -> "Iterator[Part]":
        """Yield the parts that this one consists of, in the order of computing: itself."""
        yield self

    def map(self, function: Callable[..., npt.ArrayLike], *others: "Part") -> Self:
        """Return the part with `function` applied to each array of parameters.

        Parameters
        ----------
        function : callable
            Gets an array of parameters, and those in the same place of the others.
        *others : Part
            Of the same kind, with arrays of the same shapes.

        Raises
        ------
        ShapeError
            If the others are not.
        """
        changed = {
            name: function(
                getattr(self, name), *(_counterpart(self, other, name) for other in others)
            )
            for name in self.parameters
        }
        return replace(self, **changed) if changed else self

    def _checked(self, a: npt.ArrayLike) -> Array:
        """Return a batch as an array, if it fits."""
        batch = as_numbers(a)
        if self.inputs is not None and (batch.ndim != 2 or len(batch) != self.inputs):
            raise ShapeError(
                f"{type(self).__name__}: expected inputs of shape ({self.inputs}, examples), "
                f"received {batch.shape}"
            )
        return batch


@dataclass(frozen=True, eq=False)
class Dense(Part):
    r"""The weighted sums of a layer: :math:`z = W a + b`.

    Parameters
    ----------
    weights : array_like of shape (units, inputs)
        One row per unit.
    biases : array_like of shape (units,) or (units, 1)
        One per unit.

    Raises
    ------
    ShapeError
        If the shapes do not belong together.
    """

    weights: Array
    biases: Array
    parameters: ClassVar[tuple[str, ...]] = ("weights", "biases")

    def __post_init__(self) -> None:
        """Bring what was given (lists, say) into its standard form, and make it read-only."""
        weights, biases = as_numbers(self.weights), as_numbers(self.biases)
        if weights.ndim != 2 or biases.shape not in ((len(weights),), (len(weights), 1)):
            raise ShapeError(
                "a layer: expected weights of shape (units, inputs) and biases of shape (units, 1)"
                f", received {weights.shape} and {biases.shape}"
            )
        object.__setattr__(self, "weights", read_only(weights))
        object.__setattr__(self, "biases", read_only(biases.reshape(-1, 1)))

    @property
    def inputs(self) -> int:
        """How many numbers each unit takes."""
        return int(self.weights.shape[1])

    @property
    def outputs(self) -> int:
        """How many units there are."""
        return int(self.weights.shape[0])

    def forward(self, a: npt.ArrayLike, training: Training = False) -> tuple[Array, Array]:
        """Compute z = W a + b; the way back needs a."""
        a = self._checked(a)
        return self.weights @ a + self.biases, a

    def pull_back(self, a: Array, delta: npt.ArrayLike) -> Array:
        """Return W^T delta, the gradient with respect to a."""
        return self.weights.T @ as_numbers(delta)

    def gradients(self, a: Array, delta: npt.ArrayLike) -> "Dense":
        """Return delta a^T for W, and the sum of delta over the examples for b."""
        delta = as_numbers(delta)
        return Dense(delta @ a.T, delta.sum(axis=1, keepdims=True))


def read_only(values: npt.ArrayLike) -> Array:
    """Return a copy of an array that nobody can write to."""
    array = as_numbers(values).copy()
    array.flags.writeable = False
    return array


def _counterpart(part: Part, other: Part, name: str) -> Array:
    """Return the array of another part that is in the place of one of `part`."""
    expected: Array = getattr(part, name)
    received: Array | None = getattr(other, name, None)
    if type(other) is not type(part) or received is None or received.shape != expected.shape:
        raise ShapeError(
            f"{type(part).__name__}: expected {name} of shape {expected.shape} in the same place, "
            f"received {type(other).__name__}"
            + ("" if received is None else f" with {name} of shape {received.shape}")
        )
    return received
