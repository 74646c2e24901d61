"""Run what is not on record: in parallel processes, run by run, to be stopped and resumed."""

import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, Literal, overload

from nnbook.errors import MissingRunsError, NNBookError, RecordError
from nnbook.experiments import store
from nnbook.experiments.catalogue import Configuration, Experiment
from nnbook.experiments.results import Results, Runs
from nnbook.experiments.store import Record
from nnbook.training.datasets import load_split
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

State = Literal["recorded", "diverged", "missing", "stale", "damaged"]


@dataclass(frozen=True)
class Job:
    """A run to be made, and where it goes on record."""

    spec: RunSpec
    path: Path
    keep_weights: bool

    def __str__(self) -> str:
        """Return what a message calls this run."""
        return f"{self.path.parent.name}, seed {self.spec.seed}"


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


def recorded(experiment: Experiment) -> Results:
    """Return the runs of `experiment`, all from the record.

    Raises
    ------
    MissingRunsError
        If a run is not on record.
    """
    items = experiment.configurations.items()
    return Results({name: _runs(item, workers=1, recorded_only=True) for name, item in items})


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
    workers: int,
    *,
    train: Callable[..., Outcome] | None = None,
) -> Iterator[tuple[Job, Record | str]]:
    """Train and record run after run; yield each with its record, or with what went wrong.

    A run is on record as soon as it is finished, whatever happens to the others.

    Parameters
    ----------
    to_train : sequence of Job
        Runs of one configuration should follow each other, so that they share its compilation.
    workers : int
        Number of processes; 1 trains in this one.
    train : callable, optional
        In place of `nnbook.training.engine.train`.

    Raises
    ------
    RecordError
        Before any training, if the results cannot be written.
    DataError
        Before any training, if the data are missing or damaged.
    """
    for name in {job.spec.data for job in to_train}:
        load_split(name)
    for folder in {job.path.parent for job in to_train}:
        store.prepare(folder)
    if not to_train:
        return
    with _progress_bar(to_train) as bar:
        outcomes = _in_this_process if workers == 1 else _in_processes
        for job, outcome in outcomes(to_train, workers, train, bar):
            if isinstance(outcome, str):
                yield job, outcome
            else:
                yield job, store.write(job.path, job.spec, outcome, job.keep_weights)


def _progress_bar(to_train: Sequence[Job]) -> Any:
    from tqdm import tqdm

    notebook = "ipykernel" in sys.modules
    return tqdm(
        total=sum(job.spec.epochs for job in to_train),
        unit="epoch",
        unit_scale=True,
        desc=f"{len(to_train)} run{'s' if len(to_train) > 1 else ''}",
        file=sys.stdout if notebook else sys.stderr,
        disable=False if notebook else None,  # None: off when the file is no terminal
        leave=False,
    )


def _in_this_process(
    to_train: Iterable[Job], workers: int, train: Any, bar: Any
) -> Iterator[tuple[Job, Outcome | str]]:
    if train is None:
        from nnbook.training.engine import train
    for job in to_train:
        before = bar.n
        try:
            outcome = train(job.spec, partial(_advance, bar, before))
        except Exception as error:
            yield job, f"{type(error).__name__}: {error}"
        else:
            yield job, outcome
        _advance(bar, before, job.spec.epochs)


def _advance(bar: Any, before: int, epochs: int) -> None:
    bar.update(before + epochs - bar.n)


def _in_processes(
    to_train: Sequence[Job], workers: int, train: Any, bar: Any
) -> Iterator[tuple[Job, Outcome | str]]:
    """Train in `workers` processes.

    When a process dies, all that were at work are lost. The runs that had been given out are then
    made one at a time, each in a process of its own, which finds the culprit; the others go on
    together.
    """
    waiting = dict(enumerate(to_train))
    while waiting:
        given_out: list[int] = []
        try:
            for index, outcome in _parallel(waiting, workers, train, given_out):
                bar.update(waiting[index].spec.epochs)
                yield waiting.pop(index), outcome
        except _worker_died():
            for index in [index for index in given_out if index in waiting]:
                try:
                    ((_, outcome),) = _parallel({index: waiting[index]}, workers, train, [])
                except _worker_died():
                    outcome = "its process died (out of memory?)"
                bar.update(waiting[index].spec.epochs)
                yield waiting.pop(index), outcome


def _worker_died() -> type[BaseException]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    return BrokenProcessPool  # type: ignore[no-any-return]


def _parallel(
    waiting: dict[int, Job], workers: int, train: Any, given_out: list[int]
) -> Iterator[tuple[int, Outcome | str]]:
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    def tasks() -> Iterator[Any]:
        for index, job in list(waiting.items()):
            given_out.append(index)
            yield delayed(_work)(index, job.spec, train)

    parallel = Parallel(
        workers,
        backend="loky",
        batch_size=1,
        return_as="generator_unordered",
        initializer=_start_worker,
    )
    try:
        with warnings.catch_warnings():
            # XLA keeps what it compiled, and loky replaces a worker that has grown by 300 MB.
            warnings.filterwarnings("ignore", "A worker stopped while some jobs were given")
            yield from parallel(tasks())
    except BaseException:  # Ctrl-C among them
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, use one core, and end with the parent, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(index: int, spec: RunSpec, train: Any) -> tuple[int, Outcome | str]:
    if train is None:
        from nnbook.training.engine import train
    try:
        return index, train(spec)
    except Exception as error:
        return index, f"{type(error).__name__}: {error}"
