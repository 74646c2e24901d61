"""Data sets: read from their files, checked, scaled and split.

A file is looked for in the directory named by the environment variable ``NNBOOK_DATA``, where
there is one, then among the data of the package; MNIST also in Keras' cache, and is downloaded
when it is nowhere. What is found counts only with the content that its digest promises.
"""

import contextlib
import csv
import hashlib
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook import project
from nnbook.errors import DataError, nearest

ECKERLE4_SHA256 = "e5f6c1a9ea9e645be6c6921d7304b7fa23e89d79198bd023cbd9eca0112b65df"
ECKERLE4_COLUMNS = ("transmittance", "wavelength_nm")

MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
"""Of the bytes of each array in Keras' file mnist.npz, not of the file."""

REPLACE_MNIST = "delete it, or set NNBOOK_DATA to a directory that holds Keras' mnist.npz"

DIGITS_SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
"""Of the pixels of scikit-learn's digits, as bytes, and then of their labels."""

DIGITS_SEED = 0
"""Of the permutation that deals the digits out to training, validation and test set."""


@dataclass(frozen=True)
class DataSet:
    """What is known of a data set without reading it.

    Attributes
    ----------
    examples, inputs : int
        Their numbers.
    classes : int
        Number of classes; 0 where the output is a quantity.
    validation, test : int
        Examples set aside. `test` is None where a run chooses its share by `training_fraction`.
    image_shape : tuple of int, optional
        Rows and columns of pixels of an input.
    """

    examples: int
    inputs: int
    classes: int = 0
    validation: int = 0
    test: int | None = None
    image_shape: tuple[int, int] | None = None


DATA_SETS = {
    "eckerle4": DataSet(examples=35, inputs=1),
    "mnist": DataSet(70_000, 784, 10, validation=10_000, test=10_000, image_shape=(28, 28)),
    "digits": DataSet(1_797, 64, 10, validation=300, test=300, image_shape=(8, 8)),
}


def described(name: str) -> DataSet:
    """Return what is known of data set `name`.

    Raises
    ------
    DataError
        If there is no such data set.
    """
    if name not in DATA_SETS:
        raise DataError(f"no data set is called {name!r}: {nearest(name, DATA_SETS)}")
    return DATA_SETS[name]


def size(name: str) -> int:
    """Return the number of examples of data set `name`, all its parts together."""
    return described(name).examples


def inputs(name: str) -> int:
    """Return the number of inputs of data set `name`."""
    return described(name).inputs


def classes(name: str) -> int:
    """Return the number of classes of data set `name`; 0 where the output is a quantity."""
    return described(name).classes


def image_shape(name: str) -> tuple[int, int]:
    """Return rows and columns of the images of data set `name`.

    Raises
    ------
    DataError
        If its examples are no images.
    """
    shape = described(name).image_shape
    if shape is None:
        raise DataError(f"image_shape: expected a data set of images, received {name!r}")
    return shape


def training_examples(
    name: str, training_fraction: float = 0.6, training_size: int | None = None
) -> int:
    """Return the number of training examples that `load_split` gives.

    >>> training_examples("eckerle4", 0.6)
    21
    >>> training_examples("mnist"), training_examples("mnist", training_size=600)
    (50000, 600)
    """
    known = described(name)
    if training_size is not None:
        return training_size
    if known.test is None:
        return round(known.examples * training_fraction)
    return known.examples - known.validation - known.test


def digest(name: str) -> str:
    """Return the SHA-256 (hex) that stands for the content of data set `name`."""
    arrays = "".join(MNIST_SHA256.values()).encode()
    return {
        "eckerle4": ECKERLE4_SHA256,
        "mnist": hashlib.sha256(arrays).hexdigest(),
        "digits": DIGITS_SHA256,
    }[name]


