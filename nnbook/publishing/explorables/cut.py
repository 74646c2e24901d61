"""What the explorable of descent needs: a cut through the loss of a network that has learned.

All weights of the network stay as they are but two, the incoming weight and the bias of one tanh
unit. What the other units and the output's bias add to the prediction is a number for each example.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnbook.publishing.explorables import thinned
from nnbook.theory.arrays import Array

SCALE = 8.0
"""How much of a weight one unit of the cut's axes is (dimensionless)."""

_UNIT = 1  # whose valley lies within the picture
_DIGITS = 6  # that are kept of each number


@cache
def facts() -> dict[str, Any]:
    """Return the two-dimensional loss of a network on Eckerle4, and where it is least.

    Returns
    -------
    dict
        ``x``, ``y``: the data, scaled. ``rest``: what the other units add to each prediction.
        ``outgoing``: weight of the unit. ``scale``. ``minimum``: of the mean squared error, on the
        axes of the cut; ``curvatures``: eigenvalues of its Hessian there, the smaller one first.
    """
    x, y = (values.ravel().round(_DIGITS) for values in thinned.data("eckerle4"))
    hidden, output = thinned.trained("eckerle4", 1, 0.0).layers
    others = np.arange(len(hidden.weights)) != _UNIT
    activations = np.tanh(hidden.weights[others] * x + hidden.biases[others])
    rest = (output.weights[:, others] @ activations + output.biases).ravel().round(_DIGITS)
    outgoing = -float(output.weights[0, _UNIT].round(_DIGITS))  # with all signs of the unit changed
    found = -np.array([hidden.weights[_UNIT, 0], hidden.biases[_UNIT, 0]]) / SCALE
    inputs = SCALE * np.stack([x, np.ones_like(x)])

    def measured(w: Array) -> tuple[Array, Array]:
        """Return the gradient of the mean squared error, and its Hessian."""
        a = np.tanh(w @ inputs)
        error, slope = rest + outgoing * a - y, outgoing * (1 - a**2)
        bend = slope**2 - 2 * error * a * slope
        mean = 2 / len(x)
        hessian = mean * (inputs * bend) @ inputs.T
        return mean * inputs @ (error * slope), hessian

    for _ in range(20):  # steps of Newton's from where training has led
        gradient, hessian = measured(found)
        found = found - np.linalg.solve(hessian, gradient)
    return {
        "x": x.tolist(),
        "y": y.tolist(),
        "rest": rest.tolist(),
        "outgoing": outgoing,
        "scale": SCALE,
        "minimum": found.tolist(),
        "curvatures": np.linalg.eigvalsh(measured(found)[1]).tolist(),
    }
