import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnbook.errors import MissingRunsError, NNBookError, RecordError
from nnbook.experiments import experiment, plan, run, runner
from nnbook.training import engine
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec
from tests.experiments.outcomes import failing, never, quick, record_of, train_all


def test_recorded_runs_come_back_without_training(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_all(small_experiment, quick)
    monkeypatch.setattr("nnbook.training.engine.train", never)
    monkeypatch.setenv("NNBOOK_RECORDED_ONLY", "1")
    small = experiment(str(small_experiment))
    assert len(run(small)) == 2
    assert sorted(run(small["three"]).records) == [0, 1, 2]
    assert sorted(run(small["three"].vary(seeds=2)).records) == [0, 1]


def test_a_variation_is_trained_once_and_kept_locally(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_all(small_experiment, quick)
    varied = experiment(str(small_experiment))["three"].vary(batch_size=7, seeds=2)
    monkeypatch.setattr("nnbook.training.engine.train", quick)
    first = run(varied)
    assert len(list((results_folder / ".local").rglob("*.json"))) == 2
    monkeypatch.setattr("nnbook.training.engine.train", never)
    assert run(varied).records.keys() == first.records.keys() == {0, 1}
    assert run(varied).final().tolist() == first.final().tolist()


def test_weights_that_a_caller_needs_are_kept_whatever_the_file_says(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = small_experiment.read_text(encoding="utf-8")
    small_experiment.write_text(text.replace("[base]", "keep_weights = false\n[base]"))
    train_all(small_experiment, quick)
    three = experiment(str(small_experiment))["three"]
    with pytest.raises(MissingRunsError):
        runner.recorded(three, need={"weights"})
    monkeypatch.setattr("nnbook.training.engine.train", quick)
    assert run(three, need={"weights"}).predict([0.5]).shape == (3, 1)


def test_a_stale_record_is_not_used(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_all(small_experiment, quick)
    text = small_experiment.read_text(encoding="utf-8")
    small_experiment.write_text(text.replace("epochs = 5", "epochs = 6"))
    monkeypatch.setattr("nnbook.training.engine.train", quick)
    assert run(experiment(str(small_experiment))["three"]).history()[0].tolist() == [0, 1, 6]


def test_a_build_of_the_book_names_the_command_for_missing_runs(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnbook.training.engine.train", never)
    monkeypatch.setenv("NNBOOK_RECORDED_ONLY", "1")
    small = experiment(str(small_experiment))
    missing = r"3 of 3 runs of 'three'.*run: nnbook run .*small\.toml"
    with pytest.raises(MissingRunsError, match=missing):
        run(small)
    with pytest.raises(MissingRunsError, match=r"declare it in the file of 'small', then"):
        run(small["three"].vary(batch_size=7))
    monkeypatch.delenv("NNBOOK_RECORDED_ONLY")
    with pytest.raises(MissingRunsError):
        runner.recorded(small)


def test_a_damaged_record_is_an_error_with_its_remedy_and_made_anew_by_it(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_all(small_experiment, quick)
    path = record_of(small_experiment, "three", 1)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["final"]["test_loss"] = 0.0
    path.write_text(json.dumps(content), encoding="utf-8")
    small = experiment(str(small_experiment))
    with pytest.raises(RecordError, match=r"edited.*`nnbook run .*small\.toml` makes it anew"):
        runner.recorded(small)
    monkeypatch.setattr("nnbook.training.engine.train", quick)
    assert run(small)["three"].final().tolist() == pytest.approx([1 / 6, 1 / 7, 1 / 8], rel=1e-6)


def test_failures_of_a_variation_are_reported(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnbook.training.engine.train", failing)
    with pytest.raises(NNBookError, match="three, seed 1: MemoryError: no room"):
        run(experiment(str(small_experiment))["three"])


IMAGES = """
title = "Misread"
question = "Which?"
seeds = 2
keep_weights = false
[base]
data = "digits"
loss = "categorical_cross_entropy"
hidden_layers = []
learning_rate = 0.1
epochs = 1
batch_size = 100
[[configuration]]
name = "linear"
"""


def test_which_images_were_misread_is_on_record_and_small(tmp_path: Path) -> None:
    path = tmp_path / "images.toml"
    path.write_text(IMAGES, encoding="utf-8")
    for record in runner.run(experiment(str(path)))["linear"].records.values():
        index, given = record.misread["test"]
        confusion = np.array(record.content["confusion"])
        wrong = confusion.sum() - confusion.trace()
        assert len(set(index.tolist())) == wrong
        columns = confusion.sum(axis=0) - confusion.diagonal()
        np.testing.assert_array_equal(np.bincount(given, minlength=10), columns)
        both = wrong + record.misread["validation"].shape[1]
        assert record.arrays_path("misread").stat().st_size < 4 * both + 800


def test_a_run_from_before_is_made_anew_where_it_must_say_what_was_misread(
    tmp_path: Path,
) -> None:
    path = tmp_path / "images.toml"
    path.write_text(IMAGES, encoding="utf-8")

    def as_before(spec: RunSpec, progress: Any = None) -> Outcome:
        return replace(engine.train(spec, progress), misread={})

    train_all(path, as_before)
    declared = experiment(str(path))
    assert set(plan.states(declared).values()) == {"recorded"}
    with pytest.raises(RecordError, match="keep_misread"):
        _ = runner.recorded(declared)["linear"].records[0].misread
    with pytest.raises(MissingRunsError):
        runner.recorded(declared, need={"misread"})
    path.write_text(IMAGES.replace("[base]", "keep_misread = true\n[base]"), encoding="utf-8")
    declared = experiment(str(path))
    assert set(plan.states(declared).values()) == {"incomplete"}
    runner.run(declared, need={"misread"})
    again = runner.recorded(declared, need={"misread"})["linear"]
    assert all(len(record.misread["test"][0]) for record in again.records.values())


def test_a_regression_lacks_nothing_that_could_be_misread(small_experiment: Path) -> None:
    small = experiment(str(small_experiment))
    runner.run(small)
    assert runner.recorded(small, need={"misread"}).keys() == small.configurations.keys()
