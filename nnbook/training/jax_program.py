"""Programs compiled by JAX: the state goes through one XLA loop and comes out changed."""

from typing import Any

import jax
import keras
from numpy.typing import NDArray

from nnbook.training.program import Pair, Program
from nnbook.training.spec import RunSpec

State = tuple[list[Any], list[Any], list[Any]]
"""Values of the trainable, the other and the optimizer's variables."""


class JaxProgram(Program):
    """See `Program`."""

    def __init__(self, spec: RunSpec, inputs: int, outputs: int, *, optimized: bool = True) -> None:
        super().__init__(spec, inputs, outputs, optimized=optimized)
        self._compiled_steps = jax.jit(self._take_steps)
        self._compiled_evaluation = jax.jit(self._scoped_evaluation)
        self._compiled_gradients = jax.jit(self._gradients)

    def place(self, values: NDArray[Any]) -> Any:  # noqa: D102
        return jax.numpy.asarray(values, "float32" if values.dtype.kind == "f" else values.dtype)

    @property
    def _variables(self) -> tuple[list[Any], list[Any], list[Any]]:
        return self._trained, self.model.non_trainable_variables, self.optimizer.variables

    def _advance(self, examples: Pair, draws: Pair, first: int, count: int) -> tuple[Any, Any]:
        state = tuple(map(_values, self._variables))
        state, losses, correct = self._compiled_steps(state, examples, draws, first, count)
        for group, values in zip(self._variables, state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        return losses, correct

    def _take_steps(
        self, state: State, examples: Pair, draws: Pair, first: Any, count: Any
    ) -> tuple[State, Any, Any]:
        (x, y), (batches, bits) = examples, draws

        def step(state: State, number: Any, size: int) -> tuple[State, Any, Any]:
            chosen = batches[number, :size]
            zeroed = bits[number, :size] if self.dropped_units else None
            return self._step(state, x[chosen], y[chosen], zeroed)

        def body(number: Any, carry: Any) -> Any:
            state, losses, correct = carry
            whole = self.spec.batch_size
            if self.partial:
                state, loss, right = jax.lax.cond(
                    (first + number + 1) % self.steps == 0,
                    lambda state: step(state, number, self.partial),
                    lambda state: step(state, number, whole),
                    state,
                )
            else:
                state, loss, right = step(state, number, whole)
            return state, losses.at[number].set(loss), correct.at[number].set(right)

        empty = jax.numpy.zeros(batches.shape[0])
        return jax.lax.fori_loop(0, count, body, (state, empty, empty))  # type: ignore[no-any-return]

    def _step(self, state: State, x: Any, y: Any, bits: Any) -> tuple[State, Any, Any]:
        trainable, others, optimizer = state
        averages = self.model.non_trainable_variables

        def loss(trainable: list[Any]) -> tuple[Any, Any]:
            with _scope([*self._trained, *averages], [*trainable, *others]) as scope:
                value, correct = self._training_loss(x, y, bits)
                changed = [scope.get_current_value(variable) for variable in averages]
            return value, (correct, changed)

        (value, (correct, others)), gradients = jax.value_and_grad(loss, has_aux=True)(trainable)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
        return (trainable, others, optimizer), value, correct

    def _evaluate(self, x: Any, y: Any) -> tuple[Any, Any]:
        return self._compiled_evaluation(_values(self.model.variables), x, y)  # type: ignore[no-any-return]

    def _scoped_evaluation(self, values: list[Any], x: Any, y: Any) -> tuple[Any, Any]:
        with _scope(self.model.variables, values):
            return self._evaluation(x, y)

    def _probe(self, x: Any, y: Any) -> tuple[list[Any], list[Any]]:
        kernels = _values(self.kernels)
        return self._compiled_gradients(kernels, _values(self.model.variables), x, y)  # type: ignore[no-any-return]

    def _gradients(
        self, kernels: list[Any], values: list[Any], x: Any, y: Any
    ) -> tuple[list[Any], list[Any]]:
        def loss(kernels: list[Any]) -> tuple[Any, list[Any]]:
            variables = [*self.model.variables, *self.kernels]  # the later value counts
            with _scope(variables, [*values, *kernels]):
                return self._data_loss(x, y)

        return jax.grad(loss, has_aux=True)(kernels)  # type: ignore[no-any-return]


def _values(variables: list[Any]) -> list[Any]:
    return [variable.value for variable in variables]


def _scope(variables: list[Any], values: list[Any]) -> Any:
    """Return a context in which the variables have these values, and changes are kept apart."""
    return keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True)))
