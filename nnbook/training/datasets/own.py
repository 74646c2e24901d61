"""What the data sets from a user's own file have in common."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnbook import project
from nnbook.errors import DataError
from nnbook.training.datasets.base import DataSet, Fraction
from nnbook.training.datasets.files import first_file

Kind = Literal["quantity", "classes"]
Indices = NDArray[np.intp]
Stamp = tuple[int, int]
"""When a file was changed (in nanoseconds), and its size in bytes."""


class OwnFile(DataSet):
    """A file of the user's, and how its examples are divided.

    Parameters
    ----------
    path : path
        The file; in an experiment file relative to that. Where it is not there, its name is looked
        for where data files are. What it holds, not where it lies, determines a run.
    kind : {"quantity", "classes"}
        Whether the target is a quantity or a class.
    training_fraction, validation_fraction : float in (0, 1)
        Shares of the examples that are trained on, and that decide between settings; the rest is
        the test set. The choice is random, by the run's `split`.
    """

    outside_key: ClassVar[frozenset[str]] = frozenset({"path"})

    path: Annotated[Path, Field(strict=False)]
    kind: Kind
    training_fraction: Fraction = 0.6
    validation_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.2

    @property
    def resplits(self) -> bool:
        """Whether the split decides on the test set, too: all examples are shuffled."""
        return True

    @property
    def digest(self) -> str:
        """The SHA-256 of the file."""
        return _digest(*self._file)

    @property
    def _file(self) -> tuple[Path, Stamp]:
        """Where the file is, and what changes when its content does."""
        path = located(self.path)
        about = path.stat()
        return path, (about.st_mtime_ns, about.st_size)

    def _sizes(self, examples: int) -> tuple[int, int, int]:
        """Return how many examples training, validation and test set have."""
        training = round(examples * self.training_fraction)
        validation = round(examples * self.validation_fraction)
        return training, validation, examples - training - validation

    def _parts(self, examples: int, split: int) -> tuple[Indices, Indices, Indices]:
        """Return which examples training, validation and test set have, in the file's order."""
        training, validation, _ = self._sizes(examples)
        shuffled = np.random.default_rng(split).permutation(examples)
        first, second, third = np.split(shuffled, [training, training + validation])
        return np.sort(first), np.sort(second), np.sort(third)

    def _empty_parts(self, sizes: tuple[int, int, int]) -> str | None:
        """Return what is wrong if a part that is needed has no examples."""
        training, validation, test = sizes
        needs_validation = self.kind == "classes" or self.validation_fraction > 0
        if training > 0 and test > 0 and (validation > 0 or not needs_validation):
            return None
        needed = "training, validation and test" if needs_validation else "training and test"
        return (
            f"training_fraction, validation_fraction: expected to leave examples for {needed}, "
            f"received {self.training_fraction} and {self.validation_fraction} of {sum(sizes)}"
        )


def located(path: Path) -> Path:
    """Return where a user's file is.

    Raises
    ------
    DataError
        If it is nowhere.
    """
    folders = [path.parent, *project.data_folders()]
    if found := first_file(path.name, folders):
        return found.resolve()
    searched = ", ".join(map(str, folders))
    raise DataError(
        f"data file {path.name} not found; searched {searched}. "
        f"Correct its path, or set NNBOOK_DATA to the directory that holds it"
    )


@lru_cache(maxsize=8)
def _digest(path: Path, stamp: Stamp) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
