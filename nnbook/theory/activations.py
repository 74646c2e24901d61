r"""Activation functions :math:`a = f(z)`, their derivatives, and how gradients pass through them.

Every activation can be called on an array of pre-activations, and has a ``derivative``. It is also
a part of a network (`nnbook.theory.parts.Part`) without parameters. Its ``pull_back`` turns the
gradient of a loss with respect to `a` into the gradient with respect to `z`; it is all that
backpropagation needs, and it is the same operation for functions of one unit (sigmoid, ReLU) and
for softmax, which couples the units of a layer.

Numbers may be float64, complex128, fractions or SymPy expressions (see `nnbook.theory.arrays`).
Functions built on the exponential turn fractions into exact SymPy expressions. Functions with a
kink decide by the sign of the real part, so that the complex step works away from the kink; for a
SymPy expression of unknown sign they return a ``Piecewise``, which is decided as soon as numbers
are substituted.
"""

from abc import abstractmethod
from fractions import Fraction
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from nnbook.errors import SpecError, nearest
from nnbook.theory.arrays import (
    Array,
    as_numbers,
    choose,
    exp,
    is_at_most_zero,
    is_exact,
    is_negative,
    log,
)
from nnbook.theory.arrays import tanh as hyperbolic_tangent
from nnbook.theory.parts import Part, Training


class Activation(Part):
    """A function that is applied to each pre-activation, with its derivative.

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    >>> relu.derivative([-2.0, 0.0, 3.0])
    array([0., 0., 1.])
    """

    name: ClassVar[str]
    steepest: ClassVar[Fraction] = Fraction(1)
    """The least upper bound of abs(f'), of a unit with respect to its own pre-activation."""

    def __call__(self, z: npt.ArrayLike) -> Array:
        """Return :math:`a = f(z)`, of the shape of `z`."""
        return self._value(as_numbers(z))

    def derivative(self, z: npt.ArrayLike) -> Array:
        """Return :math:`f'(z)`, of the shape of `z`."""
        return self._derivative(as_numbers(z))

    def forward(self, z: npt.ArrayLike, training: Training = False) -> tuple[Array, Array]:
        """Return :math:`a = f(z)`; the way back needs `z`."""
        z = as_numbers(z)
        return self(z), z

    def pull_back(self, z: npt.ArrayLike, gradient: npt.ArrayLike) -> Array:
        r"""Return the gradient with respect to `z`, given the one with respect to :math:`a = f(z)`.

        Parameters
        ----------
        z : array of shape (n, B)
            Pre-activations, one example per column.
        gradient : array of shape (n, B)
            :math:`\partial L / \partial a`.

        Returns
        -------
        array of shape (n, B)
            :math:`\partial L / \partial z = f'(z) \odot \partial L / \partial a`.
        """
        return np.asarray(self.derivative(z) * as_numbers(gradient))

    @abstractmethod
    def _value(self, z: Array) -> Array: ...

    @abstractmethod
    def _derivative(self, z: Array) -> Array: ...

    def __repr__(self) -> str:
        """Return the name."""
        return self.name


class Identity(Activation):
    """:math:`f(z) = z`, with :math:`f'(z) = 1`: the output of a regression network."""

    name = "identity"

    def _value(self, z: Array) -> Array:
        return z

    def _derivative(self, z: Array) -> Array:
        return _like(z, np.ones_like(z))


class Step(Activation):
    """The step function: 0 for negative `z` and 1 otherwise, so :math:`f(0) = 1`.

    Its derivative is 0 wherever it exists; at the jump we also return 0. No gradient passes, which
    is why the step function cannot be trained by gradient descent.
    """

    name = "step"
    steepest = Fraction(0)

    def _value(self, z: Array) -> Array:
        return _like(z, choose(is_negative(z), 0, 1))

    def _derivative(self, z: Array) -> Array:
        return _like(z, np.zeros_like(z))


class Sigmoid(Activation):
    r"""The logistic sigmoid :math:`\sigma(z) = 1 / (1 + e^{-z})`.

    Its derivative is :math:`\sigma(z)\,(1 - \sigma(z)) = \sigma(z)\,\sigma(-z)`. The second form
    is computed: it keeps its relative precision where :math:`\sigma(z)` is rounded to 1.
    """

    name = "sigmoid"
    steepest = Fraction(1, 4)

    def _value(self, z: Array) -> Array:
        if is_exact(z):
            return np.asarray(1 / (1 + exp(-z)))
        # Only exp of something negative is taken: exp(1000) would overflow.
        decay = exp(np.where(is_negative(z), z, -z))
        return np.asarray(np.where(is_negative(z), decay, 1) / (1 + decay))

    def _derivative(self, z: Array) -> Array:
        return self._value(z) * self._value(-z)


