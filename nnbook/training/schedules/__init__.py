"""The schedules of the learning rate: one module each.

`SCHEDULES` holds them by name. A new module in this folder is a new schedule.
"""

from nnbook.training.choices import collected
from nnbook.training.schedules.base import Fraction, Schedule

SCHEDULES = collected(__name__, Schedule)
"""All schedules by name."""

__all__ = ["SCHEDULES", "Fraction", "Schedule"]
