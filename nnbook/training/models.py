"""Keras models and optimizers as a `RunSpec` describes them."""

import os
from typing import Any

from nnbook.errors import SpecError

if os.environ.setdefault("KERAS_BACKEND", "tensorflow") != "tensorflow":
    raise SpecError(
        f"KERAS_BACKEND: expected 'tensorflow' or nothing, received {os.environ['KERAS_BACKEND']!r}"
    )

import keras
import numpy as np
from numpy.typing import NDArray

from nnbook.theory.activations import LeakyReLU, get_activation
from nnbook.theory.network import Layer, Network
from nnbook.training.spec import RunSpec


def build_model(spec: RunSpec, inputs: int = 1, outputs: int = 1) -> keras.Sequential:
    """Return the network of `spec` with the initial weights of its seed.

    Parameters
    ----------
    inputs, outputs : int
        Size of one example and of its target. A batch holds one example per row, as Keras has it.
    """
    layers = [keras.Input((inputs,))]
    # A stream of its own, so that the batch order, drawn from the seed itself, is independent.
    seeds = iter(np.random.SeedSequence([spec.seed, 1]).generate_state(2 * len(spec.hidden_layers)))
    for units in spec.hidden_layers:
        layers.append(_dense(spec, units, next(seeds)))
        if spec.batch_normalization:
            layers.append(keras.layers.BatchNormalization())
        layers.append(_activation(spec.activation))
        if spec.dropout:
            layers.append(keras.layers.Dropout(spec.dropout, seed=int(next(seeds) >> 1)))
    output_seed = np.random.SeedSequence([spec.seed, 2]).generate_state(1)[0]
    layers.append(_dense(spec, outputs, output_seed))
    return keras.Sequential(layers)


def _dense(spec: RunSpec, units: int, seed: np.uint32) -> keras.layers.Dense:
    initializer = {"class_name": spec.initializer, "config": {"seed": int(seed >> 1)}}
    penalty = keras.regularizers.L1L2(spec.l1, spec.l2) if spec.l1 or spec.l2 else None
    return keras.layers.Dense(
        units,
        kernel_initializer=keras.initializers.get(initializer),
        kernel_regularizer=penalty,
    )


def _activation(name: str) -> keras.layers.Layer:
    if name == "leaky_relu":
        return keras.layers.LeakyReLU(float(LeakyReLU.slope))
    return keras.layers.Activation(name)


def build_optimizer(spec: RunSpec, steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of `spec` for a training of `steps` steps."""
    rate = _learning_rate(spec, steps)
    if spec.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=spec.momentum, nesterov=spec.nesterov)
    if spec.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate)
    return keras.optimizers.Adam(rate)


def _learning_rate(spec: RunSpec, steps: int) -> Any:
    if spec.schedule == "exponential":
        return keras.optimizers.schedules.ExponentialDecay(
            spec.learning_rate, decay_steps=steps, decay_rate=spec.final_fraction
        )
    if spec.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(
            spec.learning_rate, decay_steps=steps, alpha=spec.final_fraction
        )
    return spec.learning_rate


def as_network(spec: RunSpec, model: keras.Sequential) -> Network:
    """Return the trained model as it predicts: a network that needs no Keras.

    Dropout does nothing at prediction. Batch normalization multiplies pre-activation z by
    gamma / sqrt(variance + epsilon) and shifts it, which is folded into the weights and biases of
    its layer.
    """
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            kernel, biases = layer.get_weights()
            layers.append((kernel.T, biases))
        elif isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            factor = gamma / np.sqrt(variance + layer.epsilon)
            weights, biases = layers[-1]
            layers[-1] = (factor[:, None] * weights, factor * (biases - mean) + beta)
    activations = [spec.activation] * len(spec.hidden_layers) + ["identity"]
    return Network(
        tuple(
            Layer(weights, biases, get_activation(activation))
            for (weights, biases), activation in zip(layers, activations, strict=True)
        )
    )
