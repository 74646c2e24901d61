"""Trained networks as named arrays, which is how they go on record, and back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.theory.activations import get_activation
from nnbook.theory.network import Layer, Network, Shortcut
from nnbook.theory.normalization import BatchNorm, LayerNorm
from nnbook.theory.parts import Dense, Part
from nnbook.training.spec import RunSpec

Arrays = dict[str, NDArray[Any]]

STATISTICS = ("gamma", "beta", "mean", "variance")
"""The arrays of a batch normalization."""


def arrays_of(network: Network) -> Arrays:
    """Return the arrays of a network, in single precision.

    Returns
    -------
    dict of str to array
        For each layer n = 1..L ``W{n}`` of shape (units, inputs) and ``b{n}``, (units, 1); of
        normalizations that are parts of their own ``gamma{n}`` and ``beta{n}``, and over batches
        also ``mean{n}`` and ``variance{n}``, (units, 1).
    """
    arrays: Arrays = {}
    number = 0
    for part in network.simple():
        number += isinstance(part, Dense)
        match part:
            case Dense():
                named = {"W": part.weights, "b": part.biases}
            case LayerNorm():
                named = {"gamma": part.gamma, "beta": part.beta}
            case BatchNorm():
                named = {name: getattr(part, name) for name in STATISTICS}
            case _:
                named = {}
        arrays |= {f"{name}{number}": values.astype(np.float32) for name, values in named.items()}
    return arrays


def network_of(spec: RunSpec, arrays: Mapping[str, NDArray[Any]]) -> Network:
    """Return the network of a run from its arrays, named as `arrays_of` names them."""
    hidden = {
        number: _hidden_layer(spec, number, arrays)
        for number in range(1, len(spec.hidden_layers) + 1)
    }
    ends = {start: end for end, start in spec.shortcut_starts.items()}
    parts: list[Part | Network] = []
    number = 1
    while number <= len(hidden):
        # A shortcut that starts at a layer passes by those that follow it.
        end = ends.get(number - 1, 0)
        if end:
            inside = [part for n in range(number, end + 1) for part in hidden[n]]
            parts.append(Shortcut(Network(inside)))
        else:
            parts += hidden[number]
        number = max(end, number) + 1
    output = len(hidden) + 1
    parts.append(Layer(arrays[f"W{output}"], arrays[f"b{output}"], spec.output))
    return Network(parts)


def _hidden_layer(spec: RunSpec, number: int, arrays: Mapping[str, NDArray[Any]]) -> list[Part]:
    dense = Dense(arrays[f"W{number}"], arrays[f"b{number}"])
    activation = get_activation(spec.activation)
    if spec.normalization is None or f"gamma{number}" not in arrays:
        return [dense, activation]
    own = {name: arrays[f"{name}{number}"] for name in STATISTICS if f"{name}{number}" in arrays}
    normalization = spec.normalization.rule(own)
    before = spec.normalization.place == "before"
    return [dense, normalization, activation] if before else [dense, activation, normalization]
