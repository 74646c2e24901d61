"""The training of one configuration, compiled by the backend of Keras that is in use.

A program holds the Keras model and optimizer of a configuration, and three compiled functions:
`advance` takes many steps, `evaluate` measures, `probe` looks at gradients. What is random while
training is drawn by NumPy and handed in: the examples of each batch, and the bits that decide what
dropout zeroes. That is faster than the random generators inside XLA, and the same on every backend.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from nnbook.training import models
from nnbook.training.spec import RunSpec

STEPS_PER_CALL = 2000
"""A call of the compiled program takes an epoch's steps, or this many where an epoch has fewer."""

BYTES_PER_CALL = 2**23
"""The most that the bits for dropout in one call may take; on the way there are several copies."""

FEW_BYTES = 2**20
"""What they may take in a call of more steps than an epoch has: unused steps cost time, too."""

EXAMPLES_PER_EVALUATION = 10_000
"""Evaluation takes this many examples at a time, which bounds its memory."""

FEW_EXAMPLES = 5
"""Up to this batch size, products are taken example by example, with weights transposed.

XLA turns them into loops along the long side of the first weight matrix, which are two to three
times as fast for two examples as the matrix products that it calls otherwise."""

LEVELS = 2**16
"""Dropout compares 16 random bits with its rate."""

Pair = tuple[Any, Any]


@dataclass(frozen=True)
class Sample:
    """What a probe sees on some examples.

    Attributes
    ----------
    gradients : list of array of shape (inputs, units)
        Gradient of the loss, without penalty, with respect to the weights of each layer.
    pre_activations : list of array of shape (examples, units)
        Pre-activations z of each hidden layer.
    """

    gradients: list[NDArray[np.float32]]
    pre_activations: list[NDArray[np.float32]]


