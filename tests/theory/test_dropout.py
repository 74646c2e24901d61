"""Dropout: the moments of what it leaves, and networks with it."""

import numpy as np
import pytest

from nnbook.errors import DataError
from nnbook.theory.dropout import Dropout
from nnbook.theory.network import Layer, Network


def dropped(a, rate, random):
    return Dropout(rate).forward(a, random)[0]


def test_expectation_and_variance_are_those_of_the_chapter():
    random = np.random.default_rng(3)
    a, rate = np.array([2.0, 1.0, -1.0]), 0.3
    samples = np.array([dropped(a, rate, random) for _ in range(40_000)])
    assert samples.mean(axis=0) == pytest.approx(a, abs=0.03)
    assert samples.var(axis=0) == pytest.approx(rate / (1 - rate) * a**2, abs=0.05)


def test_what_is_kept_is_scaled_up():
    kept = dropped(np.ones(1000), 0.2, np.random.default_rng(0))
    assert set(kept) == {0.0, 1.25}


def test_without_dropout_and_after_training_nothing_changes():
    a = np.array([[1.0, -2.0]])
    np.testing.assert_array_equal(dropped(a, 0.0, np.random.default_rng(0)), a)
    np.testing.assert_array_equal(dropped(a, 0.5, False), a)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(DataError, match=f"received {rate}"):
        Dropout(rate)


def network(rate):
    random = np.random.default_rng(5)
    return Network(
        (
            Layer(random.normal(size=(4, 2)), random.normal(size=4), "tanh"),
            Dropout(rate),
            Layer(random.normal(size=(3, 4)), random.normal(size=3), "relu"),
            Dropout(rate),
            Layer(random.normal(size=(1, 3)), random.normal(size=1), "identity"),
        )
    )


def test_a_network_predicts_without_masks():
    x, dropping = np.array([[0.1, 0.5], [1.0, -1.0]]), network(0.4)
    plain = Network(part for part in dropping.parts if not isinstance(part, Dropout))
    predicted = dropping.forward(x).prediction
    np.testing.assert_array_equal(predicted, plain.forward(x).prediction)


def test_a_pass_in_training_is_the_one_written_out():
    x, rate = np.array([[0.1, 0.5], [1.0, -1.0]]), 0.4
    dropping = network(rate)
    one, two, three = dropping.layers
    random = np.random.default_rng(7)
    a = np.tanh(one.weights @ x + one.biases)
    a = (random.random(a.shape) >= rate) * a / (1 - rate)
    a = np.maximum(0, two.weights @ a + two.biases)
    a = (random.random(a.shape) >= rate) * a / (1 - rate)
    expected = three.weights @ a + three.biases
    predicted = dropping.forward(x, training=np.random.default_rng(7)).prediction
    np.testing.assert_allclose(predicted, expected, rtol=1e-14)


def test_the_mean_over_masks_of_the_last_layer_is_the_prediction():
    x, (first, _, _) = np.repeat([[0.1], [1.0]], 50_000, axis=1), network(0.0).layers
    output = Layer([[1.0, -2.0, 0.5, 1.5]], [0.3], "identity")
    dropping = Network((*first.parts[:2], Dropout(0.4), output))
    sampled = dropping.forward(x, training=np.random.default_rng(1)).prediction
    without = dropping.forward(x[:, :1])
    variance = 0.4 / 0.6 * ((output.weights.T * without.a[1]) ** 2).sum()
    assert sampled.mean() == pytest.approx(without.prediction[0, 0], abs=0.05)
    assert sampled.var() == pytest.approx(variance, rel=0.05)
