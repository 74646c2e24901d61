"""Where data files are, and how they are read.

A file is looked for in the directory named by the environment variable ``NNBOOK_DATA``, where
there is one, then among the data of the package.
"""

import csv
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook import project
from nnbook.errors import DataError


def data_file(name: str) -> Path:
    """Return the path of the data file `name`.

    Raises
    ------
    DataError
        If it is in none of the directories searched.
    """
    directories = project.data_folders()
    if path := first_file(name, directories):
        return path
    searched = ", ".join(str(directory) for directory in directories)
    raise DataError(
        f"data file {name} not found; searched {searched}. "
        f"Set NNBOOK_DATA to the directory that holds it"
    )


def first_file(name: str, directories: Sequence[Path]) -> Path | None:
    """Return the first file of this name in the folders."""
    return next((folder / name for folder in directories if (folder / name).is_file()), None)


def read_columns(path: Path, columns: Sequence[str]) -> NDArray[np.float64]:
    """Read a CSV file whose header is `columns` and whose cells are all finite numbers.

    Returns
    -------
    array of shape (rows, columns)
        In the units of the file.

    Raises
    ------
    DataError
        Naming row (counted from 1 below the header) and column of the first bad cell.
    """
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = [row for row in csv.reader(file) if row] or [[]]
    if header != list(columns):
        raise DataError(f"{path}: expected the columns {','.join(columns)}, received {header}")
    return np.array([_numbers(path, n, row, columns) for n, row in enumerate(rows, start=1)])


def _numbers(path: Path, number: int, row: list[str], columns: Sequence[str]) -> list[float]:
    if len(row) > len(columns):
        raise DataError(f"{path}: row {number}: expected {len(columns)} cells, received {len(row)}")
    values = []
    for column, cell in zip(columns, row + [""] * (len(columns) - len(row)), strict=True):
        place = f"{path}: row {number}, column {column}"
        if not cell.strip():
            raise DataError(f"{place}: the cell is missing; expected a number")
        try:
            value = float(cell)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise DataError(f"{place}: expected a finite number, received {cell!r}")
        values.append(value)
    return values


# What NumPy raises on a file that is truncated, damaged or of another kind.
DAMAGE = (
    OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip


def read_npz(path: Path, names: Sequence[str], remedy: str) -> dict[str, NDArray[Any]]:
    """Return arrays of an ``.npz`` file; `remedy` ends the message where it is none."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except DAMAGE as problem:
        raise DataError(
            f"{path}: expected an .npz file with the arrays {', '.join(names)}, received something "
            f"else ({problem}); {remedy}"
        ) from problem
