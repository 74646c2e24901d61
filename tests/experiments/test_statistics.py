import numpy as np
import pytest
from scipy import stats

from nnbook.errors import ShapeError
from nnbook.experiments.statistics import (
    paired_difference,
    paired_ratio,
    proportion,
    summarize,
    variance_components,
)

RANDOM = np.random.default_rng(0)


def test_summary_agrees_with_scipy() -> None:
    x = RANDOM.normal(3, 2, 12)
    summary = summarize(x)
    interval = stats.ttest_1samp(x, 0).confidence_interval(0.95)
    assert (summary.low, summary.high) == pytest.approx(tuple(interval))
    assert summary.sd == pytest.approx(stats.sem(x) * np.sqrt(12))


def test_the_interval_covers_the_truth_in_95_of_100_cases() -> None:
    hits = [(s := summarize(RANDOM.normal(1.5, 3, 5))).low < 1.5 < s.high for _ in range(4000)]
    assert np.mean(hits) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 4000))


def test_few_values_have_no_interval() -> None:
    assert summarize([2.0]).mean == 2
    assert np.isnan(summarize([2.0]).sd)
    assert np.isnan(summarize([]).mean)
    assert summarize([]).n == 0


def test_no_mean_of_what_is_not_finite() -> None:
    with pytest.raises(ShapeError, match="expected finite values"):
        summarize([1.0, np.nan])


@pytest.mark.parametrize(
    ("shift", "verdict"), [(-1.0, "lower"), (1.0, "higher"), (0.0, "not distinguishable")]
)
def test_pairs_are_compared_within_seeds(shift: float, verdict: str) -> None:
    common = RANDOM.normal(0, 100, 30)
    second = common + RANDOM.normal(0, 0.5, 30)
    first = second + shift + RANDOM.normal(0, 0.5, 30) * (shift != 0)
    if shift == 0:
        first = second + np.tile([0.5, -0.5], 15)
    comparison = paired_difference(first, second)
    assert comparison.verdict == verdict
    assert comparison.n == 30
    assert str(comparison).endswith(f"30 pairs): {verdict}")


def test_a_ratio_of_geometric_means() -> None:
    second = np.exp(RANDOM.normal(0, 3, 20))
    first = second * 0.25 * np.exp(np.tile([0.1, -0.1], 10))
    ratio = paired_ratio(first, second)
    assert ratio.effect == pytest.approx(0.25)
    assert ratio.low < 0.25 < ratio.high < 1
    assert ratio.verdict == "lower"
    assert str(ratio).startswith("ratio 0.25 (95 % interval")
    assert paired_ratio(second, first).verdict == "higher"


def test_pairs_need_equal_shapes() -> None:
    with pytest.raises(ShapeError, match=r"received \(2,\) and \(3,\)"):
        paired_difference([1, 2], [1, 2, 3])


def test_variance_components_are_found_again() -> None:
    splits, seeds = 4000, 5
    values = RANDOM.normal(0, 2, (splits, 1)) + RANDOM.normal(0, 1, (splits, seeds))
    components = variance_components(values)
    assert components.split == pytest.approx(4, rel=0.1)
    assert components.seed == pytest.approx(1, rel=0.1)
    assert components.split_share == pytest.approx(0.8, abs=0.03)


def test_variance_components_agree_with_the_analysis_of_variance() -> None:
    values = RANDOM.normal(0, 1, (6, 1)) + RANDOM.normal(0, 1, (6, 4))
    components = variance_components(values)
    f = stats.f_oneway(*values).statistic
    between = components.seed + 4 * components.split
    assert between / components.seed == pytest.approx(f)


def test_no_negative_variance() -> None:
    assert variance_components([[1.0, 3.0], [3.0, 1.0]]).split == 0


@pytest.mark.parametrize("values", [[1.0, 2.0], [[1.0, 2.0]], [[1.0], [2.0]], [[1.0, np.nan]] * 2])
def test_variance_components_need_a_balanced_design(values: list[list[float]]) -> None:
    with pytest.raises(ShapeError, match="at least"):
        variance_components(values)


def test_equal_values_do_not_scatter() -> None:
    # The mean of five times 0.1064 is not 0.1064 in floating-point numbers.
    summary = summarize([0.1064] * 5)
    assert (summary.mean, summary.sd, summary.low, summary.high) == (0.1064, 0.0, 0.1064, 0.1064)


@pytest.mark.parametrize(("count", "n"), [(0, 4), (1, 5), (7, 20), (5, 5), (29, 880)])
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(count: int, n: int) -> None:
    share = proportion(count, n)
    oracle = stats.binomtest(count, n).proportion_ci(method="exact")
    assert (share.n, share.mean) == (n, count / n)
    assert (share.low, share.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


@pytest.mark.parametrize(("count", "n"), [(-1, 4), (5, 4), (0, 0)])
def test_an_impossible_share_is_refused(count: int, n: int) -> None:
    with pytest.raises(ShapeError, match="a share of runs"):
        proportion(count, n)
