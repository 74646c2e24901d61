"""Stochastic gradient descent, with or without momentum."""

from typing import Any, Literal, Self

from pydantic import model_validator

from nnbook.theory import optimizers as rules
from nnbook.training.optimizers.base import Optimizer, Share


class SGD(Optimizer):
    """Gradient descent, plain, with momentum (Polyak 1964) or with Nesterov's (1983).

    Parameters
    ----------
    learning_rate : float
        Step size.
    momentum : float in [0, 1)
        Share of the velocity that is kept in a step.
    nesterov : bool
        Whether that momentum is Nesterov's.
    """

    name: Literal["sgd"] = "sgd"
    momentum: Share = 0.0
    nesterov: bool = False

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and not self.momentum:
            raise ValueError("momentum: expected above 0 when nesterov is true, received 0")
        return self

    def keras(self, rate: Any) -> Any:
        """Return Keras' optimizer."""
        import keras

        return keras.optimizers.SGD(rate, momentum=self.momentum, nesterov=self.nesterov)

    def rule(self) -> rules.Optimizer:
        """Return the rule of the theory room."""
        if not self.momentum:
            return rules.SGD()
        return (rules.Nesterov if self.nesterov else rules.Momentum)(self.momentum)
