"""Run what is not on record: in parallel processes, run by run, to be stopped and resumed."""

import logging
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self, overload

from nnbook import project
from nnbook.errors import MissingRunsError, NNBookError, RecordError
from nnbook.experiments import locks as lock_files
from nnbook.experiments.catalogue import Configuration, Experiment
from nnbook.experiments.locks import Locks
from nnbook.experiments.progress import Progress, cost
from nnbook.experiments.results import Results, Runs, looked_up
from nnbook.experiments.store import KeepWeights, Need, Record, State, Store, needs
from nnbook.experiments.workers import (
    Cluster,
    Processes,
    ThisProcess,
    Train,
    Workers,
    remove_abandoned_folders,
)
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

SECONDS_BETWEEN_NOTES = 2
"""How often the names of new records are put into the index."""

SECONDS_BETWEEN_LOOKS = 1
"""How often the runner looks how far runs are, and whether another process has ended one."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A run to be made, and where it goes on record.

    Attributes
    ----------
    spec : RunSpec
    store : Store
        Where it goes on record.
    experiment, configuration : str
        The names under which it is known.
    keep_weights : bool or "first layer"
    declared : bool
        Whether an experiment file declares it, so that the store's index names it.
    keep_misread : bool
        Whether it must be on record which images were misread.
    """

    spec: RunSpec
    store: Store
    experiment: str
    configuration: str
    keep_weights: KeepWeights
    declared: bool = True
    keep_misread: bool = False

    def __str__(self) -> str:
        """Return what a message calls this run."""
        return f"{self.configuration}, seed {self.spec.seed}"

    @property
    def need(self) -> frozenset[Need]:
        """What its record must have beside the numbers."""
        return needs(self.spec, self.keep_weights, misread=self.keep_misread)

    @property
    def path(self) -> Path:
        """The file of its record."""
        return self.store.path(self.spec.key)

    def found(self) -> Record | None:
        """Return its record if it is whole and has all that is wanted, from whichever store."""
        try:
            record = self.store.get(self.spec.key, self.need)
        except RecordError:
            return None
        return record if record and record.has_whole_arrays() else None

    def record(self, outcome: Outcome) -> Record:
        """Put what came out on record."""
        return self.store.put(self.spec, outcome, self.keep_weights)

    def take_over(self, record: Record) -> Record:
        """Put the record of an equal run, found elsewhere, on record here."""
        return record if record.path == self.path else self.store.adopt(record)


