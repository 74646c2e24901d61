"""Programs on what strangers wrote, each in a process of its own, with limits.

What is confined on which system:

- everywhere: the time by the clock, after which the process and all that it started is ended;
- where Python has the module ``resource`` (Linux, macOS, other Unix): processor time, memory (macOS
  keeps no account of it), the size of the files that are written, and no core files;
- on Linux, where the kernel lets users make name spaces: no network.

By command: `lab mark` checks and repeats each team's work in such a process. `lab check`,
`lab report` and `lab verify` have pandoc, Typst and the reader of PDFs in one. Training in
`lab run` and `lab verify` is not confined, as a student's own runs may take days and fetch
their data: a lab holds no code, and what its numbers can ask for is bounded
(see `nnbook.lab.manifest`). Their help says so, and that `lab mark` is for what others handed in.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile

from nnbook.errors import LabError

_GUARD = Path(__file__).with_name("guard.py")
_FIRST_WAIT, _LONGEST_WAIT = 0.001, 0.05
"""Seconds between looks at a process: short at first, as most of them take little time."""


@dataclass(frozen=True)
class Limits:
    """What a program may use.

    Attributes
    ----------
    seconds : int
        Of processor time. By the clock it is three times as much, as others may use the machine.
    memory : int
        Bytes.
    written : int
        Bytes of the largest file, its output among them.
    network : bool
        Whether it may have one.
    """

    seconds: int
    memory: int
    written: int
    network: bool = False


@dataclass(frozen=True)
class Done:
    """What a program left behind.

    Attributes
    ----------
    status : int
        Its exit status; negative if a signal ended it.
    output, errors : bytes
        What it wrote to stdout and stderr.
    """

    status: int
    output: bytes
    errors: bytes


class LimitError(LabError):
    """A program used more than it may, of `what`: ``"time"`` or ``"memory"``; its output so far."""

    def __init__(self, what: str, limits: Limits, output: bytes = b"") -> None:
        most = f"{limits.seconds} s" if what == "time" else f"{limits.memory / 2**30:.2g} GiB"
        super().__init__(f"it needs more {what} than it may have ({most})")
        self.what = what
        self.output = output


def run(
    command: Sequence[str],
    limits: Limits,
    given: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Done:
    """Run a program with limits and return what it left behind.

    Parameters
    ----------
    command : sequence of str
        The program, by its path, and its arguments.
    limits : Limits
    given : bytes
        What it can read on stdin.
    environment : mapping of str to str, optional
        Variables, in place of those of this process.

    Raises
    ------
    LimitError
        If it used more than it may.
    OSError
        If it cannot be started.
    """
    with TemporaryFile() as stdin, TemporaryFile() as output, TemporaryFile() as errors:
        stdin.write(given)
        stdin.seek(0)
        process = subprocess.Popen(
            guarded(command, limits),
            stdin=stdin,
            stdout=output,
            stderr=errors,
            start_new_session=True,
            env=None if environment is None else dict(environment),
        )
        try:
            status = _waited_for(process, limits)
        finally:
            _end(process)
        output.seek(0)
        errors.seek(0)
        done = Done(status or 0, output.read(), errors.read())
    if status is None or status == -getattr(signal, "SIGXCPU", 0):
        raise LimitError("time", limits, done.output)
    if _lacked_memory(done):
        raise LimitError("memory", limits, done.output)
    return done


def guarded(command: Sequence[str], limits: Limits) -> list[str]:
    """Return the command that sets the limits and then becomes another one."""
    if sys.platform == "win32":  # where no process becomes another one
        return list(command)
    numbers = [str(int(number)) for number in asdict(limits).values()]
    return [sys.executable, "-I", "-S", str(_GUARD), *numbers, *command]


def _waited_for(process: "subprocess.Popen[bytes]", limits: Limits) -> int | None:
    """Return the exit status of a process; None if it took too long."""
    end = time.monotonic() + 3 * limits.seconds
    wait = _FIRST_WAIT
    while (status := process.poll()) is None:
        if time.monotonic() > end:
            return None
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)
    return status


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all that it started."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _lacked_memory(done: Done) -> bool:
    """Return whether a program ended because it got no memory, in the words of its language."""
    said = done.errors[-4096:]
    words = (b"memory allocation of", b"MemoryError", b"Heap exhausted", b"out of memory")
    return done.status != 0 and (done.status == -9 or any(word in said for word in words))
