import errno
import json
import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnbook.errors import MissingRunsError, NNBookError, RecordError
from nnbook.experiments import experiment, plan, run, runner, session
from nnbook.experiments.record import Record
from nnbook.training import engine
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec
from tests.experiments.outcomes import diverging, dying, failing, quick, record_of, waiting


def train_all(file: Path, train: Callable[..., Any], workers: int = 1) -> dict[str, Record | str]:
    to_train = list(plan.states(experiment(str(file))))
    return {str(job): result for job, result in session.train_all(to_train, workers, train=train)}


def never(spec: Any, progress: Any = None) -> Any:
    raise AssertionError(f"trained {spec}")


@pytest.mark.parametrize("workers", [1, 2])
def test_every_run_is_recorded(small_experiment: Path, results_folder: Path, workers: int) -> None:
    results = train_all(small_experiment, quick, workers)
    assert len(results) == 6
    files = set(results_folder.rglob("*.json"))
    assert files == {
        record_of(small_experiment, name, seed)
        for name in ("three", "batch_size-8")
        for seed in range(3)
    }
    states = plan.states(experiment(str(small_experiment)))
    assert set(states.values()) == {"recorded"}


def test_records_appear_run_by_run(small_experiment: Path, results_folder: Path) -> None:
    to_train = list(plan.states(experiment(str(small_experiment))))
    for count, _ in enumerate(session.train_all(to_train, 1, train=quick), start=1):
        assert len(list(results_folder.rglob("*.json"))) == count


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failed_run_is_reported_and_the_others_are_recorded(
    small_experiment: Path, results_folder: Path, workers: int
) -> None:
    results = train_all(small_experiment, failing, workers)
    assert results["three, seed 1"] == "MemoryError: no room"
    assert sum(isinstance(result, Record) for result in results.values()) == 4


def test_a_worker_that_dies_costs_its_run_only(
    small_experiment: Path, results_folder: Path
) -> None:
    results = train_all(small_experiment, dying, workers=2)
    assert results["three, seed 1"] == "its process died twice (out of memory?)"
    assert results["batch_size-8, seed 1"] == "its process died twice (out of memory?)"
    assert sum(isinstance(result, Record) for result in results.values()) == 4


def kill_the_process_named_in(folder: Path) -> None:
    """Wait until `outcomes.waiting` has told its process, and kill that."""
    file = folder / "process"
    deadline = time.monotonic() + 60
    while not (file.is_file() and file.read_text(encoding="utf-8").endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(int(file.read_text(encoding="utf-8")), signal.SIGKILL)


def test_a_run_whose_process_was_killed_is_made_again_and_that_is_said(
    small_experiment: Path, results_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    to_train = list(plan.states(experiment(str(small_experiment))))
    results = session.train_all(to_train, 2, train=partial(waiting, tmp_path))
    first, _ = next(results)
    assert first.spec.seed != 1
    kill_the_process_named_in(tmp_path)
    others = list(results)
    assert all(isinstance(result, Record) for _, result in others)
    assert len(others) == 5
    healed, _ = others[-1]
    assert healed.spec.seed == 1
    assert caplog.messages[:-1] == [
        f"{healed}: its process died; it is tried once more",
        f"{healed}: made at the second attempt",
    ]


def test_those_that_take_longest_come_first_and_configurations_stay_together(
    small_experiment: Path, results_folder: Path
) -> None:
    text = small_experiment.read_text(encoding="utf-8")
    long = '[[configuration]]\nname = "long"\nepochs = 50\n'
    small_experiment.write_text(text + long, encoding="utf-8")
    results = train_all(small_experiment, quick)
    assert [name.partition(",")[0] for name in results] == [
        *("long", "long", "long"),
        *("batch_size-8", "batch_size-8", "batch_size-8"),
        *("three", "three", "three"),
    ]


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


def test_an_unwritable_folder_is_reported_before_training(
    small_experiment: Path, results_folder: Path
) -> None:
    results_folder.mkdir()
    (results_folder / "objects").write_text("not a folder", encoding="utf-8")
    with pytest.raises(RecordError, match="results cannot be written"):
        train_all(small_experiment, never)


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


def test_all_configurations_share_one_pool(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    class Counted(session.Processes):
        def __init__(self, number: int, train: Any) -> None:
            made.append(number)
            super().__init__(number, quick)

    monkeypatch.setattr(session, "Processes", Counted)
    assert len(run(experiment(str(small_experiment)), workers=2)) == 2
    assert made == [2]


def without_room(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "full", ["joblib.externals.loky.backend.synchronize._SemLock", "tempfile.mkdtemp"]
)
def test_where_no_processes_can_be_started_runs_are_made_in_this_one(
    small_experiment: Path,
    results_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    full: str,
) -> None:
    monkeypatch.setattr(full, without_room)
    results = train_all(small_experiment, quick, workers=2)
    assert sum(isinstance(result, Record) for result in results.values()) == 6
    said = r"no processes can be started \(No space left on device\): .* in this one$"
    assert re.match(said, caplog.messages[0])


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
