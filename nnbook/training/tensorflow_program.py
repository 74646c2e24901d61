"""Programs compiled by TensorFlow: variables change in place, inside one XLA loop."""

from functools import partial
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

from nnbook.training.program import Pair, Program
from nnbook.training.spec import RunSpec


class TensorFlowProgram(Program):
    """See `Program`."""

    def __init__(self, spec: RunSpec, inputs: int, outputs: int, *, optimized: bool = True) -> None:
        super().__init__(spec, inputs, outputs, optimized=optimized)
        self._compiled_steps = self._compiled(self._take_steps)
        self._compiled_evaluation = self._compiled(self._evaluation)
        self._compiled_gradients = self._compiled(self._gradients)

    def place(self, values: NDArray[Any]) -> Any:  # noqa: D102
        return tf.constant(values, tf.float32 if values.dtype.kind == "f" else values.dtype)

    def _advance(self, examples: Pair, draws: Pair, first: int, count: int) -> tuple[Any, Any]:
        # As tensors: for Python numbers it would compile anew for each value.
        draws = tf.constant(draws[0]), tf.constant(draws[1])
        losses, correct = self._compiled_steps(
            examples, draws, tf.constant(first), tf.constant(count)
        )
        return losses, correct

    def _take_steps(self, examples: Pair, draws: Pair, first: Any, count: Any) -> tuple[Any, Any]:
        (x, y), (batches, bits) = examples, draws

        def step(number: Any, size: int) -> tuple[Any, Any]:
            # A slice that begins at a tensor forgets its length.
            chosen = tf.ensure_shape(batches[number, :size], [size])
            zeroed = None
            if self.dropped_units:
                zeroed = tf.ensure_shape(bits[number, :size], [size, self.dropped_units])
            return self._step(tf.gather(x, chosen), tf.gather(y, chosen), zeroed)

        def body(number: Any, losses: Any, correct: Any) -> tuple[Any, Any, Any]:
            whole = self.spec.batch_size
            if self.partial:
                loss, right = tf.cond(
                    (first + number + 1) % self.steps == 0,
                    lambda: step(number, self.partial),
                    lambda: step(number, whole),
                )
            else:
                loss, right = step(number, whole)
            return number + 1, losses.write(number, loss), correct.write(number, right)

        empty = [
            tf.TensorArray(tf.float32, size=batches.shape[0], element_shape=()) for _ in range(2)
        ]
        _, losses, correct = tf.while_loop(
            lambda number, *_: number < count, body, (tf.constant(0), *empty)
        )
        return losses.stack(), correct.stack()

    def _step(self, x: Any, y: Any, bits: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            loss, correct = self._training_loss(x, y, bits)
        self.optimizer.apply(tape.gradient(loss, self._trained), self._trained)
        return loss, correct

    def _evaluate(self, x: Any, y: Any) -> tuple[Any, Any]:
        return self._compiled_evaluation(x, y)  # type: ignore[no-any-return]

    def _probe(self, x: Any, y: Any) -> tuple[list[Any], list[Any]]:
        return self._compiled_gradients(x, y)  # type: ignore[no-any-return]

    def _gradients(self, x: Any, y: Any) -> tuple[list[Any], list[Any]]:
        averages = self.model.non_trainable_variables
        before = [tf.identity(variable.value) for variable in averages]
        kernels = [kernel.value for kernel in self.kernels]
        with tf.GradientTape() as tape:
            loss, hidden = self._data_loss(x, y)
        for variable, value in zip(averages, before, strict=True):
            variable.assign(value)
        return tape.gradient(loss, kernels), hidden

    def _compiled(self, function: Any) -> Any:
        # As a method, all programs would share it: TensorFlow warns of so many traces of one
        # function.
        return tf.function(partial(function), jit_compile=self.optimized, autograph=False)
