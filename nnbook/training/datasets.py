"""Data sets: read from their files, checked, scaled and split.

A file is looked for in the directory named by the environment variable ``NNBOOK_DATA``, where
there is one, then in ``data/`` of the repository.
"""

import csv
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import DataError

REPOSITORY = Path(__file__).resolve().parents[2]

ECKERLE4_SHA256 = "e5f6c1a9ea9e645be6c6921d7304b7fa23e89d79198bd023cbd9eca0112b65df"
ECKERLE4_COLUMNS = ("transmittance", "wavelength_nm")
ECKERLE4_ROWS = 35


def data_file(name: str) -> Path:
    """Return the path of the data file `name`.

    Raises
    ------
    DataError
        If it is in none of the directories searched.
    """
    directories = [REPOSITORY / "data"]
    if extra := os.environ.get("NNBOOK_DATA"):
        directories.insert(0, Path(extra))
    for directory in directories:
        if (directory / name).is_file():
            return directory / name
    searched = ", ".join(str(directory) for directory in directories)
    raise DataError(
        f"data file {name} not found; searched {searched}. "
        f"Set NNBOOK_DATA to the directory that holds it"
    )


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


@cache
def eckerle4() -> NDArray[np.float64]:
    """Return the Eckerle4 observations, shape (35, 2).

    Column 0 is the transmittance (dimensionless), column 1 the wavelength in nanometers, as NIST
    gives them (see ``data/README.md``).

    Raises
    ------
    DataError
        If the file is missing, has a bad cell, or is not what its digest promises.
    """
    path = data_file("eckerle4.csv")
    table = read_columns(path, ECKERLE4_COLUMNS)
    if hashlib.sha256(path.read_bytes()).hexdigest() != ECKERLE4_SHA256:
        raise DataError(
            f"{path}: the content is not NIST's Eckerle4 (SHA-256 differs); "
            f"restore the file from the repository"
        )
    table.flags.writeable = False
    return table


def digest(name: str) -> str:
    """Return the SHA-256 (hex) that the content of data set `name` must have."""
    return {"eckerle4": ECKERLE4_SHA256}[name]


@dataclass(frozen=True)
class Scaling:
    """The map of a quantity to [0, 1] and back: scaled = (value - low) / (high - low)."""

    low: float
    high: float

    def scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `values` (any shape, in the quantity's unit) as dimensionless numbers."""
        return (values - self.low) / (self.high - self.low)

    def unscale(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return dimensionless numbers (any shape) in the quantity's unit again."""
        return self.low + scaled * (self.high - self.low)


@dataclass(frozen=True)
class Split:
    """Training and test set of one run; one example per row.

    Attributes
    ----------
    training_x, test_x : array of shape (examples, inputs)
    training_y, test_y : array of shape (examples, outputs)
    """

    training_x: NDArray[np.float64]
    training_y: NDArray[np.float64]
    test_x: NDArray[np.float64]
    test_y: NDArray[np.float64]


def eckerle4_scaling() -> tuple[Scaling, Scaling]:
    """Return the scaling of the wavelength and that of the transmittance.

    Both use minimum and maximum of all 35 observations, as the lab asks. Strictly this lets the
    test set into the scaling of the training set. It does no harm here: two numbers per column
    say nothing about the shape of the curve, and one unit for all splits is what makes errors
    comparable between them, and with the certified model.
    """
    table = eckerle4()
    transmittance, wavelength = (
        Scaling(low, high) for low, high in zip(table.min(axis=0), table.max(axis=0), strict=True)
    )
    return wavelength, transmittance


def size(name: str) -> int:
    """Return the number of examples of data set `name`."""
    return {"eckerle4": ECKERLE4_ROWS}[name]


def training_size(name: str, training_fraction: float) -> int:
    """Return the number of training examples of data set `name`.

    >>> training_size("eckerle4", 0.6)
    21
    """
    return round(size(name) * training_fraction)


def load_split(
    name: str = "eckerle4", training_fraction: float = 0.6, split: int = 0, noise: float = 0.0
) -> Split:
    """Return training and test set of data set `name`, scaled to [0, 1].

    Parameters
    ----------
    name : {"eckerle4"}
        The data set; the input is the wavelength, the output the transmittance.
    training_fraction : float in (0, 1)
        Share of the observations to train on.
    split : int
        Seed of the random choice, and of the noise. Both sets keep the order of the file.
    noise : float
        Standard deviation of normal noise added to the training targets, dimensionless.
    """
    wavelength, transmittance = eckerle4_scaling()
    x = wavelength.scale(eckerle4()[:, 1:])
    y = transmittance.scale(eckerle4()[:, :1])
    random = np.random.default_rng(split)
    shuffled = random.permutation(len(x))
    border = training_size(name, training_fraction)
    training, test = np.sort(shuffled[:border]), np.sort(shuffled[border:])
    noisy = y[training] + noise * random.standard_normal((border, 1))
    return Split(x[training], noisy, x[test], y[test])
