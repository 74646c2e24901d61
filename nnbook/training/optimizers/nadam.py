"""Nadam."""

from typing import Any, Literal

from nnbook.theory import optimizers as rules
from nnbook.training.optimizers.base import Optimizer, Share, Small


class Nadam(Optimizer):
    """Adam with Nesterov's momentum (Dozat 2016).

    Parameters
    ----------
    learning_rate : float
        Step size.
    beta_1, beta_2 : float in [0, 1)
        Shares of the mean gradient and of the mean squared gradient that are kept in a step.
    epsilon : float
        Added to the root.
    """

    name: Literal["nadam"] = "nadam"
    beta_1: Share = 0.9
    beta_2: Share = 0.999
    epsilon: Small = 1e-7

    def keras(self, rate: Any) -> Any:
        """Return Keras' optimizer."""
        import keras

        return keras.optimizers.Nadam(rate, self.beta_1, self.beta_2, self.epsilon)

    def rule(self) -> rules.Optimizer:
        """Return the rule of the theory room."""
        return rules.Nadam(self.beta_1, self.beta_2, self.epsilon)
