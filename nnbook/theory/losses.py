r"""Loss functions and their gradients with respect to the predictions.

Predictions :math:`\hat y` and targets `y` are arrays of shape (n, B): one row per output, one
column per example. A loss is one number for the whole batch; its gradient has the shape of the
predictions. What is summed and what is averaged differs from loss to loss and is said in each; the
losses that Keras has agree with Keras.

Cross-entropies exist on probabilities and on logits (the pre-activations of the output layer, for
a network whose output activation is the identity). Only the latter are safe: a probability that is
rounded to exactly 0 where the target is 1 makes the loss infinite. Nothing is clipped here: the
loss on probabilities is then ``inf`` and its gradient ``-inf``, their mathematical limits, and what
backpropagation makes of them is NaN. (Keras clips probabilities to :math:`[10^{-7}, 1 - 10^{-7}]`,
which keeps the loss finite and silently sets such a gradient to zero.)
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from nnbook.errors import DataError, ShapeError, SpecError, nearest
from nnbook.theory.activations import sigmoid, softmax, softplus
from nnbook.theory.arrays import (
    Array,
    as_numbers,
    divided_by,
    exact,
    is_exact,
    log_sum_exp,
    sign,
    times_log,
)


class Loss(ABC):
    """A loss: call it for its value, ask ``gradient`` for its derivative.

    Examples
    --------
    >>> float(half_sse([[2.0, 4.0]], [[1.0, 1.0]]))
    5.0
    >>> half_sse.gradient([[2.0, 4.0]], [[1.0, 1.0]])
    array([[1., 3.]])
    """

    name: ClassVar[str]

    def __call__(self, predictions: npt.ArrayLike, targets: npt.ArrayLike) -> Any:
        """Return the loss of a batch.

        Parameters
        ----------
        predictions : array of shape (n, B)
            Outputs of the network, or logits where the loss says so.
        targets : array of shape (n, B)
            What the outputs should have been; class indices of shape (B,) where the loss says so.

        Returns
        -------
        number
            A float, complex number, fraction or SymPy expression, as the predictions are.

        Raises
        ------
        ShapeError
            If the shapes do not fit each other.
        DataError
            If probabilities or class indices are asked for, and these are none.
        """
        return self._value(*self._checked(predictions, targets))

    def gradient(self, predictions: npt.ArrayLike, targets: npt.ArrayLike) -> Array:
        """Return the gradient with respect to the predictions, an array of shape (n, B).

        Parameters and errors are those of a call.
        """
        return self._gradient(*self._checked(predictions, targets))

    def _checked(self, predictions: npt.ArrayLike, targets: npt.ArrayLike) -> tuple[Array, Array]:
        p, y = as_numbers(predictions), as_numbers(targets)
        if p.ndim != 2 or p.size == 0 or p.shape != y.shape:
            raise ShapeError(
                f"{self.name}: expected predictions and targets of one shape "
                f"(outputs, examples), received {p.shape} and {y.shape}"
            )
        return p, y

    @abstractmethod
    def _value(self, p: Array, y: Array) -> Any: ...

    @abstractmethod
    def _gradient(self, p: Array, y: Array) -> Array: ...

    def __repr__(self) -> str:
        """Return the name."""
        return self.name


class SumOfSquaredErrors(Loss):
    r""":math:`L = \sum (\hat y - y)^2`, summed over outputs and examples.

    The gradient is :math:`2 (\hat y - y)`.
    """

    name = "sse"

    def _value(self, p: Array, y: Array) -> Any:
        return np.sum((p - y) ** 2)

    def _gradient(self, p: Array, y: Array) -> Array:
        result: Array = 2 * (p - y)
        return result


class HalfSumOfSquaredErrors(Loss):
    r""":math:`L = \frac12 \sum (\hat y - y)^2`, summed over outputs and examples.

    The gradient is :math:`\hat y - y`; sparing the factor 2 is why the 1/2 is there.
    """

    name = "half_sse"

    def _value(self, p: Array, y: Array) -> Any:
        return np.sum((p - y) ** 2) / 2

    def _gradient(self, p: Array, y: Array) -> Array:
        return p - y


class MeanSquaredError(Loss):
    r""":math:`L = \frac{1}{nB} \sum (\hat y - y)^2`, averaged over outputs and examples.

    The gradient is :math:`2 (\hat y - y) / (nB)`. Equals Keras' ``MeanSquaredError``.
    """

    name = "mse"

    def _value(self, p: Array, y: Array) -> Any:
        return np.sum((p - y) ** 2) / p.size

    def _gradient(self, p: Array, y: Array) -> Array:
        result: Array = 2 * (p - y) / p.size
        return result


class MeanAbsoluteError(Loss):
    r""":math:`L = \frac{1}{nB} \sum |\hat y - y|`, averaged over outputs and examples.

    The gradient is :math:`\operatorname{sign}(\hat y - y) / (nB)`, and 0 at the kink
    :math:`\hat y = y`. Equals Keras' ``MeanAbsoluteError``.
    """

    name = "mae"

    def _value(self, p: Array, y: Array) -> Any:
        return np.sum(sign(p - y) * (p - y)) / p.size

    def _gradient(self, p: Array, y: Array) -> Array:
        result: Array = sign(p - y) / p.size
        return result


class BinaryCrossEntropy(Loss):
    r"""Binary cross-entropy of probabilities :math:`\hat y`, averaged over outputs and examples.

    .. math:: L = -\frac{1}{nB} \sum \left[y \log \hat y + (1 - y) \log(1 - \hat y)\right]

    The gradient is :math:`\left[(1 - y)/(1 - \hat y) - y/\hat y\right] / (nB)`. Terms with factor 0
    are 0, whatever the logarithm: the loss of :math:`\hat y = y \in \{0, 1\}` is 0, while
    :math:`\hat y = 1 - y` gives an infinite loss and gradient. Equals Keras' ``BinaryCrossentropy``
    as long as no probability is clipped there.
    """

    name = "binary_cross_entropy"

    def _checked(self, predictions: npt.ArrayLike, targets: npt.ArrayLike) -> tuple[Array, Array]:
        return _probabilities(self.name, *super()._checked(predictions, targets))

    def _value(self, p: Array, y: Array) -> Any:
        return -np.sum(times_log(y, p) + times_log(1 - y, 1 - p)) / p.size

    def _gradient(self, p: Array, y: Array) -> Array:
        result: Array = (divided_by(1 - y, 1 - p) - divided_by(y, p)) / p.size
        return result


class BinaryCrossEntropyOnLogits(Loss):
    r"""Binary cross-entropy of :math:`\sigma(z)`, computed from the logits `z`.

    .. math:: L = \frac{1}{nB} \sum \left[y \,s(-z) + (1 - y) \,s(z)\right],
        \qquad s(z) = \log(1 + e^z)

    The gradient is :math:`(\sigma(z) - y) / (nB)`: prediction minus target. Finite at any logit.
    Equals Keras' ``BinaryCrossentropy(from_logits=True)``.
    """

    name = "binary_cross_entropy_on_logits"

    def _value(self, p: Array, y: Array) -> Any:
        return np.sum(y * softplus(-p) + (1 - y) * softplus(p)) / p.size

    def _gradient(self, p: Array, y: Array) -> Array:
        result: Array = (sigmoid(p) - y) / p.size
        return result


class CategoricalCrossEntropy(Loss):
    r"""Cross-entropy of class probabilities, summed over classes and averaged over examples.

    .. math:: L = -\frac{1}{B} \sum y \log \hat y

    The gradient is :math:`-y / (B \hat y)`, and 0 where `y` is 0. A probability 0 for a class
    with :math:`y > 0` gives an infinite loss and gradient. Equals Keras'
    ``CategoricalCrossentropy`` where the predictions of each example sum to 1 (Keras rescales
    them) and none is clipped there.
    """

    name = "categorical_cross_entropy"

    def _checked(self, predictions: npt.ArrayLike, targets: npt.ArrayLike) -> tuple[Array, Array]:
        return _probabilities(self.name, *super()._checked(predictions, targets))

    def _value(self, p: Array, y: Array) -> Any:
        return -np.sum(times_log(y, p)) / p.shape[1]

    def _gradient(self, p: Array, y: Array) -> Array:
        result: Array = -divided_by(y, p) / p.shape[1]
        return result


class CategoricalCrossEntropyOnLogits(Loss):
    r"""Cross-entropy of :math:`\operatorname{softmax}(z)`, computed from the logits `z`.

    .. math:: L = \frac{1}{B} \sum_{k,i} y_{ki} \Bigl(\log \sum_j e^{z_{ji}} - z_{ki}\Bigr)

    The gradient is :math:`(\operatorname{softmax}(z) \sum_k y_k - y) / B`, which for targets that
    sum to 1 is prediction minus target. Finite at any logit. Equals Keras'
    ``CategoricalCrossentropy(from_logits=True)``.
    """

    name = "categorical_cross_entropy_on_logits"

    def _value(self, p: Array, y: Array) -> Any:
        return np.sum(y * (log_sum_exp(p) - p)) / p.shape[1]

    def _gradient(self, p: Array, y: Array) -> Array:
        result: Array = (softmax(p) * np.sum(y, axis=0, keepdims=True) - y) / p.shape[1]
        return result


class NegativeLogLikelihood(CategoricalCrossEntropy):
    r"""Negative log-likelihood of the true classes, averaged over examples.

    .. math:: L = -\frac{1}{B} \sum_i \log \hat y_{k_i i}

    Targets are class indices :math:`k_i` counted from 0, of shape (B,); predictions are
    probabilities of shape (n, B). It is `CategoricalCrossEntropy` with the targets written as
    indices instead of one-hot columns, and equals Keras' ``SparseCategoricalCrossentropy``.
    """

    name = "negative_log_likelihood"

    def _checked(self, predictions: npt.ArrayLike, targets: npt.ArrayLike) -> tuple[Array, Array]:
        p = as_numbers(predictions)
        y = one_hot(targets, len(p))
        return super()._checked(p, exact(y) if is_exact(p) else y)


def one_hot(classes: npt.ArrayLike, count: int) -> Array:
    """Return class indices as one-hot columns.

    Parameters
    ----------
    classes : array_like of int, shape (B,)
        Class indices from 0 to `count` - 1.
    count : int
        The number of classes.

    Returns
    -------
    array of shape (count, B)
        1.0 in the row of the class, 0.0 elsewhere.

    Raises
    ------
    ShapeError
        If `classes` has more than one dimension.
    DataError
        If an entry is no class index.

    Examples
    --------
    >>> one_hot([2, 0], 3)
    array([[0., 1.],
           [0., 0.],
           [1., 0.]])
    """
    indices = np.asarray(classes)
    if indices.ndim != 1:
        raise ShapeError(f"expected class indices of shape (examples,), received {indices.shape}")
    if indices.dtype.kind not in "iu" or np.any((indices < 0) | (indices >= count)):
        raise DataError(f"expected class indices from 0 to {count - 1}, received {classes!r}")
    return np.eye(count)[:, indices]


def _probabilities(name: str, p: Array, y: Array) -> tuple[Array, Array]:
    """Refuse floats that cannot be probabilities; other number types are taken on trust."""
    if p.dtype.kind == "f" and np.any((p < 0) | (p > 1)):
        raise DataError(
            f"{name}: expected probabilities from 0 to 1, received values from {p.min():g} to "
            f"{p.max():g}; for logits use {name}_on_logits"
        )
    return p, y


sse = SumOfSquaredErrors()
half_sse = HalfSumOfSquaredErrors()
mse = MeanSquaredError()
mae = MeanAbsoluteError()
binary_cross_entropy = BinaryCrossEntropy()
binary_cross_entropy_on_logits = BinaryCrossEntropyOnLogits()
categorical_cross_entropy = CategoricalCrossEntropy()
categorical_cross_entropy_on_logits = CategoricalCrossEntropyOnLogits()
negative_log_likelihood = NegativeLogLikelihood()

LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        sse,
        half_sse,
        mse,
        mae,
        binary_cross_entropy,
        binary_cross_entropy_on_logits,
        categorical_cross_entropy,
        categorical_cross_entropy_on_logits,
        negative_log_likelihood,
    )
}


def get_loss(name: str | Loss) -> Loss:
    """Return the loss with this name; a loss is returned as it is.

    Raises
    ------
    SpecError
        If no loss has this name; the message suggests the nearest one.
    """
    if isinstance(name, Loss):
        return name
    if name not in LOSSES:
        raise SpecError(f"unknown loss {name!r}: {nearest(name, LOSSES)}")
    return LOSSES[name]
