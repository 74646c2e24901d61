"""Where one more run would come out, and whether a printed figure is there."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from nnbook.errors import ShapeError
from nnbook.experiments.statistics import t_quantile

NARROW = 0.1
"""Half the width of an interval divided by its center, up to which agreement says something."""

ROUNDING = 5e-7
"""Half a unit of the sixth decimal, the last that the sheet prints in exercises 3 and 4."""

REPETITIONS = 4
"""How many runs the lab asks for at least."""


class Verdict(StrEnum):
    """What became of a figure, from best to worst."""

    REPRODUCED = "reproduced"
    WITHIN = "within the spread"
    FAILED = "not reproduced"
    COPY = "copy"
    UNCHECKABLE = "cannot be checked"


@dataclass(frozen=True)
class Prediction:
    """Where one more run would come out, judged by the runs at hand.

    Attributes
    ----------
    n : int
        Number of runs.
    center : float
        Their mean.
    low, high : float
        Ends of the 95 % prediction interval.
    """

    n: int
    center: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval divided by its center."""
        return (self.high - self.low) / 2 / abs(self.center)

    def distance(self, value: float) -> float:
        """Return how far `value` is from the center, in half widths of the interval."""
        return (value - self.center) / (self.high - self.center)

    def verdict(self, value: float) -> Verdict:
        """Return whether `value` is reproduced, as the module's docstring defines it."""
        if not self.low - ROUNDING <= value <= self.high + ROUNDING:
            return Verdict.FAILED
        return Verdict.REPRODUCED if self.half_width <= NARROW else Verdict.WITHIN


def prediction(values: ArrayLike, sd: float | None = None) -> Prediction:
    r"""Return the 95 % prediction interval for one more value.

    It is :math:`\bar x \pm t_{0.975,\,n-1}\, s \sqrt{1 + 1/n}`: the new value scatters about the
    true mean, and the mean of the n values does, too. It assumes independent values that are
    roughly normal.

    Parameters
    ----------
    values : array_like of shape (n,)
        At least two.
    sd : float, optional
        Standard deviation to use in place of that of the values.

    Raises
    ------
    ShapeError
        For fewer than two values.

    Examples
    --------
    >>> interval = prediction([0.91, 0.93, 0.92, 0.92])
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.891, 0.949)
    >>> str(interval.verdict(0.93)), str(interval.verdict(0.95))
    ('reproduced', 'not reproduced')
    """
    x = np.asarray(values, dtype=float).ravel()
    if len(x) < 2:
        raise ShapeError(f"a prediction: expected at least 2 values, received {len(x)}")
    spread = float(x.std(ddof=1)) if sd is None else sd
    margin = t_quantile(len(x) - 1) * spread * np.sqrt(1 + 1 / len(x))
    center = float(x.mean())
    return Prediction(len(x), center, float(center - margin), float(center + margin))


def resampled(values: ArrayLike, statistic: str) -> Prediction:
    """Return where mean or standard deviation of four of these runs would come out.

    Four runs are drawn from those at hand, 10,000 times over; the interval holds the middle 95 % of
    what comes out, which is right for skewed errors, too.

    Parameters
    ----------
    values : array_like of shape (n,)
    statistic : {"mean", "sd"}
    """
    x = np.asarray(values, dtype=float).ravel()
    samples = np.random.default_rng(0).choice(x, size=(10_000, REPETITIONS))
    drawn = samples.mean(axis=1) if statistic == "mean" else samples.std(axis=1, ddof=1)
    low, center, high = np.percentile(drawn, [2.5, 50, 97.5])
    return Prediction(len(x), float(center), float(low), float(high))
