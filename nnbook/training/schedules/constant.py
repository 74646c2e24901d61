"""A learning rate that stays as it is."""

from typing import Any, Literal

from nnbook.training.schedules.base import Schedule


class Constant(Schedule):
    """The same learning rate in every step, after the warm-up."""

    name: Literal["constant"] = "constant"

    def keras(self, rate: float, steps: int) -> Any:
        """Return the rate."""
        return rate

    def rule(self, t: Any, rate: float, steps: int) -> Any:
        """Return the rate."""
        return rate

    @property
    def is_constant(self) -> bool:
        """Whether there is no warm-up."""
        return not self.warm_up
