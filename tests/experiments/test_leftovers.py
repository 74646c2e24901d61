"""What a command leaves that was killed with all its processes is removed by the next one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nnbook.cli import main
from nnbook.experiments import disk, experiment, plan, session
from tests.experiments.outcomes import quick

SHARED_MEMORY = Path("/dev/shm")
"""Where Linux shows semaphores as files."""

FILE = """
title = "Long"
question = ""
seeds = {seeds}
[base]
hidden_layers = [20, 20]
learning_rate = 0.1
epochs = {epochs}
batch_size = 4
[[configuration]]
name = "one"
"""

ENDLESS = 10_000_000


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let all processes put what is temporary into a folder of its own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def start(file: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "nnbook.cli", "run", str(file), *options],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill_all(command: subprocess.Popen[str]) -> None:
    """Kill a command with the processes that it started, among them the one that tidies up."""
    os.killpg(command.pid, signal.SIGKILL)
    command.communicate()


def left(results: Path, temporary: Path, process: int) -> dict[str, list[Path]]:
    return {
        "locks": [*results.rglob("*.lock")],
        "unfinished files": [*results.rglob("*.tmp")],
        "folders": [*temporary.glob("nnbook-*")],
        "semaphores": [*SHARED_MEMORY.glob(f"sem.loky-{process}-*")],
    }


@pytest.mark.parametrize("work", [True, False])
def test_leftovers_are_removed_whether_there_is_work_or_not(
    tmp_path: Path, results_folder: Path, temporary: Path, work: bool
) -> None:
    file = tmp_path / "long.toml"
    short = FILE.format(seeds=2, epochs=2)
    file.write_text(short, "utf-8")
    jobs = list(plan.states(experiment(str(file))))
    if not work:
        assert len([*session.train_all(jobs, train=quick)]) == 2
    file.write_text(FILE.format(seeds=2, epochs=ENDLESS), "utf-8")
    command = start(file, "--jobs", "2")
    wait_until(lambda: len(left(results_folder, temporary, command.pid)["locks"]) == 2)
    kill_all(command)
    unfinished = disk.temporary(jobs[0].path)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    unfinished.with_name(unfinished.name.replace(str(os.getpid()), str(command.pid))).touch()
    before = left(results_folder, temporary, command.pid)
    assert {kind: bool(found) for kind, found in before.items()} == {
        "locks": True,
        "unfinished files": True,
        "folders": True,
        "semaphores": SHARED_MEMORY.is_dir(),
    }
    file.write_text(short, "utf-8")
    next_one = start(file)
    _, stderr = next_one.communicate(timeout=120)
    assert next_one.returncode == 0
    assert f"{2 if work else 0} to run" in stderr
    assert not any(left(results_folder, temporary, command.pid).values())


def test_names_that_were_not_noted_before_a_kill_are_noted_by_the_next_command(
    small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = list(plan.states(experiment(str(small_experiment))))
    index = jobs[0].store.index
    results = session.train_all(jobs, train=quick)
    for _ in range(3):
        next(results)
    assert not index("small"), "an index is not written for each run"
    results.close()
    assert len(index("small")) == 3, "but whenever a command ends"
    (results_folder / "index" / "small.csv").unlink()
    monkeypatch.setattr("nnbook.training.engine.train", quick)
    assert main(["run", str(small_experiment)]) == 0
    assert len(index("small")) == 6
