"""What the explorable of normalization needs: some digits, and the network that receives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.publishing.drawing.palette import COLORS
from nnbook.theory.activations import get_activation
from nnbook.theory.arrays import Array
from nnbook.theory.network import BackwardPass, ForwardPass, Network
from nnbook.theory.normalization import BatchNorm, LayerNorm
from nnbook.theory.parts import Dense, Part

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

IMAGES = 100
"""How many of the digits a batch has at most."""

UNITS = 30
"""In each hidden layer."""

LOSS = "categorical_cross_entropy_on_logits"

OVERS = {"none": "none", "batch": "over the batch", "layer": "over the layer"}
"""What the normalizations are called."""

_CLASSES = 41  # of a histogram
_HALF = 0.44  # of the way to the next layer


def batch(digits: Mapping[str, Any], images: int) -> tuple[Array, Array]:
    """Return packed digits as columns, and their targets."""
    pixels = [int(gray, 17) / 16 for gray in digits["pixels"]]
    labels = [int(label) for label in digits["labels"]]
    return np.array(pixels).reshape(-1, 64)[:images].T, np.eye(10)[labels[:images]].T


def weights_of(state: Mapping[str, str], inputs: int, outputs: int) -> list[Array]:
    """Return random weights of LeCun's size for the fields of the explorable."""
    random = np.random.default_rng(int(state["seed"]))
    widths = [inputs, *[UNITS] * int(state["depth"]), outputs]
    return [random.normal(size=(units, n)) / np.sqrt(n) for n, units in pairwise(widths)]


def network_of(weights: Sequence[Array], state: Mapping[str, str], over: str) -> Network:
    """Return the network: a normalization, if there is one, stands before the activation."""
    scale, bias = (float(Fraction(state[name])) for name in ("scale", "bias"))
    *hidden, last = weights
    parts: list[Part] = []
    for one in hidden:
        parts.append(Dense(scale * one, np.full(len(one), bias)))
        if over != "none":
            parts.append((BatchNorm if over == "batch" else LayerNorm).initial(len(one)))
        parts.append(get_activation(state["activation"]))
    return Network([*parts, Dense(last, np.zeros(len(last)))])


def passes(network: Network, x: Array, y: Array) -> tuple[ForwardPass, BackwardPass]:
    """Return both passes of the batch, as in training."""
    forward = network.forward(x, training=True)
    return forward, network.backward(forward, y, LOSS)


def draw(state: Mapping[str, str], digits: Mapping[str, Any]) -> Figure:
    """Draw histograms of activations, without and with batch normalization, and gradients."""
    import matplotlib.pyplot as plt

    x, y = batch(digits, int(state["images"]))
    weights = weights_of(state, len(x), len(y))
    found = {over: passes(network_of(weights, state, over), x, y) for over in OVERS}
    figure, (none, normal, norms) = plt.subplots(1, 3, figsize=(7.2, 3), layout="constrained")
    none.set(ylabel=f"activation ({state['activation']})", title="no normalization")
    normal.set(title="batch normalization")
    for axes, over in ((none, "none"), (normal, "batch")):
        hidden = [found[over][0].a[l] for l in range(1, len(weights))]  # noqa: E741
        _draw_histograms(axes, hidden)
    layers = range(1, len(weights) + 1)
    for over, label in OVERS.items():
        gradients = found[over][1].gradients
        sizes = [np.linalg.norm(gradients[l].weights) for l in layers]  # noqa: E741
        norms.semilogy(layers, sizes, label=label)
    norms.set(xlabel="layer", xticks=list(layers), title="norm of the gradient")
    norms.legend()
    return figure


def _draw_histograms(axes: Axes, values: Sequence[Array]) -> None:
    low, high = min(one.min() for one in values), max(one.max() for one in values)
    edges = np.linspace(low, high, _CLASSES + 1)
    for layer, one in enumerate(values, 1):
        counts = np.sqrt(np.histogram(one, edges)[0])
        half = _HALF * counts / counts.max()
        axes.barh(edges[:-1], 2 * half, np.diff(edges), layer - half, align="edge", color=COLORS[4])
    axes.set(xlabel="hidden layer", xticks=range(1, len(values) + 1))
