"""Normalization: against Keras and written out, and its invariances."""

# ruff: noqa: E741 - l is the number of a layer, as in the equations

from dataclasses import replace
from itertools import pairwise

import keras
import numpy as np
import pytest

from nnbook.errors import ShapeError
from nnbook.theory.activations import tanh
from nnbook.theory.arrays import exact
from nnbook.theory.network import Layer, Network
from nnbook.theory.normalization import BatchNorm, LayerNorm
from nnbook.theory.parts import Dense


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.mark.parametrize(("kind", "axis"), [(BatchNorm, 1), (LayerNorm, 0)])
def test_a_batch_leaves_with_mean_zero_and_deviation_one(random, kind, axis):
    z = random.normal(3, 5, size=(4, 50))
    output, normalized = kind.initial(4, epsilon=0).forward(z, training=True)
    np.testing.assert_allclose(normalized.z_hat.mean(axis=axis), 0, atol=1e-12)
    np.testing.assert_allclose(normalized.z_hat.std(axis=axis), 1)
    np.testing.assert_array_equal(output, normalized.z_hat)


@pytest.mark.parametrize(("kind", "axis"), [(BatchNorm, 1), (LayerNorm, 0)])
def test_the_gradient_is_orthogonal_to_constants_and_to_the_normalized_batch(random, kind, axis):
    norm = kind.initial(3, epsilon=0)
    _, normalized = norm.forward(random.normal(size=(3, 6)), training=True)
    gradient = norm.pull_back(normalized, random.normal(size=(3, 6)))
    np.testing.assert_allclose(gradient.sum(axis=axis), 0, atol=1e-12)
    np.testing.assert_allclose((gradient * normalized.z_hat).sum(axis=axis), 0, atol=1e-12)


def test_prediction_with_the_statistics_of_the_batch_is_the_pass_of_training(random):
    z = random.normal(size=(2, 9))
    norm = BatchNorm([2.0, 3.0], [1.0, -1.0], mean=z.mean(axis=1), variance=z.var(axis=1))
    np.testing.assert_allclose(norm.forward(z)[0], norm.forward(z, training=True)[0])


def test_the_gradient_of_prediction_takes_the_kept_statistics_for_constants(random):
    norm = BatchNorm([2.0, 3.0], [1.0, -1.0], mean=[0.5, 1.0], variance=[4.0, 9.0], epsilon=0)
    _, normalized = norm.forward(random.normal(size=(2, 6)), training=False)
    gradient = random.normal(size=(2, 6))
    expected = gradient * [[2 / 2], [3 / 3]]
    np.testing.assert_allclose(norm.pull_back(normalized, gradient), expected)


def test_it_takes_them_for_constants_with_exact_numbers_too():
    statistics = {"mean": exact(["1/2", 1]), "variance": exact([4, 9])}
    norm = BatchNorm(exact([2, 3]), exact([1, -1]), epsilon=0, **statistics)
    output, normalized = norm.forward(exact([[1, 2], [3, 4]]))
    assert output.tolist() == exact([["3/2", "5/2"], [1, 2]]).tolist()
    gradient = exact([[1, 5], [7, "1/3"]])  # gamma is the deviation
    assert norm.pull_back(normalized, gradient).tolist() == gradient.tolist()


def test_layer_norm_does_not_depend_on_the_company(random):
    z, norm = random.normal(size=(3, 5)), LayerNorm([1.0, 2.0, 3.0], [0.0, 1.0, 2.0])
    together = norm.forward(z, training=True)[0]
    np.testing.assert_allclose(norm.forward(z[:, [2]])[0], together[:, [2]], rtol=1e-14)


def test_training_and_prediction_agree_with_keras(random):
    z = random.normal(1, 3, size=(3, 4))
    layer = keras.layers.BatchNormalization()
    trained = keras.ops.convert_to_numpy(layer(z.T, training=True))
    output, _ = BatchNorm.initial(3).forward(z, training=True)
    np.testing.assert_allclose(output, trained.T, rtol=1e-5, atol=1e-6)

    # Keras averages the variance of the batch as it is, without the factor B / (B - 1).
    mean, variance = 0.01 * z.mean(axis=1), 0.99 + 0.01 * z.var(axis=1)
    _, _, moving_mean, moving_variance = layer.get_weights()
    np.testing.assert_allclose(moving_mean, mean, rtol=1e-5)
    np.testing.assert_allclose(moving_variance, variance, rtol=1e-5)
    predicted = keras.ops.convert_to_numpy(layer(z.T, training=False))
    norm = BatchNorm(np.ones(3), np.zeros(3), mean=mean, variance=variance)
    np.testing.assert_allclose(norm.forward(z)[0], predicted.T, rtol=1e-5, atol=1e-6)
    fresh = keras.ops.convert_to_numpy(keras.layers.BatchNormalization()(z.T, training=False))
    np.testing.assert_allclose(BatchNorm.initial(3).forward(z)[0], fresh.T, rtol=1e-5)


