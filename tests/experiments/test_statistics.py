import numpy as np
import pytest
from scipy import stats

from nnbook.errors import ShapeError
from nnbook.experiments.layouts import (
    TwoWay,
    corrected_for_resampling,
    two_way,
)
from nnbook.experiments.statistics import (
    Effect,
    mean_effect,
    paired_difference,
    paired_ratio,
    proportion,
    summarize,
    unpaired_difference,
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
    ("shift", "verdict"), [(-1.0, "lower"), (1.0, "higher"), (0.0, "undecided")]
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


@pytest.mark.parametrize("values", [[1.0, 2.0], [[1.0, 2.0]], [[1.0], [2.0]], [[1.0, np.nan]] * 2])
def test_a_two_way_layout_needs_a_balanced_design(values: list[list[float]]) -> None:
    with pytest.raises(ShapeError, match="at least"):
        two_way(values)


def test_equal_values_do_not_scatter() -> None:
    # The mean of five times 0.1064 is not 0.1064 in floating-point numbers.
    summary = summarize([0.1064] * 5)
    assert (summary.mean, summary.sd) == (0.1064, 0.0)


@pytest.mark.parametrize("n", [2, 5])
def test_equal_values_do_not_tell_how_much_others_would_scatter(n: int) -> None:
    summary = summarize([0.1064] * n)
    assert np.isnan([summary.low, summary.high]).all()


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


def test_two_samples_agree_with_scipy() -> None:
    a, b = RANDOM.normal(3, 2, 5), RANDOM.normal(4, 0.5, 7)
    effect = unpaired_difference(a, b)
    expected = stats.ttest_ind(a, b, equal_var=False)
    assert effect.interval() == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert effect.interval(0.9) == pytest.approx(tuple(expected.confidence_interval(0.9)))
    assert effect.p_value() == pytest.approx(expected.pvalue)
    assert effect.freedom == pytest.approx(expected.df)
    less = stats.ttest_ind(a - 0.3, b, equal_var=False, alternative="less")
    assert effect.p_below(0.3) == pytest.approx(less.pvalue)
    assert effect.p_above(0.3) == pytest.approx(1 - less.pvalue)
    assert str(effect).endswith(f"Welch, n = 5 and 7): {effect.verdict}")


def test_two_samples_need_two_values_each_and_the_smaller_one_counts() -> None:
    assert unpaired_difference([1.0, 1.2, 1.1], [2.0, 2.3]).n == 2
    for first, second in (([1.0], [2.0, 2.3]), ([1.0, 1.2], [2.0])):
        with pytest.raises(ShapeError, match="expected at least 2 values each, received"):
            unpaired_difference(first, second)


def test_pairs_agree_with_scipy() -> None:
    a, b = RANDOM.normal(3, 2, 6), RANDOM.normal(4, 0.5, 6)
    expected = stats.ttest_rel(a, b)
    assert paired_difference(a, b).p_value() == pytest.approx(expected.pvalue)
    assert paired_difference(a, b).interval() == pytest.approx(
        tuple(expected.confidence_interval())
    )
    one = stats.ttest_1samp(a, 2.5)
    assert mean_effect(a, "t").p_value(2.5) == pytest.approx(one.pvalue)
    ratio = paired_ratio(np.exp(a), np.exp(b))
    assert ratio.p_value() == pytest.approx(expected.pvalue)
    assert ratio.p_value(0.5) == pytest.approx(stats.ttest_1samp(a - b, np.log(0.5)).pvalue)


@pytest.mark.parametrize(
    "effect",
    [
        unpaired_difference([1.0, 1.0], [2.0, 2.0]),
        paired_difference([1.0, 1.0], [2.0, 2.0]),
        paired_difference([0.1, 0.2, 0.3], [0.4, 0.5, 0.6]),  # equal but for rounding
        paired_ratio([1.0, 1.0], [1.0, 1.0]),
        mean_effect([3.0], "t"),
    ],
)
def test_values_that_do_not_scatter_decide_nothing(effect: Effect) -> None:
    assert np.isnan([effect.low, effect.high, effect.p_value()]).all()
    assert effect.verdict == "undecided"


class TestTwoWay:
    VALUES = RANDOM.normal(0, 2, (8, 1)) + RANDOM.normal(0, 1, (1, 5)) + RANDOM.normal(0, 1, (8, 5))

    def test_the_squares_add_up(self) -> None:
        x, layout = self.VALUES, two_way(self.VALUES)
        total = ((x - x.mean()) ** 2).sum()
        parts = 7 * layout.split_square + 4 * layout.seed_square + 28 * layout.residual_square
        assert parts == pytest.approx(total)
        # Friedman's and the F tests rest on the same squares; with two seeds F is the paired t^2.
        pair = two_way(x[:, :2])
        t = stats.ttest_rel(x[:, 0], x[:, 1]).statistic
        assert pair.seed_square / pair.residual_square == pytest.approx(t**2)

    def test_the_components_are_found_again(self) -> None:
        a, b = 400, 300
        x = RANDOM.normal(0, 2, (a, 1)) + RANDOM.normal(0, 1, (1, b)) + RANDOM.normal(0, 3, (a, b))
        assert two_way(x).components == pytest.approx((4, 1, 9), rel=0.25)

    def test_the_interval_covers_the_truth_where_that_of_all_runs_does_not(self) -> None:
        hits, naive = [], []
        for _ in range(1000):
            x = RANDOM.normal(0, 2, (8, 1)) + RANDOM.normal(0, 1, (1, 5))
            x = x + RANDOM.normal(0, 1, (8, 5))
            effect, plain = two_way(x).effect(), summarize(x)
            hits.append(effect.low < 0 < effect.high)
            naive.append(plain.low < 0 < plain.high)
        assert np.mean(hits) > 0.93
        assert np.mean(naive) < 0.7

    def test_the_splits_at_hand_have_the_error_of_the_seeds(self) -> None:
        effect = two_way(self.VALUES).effect(other_splits=False)
        by_seed = mean_effect(self.VALUES.mean(axis=0), "t")
        assert (effect.error, effect.freedom) == pytest.approx((by_seed.error, by_seed.freedom))

    @pytest.mark.parametrize("squares", [(1.0, 9.0, 4.0), (9.0, 1.0, 4.0)])
    def test_the_error_is_no_less_than_that_of_splits_or_seeds_alone(
        self, squares: tuple[float, float, float]
    ) -> None:
        # 1 + 9 - 4 would be less than 9.
        assert TwoWay(3, 3, 0.0, *squares).effect().error == pytest.approx(1.0)


def test_other_points_are_further_away_than_other_splits() -> None:
    effect = mean_effect(RANDOM.normal(0, 1, 10), "10 pairs")
    corrected = corrected_for_resampling(effect, 14 / 21)
    variance = (1 / 10 + 14 / 21) * (effect.error**2 * 10)
    assert corrected.error**2 == pytest.approx(variance)
    assert corrected.center == effect.center
