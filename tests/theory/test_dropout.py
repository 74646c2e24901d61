"""Dropout: the moments of what it leaves, and networks with it."""

import numpy as np
import pytest

from nnbook.errors import DataError
from nnbook.theory.dropout import dropped, forward_with_dropout
from nnbook.theory.network import Layer, Network


def test_expectation_and_variance_are_those_of_the_chapter():
    random = np.random.default_rng(3)
    a, rate = np.array([2.0, 1.0, -1.0]), 0.3
    samples = np.array([dropped(a, rate, random) for _ in range(40_000)])
    assert samples.mean(axis=0) == pytest.approx(a, abs=0.03)
    assert samples.var(axis=0) == pytest.approx(rate / (1 - rate) * a**2, abs=0.05)


def test_what_is_kept_is_scaled_up():
    kept = dropped(np.ones(1000), 0.2, np.random.default_rng(0))
    assert set(kept) == {0.0, 1.25}


def test_without_dropout_nothing_changes():
    a = np.array([[1.0, -2.0]])
    np.testing.assert_array_equal(dropped(a, 0.0, np.random.default_rng(0)), a)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(DataError, match=f"received {rate}"):
        dropped([1.0], rate, np.random.default_rng(0))


@pytest.fixture
def network():
    random = np.random.default_rng(5)
    return Network(
        (
            Layer(random.normal(size=(4, 2)), random.normal(size=4), "tanh"),
            Layer(random.normal(size=(1, 4)), random.normal(size=1), "identity"),
        )
    )


def test_a_network_with_rate_zero_predicts_as_usual(network):
    x = np.array([[0.1, 0.5], [1.0, -1.0]])
    predicted = forward_with_dropout(network, x, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(predicted, network.forward(x).prediction)


def test_the_mean_over_masks_of_the_last_layer_is_the_prediction(network):
    x = np.repeat([[0.1], [1.0]], 50_000, axis=1)
    sampled = forward_with_dropout(network, x, 0.4, np.random.default_rng(1))
    a = network.forward(x[:, :1]).a[1]
    variance = 0.4 / 0.6 * ((network[2].weights.T * a) ** 2).sum()
    assert sampled.mean() == pytest.approx(network.forward(x[:, :1]).prediction[0, 0], abs=0.05)
    assert sampled.var() == pytest.approx(variance, rel=0.05)
