"""The penalties on weights and biases, added to the loss while training.

`REGULARIZERS` holds them by name. A new module in this folder is a new one.
"""

from nnbook.training.choices import collected
from nnbook.training.regularizers.base import Regularizer

REGULARIZERS = collected(__name__, Regularizer)
"""All regularizers by name."""

__all__ = ["REGULARIZERS", "Regularizer"]
