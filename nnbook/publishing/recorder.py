"""An IPython extension that records what a page depends on while the page is executed.

jupyter-cache recognizes a page by the source of its cells alone. What the cells read - modules of
this package, experiment files, results - changes their output too. So the kernel itself reports
it: the modules that were imported, the files that were opened and the folders that were listed,
whichever way the code found them. `nnbook.publishing.execution` loads this extension into the
kernel and compares the digests before the next build.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from nnbook.project import REPOSITORY

OUTPUT = "NNBOOK_DEPENDENCIES"
"""The environment variable that names the file to write the dependencies to."""

_IGNORED = ("_build", ".git", ".venv", ".local", "__pycache__")


def dependency(path: str | os.PathLike[str]) -> str | None:
    """Return the path relative to `REPOSITORY` if a page's output can depend on it, else None.

    Build products, the environment and caches are none: the lock file stands for the environment.

    Examples
    --------
    >>> dependency(REPOSITORY / "data" / "eckerle4.csv")
    'data/eckerle4.csv'
    >>> dependency(REPOSITORY / "_build" / "html") is dependency("/proc/meminfo") is None
    True
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would ask the disk each time
    if not absolute.is_relative_to(REPOSITORY):
        return None
    relative = absolute.relative_to(REPOSITORY)
    if any(part.startswith(_IGNORED) for part in relative.parts):
        return None
    return relative.as_posix()


def imported_modules() -> set[str]:
    """Return the files of the imported modules of this package, relative to `REPOSITORY`."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {path for file in files if file and (path := dependency(file))}


class Recorder:
    """Collects what is opened and listed from now on, by Python's audit events (PEP 578)."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.folders: set[str] = set()

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note one audit event; called by the interpreter, so it must not raise."""
        if event == "open" and _reads(arguments):
            target = self.files
        elif event in {"os.listdir", "os.scandir"}:
            target = self.folders
        else:
            return
        path = arguments[0]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str | os.PathLike):
            return  # a file descriptor, or the working directory given as None
        relative = dependency(path)
        # Python's import system lists the folders of modules: no page depends on those lists.
        if relative and (target is self.files or relative.startswith("data")):
            target.add(relative)

    def write(self, path: Path) -> None:
        """Write the dependencies as JSON: ``{"files": [...], "folders": [...]}``."""
        files = sorted(self.files | imported_modules())
        path.write_text(json.dumps({"files": files, "folders": sorted(self.folders)}))


def _reads(arguments: tuple[Any, ...]) -> bool:
    mode = arguments[1]
    return mode is None or not set("wax") & set(mode)


def load_ipython_extension(shell: Any) -> None:
    """Start recording in this kernel; the file is written anew after each cell."""
    recorder = Recorder()
    sys.addaudithook(recorder.audit)
    output = Path(os.environ[OUTPUT])
    shell.events.register("post_run_cell", lambda _: recorder.write(output))
