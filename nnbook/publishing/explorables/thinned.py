"""What the explorable of dropout needs: small networks, trained here on real data.

Each has one input and six tanh units in one or two hidden layers, so that the predictions with all
masks can be computed. One half is trained with dropout behind the hidden layers, one without.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.publishing.drawing.palette import COLORS, NO_DATA
from nnbook.theory.arrays import Array
from nnbook.theory.dropout import Dropout
from nnbook.theory.ensembles import arithmetic_mean, ensemble, thinned
from nnbook.theory.losses import get_loss
from nnbook.theory.network import Layer, Network
from nnbook.theory.optimizers import get_optimizer
from nnbook.theory.parts import Part

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS = 6
"""In each hidden layer."""

RATE = 0.2
"""Of the dropout with which networks are trained."""

DEPTHS = {"one": 1, "two": 2}
TRAINED = {"without": 0.0, "with": RATE}
LOSSES = {"eckerle4": "mse", "iris": "binary_cross_entropy_on_logits"}

IRIS_SOURCE = "R. A. Fisher (1936): Iris, UCI Machine Learning Repository, CC BY 4.0"

_UPDATES, _LEARNING_RATE, _SEED = 600, 0.03, 1
_STEEP = 8  # size of the first weights: the input lies between 0 and 1
_DIGITS = 6  # that are kept of a weight
_CURVES = 30  # of thinned networks that are drawn, the newest ones


@cache
def facts() -> dict[str, Any]:
    """Return data and trained networks.

    Returns
    -------
    dict
        ``data``: by name ``x`` and ``y``, and the ``source`` of those that are not ours.
        ``networks``: by data, depth and kind of training, with blanks between, the ``layers``: for
        each ``weights`` and ``biases``. ``rate``: of the dropout in training.
    """
    return {
        "data": {
            name: {"x": x[0].round(_DIGITS).tolist(), "y": y[0].round(_DIGITS).tolist()}
            for name, (x, y) in ((name, data(name)) for name in LOSSES)
        },
        "source": IRIS_SOURCE,
        "rate": RATE,
        "networks": {
            " ".join((name, depth, kind)): [
                {
                    "weights": [[_rounded(w) for w in row] for row in layer.weights],
                    "biases": [_rounded(b) for b in layer.biases.ravel()],
                }
                for layer in trained(name, DEPTHS[depth], TRAINED[kind]).layers
            ]
            for name, depth, kind in product(LOSSES, DEPTHS, TRAINED)
        },
    }


def data(name: str) -> tuple[Array, Array]:
    """Return inputs between 0 and 1 and targets, each of shape (1, B).

    They are Eckerle4, or the petal lengths of two kinds of iris: versicolor 0, virginica 1.
    """
    from sklearn.datasets import load_iris

    from nnbook.training.datasets import eckerle4

    if name == "eckerle4":
        y, x = eckerle4().T
        return _scaled(x), _scaled(y)
    features, kinds = load_iris(return_X_y=True)
    return _scaled(features[kinds > 0, 2]), kinds[None, kinds > 0] - 1.0


def trained(name: str, depth: int, rate: float) -> Network:
    """Return a network that has learned the data with Adam, with dropout of this rate."""
    x, y = data(name)
    random, optimizer = np.random.default_rng(_SEED), get_optimizer("adam")
    network = _initial(depth, random, rate)
    loss, state = get_loss(LOSSES[name]), optimizer.initial_state(network)
    for update in range(_UPDATES):
        forward = network.forward(x, random)
        gradients = network.backward(forward, y, loss).gradients
        left = 1 - update / _UPDATES
        network, state = optimizer.step(network, gradients, state, _LEARNING_RATE * left)
    return network


def network_of(state: Mapping[str, str]) -> Network:
    """Return the network of the fields of the explorable, with dropout behind its hidden layers."""
    key = " ".join(state[field] for field in ("problem", "layers", "trained"))
    *hidden, output = facts()["networks"][key]
    dropout = Dropout(float(Fraction(state["rate"])))
    layers = [Layer(layer["weights"], layer["biases"], "tanh") for layer in hidden]
    parts = [part for layer in layers for part in (layer, dropout)]
    activation = "identity" if state["problem"] == "eckerle4" else "sigmoid"
    return Network([*parts, Layer(output["weights"], output["biases"], activation)])


def still(state: Mapping[str, str]) -> Figure:
    """Draw thinned networks and their mean, and how it forms at one input."""
    import matplotlib.pyplot as plt

    network, count, here = network_of(state), int(state["at"]), float(Fraction(state["x"]))
    grid = np.linspace(0, 1, 101)[None]
    random = np.random.default_rng(int(state["seed"]))
    shape = (count, DEPTHS[state["layers"]], UNITS)
    masks = (random.random(shape) >= float(Fraction(state["rate"]))).astype(float)
    drawn = np.array([thinned(network, grid, one)[0][0] for one in masks])
    single = np.array([thinned(network, [[here]], one)[0].item() for one in masks])
    scaled = network.forward(grid).prediction[0], network.forward([[here]]).prediction.item()
    every = arithmetic_mean(*ensemble(network, [[here]])).item()
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3), layout="constrained")
    left.plot(grid[0], drawn[-_CURVES:].T, color=NO_DATA, linewidth=0.7)
    x, y = data(state["problem"])
    left.plot(x[0], y[0], "o", color=COLORS[6], markerfacecolor="none", markersize=3)
    left.plot(grid[0], scaled[0], color=COLORS[0], label="weight scaling")
    left.plot(grid[0], drawn.mean(axis=0), "--", color=COLORS[1], label=f"mean of {count} masks")
    left.set(xlabel="input x (scaled)", ylabel="prediction", ylim=(-0.6, 1.6))
    left.legend()
    numbers = np.arange(1, count + 1)
    right.plot(numbers, single, ".", color=NO_DATA, label=f"one mask, at x = {here:g}")
    right.plot(numbers, single.cumsum() / numbers, "--", color=COLORS[1], label="running mean")
    right.axhline(scaled[1], color=COLORS[0], label="weight scaling")
    right.axhline(every, color=COLORS[2], ls=":", lw=3, label="mean over all masks")
    right.set(xlabel="masks drawn", ylabel="prediction")
    right.xaxis.get_major_locator().set_params(integer=True)
    right.legend()
    return figure


def _initial(depth: int, random: np.random.Generator, rate: float) -> Network:
    first = _STEEP * random.normal(size=(UNITS, 1))
    turns = random.random(UNITS)  # where the units are 0
    parts: list[Part | Network] = [Layer(first, -first[:, 0] * turns, "tanh"), Dropout(rate)]
    for _ in range(depth - 1):
        weights = random.normal(size=(UNITS, UNITS)) / np.sqrt(UNITS)
        parts += [Layer(weights, np.zeros(UNITS), "tanh"), Dropout(rate)]
    last = random.normal(size=(1, UNITS)) / np.sqrt(UNITS)
    return Network([*parts, Layer(last, [0.0], "identity")])


def _scaled(values: Array) -> Array:
    return np.asarray((values - values.min()) / np.ptp(values))[None]


def _rounded(value: Any) -> float:
    return float(f"{float(value):.{_DIGITS}g}")
