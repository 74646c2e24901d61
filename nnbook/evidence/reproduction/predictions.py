"""Where one more run would come out, and whether a printed figure is there."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ShapeError
from nnbook.experiments.statistics import t_quantile

NARROW = 0.1
"""Half the width of a loss's interval divided by its center, up to which agreement says something.

The errors, means and standard deviations of exercise 2b are judged as losses."""

NARROW_SHARE = 0.02
"""The same for an accuracy, not divided by anything: two percentage points.

So it does not matter whether a table prints the accuracy or the error, which is 1 minus it."""

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
    sd : float
        Standard deviation of the difference between a new value and the center; nan where the
        interval is none of Student's.
    """

    n: int
    center: float
    low: float
    high: float
    sd: float = np.nan

    @property
    def half_width(self) -> float:
        """Half the width of the interval divided by its center."""
        return (self.high - self.low) / 2 / abs(self.center)

    def distance(self, value: float) -> float:
        """Return how far `value` is from the center, in standard deviations of their difference.

        Where the runs do not scatter, it is 0 for their value and infinite for any other.
        """
        away = value - self.center
        if abs(away) <= ROUNDING:
            return 0.0
        return away / self.sd if self.sd else float(np.copysign(np.inf, away))

    def narrow(self, metric: str = "loss") -> bool:
        """Return whether the interval is so narrow that agreement with it says something.

        Parameters
        ----------
        metric : str
            What it is an interval of; accuracies are judged by `NARROW_SHARE`, others by `NARROW`.
        """
        if metric.endswith("accuracy"):
            return (self.high - self.low) / 2 <= NARROW_SHARE
        return self.half_width <= NARROW

    def verdict(self, value: float, metric: str = "loss") -> Verdict:
        """Return whether `value` is reproduced, as the module's docstring defines it."""
        if not self.low - ROUNDING <= value <= self.high + ROUNDING:
            return Verdict.FAILED
        return Verdict.REPRODUCED if self.narrow(metric) else Verdict.WITHIN


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
    x = _at_least_two(values)
    spread = float(x.std(ddof=1)) if sd is None else sd
    return _student(float(x.mean()), spread * float(np.sqrt(1 + 1 / len(x))), len(x))


def beside(value: float, runs: ArrayLike) -> Prediction:
    r"""Return where the value of another rerun would come out, judged by that of one rerun.

    Both scatter, as single runs do: the interval is :math:`v \pm t_{0.975,\,n-1}\, s \sqrt{2}`.

    Parameters
    ----------
    value : float
        What the one rerun gave, such as the best of its four trainings.
    runs : array_like of shape (n,)
        Independent single runs of the same setting, at least two, for their standard deviation.

    Examples
    --------
    >>> interval = beside(0.92, [0.91, 0.93, 0.92, 0.92])
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.883, 0.957)
    """
    x = _at_least_two(runs)
    return _student(value, float(x.std(ddof=1)) * float(np.sqrt(2)), len(x))


def _at_least_two(values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, dtype=float).ravel()
    if len(x) < 2:
        raise ShapeError(f"a prediction: expected at least 2 values, received {len(x)}")
    return x


def _student(center: float, sd: float, n: int) -> Prediction:
    margin = t_quantile(n - 1) * sd
    return Prediction(n, center, center - margin, center + margin, sd)


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
