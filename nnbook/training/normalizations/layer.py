"""Layer normalization."""

from typing import Any, Literal

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
