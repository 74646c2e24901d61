"""The normalizations in hidden layers: one module each.

`NORMALIZATIONS` holds them by name. A new module in this folder is a new one.
"""

from nnbook.training.choices import collected
from nnbook.training.normalizations.base import Normalization

NORMALIZATIONS = collected(__name__, Normalization)
"""All normalizations by name."""

__all__ = ["NORMALIZATIONS", "Normalization"]
