"""Weights whose variance suits the size of their layer."""

import math
from typing import Any, ClassVar, Literal

from nnbook.training.initializers.base import Initializer


class VarianceScaling(Initializer):
    """Weights of mean 0 and variance `scale` / `fan`; a normal one is cut at two deviations."""

    scale: ClassVar[float]
    fan: ClassVar[Literal["fan_in", "fan_avg"]]
    distribution: ClassVar[Literal["uniform", "truncated_normal"]]

    def keras(self, seed: int) -> Any:
        """Return Keras' initializer."""
        import keras

        return keras.initializers.VarianceScaling(self.scale, self.fan, self.distribution, seed)

    def deviation_of(self, inputs: int, units: int) -> float:
        """Return the standard deviation of the weights of a layer."""
        return math.sqrt(self.scale / (inputs if self.fan == "fan_in" else (inputs + units) / 2))


class GlorotUniform(VarianceScaling):
    """Variance 2 / (inputs + units), uniform (Glorot & Bengio 2010)."""

    name: Literal["glorot_uniform"] = "glorot_uniform"
    scale, fan, distribution = 1.0, "fan_avg", "uniform"


class GlorotNormal(VarianceScaling):
    """Variance 2 / (inputs + units), normal (Glorot & Bengio 2010)."""

    name: Literal["glorot_normal"] = "glorot_normal"
    scale, fan, distribution = 1.0, "fan_avg", "truncated_normal"


class HeUniform(VarianceScaling):
    """Variance 2 / inputs, uniform (He et al. 2015)."""

    name: Literal["he_uniform"] = "he_uniform"
    scale, fan, distribution = 2.0, "fan_in", "uniform"


class HeNormal(VarianceScaling):
    """Variance 2 / inputs, normal (He et al. 2015)."""

    name: Literal["he_normal"] = "he_normal"
    scale, fan, distribution = 2.0, "fan_in", "truncated_normal"


class LecunUniform(VarianceScaling):
    """Variance 1 / inputs, uniform (LeCun et al. 1998)."""

    name: Literal["lecun_uniform"] = "lecun_uniform"
    scale, fan, distribution = 1.0, "fan_in", "uniform"


class LecunNormal(VarianceScaling):
    """Variance 1 / inputs, normal (LeCun et al. 1998)."""

    name: Literal["lecun_normal"] = "lecun_normal"
    scale, fan, distribution = 1.0, "fan_in", "truncated_normal"
