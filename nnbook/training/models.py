"""Keras models and optimizers as a `RunSpec` describes them."""

from __future__ import annotations  # with a stand-in for Keras, its types are no types

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from nnbook.errors import SpecError
from nnbook.theory.activations import LeakyReLU
from nnbook.theory.network import Network
from nnbook.training.spec import CANONICAL_OUTPUT, RunSpec
from nnbook.training.weights import Arrays, network_of

BACKENDS = ("tensorflow", "jax")

# The documentation is built without Keras, with a stand-in whose backend is no string.
if isinstance(keras.backend.backend(), str) and keras.backend.backend() not in BACKENDS:
    raise SpecError(
        f"Keras' backend: expected 'tensorflow' or 'jax', received {keras.backend.backend()!r}; "
        f"set KERAS_BACKEND to one of them"
    )
if isinstance(keras.backend.floatx(), str) and keras.backend.floatx() != "float32":
    raise SpecError(
        f"Keras' floatx: expected 'float32', received {keras.backend.floatx()!r}; "
        f"set it in ~/.keras/keras.json, or with keras.config.set_floatx"
    )


def build_model(spec: RunSpec, inputs: int = 1, outputs: int = 1) -> keras.Model:
    """Return the network of `spec` with the initial weights of its seed.

    The output activation is not part of it: the model returns the last pre-activations.

    Parameters
    ----------
    inputs, outputs : int
        Size of one example and of its target. A batch holds one example per row, as Keras has it.
    """
    # A stream of its own, so that the batch order, drawn from the seed itself, is independent.
    seeds = iter(np.random.SeedSequence([spec.seed, 1]).generate_state(2 * len(spec.hidden_layers)))
    first = x = keras.Input((inputs,))
    if spec.input_dropout:
        x = keras.layers.Dropout(spec.input_dropout)(x)
    given: dict[int, Any] = {}  # what each hidden layer gives to the next
    for number, units in enumerate(spec.hidden_layers, start=1):
        x = _dense(spec, units, next(seeds))(x)
        for layer in _after_dense(spec):
            x = layer(x)
        if spec.dropout:
            seed = int(next(seeds) >> 1)
            if number >= spec.dropout_from:
                x = keras.layers.Dropout(spec.dropout, seed=seed)(x)
        if number in spec.shortcut_starts:
            x = keras.layers.Add()([x, given[spec.shortcut_starts[number]]])
        given[number] = x
    output_seed = np.random.SeedSequence([spec.seed, 2]).generate_state(1)[0]
    x = _dense(spec, outputs, output_seed)(x)
    if spec.output_dropout:
        x = keras.layers.Dropout(spec.output_dropout, seed=int(output_seed >> 1))(x)
    return keras.Model(first, x)


def _dense(spec: RunSpec, units: int, seed: np.uint32) -> keras.layers.Dense:
    of_weights, of_biases = spec.regularizer.keras()
    return keras.layers.Dense(
        units,
        kernel_initializer=spec.initializer.keras(int(seed >> 1)),
        kernel_regularizer=of_weights,
        bias_regularizer=of_biases,
    )


def _after_dense(spec: RunSpec) -> list[keras.layers.Layer]:
    activation = _activation(spec.activation)
    if spec.normalization is None:
        return [activation]
    normalization = spec.normalization.keras()
    before = spec.normalization.place == "before"
    return [normalization, activation] if before else [activation, normalization]


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
    warm_up = spec.schedule.warm_up_steps(spec.steps)
    rate = spec.schedule.keras(spec.learning_rate, max(steps - warm_up, 1))
    if warm_up:
        rate = WarmUp(spec.learning_rate, warm_up, rate)
    return spec.optimizer.keras(rate)


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """A learning rate that rises linearly to its value, and then goes as another schedule says.

    Parameters
    ----------
    rate : float
        Its value.
    steps : int
        Steps in which it rises; the last of them has its value.
    after : float or keras.optimizers.schedules.LearningRateSchedule
        What follows.
    """

    def __init__(self, rate: float, steps: int, after: Any) -> None:
        super().__init__()
        self.rate, self.steps, self.after = rate, steps, after

    def __call__(self, step: Any) -> Any:
        """Return the learning rate after `step` steps."""
        t = ops.cast(step, "float32")
        rising = self.rate * (t + 1) / self.steps
        after = self.after(t - self.steps) if callable(self.after) else self.after
        return ops.where(t < self.steps, rising, after)

    def get_config(self) -> dict[str, Any]:
        """Return what Keras would write down of it."""
        return {"rate": self.rate, "steps": self.steps, "after": self.after}


def as_network(spec: RunSpec, model: keras.Model) -> Network:
    """Return the trained model as it predicts: a network that needs no Keras.

    Dropout does nothing at prediction. Batch normalization multiplies by
    gamma / sqrt(variance + epsilon) and shifts. That is folded into the weights and biases of the
    layer whose pre-activations it normalizes, or of the layer that its activations go into; only
    behind activations that a shortcut passes by it stays a part of its own.
    """
    arrays: Arrays = {}
    number = 0
    scale, shift = None, None
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            number += 1
            kernel, biases = layer.get_weights()
            weights = kernel.T
            if scale is not None:
                weights, biases = weights * scale, biases + weights @ shift
                scale, shift = None, None
            arrays[f"W{number}"], arrays[f"b{number}"] = weights, biases
        elif isinstance(layer, keras.layers.LayerNormalization):
            arrays |= _named(("gamma", "beta"), number, layer)
        elif isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            scale = gamma / np.sqrt(variance + layer.epsilon)
            shift = beta - scale * mean
            if spec.normalization and spec.normalization.place == "before":
                weights, biases = arrays[f"W{number}"], arrays[f"b{number}"]
                arrays[f"W{number}"] = scale[:, None] * weights
                arrays[f"b{number}"] = scale * biases + shift
                scale, shift = None, None
            elif spec.shortcuts:
                arrays |= _named(("gamma", "beta", "mean", "variance"), number, layer)
                scale, shift = None, None
    return network_of(spec, arrays)


def _named(names: Sequence[str], number: int, layer: keras.layers.Layer) -> Arrays:
    return {
        f"{name}{number}": values for name, values in zip(names, layer.get_weights(), strict=True)
    }
