"""What the explorables show of data and of recorded runs: computed when the book is built."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnbook import project
from nnbook.publishing.explorables import cut, drawn, noise, normalized, records, thinned
from nnbook.theory.arrays import Array
from nnbook.theory.network import Layer

if TYPE_CHECKING:
    from nnbook.experiments.results import Runs

BATCH = project.data("mnist-batch.json")
"""The batch that the explorable of vanishing gradients sends through its networks."""

IMAGES = 250
"""How many images of MNIST it stands for."""

PROBED = 1000
"""Of how many training images, the first ones, the probes of the recorded runs take gradients."""

PIXELS = 784
"""Of an image of MNIST."""

RECORDED_WIDTH = 30
"""How many units the hidden layers of the recorded networks have."""

LEARNED, VALIDATED = 500, 250
"""How many of scikit-learn's digits the network of the page learns, and is tested on meanwhile."""

DIGITS_SOURCE = (
    "E. Alpaydin, C. Kaynak (1998): Optical Recognition of Handwritten Digits, "
    "UCI Machine Learning Repository, CC BY 4.0"
)
"""The pages hold some of these images, and say whose they are."""

SAMPLE_SIZES = range(2, 21)
"""How many recorded runs a sample of the page may have."""

_RECORDED = ("vanishing-gradient", "vanishing-initial")
_DIGITS = 3  # that are kept of what was measured


@cache
def vanishing() -> dict[str, Any]:
    """Return a batch of MNIST as random weights see it, and what was measured in recorded runs.

    Returns
    -------
    dict
        ``batch`` (see `packed`), and ``bands``: by activation, initial weights, deviation (of the
        normal distribution) and depth the least and the largest value of five runs, before the
        first update, for each layer: of ``gradient``, ``slope`` and, where it was measured,
        ``activation`` (root mean square).
    """
    from nnbook.experiments import experiment, run

    bands: dict[str, dict[str, Any]] = {}
    for name in _RECORDED:
        for runs in run(experiment(name)).values():
            spec = next(iter(runs.records.values())).spec
            if (initializer := spec.initializer.name) != "orthogonal":
                deviation = getattr(spec.initializer, "deviation", None)
                name_ = _key(spec.activation, initializer, deviation, len(spec.hidden_layers))
                bands[name_] = _bands(runs) | bands.get(name_, {})
    return {"batch": json.loads(BATCH.read_text(encoding="utf-8")), "bands": bands}


def packed(x: Array, labels: NDArray[np.integer[Any]]) -> dict[str, Any]:
    """Return images by their scalar products, which are all that random weights see.

    So the file `BATCH` was made of `probed`: the book is built also where MNIST is not.

    The batch is a triangular matrix R with the scalar products of the images X, for which it is
    R^T R = X^T X. Normal weights make the same sums of R, in distribution, as of X, and a gradient
    of the first layer has the same norm.

    Parameters
    ----------
    x : ndarray of shape (pixels, images)
    labels : ndarray of shape (images,)
        The digits on them.

    Returns
    -------
    dict
        ``inputs``, how many pixels an image has, ``images``, how many there are, ``labels``, a
        text of digits, ``unit`` and ``entries``: the upper triangle row by row, in base 64, one
        signed byte for each entry in that unit.
    """
    entries = np.asarray(np.linalg.qr(x, mode="r"))[np.triu_indices(x.shape[1])]
    unit = round(float(np.abs(entries).max()) / 127, 6)
    return {
        "inputs": len(x),
        "images": x.shape[1],
        "labels": "".join(map(str, labels.tolist())),
        "unit": unit,
        "entries": b64encode((entries / unit).round().astype(np.int8).tobytes()).decode(),
    }


