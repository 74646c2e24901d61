"""What an output depends on, as digests: of what was read, and of the libraries in use.

`nnbook.publishing.recorder` says what was read while the output was made. While all of that has
the digests that are kept beside the output, the output is fresh.
"""

import hashlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nnbook.project import REPOSITORY

_RESOLUTION = 3.0  # seconds; no file system in use tells times of change less exactly

Digests = dict[str, dict[str, str]]
"""The digest of each dependency by its kind and its path relative to the repository."""


def digests(recorded: Mapping[str, Sequence[str]], start: float) -> Digests:
    """Return the digests of what an output depends on.

    Parameters
    ----------
    recorded : mapping of str to sequence of str
        What the recorder saw: paths by their kinds.
    start : float
        When the output began to be made (`time.time`). What was changed since then counts as
        changed.
    """
    kinds = {kind: recorded.get(kind, ()) for kind in ("files", "folders")}
    kinds["libraries"] = ["installed"]
    return {kind: {path: _since(start, path, kind) for path in kinds[kind]} for kind in kinds}


def unchanged(recorded: Digests, now: Callable[[str, str], str] | None = None) -> bool:
    """Return whether all dependencies are what they were.

    Parameters
    ----------
    recorded : dict
        From `digests`.
    now : callable, optional
        In place of `digest`, such as one that remembers.
    """
    return all(
        (now or digest)(path, kind) == before
        for kind, of_kind in recorded.items()
        for path, before in of_kind.items()
    )


def _since(start: float, relative: str, kind: str) -> str:
    path = REPOSITORY / relative
    if path.exists() and path.stat().st_mtime >= start:
        return "changed while the output was made"
    return digest(relative, kind)


def digest(relative: str, kind: str) -> str:
    """Return the SHA-256 digest, in hex, of what a dependency is now.

    Parameters
    ----------
    relative : str
        Path relative to the repository's root.
    kind : {"files", "folders", "libraries"}
        Whether the content or the list of names counts; or the names and versions of all libraries
        that are installed in the environment in use, whatever the path.

    Returns
    -------
    str
        The digest, or ``"absent"``.
    """
    path = REPOSITORY / relative
    try:
        if kind == "files":
            content = path.read_bytes()
        elif kind == "libraries":
            content = "\n".join(_installed()).encode()
        else:
            content = "\n".join(sorted(entry.name for entry in path.iterdir())).encode()
    except OSError:
        return "absent"
    return hashlib.sha256(content).hexdigest()


def stamp(*folders: Path) -> str:
    """Return a digest of which files are in folders, how large they are and when they changed.

    It costs far less than the files' content. Equal stamps mean that nothing was changed, in the
    folders and in the installed libraries; a file that changed just now, and may change again
    within the resolution of its time, makes a stamp that no other equals.
    """
    now, lines = time.time(), _installed()
    for folder in folders:
        for inside, subfolders, names in os.walk(folder):
            subfolders[:] = [name for name in subfolders if name != "__pycache__"]
            for name in names:
                path = os.path.join(inside, name)  # noqa: PTH118 - of ten thousand files
                found = os.stat(path)  # noqa: PTH116
                age = "" if found.st_mtime < now - _RESOLUTION else f" seen at {time.time_ns()}"
                lines.append(f"{path} {found.st_size} {found.st_mtime_ns}{age}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _installed() -> list[str]:
    """Return the installed distributions, such as ``numpy-2.1.0``."""
    found = (path for folder in set(sys.path) for path in Path(folder).glob("*.dist-info"))
    return sorted({path.stem for path in found})
