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
from nnbook.errors import DataError, nearest


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


def read_table(path: Path, columns: Sequence[str]) -> dict[str, list[str]]:
    """Return the cells of some columns of a CSV file, whose first line names its columns.

    Raises
    ------
    DataError
        If it is no such file, or naming row (counted from 1 below the header) and column of the
        first cell that is missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *rows = [row for row in csv.reader(file) if row] or [[]]
            header = [name.strip() for name in header]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise DataError(f"{path}: expected a CSV file, received something else ({problem})") from (
            problem
        )
    missing = next((name for name in columns if name not in header), None)
    if missing is not None and header:
        raise DataError(f"{path}: no column is called {missing!r}, {nearest(missing, header)}")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None or not header or not rows:
        raise DataError(
            f"{path}: expected rows below a header with the columns {','.join(columns)}, each "
            f"once, received {len(rows)} rows below {header}"
        )
    for number, row in enumerate(rows, start=1):
        if len(row) > len(header):
            raise DataError(
                f"{path}: row {number}: expected {len(header)} cells, received {len(row)}"
            )
    places = {name: header.index(name) for name in columns}
    return {
        name: [_cell(path, n, name, row[place:]) for n, row in enumerate(rows, start=1)]
        for name, place in places.items()
    }


def _cell(path: Path, number: int, column: str, rest: list[str]) -> str:
    """Return the first of the cells that are left of a row."""
    cell = rest[0].strip() if rest else ""
    if not cell:
        raise DataError(
            f"{path}: row {number}, column {column}: the cell is missing; expected a value"
        )
    return cell


def finite_numbers(path: Path, column: str, cells: Sequence[str]) -> NDArray[np.float64]:
    """Return the cells of a column as numbers, shape (rows,), in the unit of the file.

    Raises
    ------
    DataError
        Naming row and column of the first cell that is no finite number.
    """
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            values[row] = float(cell)
        except ValueError:
            values[row] = np.nan
        if not abs(values[row]) < np.finfo(np.float32).max:  # in which networks are trained
            raise DataError(
                f"{path}: row {row + 1}, column {column}: expected a finite number below 3e38, "
                f"received {cell!r}"
            )
    return values


MOST_UNPACKED = 2**32
"""Bytes of all arrays of an ``.npz`` file: a small file may unpack to an enormous one."""

# What NumPy raises on a file that is truncated, damaged or of another kind.
DAMAGE = (
    OSError, EOFError, LookupError, MemoryError, RuntimeError, TypeError, ValueError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def read_npz(path: Path, names: Sequence[str], remedy: str) -> dict[str, NDArray[Any]]:
    """Return arrays of an ``.npz`` file; `remedy` ends the message where it is none."""
    expected = f"an .npz file with the arrays {', '.join(names)}"
    return _arrays(path, names, expected, f"; {remedy}")


def read_archive(path: Path) -> dict[str, NDArray[Any]]:
    """Return all arrays of an ``.npz`` file."""
    return _arrays(path, None, "an .npz file, as numpy.savez writes it")


def _arrays(
    path: Path, names: Sequence[str] | None, expected: str, remedy: str = ""
) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            unpacked = sum(member.file_size for member in archive.zip.infolist())
            if unpacked > MOST_UNPACKED:
                raise DataError(
                    f"{path}: expected at most {MOST_UNPACKED:,} bytes of arrays, received "
                    f"{unpacked:,} in a file of {path.stat().st_size:,}"
                )
            return {name: archive[name] for name in names or archive.files}
    except DAMAGE as problem:
        # NumPy's own words advise to read Python objects all the same, which can run any code.
        why = "Python objects, which are not read" if "pickle" in str(problem) else problem
        raise DataError(
            f"{path}: expected {expected}, received something else ({why}){remedy}"
        ) from problem
