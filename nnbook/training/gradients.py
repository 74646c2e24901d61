"""Keras' own loss and gradients for a network of the theory room.

Keras keeps one example per row and weights of shape (inputs, units): everything is transposed
here, on the way in and on the way out, and nowhere else.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from nnbook.errors import SpecError, nearest
from nnbook.theory.activations import Activation
from nnbook.theory.arrays import Array
from nnbook.theory.losses import Loss, get_loss
from nnbook.theory.network import Network, Shortcut
from nnbook.theory.normalization import BatchNorm, LayerNorm
from nnbook.theory.parts import Dense, Part

KERAS_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": keras.activations.linear,
    "sigmoid": keras.activations.sigmoid,
    "tanh": keras.activations.tanh,
    "relu": keras.activations.relu,
    # keras.activations.leaky_relu rounds its slope to float32 on TensorFlow, whatever z is.
    "leaky_relu": lambda z: keras.ops.where(z > 0, z, 0.01 * z),
    "softplus": keras.activations.softplus,
    "softmax": keras.activations.softmax,
}


KERAS_LOSSES: dict[str, Callable[..., Any]] = {
    "mse": keras.losses.MeanSquaredError,
    "mae": keras.losses.MeanAbsoluteError,
    "sse": lambda dtype: _sum_of_squares(1.0, dtype),
    "half_sse": lambda dtype: _sum_of_squares(0.5, dtype),
    "binary_cross_entropy": keras.losses.BinaryCrossentropy,
    "binary_cross_entropy_on_logits": partial(keras.losses.BinaryCrossentropy, from_logits=True),
    "categorical_cross_entropy": keras.losses.CategoricalCrossentropy,
    "categorical_cross_entropy_on_logits": partial(
        keras.losses.CategoricalCrossentropy, from_logits=True
    ),
    "negative_log_likelihood": keras.losses.SparseCategoricalCrossentropy,
}


def keras_model(network: Network) -> Any:
    """Return a Keras model in float64 with the parameters of a theory network.

    Parameters
    ----------
    network : Network
        With numeric entries and activations that Keras has (the step function is none).

    Returns
    -------
    keras.Model
        Takes inputs of shape (B, n_0), one example per row.

    Raises
    ------
    SpecError
        If Keras does not have an activation of the network.
    """
    return _built(network)[0]


def _built(network: Network) -> tuple[Any, list[Any]]:
    """Return the Keras model of a network, and its layers in the order of the parts."""
    layers: list[Any] = []

    def through(part: Part, x: Any) -> Any:
        if isinstance(part, Shortcut):
            y = x
            for inner in part.inside.parts:
                y = through(inner, y)
            return keras.layers.Add(dtype="float64")([x, y])
        layer, arrays = _counterpart(part)
        y = layer(x)
        layer.set_weights([_floats(array) for array in arrays])
        layers.append(layer)
        return y

    width = next(part.inputs for part in network.parts if part.inputs is not None)
    x = y = keras.Input((width,), dtype="float64")
    for part in network.parts:
        y = through(part, y)
    return keras.Model(x, y), layers


def _counterpart(part: Part) -> tuple[Any, list[Array]]:
    """Return the Keras layer that does what a part does, and its weights in Keras' layout."""
    match part:
        case Dense():
            dense = keras.layers.Dense(part.outputs, dtype="float64")
            return dense, [part.weights.T, part.biases.ravel()]
        case BatchNorm():
            norm = keras.layers.BatchNormalization(epsilon=part.epsilon, dtype="float64")
            arrays = (part.gamma, part.beta, part.mean, part.variance)
            return norm, [array.ravel() for array in arrays]
        case LayerNorm():
            norm = keras.layers.LayerNormalization(epsilon=part.epsilon, dtype="float64")
            return norm, [part.gamma.ravel(), part.beta.ravel()]
        case Activation(name=name) if name in KERAS_ACTIVATIONS:
            return keras.layers.Activation(KERAS_ACTIVATIONS[name], dtype="float64"), []
        case Activation(name=name):
            raise SpecError(
                f"Keras has no trainable activation {name!r}: {nearest(name, KERAS_ACTIVATIONS)}"
            )
    raise SpecError(f"expected parts that compute the same in Keras, received {part}")


def keras_loss(loss: str | Loss) -> Callable[[Any, Any], Any]:
    """Return Keras' counterpart of a loss: a function of (targets, predictions), one row each.

    Keras has no sum of squared errors; it is made from ``MeanSquaredError``, which averages over
    the outputs, by summing over the examples and multiplying by the number of outputs.
    """
    made: Callable[[Any, Any], Any] = KERAS_LOSSES[get_loss(loss).name](dtype="float64")
    return made


def keras_gradients(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: str | Loss,
    *,
    training: bool = False,
) -> tuple[float, Network]:
    """Return the loss and its gradients as Keras and TensorFlow compute them.

    Parameters
    ----------
    network : Network
        With numeric entries.
    x : array of shape (n_0, B)
        Inputs, one example per column.
    y : array of shape (n_L, B), or (B,) for class indices
        Targets.
    loss : str or Loss
        The loss.
    training : bool
        Whether batch normalization takes the statistics of the batch.

    Returns
    -------
    loss : float
        The loss of the batch.
    gradients : Network
        In the layout of the theory room: each derivative in the place of its parameter.

    Raises
    ------
    SpecError
        If Keras runs on another backend than TensorFlow, whose gradient tape is used, or if the
        network has dropout, whose masks Keras draws otherwise.
    """
    if keras.backend.backend() != "tensorflow":
        raise SpecError(
            "Keras' gradients are taken with TensorFlow's gradient tape: expected the Keras "
            f"backend 'tensorflow', received {keras.backend.backend()!r}; unset KERAS_BACKEND"
        )
    import tensorflow as tf

    model, layers = _built(network)
    variables = [variable for layer in layers for variable in layer.trainable_variables]
    inputs, targets = tf.constant(_floats(x).T), tf.constant(_floats(y).T)
    with tf.GradientTape() as tape:
        value = keras_loss(loss)(targets, model(inputs, training=training))
    arrays = [g.numpy().T.ravel() for g in tape.gradient(value, variables)]
    return float(value), network.filled(np.concatenate(arrays))


def _sum_of_squares(factor: float, dtype: str) -> Callable[[Any, Any], Any]:
    summed = keras.losses.MeanSquaredError(reduction="sum", dtype=dtype)
    return lambda targets, predictions: factor * predictions.shape[1] * summed(targets, predictions)


def _floats(values: npt.ArrayLike) -> Array:
    return np.asarray(values).astype(np.float64)
