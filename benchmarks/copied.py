"""Commands of nnbook in copies of a process that has imported all and drawn the worked example.

A copy costs a part of what a new process does, and what happens in it is the same: it has streams,
a session and an end of its own. Figures are not drawn again of runs that are those of the example.
"""

import contextlib
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

from nnbook import cli
from nnbook.experiments import Runs
from nnbook.lab.elements import ReportElements
from nnbook.lab.pictures import Picture
from nnbook.lab.report import Report

WAIT = 0.005
"""Seconds between looks at a process."""

HEADINGS = {"en": "# References", "de": "# Literatur"}
"""By language: what the example's last heading is called."""


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes
    ----------
    status : int or None
        Its exit status, negative after a signal; None if it took too long.
    output, errors : bytes
        What it wrote to stdout and stderr.
    """

    status: int | None
    output: bytes
    errors: bytes


def prepare(example: Path) -> None:
    """Import what the commands need, and have an example drawn in each of its languages."""
    _keep_pictures()
    with tempfile.TemporaryDirectory(prefix="nnbook-example-") as place:
        for language, heading in HEADINGS.items():
            folder = copytree(example, Path(place) / language)
            _exchange(folder / "lab.toml", 'language = "en"', f'language = "{language}"')
            _exchange(folder / "answers.md", HEADINGS["en"], heading)
            Report(folder).pdf()


def _exchange(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _keep_pictures() -> None:
    """Have a figure drawn once for the same runs in the same words."""
    draw = ReportElements._draw
    kept: dict[str, Picture] = {}

    def kept_or_drawn(elements: ReportElements, kind: str, runs: dict[str, Runs]) -> Picture:
        shown = [
            (name, some.configuration, [record.key for record in some.records.values()])
            for name, some in runs.items()
        ]
        axes = elements.lab.axes_of(next(iter(runs.values())).configuration)
        key = repr((kind, shown, axes, elements.lab.cover.language))
        if key not in kept:
            kept[key] = draw(elements, kind, runs)
        return kept[key]

    ReportElements._draw = kept_or_drawn  # type: ignore[method-assign]


def run(arguments: Sequence[str], seconds: float) -> Ended:
    """Carry out a command in a copy of this process, for so many seconds by the clock at most."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        sys.stdout.flush()
        sys.stderr.flush()
        process = os.fork()
        if process == 0:
            _carry_out(arguments, output.fileno(), errors.fileno())
        status = _waited_for(process, time.monotonic() + seconds)
        output.seek(0)
        errors.seek(0)
        return Ended(status, output.read(), errors.read())


def _carry_out(arguments: Sequence[str], output: int, errors: int) -> None:
    """Be the copy: carry out a command as its own process would, and end."""
    status = 1
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, stream in enumerate((nothing, output, errors)):
            os.dup2(stream, number)
        sys.stdin = os.fdopen(0, closefd=False, encoding="utf-8")
        sys.stdout = os.fdopen(1, "w", closefd=False, encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", closefd=False, encoding="utf-8", errors="backslashreplace")
        status = cli.main(arguments)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for own in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                own.flush()
        os._exit(status)


def _waited_for(process: int, end: float) -> int | None:
    """Return the exit status of a copy; what it started and left behind is ended."""
    status: int | None = None
    while status is None and time.monotonic() < end:
        done, how = os.waitpid(process, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(how)
        else:
            time.sleep(WAIT)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    if status is None:
        os.waitpid(process, 0)
    return status
