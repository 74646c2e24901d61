"""Probes against backpropagation in NumPy; on either backend."""

from typing import Any

import numpy as np
import pytest

from nnbook.theory.activations import get_activation
from nnbook.theory.losses import categorical_cross_entropy, mse
from nnbook.theory.network import Network
from nnbook.training import engine, models
from nnbook.training.datasets import load_split
from nnbook.training.probes import PROBE_EXAMPLES, layer_measures, probe_steps
from nnbook.training.spec import run_spec
from tests.training.cases import CLASSIFICATION, REGRESSION, one_hot

pytestmark = pytest.mark.either_backend

WHOLE: dict[str, Any] = {**REGRESSION, "batch_size": 21, "epochs": 6, "probes": True}
IMAGES: dict[str, Any] = {
    **CLASSIFICATION,
    "epochs": 2,
    "l2": 0.1,
    "dropout": 0.2,
    "probes": True,
}


def test_probes_are_taken_often_in_the_first_epoch_and_then_after_each() -> None:
    steps = probe_steps(steps=25_000, epochs=30)
    first_epoch = [step for step in steps if step <= 25_000]
    assert first_epoch[:4] == [0, 1, 2, 3]
    assert 30 <= len(first_epoch) <= 41
    assert steps[len(first_epoch) :] == [25_000 * epoch for epoch in range(2, 31)]
    assert steps == sorted(set(steps))
    assert probe_steps(steps=1, epochs=2) == [0, 1, 2]


def norms(gradients: Network) -> list[float]:
    return [float(np.linalg.norm(layer.weights)) for layer in gradients.layers]


