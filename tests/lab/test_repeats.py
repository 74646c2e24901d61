import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nnbook.lab import manifest, repeats
from nnbook.lab.manifest import Run
from nnbook.lab.repeats import Repeater
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec
from tests.lab.conftest import trained


def worse(spec: RunSpec) -> Outcome:
    outcome = trained(spec)
    assert outcome.final
    return replace(outcome, final={key: 1.0001 * value for key, value in outcome.final.items()})


def wrong(spec: RunSpec) -> Outcome:
    return replace(trained(spec), final={"training_loss": 0.9, "test_loss": 0.9})


def diverged(spec: RunSpec) -> Outcome:
    return replace(trained(spec), diverged_at=(1, 2))


def renamed(spec: RunSpec) -> Outcome:
    outcome = trained(spec)
    assert outcome.final
    return replace(outcome, final={f"new_{key}": value for key, value in outcome.final.items()})


def with_one_more(spec: RunSpec) -> Outcome:
    outcome = trained(spec)
    assert outcome.final
    return replace(outcome, final={**outcome.final, "penalty": 0.1})


@pytest.fixture(scope="module")
def runs(report: Path) -> list[Run]:
    return manifest.read(report).runs


def verdicts(run: Run, train: Callable[[RunSpec], Outcome]) -> list[str]:
    return [line.verdict for line in Repeater(train).repeat(run)]


@pytest.mark.parametrize(
    ("train", "here", "elsewhere"),
    [
        (trained, ["identical", "identical"], ["identical", "identical"]),
        (worse, ["different", "different"], ["close", "close"]),
        (wrong, ["different", "different"], ["different", "different"]),
        (diverged, ["different"], ["different"]),
        (renamed, ["different"] * 4, ["different"] * 4),
        (with_one_more, ["identical"] * 2 + ["different"], ["identical"] * 2 + ["different"]),
    ],
)
def test_a_repeated_run_is_compared(
    runs: list[Run], train: Callable[[RunSpec], Outcome], here: list[str], elsewhere: list[str]
) -> None:
    assert verdicts(runs[0], train) == here
    assert verdicts(replace(runs[0], versions={"keras": "2"}), train) == elsewhere


@pytest.mark.parametrize(("deviations", "verdict"), [(3.9, "close"), (-4.1, "different")])
def test_close_is_within_four_standard_deviations_of_other_seeds(
    runs: list[Run], deviations: float, verdict: str
) -> None:
    spec, final = runs[0].spec, runs[0].final
    assert final
    others = [trained(spec.vary(seed=spec.seed + number)).final for number in (1, 2, 3)]
    sd = statistics.stdev(other["test_loss"] for other in others if other)
    moved = {**final, "test_loss": final["test_loss"] + deviations * sd}
    run = replace(runs[0], final=moved, versions={"keras": "2"})
    assert verdicts(run, trained) == ["identical", verdict]


@pytest.mark.parametrize("forged", [1_000_000.0, 0.0, -0.1, 0.5])
def test_one_forged_value_is_different_however_much_it_widens_the_spread(
    runs: list[Run], forged: float
) -> None:
    final = runs[0].final
    assert final
    run = replace(runs[0], final={**final, "test_loss": forged}, versions={"keras": "2"})
    assert verdicts(run, trained) == ["identical", "different"]


@pytest.mark.parametrize("final", [{}, {"new_loss": 0.1}])
def test_what_cannot_be_compared_is_different(runs: list[Run], final: dict[str, float]) -> None:
    found = verdicts(replace(runs[0], final=final), trained)
    assert found and set(found) == {"different"}


def test_a_run_that_diverges_again_is_the_same(runs: list[Run]) -> None:
    run = replace(runs[0], final=None)
    assert verdicts(run, diverged) == ["identical"]
    assert verdicts(run, trained) == ["different"]


def test_a_sample_is_the_same_for_one_seed_only(runs: list[Run]) -> None:
    samples = [repeats.sample(runs, 3, seed) for seed in range(60)]
    assert samples[4] == repeats.sample(runs, 3, 4)
    assert {len(sample) for sample in samples} == {3}
    chosen = {run.spec.key for sample in samples for run in sample}
    assert chosen == {run.spec.key for run in runs}, "every run can be drawn"
    assert repeats.sample(runs, 99, 0) == runs


def test_what_conclusions_rest_on_is_drawn_more_often(runs: list[Run]) -> None:
    weights = repeats.weights(runs, "eckerle4-b " * 5)
    drawn = [run.spec.key for seed in range(200) for run in repeats.sample(runs, 2, seed)]
    heaviest = runs[weights.index(max(weights))].spec.key
    lightest = runs[weights.index(min(weights))].spec.key
    assert drawn.count(heaviest) > 1.5 * drawn.count(lightest)
