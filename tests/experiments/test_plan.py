from pathlib import Path

import pytest

from nnbook.errors import MissingRunsError, RecordError
from nnbook.experiments import experiment, plan, run, runner
from tests.experiments.outcomes import diverging, never, quick, record_of, train_all


def test_states(small_experiment: Path, results_folder: Path) -> None:
    train_all(small_experiment, diverging)
    record_of(small_experiment, "three", 0).unlink()
    record_of(small_experiment, "three", 2).write_text("{", encoding="utf-8")
    text = small_experiment.read_text(encoding="utf-8")
    small_experiment.write_text(text.replace("batch_size = [8]", "batch_size = [8, 9]"))
    index = results_folder / "index" / "small.csv"
    index.write_text(index.read_text("utf-8").replace("batch_size-8", "batch_size-9"), "utf-8")
    states = plan.states(experiment(str(small_experiment)))
    assert list(states.values()) == [
        *("stale", "diverged", "damaged"),
        *("recorded", "diverged", "recorded"),
        *("stale", "stale", "stale"),
    ]


def test_the_arrays_of_a_record_are_part_of_its_state(
    small_experiment: Path, results_folder: Path
) -> None:
    train_all(small_experiment, quick)
    first, second = (record_of(small_experiment, "three", seed) for seed in (0, 1))
    (weights,) = first.parent.glob(f"{first.stem}.weights-*.npz")
    weights.unlink()
    (weights,) = second.parent.glob(f"{second.stem}.weights-*.npz")
    weights.write_bytes(b"garbage")
    small = experiment(str(small_experiment))
    assert list(plan.states(small).values())[:3] == ["damaged", "damaged", "recorded"]
    train_all(small_experiment, quick)
    assert set(plan.states(small).values()) == {"recorded"}
    assert runner.recorded(small)["three"].predict([0.5]).shape == (3, 1)


def test_weights_that_are_wanted_later_are_made(
    small_experiment: Path, results_folder: Path
) -> None:
    text = small_experiment.read_text(encoding="utf-8")
    small_experiment.write_text(text.replace("seeds = 3", "seeds = 3\nkeep_weights = false"))
    train_all(small_experiment, quick)
    small_experiment.write_text(text)
    small = experiment(str(small_experiment))
    assert set(plan.states(small).values()) == {"incomplete"}
    assert len(runner.recorded(small)) == 2  # the numbers are there
    with pytest.raises(MissingRunsError):
        runner.recorded(small, need={"weights"})
    train_all(small_experiment, quick)
    assert set(plan.states(small).values()) == {"recorded"}
    assert len(runner.recorded(small, need={"weights"})) == 2


def test_the_same_run_under_another_name_is_on_record_at_once(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_all(small_experiment, quick)
    monkeypatch.setattr("nnbook.training.engine.train", never)
    small = experiment(str(small_experiment))
    varied = small["batch_size-8"].vary(batch_size=21)
    assert run(varied).final().tolist() == run(small["three"]).final().tolist()
    text = small_experiment.read_text(encoding="utf-8")
    again = small_experiment.with_name("again.toml")
    again.write_text(text.replace('name = "three"', 'name = "drei"'), encoding="utf-8")
    assert set(plan.states(experiment(str(again))).values()) == {"recorded"}


def test_a_file_of_the_name_of_one_of_the_book_has_results_of_its_own(
    small_experiment: Path, results_folder: Path
) -> None:
    own = small_experiment.rename(small_experiment.with_name("eckerle4-sheet.toml"))
    before = plan.states(experiment("eckerle4-sheet"))
    assert set(before.values()) == {"recorded"}
    train_all(own, quick)
    assert len(list(results_folder.rglob("*.json"))) == 6
    assert plan.states(experiment("eckerle4-sheet")) == before


def test_one_bad_record_is_named_and_made_anew_and_stops_nothing(
    small_experiment: Path, results_folder: Path
) -> None:
    train_all(small_experiment, quick)
    deep = "[" * 100_000 + "]" * 100_000
    bad = {("three", 0): '{"digest": NaN}', ("three", 1): '{"a": 1e999}', ("three", 2): deep}
    for (name, seed), content in bad.items():
        record_of(small_experiment, name, seed).write_text(content, encoding="utf-8")
    blocked = record_of(small_experiment, "batch_size-8", 0)
    blocked.unlink()
    blocked.mkdir()
    small = experiment(str(small_experiment))
    assert list(plan.states(small).values()) == [*["damaged"] * 4, "recorded", "recorded"]
    with pytest.raises(RecordError, match=f"{blocked.name}.*cannot be read"):
        runner.recorded(small["batch_size-8"])
    train_all(small_experiment, quick)
    assert set(plan.states(small).values()) == {"recorded"}
