"""Drawings of small networks with the numbers that flow through them, forward or back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nnbook.publishing.drawing.palette import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nnbook.theory.network import BackwardPass, ForwardPass, Network

_RADIUS = 0.28  # of a unit; neighbors in a layer are 1.2 apart
_BETWEEN_UNITS, _BETWEEN_LAYERS = 1.2, 2.2
_INCHES = 0.68  # so that two layers fit on a phone
_NOTHING = "0.55"  # of what is zero: as faint as a line may be that is to be seen
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


class _Place(NamedTuple):
    x: float
    y: float


def plot_forward(network: Network, forward: ForwardPass, example: int = 0) -> None:
    """Draw a network and the forward pass of one example.

    In each unit stands its activation, below the units of a layer with an activation function also
    the pre-activation, and at each edge its weight. What is zero is gray.

    Parameters
    ----------
    network : Network
        Of dense layers.
    forward : ForwardPass
        Of that network.
    example : int
        Which column of the batch.
    """
    axes, places = _canvas(network)
    for l, (weights, ends) in enumerate(zip(_weights(network), _edges(places), strict=True), 1):  # noqa: E741
        for (i, j), (start, end) in ends:
            sent = weights[i, j] * forward.a[l - 1][j, example]
            _edge(axes, start, end, COLORS[0] if sent else _NOTHING, backward=False)
            _label(axes, _between(start, end, _share(weights)), weights[i, j], "0.35")
    for l, column in enumerate(places):  # noqa: E741
        for unit, place in enumerate(column):
            value = forward.a[l][unit, example]
            _unit(axes, place, _text(value), COLORS[0] if value else _NOTHING)
            if l and network[l].activation.name != "identity":
                _below(axes, place, f"$z$ = {_text(forward.z[l][unit, example])}")


def plot_backward(
    network: Network, forward: ForwardPass, backward: BackwardPass, example: int = 0
) -> None:
    r"""Draw the way back of one example through a network.

    In each unit stands its error signal. At each edge stands what goes back along it: the weight
    times the error signal of the unit that it comes from. Below each hidden unit stands the
    derivative of its activation. Units that pass nothing on are gray.

    Parameters
    ----------
    network, forward, example
        As in `plot_forward`.
    backward : BackwardPass
        What `network.backward` returned for that pass.
    """
    axes, places = _canvas(network)
    layers = list(zip(_weights(network), _edges(places), strict=True))
    for l, (weights, ends) in enumerate(layers, 1):  # noqa: E741
        for (i, j), (start, end) in ends:
            if l == 1:  # nobody asks what reaches the inputs
                _edge(axes, start, end, "0.8", backward=False, arrow=False)
                continue
            sent = weights[i, j] * backward.deltas[l][i, example]
            _edge(axes, start, end, COLORS[1] if sent else _NOTHING, backward=True)
            color = COLORS[1] if sent else "0.35"
            _label(axes, _between(start, end, _share(weights)), sent, color)
    for l, column in enumerate(places):  # noqa: E741
        for unit, place in enumerate(column):
            if not l:
                _unit(axes, place, _text(forward.a[0][unit, example]), _NOTHING)
                continue
            delta = backward.deltas[l][unit, example]
            _unit(axes, place, _text(delta), COLORS[1] if delta else _NOTHING)
            if l < len(network.layers):
                slope = network[l].activation.derivative(forward.z[l])[unit, example]
                _below(axes, place, f"$f'$ = {_text(slope)}")


def _weights(network: Network) -> list[Any]:
    return [layer.weights for layer in network.layers]


def _canvas(network: Network) -> tuple[Axes, list[list[_Place]]]:
    """Return empty axes, and where the units of the inputs and of each layer go."""
    import matplotlib.pyplot as plt

    weights = _weights(network)
    sizes = [weights[0].shape[1], *(array.shape[0] for array in weights)]
    highest = max(sizes)
    width = _BETWEEN_LAYERS * (len(sizes) - 1) + 0.8
    height = _BETWEEN_UNITS * (highest - 1) + 1.1
    _, axes = plt.subplots(figsize=(_INCHES * width, _INCHES * height))
    axes.set(xlim=(-0.4, width - 0.4), ylim=(-0.7, height - 0.7), aspect="equal")
    axes.set_axis_off()
    return axes, [
        [
            _Place(_BETWEEN_LAYERS * layer, _BETWEEN_UNITS * ((highest + size) / 2 - 1 - unit))
            for unit in range(size)
        ]
        for layer, size in enumerate(sizes)
    ]


def _edges(
    places: list[list[_Place]],
) -> Iterator[list[tuple[tuple[int, int], tuple[_Place, _Place]]]]:
    """Yield, for each layer, the row and column of each weight, and what its edge joins."""
    for sources, targets in pairwise(places):
        yield [
            ((i, j), (start, end))
            for i, end in enumerate(targets)
            for j, start in enumerate(sources)
        ]


def _unit(axes: Axes, place: _Place, text: str, color: str) -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle(place, _RADIUS, facecolor="white", edgecolor=color, linewidth=1.6))
    axes.text(*place, text, ha="center", va="center")


def _below(axes: Axes, place: _Place, text: str) -> None:
    axes.text(place.x, place.y - 1.85 * _RADIUS, text, ha="center", va="center", bbox=_PAPER)


def _edge(
    axes: Axes, start: _Place, end: _Place, color: str, *, backward: bool, arrow: bool = True
) -> None:
    """Draw a line between the rims of two units."""
    reach = _RADIUS * np.subtract(end, start) / np.hypot(*np.subtract(end, start))
    tips = [np.add(start, reach), np.subtract(end, reach)]
    if backward:
        tips.reverse()
    style = {"arrowstyle": "->" if arrow else "-", "color": color, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", tips[1], tips[0], arrowprops=style, zorder=0)


def _share(weights: Any) -> float:
    """Return how far along an edge its number stands: near the side where fewer edges meet."""
    units, inputs = weights.shape
    return 0.68 if inputs <= units else 0.4


def _between(start: _Place, end: _Place, share: float) -> _Place:
    return _Place(*np.add(np.multiply(1 - share, start), np.multiply(share, end)).tolist())


def _label(axes: Axes, place: _Place, value: Any, color: str) -> None:
    """Write a number upon an edge."""
    axes.text(*place, _text(value), color=color, ha="center", va="center", bbox=_PAPER)


def _text(value: Any) -> str:
    """Return an exact number as it is, and another one with three digits.

    Examples
    --------
    >>> from fractions import Fraction
    >>> _text(Fraction(-1, 2)), _text(0.12345)
    ('−1/2', '0.123')
    """
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text.replace("-", "\N{MINUS SIGN}")
