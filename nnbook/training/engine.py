"""Train one network: whole epochs compiled, over data held in memory.

A Python loop over batches costs about a millisecond a step, whatever the network. Here a block of
epochs is one XLA program, and the program of a configuration serves all its repetitions: weights
and optimizer are reset, the data and their order are arguments.
"""

import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nnbook.training import models
from nnbook.training.datasets import Split, load_split
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

RECORDED_EPOCHS = 100
"""About how many epochs of a run are evaluated."""

STEPS_PER_BLOCK = 2000
"""About how many steps one call of the compiled program takes."""


def recorded_epochs(epochs: int) -> list[int]:
    """Return 0 and about a hundred epochs up to `epochs`, evenly spaced on a logarithmic scale.

    >>> recorded_epochs(7)
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    spaced = np.geomspace(1, epochs, RECORDED_EPOCHS).round().astype(int)
    return [0, *np.unique(spaced).tolist()]


def train(spec: RunSpec, progress: Callable[[int], None] | None = None) -> Outcome:
    """Train the network of `spec` and return its history and weights.

    Parameters
    ----------
    spec : RunSpec
        What to do.
    progress : callable, optional
        Called after each block of epochs with the number of epochs done.

    Notes
    -----
    The same specification on the same machine gives bit-identical numbers, alone or after others.
    """
    started = time.perf_counter()
    data = load_split(spec.data, spec.training_fraction, spec.split, spec.noise)
    program = _program(spec.template)
    program.reset(spec)
    history, diverged_at = _follow(program, spec, data, progress or (lambda epoch: None))
    network = None if diverged_at else models.as_network(spec, program.model)
    return Outcome(history, diverged_at, network, time.perf_counter() - started)


def batch_orders(spec: RunSpec, examples: int) -> Iterator[NDArray[np.int32]]:
    """Yield, epoch by epoch, the order in which the training examples are visited."""
    random = np.random.default_rng(spec.seed)
    while True:
        yield random.permutation(examples).astype(np.int32)


def _follow(
    program: "Program", spec: RunSpec, data: Split, progress: Callable[[int], None]
) -> tuple[dict[str, list[float]], tuple[int, int] | None]:
    training = (tf.constant(data.training_x, tf.float32), tf.constant(data.training_y, tf.float32))
    test = (tf.constant(data.test_x, tf.float32), tf.constant(data.test_y, tf.float32))
    orders = batch_orders(spec, len(data.training_x))
    points = recorded_epochs(spec.epochs)
    history: dict[str, list[float]] = {"epoch": [], "training_loss": [], "test_loss": []}

    def record(epoch: int) -> bool:
        losses = float(program.evaluate(*training)), float(program.evaluate(*test))
        if not np.isfinite(losses).all():
            return False
        for column, value in zip(history, (epoch, *losses), strict=True):
            history[column].append(value)
        return True

    record(0)
    for start, stop in pairwise(points):
        for first in range(start, stop, program.block):
            count = min(program.block, stop - first)
            losses = program.train_epochs(*training, orders, count)
            finite = np.isfinite(losses)
            if not finite.all():
                epoch, step = divmod(int(finite.argmin()), program.steps)
                return history, (first + epoch + 1, step + 1)
            progress(first + count)
        if not record(stop):
            return history, (stop, program.steps)
    return history, None


@lru_cache(maxsize=2)
def _program(template: RunSpec) -> "Program":
    data = load_split(template.data, template.training_fraction, template.split)
    return Program(template, data)


class Program:
    """The compiled training of one configuration.

    Parameters
    ----------
    spec : RunSpec
        The configuration; its seed and split do not matter.
    data : Split
        Any split of the data; only the shapes matter.

    Attributes
    ----------
    steps : int
        Steps per epoch.
    block : int
        The most epochs that one call of `train_epochs` takes.
    """

    def __init__(self, spec: RunSpec, data: Split) -> None:
        self.examples, inputs = data.training_x.shape
        self.shape = inputs, data.training_y.shape[1]
        self.batch_size = spec.batch_size
        self.steps = -(-self.examples // spec.batch_size)
        self.block = min(spec.epochs, max(1, STEPS_PER_BLOCK // self.steps))
        self.model = models.build_model(spec, *self.shape)
        self.optimizer = models.build_optimizer(spec, self.steps * spec.epochs)
        self.optimizer.build(self.model.trainable_variables)
        self._initial_state = [variable.numpy() for variable in self.optimizer.variables]

    def reset(self, spec: RunSpec) -> None:
        """Begin anew with the initial weights of `spec` and an optimizer without memory."""
        fresh = models.build_model(spec, *self.shape)
        for variable, initial in zip(self.model.variables, fresh.variables, strict=True):
            variable.assign(initial)
        for variable, state in zip(self.optimizer.variables, self._initial_state, strict=True):
            variable.assign(state)

    def train_epochs(
        self, x: Any, y: Any, orders: Iterator[NDArray[np.int32]], count: int
    ) -> NDArray[np.float32]:
        """Train for `count` epochs and return the loss of each step, penalty included.

        Parameters
        ----------
        x : tensor of shape (examples, inputs)
        y : tensor of shape (examples, outputs)
        orders : iterator of arrays of shape (examples,)
            One is taken per epoch.
        count : int
            At most `block`.

        Returns
        -------
        array of shape (count * steps,)
        """
        block = np.zeros((self.block, self.examples), np.int32)
        for epoch in range(count):
            block[epoch] = next(orders)
        losses = self._epochs(x, y, tf.constant(block), tf.constant(count))
        return np.asarray(losses)[: count * self.steps]

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def evaluate(self, x: Any, y: Any) -> Any:
        """Return the mean squared error at prediction, a scalar tensor."""
        return _mean_squared_error(self.model(x, training=False), y)

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def _epochs(self, x: Any, y: Any, orders: Any, count: Any) -> Any:
        full = self.examples // self.batch_size
        in_batches = full * self.batch_size
        losses = tf.TensorArray(tf.float32, size=self.block * self.steps, element_shape=())
        epoch = tf.constant(0)
        # Not `for epoch in tf.range(count)`, for which XLA compiles anew for each count.
        while epoch < count:
            epoch_x, epoch_y = tf.gather(x, orders[epoch]), tf.gather(y, orders[epoch])
            batches_x = tf.reshape(epoch_x[:in_batches], (full, self.batch_size, self.shape[0]))
            batches_y = tf.reshape(epoch_y[:in_batches], (full, self.batch_size, self.shape[1]))
            for batch in tf.range(full):
                loss = self._step(batches_x[batch], batches_y[batch])
                losses = losses.write(epoch * self.steps + batch, loss)
            if in_batches < self.examples:
                loss = self._step(epoch_x[in_batches:], epoch_y[in_batches:])
                losses = losses.write(epoch * self.steps + full, loss)
            epoch += 1
        return losses.stack()

    def _step(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            prediction = self.model(x, training=True)
            loss = _mean_squared_error(prediction, y) + sum(self.model.losses)
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss


def _mean_squared_error(prediction: Any, target: Any) -> Any:
    return tf.reduce_mean(tf.square(prediction - target))