@cache
def training() -> dict[str, Any]:
    """Return the data that the network of the page learns.

    Returns
    -------
    dict
        ``curve``: Eckerle4, wavelengths and transmittances, both scaled to the range from 0 to 1.
        ``digits``: scikit-learn's, ``pixels`` as a text of digits to the base of 17, 64 for each
        image, ``labels`` as a text, how many of them are for ``training``, and their ``source``.
    """
    from nnbook.training.datasets import eckerle4, load_split

    table = eckerle4()
    transmittances, wavelengths = ((table - table.min(axis=0)) / np.ptp(table, axis=0)).T
    split = load_split("digits")
    count = LEARNED + VALIDATED  # all from the training images: the test images stay unseen
    x, y = split.training_x[:count], np.asarray(split.training_y)[:count]
    grays = (x.reshape(-1) * 16).round().astype(int)
    return {
        "curve": {
            "x": [round(float(value), 6) for value in wavelengths],
            "y": [round(float(value), 6) for value in transmittances],
        },
        "digits": {
            "source": DIGITS_SOURCE,
            "pixels": "".join("0123456789abcdefg"[gray] for gray in grays),
            "labels": "".join(map(str, y.tolist())),
            "training": LEARNED,
        },
    }


def histograms() -> dict[str, Any]:
    """Return the first of the digits of `training`, packed as there."""
    packed, images = training()["digits"], normalized.IMAGES
    pixels, labels = packed["pixels"][: 64 * images], packed["labels"][:images]
    return {"digits": {"pixels": pixels, "labels": labels, "source": packed["source"]}}


def digits() -> tuple[Array, Array]:
    """Return the digits that the network of the page learns, as columns, and their targets."""
    packed = training()["digits"]
    pixels = [int(gray, 17) / 16 for gray in packed["pixels"]]
    x = np.array(pixels).reshape(-1, 64)[:LEARNED].T
    return x, np.eye(10)[[int(label) for label in packed["labels"][:LEARNED]]].T


def trained_layers(state: Mapping[str, str], inputs: int, outputs: int) -> list[Layer]:
    """Return the layers of the network of the page before training; its fields are `state`."""
    from nnbook.training.initializers import INITIALIZERS

    depth, random = int(state["layers"]), np.random.default_rng(int(state["seed"]))
    initializer = INITIALIZERS[state["initializer"]].model_validate({"name": state["initializer"]})
    widths = [inputs, *[int(state["units"])] * depth, outputs]
    return [
        Layer(
            initializer.deviation_of(before, units) * random.normal(size=(units, before)),
            np.zeros(units),
            state["activation"] if l < depth else "identity",
        )
        for l, (before, units) in enumerate(pairwise(widths))  # noqa: E741
    ]


def unpacked(packed: Mapping[str, Any]) -> tuple[Array, Array]:
    """Return a packed batch as columns, and its targets, one column per example."""
    images = packed["images"]
    x = np.zeros((images, images))
    entries = np.frombuffer(b64decode(packed["entries"]), np.int8)
    x[np.triu_indices(images)] = entries * packed["unit"]
    return x, np.eye(10)[[int(label) for label in packed["labels"]]].T


def initial_layers(state: Mapping[str, str]) -> list[Layer]:
    """Return the layers of a network for the batch, with random weights.

    Parameters
    ----------
    state : mapping
        The fields of the explorable: depth, width, activation, initializer, scale, deviation, seed.
    """
    from nnbook.training.initializers import INITIALIZERS

    name, depth = state["initializer"], int(state["depth"])
    isnormal = name == "random_normal"
    size = {"deviation": float(Fraction(state["deviation"]))} if isnormal else {}
    initializer = INITIALIZERS[name].model_validate({"name": name, **size})
    scale = 1.0 if isnormal else float(Fraction(state["scale"]))
    random = np.random.default_rng(int(state["seed"]))
    widths = [PIXELS, *[int(state["width"])] * depth, 10]
    layers = []
    for l, (inputs, units) in enumerate(pairwise(widths)):  # noqa: E741
        deviation = scale * initializer.deviation_of(inputs, units)
        weights = deviation * random.normal(size=(units, inputs if l else IMAGES))
        activation = state["activation"] if l < depth else "identity"
        layers.append(Layer(weights, np.zeros(units), activation))
    return layers


