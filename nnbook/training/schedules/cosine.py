"""A learning rate that goes down like half a period of a cosine."""

from typing import Any, Literal

from nnbook.theory.optimizers import cosine_decay
from nnbook.training.schedules.base import Fraction, Schedule


class Cosine(Schedule):
    """Cosine decay, without restarts (Loshchilov & Hutter 2017).

    Parameters
    ----------
    final_fraction : float in (0, 1)
        Of the learning rate, what is left of it at the last step.
    """

    name: Literal["cosine"] = "cosine"
    final_fraction: Fraction

    def keras(self, rate: float, steps: int) -> Any:
        """Return Keras' schedule."""
        import keras

        return keras.optimizers.schedules.CosineDecay(rate, steps, self.final_fraction)

    def rule(self, t: Any, rate: float, steps: int) -> Any:
        """Return the rate after `t` of `steps` steps."""
        return cosine_decay(t, rate, steps, self.final_fraction)
