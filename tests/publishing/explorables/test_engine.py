"""The engine of the explorables computes what the theory room computes: Node compares the two."""

import json
from fractions import Fraction

import numpy as np

from nnbook.theory.activations import ACTIVATIONS
from nnbook.theory.arrays import exact
from nnbook.theory.losses import LOSSES
from nnbook.theory.network import Layer, Network
from nnbook.theory.optimizers import OPTIMIZERS
from nnbook.training.initializers import INITIALIZERS
from tests.publishing.explorables.node import run_tests
from tests.theory import exercise_2a
from tests.theory.cases import PAIRS, random_case

RATES = {"adagrad": 0.1, "adadelta": 1.0, "rmsprop": 0.01, "adam": 0.01, "nadam": 0.01}
PLACES = [-800.0, -40.0, -3.5, -1.0, -1e-9, 0.0, 1e-9, 0.25, 1.0, 7.0, 40.0, 800.0]


def layers_of(network):
    return [
        {
            "weights": layer.weights.tolist(),
            "biases": layer.biases.tolist(),
            "activation": layer.activation.name,
        }
        for layer in network
    ]


def activations():
    return {
        name: {
            "z": PLACES,
            "value": activation(PLACES).tolist(),
            "slope": activation.derivative(PLACES).tolist(),
        }
        for name, activation in ACTIVATIONS.items()
        if name != "softmax"
    }


def case(index, output, loss):
    network, x, y = random_case(index, output, loss, depth=1 + index % 4)
    forward = network.forward(x)
    backward = network.backward(forward, y, loss)
    numbers = range(1, len(network.layers) + 1)
    return {
        "title": f"{[layer.activation.name for layer in network]} with {loss}",
        "layers": layers_of(network),
        "x": x.tolist(),
        "y": np.atleast_2d(y).tolist(),
        "loss": loss,
        "value": float(backward.loss),
        "z": [forward.z[l].tolist() for l in numbers],  # noqa: E741
        "a": [forward.a[l].tolist() for l in numbers],  # noqa: E741
        "deltas": [backward.deltas[l].tolist() for l in numbers],  # noqa: E741
        "gradients": layers_of(backward.gradients),
    }


def steps(index, optimizer):
    network, x, y = random_case(index, "identity", "mse", depth=3)
    rule, rate, after = OPTIMIZERS[optimizer], RATES.get(optimizer, 0.05), network
    state = rule.initial_state(network)
    for _ in range(10):
        gradients = after.backward(after.forward(x), y, "mse").gradients
        after, state = rule.step(after, gradients, state, rate)
    return {
        "optimizer": optimizer,
        "rate": rate,
        "layers": layers_of(network),
        "x": x.tolist(),
        "y": y.tolist(),
        "loss": "mse",
        "after": layers_of(after),
    }


def texts(array):
    return [[str(entry) for entry in row] for row in array.tolist()]


def exercise():
    x, y = exact(exercise_2a.X), exact(exercise_2a.Y)
    network = Network(
        (
            Layer(exact(exercise_2a.W1), exact(exercise_2a.B1), "relu"),
            Layer(exact(exercise_2a.W2), exact(exercise_2a.B2), "identity"),
        )
    )

    def text(one):
        layers = zip(one, ("relu", "identity"), strict=True)
        return [
            {"weights": texts(layer.weights), "biases": texts(layer.biases), "activation": name}
            for layer, name in layers
        ]

    def stepped(loss, rate):
        backward = network.backward(network.forward(x), y, loss)
        after = network.step(backward.gradients, Fraction(rate))
        return {
            "loss": loss,
            "rate": rate,
            "value": str(backward.loss),
            "after": text(after),
            "lossAfter": str(after.loss(x, y, loss)),
        }

    return {
        "layers": text(network),
        "x": texts(x),
        "y": texts(y),
        "exact": [stepped(loss, rate) for loss in ("half_sse", "sse") for rate in ("1/10", "3/7")],
    }


def test_the_engine_computes_what_nnbook_computes(tmp_path):
    tables = {
        "activations": ACTIVATIONS,
        "losses": LOSSES,
        "optimizers": OPTIMIZERS,
        "initializers": INITIALIZERS,
    }
    golden = {
        "names": {name: sorted(table) for name, table in tables.items()},
        "activations": activations(),
        "cases": [case(k, *PAIRS[k % len(PAIRS)]) for k in range(6 * len(PAIRS))],
        "steps": [steps(index, name) for name in OPTIMIZERS for index in range(3)],
        "exercise": exercise(),
        "deviations": {
            name: INITIALIZERS[name]().deviation_of(30, 50)
            for name in INITIALIZERS
            if name != "orthogonal"
        },
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("engine.test.mjs", NNBOOK_GOLDEN=str(path))
