"""Locks, with which several runners at once share the work."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from nnbook.experiments import store

if TYPE_CHECKING:
    from filelock import FileLock


class Locks:
    """The runs that this process has taken on; a context manager that frees them in the end.

    A lock is one of the operating system on a file in ``.local/locks`` of the results, and so
    becomes free with the end of the process that holds it, however that ends.

    Raises
    ------
    RecordError
        If that folder cannot be written to.
    """

    def __init__(self) -> None:
        self._folder = store.results_folder() / ".local" / "locks"
        store.prepare(self._folder)
        self._held: dict[str, FileLock] = {}

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Free all."""
        for key in [*self._held]:
            self.free(key)

    def take(self, key: str) -> bool:
        """Take the lock of the run with this key if it is free; return whether it was."""
        from filelock import FileLock, Timeout

        if key in self._held:
            return False
        lock = FileLock(self._folder / f"{key}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        self._held[key] = lock
        return True

    def free(self, key: str) -> None:
        """Free the lock of the run with this key, which this process holds."""
        lock = self._held.pop(key)
        # Removed while it is held, since whoever opened it before notices that it is gone. Windows
        # does not let go of an open file, and filelock removes it itself there.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()
