"""Locks, with which several runners at once share the work."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from nnbook.errors import RecordError

if TYPE_CHECKING:
    from filelock import FileLock

logger = logging.getLogger(__name__)

_PATIENCE = 2.0
"""Seconds after which it is said what a process waits for."""


def _without_locks(folder: Path, error: Exception) -> RecordError:
    return RecordError(
        f"{folder}: files cannot be locked there ({error}), so that several commands could not "
        f"share the work; keep the results on a file system with locks, such as a local disk"
    )


@contextmanager
def file_lock(folder: Path, name: str) -> Iterator[None]:
    """Hold a lock of the operating system meanwhile; wait for it if need be, and say so.

    Raises
    ------
    RecordError
        If the folder cannot be written to, or its file system has no locks.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{name}.lock", fallback_to_soft=False)
        try:
            lock.acquire(timeout=_PATIENCE)
        except Timeout:
            logger.warning("waiting for another process, which holds %s", lock.lock_file)
            lock.acquire()
    except (OSError, NotImplementedError) as error:
        raise _without_locks(folder, error) from None
    try:
        yield
    finally:
        _release(lock)


def _release(lock: "FileLock") -> None:
    """Free a lock and remove its file."""
    # While it is held, since whoever opened it before notices that it is gone. Windows does not let
    # go of an open file, and filelock removes it itself there.
    with suppress(OSError):
        Path(lock.lock_file).unlink()
    lock.release()


class Locks:
    """The runs that this process has taken on; a context manager that frees them in the end.

    A lock is one of the operating system on a file in a folder, and so becomes free with the end of
    the process that holds it, however that ends.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[Path, str], FileLock] = {}

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Free all."""
        for folder, key in [*self._held]:
            self.free(folder, key)

    def take(self, folder: Path, key: str) -> bool:
        """Take the lock of the run with this key if it is free; return whether it was.

        Raises
        ------
        RecordError
            If the folder cannot be written to, or its file system has no locks.
        """
        from filelock import FileLock, Timeout

        if (folder, key) in self._held:
            return False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / f"{key}.lock", fallback_to_soft=False)
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            raise _without_locks(folder, error) from None
        self._held[folder, key] = lock
        return True

    def free(self, folder: Path, key: str) -> None:
        """Free the lock of the run with this key, which this process holds."""
        _release(self._held.pop((folder, key)))


def sweep(folder: Path) -> None:
    """Remove the files of locks that nobody holds, which processes left that were killed."""
    with Locks() as locks:
        for file in folder.glob("*.lock"):
            locks.take(folder, file.stem)
