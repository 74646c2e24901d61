"""Where runs are trained: in this process, in parallel ones that may die, or on a cluster.

All three take runs one by one and give back what came out, so that the runner decides which run is
next at the moment in which a worker is free for it.
"""

import os
import re
import shutil
import signal
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import Lock, Thread
from typing import Any, Self

import numpy as np

from nnbook.errors import NNBookError
from nnbook.experiments.disk import is_alive
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

Train = Callable[..., Outcome]

Follow = Callable[[int, int], None]
"""Is told the number of a run and of the epochs that it has done."""

Result = Outcome | str | None
"""What came out; or what went wrong, in words; or None if the process died."""

SECONDS_TO_CONNECT = 5
SECONDS_WITHOUT_WORKERS = 60
SAME_EVERYWHERE = ("nnbook", "keras", "numpy")

ONE_THREAD = dict.fromkeys(
    ["TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"],
    "1",
)


class Workers(ABC):
    """What trains runs; a context manager that ends all work in progress when it is left.

    Parameters
    ----------
    train : callable, optional
        In place of `nnbook.training.engine.train`.
    """

    def __init__(self, train: Train | None) -> None:
        self._train = train
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *exception: object) -> None:
        """End all work in progress."""
        self._open.close()

    @abstractmethod
    def has_room(self) -> bool:
        """Return whether a run given now would begin at once."""

    @abstractmethod
    def start(self, index: int, spec: RunSpec) -> None:
        """Take on run number `index`."""

    @abstractmethod
    def finished(self, seconds: float, follow: Follow) -> list[tuple[int, Result]]:
        """Return numbers and results of runs that ended.

        Parameters
        ----------
        seconds : float
            How long to wait for one at most; a run in this process is trained to its end.
        follow : callable
            Is told how far the others are, where that is known.
        """


class ThisProcess(Workers):
    """Train one run after the other, in this process."""

    _next: tuple[int, RunSpec] | None = None

    def has_room(self) -> bool:
        """Return whether no run is waiting for `finished`."""
        return self._next is None

    def start(self, index: int, spec: RunSpec) -> None:
        """Take on run number `index`, to be trained by `finished`."""
        self._next = index, spec

    def finished(self, seconds: float, follow: Follow) -> list[tuple[int, Result]]:
        """Train the run that was taken on and return what came out."""
        if self._next is None:
            return []
        index, spec = self._next
        self._next = None
        return [(index, _outcome(spec, self._train, partial(follow, index)))]


class Processes(Workers):
    """Train in processes of this machine, each with one thread.

    Each is a pool of its own, so that one that dies costs its own run only.

    Parameters
    ----------
    number : int
        How many processes.

    Raises
    ------
    OSError, ImportError
        If the machine has no room for their semaphores or progress, or no semaphores.
    """

    def __init__(self, number: int, train: Train | None) -> None:
        super().__init__(train)
        with ExitStack() as opened:  # closed if there is no room for the rest
            # The processes write how many epochs they have done; one that dies leaves it readable.
            folder = opened.enter_context(TemporaryDirectory(prefix=f"nnbook-{os.getpid()}-"))
            self._file = Path(folder) / "epochs"
            self._epochs = np.memmap(self._file, np.int64, "w+", shape=(number,))
            # loky's, since it needs no `if __name__ == "__main__"` in a reader's script, and
            # replaces a process that has grown by 300 MB (XLA keeps what it compiled), of which it
            # warns.
            opened.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", module=r"joblib\.")
            self._idle: list[tuple[int, Any]] = []
            self._at_work: dict[Future[Result], tuple[int, int, Any]] = {}
            opened.callback(self._end)
            for place in range(number):
                self._idle.append((place, self._pool()))
                self._idle[-1][1].submit(os.getpid)  # the process starts now, if it finds room
            self._open = opened.pop_all()

    @staticmethod
    def _pool() -> Any:
        from joblib.externals.loky import ProcessPoolExecutor

        return ProcessPoolExecutor(1, initializer=_begin, initargs=(os.getpid(),), env=ONE_THREAD)

    def _end(self) -> None:
        for pool in [*(pool for _, pool in self._idle), *(p for *_, p in self._at_work.values())]:
            if pool:
                pool.shutdown(kill_workers=True)

    def has_room(self) -> bool:
        """Return whether a process is idle."""
        return bool(self._idle)

    def start(self, index: int, spec: RunSpec) -> None:
        """Give run number `index` to an idle process."""
        from joblib.externals.loky.process_executor import BrokenProcessPool

        place, pool = self._idle.pop()
        self._epochs[place] = 0
        task = _work, spec, self._train, self._file, place
        try:
            pool = pool or self._pool()
            try:
                future = pool.submit(*task)
            except BrokenProcessPool:  # the process died while it was idle
                pool = self._pool()
                future = pool.submit(*task)
        except OSError as error:
            raise NNBookError(
                f"a process that died cannot be replaced ({error.strerror or error}); finished "
                f"runs are on record, the same command with fewer --jobs continues"
            ) from None
        self._at_work[future] = index, place, pool

    def finished(self, seconds: float, follow: Follow) -> list[tuple[int, Result]]:
        """Return numbers and results of runs that ended."""
        from joblib.externals.loky.process_executor import BrokenProcessPool

        done, at_work = wait(self._at_work, seconds, FIRST_COMPLETED)
        for future in at_work:
            index, place, _ = self._at_work[future]
            follow(index, int(self._epochs[place]))
        results: list[tuple[int, Result]] = []
        for future in done:
            index, place, pool = self._at_work.pop(future)
            try:
                results.append((index, future.result()))
                self._idle.append((place, pool))
            except BrokenProcessPool:
                results.append((index, None))
                pool.shutdown(kill_workers=True)
                # Replaced when no other is idle: there may be no room for a new one.
                self._idle.insert(0, (place, None))
        return results


