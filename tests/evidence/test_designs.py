"""Designs: what is paired, crossed, pooled or independent follows from the labels of the runs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from nnbook.errors import ClaimError
from nnbook.evidence.comparisons import labelled
from nnbook.evidence.designs import compare, mean_of, population_of
from nnbook.evidence.samples import Label, Sample
from nnbook.experiments import Runs, experiment, recorded
from nnbook.experiments.layouts import (
    two_way,
)
from nnbook.experiments.record import Record
from nnbook.experiments.statistics import (
    paired_difference,
)

RANDOM = np.random.default_rng(1)

Values = Callable[[int, int], float]


def sample(
    runs: dict[tuple[int, int], float],
    configuration: str = "a",
    resplit: bool = True,
    **more: int,
) -> Sample:
    """Return a sample of runs with these splits and seeds."""
    labels = {
        Label("e", configuration, seed, split, resplit): x for (split, seed), x in runs.items()
    }
    return Sample(labels, f"mean of {configuration}", **more)


def seeds(n: int = 5, first: int = 0) -> dict[tuple[int, int], float]:
    return {(0, first + seed): float(RANDOM.normal()) for seed in range(n)}


def splits(n: int = 6) -> dict[tuple[int, int], float]:
    return {(split, split): float(RANDOM.normal()) for split in range(n)}


def numbers(runs: dict[tuple[int, int], float]) -> list[float]:
    return list(runs.values())


def test_seeds_on_one_split_are_independent() -> None:
    a, b = seeds(), seeds()
    effect = compare(sample(a), sample(b, "b"))
    expected = stats.ttest_ind(numbers(a), numbers(b), equal_var=False)
    assert effect.p_value() == pytest.approx(expected.pvalue)
    assert effect.design == "Welch, n = 5 and 5"
    assert population_of(sample(a), sample(b, "b")) == "seeds"


def test_runs_on_the_same_splits_are_pairs() -> None:
    a, b = splits(), splits()
    effect = compare(sample(a), sample(b, "b"))
    assert effect.p_value() == pytest.approx(stats.ttest_rel(numbers(a), numbers(b)).pvalue)
    assert effect.design == "paired over 6 splits"
    # In whatever order they come.
    backwards = dict(reversed(b.items()))
    assert compare(sample(a), sample(backwards, "b")) == effect


def test_pairs_need_partners() -> None:
    a, b = splits(), splits()
    del b[2, 2]
    with pytest.raises(ClaimError, match="split 2 with seed 2 has no partner"):
        compare(sample(a), sample(b, "b"))
    effect = compare(sample(a), sample(b, "b"), design="unpaired")
    expected = stats.ttest_ind(numbers(a), numbers(b), equal_var=False)
    assert effect.p_value() == pytest.approx(expected.pvalue)


def test_one_split_is_not_another() -> None:
    other = {(1, seed): value for (_, seed), value in seeds().items()}
    with pytest.raises(ClaimError, match="has no partner"):
        compare(sample(seeds()), sample(other, "b"))


def test_two_numbers_of_the_same_runs_are_pairs() -> None:
    a, b = seeds(), seeds()
    effect = compare(sample(a), sample(b))
    assert effect.p_value() == pytest.approx(stats.ttest_rel(numbers(a), numbers(b)).pvalue)
    assert effect.design == "pairs within 5 runs"


class TestPooledConfigurations:
    FIRST, SECOND, OTHER = seeds(), seeds(), seeds()

    def pooled(self) -> Sample:
        first, second = sample(self.FIRST), sample(self.SECOND, "b")
        return Sample({**first.values, **second.values}, "mean of a and b")

    def test_both_count_and_a_seed_is_one_run(self) -> None:
        effect = compare(self.pooled(), sample(self.OTHER, "c"))
        means = (np.array(numbers(self.FIRST)) + numbers(self.SECOND)) / 2
        expected = stats.ttest_ind(means, numbers(self.OTHER), equal_var=False)
        assert effect.p_value() == pytest.approx(expected.pvalue)
        assert effect.design == "Welch, n = 5 and 5, 2 and 1 runs pooled at each seed"

    def test_a_mean_has_the_error_of_the_seeds(self) -> None:
        means = (np.array(numbers(self.FIRST)) + numbers(self.SECOND)) / 2
        expected = stats.ttest_1samp(means, 0.3)
        assert mean_of(self.pooled()).p_value(0.3) == pytest.approx(expected.pvalue)

    def test_they_need_the_same_seeds(self) -> None:
        first, second = sample(self.FIRST), sample(seeds(4), "b")
        uneven = Sample({**first.values, **second.values}, "mean of a and b")
        with pytest.raises(ClaimError, match="not all of them have split 0 with seed 4"):
            mean_of(uneven)


TABLE = RANDOM.normal(size=(4, 3)) + RANDOM.normal(0, 2, (4, 1))
RUNS = {(split, seed): float(TABLE[split, seed]) for split in range(4) for seed in range(3)}


class TestSeedsCrossedWithSplits:
    def test_neither_runs_of_a_split_nor_of_a_seed_are_independent(self) -> None:
        effect = mean_of(sample(RUNS))
        assert effect.error == pytest.approx(two_way(TABLE).effect().error)
        assert effect.error > np.std(TABLE, ddof=1) / np.sqrt(12)

    def test_fresh_seeds_on_these_splits_scatter_less(self) -> None:
        effect = mean_of(sample(RUNS), population="seeds")
        assert effect.error < mean_of(sample(RUNS)).error

    def test_differences_are_crossed_too(self) -> None:
        other = RANDOM.normal(size=(4, 3))
        runs = {(split, seed): float(other[split, seed]) for split, seed in RUNS}
        effect = compare(sample(RUNS), sample(runs, "b"))
        assert effect.error == pytest.approx(two_way(TABLE - other).effect().error)

    def test_to_speak_of_other_points_what_is_repeated_is_the_split(self) -> None:
        crossed = sample(RUNS, test_points=14, training_points=21)
        plain, wide = mean_of(crossed), mean_of(crossed, population="points")
        assert wide.error**2 == pytest.approx((1 + 4 * 14 / 21) * plain.error**2)
        assert (plain.n, wide.n) == (12, 4)


class TestPopulations:
    def test_other_points_are_further_away_than_other_splits(self) -> None:
        a, b = splits(10), splits(10)
        first = sample(a, test_points=14, training_points=21)
        second = sample(b, "b", test_points=14, training_points=21)
        plain = compare(first, second)
        wide = compare(first, second, population="points")
        difference = paired_difference(numbers(a), numbers(b))
        variance = (1 / 10 + 14 / 21) * 10 * difference.error**2
        assert plain.error == pytest.approx(difference.error)
        assert wide.error**2 == pytest.approx(variance)
        assert wide.design.endswith("corrected as by Nadeau and Bengio")

    def test_other_images_add_what_they_scatter(self) -> None:
        runs = {(0, seed): 0.9 + 0.01 * seed for seed in range(5)}
        one = sample(runs, resplit=False, test_points=10_000)
        plain, wide = mean_of(one), mean_of(one, population="images")
        p = np.mean(numbers(runs))
        assert wide.error**2 == pytest.approx(plain.error**2 + p * (1 - p) / 10_000)

    def test_other_images_are_others_for_both_sides_of_a_ratio(self) -> None:
        shares = [0.9 + 0.01 * np.arange(5), 0.6 + 0.02 * np.arange(5)]
        first, second = (
            sample({(0, k): float(p) for k, p in enumerate(x)}, name, False, test_points=100)
            for name, x in zip("ab", shares, strict=True)
        )
        plain = compare(first, second, ratio=True)
        wide = compare(first, second, ratio=True, population="images")
        added = sum((1 - x.mean()) / x.mean() / 100 for x in shares)  # of the logarithms
        assert wide.error**2 == pytest.approx(plain.error**2 + added)

    def test_other_images_scatter_where_runs_do_not(self) -> None:
        first, second = (
            sample({(0, seed): p for seed in range(5)}, name, False, test_points=100)
            for name, p in (("a", 0.9), ("b", 0.8))
        )
        effect = compare(first, second, population="images")
        assert effect.error**2 == pytest.approx((0.9 * 0.1 + 0.8 * 0.2) / 100)
        assert effect.freedom == 1

    def test_a_sample_speaks_only_of_what_varies_in_it(self) -> None:
        with pytest.raises(ClaimError, match="one split of the data says nothing about others"):
            mean_of(sample(seeds()), population="splits")
        with pytest.raises(ClaimError, match="says nothing about one split"):
            mean_of(sample(splits()), population="seeds")
        with pytest.raises(ClaimError, match="expected a metric of the test set"):
            mean_of(sample(splits()), population="points")

    def test_draws_of_images_are_no_splits_of_points(self) -> None:
        assert population_of(sample(splits())) == "splits"
        assert population_of(sample(splits(), resplit=False)) == "draws"

    def test_a_table_of_ones_own_is_split_as_eckerle4_is(self, tmp_path: Path) -> None:
        path = tmp_path / "own.csv"
        path.write_text("x,y\n" + "".join(f"{i},{i}\n" for i in range(20)), encoding="utf-8")
        own = experiment("eckerle4-sheet")["ex2b-1"].vary(
            data={"name": "csv", "path": str(path), "columns": ["x"], "target": "y"},
            batch_size=2,
            split="seed",
            seeds=3,
        )
        record = Record(path, {"status": "finished"})
        labels = labelled(Runs(own, dict.fromkeys(range(3), record)), "test_loss", lambda _: 0.0)
        assert population_of(Sample(labels, "")) == "splits"


def test_one_run_does_not_tell_how_much_runs_differ() -> None:
    with pytest.raises(ClaimError, match="one run does not tell"):
        compare(sample(seeds(1)), sample(seeds(), "b"))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_in_no_sample(value: float) -> None:
    with pytest.raises(ClaimError, match=r"expected finite numbers, received .* from e/a, seed 3"):
        sample({**seeds(), (0, 3): value})


def test_ratios_need_positive_numbers() -> None:
    with pytest.raises(ClaimError, match="expected positive numbers"):
        compare(sample({(0, 0): -1.0, (0, 1): 1.0}), sample(seeds(), "b"), ratio=True)


def correlation_of_pairs(values: np.ndarray) -> float:
    """Return the mean correlation over all pairs of rows that are not constant."""
    rows = values[np.ptp(values, axis=1) > 0]
    return float(np.corrcoef(rows)[np.triu_indices(len(rows), 1)].mean())


def test_runs_are_alike_over_splits_and_hardly_over_seeds() -> None:
    # The numbers of the module's docstring and of book/reference/claims.md.
    study = recorded(experiment("eckerle4-study"), missing="left out")
    errors = [runs.final("test_loss") for runs in study.values() if runs.finished]
    logs = np.log([error for error in errors if len(error) == 20])
    assert round(correlation_of_pairs(logs), 2) == 0.53
    digits = recorded(experiment("mnist-parameters"), missing="left out")
    accuracies = [runs.final("test_accuracy") for runs in digits.values() if runs.finished]
    assert round(correlation_of_pairs(np.array(accuracies)), 2) == 0.03
