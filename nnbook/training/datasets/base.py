"""What all data sets have in common."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnbook.training.choices import Choice

Fraction = Annotated[float, Field(gt=0, lt=1)]


@dataclass(frozen=True)
class Facts:
    """What is known of a data set without reading it.

    Attributes
    ----------
    training, validation, test : int
        The numbers of examples in its parts.
    inputs : int
        Size of an example.
    classes : int
        Number of classes; 0 where the output is a quantity.
    image_shape : tuple of int, optional
        Rows and columns of pixels of an example that is an image.
    """

    training: int
    validation: int
    test: int
    inputs: int
    classes: int = 0
    image_shape: tuple[int, int] | None = None

    @property
    def examples(self) -> int:
        """The number of examples in all parts."""
        return self.training + self.validation + self.test

    @property
    def outputs(self) -> int:
        """The size of an output: one for each class, or the quantity."""
        return self.classes or 1


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
class Curve:
    """The observations of a quantity that depends on one other, which a figure can show.

    Attributes
    ----------
    x, y : array of shape (n,)
        In the units of the data.
    names : pair of str
        What they are called.
    scalings : pair of Scaling
        From these units to those that networks are trained in.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    names: tuple[str, str]
    scalings: tuple[Scaling, Scaling]


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


class DataSet(Choice):
    """A data set, and what is chosen of it."""

    @property
    @abstractmethod
    def facts(self) -> Facts:
        """What is known without reading it."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """The SHA-256 (hex) that stands for its content."""

    @abstractmethod
    def load(self, split: int) -> Split:
        """Return its parts.

        Parameters
        ----------
        split : int
            Seed of what is random in the choice of the parts.

        Raises
        ------
        DataError
            If the data are missing, or not what the digest promises.
        """

    @property
    def resplits(self) -> bool:
        """Whether the split decides on the test set, too, and not only on what is trained on."""
        return False

    @property
    def in_unit_interval(self) -> bool:
        """Whether all inputs to train on are from 0 to 1."""
        return True

    def curve(self, split: int) -> Curve | None:
        """Return what a figure with a curve can show: None unless one quantity depends on another.

        Parameters
        ----------
        split : int
            As for `load`; scalings may depend on it.
        """
        return None

    def all_training(self) -> Self:
        """Return the data set with all its training examples."""
        return self

    def for_programs(self) -> Self:
        """Return the data set without what changes numbers, but no shapes, of its examples."""
        return self

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the settings."""
        yield from ()
