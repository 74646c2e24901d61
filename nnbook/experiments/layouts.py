"""Runs over several splits of the data: where their spread comes from, what follows for means."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ShapeError
from nnbook.experiments.statistics import Effect


def _crossed(values: ArrayLike) -> NDArray[np.float64]:
    x: NDArray[np.float64] = np.asarray(values, dtype=float)
    if x.ndim != 2 or min(x.shape) < 2 or not np.isfinite(x).all():
        raise ShapeError(
            f"a two-way layout: expected finite values of shape (splits, seeds), at least "
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
