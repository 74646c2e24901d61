"""Files that are whole at any moment, and what processes that were killed leave behind."""

import hashlib
import os
import platform
import time
from pathlib import Path

LONGEST_SILENCE = 86_400
"""Seconds after which a temporary file that another machine began counts as abandoned."""

_HERE = hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that at any moment the old one or the new one is there, whole."""
    unfinished = temporary(path)
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def temporary(path: Path) -> Path:
    """Return where a file is written before it takes its place: the name says who does it."""
    return path.with_name(f".{path.name}.{_HERE}-{os.getpid()}.tmp")


def is_abandoned(temporary: Path) -> bool:
    """Say whether the process that began a temporary file has ended."""
    machine, _, process = temporary.name.split(".")[-2].partition("-")
    if machine == _HERE and process.isdecimal():
        return not is_alive(int(process))
    return time.time() - temporary.stat().st_mtime > LONGEST_SILENCE


def is_alive(process: int) -> bool:
    """Say whether a process of this machine is running."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True
