r"""Normalization over the batch (Ioffe & Szegedy 2015) and over a layer (Ba et al. 2016).

A batch has one example per column, so that the statistics of a unit over the batch are those of its
row, and the statistics of an example over its layer are those of its column.
"""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from nnbook.errors import ShapeError
from nnbook.theory.arrays import Array, as_numbers, is_exact, sqrt
from nnbook.theory.parts import Part, Training, read_only

EPSILON = 1e-3
"""Keras' default; it keeps the deviation of a constant unit away from zero."""


@dataclass(frozen=True, eq=False)
class Normalized:
    """The numbers of a forward pass: deviation (n, 1) or (1, B), and z_hat of shape (n, B)."""

    deviation: Array
    z_hat: Array
    own: bool
    """Whether mean and deviation are those of this batch, and depend on it."""


@dataclass(frozen=True, eq=False)
class Normalization(Part):
    """What both kinds have in common: centered, divided by a deviation, scaled and shifted.

    Parameters
    ----------
    gamma, beta : array_like of shape (n,) or (n, 1)
        The scale and the shift of each unit; they are trained.
    epsilon : number
        Added to the variance, in the unit of z squared.

    Raises
    ------
    ShapeError
        If the arrays of parameters differ in shape.
    """

    gamma: Array
    beta: Array
    epsilon: Any = EPSILON
    parameters: ClassVar[tuple[str, ...]] = ("gamma", "beta")
    axis: ClassVar[int]

    def __post_init__(self) -> None:
        """Bring the parameters into columns."""
        self._set_columns("gamma", "beta")

    @classmethod
    def initial(cls, units: int, epsilon: Any = EPSILON) -> Self:
        """Return the part before training: gamma is 1, beta 0."""
        return cls(np.ones((units, 1)), np.zeros((units, 1)), epsilon=epsilon)

    @property
    def inputs(self) -> int:
        """How many units are normalized."""
        return len(self.gamma)

    def forward(self, z: npt.ArrayLike, training: Training = False) -> tuple[Array, Normalized]:
        """Normalize a batch z of shape (n, B); the way back needs deviation and z_hat."""
        z = self._checked(z)
        mean, variance, own = self._statistics(z, training)
        deviation = sqrt(variance + self.epsilon)
        z_hat = (z - mean) / deviation
        return self.gamma * z_hat + self.beta, Normalized(deviation, z_hat, own)

    def pull_back(self, kept: Normalized, gradient: npt.ArrayLike) -> Array:
        """Return the gradient with respect to z: without its mean and its part along z_hat."""
        g, z_hat = self.gamma * as_numbers(gradient), kept.z_hat
        if kept.own:
            along = _mean(g * z_hat, self.axis)
            g = g - _mean(g, self.axis) - along * z_hat
        return np.asarray(g / kept.deviation)

    def gradients(self, kept: Normalized, gradient: npt.ArrayLike) -> Self:
        """Return the derivatives with respect to gamma and beta, each of shape (n, 1)."""
        g = as_numbers(gradient)
        gamma = (g * kept.z_hat).sum(axis=1, keepdims=True)
        return replace(self, gamma=gamma, beta=g.sum(axis=1, keepdims=True))

    @abstractmethod
    def _statistics(self, z: Array, training: Training) -> tuple[Array, Array, bool]:
        """Return mean, variance, and whether they are those of this batch."""

    def _set_columns(self, *names: str) -> None:
        for name in names:
            column = read_only(as_numbers(getattr(self, name)).reshape(-1, 1))
            object.__setattr__(self, name, column)
        shapes = [getattr(self, name).shape for name in names]
        if len(set(shapes)) > 1:
            raise ShapeError(
                f"{type(self).__name__}: expected {', '.join(names)} of one shape, "
                f"received {', '.join(map(str, shapes))}"
            )


@dataclass(frozen=True, eq=False)
class BatchNorm(Normalization):
    """Each unit is normalized over the batch in training, with stored statistics otherwise.

    Parameters
    ----------
    gamma, beta : array_like of shape (n,) or (n, 1)
        The scale and the shift of each unit; they are trained.
    epsilon : number
        Added to the variance, in the unit of z squared.
    mean, variance : number, or array_like of shape (n,) or (n, 1)
        The stored statistics, averages over past batches. They are no parameters. The defaults are
        those of Keras before training.
    """

    mean: Any = 0.0
    variance: Any = 1.0
    axis: ClassVar[int] = 1

    def __post_init__(self) -> None:
        """Bring parameters and statistics into columns."""
        super().__post_init__()
        for name in ("mean", "variance"):
            if np.ndim(getattr(self, name)) == 0:
                object.__setattr__(self, name, np.full(self.gamma.shape, getattr(self, name)))
        self._set_columns("gamma", "beta", "mean", "variance")

    def _statistics(self, z: Array, training: Training) -> tuple[Array, Array, bool]:
        if training is not False:
            return (*_moments(z, self.axis), True)
        if is_exact(z):
            return self.mean, self.variance, False
        return self.mean.astype(z.dtype), self.variance.astype(z.dtype), False


@dataclass(frozen=True, eq=False)
class LayerNorm(Normalization):
    """Each example is normalized over the units of its layer, in training and afterwards alike.

    Parameters are those of `Normalization`. The output for an example does not depend on the
    others in its batch.
    """

    axis: ClassVar[int] = 0

    def _statistics(self, z: Array, training: Training) -> tuple[Array, Array, bool]:
        return (*_moments(z, self.axis), True)


def _moments(z: Array, axis: int) -> tuple[Array, Array]:
    mean = _mean(z, axis)
    return mean, _mean((z - mean) ** 2, axis)


def _mean(array: Array, axis: int) -> Array:
    return np.asarray(array.sum(axis=axis, keepdims=True) / array.shape[axis])
