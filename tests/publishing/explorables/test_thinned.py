"""Dropout: the networks that the page gets, and what Node computes with them beside nnbook."""

import json
from itertools import product

import numpy as np
import pytest

from nnbook.publishing.explorables import thinned
from nnbook.theory.ensembles import arithmetic_mean, ensemble, geometric_mean
from tests.publishing.explorables.node import run_tests

X = np.array([[0.0, 0.31, 0.48, 0.5, 1.0]])


def state(problem, layers, trained, rate):
    return {"problem": problem, "layers": layers, "trained": trained, "rate": rate}


def found(problem, layers, trained, rate):
    network = thinned.network_of(state(problem, layers, trained, rate))
    predictions, chances = ensemble(network, X)
    mean = arithmetic_mean(predictions, chances)
    variance = arithmetic_mean((predictions - mean) ** 2, chances)
    geometric = geometric_mean(predictions, chances) if problem == "iris" else None
    return {
        "key": f"{problem} {layers} {trained}",
        "output": "sigmoid" if problem == "iris" else "identity",
        "rate": float(network.parts[2].rate),
        "scaled": network.forward(X).prediction[0].tolist(),
        "arithmetic": mean[0].tolist(),
        "geometric": None if geometric is None else geometric[0].tolist(),
        "deviation": np.sqrt(variance)[0].tolist(),
        "thinned": [
            {"mask": mask, "prediction": predictions[place, 0].tolist()}
            for place, mask in enumerate(product([0, 1], repeat=6 * thinned.DEPTHS[layers]))
            if place % 61 == 0
        ],
    }


def test_the_page_computes_what_nnbook_computes(tmp_path):
    # At larger rates probabilities of irises are 1 up to rounding, and have no geometric mean.
    rates = {"eckerle4": ("1/5", "4/5"), "iris": ("1/5", "1/3")}
    networks = product(thinned.LOSSES, thinned.DEPTHS, thinned.TRAINED)
    cases = [(*network, rate) for network in networks for rate in rates[network[0]]]
    golden = {
        "networks": thinned.facts()["networks"],
        "x": X[0].tolist(),
        "cases": [found(*case) for case in cases],
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("thinned.test.mjs", NNBOOK_GOLDEN=str(path))


@pytest.mark.parametrize(("problem", "layers"), [("eckerle4", "two"), ("iris", "one")])
def test_the_networks_have_learned_and_dropout_made_their_units_independent(problem, layers):
    x, y = thinned.data(problem)
    scatter = {}
    for trained in thinned.TRAINED:
        network = thinned.network_of(state(problem, layers, trained, "1/5"))
        assert np.mean((network.forward(x).prediction - y) ** 2) < 0.4 * y.var()
        predictions, chances = ensemble(network, x)
        apart = (predictions - arithmetic_mean(predictions, chances)) ** 2
        scatter[trained] = np.sqrt(arithmetic_mean(apart, chances)).mean()
    assert scatter["with"] < 0.8 * scatter["without"]
