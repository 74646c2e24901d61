"""The optimizers: one module each, with fields, Keras' optimizer and the rule of the theory room.

`OPTIMIZERS` holds them by name. A new module in this folder is a new optimizer.
"""

from nnbook.training.choices import collected
from nnbook.training.optimizers.base import LearningRate, Optimizer, Share

OPTIMIZERS = collected(__name__, Optimizer)
"""All optimizers by name."""

__all__ = ["OPTIMIZERS", "LearningRate", "Optimizer", "Share"]