def test_layer_norm_agrees_with_keras(random):
    z = random.normal(1, 3, size=(3, 4))
    expected = keras.ops.convert_to_numpy(keras.layers.LayerNormalization()(z.T))
    output, _ = LayerNorm.initial(3).forward(z)
    np.testing.assert_allclose(output, expected.T, rtol=1e-5, atol=1e-6)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"BatchNorm: expected inputs of shape \(2, examples\)"):
        BatchNorm.initial(2).forward(np.ones((3, 4)))
    with pytest.raises(ShapeError, match=r"gamma, beta of one shape, received \(1, 1\), \(2, 1\)"):
        LayerNorm([1.0], [0.0, 0.0])
    with pytest.raises(ShapeError, match=r"gamma, beta, mean, variance of one shape"):
        BatchNorm([1.0], [0.0], mean=[1.0, 2.0])


@pytest.fixture
def network(random):
    sizes, parts = [2, 5, 4], []
    for inputs, units in pairwise(sizes):
        dense = Dense(random.normal(size=(units, inputs)), random.normal(size=units))
        parts += [dense, BatchNorm.initial(units), tanh]
    return Network((*parts, Layer(random.normal(size=(1, 4)), random.normal(size=1), "identity")))


def gradient(network, x, y):
    return network.backward(network.forward(x, training=True), y, "mse").gradients


def test_forward_and_backward_are_those_written_out(network, random):
    x, y = random.normal(size=(2, 7)), random.normal(size=(1, 7))
    one, two, three = network.layers

    def normalized(z):
        deviation = np.sqrt(z.var(axis=1, keepdims=True) + 1e-3)
        return (z - z.mean(axis=1, keepdims=True)) / deviation, deviation

    def projected(g, z_hat, deviation):
        along = (g * z_hat).mean(axis=1, keepdims=True) * z_hat
        return (g - g.mean(axis=1, keepdims=True) - along) / deviation

    first, s1 = normalized(one.weights @ x + one.biases)
    second, s2 = normalized(two.weights @ np.tanh(first) + two.biases)
    prediction = three.weights @ np.tanh(second) + three.biases
    forward = network.forward(x, training=True)
    np.testing.assert_allclose(forward.prediction, prediction, rtol=1e-12)

    delta3 = 2 * (prediction - y) / 7
    delta2 = three.weights.T @ delta3 * (1 - np.tanh(second) ** 2)
    back2 = projected(delta2, second, s2)
    delta1 = two.weights.T @ back2 * (1 - np.tanh(first) ** 2)
    back1 = projected(delta1, first, s1)
    expected = [
        *(back1 @ x.T, back1.sum(axis=1), (delta1 * first).sum(axis=1), delta1.sum(axis=1)),
        *(back2 @ np.tanh(first).T, back2.sum(axis=1)),
        *((delta2 * second).sum(axis=1), delta2.sum(axis=1)),
        *(delta3 @ np.tanh(second).T, delta3.sum(axis=1)),
    ]
    backward = network.backward(forward, y, "mse")
    assert backward.loss == pytest.approx(((prediction - y) ** 2).mean())
    flat = np.concatenate([array.ravel() for array in expected])
    np.testing.assert_allclose(backward.gradients.flat(), flat, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(backward.deltas[1], delta1, rtol=1e-12)


def test_biases_before_normalization_have_no_gradient(network, random):
    found = gradient(network, random.normal(size=(2, 7)), random.normal(size=(1, 7)))
    for l in (1, 2):
        np.testing.assert_allclose(found[l].biases, 0, atol=1e-12)
    assert abs(found[3].biases).max() > 0


def test_the_scale_of_weights_before_normalization_does_not_matter(network, random):
    x, y = random.normal(size=(2, 7)), random.normal(size=(1, 7))
    without = [
        replace(part, epsilon=0) if isinstance(part, BatchNorm) else part for part in network.parts
    ]
    first = without[0]
    scaled = Network((Dense(3 * first.weights, first.biases), *without[1:]))
    plain, larger = gradient(Network(without), x, y), gradient(scaled, x, y)
    assert scaled.loss(x, y, "mse", training=True) == pytest.approx(
        Network(without).loss(x, y, "mse", training=True)
    )
    np.testing.assert_allclose(3 * larger[1].weights, plain[1].weights, atol=1e-12)
