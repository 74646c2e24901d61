r"""Inverted dropout (Srivastava et al. 2014): zero at random in training, nothing afterwards."""

# ruff: noqa: E741 - l is the number of a layer, as in the equations

import numpy as np
import numpy.typing as npt

from nnbook.errors import DataError
from nnbook.theory.arrays import Array, as_numbers
from nnbook.theory.network import Network


def dropped(a: npt.ArrayLike, rate: float, random: np.random.Generator) -> Array:
    r"""Return :math:`\tilde a = m \odot a / (1 - p)` with a fresh random mask `m`.

    Parameters
    ----------
    a : array_like of any shape
        Activations, or pre-activations of the output.
    rate : float in [0, 1)
        The probability `p` that an entry is zeroed, independently of all others.
    random : numpy.random.Generator
        It draws the mask.

    Returns
    -------
    array of the shape of `a`
        Its expectation over the masks is `a`.

    Raises
    ------
    DataError
        If the rate is not in [0, 1).

    Examples
    --------
    >>> dropped([1.0, 2.0, 3.0, 4.0], 0.5, np.random.default_rng(0))
    array([2., 0., 0., 0.])
    """
    if not 0 <= rate < 1:
        raise DataError(f"dropout rate: expected at least 0 and below 1, received {rate}")
    values = as_numbers(a)
    mask = random.random(values.shape) >= rate
    return np.asarray(mask * values / (1 - rate))


def forward_with_dropout(
    network: Network, x: npt.ArrayLike, rate: float, random: np.random.Generator
) -> Array:
    """Return what a network predicts while it is trained: with dropout in every hidden layer.

    Parameters
    ----------
    network : Network
        A network with weights from training with inverted dropout.
    x : array_like of shape (n_0, B)
        A batch; each example gets masks of its own.
    rate : float in [0, 1)
        Probability with which the output of a hidden unit is zeroed.
    random : numpy.random.Generator
        It draws the masks.

    Returns
    -------
    array of shape (n_L, B)
    """
    a = as_numbers(x)
    for l, layer in enumerate(network.layers, start=1):
        a = layer.activation(layer.weights @ a + layer.biases)
        if l < len(network.layers):
            a = dropped(a, rate, random)
    return a
