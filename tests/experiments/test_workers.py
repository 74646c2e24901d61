import errno
import os
import signal
import time
from concurrent.futures import wait
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nnbook.errors import NNBookError
from nnbook.experiments.workers import Processes, ThisProcess, Workers
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec, run_spec
from tests.experiments.outcomes import dying, quick

SPEC = RunSpec(hidden_layers=(3,), learning_rate=0.1, epochs=5, batch_size=3)


def telling_its_process(spec: RunSpec, progress: Any) -> Any:
    raise RuntimeError(os.getpid())


def with_one_thread(spec: RunSpec, progress: Any) -> Any:
    raise RuntimeError(os.environ["TF_NUM_INTRAOP_THREADS"], os.environ["OMP_NUM_THREADS"])


def pausing(until: Path, spec: RunSpec, progress: Any) -> Any:
    progress(2)
    while not until.exists():
        time.sleep(0.02)
    return quick(spec)


def ignore(index: int, epochs: int) -> None:
    """Follow nothing."""


def result_of(workers: Workers) -> Any:
    deadline = time.monotonic() + 60
    while not (finished := workers.finished(1, ignore)):
        assert time.monotonic() < deadline
    ((index, result),) = finished
    assert index == 7
    return result


def test_in_this_process_there_is_room_for_one_run_that_is_followed() -> None:
    followed = []
    with ThisProcess(quick) as workers:
        assert workers.finished(0, ignore) == []
        workers.start(7, SPEC)
        assert not workers.has_room()
        ((index, result),) = workers.finished(0, lambda *progress: followed.append(progress))
        assert workers.has_room()
    assert index == 7
    assert result.history == quick(SPEC).history  # type: ignore[union-attr]
    assert followed == [(7, 5)]


def test_a_run_in_another_process_is_followed(tmp_path: Path) -> None:
    def follow(index: int, epochs: int) -> None:
        assert index == 7
        assert epochs in (0, 2)
        if epochs == 2:
            (tmp_path / "seen").touch()

    with Processes(1, partial(pausing, tmp_path / "seen")) as workers:
        workers.start(7, SPEC)
        assert not workers.has_room()
        deadline = time.monotonic() + 60
        while not workers.finished(0.05, follow):
            assert time.monotonic() < deadline
        assert workers.has_room()


def test_a_process_that_died_while_idle_is_replaced() -> None:
    with Processes(1, telling_its_process) as workers:
        workers.start(7, SPEC)
        first = int(result_of(workers).removeprefix("RuntimeError: "))
        os.kill(first, signal.SIGKILL)
        workers.start(7, SPEC)
        second = result_of(workers)
        if second is None:  # it was not known yet that the process had died
            workers.start(7, SPEC)
            second = result_of(workers)
        assert int(second.removeprefix("RuntimeError: ")) != first


def test_a_process_that_cannot_be_replaced_costs_no_run_that_is_finished(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "the shared memory is full")

    with Processes(2, dying) as workers:
        for seed in (1, 2):
            workers.start(seed, SPEC.model_copy(update={"seed": seed}))
        wait(workers._at_work)
        monkeypatch.setattr("joblib.externals.loky.backend.synchronize._SemLock", refuse)
        results = dict(workers.finished(1, ignore))
        assert results[1] is None
        assert isinstance(results[2], Outcome)
        workers.start(3, SPEC.model_copy(update={"seed": 3}))  # in the process that is left
        with pytest.raises(NNBookError, match=r"full\); finished runs .*fewer --jobs"):
            workers.start(4, SPEC)
        wait(workers._at_work)
        ((index, result),) = workers.finished(1, ignore)
        assert index == 3
        assert isinstance(result, Outcome)


def test_a_process_has_one_thread() -> None:
    with Processes(1, with_one_thread) as workers:
        workers.start(7, SPEC)
        assert result_of(workers) == "RuntimeError: ('1', '1')"


def test_a_file_that_changes_while_it_is_trained_on_gives_no_record(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("a,b\n" + "".join(f"{i},{i}\n" for i in range(20)), encoding="utf-8")
    settings = {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 5, "batch_size": 3}
    data = {"name": "csv", "path": str(path), "columns": ["a"], "target": "b"}

    def changing(spec: RunSpec, progress: Any) -> Any:
        path.write_text(path.read_text(encoding="utf-8") + "7,7\n", encoding="utf-8")
        return quick(spec)

    with ThisProcess(changing) as workers:
        workers.start(7, run_spec({**settings, "data": data}))
        assert "changed while it was trained on" in result_of(workers)
