"""The rules of early stopping: one module each.

`STOPPING_RULES` holds them by name. A new module in this folder is a new one.
"""

from nnbook.training.choices import collected
from nnbook.training.stopping.base import HELD_OUT, StoppingRule
from nnbook.training.stopping.best import BestEpoch

STOPPING_RULES = collected(__name__, StoppingRule)
"""All rules of early stopping by name."""

__all__ = ["HELD_OUT", "STOPPING_RULES", "BestEpoch", "StoppingRule"]