def data_file(name: str) -> Path:
    """Return the path of the data file `name`.

    Raises
    ------
    DataError
        If it is in none of the directories searched.
    """
    directories = project.data_folders()
    if path := _first_file(name, directories):
        return path
    searched = ", ".join(str(directory) for directory in directories)
    raise DataError(
        f"data file {name} not found; searched {searched}. "
        f"Set NNBOOK_DATA to the directory that holds it"
    )


def _first_file(name: str, directories: Sequence[Path]) -> Path | None:
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


@cache
def mnist() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the MNIST images and their labels: the training file, then the test file.

    Returns
    -------
    images : array of shape (70000, 784)
        Gray values from 0 (background) to 1 (ink), row by row.
    labels : array of shape (70000,)
        The digit shown.

    Raises
    ------
    DataError
        If the file found is not MNIST, or none is found and the download fails.
    """
    arrays = _mnist_arrays()
    images = np.empty((size("mnist"), inputs("mnist")), np.float32)
    border = len(arrays["x_train"])
    # Straight to its place in float32, because memory of this size is paid for once per process.
    for part, name in ((images[:border], "x_train"), (images[border:], "x_test")):
        np.divide(arrays[name].reshape(part.shape), 255, out=part, dtype=np.float32)
    return _frozen(images, np.concatenate([arrays["y_train"], arrays["y_test"]]))


def _mnist_arrays() -> Mapping[str, NDArray[np.uint8]]:
    downloads = project.downloads()
    if path := _first_file("mnist.npz", [*project.data_folders(), downloads]):
        return _checked_mnist(_read_npz(path, list(MNIST_SHA256)), path)
    return _checked_mnist(_download_mnist(), downloads / "mnist.npz")


# What NumPy raises on a file that is truncated, damaged or of another kind.
_DAMAGE = (
    OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip


def _read_npz(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except _DAMAGE as problem:
        raise DataError(
            f"{path}: expected an .npz file with the arrays {', '.join(names)}, received something "
            f"else ({problem}); {REPLACE_MNIST}"
        ) from problem


def _download_mnist() -> dict[str, NDArray[Any]]:
    import keras

    try:
        with contextlib.redirect_stdout(sys.stderr):  # where Keras reports its progress
            (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as problem:  # Keras raises a bare Exception
        raise DataError(
            f"MNIST is not on this machine and could not be downloaded ({problem}); "
            f"get Keras' file mnist.npz by other means and set NNBOOK_DATA to its directory"
        ) from problem
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def _checked_mnist(
    arrays: Mapping[str, NDArray[Any]], path: Path
) -> Mapping[str, NDArray[np.uint8]]:
    for name, expected in MNIST_SHA256.items():
        array = np.ascontiguousarray(arrays[name])
        if array.dtype != np.uint8 or hashlib.sha256(array.data).hexdigest() != expected:
            raise DataError(f"{path}: {name} is not MNIST's (SHA-256 differs); {REPLACE_MNIST}")
    return arrays


@cache
def digits() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return scikit-learn's digits and their labels, in a random order that is always the same.

    Returns
    -------
    images : array of shape (1797, 64)
        Gray values from 0 (background) to 1 (ink), row by row.
    labels : array of shape (1797,)
        The digit shown.

    Raises
    ------
    DataError
        If the content is not what its digest promises.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    content = pixels.astype(np.uint8).tobytes() + labels.astype(np.uint8).tobytes()
    if hashlib.sha256(content).hexdigest() != DIGITS_SHA256:
        raise DataError(
            "the digits of the installed scikit-learn are not those of the book (SHA-256 "
            "differs); install the version that requirements.lock names"
        )
    order = np.random.default_rng(DIGITS_SEED).permutation(len(labels))
    return _frozen((pixels[order] / 16).astype(np.float32), labels[order])


def _frozen(
    images: NDArray[np.float32], labels: NDArray[np.integer]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    numbers = labels.astype(np.int32)
    images.flags.writeable = numbers.flags.writeable = False
    return images, numbers


@dataclass(frozen=True)
class Split:
    """Training, validation and test set of one run; one example per row.

    Inputs have the shape (examples, inputs). Outputs have the shape (examples, outputs) and are
    float64, as the inputs are; in a classification they are class numbers (int32) of the shape
    (examples,), and the inputs are float32.

    Attributes
    ----------
    training_x, test_x : array
        Inputs.
    training_y, test_y : array
        Outputs.
    validation_x, validation_y : array, optional
        None where the data set is too small for a validation set.
    """

    training_x: NDArray[Any]
    training_y: NDArray[Any]
    test_x: NDArray[Any]
    test_y: NDArray[Any]
    validation_x: NDArray[Any] | None = None
    validation_y: NDArray[Any] | None = None


def load_split(
    name: str = "eckerle4",
    training_fraction: float = 0.6,
    split: int = 0,
    noise: float = 0.0,
    training_size: int | None = None,
) -> Split:
    """Return the parts of data set `name`, with inputs scaled to [0, 1].

    Parameters
    ----------
    name : {"eckerle4", "mnist", "digits"}
        The data set. Of `eckerle4`, the input is the wavelength and the output the transmittance,
        scaled as well; of the others, the input is an image and the output the digit shown.
    training_fraction : float in (0, 1)
        Of `eckerle4`: share of the observations to train on.
    split : int
        Seed of the random choice of training examples, and of the noise. All parts keep the order
        of the data set. The validation and test sets of images are the same for each seed.
    noise : float
        Of `eckerle4`: standard deviation of normal noise added to the training targets,
        dimensionless.
    training_size : int, optional
        Of images: train on a random subset of this size, with as many of each class as possible.
        With the same seed a smaller one is part of a larger one. By default train on all.

    Raises
    ------
    DataError
        If a setting does not suit the data set, or its content is not what its digest promises.
    """
    if classes(name):
        if noise:
            raise DataError(f"noise: expected 0 for data set {name!r}, received {noise}")
        return _image_split(name, split, training_size)
    if training_size is not None:
        raise DataError(f"training_size: {name!r} takes a training_fraction in its place")
    return _eckerle4_split(training_fraction, split, noise)


def _eckerle4_split(training_fraction: float, split: int, noise: float) -> Split:
    wavelength, transmittance = eckerle4_scaling()
    x = wavelength.scale(eckerle4()[:, 1:])
    y = transmittance.scale(eckerle4()[:, :1])
    random = np.random.default_rng(split)
    shuffled = random.permutation(len(x))
    border = training_examples("eckerle4", training_fraction)
    training, test = np.sort(shuffled[:border]), np.sort(shuffled[border:])
    noisy = y[training] + noise * random.standard_normal((border, 1))
    return Split(x[training], noisy, x[test], y[test])


def _image_split(name: str, split: int, training_size: int | None) -> Split:
    x, y = {"mnist": mnist, "digits": digits}[name]()
    available = training_examples(name)
    validation = slice(available, available + described(name).validation)
    test = slice(validation.stop, None)
    training: slice | NDArray[np.intp] = slice(available)  # a slice is a view, not a copy
    if training_size is not None:
        if not 1 <= training_size <= available:
            raise DataError(f"training_size: expected 1 to {available}, received {training_size}")
        training = balanced_subset(y[:available], training_size, np.random.default_rng(split))
    return Split(x[training], y[training], x[test], y[test], x[validation], y[validation])


def balanced_subset(
    labels: NDArray[np.int32], examples: int, random: np.random.Generator
) -> NDArray[np.intp]:
    """Return the sorted indices of `examples` random examples, balanced between the classes.

    Parameters
    ----------
    labels : array of shape (n,)
        The classes to choose from.
    examples : int
        At most n.
    random : numpy.random.Generator
        It makes the choice.
    """
    rank = np.empty(len(labels))  # of an example within its class; the fraction breaks ties
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[members] = random.permutation(len(members)) + random.random(len(members))
    return np.sort(np.argsort(rank)[:examples])
