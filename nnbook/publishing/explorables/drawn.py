"""What the explorable of drawn digits needs: recorded networks in few bytes, drawings as images.

The weights of each layer are rounded to signed bytes in a unit of their own. A drawing is fitted
and centred as the images of MNIST were (LeCun et al. 1998): 20 pixels on its longer side, and its
centre of mass in the middle of 28 by 28 pixels.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from nnbook.theory.activations import softmax
from nnbook.theory.arrays import Array
from nnbook.theory.network import Layer, Network

SIDE = 28
"""Pixels to a side of an image."""

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
"""The signs of the places 0 to 55 on the grid of a drawing."""

TITLES = {
    "sigmoid-1": "One sigmoid layer",
    "sigmoid-6": "Six sigmoid layers",
    "relu-6": "Six ReLU layers",
}
"""What the configurations of the experiment are called on the page."""

_BOX, _CENTRE = 20, 14.0  # pixels
_PEN, _EDGE = 1.2, 0.5  # pixels: half the width of a line, and what is gray around it


@cache
def facts() -> dict[str, Any]:
    """Return the networks of the experiment ``drawn-digit``: of each, that of the first seed.

    Returns
    -------
    dict
        ``networks``: for each its ``title``, the recorded test ``accuracy``, and ``layers`` (see
        `packed`).
    """
    from nnbook.experiments import experiment, run

    networks = []
    for name, runs in run(experiment("drawn-digit")).items():
        record = runs.finished[runs.configuration.seeds[0]]
        networks.append(
            {
                "title": TITLES[name],
                "accuracy": record.final["test_accuracy"],
                "layers": packed(record.network),
            }
        )
    return {"networks": networks}


def packed(network: Network) -> list[dict[str, Any]]:
    """Return the layers of a network in few bytes.

    Parameters
    ----------
    network : Network
        With a softmax at its end, which is left out: what comes back gives logits.

    Returns
    -------
    list of dict
        For each layer ``units``, ``activation``, ``biases``, the ``unit`` of its weights, and
        ``weights``: row by row, in base 64, one signed byte each.
    """
    layers = []
    for layer in network:
        unit = float(np.abs(layer.weights).max()) / 127
        levels = (layer.weights / unit).round().astype(np.int8)
        activation = layer.activation.name
        layers.append(
            {
                "units": len(levels),
                "activation": "identity" if activation == "softmax" else activation,
                "unit": unit,
                "weights": b64encode(levels.tobytes()).decode(),
                "biases": [float(f"{bias:.7g}") for bias in layer.biases.ravel()],
            }
        )
    return layers


def unpacked(layers: list[dict[str, Any]]) -> Network:
    """Return the network that `packed` has made small: its outputs are logits."""
    return Network(
        Layer(
            layer["unit"]
            * np.frombuffer(b64decode(layer["weights"]), np.int8).reshape(layer["units"], -1),
            np.array(layer["biases"]),
            layer["activation"],
        )
        for layer in layers
    )


def image_of(strokes: str) -> Array:
    """Return a drawing as an image of MNIST.

    Parameters
    ----------
    strokes : str
        Two signs for each point, to the right and down; periods between strokes.

    Returns
    -------
    ndarray of shape (784,)
        Gray values, row by row; 0 is paper, 1 is ink.
    """
    lines = [
        np.array([SIGNS.index(sign) for sign in stroke], dtype=float).reshape(-1, 2)
        for stroke in strokes.split(".")
        if stroke
    ]
    if not lines:
        return np.zeros(SIDE * SIDE)
    points = np.concatenate(lines)
    longer = np.ptp(points, axis=0).max()
    scale = (_BOX - 2 * (_PEN + _EDGE)) / longer if longer else 1.0
    margin = (SIDE - _BOX) / 2 + _PEN + _EDGE
    lines = [(line - points.min(axis=0)) * scale + margin for line in lines]
    ink = _inked(lines)
    middle = _pixels().T @ ink / ink.sum()
    return _inked([line + _CENTRE - middle for line in lines])


def _pixels() -> Array:
    """Return the places of all pixels, to the right and down, shape (784, 2)."""
    down, right = np.mgrid[:SIDE, :SIDE].reshape(2, -1)
    return np.stack([right, down], axis=1).astype(float)


def _inked(lines: list[Array]) -> Array:
    """Draw lines: a pixel is the darker, the nearer it is to one of them."""
    places = _pixels()
    nearest = np.full(len(places), np.inf)
    for line in lines:
        for start, end in zip(line, line[1:] if len(line) > 1 else line, strict=False):
            way = end - start
            square = way @ way
            share = np.clip((places - start) @ way / square, 0, 1) if square else np.zeros(1)
            distances = np.linalg.norm(places - start - share[:, None] * way, axis=1)
            nearest = np.minimum(nearest, distances)
    return np.clip(_PEN + _EDGE - nearest, 0, 1)


def moved(image: Array, state: Mapping[str, str]) -> Array:
    """Return an image resized, turned and shifted, by the fields of the explorable."""
    from nnbook.training.augmentation import affine_places, interpolate

    places = affine_places(
        (SIDE, SIDE),
        shifts=np.array([[float(state["down"])], [float(state["right"])]]),
        angles=np.radians([float(state["turn"])]),
        factors=np.array([float(state["size"])]),
    )
    return np.asarray(interpolate(image.reshape(1, SIDE, SIDE), places)).ravel()


def answered(network: Network, image: Array) -> tuple[Array, Array]:
    """Return what a network answers, and what of the image matters for it.

    Parameters
    ----------
    network : Network
        Whose outputs are logits.
    image : ndarray of shape (784,)

    Returns
    -------
    probabilities : ndarray of shape (10,)
    slopes : ndarray of shape (784,)
        Derivatives of the largest logit with respect to the pixels.
    """
    forward = network.forward(image[:, None])
    chosen = forward.prediction == forward.prediction.max()
    first = network.way_back(forward, chosen.astype(float))[0]
    return softmax(forward.prediction)[:, 0], (network[1].weights.T @ first)[:, 0]
