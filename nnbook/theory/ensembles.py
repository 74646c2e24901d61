r"""The thinned networks that dropout leaves, one for each mask, and means of their predictions.

Here a mask is held for the whole batch, so that each thinned network is a function of its input.
For `n` units that may be dropped there are :math:`2^n` masks: all of them can be tried in small
networks only.
"""

from collections.abc import Iterable
from itertools import product

import numpy as np
import numpy.typing as npt

from nnbook.errors import DataError
from nnbook.theory.arrays import Array, as_numbers
from nnbook.theory.dropout import Dropout
from nnbook.theory.network import Network

MOST_UNITS = 16
"""How many units may be dropped at most where all masks are tried."""


def ensemble(network: Network, x: npt.ArrayLike) -> tuple[Array, Array]:
    r"""Return the predictions of all thinned networks, and how likely each of them is.

    Parameters
    ----------
    network : Network
        With `Dropout` among its parts. A kept unit is divided by :math:`1 - p`, as in training.
    x : array_like of shape (n_0, B)
        A batch.

    Returns
    -------
    predictions : array of shape (masks, n_L, B)
    chances : array of shape (masks,)
        The probability of each mask; their sum is 1.

    Raises
    ------
    DataError
        If there are more than `MOST_UNITS` units that may be dropped.

    Examples
    --------
    The table of three units of the chapter on dropout:

    >>> from nnbook.theory.parts import Dense
    >>> unit = Network([Dropout(0.5), Dense([[1, 2, -1]], [0])])
    >>> predictions, chances = ensemble(unit, [[2], [1], [1]])
    >>> predictions.ravel()
    array([ 0., -2.,  4.,  2.,  4.,  2.,  8.,  6.])
    >>> float(arithmetic_mean(predictions, chances).item())
    3.0
    """
    x = as_numbers(x)
    outputs = zip(network.parts, network.forward(x).outputs, strict=True)
    widths = [len(output) for part, output in outputs if isinstance(part, Dropout)]
    if sum(widths) > MOST_UNITS:
        raise DataError(
            f"all masks: expected at most {MOST_UNITS} units that may be dropped, "
            f"received {sum(widths)}"
        )
    masks = [np.array(mask) for mask in product([0, 1], repeat=sum(widths))]
    ends = np.cumsum(widths)[:-1]
    found = [thinned(network, x, np.split(mask, ends)) for mask in masks]
    return np.array([one for one, _ in found]), np.array([chance for _, chance in found])


def arithmetic_mean(predictions: npt.ArrayLike, chances: npt.ArrayLike) -> Array:
    """Return the mean over all masks, of shape (n_L, B); for the arguments see `ensemble`."""
    return np.tensordot(as_numbers(chances), as_numbers(predictions), 1)


def geometric_mean(probabilities: npt.ArrayLike, chances: npt.ArrayLike) -> Array:
    r"""Return the normalized geometric mean of the probability of a class (Baldi & Sadowski 2013).

    .. math:: \frac{G}{G + G'} , \qquad
       G = \prod_m (\hat y_m)^{c_m} , \quad G' = \prod_m (1 - \hat y_m)^{c_m}

    Parameters
    ----------
    probabilities : array_like of shape (masks, 1, B)
        Those of one of two classes, above 0 and below 1.
    chances : array_like of shape (masks,)
        The probability `c` of each mask.

    Raises
    ------
    DataError
        If a probability is 0 or 1, or none.

    Examples
    --------
    >>> geometric_mean([[[0.5]], [[0.8]]], [0.5, 0.5])
    array([[0.66666667]])
    """
    p = as_numbers(probabilities)
    if not ((p > 0) & (p < 1)).all():
        raise DataError(
            f"a geometric mean: expected probabilities above 0 and below 1, "
            f"received some from {p.min()} to {p.max()}"
        )
    yes, no = (np.exp(arithmetic_mean(np.log(q), chances)) for q in (p, 1 - p))
    return np.asarray(yes / (yes + no))


def thinned(network: Network, x: npt.ArrayLike, masks: Iterable[Array]) -> tuple[Array, float]:
    """Return the prediction of a thinned network, and how likely it is.

    Parameters
    ----------
    network : Network
    x : array_like of shape (n_0, B)
        A batch, all of which has the same masks.
    masks : iterable of array
        One for each `Dropout`, of 0 and 1 for its units.
    """
    a, each, chance = as_numbers(x), iter(masks), 1.0
    for part in network.parts:
        if isinstance(part, Dropout):
            mask = next(each)
            chance *= float(np.prod(np.where(mask, 1 - part.rate, part.rate)))
            a = mask[:, None] / (1 - part.rate) * a
        else:
            a, _ = part.forward(a)
    return a, chance
