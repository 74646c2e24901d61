"""An IPython extension that records what a page depends on while the page is executed.

jupyter-cache recognizes a page by the source of its cells alone. What the cells read - modules of
this package, experiment files, results - changes their output too. So the kernel itself reports
it: the modules that were imported, the files that were opened or asked for (also those that were
not there) and the folders that were listed, whichever way the code found them. Python processes
that the kernel starts report what they read to the same place; of other programs, the files that
their command line names count. `nnbook.publishing.execution` loads this extension into the kernel
and compares the digests before the next build.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import random
import stat
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.project import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

KINDS = ("files", "folders", "configurations")
"""What is recorded."""

LOOKED_UP = "nnbook.looked_up"
"""The audit event of a page's use of a configuration (see `nnbook.experiments.results`)."""

OUTPUT = "NNBOOK_DEPENDENCIES"
"""The environment variable that names the file to write the dependencies to."""

PAGE = "NNBOOK_PAGE"
"""The environment variable that names the page, from which global random states are seeded."""

# The events of starting a program, and where they tell its command line and its folder.
_PROGRAMS: dict[str, Callable[[tuple[Any, ...]], tuple[Any, Any]]] = {
    "subprocess.Popen": lambda arguments: (arguments[1], arguments[2]),
    "os.system": lambda arguments: (arguments[0], None),
    "os.exec": lambda arguments: (arguments[1], None),
    "os.posix_spawn": lambda arguments: (arguments[1], None),
}
_INSIDE = f"{REPOSITORY}{os.sep}"
_LISTED = ("data", "examples", "labs")
_IGNORED = ("_build", ".git", ".venv", ".local", "__pycache__")


def dependency(path: str | os.PathLike[str]) -> str | None:
    """Return the path relative to `REPOSITORY` if a page's output can depend on it, else None.

    Build products, the environment and caches are none: the lock file stands for the environment.
    A compiled module stands for its source.

    Examples
    --------
    >>> dependency(REPOSITORY / "data" / "eckerle4.csv")
    'data/eckerle4.csv'
    >>> dependency(REPOSITORY / "_build" / "html") is dependency("/proc/meminfo") is None
    True
    """
    name = os.path.abspath(path)  # noqa: PTH100 - resolve() would ask the disk each time
    if not name.startswith(_INSIDE):  # of thousands of paths; Path.is_relative_to takes its time
        return None
    absolute = Path(name)
    if absolute.suffix == ".pyc" and absolute.parent.name == "__pycache__":
        absolute = Path(importlib.util.source_from_cache(str(absolute)))
    relative = absolute.relative_to(REPOSITORY)
    if any(part.startswith(_IGNORED) for part in relative.parts):
        return None
    return relative.as_posix()


class Recorder:
    """Writes what is opened and listed from now on, seen by Python's audit events (PEP 578).

    Each line of the file is ``files`` or ``folders``, a tabulator and a path. Several processes
    append to one file.

    Parameters
    ----------
    output : Path, optional
        The file; by default the one that the environment names.
    """

    def __init__(self, output: Path | None = None) -> None:
        self._output = str(output or os.environ[OUTPUT])
        self._seen: set[tuple[str, str]] = set()
        self._modules: set[str] = set()

    def start(self) -> None:
        """Record from now on what this process and those that it forks read."""
        Path(self._output).touch()
        sys.addaudithook(self.audit)
        _watch_stat(self)
        self.note_modules()

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note one audit event; called by the interpreter, so it must not raise."""
        if event == LOOKED_UP:
            self._write("configurations", arguments[0])
        elif event == "open" and _reads(arguments):
            self.note("files", arguments[0])
        elif event in {"os.listdir", "os.scandir"}:
            self.note("folders", arguments[0])
        elif event in _PROGRAMS:
            for path in _named_files(*_PROGRAMS[event](arguments)):
                self.note("files", path)

    def note(self, kind: str, path: object) -> None:
        """Note that a path was opened or asked for (``"files"``), or listed (``"folders"``)."""
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str | os.PathLike):
            return  # a file descriptor, or the working directory given as None
        try:
            relative = dependency(path)
        except (OSError, ValueError):  # no working directory, no name of a compiled module
            return
        # Python's import system lists the folders of modules: no page depends on those lists.
        if relative and (kind == "files" or relative.split("/")[0] in _LISTED):
            self._write(kind, relative)

    def note_modules(self) -> None:
        """Note the files of the modules of this package that were imported since the last time."""
        new = sys.modules.keys() - self._modules
        self._modules |= new
        for name in new:
            self.note("files", getattr(sys.modules[name], "__file__", None))

    def _write(self, kind: str, relative: str) -> None:
        if (kind, relative) in self._seen:
            return
        self._seen.add((kind, relative))
        # One write of a short line: lines of several processes do not mix.
        file = os.open(self._output, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, f"{kind}\t{relative}\n".encode())
        finally:
            os.close(file)


def read(output: Path) -> dict[str, list[str]]:
    """Return the paths of ``"files"`` and ``"folders"``, and the names of ``"configurations"``."""
    lines = {line for line in output.read_text(encoding="utf-8").splitlines() if line}
    pairs = [line.split("\t", 1) for line in sorted(lines)]
    return {kind: [path for k, path in pairs if k == kind] for kind in KINDS}


def _reads(arguments: tuple[Any, ...]) -> bool:
    mode = arguments[1]
    if mode is None:  # of os.open
        return not arguments[2] & (os.O_WRONLY | os.O_RDWR)
    return not set("wax") & set(mode)


def _named_files(command: Any, folder: Any) -> list[str]:
    """Return the paths of the files that a command line names."""
    parts = [command] if isinstance(command, str | bytes | os.PathLike) else list(command)
    words = [word.strip("\"'") for part in parts for word in os.fsdecode(part).split()]
    paths = [os.path.join(os.fsdecode(folder or ""), word) for word in words]  # noqa: PTH118
    return [path for path in paths if "\0" not in path and os.access(path, os.R_OK)]


def _watch_stat(recorder: Recorder) -> None:
    """Let the recorder know which files the process asks for: of that there is no audit event."""
    plain = os.stat

    @functools.wraps(plain)
    def noted(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        try:
            found = plain(path, *arguments, **options)
        except (FileNotFoundError, NotADirectoryError):
            recorder.note("files", path)
            raise
        if stat.S_ISREG(found.st_mode):
            recorder.note("files", path)
        return found

    os.stat = noted
    for functions in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        functions.add(noted)


def seed_of(page: str) -> int:
    """Return the seed of the global random states of a page: its own, the same in each build."""
    return int.from_bytes(hashlib.sha256(page.encode()).digest()[:4])


def for_children(environment: MutableMapping[str, str]) -> None:
    """Let Python processes that are started in an environment record what they read, too."""
    folder = str(files(__package__) / "children")
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join([folder, *([inherited] if inherited else [])])


def load_ipython_extension(shell: Any) -> None:
    """Start recording in this kernel and in what it starts, and seed global random states.

    Forked kernels would otherwise all go on with the random numbers of the process that they were
    forked from.
    """
    import numpy as np

    seed = seed_of(os.environ.get(PAGE, ""))
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - it is that state which is shared
    recorder = Recorder()
    recorder.start()
    shell.events.register("post_run_cell", lambda _: recorder.note_modules())
    for_children(os.environ)
