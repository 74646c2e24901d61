"""What repeated runs allow us to say: means, intervals, comparisons."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from nnbook.errors import ShapeError

CONFIDENCE = 0.95

ROUNDING = 1e-12
"""Spread, relative to the values, up to which it is taken for rounding."""


@dataclass(frozen=True)
class Summary:
    """Mean of repeated runs with its 95 % confidence interval.

    Attributes
    ----------
    n : int
        Number of values.
    mean : float
    sd : float
        Standard deviation with divisor n - 1; NaN for fewer than two values.
    low, high : float
        Ends of the interval; NaN for fewer than two values, and for values that are all equal:
        these do not tell how much others would scatter.
    """

    n: int
    mean: float
    sd: float
    low: float
    high: float


def summarize(values: ArrayLike) -> Summary:
    r"""Return n, mean, standard deviation and Student's interval.

    The interval is :math:`\bar x \pm t_{0.975,\,n-1}\, s / \sqrt n` (Student 1908), which assumes
    independent values that are roughly normal, or enough of them.

    Parameters
    ----------
    values : array_like of shape (n,)
        Finite numbers.

    Raises
    ------
    ShapeError
        If a value is not finite: a diverged run has no place in a mean.

    Examples
    --------
    >>> summary = summarize([1.0, 2.0, 3.0])
    >>> summary.mean, summary.sd, round(summary.low, 3), round(summary.high, 3)
    (2.0, 1.0, -0.484, 4.484)
    """
    x = np.asarray(values, dtype=float).ravel()
    if not np.isfinite(x).all():
        raise ShapeError(f"a mean of runs: expected finite values, received {x}")
    if len(x) == 0:
        return Summary(0, np.nan, np.nan, np.nan, np.nan)
    if len(x) == 1:
        return Summary(1, float(x[0]), np.nan, np.nan, np.nan)
    mean, sd = float(x.mean()), float(x.std(ddof=1))
    if (x == x[0]).all():  # rounding must not look like scatter
        return Summary(len(x), float(x[0]), 0.0, np.nan, np.nan)
    margin = t_quantile(len(x) - 1) * sd / np.sqrt(len(x))
    return Summary(len(x), mean, sd, float(mean - margin), float(mean + margin))


@cache
def t_quantile(degrees_of_freedom: float, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors half of an interval has, by Student's distribution.

    Examples
    --------
    >>> round(t_quantile(3), 3)
    3.182
    """
    from scipy.special import stdtrit  # scipy.stats takes a second longer to import

    return float(stdtrit(degrees_of_freedom, (1 + confidence) / 2))


def _t_below(t: float, degrees_of_freedom: float) -> float:
    """Return the probability that Student's t is below `t`."""
    from scipy.special import stdtr

    return float(stdtr(degrees_of_freedom, t)) if np.isfinite(t) else np.nan


def proportion(count: int, n: int) -> Summary:
    r"""Return the share of runs that meet a condition, with its 95 % interval.

    The interval is the exact one of Clopper & Pearson (1934): the shares p for which neither "at
    most `count` of n" nor "at least `count` of n" has a probability below 2.5 %. It is not
    symmetric, and says something even when no run, or every run, meets the condition.

    Parameters
    ----------
    count : int
        How many runs meet it.
    n : int
        How many runs there are, at least 1.

    Returns
    -------
    Summary
        Its `sd` is that of one run, :math:`\sqrt{p (1 - p)}`.

    Raises
    ------
    ShapeError
        Unless 0 <= count <= n and n >= 1.

    Examples
    --------
    >>> none_of_four = proportion(0, 4)
    >>> none_of_four.mean, none_of_four.low, round(none_of_four.high, 2)
    (0.0, 0.0, 0.6)
    """
    from scipy.special import betaincinv

    if not (0 <= count <= n and n >= 1):
        raise ShapeError(
            f"a share of runs: expected 0 <= count <= n, n >= 1, received {count}, {n}"
        )
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(count, n - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, n - count, 1 - tail)) if count < n else 1.0
    p = count / n
    return Summary(n, p, float(np.sqrt(p * (1 - p))), low, high)


