"""What repeated runs allow us to say: means, intervals, comparisons, variance components."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    x = _crossed(values)
    within = float(x.var(axis=1, ddof=1).mean())
    between = x.shape[1] * float(x.mean(axis=1).var(ddof=1))
    return VarianceComponents(split=max(0.0, (between - within) / x.shape[1]), seed=within)


def _crossed(values: ArrayLike) -> NDArray[np.float64]:
    x: NDArray[np.float64] = np.asarray(values, dtype=float)
    if x.ndim != 2 or min(x.shape) < 2 or not np.isfinite(x).all():
        raise ShapeError(
            f"variance components: expected finite values of shape (splits, seeds), at least "
            f"(2, 2), received shape {x.shape}"
        )
    return x


@dataclass(frozen=True)
class TwoWay:
    r"""Runs at each combination of splits and seeds, one each: a two-way layout without repetition.

    The value at split i and seed j is :math:`\mu + a_i + b_j + e_{ij}`, with random effects of the
    split, of the seed and of the two together (Searle, Casella & McCulloch 1992, chapter 4).

    Attributes
    ----------
    splits, seeds : int
    mean : float
    split_square, seed_square, residual_square : float
        Mean squares.
    """

    splits: int
    seeds: int
    mean: float
    split_square: float
    seed_square: float
    residual_square: float

    @property
    def components(self) -> tuple[float, float, float]:
        """Variances of split, seed and their combination; an estimate below zero is 0."""
        split = (self.split_square - self.residual_square) / self.seeds
        seed = (self.seed_square - self.residual_square) / self.splits
        return max(0.0, split), max(0.0, seed), self.residual_square

    def effect(self, *, other_splits: bool = True) -> Effect:
        r"""Return the mean with the error of the population that it stands for.

        Parameters
        ----------
        other_splits : bool
            Whether it speaks of other splits *and* seeds: then its variance is
            :math:`(MS_{split} + MS_{seed} - MS_e) / (ab)` with Satterthwaite's degrees of freedom.
            Otherwise it speaks of fresh seeds on these very splits, and has
            :math:`MS_{seed} / (ab)` with b - 1 degrees of freedom.
        """
        a, b = self.splits, self.seeds
        squares = np.array([self.split_square, self.seed_square, self.residual_square])
        degrees = np.array([a - 1, b - 1, (a - 1) * (b - 1)])
        variance, freedom = self.seed_square, float(b - 1)
        if other_splits:
            # No less than either square alone, which is what it estimates at least.
            variance = max(float(squares @ [1, 1, -1]), self.split_square, self.seed_square)
            freedom = variance**2 / float((squares**2 / degrees).sum()) if variance else 0.0
        design = f"{a} splits crossed with {b} seeds"
        return Effect(self.mean, float(np.sqrt(variance / (a * b))), freedom, (a * b,), design)


def two_way(values: ArrayLike) -> TwoWay:
    """Return the analysis of variance of runs at all combinations of splits and seeds.

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
    >>> two_way([[1.0, 3.0], [5.0, 7.0]]).components
    (8.0, 2.0, 0.0)
    """
    x = _crossed(values)
    a, b = x.shape
    mean = float(x.mean())
    by_split, by_seed = x.mean(axis=1), x.mean(axis=0)
    rest = x - by_split[:, None] - by_seed + mean
    return TwoWay(
        splits=a,
        seeds=b,
        mean=mean,
        split_square=b * float(by_split.var(ddof=1)),
        seed_square=a * float(by_seed.var(ddof=1)),
        residual_square=float((rest**2).sum()) / ((a - 1) * (b - 1)),
    )


def corrected_for_resampling(effect: Effect, ratio: float) -> Effect:
    r"""Widen the error of a mean over splits of the same points, to speak of other points.

    Splits of the same points overlap, so that the mean of n of them knows less about other points
    than n independent data sets would tell. Nadeau & Bengio (2003, *Inference for the
    generalization error*, Machine Learning 52, 239-281) replace the variance :math:`s^2 / n` by
    :math:`(1/n + n_{test} / n_{training})\,s^2`.

    Parameters
    ----------
    effect : Effect
        A mean over n splits, or a paired difference.
    ratio : float
        Test points divided by training points.
    """
    return replace(
        effect,
        error=effect.error * float(np.sqrt(1 + effect.n * ratio)),
        design=f"{effect.design}, corrected as by Nadeau and Bengio",
    )
