"""A learning rate that shrinks by the same factor in each step."""

from typing import Any, Literal

from nnbook.theory.optimizers import exponential_decay
from nnbook.training.schedules.base import Fraction, Schedule


class Exponential(Schedule):
    """Exponential decay.

    Parameters
    ----------
    final_fraction : float in (0, 1)
        Of the learning rate, what is left of it at the last step.
    """

    name: Literal["exponential"] = "exponential"
    final_fraction: Fraction

    def keras(self, rate: float, steps: int) -> Any:
        """Return Keras' schedule."""
        import keras

        return keras.optimizers.schedules.ExponentialDecay(rate, steps, self.final_fraction)

    def rule(self, t: Any, rate: float, steps: int) -> Any:
        """Return the rate after `t` of `steps` steps."""
        return exponential_decay(t, rate, steps, self.final_fraction)
