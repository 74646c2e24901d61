"""Keras models and optimizers as a `RunSpec` describes them."""

from __future__ import annotations  # with a stand-in for Keras, its types are no types

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from nnbook.errors import SpecError
from nnbook.theory.activations import LeakyReLU, get_activation
from nnbook.theory.network import Layer, Network
from nnbook.training.spec import CANONICAL_OUTPUT, RunSpec

BACKENDS = ("tensorflow", "jax")

# The documentation is built without Keras, with a stand-in whose backend is no string.
if isinstance(keras.backend.backend(), str) and keras.backend.backend() not in BACKENDS:
    raise SpecError(
        f"Keras' backend: expected 'tensorflow' or 'jax', received {keras.backend.backend()!r}; "
        f"set KERAS_BACKEND to one of them"
    )


def build_model(spec: RunSpec, inputs: int = 1, outputs: int = 1) -> keras.Sequential:
    """Return the network of `spec` with the initial weights of its seed.

    The output activation is not part of it: the model returns the last pre-activations.

    Parameters
    ----------
    inputs, outputs : int
        Size of one example and of its target. A batch holds one example per row, as Keras has it.
    """
    layers = [keras.Input((inputs,))]
    # A stream of its own, so that the batch order, drawn from the seed itself, is independent.
    seeds = iter(np.random.SeedSequence([spec.seed, 1]).generate_state(2 * len(spec.hidden_layers)))
    for number, units in enumerate(spec.hidden_layers, start=1):
        layers.append(_dense(spec, units, next(seeds)))
        block = [_activation(spec.activation)]
        if spec.batch_normalization:
            position = 0 if spec.normalized == "pre-activations" else 1
            block.insert(position, keras.layers.BatchNormalization())
        layers += block
        if spec.dropout:
            seed = int(next(seeds) >> 1)
            if number >= spec.dropout_from:
                layers.append(keras.layers.Dropout(spec.dropout, seed=seed))
    output_seed = np.random.SeedSequence([spec.seed, 2]).generate_state(1)[0]
    layers.append(_dense(spec, outputs, output_seed))
    if spec.output_dropout:
        layers.append(keras.layers.Dropout(spec.output_dropout, seed=int(output_seed >> 1)))
    return keras.Sequential(layers)


def _dense(spec: RunSpec, units: int, seed: np.uint32) -> keras.layers.Dense:
    config: dict[str, Any] = {"seed": int(seed >> 1)}
    if spec.initializer == "random_normal":
        config["stddev"] = spec.initial_deviation
    elif spec.initializer == "zeros":
        config = {}
    return keras.layers.Dense(
        units,
        kernel_initializer=keras.initializers.get(
            {"class_name": spec.initializer, "config": config}
        ),
        kernel_regularizer=_penalty(spec.l1, spec.l2),
        bias_regularizer=_penalty(spec.bias_l1, spec.bias_l2),
    )


def _penalty(l1: float, l2: float) -> keras.regularizers.Regularizer | None:
    return keras.regularizers.L1L2(l1, l2) if l1 or l2 else None


def _activation(name: str) -> keras.layers.Layer:
    if name == "leaky_relu":
        return keras.layers.LeakyReLU(float(LeakyReLU.slope))
    if name == "step":
        return keras.layers.Activation(_step)
    return keras.layers.Activation("linear" if name == "identity" else name)


def _step(z: Any) -> Any:
    # Signs, unlike a comparison, have a gradient for TensorFlow: zero.
    return ops.minimum(ops.sign(z) + 1, 1)


def build_loss(spec: RunSpec, outputs: int) -> Callable[[Any, Any], Any]:
    """Return the loss of `spec` as a function of targets and output pre-activations.

    It takes targets (class numbers, shape (examples,), or values, shape (examples, outputs)) and
    pre-activations of shape (examples, outputs), and returns one loss per example, shape
    (examples,). Cross-entropy with the output activation that suits it is computed from the
    pre-activations, which cannot overflow.
    """
    from_logits = spec.output == CANONICAL_OUTPUT[spec.loss]
    activate: Callable[[Any], Any] = {
        "identity": lambda z: z,
        "sigmoid": ops.sigmoid,
        "softmax": ops.softmax,
    }[spec.output]

    def probabilities(z: Any) -> Any:
        # Keras on TensorFlow remembers the logits of what sigmoid or softmax return, and computes a
        # cross-entropy from them with the activation that suits it, whichever was asked for. A copy
        # has no such memory.
        return z if from_logits else ops.copy(activate(z))

    def loss(y: Any, z: Any) -> Any:
        if spec.loss == "categorical_cross_entropy":
            return keras.losses.sparse_categorical_crossentropy(
                y, probabilities(z), from_logits=from_logits
            )
        target = ops.one_hot(y, outputs) if len(y.shape) == 1 else y
        if spec.loss == "binary_cross_entropy":
            return keras.losses.binary_crossentropy(
                target, probabilities(z), from_logits=from_logits
            )
        return ops.mean(ops.square(activate(z) - target), axis=-1)

    return loss


def build_optimizer(spec: RunSpec, steps: int) -> keras.optimizers.Optimizer:
    """Return the optimizer of `spec` for a training of `steps` steps."""
    rate = _learning_rate(spec, steps)
    match spec.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=spec.momentum, nesterov=spec.nesterov)
        case "adagrad":
            return keras.optimizers.Adagrad(rate)
        case "adadelta":
            return keras.optimizers.Adadelta(rate)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, momentum=spec.momentum)
        case "adam":
            return keras.optimizers.Adam(rate)
        case "nadam":
            return keras.optimizers.Nadam(rate)


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

    Dropout does nothing at prediction. Batch normalization multiplies by
    gamma / sqrt(variance + epsilon) and shifts. That is folded into the weights and biases of the
    layer whose pre-activations it normalizes, or of the layer that its activations go into.
    """
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    scale, shift = None, None
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            kernel, biases = layer.get_weights()
            weights = kernel.T
            if scale is not None:
                weights, biases = weights * scale, biases + weights @ shift
                scale, shift = None, None
            layers.append((weights, biases))
        elif isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            scale = gamma / np.sqrt(variance + layer.epsilon)
            shift = beta - scale * mean
            if spec.normalized == "pre-activations":
                weights, biases = layers[-1]
                layers[-1] = (scale[:, None] * weights, scale * biases + shift)
                scale, shift = None, None
    activations = [*[spec.activation] * len(spec.hidden_layers), spec.output]
    return Network(
        tuple(
            Layer(weights, biases, get_activation(activation))
            for (weights, biases), activation in zip(layers, activations, strict=True)
        )
    )
