"""What the data sets of handwritten digits have in common."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnbook.training.datasets.base import DataSet, Facts, Split, balanced_subset


def frozen(
    images: NDArray[np.float32], labels: NDArray[np.integer]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return images and labels that cannot be changed."""
    numbers = labels.astype(np.int32)
    images.flags.writeable = numbers.flags.writeable = False
    return images, numbers


class Images(DataSet):
    """Images and the digits that they show; validation and test set are the same for each split.

    Parameters
    ----------
    training_size : int, optional
        Train on a random subset of this size, with as many of each class as possible; with the same
        split a smaller one is part of a larger one. By default train on all.
    """

    whole: ClassVar[Facts]
    """What is known of the data set with all its training examples."""

    training_size: Annotated[int, Field(ge=1)] | None = None

    @abstractmethod
    def content(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Return images and labels: first the training, then the validation, then the test set."""

    @property
    def facts(self) -> Facts:
        """What is known without reading it."""
        whole = self.whole
        return whole if self.training_size is None else replace(whole, training=self.training_size)

    def all_training(self) -> Self:
        """Return it with all its training examples."""
        return self.model_copy(update={"training_size": None})

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the settings."""
        if self.facts.training > self.whole.training:
            yield (
                f"training_size: expected 1 to {self.whole.training}, received {self.training_size}"
            )

    def load(self, split: int) -> Split:
        """Return the parts, in the order of the data set."""
        x, y = self.content()
        available = self.whole.training
        validation = slice(available, available + self.whole.validation)
        test = slice(validation.stop, None)
        training: slice | NDArray[np.intp] = slice(available)  # a slice is a view, not a copy
        if self.training_size is not None:
            random = np.random.default_rng(split)
            training = balanced_subset(y[:available], self.training_size, random)
        return Split(x[training], y[training], x[test], y[test], x[validation], y[validation])
