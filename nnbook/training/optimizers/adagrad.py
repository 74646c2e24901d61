"""Adagrad."""

from typing import Any, Literal

from nnbook.theory import optimizers as rules
from nnbook.training.optimizers.base import Optimizer, Small


class Adagrad(Optimizer):
    """The more a parameter has been moved, the smaller its steps (Duchi et al. 2011).

    Parameters
    ----------
    learning_rate : float
        Step size.
    initial_sum : float
        Where the sum of squared gradients starts (Keras: ``initial_accumulator_value``).
    epsilon : float
        Added under the root.
    """

    name: Literal["adagrad"] = "adagrad"
    initial_sum: Small = 0.1
    epsilon: Small = 1e-7

    def keras(self, rate: Any) -> Any:
        """Return Keras' optimizer."""
        import keras

        return keras.optimizers.Adagrad(rate, self.initial_sum, self.epsilon)

    def rule(self) -> rules.Optimizer:
        """Return the rule of the theory room."""
        return rules.Adagrad(self.initial_sum, self.epsilon)
