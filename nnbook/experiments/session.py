"""A session: runs are shared out among workers and go on record, to be stopped and resumed."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nnbook.experiments import locks as lock_files
from nnbook.experiments.locks import Locks
from nnbook.experiments.plan import Job, Names
from nnbook.experiments.progress import Progress, cost
from nnbook.experiments.record import Record
from nnbook.experiments.workers import (
    Cluster,
    Processes,
    ThisProcess,
    Train,
    Workers,
    remove_abandoned_folders,
)
from nnbook.training.outcome import Outcome

SECONDS_BETWEEN_LOOKS = 1
"""How often the runner looks how far runs are, and whether another process has ended one."""

logger = logging.getLogger(__name__)


def train_all(
    to_train: Sequence[Job],
    workers: int = 1,
    *,
    scheduler: str | None = None,
    train: Train | None = None,
) -> Iterator[tuple[Job, Record | str]]:
    """Train and record run after run; yield each with its record, or with what went wrong.

    A run is on record as soon as it is finished, whatever happens to the others. Those that take
    longest come first, so that all workers end at about the same time; runs of one configuration
    follow each other, so that they share its compilation. What another process is making already,
    this one waits for. A run whose process dies is tried once more, alone, in the end.

    Parameters
    ----------
    to_train : sequence of Job
        The runs.
    workers : int
        Number of processes; 1 trains in this one.
    scheduler : str, optional
        Address of the scheduler of a Dask cluster whose workers train instead.
    train : callable, optional
        In place of `nnbook.training.engine.train`.

    Raises
    ------
    RecordError
        Before any training, if the results cannot be written.
    DataError
        Before any training, if the data are missing or damaged.
    NNBookError
        Before any training, if there is no such cluster; later, if it is lost.
    """
    jobs = sorted(to_train, key=lambda job: cost(job.spec), reverse=True)
    remove_abandoned_folders()
    with _workers(min(workers, len(jobs)), scheduler, train) as hands:
        if not jobs:
            return
        if scheduler is None:
            for data in {job.spec.data.digest: job.spec.data for job in jobs}.values():
                data.load(split=0)
        for place in {job.store for job in jobs}:
            place.prepare()
            lock_files.sweep(place.private / "locks")
        specs = [job.spec for job in jobs]
        with Locks() as locks, Names() as names, Progress(specs) as progress:
            yield from _Session(jobs, hands, locks, names, progress).results()


def _workers(number: int, scheduler: str | None, train: Train | None) -> Workers:
    if scheduler is not None:
        return Cluster(scheduler, train)
    if number <= 1:
        return ThisProcess(train)
    try:
        return Processes(number, train)
    except (OSError, ImportError) as error:  # a full /dev/shm, a platform without semaphores
        reason = getattr(error, "strerror", None) or error
        logger.warning("no processes can be started (%s): all runs are made in this one", reason)
        return ThisProcess(train)


@dataclass(frozen=True)
class _Session:
    """Shares runs out among workers, and with other processes; see `train_all`."""

    jobs: Sequence[Job]
    workers: Workers
    locks: Locks
    names: Names
    progress: Progress

    def results(self) -> Iterator[tuple[Job, Record | str]]:
        """Yield each run with its record, or with what went wrong."""
        dead: list[int] = []
        yield from self._make(range(len(self.jobs)), dead)
        for index in dead:
            logger.warning("%s: its process died; it is tried once more", self.jobs[index])
            dead_again: list[int] = []
            yield from self._make([index], dead_again)
            if dead_again:
                self.progress.end(index)
                yield self.jobs[index], "its process died twice (out of memory?)"
            else:
                logger.info("%s: made at the second attempt", self.jobs[index])

    def _make(self, indices: Iterable[int], dead: list[int]) -> Iterator[tuple[Job, Record | str]]:
        """Yield runs as `results` does, but add those whose process died to `dead`."""
        waiting, at_work, told = list(indices), set[int](), False
        while waiting or at_work:
            yield from self._hand_out(waiting, at_work)
            if waiting and not at_work:
                if not told:
                    runs = "a run" if len(waiting) == 1 else f"{len(waiting)} runs"
                    logger.info("waiting for %s that another process is making", runs)
                    told = True
                time.sleep(SECONDS_BETWEEN_LOOKS)
            for index, result in self.workers.finished(SECONDS_BETWEEN_LOOKS, self.progress.follow):
                at_work.remove(index)
                job = self.jobs[index]
                ended = job.record(result) if isinstance(result, Outcome) else result
                if isinstance(ended, Record):
                    self.names.add(job)
                self.locks.free(*_lock(job))
                if ended is None:
                    dead.append(index)
                else:
                    self.progress.end(index)
                    yield job, ended
            self.progress.show()

    def _hand_out(self, waiting: list[int], at_work: set[int]) -> Iterator[tuple[Job, Record]]:
        """Give runs to free workers; yield those that another process has made meanwhile."""
        for index in [*waiting]:
            job = self.jobs[index]
            if not self.workers.has_room():
                return
            if not self.locks.take(*_lock(job)):
                continue
            waiting.remove(index)
            record = job.found()
            if record:
                record = job.take_over(record)
                self.names.add(job)
                self.locks.free(*_lock(job))
                self.progress.end(index, elsewhere=True)
                yield job, record
            else:
                self.workers.start(index, job.spec)
                at_work.add(index)


def _lock(job: Job) -> tuple[Path, str]:
    """Return folder and name of the lock of a run: one for all names that it has."""
    return job.store.private / "locks", job.spec.key
