"""When the pages were last changed, as git tells it."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path
from typing import NamedTuple

_COMMIT = "commit "


class Change(NamedTuple):
    """The last commit that changed a file."""

    commit: str
    date: datetime.date


def last_changes(folder: Path) -> dict[str, Change]:
    """Return the last change of each file in a folder.

    A file that has changed since its last commit is left out. Where git cannot tell, as in an
    archive or in a clone that is not complete, no file is known.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of str to Change
        By paths below the folder.
    """
    if _git(folder, "rev-parse", "--is-shallow-repository").strip() != "false":
        return {}
    log = _git(folder, "log", f"--format={_COMMIT}%H %cs", "--name-only", "--relative", "--", ".")
    changes: dict[str, Change] = {}
    change = None
    for line in log.splitlines():
        if line.startswith(_COMMIT):
            _, commit, date = line.split()
            change = Change(commit, datetime.date.fromisoformat(date))
        elif line and change:
            changes.setdefault(line, change)
    changed_since = _git(folder, "diff", "--name-only", "--relative", "HEAD", "--", ".")
    return {path: c for path, c in changes.items() if path not in changed_since.splitlines()}


def head(folder: Path) -> str:
    """Return the commit that is checked out; nothing if files differ, or git cannot tell."""
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no").strip()
    return "" if changed else _git(folder, "rev-parse", "HEAD").strip()


def _git(folder: Path, *arguments: str) -> str:
    """Return what git says, or nothing if there is no git, or no repository."""
    command = ["git", "-c", "core.quotePath=false", *arguments]
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
