r"""Inverted dropout (Srivastava et al. 2014): zero at random in training, nothing afterwards."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from nnbook.errors import DataError
from nnbook.theory.arrays import Array, as_numbers
from nnbook.theory.parts import Part, Training


@dataclass(frozen=True, eq=False)
class Dropout(Part):
    r"""In training :math:`\tilde a = m \odot a / (1 - p)` with fresh random masks; else `a`.

    Parameters
    ----------
    rate : number in [0, 1)
        The probability `p` that an entry is zeroed, independently of all others.

    Raises
    ------
    DataError
        If the rate is not in [0, 1).

    Examples
    --------
    >>> half, random = Dropout(0.5), np.random.default_rng(0)
    >>> half.forward([1.0, 2.0, 3.0, 4.0], training=random)[0]
    array([2., 0., 0., 0.])
    """

    rate: Any

    def __post_init__(self) -> None:
        """Refuse rates that leave nothing, or more than there was."""
        if not 0 <= self.rate < 1:
            raise DataError(f"dropout rate: expected at least 0 and below 1, received {self.rate}")

    def forward(self, a: npt.ArrayLike, training: Training = False) -> tuple[Array, Array]:
        """Return a with a mask of its own for each example; the way back needs the same mask."""
        a = as_numbers(a)
        if training is False:
            return a, np.ones(a.shape)
        if training is True:
            raise DataError(
                "dropout: masks are drawn in training; expected training=numpy.random.default_rng"
                "(seed), or another generator, received training=True"
            )
        mask = (training.random(a.shape) >= self.rate) / (1 - self.rate)
        return mask * a, mask

    def pull_back(self, mask: Array, gradient: npt.ArrayLike) -> Array:
        """Return the gradient with respect to a: what was dropped gets none."""
        return np.asarray(mask * as_numbers(gradient))
