"""What all optimizers have in common."""

from abc import abstractmethod
from typing import Annotated, Any

from pydantic import Field

from nnbook.theory import optimizers as rules
from nnbook.training.choices import Choice

LearningRate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1)]
"""How much of a running mean, or of a velocity, is kept in a step."""
Small = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A number that keeps a denominator away from zero."""


class Optimizer(Choice):
    """An update rule with its settings.

    Parameters
    ----------
    learning_rate : float
        Step size at the first step, or after the warm-up.
    """

    learning_rate: LearningRate

    @abstractmethod
    def keras(self, rate: Any) -> Any:
        """Return Keras' optimizer.

        Parameters
        ----------
        rate : float or keras.optimizers.schedules.LearningRateSchedule
            The learning rate, step by step.
        """

    @abstractmethod
    def rule(self) -> rules.Optimizer:
        """Return the rule of the theory room, which does the same; the rate is given by step."""
