"""MNIST: 70,000 handwritten digits, from Keras' file.

The file is looked for where data files are, then in Keras' cache, and is downloaded when it is
nowhere. What is found counts only with the content that its digests promise.
"""

import contextlib
import hashlib
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnbook import project
from nnbook.errors import DataError
from nnbook.training.datasets.base import Facts
from nnbook.training.datasets.files import first_file, read_npz
from nnbook.training.datasets.images import Images, frozen

MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
"""Of the bytes of each array in Keras' file mnist.npz, not of the file."""

REPLACE_MNIST = "delete it, or set NNBOOK_DATA to a directory that holds Keras' mnist.npz"


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
    examples = len(arrays["x_train"]) + len(arrays["x_test"])
    images = np.empty((examples, arrays["x_test"][0].size), np.float32)
    border = len(arrays["x_train"])
    # Straight to its place in float32, because memory of this size is paid for once per process.
    for part, name in ((images[:border], "x_train"), (images[border:], "x_test")):
        np.divide(arrays[name].reshape(part.shape), 255, out=part, dtype=np.float32)
    return frozen(images, np.concatenate([arrays["y_train"], arrays["y_test"]]))


def _mnist_arrays() -> Mapping[str, NDArray[np.uint8]]:
    downloads = project.downloads()
    if path := first_file("mnist.npz", [*project.data_folders(), downloads]):
        return _checked_mnist(read_npz(path, list(MNIST_SHA256), REPLACE_MNIST), path)
    return _checked_mnist(_download_mnist(), downloads / "mnist.npz")


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


class MNIST(Images):
    """The images of LeCun, Cortes & Burges (1998); the last 10,000 for training are validation's.

    Parameters
    ----------
    training_size : int, optional
        Train on a random subset of this size, with as many of each class as possible.
    """

    name: Literal["mnist"] = "mnist"
    whole: ClassVar[Facts] = Facts(
        50_000, 10_000, 10_000, inputs=784, classes=10, image_shape=(28, 28)
    )

    @property
    def digest(self) -> str:
        """The SHA-256 of those of the arrays."""
        return hashlib.sha256("".join(MNIST_SHA256.values()).encode()).hexdigest()

    def content(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Return images and labels."""
        return mnist()
