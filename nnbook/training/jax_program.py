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

    def __init__(self, spec: RunSpec, inputs: int, outputs: int) -> None:
        super().__init__(spec, inputs, outputs)
        self._compiled_steps = jax.jit(self._take_steps)
        self._compiled_evaluation = jax.jit(self._scoped_evaluation)
        self._compiled_gradients = jax.jit(self._gradients)

    def place(self, values: NDArray[Any]) -> Any:  # noqa: D102
        return jax.numpy.asarray(values, "float32" if values.dtype.kind == "f" else values.dtype)

    @property
    def _variables(self) -> tuple[list[Any], list[Any], list[Any]]:
        model = self.model
        return model.trainable_variables, model.non_trainable_variables, self.optimizer.variables

    @property
    def _state(self) -> State:
        trainable, others, optimizer = (
            [variable.value for variable in group] for group in self._variables
        )
        return trainable, others, optimizer

    def _advance(self, examples: Pair, draws: Pair, first: int, count: int) -> tuple[Any, Any]:
        state, losses, correct = self._compiled_steps(self._state, examples, draws, first, count)
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

        def loss(trainable: list[Any]) -> tuple[Any, Any]:
            with self._scope(trainable, others) as scope:
                value, correct = self._training_loss(x, y, bits)
                changed = [
                    scope.get_current_value(variable)
                    for variable in self.model.non_trainable_variables
                ]
            return value, (correct, changed)

        (value, (correct, others)), gradients = jax.value_and_grad(loss, has_aux=True)(trainable)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
        return (trainable, others, optimizer), value, correct

    def _scope(self, trainable: list[Any], others: list[Any]) -> Any:
        variables = [*self.model.trainable_variables, *self.model.non_trainable_variables]
        return keras.StatelessScope(
            state_mapping=list(zip(variables, [*trainable, *others], strict=True))
        )

    def _evaluate(self, x: Any, y: Any) -> tuple[Any, Any]:
        trainable, others, _ = self._state
        return self._compiled_evaluation(trainable, others, x, y)  # type: ignore[no-any-return]

    def _scoped_evaluation(
        self, trainable: list[Any], others: list[Any], x: Any, y: Any
    ) -> tuple[Any, Any]:
        with self._scope(trainable, others):
            return self._evaluation(x, y)

    def _probe(self, x: Any, y: Any) -> tuple[list[Any], list[Any]]:
        trainable, others, _ = self._state
        return self._compiled_gradients(trainable, others, x, y)  # type: ignore[no-any-return]

    def _gradients(
        self, trainable: list[Any], others: list[Any], x: Any, y: Any
    ) -> tuple[list[Any], list[Any]]:
        def loss(trainable: list[Any]) -> tuple[Any, list[Any]]:
            with self._scope(trainable, others):
                return self._data_loss(x, y)

        gradients, hidden = jax.grad(loss, has_aux=True)(trainable)
        kernels = {id(kernel) for kernel in self.kernels}
        return [
            gradient
            for gradient, variable in zip(gradients, self.model.trainable_variables, strict=True)
            if id(variable) in kernels
        ], hidden
