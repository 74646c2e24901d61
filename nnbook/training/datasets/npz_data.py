"""A user's own arrays."""

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import DataError, some_of
from nnbook.training.datasets.base import Facts, Split
from nnbook.training.datasets.files import read_archive
from nnbook.training.datasets.own import Indices, Kind, OwnFile, Stamp

TOGETHER, APART = ("x", "y"), ("x_train", "y_train", "x_test", "y_test")
VALIDATION = ("x_validation", "y_validation")
MOST_CLASSES = 10_000
FORMS = f"{' and '.join(TOGETHER)}, or {', '.join(APART)} (and perhaps {', '.join(VALIDATION)})"


class NPZ(OwnFile):
    """Arrays of a file that `numpy.savez` wrote: all examples together, or divided.

    It holds ``x`` and ``y``, which are then divided at random; or ``x_train``, ``y_train``,
    ``x_test`` and ``y_test``, as Keras names them, perhaps with ``x_validation`` and
    ``y_validation``, without which the validation set is a random part of the training examples.
    Inputs have the shape (examples, inputs), or (examples, rows, columns) of images, which can be
    augmented; quantities (examples,) or (examples, 1); classes are whole numbers from 0 of the
    shape (examples,). Bytes are divided by 255, other inputs and quantities taken as they are.

    Parameters
    ----------
    path : path
        The file; in an experiment file relative to that. Where it is not there, its name is looked
        for where data files are. What it holds, not where it lies, determines a run.
    kind : {"quantity", "classes"}
        Whether the target is a quantity or a class.
    training_fraction, validation_fraction : float in (0, 1)
        Shares of the examples that are trained on, and that decide between settings; the rest is
        the test set. The choice is random, by the run's `split`. Where the arrays are divided, the
        second alone counts: of the training examples.
    """

    name: Literal["npz"] = "npz"
    kind: Kind = "classes"

    @property
    def facts(self) -> Facts:
        """What is known of the file."""
        x = self._arrays.x
        shape = x.shape[1:]
        image = (shape[0], shape[1]) if len(shape) == 2 else None
        sizes = self._all_sizes
        return Facts(*sizes, int(np.prod(shape)), classes=self._arrays.classes, image_shape=image)

    @property
    def resplits(self) -> bool:
        """Whether the split decides on the test set, too: not where the file has one."""
        return not self._arrays.sizes[2]

    @property
    def in_unit_interval(self) -> bool:
        """Whether all inputs to train on are from 0 to 1."""
        return self._arrays.in_unit_interval

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the settings."""
        if problem := self._empty_parts(self._all_sizes):
            yield problem

    def load(self, split: int) -> Split:
        """Return the parts, each in the order of the file."""
        arrays = self._arrays
        x = arrays.x.reshape(len(arrays.x), -1)
        x = np.divide(x, 255, dtype=np.float32) if x.dtype == np.uint8 else x
        if arrays.classes:
            x, y = x.astype(np.float32), arrays.y.astype(np.int32)
        else:
            x, y = x.astype(float), arrays.y.astype(float).reshape(-1, 1)
        training, validation, test = self._chosen(split)
        held = (x[validation], y[validation]) if len(validation) else (None, None)
        return Split(x[training], y[training], x[test], y[test], *held)

    @property
    def _all_sizes(self) -> tuple[int, int, int]:
        training, validation, test = self._arrays.sizes
        if not test:
            return self._sizes(training)
        if validation:
            return training, validation, test
        held = round(training * self.validation_fraction)
        return training - held, held, test

    def _chosen(self, split: int) -> tuple[Indices, Indices, Indices]:
        """Return which examples training, validation and test set have."""
        training, validation, test = self._arrays.sizes
        if not test:
            return self._parts(training, split)
        first, second, third = np.split(
            np.arange(training + validation + test), [training, training + validation]
        )
        if not validation:
            shuffled = np.random.default_rng(split).permutation(first)
            border = self._all_sizes[0]
            first, second = np.sort(shuffled[:border]), np.sort(shuffled[border:])
        return first, second, third

    @property
    def _arrays(self) -> "Arrays":
        return _read(*self._file, self.kind)


class Arrays:
    """The arrays of a file, one part after the other.

    Parameters
    ----------
    path : path
        Where they are from.
    archive : mapping of str to array
        Arrays by name.
    kind : {"quantity", "classes"}
        What ``y`` is.

    Attributes
    ----------
    x, y : array
        The examples of training, validation and test set.
    sizes : tuple of int
        How many there are of each; all are training examples where the file does not divide them.
    classes : int
        The number of classes; 0 of a quantity.
    """

    def __init__(self, path: Path, archive: Mapping[str, NDArray[Any]], kind: Kind) -> None:
        apart = set(APART) <= archive.keys()
        with_validation = apart and set(VALIDATION) <= archive.keys()
        parts = ["_train", *(["_validation"] if with_validation else []), "_test"]
        names = parts if apart else [""]
        if not apart and not set(TOGETHER) <= archive.keys():
            received = some_of(list(archive)) or "none"
            raise DataError(f"{path}: expected the arrays {FORMS}, received {received}")
        for name in names:
            _check(path, name, archive[f"x{name}"], archive[f"y{name}"], kind)
        lengths = {name: len(archive[f"x{name}"]) for name in names}
        if len({archive[f"x{name}"].shape[1:] for name in names}) > 1:
            raise DataError(f"{path}: expected examples of one shape in all parts")
        kinds = {archive[f"x{name}"].dtype for name in names}
        if len(kinds) > 1:  # bytes among them would not be divided
            raise DataError(
                f"{path}: expected inputs of one type in all parts, received "
                f"{', '.join(sorted(map(str, kinds)))}"
            )
        self.x = np.concatenate([archive[f"x{name}"] for name in names])
        self.y = np.concatenate([archive[f"y{name}"].reshape(-1) for name in names])
        self.sizes = (
            lengths["_train" if apart else ""],
            lengths.get("_validation", 0),
            lengths.get("_test", 0),
        )
        self.classes = int(self.y.max()) + 1 if kind == "classes" else 0

    @cached_property
    def in_unit_interval(self) -> bool:
        """Whether all inputs are from 0 to 1, as bytes are when they are divided by 255."""
        return self.x.dtype == np.uint8 or bool(self.x.min() >= 0 and self.x.max() <= 1)


def _check(path: Path, part: str, x: NDArray[Any], y: NDArray[Any], kind: Kind) -> None:
    """Refuse arrays that are no examples and their targets."""
    if x.ndim not in (2, 3) or not x.size or y.ndim not in (1, 2) or len(y) != len(x):
        raise DataError(
            f"{path}: x{part}: expected the shape (examples, inputs) or (examples, rows, columns), "
            f"with a target for each example, received {x.shape} with targets {y.shape}"
        )
    if kind == "classes":
        whole = y.ndim == 1 and y.dtype.kind in "iu"
        if not whole or y.min() < 0 or y.max() >= MOST_CLASSES:
            received = f" from {y.min()} to {y.max()}" if whole else ""
            raise DataError(
                f"{path}: y{part}: expected whole numbers from 0 to {MOST_CLASSES - 1}, one for "
                f"each example, received the shape {y.shape} of {y.dtype}{received}"
            )
    elif y.shape not in ((len(x),), (len(x), 1)) or y.dtype.kind not in "iuf":
        raise DataError(
            f"{path}: y{part}: expected a number for each example, received the shape {y.shape} "
            f"of {y.dtype}"
        )
    if x.dtype.kind not in "iuf" or not all(_is_single(values) for values in (x, y)):
        raise DataError(f"{path}: x{part}, y{part}: expected finite numbers below 3e38 only")


def _is_single(values: NDArray[Any]) -> bool:
    """Say whether all are finite in single precision, in which networks are trained."""
    return bool((np.abs(values.astype(float)) < np.finfo(np.float32).max).all())


@lru_cache(maxsize=2)
def _read(path: Path, stamp: Stamp, kind: Kind) -> Arrays:
    return Arrays(path, read_archive(path), kind)
