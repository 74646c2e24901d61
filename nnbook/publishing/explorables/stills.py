"""What stands for an explorable where nothing moves: a figure of its first preset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from nnbook.errors import NNBookError, nearest
from nnbook.publishing.drawing.palette import COLORS, NO_DATA
from nnbook.publishing.drawing.style import as_svg, use_style
from nnbook.publishing.network_diagrams import plot_forward
from nnbook.theory.arrays import Array, exact
from nnbook.theory.network import Layer, Network
from nnbook.theory.optimizers import descend
from nnbook.theory.rules import SGD, Momentum, Nesterov

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Texts = Mapping[str, str]
"""A value for each field of an explorable, as its presets write it."""


def still(name: str, state: Texts) -> str:
    """Return the figure of an explorable as SVG.

    Parameters
    ----------
    name : str
        Of the explorable.
    state : mapping
        The values of its fields.

    Raises
    ------
    NNBookError
        If no figure is known for it.
    """
    import matplotlib.pyplot as plt

    if name not in STILLS:
        raise NNBookError(f"no still for the explorable {name!r}: {nearest(name, STILLS)}")
    use_style()
    figure = STILLS[name](state)
    try:
        return str(as_svg(figure))
    finally:
        plt.close(figure)


def one_step(state: Texts) -> Figure:
    """Draw the forward pass of the example that the drawing shows."""
    import matplotlib.pyplot as plt

    network = Network(
        (
            Layer(_matrix(state["W1"], 4), _matrix(state["b1"], 4), state["activation"]),
            Layer(_matrix(state["W2"], 1), _matrix(state["b2"], 1), "identity"),
        )
    )
    forward = network.forward(_matrix(state["x"], 2))
    plot_forward(network, forward, example=int(state["example"]) - 1)
    return plt.gcf()


def descent(state: Texts) -> Figure:
    """Draw the paths over a bowl of those optimizers that the race begins with."""
    import matplotlib.pyplot as plt

    condition, updates = float(state["condition"]), int(state["at"])
    curvatures = np.array([1.0, condition])
    rate, beta = float(state["rate"]) / condition, float(state["beta"])
    rules = {"sgd": SGD(), "momentum": Momentum(beta), "nesterov": Nesterov(beta)}
    start = np.array([float(state["x"]), float(state["y"])])
    figure, axes = plt.subplots(figsize=(5.6, 4.2))
    across, up = np.linspace(-4, 4, 161), np.linspace(-3, 3, 121)
    losses = (across**2 + condition * up[:, None] ** 2) / 2
    levels = losses.max() * ((np.arange(12) + 0.5) / 12) ** 4
    axes.contour(across, up, losses, levels, colors=NO_DATA, linewidths=0.8)
    for name in state["rules"].split(","):
        path = descend(rules[name.strip()], lambda w: curvatures * w, start, rate, updates)
        axes.plot(*path.T, label="gradient descent" if name == "sgd" else name.strip())
    axes.plot(0, 0, "+", color=COLORS[6], markersize=10)
    axes.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-4, 4), ylim=(-3, 3))
    axes.legend(loc="upper right")
    return figure


def _matrix(text: str, rows: int) -> Array:
    return exact([entry.strip() for entry in text.split(",")]).reshape(rows, -1)


STILLS: dict[str, Callable[[Texts], Figure]] = {"descent": descent, "one-step": one_step}
"""The function that draws each explorable."""
