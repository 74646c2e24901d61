"""Batch normalization."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnbook.theory.normalization import BatchNorm
from nnbook.training.normalizations.base import Normalization


class Batch(Normalization):
    """Each unit is normalized over the examples of a batch (Ioffe & Szegedy 2015).

    Parameters
    ----------
    place : {"before", "after"}
        Whether it normalizes what goes into the activation, or what comes out.
    momentum : float in [0, 1)
        Share of the moving averages, which are used to predict, that is kept in a step.
    epsilon : float
        Added to the variance.
    """

    name: Literal["batch"] = "batch"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.99

    def keras(self) -> Any:
        """Return Keras' layer."""
        import keras

        return keras.layers.BatchNormalization(momentum=self.momentum, epsilon=self.epsilon)

    def rule(self, arrays: Mapping[str, NDArray[Any]]) -> BatchNorm:
        """Return the part of the theory room."""
        return BatchNorm(**arrays, epsilon=np.float32(self.epsilon))
