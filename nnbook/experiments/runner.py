"""Run what is not on record: in parallel processes, run by run, to be stopped and resumed."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, overload

from nnbook.errors import MissingRunsError, NNBookError, RecordError
from nnbook.experiments import store
from nnbook.experiments.catalogue import Configuration, Experiment
from nnbook.experiments.results import Results, Runs
from nnbook.experiments.store import Record
from nnbook.experiments.workers import Train, in_processes, in_this_process
from nnbook.training.datasets import load_split
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
    train: Train | None = None,
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
    specs = [job.spec for job in to_train]
    with _progress_bar(specs) as bar:
        running = (
            in_this_process(specs, train, bar.update)
            if workers == 1
            else in_processes(specs, workers, train, bar.update)
        )
        with closing(running) as outcomes:
            for index, outcome in outcomes:
                job = to_train[index]
                if isinstance(outcome, str):
                    yield job, outcome
                else:
                    yield job, store.write(job.path, job.spec, outcome, job.keep_weights)


def _progress_bar(specs: Sequence[RunSpec]) -> Any:
    from tqdm import tqdm

    notebook = "ipykernel" in sys.modules
    return tqdm(
        total=sum(spec.epochs for spec in specs),
        unit="epoch",
        unit_scale=True,
        desc=f"{len(specs)} run{'s' if len(specs) > 1 else ''}",
        file=sys.stdout if notebook else sys.stderr,
        disable=False if notebook else None,  # None: off when the file is no terminal
        leave=False,
    )
