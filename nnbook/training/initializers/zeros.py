"""No randomness at all."""

from typing import Any, Literal

from nnbook.training.initializers.base import Initializer


class Zeros(Initializer):
    """Weights of zero, from which all units of a layer learn the same."""

    name: Literal["zeros"] = "zeros"

    def keras(self, seed: int) -> Any:
        """Return Keras' initializer."""
        import keras

        return keras.initializers.Zeros()

    def deviation_of(self, inputs: int, units: int) -> float:
        """Return 0."""
        return 0.0