class Cluster(Workers):
    """Train on the workers of a Dask cluster, one run at a time on each.

    Dask makes a run again whose worker was lost. A run during which several workers died comes
    back like one whose process died.

    Parameters
    ----------
    address : str
        Of the cluster's scheduler, such as ``tcp://localhost:8786``.

    Raises
    ------
    NNBookError
        If Dask is not installed, or there is no scheduler with workers at this address.

    Notes
    -----
    This is Dask's own executor and not joblib's backend for Dask: joblib 1.6 waits for ever for a
    run that Dask has given up.
    """

    def __init__(self, address: str, train: Train | None) -> None:
        super().__init__(train)
        self._client = self._open.enter_context(_client(address))
        self._executor = self._client.get_executor(pure=False)
        self._at_work: dict[Future[Result], int] = {}
        self._seen = time.monotonic()

    def has_room(self) -> bool:
        """Return whether the cluster has more workers than runs at present."""
        return len(self._at_work) < self._count()

    def _count(self) -> int:
        """Return the number of workers at present, which are missed for a while only."""
        if self._client.status == "closed":
            raise _lost()
        try:
            count = len(self._client.ncores())
        except OSError:
            raise _lost() from None
        if count:
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > SECONDS_WITHOUT_WORKERS:
            raise _lost()
        return count

    def start(self, index: int, spec: RunSpec) -> None:
        """Give run number `index` to the cluster."""
        future = self._executor.submit(_work_in_cluster, spec, self._train, spec.key)
        self._at_work[future] = index

    def finished(self, seconds: float, follow: Follow) -> list[tuple[int, Result]]:
        """Return numbers and results of runs that ended."""
        done, _ = wait(self._at_work, seconds, FIRST_COMPLETED)
        self._count()
        return [(self._at_work.pop(future), _from_cluster(future)) for future in done]


def _client(address: str) -> Any:
    """Return a connection to a cluster that has workers with the same packages as this process."""
    try:
        from distributed import Client
    except ImportError:
        raise NNBookError(
            "a cluster needs Dask, which is not installed; install it: pip install 'nnbook[dask]'"
        ) from None
    if not re.fullmatch(r"(tcp|tls)://.+:\d+", address):
        raise NNBookError(
            f"--scheduler: expected an address such as tcp://localhost:8786, which "
            f"`dask scheduler` prints, received {address!r}"
        )
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]
            address, timeout=SECONDS_TO_CONNECT, set_as_default=False
        )
    except Exception as error:  # of many kinds, if something else than a scheduler answers
        raise NNBookError(
            f"no Dask scheduler answers at {address}; start one with `dask scheduler`, or give the "
            f"address that it prints ({error})"
        ) from None
    try:
        _check_workers(client, address)
    except NNBookError:
        client.close()
        raise
    return client


def _check_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
    except TimeoutError:
        raise NNBookError(
            f"the Dask scheduler at {address} has no workers; "
            f"start some: dask worker {address} --nthreads 1"
        ) from None
    versions = client.get_versions(packages=SAME_EVERYWHERE)
    here = versions["client"]["packages"]
    for worker, found in versions["workers"].items():
        for package in SAME_EVERYWHERE:
            there = found["packages"][package]
            if there != here[package]:
                raise NNBookError(
                    f"the Dask worker {worker} has {package} {there or 'not installed'}; expected "
                    f"{here[package]}, as here: records say with what they were made"
                )


def _from_cluster(future: Future[Result]) -> Result:
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        return None
    except CancelledError:
        raise _lost() from None
    except Exception as error:  # one run that cannot even begin
        return _explained(error)


def _lost() -> NNBookError:
    return NNBookError(
        "the Dask scheduler, or all of its workers, are gone; finished runs are on record, the "
        "same command continues"
    )


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end with the parent, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(spec: RunSpec, train: Train | None, file: Path, place: int) -> Result:
    epochs = np.memmap(file, np.int64, "r+")
    return _outcome(spec, train, partial(epochs.__setitem__, place))


_one_at_a_time = Lock()


def _work_in_cluster(spec: RunSpec, train: Train | None, key: str) -> Result:
    if spec.key != key:
        return "the worker has another version of nnbook; install the same everywhere"
    with _one_at_a_time:  # a worker with several threads still has only one compiled program
        os.environ.update(ONE_THREAD)
        return _outcome(spec, train, None)


def _outcome(
    spec: RunSpec, train: Train | None, progress: Callable[[int], None] | None
) -> Outcome | str:
    if train is None:
        from nnbook.training import engine

        train = engine.train
    try:
        key = spec.key
        outcome = train(spec, progress)
        if spec.key != key:
            return "its data file was changed while it was trained on; run it again"
        return outcome
    except Exception as error:  # one run that fails must not cost the others
        return _explained(error)


def _explained(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def remove_abandoned_folders() -> None:
    """Remove the temporary folders of processes that were killed, and their semaphores."""
    for folder in Path(gettempdir()).glob("nnbook-*-*"):
        process = folder.name.split("-")[1]
        if process.isdecimal() and not is_alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)
            # Linux shows semaphores as files; elsewhere they cannot be found.
            for semaphore in Path("/dev/shm").glob(f"sem.loky-{process}-*"):
                with suppress(OSError):
                    semaphore.unlink()
