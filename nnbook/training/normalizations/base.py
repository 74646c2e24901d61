"""What all normalizations have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from numpy.typing import NDArray
from pydantic import Field

from nnbook.theory.parts import Part
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

    @abstractmethod
    def rule(self, arrays: Mapping[str, NDArray[Any]]) -> Part:
        """Return the part of the theory room that does the same.

        Parameters
        ----------
        arrays : mapping of str to array of shape (units, 1)
            What was trained, ``gamma`` and ``beta``, and what was averaged.
        """
