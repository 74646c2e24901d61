"""The runs of an experiment: where each goes on record, and which of them are there."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from nnbook import project
from nnbook.errors import RecordError
from nnbook.experiments.configurations import Configuration, Experiment
from nnbook.experiments.record import KeepWeights, Need, Record, needs
from nnbook.experiments.store import ON_RECORD, State, Store
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

SECONDS_BETWEEN_NOTES = 2
"""How often the names of new records are put into the index."""


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
            if state in ON_RECORD:
                names.add(job)
