"""Histograms through depth: what Node measures in given networks, beside nnbook."""

import json

import numpy as np
import pytest

from nnbook.publishing.explorables import facts, normalized, stills
from tests.publishing.explorables.node import run_tests

CASES = [
    ("tanh", "3", "0", "8", 100),
    ("sigmoid", "1/2", "-2", "3", 40),
    ("relu", "1", "1/2", "10", 2),
    ("leaky_relu", "20", "0", "1", 7),
]


@pytest.fixture(scope="module")
def digits():
    return facts.histograms()["digits"]


def state(activation, scale, bias, depth):
    return {"activation": activation, "scale": scale, "bias": bias, "depth": depth, "seed": "4"}


def found(digits, case, over):
    *setting, images = case
    x, y = normalized.batch(digits, images)
    weights = normalized.weights_of(state(*setting), len(x), len(y))
    network = normalized.network_of(weights, state(*setting), over)
    forward, backward = normalized.passes(network, x, y)
    hidden = range(1, len(weights))
    activations = [forward.a[l] for l in hidden]  # noqa: E741
    low, high = activations[0].min() - 0.1, activations[0].max() + 0.1
    counts, _ = np.histogram(activations[0], 17, (low, high))
    return {
        "over": over,
        "activation": setting[0],
        "scale": float(network.parts[0].weights[0, 0] / weights[0][0, 0]),
        "bias": float(network.parts[0].biases[0, 0]),
        "images": images,
        "weights": [one.tolist() for one in weights],
        "sums": [forward.z[l].tolist() for l in hidden],  # noqa: E741
        "activations": [one.tolist() for one in activations],
        "slopes": [
            network[l].activation.derivative(forward.z[l]).tolist()
            for l in hidden  # noqa: E741
        ],
        "gradients": [
            float(np.linalg.norm(backward.gradients[l].weights))
            for l in range(1, len(weights) + 1)  # noqa: E741
        ],
        "range": [float(low), float(high)],
        "shares": (counts / activations[0].size).tolist(),
        "moments": [float(activations[0].mean()), float(activations[0].std())],
    }


def test_the_page_measures_what_nnbook_measures(digits, tmp_path):
    cases = [found(digits, case, over) for case in CASES for over in normalized.OVERS]
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"digits": digits, "cases": cases}), encoding="utf-8")
    run_tests("histograms.test.mjs", NNBOOK_GOLDEN=str(path))


def test_the_digits_are_the_first_that_are_trained_with(digits):
    x, y = normalized.batch(digits, normalized.IMAGES)
    all_x, all_y = facts.digits()
    assert (x == all_x[:, : normalized.IMAGES]).all()
    assert (y == all_y[:, : normalized.IMAGES]).all()


def test_normalization_takes_scale_and_bias_away(digits):
    x, y = normalized.batch(digits, 100)
    plain, other = state("tanh", "2", "0", "5"), state("tanh", "6", "3", "5")
    weights = normalized.weights_of(plain, len(x), len(y))
    first, second = (
        normalized.passes(normalized.network_of(weights, one, "batch"), x, y)
        for one in (plain, other)
    )
    assert second[0].a[5] == pytest.approx(first[0].a[5], abs=0.02)
    ratio = np.linalg.norm(second[1].gradients[2].weights) / np.linalg.norm(
        first[1].gradients[2].weights
    )
    assert ratio == pytest.approx(1 / 3, rel=0.02)


def test_the_still_shows_both_histograms():
    setting = state("tanh", "3", "0", "8") | {"over": "none", "images": "100"}
    svg = stills.still("histograms", setting)
    assert "no normalization" in svg and "over the layer" in svg
