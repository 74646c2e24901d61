import errno
import os
import re
import signal
import time
from functools import partial, reduce
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from nnbook.errors import RecordError
from nnbook.experiments import experiment, plan, run, session
from nnbook.experiments.record import Record
from tests.experiments.outcomes import (
    dying,
    failing,
    never,
    quick,
    record_of,
    train_all,
    waiting,
)


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


def test_an_unwritable_folder_is_reported_before_training(
    small_experiment: Path, results_folder: Path
) -> None:
    results_folder.mkdir()
    (results_folder / "objects").write_text("not a folder", encoding="utf-8")
    with pytest.raises(RecordError, match="results cannot be written"):
        train_all(small_experiment, never)


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


LOKY = "joblib.externals.loky"


@pytest.mark.parametrize(
    "full",
    [
        f"{LOKY}.backend.synchronize:_SemLock",
        # The last semaphore of a pool is made when its process starts.
        f"{LOKY}.process_executor:ProcessPoolExecutor._adjust_process_count",
        "tempfile:mkdtemp",
    ],
)
def test_where_no_processes_can_be_started_runs_are_made_in_this_one(
    small_experiment: Path,
    results_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    full: str,
) -> None:
    module, _, attribute = full.partition(":")
    *owner, name = attribute.split(".")
    holder = reduce(getattr, owner, import_module(module))
    monkeypatch.setattr(holder, name, without_room)
    results = train_all(small_experiment, quick, workers=2)
    assert sum(isinstance(result, Record) for result in results.values()) == 6
    said = r"no processes can be started \(No space left on device\): .* in this one$"
    assert re.match(said, caplog.messages[0])