def test_gradients_and_updates_are_those_of_gradient_descent_in_numpy() -> None:
    spec = run_spec(WHOLE)
    outcome = engine.train(spec)
    data = load_split()
    network = models.as_network(spec, models.build_model(spec))
    measured = outcome.arrays
    assert measured["step"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert {name: array.shape for name, array in measured.items()} == {
        "step": (7,),
        "gradient_norm": (7, 3),
        "weight_norm": (7, 3),
        "slope": (7, 2),
        "activation_mean": (7, 2),
        "activation_deviation": (7, 2),
        "dead_share": (7, 2),
        "saturated_share": (7, 2),
        "update_ratio": (7, 3),
    }
    for point in range(7):
        forward = network.forward(data.training_x.T)
        gradients = network.backward(forward, data.training_y.T, mse).gradients
        lengths = norms(gradients)
        np.testing.assert_allclose(measured["gradient_norm"][point], lengths, rtol=1e-4)
        slopes = [1 - np.tanh(forward.z[n]) ** 2 for n in (1, 2)]
        np.testing.assert_allclose(
            measured["slope"][point], [slope.mean() for slope in slopes], rtol=1e-5
        )
        sizes = [np.linalg.norm(layer.weights) for layer in network.layers]
        np.testing.assert_allclose(measured["weight_norm"][point], sizes, rtol=1e-5)
        outputs = [np.tanh(forward.z[n]) for n in (1, 2)]
        for name, expected in {
            "activation_mean": [a.mean() for a in outputs],
            "activation_deviation": [a.std() for a in outputs],
            "dead_share": [0, 0],
            "saturated_share": [(slope < 0.05).mean() for slope in slopes],
        }.items():
            np.testing.assert_allclose(measured[name][point], expected, rtol=1e-4, atol=1e-6)
        if point < 6:
            ratios = [
                spec.learning_rate * length / np.linalg.norm(layer.weights)
                for length, layer in zip(lengths, network.layers, strict=True)
            ]
            np.testing.assert_allclose(measured["update_ratio"][point], ratios, rtol=1e-3)
            network = network.step(gradients, spec.learning_rate)
    assert np.isnan(measured["update_ratio"][6]).all()


def test_a_classifier_is_probed_on_its_first_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnbook.training.probes.PROBE_EXAMPLES", 70)
    assert PROBE_EXAMPLES == 1000
    spec = run_spec(IMAGES)
    outcome = engine.train(spec)
    data = load_split("digits", training_size=130)
    x, y = data.training_x[:70].T.astype(float), one_hot(data.training_y[:70]).T.astype(float)
    measured = outcome.arrays
    assert measured["step"].tolist() == [0, 1, 2, 3, 6]
    before = models.as_network(spec, models.build_model(spec, 64, 10))
    assert outcome.network is not None
    for point, network in ((0, before), (-1, outcome.network)):
        forward = network.forward(x)
        gradients = network.backward(forward, y, categorical_cross_entropy).gradients
        expected = norms(gradients)
        np.testing.assert_allclose(measured["gradient_norm"][point], expected, rtol=1e-4)
        slopes = [(1 - np.tanh(forward.z[n]) ** 2).mean() for n in (1, 2)]
        np.testing.assert_allclose(measured["slope"][point], slopes, rtol=1e-4)


def test_the_first_layer_is_kept_as_it_was_and_as_it_is() -> None:
    spec = run_spec(IMAGES)
    outcome = engine.train(spec)
    before = models.as_network(spec, models.build_model(spec, 64, 10))[1]
    assert outcome.network is not None
    after = outcome.network[1]
    kept = outcome.first_layer
    assert kept["W1_before"].shape == (6, 64)
    np.testing.assert_array_equal(kept["W1_before"], before.weights)
    np.testing.assert_array_equal(kept["W1_after"], after.weights)
    np.testing.assert_array_equal(kept["b1_before"], before.biases[:, 0])
    np.testing.assert_array_equal(kept["b1_after"], after.biases[:, 0])
    assert not np.array_equal(before.weights, after.weights)


@pytest.mark.parametrize(
    "change",
    [
        {**WHOLE, "batch_size": 8, "batch_normalization": True},
        # 150 and 3 x 50 units: their bits fill no whole words.
        {**IMAGES, "hidden_layers": [3], "output_dropout": 0.1, "momentum": 0.9},
    ],
    ids=["batch normalization", "dropout"],
)
def test_probes_do_not_change_the_run(change: dict[str, Any]) -> None:
    spec = run_spec(change)
    probed = engine.train(spec)
    plain = engine.train(spec.vary(probes=False))
    assert probed.history == plain.history
    assert probed.final == plain.final
    assert weights(probed.network) == weights(plain.network)
    assert plain.arrays == {}
    assert plain.first_layer == {}


def weights(network: Network | None) -> list[Any]:
    assert network is not None
    return [layer.weights.tolist() for layer in network.layers]


def test_a_layer_is_measured_by_its_outputs() -> None:
    # Two examples of three units: one that never answers, one that is flat once, one in between.
    z = np.array([[-1.0, 0.5, 2.0], [-3.0, -4.0, 1.0]])
    by_hand = layer_measures(get_activation("relu"), z)
    assert by_hand["dead_share"] == pytest.approx(1 / 3)
    assert by_hand["saturated_share"] == pytest.approx(3 / 6)
    assert by_hand["slope"] == pytest.approx(3 / 6)
    assert by_hand["activation_mean"] == pytest.approx(3.5 / 6)
    assert by_hand["activation_deviation"] == pytest.approx(np.std([0, 0.5, 2, 0, 0, 1]))
    # sigmoid'(z) < 0.05 / 4 from abs(z) = 4.36 on.
    flat = layer_measures(get_activation("sigmoid"), np.array([[4.3, 4.4], [-4.3, -4.4]]))
    assert flat["saturated_share"] == 0.5
    assert flat["dead_share"] == 0
    assert layer_measures(get_activation("step"), z)["saturated_share"] == 1
    assert layer_measures(get_activation("identity"), z)["saturated_share"] == 0


def test_a_softmax_layer_is_measured_over_its_units() -> None:
    z = np.random.default_rng(0).normal(size=(50, 4))
    a = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    measured = layer_measures(get_activation("softmax"), z)
    assert measured["activation_mean"] == pytest.approx(1 / 4)
    assert measured["slope"] == pytest.approx((a * (1 - a)).mean())


def test_dead_units_and_saturation_grow_while_training_goes_wrong() -> None:
    change = {"hidden_layers": [30], "activation": "relu", "learning_rate": 20.0}
    measured = engine.train(run_spec({**IMAGES, **change, "l2": 0.0, "dropout": 0.0})).arrays
    assert measured["dead_share"][0] < 0.2 < measured["dead_share"][-1]
    assert measured["saturated_share"][-1] > measured["saturated_share"][0]


def test_no_gradient_passes_the_step_function() -> None:
    measured = engine.train(run_spec({**WHOLE, "activation": "step", "epochs": 1})).arrays
    assert measured["gradient_norm"][:, :2].tolist() == [[0, 0]] * 2
    assert (measured["gradient_norm"][:, 2] > 0).all()
    assert not measured["slope"].any()


def test_a_network_that_diverges_is_probed_without_a_warning() -> None:
    spec = run_spec({**WHOLE, "batch_normalization": True, "learning_rate": 1e30})
    outcome = engine.train(spec)
    assert outcome.diverged_at is not None
    assert outcome.arrays["step"][0] == 0
    assert np.isfinite(outcome.arrays["gradient_norm"][0]).all()
    assert np.abs(outcome.first_layer["W1_after"]).max() > 1e20
