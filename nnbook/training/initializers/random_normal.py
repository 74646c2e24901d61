"""Normal weights of a deviation that is chosen by hand."""

from typing import Annotated, Any, Literal

from pydantic import Field

from nnbook.training.initializers.base import Initializer


class RandomNormal(Initializer):
    """Normal weights of mean 0.

    Parameters
    ----------
    deviation : float
        Their standard deviation.
    """

    name: Literal["random_normal"] = "random_normal"
    deviation: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.05

    def keras(self, seed: int) -> Any:
        """Return Keras' initializer."""
        import keras

        return keras.initializers.RandomNormal(0.0, self.deviation, seed)

    def deviation_of(self, inputs: int, units: int) -> float:
        """Return the standard deviation of the weights of a layer."""
        return self.deviation
