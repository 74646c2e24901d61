"""What repeated runs allow us to say: means, intervals, paired comparisons, variance components."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ShapeError

CONFIDENCE = 0.95


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
        Ends of the interval; NaN for fewer than two values.
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
        mean, sd = float(x[0]), 0.0
    margin = t_quantile(len(x) - 1) * sd / np.sqrt(len(x))
    return Summary(len(x), mean, sd, float(mean - margin), float(mean + margin))


@cache
def t_quantile(degrees_of_freedom: float) -> float:
    """Return how many standard errors half of a 95 % interval has, by Student's distribution.

    Examples
    --------
    >>> round(t_quantile(3), 3)
    3.182
    """
    from scipy.special import stdtrit  # scipy.stats takes a second longer to import

    return float(stdtrit(degrees_of_freedom, (1 + CONFIDENCE) / 2))


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
class Comparison:
    """A comparison of two configurations, paired over the seeds that both finished or unpaired.

    Attributes
    ----------
    n : int
        Number of pairs, or of values in the smaller sample.
    effect : float
        Mean difference first - second, or ratio of the geometric means first / second.
    low, high : float
        Ends of its 95 % interval.
    neutral : float
        The effect of no difference: 0 for a difference, 1 for a ratio.
    """

    n: int
    effect: float
    low: float
    high: float
    neutral: float

    @property
    def verdict(self) -> str:
        """Whether the first is "lower" or "higher", or the two are "not distinguishable"."""
        if self.high < self.neutral:
            return "lower"
        if self.low > self.neutral:
            return "higher"
        return "not distinguishable"

    def exponential(self) -> "Comparison":
        """Return a difference of mean logarithms as the ratio of geometric means that it is."""
        effect, low, high = np.exp([self.effect, self.low, self.high]).tolist()
        return Comparison(self.n, effect, low, high, neutral=1.0)

    def __str__(self) -> str:
        """Return the effect, its interval and the verdict as text."""
        kind = "ratio" if self.neutral else "difference"
        interval = f"95 % interval {self.low:.3g} to {self.high:.3g}, {self.n} pairs"
        return f"{kind} {self.effect:.3g} ({interval}): {self.verdict}"


def paired_difference(first: ArrayLike, second: ArrayLike) -> Comparison:
    """Compare the means of two configurations whose runs of equal index share a seed.

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
    summary = summarize(a - b)
    return Comparison(summary.n, summary.mean, summary.low, summary.high, neutral=0.0)


def paired_ratio(first: ArrayLike, second: ArrayLike) -> Comparison:
    """Compare the geometric means of two configurations whose runs of equal index share a seed.

    Test errors are skewed: one poor run can outweigh nineteen good ones in a mean. Their
    logarithms are not, and a mean difference of logarithms is a ratio of geometric means.

    Parameters
    ----------
    first, second : array_like of shape (pairs,)
        Positive numbers.
    """
    return paired_difference(np.log(first), np.log(second)).exponential()


def unpaired_difference(first: ArrayLike, second: ArrayLike) -> Comparison:
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
    difference -1.05 (95 % interval -1.27 to -0.827, 3 pairs): lower
    """
    a, b = summarize(first), summarize(second)
    if min(a.n, b.n) < 2:
        raise ShapeError(f"two samples: expected at least 2 values each, received {a.n} and {b.n}")
    parts = np.array([a.sd**2 / a.n, b.sd**2 / b.n])
    variance = float(parts.sum())
    margin = 0.0
    if variance:
        freedom = variance**2 / float(parts**2 @ [1 / (a.n - 1), 1 / (b.n - 1)])
        margin = t_quantile(freedom) * float(np.sqrt(variance))
    effect = a.mean - b.mean
    return Comparison(min(a.n, b.n), effect, effect - margin, effect + margin, neutral=0.0)


@dataclass(frozen=True)
class VarianceComponents:
    """How much of the spread of runs comes from where.

    Attributes
    ----------
    split : float
        Variance between splits of the data.
    seed : float
        Variance between seeds (initial weights and batch order) within a split.
    """

    split: float
    seed: float

    @property
    def split_share(self) -> float:
        """Share of the split in the total variance, between 0 and 1."""
        return self.split / (self.split + self.seed)


def variance_components(values: ArrayLike) -> VarianceComponents:
    r"""Separate the variance between splits from that between seeds, one-way and balanced.

    The classical estimators of the random-effects model: within a split the mean square
    :math:`MS_w` estimates the seed's variance, and the mean square between splits estimates
    :math:`k\,\sigma^2_{split} + \sigma^2_{seed}` for k seeds (Searle, Casella & McCulloch 1992).
    An estimate below zero is reported as 0.

    Parameters
    ----------
    values : array_like of shape (splits, seeds)
        At least two of each.

    Raises
    ------
    ShapeError
        If the design is not balanced, too small, or holds values that are not finite.

    Examples
    --------
    >>> variance_components([[1.0, 3.0], [5.0, 7.0]])
    VarianceComponents(split=7.0, seed=2.0)
    """
    x: NDArray[np.float64] = np.asarray(values, dtype=float)
    if x.ndim != 2 or min(x.shape) < 2 or not np.isfinite(x).all():
        raise ShapeError(
            f"variance components: expected finite values of shape (splits, seeds), at least "
            f"(2, 2), received shape {x.shape}"
        )
    within = float(x.var(axis=1, ddof=1).mean())
    between = x.shape[1] * float(x.mean(axis=1).var(ddof=1))
    return VarianceComponents(split=max(0.0, (between - within) / x.shape[1]), seed=within)