@dataclass(frozen=True)
class Effect:
    """A mean, a difference of two means or a ratio of geometric means, with its uncertainty.

    Attributes
    ----------
    center : float
        The estimate; its logarithm for a ratio or a geometric mean.
    error : float
        Standard error of `center`; 0 where the values do not scatter at all.
    freedom : float
        Degrees of freedom of `error`.
    sizes : tuple of int
        Number of pairs, or of values in each sample.
    design : str
        How it was found, in words.
    logarithmic : bool
        Whether `center` is a logarithm.
    """

    center: float
    error: float
    freedom: float
    sizes: tuple[int, ...]
    design: str
    logarithmic: bool = False

    @property
    def n(self) -> int:
        """Number of pairs, or of values in the smaller sample."""
        return min(self.sizes)

    @property
    def neutral(self) -> float:
        """The effect of no difference: 0 for a difference, 1 for a ratio."""
        return 1.0 if self.logarithmic else 0.0

    @property
    def effect(self) -> float:
        """Mean, difference (first - second), or ratio (first / second)."""
        return self._shown(self.center)

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.interval()[0]

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.interval()[1]

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Return the ends of a confidence interval; NaN where the values do not scatter.

        Values that are all equal say nothing about how much they would scatter.
        """
        if not self.error > 0:
            return np.nan, np.nan
        margin = t_quantile(self.freedom, confidence) * self.error
        return self._shown(self.center - margin), self._shown(self.center + margin)

    def p_value(self, null: float | None = None) -> float:
        """Return the two-sided p-value of Student's test that the true effect is `null`.

        It is NaN where the values do not scatter.

        Parameters
        ----------
        null : float, optional
            No difference by default. For a ratio or geometric mean, a positive number.
        """
        return 2 * min(self.p_below(null), self.p_above(null))

    def p_below(self, null: float | None = None) -> float:
        """Return the p-value of the one-sided test of "below `null`"."""
        return _t_below(self._statistic(null), self.freedom)

    def p_above(self, null: float | None = None) -> float:
        """Return the p-value of the one-sided test of "above `null`"."""
        return _t_below(-self._statistic(null), self.freedom)

    def _statistic(self, null: float | None) -> float:
        null = self.neutral if null is None else null
        if not self.error > 0:
            return np.nan
        center = float(np.log(null)) if self.logarithmic else null
        return (self.center - center) / self.error

    @property
    def verdict(self) -> str:
        """Whether the first is "lower" or "higher", by one comparison alone, or "undecided"."""
        if self.high < self.neutral:
            return "lower"
        if self.low > self.neutral:
            return "higher"
        return "undecided"

    def exponential(self) -> "Effect":
        """Return a difference of mean logarithms as the ratio of geometric means that it is."""
        return replace(self, logarithmic=True)

    def _shown(self, center: float) -> float:
        return float(np.exp(center)) if self.logarithmic else center

    def __str__(self) -> str:
        """Return the effect, its interval, design and verdict as text."""
        kind = "ratio" if self.logarithmic else "difference"
        interval = f"95 % interval {self.low:.3g} to {self.high:.3g}"
        return f"{kind} {self.effect:.3g} ({interval}, {self.design}): {self.verdict}"


def mean_effect(values: ArrayLike, design: str) -> Effect:
    """Return the mean of independent values as an effect."""
    summary = summarize(values)
    return Effect(
        summary.mean, summary.sd / np.sqrt(summary.n), summary.n - 1, (summary.n,), design
    )


def paired_difference(first: ArrayLike, second: ArrayLike) -> Effect:
    """Compare the means of two samples whose values of equal index belong together.

    Parameters
    ----------
    first, second : array_like of shape (pairs,)

    Raises
    ------
    ShapeError
        If the shapes differ or a value is not finite.

    Examples
    --------
    >>> print(paired_difference([1.0, 2.1, 3.0, 4.0], [2.0, 3.0, 4.1, 5.0]))
    difference -1 (95 % interval -1.13 to -0.87, 4 pairs): lower
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape:
        raise ShapeError(f"pairs of runs: expected equal shapes, received {a.shape} and {b.shape}")
    differences = a - b
    if len(a) and np.ptp(differences) <= ROUNDING * max(np.abs(a).max(), np.abs(b).max()):
        differences = np.full(len(a), differences[0])  # rounding must not look like scatter
    return mean_effect(differences, f"{len(a)} pairs")


def paired_ratio(first: ArrayLike, second: ArrayLike) -> Effect:
    """Compare the geometric means of two samples whose values of equal index belong together.

    Test errors are skewed: one poor run can outweigh nineteen good ones in a mean. Their
    logarithms are not, and a mean difference of logarithms is a ratio of geometric means.

    Parameters
    ----------
    first, second : array_like of shape (pairs,)
        Positive numbers.
    """
    return paired_difference(np.log(first), np.log(second)).exponential()


def unpaired_difference(first: ArrayLike, second: ArrayLike) -> Effect:
    """Compare the means of two independent samples whose variances may differ (Welch 1947).

    Parameters
    ----------
    first, second : array_like of shape (n,)
        At least two values each.

    Raises
    ------
    ShapeError
        If a value is not finite or a sample is too small.

    Examples
    --------
    >>> print(unpaired_difference([1.0, 1.2, 1.1], [2.0, 2.3, 2.2, 2.1]))
    difference -1.05 (95 % interval -1.27 to -0.827, Welch, n = 3 and 4): lower
    """
    a, b = summarize(first), summarize(second)
    if min(a.n, b.n) < 2:
        raise ShapeError(f"two samples: expected at least 2 values each, received {a.n} and {b.n}")
    parts = np.array([a.sd**2 / a.n, b.sd**2 / b.n])
    variance = float(parts.sum())
    freedom = variance**2 / float(parts**2 @ [1 / (a.n - 1), 1 / (b.n - 1)]) if variance else 0.0
    design = f"Welch, n = {a.n} and {b.n}"
    return Effect(a.mean - b.mean, float(np.sqrt(variance)), freedom, (a.n, b.n), design)
