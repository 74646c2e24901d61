"""Commands in copies of a process: how they end, what they say, and what they leave behind."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from benchmarks import copied
from nnbook import cli

Command = Callable[[list[str]], int]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., copied.Ended]]:
    """Carry out a function in a copy, in the place of the command line."""

    def run(command: Command, *arguments: str, seconds: float = 60) -> copied.Ended:
        monkeypatch.setattr(cli, "main", command)
        return copied.run(arguments, seconds)

    before = children()
    yield run
    assert children() <= before  # each copy has been waited for


def children() -> set[int]:
    """Return the processes of this one, those included that have ended and were not waited for."""
    return {child.pid for child in psutil.Process().children()}


def test_what_it_writes_to_each_stream_is_kept_apart(ended: Callable[..., copied.Ended]) -> None:
    def write(arguments: list[str]) -> int:
        print("said", *arguments)
        print("wrong", file=sys.stderr)
        os.write(1, b"\xff")  # before what is in a buffer
        return len(sys.stdin.read())

    found = ended(write, "a", "b")
    assert found.status == 0
    assert found.output == b"\xffsaid a b\n"
    assert found.errors == b"wrong\n"


@pytest.mark.parametrize(("code", "status"), [(0, 0), (2, 2), ("a message", 1)])
def test_an_exit_is_the_status(
    ended: Callable[..., copied.Ended], code: int | str, status: int
) -> None:
    assert ended(lambda arguments: sys.exit(code)).status == status


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), MemoryError()])
def test_an_error_ends_in_a_traceback(
    ended: Callable[..., copied.Ended], error: BaseException
) -> None:
    def fail(arguments: list[str]) -> int:
        print("before")
        raise error

    found = ended(fail)
    assert found.status == 1
    assert found.output == b"before\n"
    assert b"Traceback" in found.errors and type(error).__name__.encode() in found.errors


def test_a_signal_is_a_negative_status(ended: Callable[..., copied.Ended]) -> None:
    def fall(arguments: list[str]) -> int:
        os.kill(os.getpid(), 9)
        return 0

    assert ended(fall).status == -9


def test_what_hangs_is_ended_with_what_it_started(
    ended: Callable[..., copied.Ended], tmp_path: Path
) -> None:
    found = ended(lambda arguments: _with_child(tmp_path / "child", hangs=True), seconds=1)
    assert found.status is None
    assert _is_ended(tmp_path / "child")


def test_what_it_leaves_behind_is_ended(ended: Callable[..., copied.Ended], tmp_path: Path) -> None:
    found = ended(lambda arguments: _with_child(tmp_path / "child", hangs=False))
    assert found.status == 0
    assert _is_ended(tmp_path / "child")


def _with_child(path: Path, *, hangs: bool) -> int:
    child = os.fork()
    if child == 0:
        time.sleep(1000)
    path.write_text(str(child))
    if hangs:
        time.sleep(1000)
    return 0


def _is_ended(path: Path) -> bool:
    """Say whether a process ends soon; one that nobody waits for is a zombie for a moment."""
    state = Path("/proc") / path.read_text() / "stat"
    for _ in range(500):
        try:
            if state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False
