"""Weights that change the length of no signal, or by the same factor that of all."""

import math
from typing import Annotated, Any, Literal

from pydantic import Field

from nnbook.training.initializers.base import Initializer


class Orthogonal(Initializer):
    """A random matrix with orthonormal columns or rows, times a gain (Saxe et al. 2014).

    Parameters
    ----------
    gain : float
        The factor; 1 keeps lengths in a linear network, the root of 2 on average in one of ReLUs.
    """

    name: Literal["orthogonal"] = "orthogonal"
    gain: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0

    def keras(self, seed: int) -> Any:
        """Return Keras' initializer."""
        import keras

        return keras.initializers.Orthogonal(self.gain, seed)

    def deviation_of(self, inputs: int, units: int) -> float:
        """Return the root mean square of the weights of a layer."""
        return self.gain / math.sqrt(max(inputs, units))
