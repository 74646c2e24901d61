"""Records: what came out of each run, found by what was run.

A `Store` is a folder. ``objects/ab/abcd….json`` is the run whose specification has the key
``abcd…``: readable, one line per entry. Arrays (weights, probes) lie beside it, in files whose
names carry a digest of their content. They are written first; the JSON, which holds their digests,
makes the object complete: it is written under a temporary name, flushed to the disk and renamed. A
process that ends at any moment leaves the old object or the new one. The JSON carries a digest of
itself, so that a truncated or edited file is noticed when it is read.

``index/EXPERIMENT.csv`` says under which configuration and seed of an experiment a run is known.
It serves readers and tells which records are stale; nothing is looked up by its names.
"""

import csv
import io
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nnbook.errors import RecordError
from nnbook.experiments.disk import is_abandoned, temporary, write_whole
from nnbook.experiments.record import KINDS, KeepWeights, Need, Record, as_text, contents, read
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

State = Literal["recorded", "diverged", "missing", "stale", "damaged", "incomplete"]
"""Of a run: on record, finished or diverged; not on record; on record with other settings only;
on record, but its files are damaged; on record, but without arrays that are wanted now."""

ON_RECORD: frozenset[State] = frozenset({"recorded", "diverged"})
"""The states of runs that need not be made."""


@dataclass(frozen=True)
class Store:
    """A folder of records.

    Attributes
    ----------
    root : Path
        The folder. It need not exist.
    also : tuple of Store
        Further stores, which are read and never written to.
    remedy : str
        What makes a damaged record anew, in words, for messages.
    """

    root: Path
    also: tuple["Store", ...] = ()
    remedy: str = "run it again"

    def path(self, key: str) -> Path:
        """Return the file of the run with this key."""
        return self.root / f"objects/{key[:2]}/{key}.json"

    @property
    def private(self) -> Path:
        """The part of the folder that git ignores: locks, and records of variations."""
        return self.root if self.root.name == ".local" else self.root / ".local"

    def get(self, key: str, need: Collection[Need] = ()) -> Record | None:
        """Return the record of the run with this key, or None if there is none with what it needs.

        Raises
        ------
        RecordError
            If there is one that is damaged, and no other.
        """
        problem: RecordError | None = None
        for store in (self, *self.also):
            try:
                record = store.own(key)
            except RecordError as error:
                problem = problem or error
                continue
            if record is not None and not record.lacks(need):
                return record
        if problem:
            raise problem
        return None

    def own(self, key: str) -> Record | None:
        """Return the record in this folder itself, or None.

        Raises
        ------
        RecordError
            If it is damaged.
        """
        try:
            return read(self.path(key), self.remedy)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def state(self, key: str, need: Collection[Need] = ()) -> State:
        """Return the state of the run with this key in this folder, its arrays included."""
        try:
            record = self.own(key)
        except RecordError:
            return "damaged"
        if record is None:
            return "missing"
        if not record.has_whole_arrays():
            return "damaged"
        if record.lacks(need):
            return "incomplete"
        return "diverged" if record.diverged else "recorded"

    def put(self, spec: RunSpec, outcome: Outcome, keep: KeepWeights) -> Record:
        """Put a run on record.

        Raises
        ------
        RecordError
            If the files cannot be written.
        """
        return self._write(spec.key, *contents(spec, outcome, keep))

    def adopt(self, record: Record) -> Record:
        """Copy a record of another store into this one."""
        kinds = [kind for kind in KINDS if f"{kind}_sha256" in record.content]
        arrays = {kind: record.arrays_path(kind).read_bytes() for kind in kinds}
        return self._write(record.key, record.content, arrays)

    def _write(self, key: str, content: Mapping[str, Any], arrays: Mapping[str, bytes]) -> Record:
        path = self.path(key)
        record = Record(path, content, self.remedy)
        files = {record.arrays_path(kind): data for kind, data in arrays.items()}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():  # whatever it is, it is no record
                path.rename(path.with_name(f"{path.name}.{time.time_ns()}.damaged"))
            for name, data in files.items():
                write_whole(name, data)
            write_whole(path, as_text(content).encode())
            for old in path.parent.glob(f"{key}.*.npz"):
                if old not in files:
                    old.unlink(missing_ok=True)
        except OSError as error:
            raise _cannot_write(self.root, error) from None
        return record

    def prepare(self) -> None:
        """Make sure that records can be written, and remove what processes that ended left.

        Raises
        ------
        RecordError
            If they cannot.
        """
        probe = temporary(self.root / "objects" / "probe")
        try:
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"nnbook")
            probe.unlink(missing_ok=True)
        except OSError as error:
            raise _cannot_write(self.root, error) from None
        self.sweep()

    def sweep(self) -> None:
        """Remove temporary files of processes that have ended; those of live ones stay."""
        for folder in (self.root / "objects", self.root / "index"):
            for left in folder.rglob(".*.tmp"):
                with suppress(OSError):
                    if is_abandoned(left):
                        left.unlink()

    def index(self, experiment: str) -> dict[tuple[str, int], str]:
        """Return the keys of an experiment's runs by configuration and seed, as last noted."""
        try:
            with self._index_path(experiment).open(encoding="utf-8", newline="") as file:
                return {(name, int(seed)): key for name, seed, key in list(csv.reader(file))[1:]}
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError):  # not what this wrote: it is written anew
            return {}

    def note(self, experiment: str, names: Mapping[tuple[str, int], str]) -> None:
        """Note in the index under which configurations and seeds runs are known.

        What was known under these names before stays: it may be known to others that no index
        names.

        Raises
        ------
        RecordError
            If the index cannot be written.
        """
        if names.items() <= self.index(experiment).items():
            return
        with self._locked("index"):
            index = {**self.index(experiment), **names}
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(["configuration", "seed", "key"])
            writer.writerows([*name, known] for name, known in sorted(index.items()))
            path = self._index_path(experiment)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, text.getvalue().encode())
            except OSError as error:
                raise _cannot_write(self.root, error) from None

    def indexed(self) -> set[str]:
        """Return the keys of all runs that the index names."""
        experiments = [path.stem for path in (self.root / "index").glob("*.csv")]
        return {key for name in experiments for key in self.index(name).values()}

    def _index_path(self, experiment: str) -> Path:
        return self.root / "index" / f"{experiment}.csv"

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        from nnbook.experiments.locks import file_lock

        with file_lock(self.private / "locks", name):
            yield


def _cannot_write(folder: Path, error: OSError) -> RecordError:
    return RecordError(
        f"results cannot be written to {folder} ({error.strerror}); "
        f"make it a folder that you may write to"
    )
