"""Data sets: one module each; read from their files, checked, scaled and split.

`DATA_SETS` holds them by name. A new module in this folder is a new data set.
"""

from typing import Any

from nnbook.errors import DataError, nearest
from nnbook.schema import parse
from nnbook.training.choices import collected
from nnbook.training.datasets.base import Curve, DataSet, Facts, Scaling, Split, balanced_subset
from nnbook.training.datasets.digits_data import digits
from nnbook.training.datasets.eckerle4_data import eckerle4, eckerle4_scaling
from nnbook.training.datasets.files import data_file
from nnbook.training.datasets.mnist_data import mnist

DATA_SETS = collected(__name__, DataSet)
"""All data sets by name."""

__all__ = [
    "DATA_SETS",
    "Curve",
    "DataSet",
    "Facts",
    "Scaling",
    "Split",
    "balanced_subset",
    "data_file",
    "data_set",
    "digits",
    "eckerle4",
    "eckerle4_scaling",
    "load_split",
    "mnist",
]


def data_set(name: str = "eckerle4", **settings: Any) -> DataSet:
    """Return a data set.

    Parameters
    ----------
    name : str
        Its name in `DATA_SETS`.
    **settings
        Its fields.

    Raises
    ------
    DataError
        If there is no such data set.
    SpecError
        If a setting does not suit it.

    Examples
    --------
    >>> data_set("eckerle4", training_fraction=0.6).facts.training
    21
    >>> data_set("mnist").facts.training, data_set("mnist", training_size=600).facts.training
    (50000, 600)
    """
    if name not in DATA_SETS:
        raise DataError(f"no data set is called {name!r}: {nearest(name, DATA_SETS)}")
    found = parse(DATA_SETS[name], settings, f"data {name!r}")
    for problem in found.problems():
        raise DataError(f"data {name!r}: {problem}")
    return found


def load_split(name: str = "eckerle4", *, split: int = 0, **settings: Any) -> Split:
    """Return the parts of a data set, with inputs scaled to [0, 1].

    Parameters
    ----------
    name : str
        Its name in `DATA_SETS`.
    split : int
        Seed of the random choice of training examples, and of noise.
    **settings
        Its fields, such as ``training_fraction`` or ``training_size``.

    Raises
    ------
    DataError, SpecError
        If a setting does not suit the data set, or its content is not what its digest promises.
    """
    return data_set(name, **settings).load(split)
