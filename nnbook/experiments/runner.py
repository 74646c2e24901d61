"""Run what is not on record: in parallel processes, run by run, to be stopped and resumed."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, overload

from nnbook.errors import MissingRunsError, NNBookError, RecordError
from nnbook.experiments import store
from nnbook.experiments.catalogue import Configuration, Experiment
from nnbook.experiments.locks import Locks
from nnbook.experiments.progress import Progress, cost
from nnbook.experiments.results import Results, Runs
from nnbook.experiments.store import Record
from nnbook.experiments.workers import Cluster, Processes, ThisProcess, Train, Workers
from nnbook.training.datasets import load_split
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

State = Literal["recorded", "diverged", "missing", "stale", "damaged"]

SECONDS_BETWEEN_LOOKS = 1
"""How often the runner looks how far runs are, and whether another process has ended one."""


@dataclass(frozen=True)
class Job:
    """A run to be made, and where it goes on record."""

    spec: RunSpec
    path: Path
    keep_weights: store.KeepWeights

    def __str__(self) -> str:
        """Return what a message calls this run."""
        return f"{self.path.parent.name}, seed {self.spec.seed}"

    def record(self, outcome: Outcome) -> Record:
        """Put what came out on record."""
        return store.write(self.path, self.spec, outcome, self.keep_weights)


def look_up(path: Path, key: str) -> tuple[State, Record | None]:
    """Return the state of the record at `path` for a run with this key, and the record itself."""
    if not path.is_file():
        return "missing", None
    try:
        record = store.read(path)
    except RecordError:
        return "damaged", None
    if record.key != key:
        return "stale", record
    return ("diverged" if record.diverged else "recorded"), record


def jobs(configuration: Configuration) -> list[Job]:
    """Return the runs of a declared configuration with their places on record."""
    return [
        Job(
            spec,
            store.recorded_path(configuration.experiment, configuration.name, seed),
            configuration.keep_weights,
        )
        for seed, spec in configuration.runs.items()
    ]


def states(experiment: Experiment) -> dict[Job, State]:
    """Return the state of each run that `experiment` declares."""
    return {
        job: look_up(job.path, job.spec.key)[0]
        for configuration in experiment.configurations.values()
        for job in jobs(configuration)
    }


@overload
def run(what: Experiment, *, workers: int = 1) -> Results: ...
@overload
def run(what: Configuration, *, workers: int = 1) -> Runs: ...
def run(what: Experiment | Configuration, *, workers: int = 1) -> Results | Runs:
    """Return the runs of an experiment or configuration; train those that are not on record.

    Runs on record come back at once, without Keras. Any other is trained now, with a progress bar,
    and kept in ``data/results/.local`` for the next time.

    Parameters
    ----------
    what : Experiment or Configuration
        From `experiment`, or a variation of a configuration (`Configuration.vary`).
    workers : int
        Number of processes to train in; 1 trains in this one.

    Raises
    ------
    MissingRunsError
        If the environment variable ``NNBOOK_RECORDED_ONLY`` is 1, as in a build of the book, and a
        run is not on record.
    RecordError
        If a record is damaged.
    """
    only = os.environ.get("NNBOOK_RECORDED_ONLY") == "1"
    if isinstance(what, Configuration):
        return _runs(what, workers, only)
    return Results({name: _runs(item, workers, only) for name, item in what.configurations.items()})


@overload
def recorded(what: Experiment) -> Results: ...
@overload
def recorded(what: Configuration) -> Runs: ...
def recorded(what: Experiment | Configuration) -> Results | Runs:
    """Return the runs of an experiment or configuration, all from the record.

    Raises
    ------
    MissingRunsError
        If a run is not on record.
    """
    if isinstance(what, Configuration):
        return _runs(what, workers=1, recorded_only=True)
    items = what.configurations.items()
    return Results({name: _runs(item, workers=1, recorded_only=True) for name, item in items})


def so_far(experiment: Experiment) -> Results:
    """Return the runs of `experiment` that are on record, even if others are missing.

    Configurations of which nothing is on record are left out.

    Raises
    ------
    RecordError
        If a record is damaged.
    """
    found = {}
    for name, configuration in experiment.configurations.items():
        records = {job.spec.seed: _on_record(job) for job in jobs(configuration)}
        if on_record := {seed: record for seed, record in records.items() if record}:
            found[name] = Runs(configuration, on_record)
    return Results(found)


def _runs(configuration: Configuration, workers: int, recorded_only: bool) -> Runs:
    records = {job.spec.seed: _on_record(job) for job in jobs(configuration)}
    missing = [
        Job(spec, store.local_path(spec.key), keep_weights=True)
        for seed, spec in configuration.runs.items()
        if records[seed] is None
    ]
    if missing and recorded_only:
        raise _missing(configuration, len(missing))
    to_train = []
    for job in missing:
        records[job.spec.seed] = _on_record(job)
        if records[job.spec.seed] is None:
            to_train.append(job)
    failures = []
    for job, result in train_all(to_train, workers):
        if isinstance(result, Record):
            records[job.spec.seed] = result
        else:
            failures.append(f"{configuration.name}, seed {job.spec.seed}: {result}")
    if failures:
        raise NNBookError("\n".join(failures))
    return Runs(configuration, {seed: record for seed, record in records.items() if record})


def _on_record(job: Job) -> Record | None:
    if not job.path.is_file():
        return None
    record = store.read(job.path)
    return record if record.key == job.spec.key else None


def _missing(configuration: Configuration, count: int) -> MissingRunsError:
    name = configuration.experiment
    total = len(configuration.seeds)
    message = f"{name}: {count} of {total} runs of {configuration.name!r} are not on record; "
    if " with " in configuration.name:
        message += f"declare it in data/experiments/{name}.toml, then "
    return MissingRunsError(message + f"run: nnbook run {name}")


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
    with _workers(workers, scheduler, train) as hands:
        if not jobs:
            return
        if scheduler is None:
            for name in {job.spec.data for job in jobs}:
                load_split(name)
        for folder in {job.path.parent for job in jobs}:
            store.prepare(folder)
        with Locks() as locks, Progress([job.spec for job in jobs]) as progress:
            yield from _Session(jobs, hands, locks, progress).results()


def _workers(number: int, scheduler: str | None, train: Train | None) -> Workers:
    if scheduler is not None:
        return Cluster(scheduler, train)
    return ThisProcess(train) if number == 1 else Processes(number, train)


@dataclass(frozen=True)
class _Session:
    """Shares runs out among workers, and with other processes; see `train_all`."""

    jobs: Sequence[Job]
    workers: Workers
    locks: Locks
    progress: Progress

    def results(self) -> Iterator[tuple[Job, Record | str]]:
        """Yield each run with its record, or with what went wrong."""
        dead: list[int] = []
        yield from self._make(range(len(self.jobs)), dead)
        for index in dead:
            dead_again: list[int] = []
            yield from self._make([index], dead_again)
            if dead_again:
                self.progress.end(index)
                yield self.jobs[index], "its process died twice (out of memory?)"

    def _make(self, indices: Iterable[int], dead: list[int]) -> Iterator[tuple[Job, Record | str]]:
        """Yield runs as `results` does, but add those whose process died to `dead`."""
        waiting, at_work = list(indices), set[int]()
        while waiting or at_work:
            yield from self._hand_out(waiting, at_work)
            if waiting and not at_work:
                time.sleep(SECONDS_BETWEEN_LOOKS)
            for index, result in self.workers.finished(SECONDS_BETWEEN_LOOKS, self.progress.follow):
                at_work.remove(index)
                job = self.jobs[index]
                ended = job.record(result) if isinstance(result, Outcome) else result
                self.locks.free(job.spec.key)
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
            if not self.locks.take(job.spec.key):
                continue
            waiting.remove(index)
            state, record = look_up(job.path, job.spec.key)
            if record and state != "stale":
                self.locks.free(job.spec.key)
                self.progress.end(index, elsewhere=True)
                yield job, record
            else:
                self.workers.start(index, job.spec)
                at_work.add(index)
