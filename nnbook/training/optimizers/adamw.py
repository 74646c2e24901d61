"""AdamW: Adam with a weight decay that its denominators do not change."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from nnbook.theory import optimizers as rules
from nnbook.theory.arrays import Array
from nnbook.training.optimizers.base import Optimizer, Share, Small


class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019).

    Parameters
    ----------
    learning_rate : float
        Step size.
    weight_decay : float
        Times the learning rate, the share that weights and biases lose in each step.
    beta_1, beta_2 : float in [0, 1)
        Shares of the mean gradient and of the mean squared gradient that are kept in a step.
    epsilon : float
        Added to the root.
    """

    name: Literal["adamw"] = "adamw"
    weight_decay: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.004
    beta_1: Share = 0.9
    beta_2: Share = 0.999
    epsilon: Small = 1e-7

    def keras(self, rate: Any) -> Any:
        """Return Keras' optimizer."""
        import keras

        return keras.optimizers.AdamW(
            rate, self.weight_decay, self.beta_1, self.beta_2, self.epsilon
        )

    def rule(self) -> rules.Optimizer:
        """Return the rule of the theory room."""
        return Decoupled(self.beta_1, self.beta_2, self.epsilon, self.weight_decay)


@dataclass(frozen=True)
class Decoupled(rules.Adam):
    r"""Adam after a decay of the parameters: :math:`w \leftarrow (1 - \eta \lambda)\, w`."""

    weight_decay: float = 0.004
    name = "adamw"

    def _step(
        self, w: Array, g: Array, state: rules.State, learning_rate: Any
    ) -> tuple[Array, rules.State]:
        return super()._step(w - learning_rate * self.weight_decay * w, g, state, learning_rate)
