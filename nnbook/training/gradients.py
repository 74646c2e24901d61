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
from nnbook.theory.arrays import Array
from nnbook.theory.losses import Loss, get_loss
from nnbook.theory.network import Gradients, Network

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
    """Return a Keras model in float64 with the weights of a theory network.

    Parameters
    ----------
    network : Network
        With numeric entries and activations that Keras has (the step function is none).

    Returns
    -------
    keras.Sequential
        Takes inputs of shape (B, n_0), one example per row.

    Raises
    ------
    SpecError
        If Keras does not have an activation of the network.
    """
    model = keras.Sequential([keras.Input((network[1].weights.shape[1],), dtype="float64")])
    for layer in network.layers:
        name = layer.activation.name
        if name not in KERAS_ACTIVATIONS:
            raise SpecError(
                f"Keras has no trainable activation {name!r}: {nearest(name, KERAS_ACTIVATIONS)}"
            )
        dense = keras.layers.Dense(
            len(layer.weights), activation=KERAS_ACTIVATIONS[name], dtype="float64"
        )
        model.add(dense)
        dense.set_weights([_floats(layer.weights).T, _floats(layer.biases).ravel()])
    return model


def keras_loss(loss: str | Loss) -> Callable[[Any, Any], Any]:
    """Return Keras' counterpart of a loss: a function of (targets, predictions), one row each.

    Keras has no sum of squared errors; it is made from ``MeanSquaredError``, which averages over
    the outputs, by summing over the examples and multiplying by the number of outputs.
    """
    made: Callable[[Any, Any], Any] = KERAS_LOSSES[get_loss(loss).name](dtype="float64")
    return made


def keras_gradients(
    network: Network, x: npt.ArrayLike, y: npt.ArrayLike, loss: str | Loss
) -> tuple[float, Gradients]:
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

    Returns
    -------
    loss : float
        The loss of the batch.
    gradients : Gradients
        In the layout of the theory room: the shapes of the network's weights and biases.

    Raises
    ------
    SpecError
        If Keras runs on another backend than TensorFlow, whose gradient tape is used.
    """
    if keras.backend.backend() != "tensorflow":
        raise SpecError(
            "Keras' gradients are taken with TensorFlow's gradient tape: expected the Keras "
            f"backend 'tensorflow', received {keras.backend.backend()!r}; unset KERAS_BACKEND"
        )
    import tensorflow as tf

    model = keras_model(network)
    inputs, targets = tf.constant(_floats(x).T), tf.constant(_floats(y).T)
    with tf.GradientTape() as tape:
        value = keras_loss(loss)(targets, model(inputs, training=True))
    arrays = [g.numpy() for g in tape.gradient(value, model.trainable_variables)]
    return float(value), Gradients(
        weights=dict(enumerate((weights.T for weights in arrays[0::2]), start=1)),
        biases=dict(enumerate((biases.reshape(-1, 1) for biases in arrays[1::2]), start=1)),
    )


def _sum_of_squares(factor: float, dtype: str) -> Callable[[Any, Any], Any]:
    summed = keras.losses.MeanSquaredError(reduction="sum", dtype=dtype)
    return lambda targets, predictions: factor * predictions.shape[1] * summed(targets, predictions)


def _floats(values: npt.ArrayLike) -> Array:
    return np.asarray(values).astype(np.float64)
