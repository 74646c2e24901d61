"""What all schedules have in common: a warm-up, and what follows it."""

from abc import abstractmethod
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from nnbook.training.choices import Choice

Fraction = Annotated[float, Field(gt=0, lt=1)]
"""Of the learning rate, what is left of it at the last step."""


class Schedule(Choice):
    """How the learning rate goes, step by step.

    Parameters
    ----------
    warm_up : float
        Epochs (a fraction is possible) in which it rises linearly to its value; what the schedule
        says comes after.
    """

    warm_up: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    @abstractmethod
    def keras(self, rate: float, steps: int) -> Any:
        """Return the rates of `steps` steps after the warm-up: a number, or Keras' schedule."""

    @abstractmethod
    def rule(self, t: Any, rate: float, steps: int) -> Any:
        """Return the rate after `t` (a number or an array) of `steps` steps after the warm-up."""

    @property
    def is_constant(self) -> bool:
        """Whether the rate is the same in all steps."""
        return False

    def warm_up_steps(self, steps_per_epoch: int) -> int:
        """Return the number of steps of the warm-up."""
        return round(self.warm_up * steps_per_epoch)

    def rates(self, rate: float, steps: int, steps_per_epoch: int) -> npt.NDArray[np.float64]:
        r"""Return the learning rate of each step, shape (steps,).

        In step t = 0, 1, ... of a warm-up of W steps it is :math:`\eta\,(t + 1)/W`.

        Parameters
        ----------
        rate : float
            The learning rate :math:`\eta`.
        steps, steps_per_epoch : int
            Of the whole training, and of an epoch.
        """
        warm_up = self.warm_up_steps(steps_per_epoch)
        rising = rate * np.arange(1, warm_up + 1) / (warm_up or 1)
        t = np.arange(max(steps - warm_up, 0))
        after = self.rule(t, rate, len(t)) + np.zeros(len(t))
        return np.concatenate([rising, after])[:steps]
