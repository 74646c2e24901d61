"""Penalties on absolute values and on squares."""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from nnbook.training.regularizers.base import Regularizer

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class L1L2(Regularizer):
    """Sums over all entries: of absolute values (lasso), of squares (weight decay), or of both.

    Parameters
    ----------
    l1, l2 : float
        Weights of sum abs(w) and sum w² over the entries of all weight matrices.
    bias_l1, bias_l2 : float
        The same for the biases.
    """

    name: Literal["l1_l2"] = "l1_l2"
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    bias_l1: NotNegative = 0.0
    bias_l2: NotNegative = 0.0

    def keras(self) -> tuple[Any, Any]:
        """Return Keras' regularizers of weights and of biases, None for none."""
        return _penalty(self.l1, self.l2), _penalty(self.bias_l1, self.bias_l2)

    def rule(self, weights: Any, biases: Any) -> float:
        """Return the value of the penalty of one layer."""
        return float(
            self.l1 * np.abs(weights).sum()
            + self.l2 * np.square(weights).sum()
            + self.bias_l1 * np.abs(biases).sum()
            + self.bias_l2 * np.square(biases).sum()
        )

    @property
    def is_none(self) -> bool:
        """Whether nothing is penalized."""
        return not any((self.l1, self.l2, self.bias_l1, self.bias_l2))


def _penalty(l1: float, l2: float) -> Any:
    if not (l1 or l2):
        return None
    import keras

    return keras.regularizers.L1L2(l1, l2)
