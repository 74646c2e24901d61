"""The distributions of initial weights, by Keras' names; biases start at zero.

`INITIALIZERS` holds them by name. A new class in this folder is a new one.
"""

from nnbook.training.choices import collected
from nnbook.training.initializers.base import Initializer

INITIALIZERS = collected(__name__, Initializer)
"""All initializers by name."""

__all__ = ["INITIALIZERS", "Initializer"]
