"""A user's own table."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnbook.errors import DataError
from nnbook.training.datasets.base import Curve, Facts, Scaling, Split
from nnbook.training.datasets.files import finite_numbers, read_table
from nnbook.training.datasets.own import Kind, OwnFile, Stamp

Columns = tuple[NDArray[np.float64], NDArray[np.float64] | NDArray[np.int32], int]
"""Inputs, shape (rows, columns); targets, shape (rows,); and the number of classes."""


class CSV(OwnFile):
    """A table of comma-separated values, with the names of its columns in the first line.

    Each input is scaled to [0, 1] by the smallest and the largest value of the training set, a
    quantity by those of all rows: that is its unit, and the same for all splits. Classes are
    numbered in the order of their names, or of their numbers where all are numbers.

    Parameters
    ----------
    path : path
        The file; in an experiment file relative to that. Where it is not there, its name is looked
        for where data files are. What it holds, not where it lies, determines a run.
    columns : tuple of str
        The names of the inputs.
    target : str
        The name of the column that is to be predicted.
    kind : {"quantity", "classes"}
        Whether the target is a quantity or a class.
    training_fraction, validation_fraction : float in (0, 1)
        Shares of the rows that are trained on, and that decide between settings; the rest is the
        test set. The choice is random, by the run's `split`.
    """

    name: Literal["csv"] = "csv"
    columns: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    target: str
    kind: Kind = "quantity"

    @property
    def facts(self) -> Facts:
        """What is known of the file."""
        x, _, classes = self._content
        return Facts(*self._sizes(len(x)), inputs=len(self.columns), classes=classes)

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the settings."""
        if self.target in self.columns:
            yield f"target: expected a column that is no input, received {self.target!r}"
        if problem := self._empty_parts(self._sizes(len(self._content[0]))):
            yield problem

    def curve(self, split: int) -> Curve | None:
        """Return the rows, if a quantity depends on one column."""
        x, y, classes = self._content
        if classes or len(self.columns) > 1:
            return None
        column = x[:, 0]
        training = column[self._parts(len(x), split)[0]]
        scalings = [
            Scaling(float(low), float(high if high > low else low + 1))
            for low, high in ((training.min(), training.max()), (y.min(), y.max()))
        ]
        return Curve(
            column, y.astype(float), (self.columns[0], self.target), (scalings[0], scalings[1])
        )

    def load(self, split: int) -> Split:
        """Return the parts, each in the order of the file."""
        x, y, classes = self._content
        training, validation, test = self._parts(len(x), split)
        low, high = x[training].min(axis=0), x[training].max(axis=0)
        x = (x - low) / np.where(high > low, high - low, 1)
        if classes:
            x = x.astype(np.float32)
        else:
            y = ((y - y.min()) / ((y.max() - y.min()) or 1)).reshape(-1, 1)
        held = (x[validation], y[validation]) if len(validation) else (None, None)
        return Split(x[training], y[training], x[test], y[test], *held)

    @property
    def _content(self) -> Columns:
        return _read(*self._file, self.columns, self.target, self.kind)


@lru_cache(maxsize=8)
def _read(path: Path, stamp: Stamp, columns: tuple[str, ...], target: str, kind: Kind) -> Columns:
    table = read_table(path, [*columns, target])
    x = np.column_stack([finite_numbers(path, name, table[name]) for name in columns])
    if kind == "quantity":
        try:
            return x, finite_numbers(path, target, table[target]), 0
        except DataError as problem:
            raise DataError(f'{problem}; classes need kind = "classes"') from None
    names, numbers = np.unique(_labels(path, target, table[target]), return_inverse=True)
    return x, numbers.astype(np.int32), len(names)


def _labels(path: Path, column: str, cells: list[str]) -> NDArray[np.float64] | NDArray[np.str_]:
    """Return the classes as numbers where all are numbers, else as they are."""
    try:
        [float(cell) for cell in cells]
    except ValueError:
        return np.array(cells)
    return finite_numbers(path, column, cells)
