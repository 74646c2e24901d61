r"""What depth buys: a function that folds, as a deep and as a shallow ReLU network.

The tent map :math:`T(x) = 2 \max(0, x) - 4 \max(0, x - 1/2)` folds the interval [0, 1] in the
middle and stretches it to its old length. Applied k times it is a sawtooth of :math:`2^k` straight
pieces. As a network of k layers it needs two units in each; with a single hidden layer it needs one
unit for each kink (Telgarsky 2016; Montufar et al. 2014). All numbers are exact.
"""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from nnbook.errors import ShapeError, SpecError
from nnbook.theory.activations import Activation, Identity, LeakyReLU, ReLU
from nnbook.theory.arrays import Array, as_numbers, exact, is_exact
from nnbook.theory.network import Layer, Network
from nnbook.theory.parts import Dense


def folding_network(folds: int) -> Network:
    """Return the tent map, applied `folds` times, as a network with two ReLU units per layer.

    Parameters
    ----------
    folds : int
        How often the interval is folded: the number of hidden layers, at least 1.

    Returns
    -------
    Network
        Of exact fractions, with one input and one output.

    Raises
    ------
    SpecError
        If there is nothing to fold.

    Examples
    --------
    >>> x = exact([["1/8", "1/4", "3/8", "1/2"]])
    >>> [str(y) for y in folding_network(2).forward(x).prediction[0]]
    ['1/2', '1', '1/2', '0']
    """
    if folds < 1:
        raise SpecError(f"a folding network: expected at least 1 fold, received {folds}")
    biases = exact(["0", "-1/2"])
    first = Layer(exact([[1], [1]]), biases, ReLU())
    again = Layer(exact([[2, -4], [2, -4]]), biases, ReLU())
    output = Layer(exact([[2, -4]]), exact([0]), Identity())
    return Network((first, *[again] * (folds - 1), output))


def interpolating_network(x: npt.ArrayLike, y: npt.ArrayLike) -> Network:
    """Return a network with one hidden layer that joins points by straight lines.

    One unit lies flat to the left of each point but the last, and its output weight is the change
    of slope there.

    Parameters
    ----------
    x : array_like of shape (points,)
        Increasing, at least two.
    y : array_like of shape (points,)
        Values.

    Returns
    -------
    Network
        With points - 1 ReLU units, of the number type of the points. It is constant to the left of
        the first point, and goes on straight to the right of the last.

    Raises
    ------
    ShapeError
        If the points are too few, not as many as the values, or not in order.

    Examples
    --------
    >>> network = interpolating_network([0, 1, 3], [0, 2, 0])
    >>> network.forward([[0.5, 1.0, 2.0]]).prediction
    array([[1., 2., 1.]])
    """
    points, values = as_numbers(x), as_numbers(y)
    if points.ndim != 1 or points.shape != values.shape or len(points) < 2:
        raise ShapeError(
            f"points to join: expected at least two, with one value each, received the shapes "
            f"{points.shape} and {values.shape}"
        )
    if not all(left < right for left, right in pairwise(points)):
        raise ShapeError(f"points to join: expected an increasing sequence, received {points}")
    slopes = np.diff(values) / np.diff(points)
    changes = np.concatenate([slopes[:1], np.diff(slopes)])
    ones = np.ones((len(changes), 1), dtype=points.dtype)
    return Network(
        (
            Layer(ones, -points[:-1], ReLU()),
            Layer(changes[None, :], values[:1], Identity()),
        )
    )


def slopes(network: Network, x: npt.ArrayLike) -> Array:
    r"""Return the derivative of each output with respect to a network's only input.

    It is the product of the Jacobians of all layers, multiplied from the output to the input:
    :math:`\operatorname{diag} f'(z^L)\, W^L \cdots\allowbreak \operatorname{diag} f'(z^1)\, W^1`.

    Parameters
    ----------
    network : Network
        With one input; no softmax.
    x : array_like of shape (points,)
        Where.

    Returns
    -------
    array of shape (n_L, points)

    Raises
    ------
    ShapeError
        If the network has more than one input.
    SpecError
        If it has other parts than layers with activations.

    Examples
    --------
    >>> [int(s) for s in slopes(folding_network(3), exact(["1/16", "3/16"]))[0]]
    [8, -8]
    """
    if network.layers[0].weights.shape[1] != 1:
        raise ShapeError(
            f"slopes: expected one input, received {network.layers[0].weights.shape[1]}"
        )
    points = as_numbers(x)
    _check_plain(network)
    z = network.forward(points[None, :]).z
    product = np.ones_like(points)[None, :]
    for number, layer in enumerate(network.layers, start=1):
        product = layer.activation.derivative(z[number]) * (layer.weights @ product)
    return np.asarray(product)


def kinks(network: Network, left: Any, right: Any) -> Array:
    """Return where a ReLU network with one input changes its slope.

    Between two kinks the network is a straight line, so it has one more piece than kinks. They are
    found layer by layer: between the places found so far, the pre-activations of the next layer are
    straight lines, too, and the zero of a line can be computed. Places where units switch without
    an effect on the output are left out at the end.

    Parameters
    ----------
    network : Network
        One input; ReLU or leaky ReLU in the hidden layers, identity at the output.
    left, right : number
        The interval to look at.

    Returns
    -------
    array of shape (kinks,)
        In increasing order, strictly inside the interval; exact if the network and the interval
        are. With floats, slopes that differ by less than a billionth of the largest are equal.

    Raises
    ------
    SpecError
        If the network is not piecewise linear, or has other parts than layers with activations.
    ShapeError
        If it has more than one input.

    Examples
    --------
    >>> [str(place) for place in kinks(folding_network(2), *exact([0, 1]))]
    ['1/4', '1/2', '3/4']
    """
    _check_plain(network)
    *hidden, output = network.layers
    linear = isinstance(output.activation, Identity)
    if not linear or not all(isinstance(layer.activation, ReLU | LeakyReLU) for layer in hidden):
        raise SpecError(
            f"kinks: expected ReLU or leaky ReLU in the hidden layers and the identity at the "
            f"output, received {[layer.activation for layer in network.layers]}"
        )
    places = as_numbers([left, right])
    for layer in range(1, len(network.layers)):
        z = network.forward(places[None, :]).z[layer]
        unit, piece = np.nonzero(z[:, :-1] * z[:, 1:] < 0)
        start, end = z[unit, piece], z[unit, piece + 1]
        found = places[piece] + start / (start - end) * (places[piece + 1] - places[piece])
        places = np.unique(np.concatenate([places, found]))
    steepness = slopes(network, (places[:-1] + places[1:]) / 2)
    smallest = 0 if is_exact(places) else 1e-9 * np.max(np.abs(steepness))
    changes = np.max(np.abs(np.diff(steepness, axis=1)), axis=0) > smallest
    return np.asarray(places[1:-1][changes.astype(bool)])


def _check_plain(network: Network) -> None:
    """Refuse normalization, dropout and shortcuts."""
    others = [part for part in network.parts if not isinstance(part, Dense | Activation)]
    if others:
        raise SpecError(f"expected nothing but layers with activations, received {others[0]}")