class Program(ABC):
    """The compiled training of one configuration; its subclasses are those of the backends.

    Parameters
    ----------
    spec : RunSpec
        The configuration. Seed, split, initial weights and the number of epochs do not matter,
        nor does a constant learning rate: `reset` and `restart` set them.
    inputs, outputs : int
        Size of one example and of its target.
    optimized : bool
        False where few steps are to be taken soon: TensorFlow then leaves out XLA, whose
        compilation takes longest. Numbers may differ in their last digits.

    Attributes
    ----------
    model : keras.Model
        Its variables hold the state between calls.
    steps : int
        Steps per epoch; the last one has a smaller batch if `partial` is not 0.
    partial : int
        Size of that smaller batch.
    capacity : int
        The most steps that one call of `advance` takes.
    """

    def __init__(self, spec: RunSpec, inputs: int, outputs: int, *, optimized: bool = True) -> None:
        self.spec = spec
        self.optimized = optimized
        self.shape = inputs, outputs
        self.steps = spec.steps
        self.partial = 0 if spec.drop_remainder else spec.examples % spec.batch_size
        self.model = models.build_model(spec, inputs, outputs)
        self._layers = self.model.layers[1:]  # without that of the input
        self.optimizer = models.build_optimizer(spec, spec.steps * spec.epochs)
        self._transposed = (
            {id(kernel): _transposed(kernel) for kernel in self.kernels}
            if spec.batch_size <= FEW_EXAMPLES
            else {}
        )
        self._trained = [
            self._transposed.get(id(variable), variable)
            for variable in self.model.trainable_variables
        ]
        self.optimizer.build(self._trained)
        self.loss = models.build_loss(spec, outputs)
        self.capacity = max(self.steps, STEPS_PER_CALL)
        self.dropped_units = sum(
            layer.output.shape[-1] for layer in self._layers if _is_dropout(layer)
        )
        if self.dropped_units:
            bytes_per_step = 2 * spec.batch_size * self.dropped_units
            few = min(STEPS_PER_CALL, FEW_BYTES // bytes_per_step)
            self.capacity = max(1, min(max(self.steps, few), BYTES_PER_CALL // bytes_per_step))
        self._fresh_optimizer = [np.asarray(variable) for variable in self.optimizer.variables]

    @property
    def kernels(self) -> list[Any]:
        """The weight variables, first layer to last."""
        return [
            layer.kernel for layer in self.model.layers if isinstance(layer, keras.layers.Dense)
        ]

    def reset(self, spec: RunSpec) -> None:
        """Begin anew with the initial weights of `spec`."""
        fresh = models.build_model(spec, *self.shape)
        for variable, initial in zip(self.model.variables, fresh.variables, strict=True):
            variable.assign(initial)
        self.restart(spec.learning_rate)

    def restart(self, learning_rate: float) -> None:
        """Go on with the present weights and an optimizer without memory."""
        for variable, fresh in zip(self.optimizer.variables, self._fresh_optimizer, strict=True):
            variable.assign(fresh)
        if self.spec.schedule.is_constant:
            self.optimizer.learning_rate = learning_rate

    def advance(
        self,
        x: Any,
        y: Any,
        batches: NDArray[np.int32],
        first: int,
        bits: NDArray[np.uint16] | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Take one step for each batch.

        Parameters
        ----------
        x, y : backend arrays from `place`
            The training set.
        batches : array of shape (steps, batch_size)
            Which examples each batch holds; at most `capacity` steps. In a smaller last batch of an
            epoch only the first `partial` entries count.
        first : int
            Number of steps taken before, which says where in an epoch this begins.
        bits : array of shape (steps, batch_size, dropped units), optional
            Random numbers that decide what dropout zeroes; required with dropout.

        Returns
        -------
        losses : array of shape (steps,)
            Loss of each batch before its step, penalty included and dropout on.
        correct : array of shape (steps,)
            How many of its examples were classified correctly, dropout on (0 in regression).
        """
        count = len(batches)
        if bits is None:
            bits = np.zeros((1, 1, 1), np.uint16)
        elif count < self.capacity:
            bits = _padded(bits, self.capacity)
        padded = _padded(batches, self.capacity) if count < self.capacity else batches
        pairs = [(k, self._transposed[id(k)]) for k in self.kernels if self._transposed]
        for kernel, transposed in pairs:
            transposed.assign(ops.transpose(kernel))
        losses, correct = self._advance((x, y), (padded, bits), first, count)
        for kernel, transposed in pairs:
            kernel.assign(ops.transpose(transposed))
        return np.asarray(losses)[:count], np.asarray(correct)[:count]

    def evaluate(self, x: Any, y: Any) -> tuple[float, NDArray[np.intp]]:
        """Return the mean loss at prediction, without penalty, and the class of largest output.

        Parameters
        ----------
        x : array of shape (examples, inputs)
        y : array of shape (examples,) or (examples, outputs)
        """
        total, classes = 0.0, []
        for first in range(0, len(x), EXAMPLES_PER_EVALUATION):
            whole = len(x) <= EXAMPLES_PER_EVALUATION  # a slice would be a copy
            chosen = slice(first, first + EXAMPLES_PER_EVALUATION)
            losses, predicted = self._evaluate(*((x, y) if whole else (x[chosen], y[chosen])))
            total += float(losses)
            classes.append(np.asarray(predicted))
        return total / len(x), np.concatenate(classes)

    def probe(self, x: Any, y: Any) -> Sample:
        """Return gradients and pre-activations on these examples; nothing changes by it.

        Dropout is off, batch normalization uses the statistics of these examples.
        """
        gradients, pre_activations = self._probe(x, y)
        return Sample(list(map(np.asarray, gradients)), list(map(np.asarray, pre_activations)))

    def penalty(self) -> float:
        """Return the present value of the penalties on weights and biases."""
        return float(self._penalty(self.model.trainable_variables))

    @abstractmethod
    def place(self, values: NDArray[Any]) -> Any:
        """Return `values` as an array of the backend, on its device."""

    @abstractmethod
    def _advance(self, examples: Pair, draws: Pair, first: int, count: int) -> tuple[Any, Any]: ...

    @abstractmethod
    def _evaluate(self, x: Any, y: Any) -> tuple[Any, Any]: ...

    @abstractmethod
    def _probe(self, x: Any, y: Any) -> tuple[list[Any], list[Any]]: ...

    # What follows is traced by the backends.

    def _forward(
        self, x: Any, bits: Any = None, *, training: bool, transposed: bool = False
    ) -> tuple[Any, list[Any]]:
        """Return the pre-activations of the output, and those of the hidden layers."""
        hidden: list[Any] = []
        given: list[Any] = []  # to each dense layer
        used = 0
        for layer in self._layers:
            if _is_dropout(layer):
                if bits is not None:
                    units = x.shape[-1]
                    x = _dropped(x, bits[:, used : used + units], layer.rate)
                    used += units
            elif isinstance(layer, keras.layers.BatchNormalization):
                x = layer(x, training=training)
            elif isinstance(layer, keras.layers.LayerNormalization):
                x = layer(x)
            elif isinstance(layer, keras.layers.Add):
                # It ends behind the layer counted last; the layer after its start was given it.
                x = x + given[self.spec.shortcut_starts[len(given)]]
            elif isinstance(layer, keras.layers.Dense):
                given.append(x)
                if transposed:
                    kernel = ops.convert_to_tensor(self._transposed[id(layer.kernel)])
                    x = _example_by_example(x, kernel) + layer.bias
                else:
                    x = layer(x)
            else:
                hidden.append(x)
                x = layer(x)
        return x, hidden

    def _training_loss(self, x: Any, y: Any, bits: Any) -> tuple[Any, Any]:
        z, _ = self._forward(x, bits, training=True, transposed=bool(self._transposed))
        return ops.mean(self.loss(y, z)) + self._penalty(self._trained), self._correct(y, z)

    def _data_loss(self, x: Any, y: Any) -> tuple[Any, list[Any]]:
        z, hidden = self._forward(x, training=True)
        return ops.mean(self.loss(y, z)), hidden

    def _evaluation(self, x: Any, y: Any) -> tuple[Any, Any]:
        z, _ = self._forward(x, training=False)
        return ops.sum(self.loss(y, z)), ops.argmax(z, axis=-1)

    def _correct(self, y: Any, z: Any) -> Any:
        if len(y.shape) > 1:
            return ops.zeros(())
        return ops.sum(ops.cast(ops.cast(ops.argmax(z, axis=-1), y.dtype) == y, "float32"))

    @staticmethod
    def _penalty(variables: Iterable[Any]) -> Any:
        return sum(
            variable.regularizer(variable)
            for variable in variables
            if variable.regularizer is not None
        )


def _transposed(kernel: Any) -> Any:
    """Return a variable for the transposed weights of a layer, with the same penalty."""
    variable = keras.Variable(ops.transpose(kernel), name=kernel.name)
    variable.regularizer = kernel.regularizer
    return variable


@ops.custom_gradient  # type: ignore[untyped-decorator]
def _example_by_example(x: Any, transposed: Any) -> tuple[Any, Callable[..., tuple[Any, Any]]]:
    """Return the product of few inputs and weights, which are transposed."""
    examples = ops.unstack(x)

    def gradient(delta: Any) -> tuple[Any, Any]:
        deltas = ops.unstack(delta)
        of_weights = sum(d[:, None] * a[None, :] for d, a in zip(deltas, examples, strict=True))
        return ops.stack([ops.matmul(d, transposed) for d in deltas]), of_weights

    return ops.stack([ops.matmul(transposed, a) for a in examples]), gradient


def _is_dropout(layer: Any) -> bool:
    return isinstance(layer, keras.layers.Dropout)


def _dropped(x: Any, bits: Any, rate: float) -> Any:
    threshold = round(rate * LEVELS)
    kept = ops.cast(bits, "int32") >= threshold
    return ops.where(kept, x * (LEVELS / (LEVELS - threshold)), 0.0)


def _padded(values: NDArray[Any], length: int) -> NDArray[Any]:
    padded = np.zeros((length, *values.shape[1:]), values.dtype)
    padded[: len(values)] = values
    return padded