@dataclass
class Names:
    """What runs on record are called; a context manager that puts it into the index in the end.

    It does so every few seconds, too: an index of thousands of names is not written for each. Names
    that are lost when the process is killed are noted by the next command.
    """

    _new: dict[tuple[Store, str], dict[tuple[str, int], str]] = field(default_factory=dict)
    _written: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Write what is new."""
        self.write()

    def add(self, job: Job) -> None:
        """Note the name of a run on record, if a file declares it."""
        if job.declared:
            names = self._new.setdefault((job.store, job.experiment), {})
            names[job.configuration, job.spec.seed] = job.spec.key
        if time.monotonic() - self._written > SECONDS_BETWEEN_NOTES:
            self.write()

    def write(self) -> None:
        """Put into the index what is new."""
        for (store, experiment), names in self._new.items():
            store.note(experiment, names)
        self._new.clear()
        self._written = time.monotonic()


def store_of(what: Experiment | Configuration) -> Store:
    """Return where the runs of an experiment or configuration are looked for and go on record.

    Those that an experiment file declares go to the results that belong to the file, those of a
    variation to the part of them that git ignores. Both are looked for in either, and in the
    records of the book.
    """
    root = what.results or project.book_results()
    declared = Store(root, remedy=f"`{what.command}` makes it anew")
    varied = Store(declared.private, remedy="running it again makes it anew")
    book = Store(project.book_results(), remedy="the record is one of the book's; restore it")
    first, second = (declared, varied) if what.declared else (varied, declared)
    others = () if root == book.root else (book, Store(book.private))
    return replace(first, also=(second, *others))


def jobs(configuration: Configuration, store: Store | None = None) -> list[Job]:
    """Return the runs of a configuration with their places on record."""
    place = store or store_of(configuration)
    return [
        Job(
            spec,
            place,
            configuration.experiment,
            configuration.name,
            configuration.keep_weights,
            configuration.declared,
            configuration.keep_misread,
        )
        for spec in configuration.runs.values()
    ]


def states(experiment: Experiment, store: Store | None = None) -> dict[Job, State]:
    """Return the state of each run that `experiment` declares."""
    place = store or store_of(experiment)
    known = place.index(experiment.name)
    found: dict[Job, State] = {}
    for configuration in experiment.configurations.values():
        for job in jobs(configuration, place):
            state = place.state(job.spec.key, job.need)
            if state == "missing" and (job.configuration, job.spec.seed) in known:
                state = "stale"
            found[job] = state
    return found


def note_names(found: Mapping[Job, State]) -> None:
    """Put into the index the names of runs that are on record under another name only."""
    with Names() as names:
        for job, state in found.items():
            if state in ("recorded", "diverged"):
                names.add(job)


@overload
def run(
    what: Experiment,
    *,
    store: Store | None = None,
    need: Collection[Need] = (),
    workers: int = 1,
) -> Results: ...
@overload
def run(
    what: Configuration,
    *,
    store: Store | None = None,
    need: Collection[Need] = (),
    workers: int = 1,
) -> Runs: ...
def run(
    what: Experiment | Configuration,
    *,
    store: Store | None = None,
    need: Collection[Need] = (),
    workers: int = 1,
) -> Results | Runs:
    """Return the runs of an experiment or configuration; train those that are not on record.

    Runs on record come back at once, without Keras, whichever name they were recorded under. Any
    other is trained now, with a progress bar, and kept for the next time; so is one whose record is
    damaged.

    Parameters
    ----------
    what : Experiment or Configuration
        From `experiment`, or a variation of a configuration (`Configuration.vary`).
    store : Store, optional
        Where to look and to keep; by default where `store_of` says.
    need : collection of {"weights", "probes", "first layer", "misread"}
        What must be on record beside the numbers.
    workers : int
        Number of processes to train in; 1 trains in this one.

    Raises
    ------
    MissingRunsError
        If the environment variable ``NNBOOK_RECORDED_ONLY`` is 1, as in a build of the book, and a
        run is not on record.
    RecordError
        If in such a build a record is damaged.
    NNBookError
        If a run fails.
    """
    if os.environ.get("NNBOOK_RECORDED_ONLY") == "1":
        return recorded(what, store=store, need=need)
    to_train = []
    for configuration in _configurations(what).values():
        for job in jobs(configuration, store):
            try:
                if job.store.get(job.spec.key, need) is None:
                    trial = replace(job, store=_for_trials(job.store), declared=False)
                    keep = job.keep_weights or bool({"weights", "first layer"} & set(need))
                    to_train.append(replace(trial, keep_weights=keep))
            except RecordError as error:
                logger.warning("%s", error)
                to_train.append(job)
    failures = [
        f"{job}: {result}"
        for job, result in train_all(to_train, workers)
        if not isinstance(result, Record)
    ]
    if failures:
        raise NNBookError("\n".join(failures))
    return recorded(what, store=store, need=need)


def _for_trials(store: Store) -> Store:
    """Return the part of a store that takes what a reader trains: git ignores it."""
    return Store(store.private, (store, *store.also), "running it again makes it anew")


@overload
def recorded(
    what: Experiment,
    *,
    store: Store | None = None,
    need: Collection[Need] = (),
    missing: Literal["refused", "left out"] = "refused",
) -> Results: ...
@overload
def recorded(
    what: Configuration,
    *,
    store: Store | None = None,
    need: Collection[Need] = (),
    missing: Literal["refused", "left out"] = "refused",
) -> Runs: ...
def recorded(
    what: Experiment | Configuration,
    *,
    store: Store | None = None,
    need: Collection[Need] = (),
    missing: Literal["refused", "left out"] = "refused",
) -> Results | Runs:
    """Return the runs of an experiment or configuration, all from the record.

    Parameters
    ----------
    what : Experiment or Configuration
    store : Store, optional
        Where to look; by default where `store_of` says.
    need : collection of {"weights", "probes", "first layer", "misread"}
        What must be on record beside the numbers.
    missing : {"refused", "left out"}
        Whether runs that are not on record are an error, or left out; of an experiment, with the
        configurations of which nothing is on record.

    Raises
    ------
    MissingRunsError
        If a run is not on record, and missing runs are refused.
    RecordError
        If a record is damaged.
    """
    found = {}
    for name, configuration in _configurations(what).items():
        place = store or store_of(configuration)
        records = {seed: place.get(spec.key, need) for seed, spec in configuration.runs.items()}
        on_record = {seed: record for seed, record in records.items() if record}
        if missing == "refused" and len(on_record) < len(records):
            raise _missing(configuration, len(records) - len(on_record))
        found[name] = Runs(configuration, on_record)
    if isinstance(what, Configuration):
        looked_up(what)
        return found[what.name]
    return Results({name: runs for name, runs in found.items() if runs.records})


def _configurations(what: Experiment | Configuration) -> Mapping[str, Configuration]:
    return {what.name: what} if isinstance(what, Configuration) else what.configurations


def _missing(configuration: Configuration, count: int) -> MissingRunsError:
    name = configuration.experiment
    total = len(configuration.seeds)
    message = f"{name}: {count} of {total} runs of {configuration.name!r} are not on record; "
    if not configuration.declared:
        message += f"declare it in the file of {name!r}, then "
    return MissingRunsError(message + f"run: {configuration.command}")


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
