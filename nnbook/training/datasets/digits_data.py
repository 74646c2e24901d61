"""scikit-learn's digits: 1,797 handwritten digits, small and always at hand."""

import hashlib
from functools import cache
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import DataError
from nnbook.training.datasets.base import Facts
from nnbook.training.datasets.images import Images, frozen

DIGITS_SHA256 = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
"""Of the pixels of scikit-learn's digits, as bytes, and then of their labels."""

DIGITS_SEED = 0
"""Of the permutation that deals the digits out to training, validation and test set."""


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
    return frozen((pixels[order] / 16).astype(np.float32), labels[order])


class Digits(Images):
    """The digits of Alpaydin & Kaynak (1998), 8 x 8 pixels, as scikit-learn has them.

    Parameters
    ----------
    training_size : int, optional
        Train on a random subset of this size, with as many of each class as possible.
    """

    name: Literal["digits"] = "digits"
    whole: ClassVar[Facts] = Facts(1_197, 300, 300, inputs=64, classes=10, image_shape=(8, 8))

    @property
    def digest(self) -> str:
        """The SHA-256 of pixels and labels."""
        return DIGITS_SHA256

    def content(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Return images and labels."""
        return digits()