def key(state: Mapping[str, str]) -> str:
    """Return the name under which the bands of a configuration are found, if it is recorded."""
    normal = state["initializer"] == "random_normal"
    if int(state["width"]) != RECORDED_WIDTH or (
        not normal and float(Fraction(state["scale"])) != 1
    ):
        return ""
    deviation = float(Fraction(state["deviation"])) if normal else None
    return _key(state["activation"], state["initializer"], deviation, int(state["depth"]))


def _key(activation: str, initializer: str, deviation: float | None, depth: int) -> str:
    size = "" if deviation is None else f"{deviation:g}"
    return " ".join(filter(None, (activation, initializer, size, str(depth))))


def probed() -> tuple[Array, NDArray[np.integer[Any]]]:
    """Return images of MNIST as columns, and the digits on them.

    There are as many of each digit as its share among the images of the probes.
    """
    from nnbook.training.datasets import load_split

    split = load_split("mnist")
    labels = split.training_y[:PROBED]
    shares = np.bincount(labels, minlength=10) * IMAGES / PROBED
    counts = np.floor(shares).astype(int)
    counts[np.argsort(counts - shares)[: IMAGES - counts.sum()]] += 1  # largest remainders
    chosen = np.sort(
        np.concatenate([np.flatnonzero(labels == k)[:n] for k, n in enumerate(counts)])
    )
    return split.training_x[chosen].T.astype(float), labels[chosen]


def _bands(runs: Runs) -> dict[str, Any]:
    measured = {
        "gradient": _before(runs, "gradient_norm"),
        "slope": _before(runs, "slope"),
    }
    if "activation_mean" in next(iter(runs.finished.values())).probes:
        mean, deviation = (_before(runs, f"activation_{name}") for name in ("mean", "deviation"))
        measured["activation"] = np.hypot(mean, deviation)
    return {
        name: [_rounded(values.min(axis=0)), _rounded(values.max(axis=0))]
        for name, values in measured.items()
    }


def _before(runs: Runs, name: str) -> Array:
    """Return what was measured before the first update, shape (runs, layers)."""
    return np.asarray(runs.probes(name)[1][:, 0], dtype=float)


def _rounded(values: Array) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]


@cache
def seeds() -> dict[str, Any]:
    """Return recorded runs that differ in nothing but the seed, and Student's factors.

    Returns
    -------
    dict
        ``runs``: by name ``values``, one for each run, ``label`` and ``what`` for an axis and for a
        sentence, their ``unit`` and that of a ``spread``. ``factors``: by the number of runs in a
        sample, by what its standard error is multiplied to make a 95 % interval of the mean.
    """
    from nnbook.experiments import experiment, run
    from nnbook.experiments.statistics import t_quantile

    accuracy = run(experiment("mnist-baseline"))["baseline"].final("test_accuracy")
    error = run(experiment("eckerle4-sheet"))["ex2b-2"].final("test_loss")
    return {
        "runs": {
            "digits": {
                "values": [round(100 * float(value), 4) for value in accuracy],
                "label": "test accuracy (%)",
                "what": "test accuracy",
                "unit": "\u00a0%",
                "spread": " points",
            },
            "eckerle4": {
                "values": [float(f"{value:.6g}") for value in error],
                "label": "test error (mse)",
                "what": "test error",
                "unit": "",
                "spread": "",
            },
        },
        "factors": {size: t_quantile(size - 1) for size in SAMPLE_SIZES},
    }


FACTS: dict[str, Callable[[], dict[str, Any]]] = {
    "descent": cut.facts,
    "drawn-digit": drawn.facts,
    "gradient-noise": noise.facts,
    "histograms": histograms,
    "records": records.facts,
    "seeds": seeds,
    "thinned": thinned.facts,
    "training": training,
    "vanishing": vanishing,
}
"""The function that computes the data of each explorable that needs some."""
