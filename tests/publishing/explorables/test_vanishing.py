"""Vanishing gradients: the batch, the bands, and what Node computes beside nnbook."""

import json

import numpy as np
import pytest

from nnbook import experiment, run
from nnbook.errors import DataError
from nnbook.publishing.explorables import facts
from nnbook.theory.network import Layer, Network
from tests.publishing.explorables.node import run_tests

SIGMOID = {"activation": "sigmoid", "initializer": "glorot_uniform"}
SETTINGS = [
    SIGMOID,
    {"activation": "sigmoid", "initializer": "he_normal"},
    {"activation": "tanh", "initializer": "lecun_normal"},
    {"activation": "tanh", "initializer": "random_normal"},
]
CHAINS = [
    ("sigmoid", 0.5, 0.0, [2.0] * 4, [-1.0] * 4),
    ("sigmoid", 0.5, 0.0, [8.0] * 4, [-4.0] * 4),
    ("tanh", -1.2, 0.3, [1.5, -2.0, 3.0, 0.5], [0.1, 0.2, -0.3, 0.4]),
    ("relu", 1.0, 0.0, [1.0, 2.0, 0.5, 1.0], [0.0, 0.5, 0.25, 0.0]),
    ("relu", 1.0, 0.0, [1.0] * 4, [0.0, -2.0, 1.0, 0.0]),
]


@pytest.fixture(scope="module")
def found():
    return facts.vanishing()


def state(**settings):
    plain = {"depth": "10", "width": "30", "scale": "1", "deviation": "1/20", "seed": "1"}
    return plain | settings


def test_a_batch_has_the_scalar_products_of_its_images():
    random = np.random.default_rng(0)
    images, labels = random.random((60, 20)), random.integers(10, size=20)
    x, y = facts.unpacked(facts.packed(images, labels))
    expected = images.T @ images
    assert np.abs(x.T @ x - expected).max() < 0.02 * expected.max()
    assert y.argmax(axis=0).tolist() == labels.tolist()


def test_the_batch_of_the_book_is_made_of_mnist(found):
    x, y = facts.unpacked(found["batch"])
    assert x.shape == (facts.IMAGES, facts.IMAGES)
    assert found["batch"]["inputs"] == facts.PIXELS
    try:
        images, labels = facts.probed()
    except DataError:
        pytest.skip("MNIST is not on this machine")
    assert y.argmax(axis=0).tolist() == labels.tolist()
    expected = images.T @ images
    assert np.abs(x.T @ x - expected).max() < 0.02 * expected.max()


def test_the_bands_are_the_ranges_of_the_records(found):
    runs = run(experiment("vanishing-gradient"))[
        "hidden_layers-30-30-30_activation-relu_initializer-he_normal"
    ]
    norms = runs.probes("gradient_norm")[1][:, 0]
    band = found["bands"]["relu he_normal 3"]
    assert np.allclose(band["gradient"], [norms.min(axis=0), norms.max(axis=0)], rtol=5e-3)
    assert "activation" not in band
    assert facts.key(state(activation="relu", initializer="he_normal", depth="3")) in found["bands"]
    with_activations = found["bands"]["sigmoid random_normal 3 10"]
    assert {len(edge) for edge in with_activations["activation"]} == {10}


@pytest.mark.parametrize("other", [{"width": "31"}, {"scale": "2"}])
def test_what_was_not_recorded_has_no_band(found, other):
    assert facts.key(state(**SIGMOID)) in found["bands"]
    assert facts.key(state(**SIGMOID, **other)) not in found["bands"]


def chain(activation, x, y, weights, biases):
    network = Network(
        tuple(Layer([[w]], [b], activation) for w, b in zip(weights, biases, strict=True))
    )
    forward = network.forward(np.array([[x]]))
    backward = network.backward(forward, np.array([[y]]), "half_sse")
    numbers = range(1, 5)
    return {
        "setting": {"input": x, "target": y, "weights": weights, "biases": biases,
                    "activation": activation},
        "z": [forward.z[l].item() for l in numbers],  # noqa: E741
        "a": [forward.a[l].item() for l in numbers],  # noqa: E741
        "gradients": [backward.gradients[l].biases.item() for l in numbers],  # noqa: E741
        "loss": float(backward.loss),
    }  # fmt: skip


def test_the_page_computes_what_nnbook_computes(found, tmp_path):
    x, y = facts.unpacked(found["batch"])
    golden = {
        "batch": found["batch"],
        "x": x.tolist(),
        "y": y.tolist(),
        "recorded": [
            {"setting": setting, "band": found["bands"][facts.key(state(**setting))]}
            for setting in SETTINGS
        ],
        "deviations": [
            {
                "setting": setting,
                "deviations": [
                    float(layer.weights.std()) for layer in facts.initial_layers(state(**setting))
                ],
            }
            for setting in SETTINGS
        ],
        "chains": [chain(*one) for one in CHAINS],
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("vanishing.test.mjs", NNBOOK_GOLDEN=str(path))
