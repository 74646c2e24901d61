"""Layer normalization."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnbook.theory.normalization import LayerNorm
from nnbook.training.normalizations.base import Normalization


class Layer(Normalization):
    """Each example is normalized over the units of a layer (Ba, Kiros & Hinton 2016).

    Parameters
    ----------
    place : {"before", "after"}
        Whether it normalizes what goes into the activation, or what comes out.
    epsilon : float
        Added to the variance.
    """

    name: Literal["layer"] = "layer"

    def keras(self) -> Any:
        """Return Keras' layer."""
        import keras

        return keras.layers.LayerNormalization(epsilon=self.epsilon)

    def rule(self, arrays: Mapping[str, NDArray[Any]]) -> LayerNorm:
        """Return the part of the theory room."""
        return LayerNorm(**arrays, epsilon=np.float32(self.epsilon))
