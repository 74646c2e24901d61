"""Two runners at once: each run is made once, whoever makes it."""

import errno
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nnbook.errors import RecordError
from nnbook.experiments import experiment, locks, plan, record, session
from nnbook.experiments.locks import Locks, file_lock, sweep
from nnbook.experiments.record import Record
from nnbook.project import REPOSITORY
from tests.experiments.outcomes import quick

pytestmark = pytest.mark.thorough

COMMAND = "tests.experiments.command"

HOLD = """
import pathlib, sys, time
from nnbook.experiments.locks import Locks
locks = Locks()
print(locks.take(pathlib.Path(sys.argv[1]), sys.argv[2]), flush=True)
time.sleep(600)
"""


def test_a_lock_is_free_for_one_at_a_time_and_leaves_no_file(tmp_path: Path) -> None:
    with Locks() as here, Locks() as there:
        assert here.take(tmp_path, "a")
        assert not here.take(tmp_path, "a")
        assert not there.take(tmp_path, "a")
        assert there.take(tmp_path, "b")
        assert there.take(tmp_path / "other", "a")
        here.free(tmp_path, "a")
        assert there.take(tmp_path, "a")
    assert not list(tmp_path.rglob("*.lock"))


def test_who_waits_for_a_lock_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.01)

    def wait() -> None:
        with file_lock(tmp_path, "index"):
            pass

    with ThreadPoolExecutor(1) as other:
        with file_lock(tmp_path, "index"):
            waiting = other.submit(wait)
            deadline = time.monotonic() + 20
            while not caplog.messages and time.monotonic() < deadline:
                time.sleep(0.01)
            assert not waiting.done()
        waiting.result(20)
    assert caplog.messages == [
        f"waiting for another process, which holds {tmp_path / 'index.lock'}"
    ]


def test_a_lock_is_free_when_its_process_was_killed_and_its_file_is_swept(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), "a"], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    sweep(tmp_path)
    with Locks() as locks:
        assert not locks.take(tmp_path, "a")
        holder.kill()
        holder.communicate()
        assert locks.take(tmp_path, "a")
        (tmp_path / "left.lock").touch()
        sweep(tmp_path)
        assert [file.name for file in tmp_path.iterdir()] == ["a.lock"]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EROFS])
def test_a_file_system_without_locks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", refuse)
    said = r"cannot be locked there .* local disk"
    with Locks() as locks, pytest.raises(RecordError, match=said):
        locks.take(tmp_path, "a")
    with pytest.raises(RecordError, match="cannot be locked there"), file_lock(tmp_path, "index"):
        pass


@pytest.fixture
def jobs(small_experiment: Path, results_folder: Path) -> list[plan.Job]:
    return list(plan.states(experiment(str(small_experiment))))


def test_a_run_made_by_another_process_is_not_made_again(
    jobs: list[plan.Job], caplog: pytest.LogCaptureFixture
) -> None:
    made: list[tuple[int, int]] = []

    def train(spec: Any, progress: Any = None) -> Any:
        made.append((spec.batch_size, spec.seed))
        return quick(spec)

    theirs = jobs[0]
    with Locks() as elsewhere, caplog.at_level("INFO"):
        assert elsewhere.take(*session._lock(theirs))
        results = session.train_all(jobs, train=train)
        assert theirs not in [next(results)[0] for _ in range(5)]
        written = theirs.record(quick(theirs.spec))
        elsewhere.free(*session._lock(theirs))
        ((job, result),) = results
    assert job == theirs
    assert isinstance(result, Record)
    assert result.content["date"] == written.content["date"]
    names = theirs.store.index(theirs.experiment)
    assert names[theirs.configuration, theirs.spec.seed] == theirs.spec.key
    assert (theirs.spec.batch_size, theirs.spec.seed) not in made
    assert len(made) == 5
    assert caplog.messages[-1].endswith(", 1 of them by another process")


def test_a_run_that_another_process_gave_up_is_waited_for_which_is_said_and_made(
    jobs: list[plan.Job], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Locks() as elsewhere, caplog.at_level("INFO"):
        lock = session._lock(jobs[0])
        assert elsewhere.take(*lock)
        results = session.train_all(jobs, train=quick)
        assert jobs[0] not in [next(results)[0] for _ in range(5)]
        monkeypatch.setattr("time.sleep", lambda seconds: elsewhere.free(*lock))
        ((job, result),) = results
    assert job == jobs[0]
    assert isinstance(result, Record)
    said, summary = caplog.messages
    assert said == "waiting for a run that another process is making"
    assert re.fullmatch(r"6 runs in [\d:]+", summary)


@pytest.fixture
def file(tmp_path: Path, results_folder: Path) -> Path:
    """Return an experiment of 24 runs that take some seconds in all."""
    path = tmp_path / "slow.toml"
    path.write_text(
        'title = ""\nquestion = ""\nseeds = 12\n[base]\nhidden_layers = [3]\n'
        "learning_rate = 0.1\nepochs = 4\nbatch_size = 4\n"
        '[[configuration]]\nname = "one"\n[[configuration]]\nname = "two"\nepochs = 3\n',
        encoding="utf-8",
    )
    return path


def start(file: Path, jobs: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", COMMAND, "run", str(file), "--jobs", str(jobs)],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_two_commands_at_once_share_the_work(file: Path) -> None:
    with Locks() as locks:  # until both have begun
        for job in plan.states(experiment(str(file))):
            assert locks.take(*session._lock(job))
        commands = [start(file), start(file)]
        for command in commands:
            assert command.stderr is not None
            assert any("24 to run" in line for line in iter(command.stderr.readline, ""))
    elsewhere = []
    for command in commands:
        _, stderr = command.communicate(timeout=300)
        assert command.returncode == 0, stderr
        counts = re.search(r" 24 runs in [\d:]+(?:, (\d+) of them by another process)?$", stderr)
        assert counts, stderr
        elsewhere.append(int(counts[1] or 0))
    assert sum(elsewhere) == 24  # what one made was made elsewhere for the other
    assert set(plan.states(experiment(str(file))).values()) == {"recorded"}


def test_killed_again_and_again_a_command_loses_nothing_that_was_recorded(
    file: Path, results_folder: Path
) -> None:
    def records() -> list[Path]:
        return list(results_folder.rglob("*.json"))

    for part_of_a_second in (0.0, 0.3, 0.7):  # to be killed at one moment or another
        before = len(records())
        command = start(file, jobs=2)
        wait_until(lambda count=before: len(records()) > count)
        time.sleep(part_of_a_second)
        command.kill()
        command.communicate()
        wait_until(partial(has_ended, command.pid))
        for path in records():
            record.read(path)
    last = start(file, jobs=2)
    _, stderr = last.communicate(timeout=300)
    assert last.returncode == 0, stderr
    assert len(records()) == 24
    assert set(plan.states(experiment(str(file))).values()) == {"recorded"}
    wait_until(partial(has_ended, last.pid))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def has_ended(session: int) -> bool:
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return True
    return False
