"""What all initializers have in common."""

from abc import abstractmethod
from typing import Any

from nnbook.training.choices import Choice


class Initializer(Choice):
    """The distribution of the initial weights of a layer."""

    @abstractmethod
    def keras(self, seed: int) -> Any:
        """Return Keras' initializer."""

    @abstractmethod
    def deviation_of(self, inputs: int, units: int) -> float:
        """Return the standard deviation of the weights of a layer."""