class Tanh(Activation):
    r"""The hyperbolic tangent, with :math:`f'(z) = 1 - \tanh^2 z`.

    The derivative is computed as :math:`4\,\sigma(2z)\,\sigma(-2z)`, which is the same function
    without the cancellation of nearly equal numbers at large :math:`|z|`.
    """

    name = "tanh"

    def _value(self, z: Array) -> Array:
        return hyperbolic_tangent(z)

    def _derivative(self, z: Array) -> Array:
        if is_exact(z):
            return 1 - hyperbolic_tangent(z) ** 2
        return np.asarray(4 * sigmoid.derivative(2 * z))


class ReLU(Activation):
    r"""The rectified linear unit :math:`\max(0, z)`; :math:`f'(z)` is 1 for `z` > 0, else 0.

    At the kink :math:`f'(0) = 0`, as in Keras. (Glorot, Bordes & Bengio 2011.)
    """

    name = "relu"

    def _value(self, z: Array) -> Array:
        return _like(z, choose(is_at_most_zero(z), 0, z))

    def _derivative(self, z: Array) -> Array:
        return _like(z, choose(is_at_most_zero(z), 0, 1))


class LeakyReLU(Activation):
    r"""The leaky ReLU: `z` for `z` > 0, else `z`/100; :math:`f'(0) = 1/100`.

    The slope 0.01 is that of Maas, Hannun & Ng (2013); Keras' own default is another one.
    """

    name = "leaky_relu"
    slope: ClassVar[Fraction] = Fraction(1, 100)

    def _value(self, z: Array) -> Array:
        return _like(z, choose(is_at_most_zero(z), self._slope_for(z) * z, z))

    def _derivative(self, z: Array) -> Array:
        return _like(z, choose(is_at_most_zero(z), self._slope_for(z), 1))

    def _slope_for(self, z: Array) -> Fraction | float:
        return self.slope if is_exact(z) else float(self.slope)


class Softplus(Activation):
    r"""Softplus :math:`\log(1 + e^z)`, a smooth ReLU; its derivative is the sigmoid."""

    name = "softplus"

    def _value(self, z: Array) -> Array:
        if is_exact(z):
            return log(1 + exp(z))
        negative = is_negative(z)
        return np.asarray(np.where(negative, 0, z) + np.log1p(exp(np.where(negative, z, -z))))

    def _derivative(self, z: Array) -> Array:
        return sigmoid(z)


class Softmax(Activation):
    r"""Softmax over the units of a layer: :math:`a_i = e^{z_i} / \sum_k e^{z_k}` (Bridle 1990).

    `z` has shape (n, B), or (n,) for one example. The derivative is the Jacobian
    :math:`\partial a_i / \partial z_j = a_i (\delta_{ij} - a_j)`, of shape (n, n, B) or (n, n).
    """

    name = "softmax"
    steepest = Fraction(1, 4)

    def pull_back(self, z: npt.ArrayLike, gradient: npt.ArrayLike) -> Array:
        r"""Return :math:`\partial L / \partial z` from the gradient with respect to the outputs.

        The product of the transposed Jacobian with the gradient `g`, without forming the Jacobian:
        :math:`a_j \left(g_j - \sum_i a_i g_i\right)`. Shapes as in `Activation.pull_back`.
        """
        a, g = self(z), as_numbers(gradient)
        result: Array = a * (g - np.sum(a * g, axis=0, keepdims=True))
        return result

    def _value(self, z: Array) -> Array:
        # A constant shift of all z leaves softmax as it is, and keeps exp from overflowing.
        weights = exp(z if is_exact(z) else z - np.max(z.real, axis=0, keepdims=True))
        result: Array = weights / np.sum(weights, axis=0, keepdims=True)
        return result

    def _derivative(self, z: Array) -> Array:
        a = self._value(z)
        units = len(a)
        identity_matrix = np.eye(units, dtype=a.dtype).reshape(units, units, *[1] * (a.ndim - 1))
        result: Array = a[:, None] * (identity_matrix - a[None, :])
        return result


def _like(z: Array, values: Array) -> Array:
    """Return `values` in the number type of `z`."""
    return as_numbers(values) if is_exact(z) else values.astype(z.dtype, copy=False)


identity = Identity()
step = Step()
sigmoid = Sigmoid()
tanh = Tanh()
relu = ReLU()
leaky_relu = LeakyReLU()
softplus = Softplus()
softmax = Softmax()

ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (identity, step, sigmoid, tanh, relu, leaky_relu, softplus, softmax)
}


def get_activation(name: str | Activation) -> Activation:
    """Return the activation with this name; an activation is returned as it is.

    Raises
    ------
    SpecError
        If no activation has this name; the message suggests the nearest one.
    """
    if isinstance(name, Activation):
        return name
    if name not in ACTIVATIONS:
        raise SpecError(f"unknown activation {name!r}: {nearest(name, ACTIVATIONS)}")
    return ACTIVATIONS[name]
