"""RMSprop, with or without momentum."""

from dataclasses import dataclass
from typing import Any, Literal

from nnbook.theory import optimizers as rules
from nnbook.theory.arrays import Array
from nnbook.training.optimizers.base import Optimizer, Share, Small


class RMSprop(Optimizer):
    """Adagrad with a memory that fades (Tieleman & Hinton 2012).

    Parameters
    ----------
    learning_rate : float
        Step size.
    rho : float in [0, 1)
        Share of the mean squared gradient that is kept in a step.
    momentum : float in [0, 1)
        Share of the velocity that is kept in a step.
    epsilon : float
        Added under the root.
    """

    name: Literal["rmsprop"] = "rmsprop"
    rho: Share = 0.9
    momentum: Share = 0.0
    epsilon: Small = 1e-7

    def keras(self, rate: Any) -> Any:
        """Return Keras' optimizer."""
        import keras

        return keras.optimizers.RMSprop(rate, self.rho, self.momentum, self.epsilon)

    def rule(self) -> rules.Optimizer:
        """Return the rule of the theory room."""
        plain = rules.RMSprop(self.rho, self.epsilon)
        return WithVelocity(plain, self.momentum) if self.momentum else plain


@dataclass(frozen=True)
class WithVelocity(rules.Optimizer):
    r"""A rule whose steps :math:`\Delta w` add up to a velocity: :math:`u \leftarrow \beta u + \Delta w`.

    State: (`u`, the state of the rule).
    """  # noqa: E501 - an equation

    plain: rules.Optimizer
    beta: float
    name = "rmsprop"

    def _initial_state(self, zeros: Array) -> rules.State:
        return zeros, self.plain.initial_state(zeros)

    def _step(
        self, w: Array, g: Array, state: rules.State, learning_rate: Any
    ) -> tuple[Array, rules.State]:
        u, of_the_rule = state
        moved, of_the_rule = self.plain.step(w, g, of_the_rule, learning_rate)
        u = self.beta * u + (moved - w)
        return w + u, (u, of_the_rule)
