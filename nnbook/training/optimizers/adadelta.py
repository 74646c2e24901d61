"""Adadelta."""

from typing import Any, Literal

from nnbook.theory import optimizers as rules
from nnbook.training.optimizers.base import Optimizer, Share, Small


class Adadelta(Optimizer):
    """Past changes over past gradients set the size of a step (Zeiler 2012).

    Parameters
    ----------
    learning_rate : float
        Factor on the steps; the paper has none, that is 1.
    rho : float in [0, 1)
        Share of the running means that is kept in a step.
    epsilon : float
        Added under both roots.
    """

    name: Literal["adadelta"] = "adadelta"
    rho: Share = 0.95
    epsilon: Small = 1e-7

    def keras(self, rate: Any) -> Any:
        """Return Keras' optimizer."""
        import keras

        return keras.optimizers.Adadelta(rate, self.rho, self.epsilon)

    def rule(self) -> rules.Optimizer:
        """Return the rule of the theory room."""
        return rules.Adadelta(self.rho, self.epsilon)
