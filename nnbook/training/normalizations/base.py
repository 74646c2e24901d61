"""What all normalizations have in common."""

from abc import abstractmethod
from typing import Annotated, Any, Literal

from pydantic import Field

from nnbook.training.choices import Choice

Epsilon = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Normalization(Choice):
    """A normalization in each hidden layer.

    Parameters
    ----------
    place : {"before", "after"}
        Whether it normalizes what goes into the activation, or what comes out.
    epsilon : float
        Added to the variance.
    """

    place: Literal["before", "after"] = "before"
    epsilon: Epsilon = 0.001

    @abstractmethod
    def keras(self) -> Any:
        """Return Keras' layer."""
