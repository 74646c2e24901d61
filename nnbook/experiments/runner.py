"""The runs of an experiment: from the record, or trained where they are missing."""

import logging
import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal, overload

from nnbook.errors import MissingRunsError, NNBookError, RecordError
from nnbook.experiments.configurations import Configuration, Experiment
from nnbook.experiments.plan import jobs, store_of
from nnbook.experiments.record import Need, Record
from nnbook.experiments.results import Results, Runs, looked_up
from nnbook.experiments.session import train_all
from nnbook.experiments.store import Store

logger = logging.getLogger(__name__)


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
