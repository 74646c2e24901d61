"""The race of optimizers runs the descents that nnbook runs: Node compares the two."""

import json

import numpy as np
import pytest

from nnbook.publishing.explorables import cut
from nnbook.theory.network import Layer, Network
from nnbook.theory.optimizers import descend
from nnbook.theory.rules import Momentum, Nesterov
from tests.publishing.explorables.node import run_tests

UPDATES = 60
RATES = {"sgd": 1.2, "momentum": 1.85, "nesterov": 0.9}
PACE, BETA = 0.1, 0.7


def rosenbrock(w):
    x, y = w
    return np.array([2 * (x - 1) - 400 * x * (y - x**2), 200 * (y - x**2)])


def saddle(w):
    x, y = w
    return np.array([x, y**3 / 4 - y])


def bowl(condition, angle):
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[c, s], [-s, c]])
    matrix = turn.T @ np.diag([1.0, condition]) @ turn
    return lambda w: matrix @ w


def through_a_network(w):
    facts = cut.facts()
    incoming, bias = (np.array([[facts["scale"] * value]]) for value in w)
    hidden = Layer(incoming, bias, "tanh")
    network = Network((hidden, Layer([[facts["outgoing"]]], [[0.0]], "identity")))
    targets = np.array([facts["y"]]) - np.array([facts["rest"]])
    forward = network.forward(np.array([facts["x"]]))
    gradient = network.backward(forward, targets, "mse").gradients[1]
    return facts["scale"] * np.array([gradient.weights.item(), gradient.biases.item()])


def test_the_minimum_of_the_cut_is_one_with_its_curvatures():
    facts = cut.facts()
    minimum = np.array(facts["minimum"])
    assert abs(through_a_network(minimum)).max() < 1e-7
    small = 1e-5
    hessian = [
        (through_a_network(minimum + small * e) - through_a_network(minimum - small * e))
        / (2 * small)
        for e in np.eye(2)
    ]
    assert np.linalg.eigvalsh(hessian) == pytest.approx(facts["curvatures"], rel=1e-4)
    assert facts["curvatures"][0] > 0


SURFACES = [
    ("bowl", 50.0, 0.0, bowl(50.0, 0.0), 50.0),
    ("bowl", 20.0, 35.0, bowl(20.0, 35.0), 20.0),
    ("saddle", 1.0, 0.0, saddle, 2.0),
    ("rosenbrock", 1.0, 0.0, rosenbrock, 501 + np.sqrt(501**2 - 400)),
    ("cut", 1.0, 0.0, through_a_network, cut.facts()["curvatures"][1]),
]


def descent(rule, surface):
    name, condition, angle, gradient, steepest = surface
    start = [-1.2, 1.0]
    rate = RATES.get(rule, PACE * steepest) / steepest
    if name == "rosenbrock" and rule in RATES:
        rate /= 10
    optimizer = {"momentum": Momentum(BETA), "nesterov": Nesterov(BETA)}.get(rule, rule)
    return {
        "rule": rule,
        "surface": name,
        "condition": condition,
        "angle": angle,
        "setting": {"start": start, "rate": rate, "pace": PACE, "beta": BETA},
        "path": descend(optimizer, gradient, start, rate, UPDATES).tolist(),
    }


def test_the_race_is_that_of_nnbook(tmp_path):
    rules = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
    grid = [(beta, step) for beta in np.linspace(0, 0.99, 9) for step in np.linspace(0.01, 4.2, 17)]
    golden = {
        "cut": cut.facts(),
        "descents": [descent(rule, surface) for rule in rules for surface in SURFACES],
        "factors": [
            {
                "beta": float(beta),
                "step": float(step),
                "value": float(max(abs(np.roots([1, -(1 + beta - step), beta])))),
            }
            for beta, step in grid
        ],
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("descent.test.mjs", NNBOOK_GOLDEN=str(path))
