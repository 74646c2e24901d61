"""Thinned networks: their means beside formulas, and where weight scaling is one of them."""

from itertools import pairwise

import numpy as np
import pytest

from nnbook.errors import DataError
from nnbook.theory.dropout import Dropout
from nnbook.theory.ensembles import arithmetic_mean, ensemble, geometric_mean, thinned
from nnbook.theory.network import Layer, Network
from nnbook.theory.parts import Dense

X = np.linspace(-1, 1, 7)[None]


def network(widths, output, rate=0.3, hidden="tanh"):
    random, parts = np.random.default_rng(5), []
    for inputs, units in pairwise(widths):
        parts += [
            Layer(random.normal(size=(units, inputs)), random.normal(size=units), hidden),
            Dropout(rate),
        ]
    return Network([*parts[:-2], Layer(*parameters(parts[-2]), output)])


def parameters(layer):
    return layer.weights, layer.biases


def test_each_mask_is_as_likely_as_it_is_drawn():
    one = network((1, 3, 1), "identity")
    predictions, chances = ensemble(one, X)
    assert predictions.shape == (8, 1, 7)
    assert chances.sum() == pytest.approx(1)
    random = np.random.default_rng(0)
    drawn = [one.forward(X[:, :1], random).prediction.item() for _ in range(4000)]
    for prediction, chance in zip(predictions[:, 0, 0], chances, strict=True):
        share = np.isclose(drawn, prediction).mean()
        assert share == pytest.approx(chance, abs=0.03)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.7])
def test_mean_and_variance_of_one_layer_are_those_of_the_chapter(rate):
    one = network((1, 4, 1), "identity", rate)
    predictions, chances = ensemble(one, X)
    mean = arithmetic_mean(predictions, chances)
    assert mean == pytest.approx(one.forward(X).prediction)
    contributions = one[2].weights.T * one[1].activation(one[1].weights @ X + one[1].biases)
    variance = rate / (1 - rate) * (contributions**2).sum(axis=0)
    assert arithmetic_mean((predictions - mean) ** 2, chances)[0] == pytest.approx(variance)


@pytest.mark.parametrize(
    ("widths", "hidden", "geometric"),
    [((1, 4, 1), "tanh", True), ((1, 3, 3, 1), "identity", True), ((1, 3, 3, 1), "tanh", False)],
)
def test_weight_scaling_is_the_geometric_mean_where_the_logit_is_linear(widths, hidden, geometric):
    one = network(widths, "sigmoid", hidden=hidden)
    predictions, chances = ensemble(one, X)
    scaled = one.forward(X).prediction
    gap = abs(geometric_mean(predictions, chances) - scaled).max()
    assert gap < 1e-12 if geometric else gap > 1e-3
    assert abs(arithmetic_mean(predictions, chances) - scaled).max() > 1e-3


def test_too_many_masks_are_refused():
    wide = Network([Dense(np.ones((17, 1)), np.zeros(17)), Dropout(0.5)])
    with pytest.raises(DataError, match=r"at most 16 units .* received 17"):
        ensemble(wide, X)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, np.nan])
def test_a_geometric_mean_needs_probabilities(p):
    with pytest.raises(DataError, match="above 0 and below 1"):
        geometric_mean([[[0.5]], [[p]]], [0.5, 0.5])


def test_a_thinned_network_is_the_one_without_the_units_that_were_dropped():
    random = np.random.default_rng(4)
    first, second = random.normal(size=(3, 2)), random.normal(size=(1, 3))
    biases, x = random.normal(size=3), random.normal(size=(2, 5))
    whole = Network([Layer(first, biases, "tanh"), Dropout(0.2), Layer(second, [0.5], "sigmoid")])
    kept = [0, 2]
    smaller = Network(
        [
            Layer(first[kept], biases[kept], "tanh"),
            Layer(second[:, kept] / 0.8, [0.5], "sigmoid"),  # those that are left are divided by it
        ]
    )
    prediction, chance = thinned(whole, x, [np.array([1, 0, 1])])
    assert prediction == pytest.approx(smaller.forward(x).prediction, abs=1e-14)
    assert chance == pytest.approx(0.8 * 0.2 * 0.8)
