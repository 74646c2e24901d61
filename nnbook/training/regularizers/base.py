"""What all regularizers have in common."""

from abc import abstractmethod
from typing import Any

from nnbook.training.choices import Choice


class Regularizer(Choice):
    """A penalty on the weights and one on the biases of each layer."""

    @abstractmethod
    def keras(self) -> tuple[Any, Any]:
        """Return Keras' regularizers of a weight matrix and of a vector of biases.

        Each is None for none, and gives a transposed matrix the same penalty.
        """

    @abstractmethod
    def rule(self, weights: Any, biases: Any) -> float:
        """Return the value of the penalty of one layer."""

    @property
    def is_none(self) -> bool:
        """Whether nothing is penalized."""
        return self.keras() == (None, None)
