"""The engine of the explorables computes what the theory room computes: Node compares the two."""

import json
from fractions import Fraction
from itertools import pairwise

import numpy as np

from nnbook.theory.activations import ACTIVATIONS, get_activation
from nnbook.theory.arrays import exact
from nnbook.theory.dropout import Dropout
from nnbook.theory.losses import LOSSES
from nnbook.theory.network import Layer, Network
from nnbook.theory.normalization import BatchNorm, LayerNorm
from nnbook.theory.optimizers import OPTIMIZERS
from nnbook.theory.parts import Dense
from nnbook.training.initializers import INITIALIZERS
from nnbook.training.regularizers.l1_l2 import L1L2
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


class Given:
    """A source of randomness that draws the same numbers again and again."""

    def __init__(self, drawn):
        self.drawn, self.used = drawn, 0

    def random(self, shape):
        count = int(np.prod(shape))
        found = [self.drawn[(self.used + k) % len(self.drawn)] for k in range(count)]
        self.used += count
        return np.array(found).reshape(shape)


def described(network):
    """Return the parts of a network as data."""

    def one(part):
        arrays = {name: getattr(part, name).tolist() for name in part.parameters}
        if isinstance(part, BatchNorm):
            arrays |= {"mean": part.mean.tolist(), "variance": part.variance.tolist()}
        return {"kind": type(part).__name__, "name": getattr(part, "name", ""),
                "rate": getattr(part, "rate", 0), **arrays}  # fmt: skip

    return [one(part) for part in network.parts]


def regularized(index, activation, order, training, over):
    """Return a network with normalization and dropout, its gradients, and ten steps."""
    random = np.random.default_rng(index)
    widths, parts = [3, 5, 4, 2], []
    for inputs, units in pairwise(widths):
        parts.append(Dense(random.normal(size=(units, inputs)), random.normal(size=units)))
        if units == 2:
            break
        gamma, beta, mean = random.normal(size=(3, units))
        variance = random.uniform(size=units) + 0.5
        norm = {
            "batch": BatchNorm(gamma, beta, mean=mean, variance=variance),
            "layer": LayerNorm(gamma, beta),
        }[over]
        two = [norm, get_activation(activation)]
        parts += [*(two if order == "before" else two[::-1]), Dropout(0.3)]
    network = Network(parts)
    x, y = random.normal(size=(3, 6)), random.normal(size=(2, 6))
    drawn = random.uniform(size=101).tolist()
    source = Given(drawn) if training else False
    forward = network.forward(x, source)
    backward = network.backward(forward, y, "mse")
    after, rule = network, OPTIMIZERS["momentum"]
    state = rule.initial_state(network)
    for _ in range(10):
        passed = after.forward(x, source)
        after, state = rule.step(after, after.backward(passed, y, "mse").gradients, state, 0.01)
    return {
        "title": f"{activation}, normalized over the {over} {order} it, "
        f"{'' if training else 'not '}in training",
        "parts": described(network),
        "x": x.tolist(),
        "y": y.tolist(),
        "drawn": drawn,
        "training": training,
        "prediction": forward.prediction.tolist(),
        "value": float(backward.loss),
        "z": [forward.z[l].tolist() for l in (1, 2, 3)],  # noqa: E741
        "a": [forward.a[l].tolist() for l in (1, 2)],  # noqa: E741
        "deltas": [backward.deltas[l].tolist() for l in (1, 2, 3)],  # noqa: E741
        "gradients": [getattr(part, name).ravel().tolist()
                      for part in backward.gradients.parts for name in part.parameters],
        "after": [getattr(part, name).ravel().tolist()
                  for part in after.parts for name in part.parameters],
    }  # fmt: skip


def penalty():
    random = np.random.default_rng(3)
    network, l1, l2 = Network((Layer(random.normal(size=(2, 3)), [1, 2], "tanh"),)), 0.1, 0.03
    weights = network.parts[0].weights
    return {
        "layers": layers_of(network), "l1": l1, "l2": l2,
        "value": L1L2(l1=l1, l2=l2).rule(weights, network.parts[0].biases),
        "gradient": (l1 * np.sign(weights) + 2 * l2 * weights).tolist(),
    }  # fmt: skip


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
        "regularized": [
            regularized(index, activation, order, training, over)
            for index, activation in enumerate(("sigmoid", "relu"))
            for order in ("before", "after")
            for training in (True, False)
            for over in ("batch", "layer")
        ],
        "penalty": penalty(),
        "deviations": {
            name: INITIALIZERS[name]().deviation_of(30, 50)
            for name in INITIALIZERS
            if name != "orthogonal"
        },
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("engine.test.mjs", NNBOOK_GOLDEN=str(path))
