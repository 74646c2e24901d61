"""What the explorable of gradient noise needs: real images by two features, and its still.

The model has two weights, so that the plane in which its gradients are drawn holds all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.publishing.drawing.palette import COLORS, NO_DATA
from nnbook.theory.arrays import Array
from nnbook.theory.losses import binary_cross_entropy_on_logits
from nnbook.theory.network import Layer, Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BATCHES = 400
"""How many batches are drawn."""

_LOSS = "binary_cross_entropy_on_logits"
_SIDE = 8  # pixels
_LEVELS = [0.31, 0.35, 0.4, 0.5, 0.65, 0.85, 1.1, 1.4, 1.8, 2.3, 3]  # of the contours


@cache
def facts() -> dict[str, Any]:
    """Return the zeros and ones among scikit-learn's digits for training, by two features.

    Returns
    -------
    dict
        ``features``: for each image how much ink its left half and its middle have, both with mean
        0 and standard deviation 1 (dimensionless). ``targets``: 1 for a one, 0 for a zero.
        ``source``: whose images they are.
    """
    from nnbook.publishing.explorables.facts import DIGITS_SOURCE
    from nnbook.training.datasets import load_split

    split = load_split("digits")
    labels = np.asarray(split.training_y)
    chosen = labels < 2
    images = split.training_x[chosen].reshape(-1, _SIDE, _SIDE)
    ink = [images[:, :, :4].mean(axis=(1, 2)), images[:, 2:6, 2:6].mean(axis=(1, 2))]
    features = [(feature - feature.mean()) / feature.std() for feature in ink]
    return {
        "features": np.transpose(features).astype(float).round(3).tolist(),
        "targets": labels[chosen].tolist(),
        "source": DIGITS_SOURCE,
    }


def examples() -> tuple[Array, Array]:
    """Return the features as columns, shape (2, images), and the targets, shape (1, images)."""
    found = facts()
    return np.array(found["features"]).T, np.array(found["targets"], dtype=float)[None]


def loss(w: Array) -> float:
    """Return the loss of logistic regression on the images with two weights."""
    x, y = examples()
    return float(binary_cross_entropy_on_logits(w[None] @ x, y))


def gradients(w: Array) -> Array:
    """Return the gradient of each image with respect to two weights, shape (images, 2)."""
    x, y = examples()
    network = Network([Layer(w[None], [0.0], "identity")])
    found = []
    for image, target in zip(x.T[:, :, None], y.T[:, :, None], strict=True):
        backward = network.backward(network.forward(image), target, _LOSS)
        found.append(backward.gradients[1].weights[0])
    return np.array(found)


def still(state: Mapping[str, str]) -> Figure:
    """Draw the gradients of the batches, where they lead, and their error against the size."""
    import matplotlib.pyplot as plt

    w = np.array([float(state["x"]), float(state["y"])])
    size, rate, each = int(state["size"]), float(state["rate"]), gradients(w)
    random = np.random.default_rng(int(state["seed"]))
    is_apart = state["draws"] == "without"
    count, mean = len(each), each.mean(axis=0)
    batches = np.array(
        [
            random.permutation(count) if is_apart else random.integers(count, size=count)
            for _ in range(BATCHES)
        ]
    )
    clouds = each[batches].cumsum(axis=1) / np.arange(1, count + 1)[:, None]
    cloud = clouds[:, size - 1]
    drawn, (plane, weights, errors) = plt.subplots(1, 3, figsize=(7.6, 2.7), layout="constrained")
    is_up = np.array([loss(w - rate * g) for g in cloud]) >= loss(w)
    for axes, points, start, end in (
        (plane, cloud, np.zeros(2), mean),
        (weights, w - rate * cloud, w, w - rate * mean),
    ):
        axes.plot(*points[~is_up].T, "o", color=COLORS[0], markersize=2)
        axes.plot(*points[is_up].T, "s", color=COLORS[1], markersize=2.5)
        axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": COLORS[6]})
        axes.set_aspect("equal")
    end = np.abs(each).max() * 1.05
    plane.set(xlabel="gradient, by $w_1$", ylabel="by $w_2$", xlim=(-end, end), ylim=(-end, end))
    _draw_contours(weights)
    sizes = np.arange(1, count + 1)
    spread = ((each - mean) ** 2).sum(axis=1).mean()
    factor = (count - sizes) / (count - 1) if is_apart else 1.0
    errors.loglog(sizes[:-1], np.sqrt(spread / sizes * factor)[:-1], color=COLORS[0])
    measured = np.sqrt(((clouds - mean) ** 2).sum(axis=2).mean(axis=0))
    shown = np.unique(np.geomspace(1, count - 1, 12).round().astype(int))
    errors.loglog(shown, measured[shown - 1], "o", color=COLORS[0], markersize=3)
    errors.loglog(size, measured[size - 1], "D", color=COLORS[6], markersize=5)
    errors.set(xlabel="batch size B", ylabel="error of the gradient")
    return drawn


def _draw_contours(axes: Axes) -> None:
    across, up = np.linspace(-4, 3, 57), np.linspace(-2, 5, 57)
    heights = [[loss(np.array([x, y])) for x in across] for y in up]
    axes.contour(across, up, heights, _LEVELS, colors=NO_DATA, linewidths=0.8)
    axes.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-4, 3), ylim=(-2, 5))
