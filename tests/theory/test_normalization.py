"""Batch normalization: against Keras and the complex step, and its invariances."""

# ruff: noqa: E741 - l is the number of a layer, as in the equations

import keras
import numpy as np
import pytest

from nnbook.errors import ShapeError
from nnbook.theory.losses import get_loss
from nnbook.theory.network import Layer, Network
from nnbook.theory.normalization import BatchNormalization, NormalizedNetwork

mse = get_loss("mse")
H = 1e-20


@pytest.fixture
def random():
    return np.random.default_rng(7)


def test_a_batch_leaves_with_mean_zero_and_deviation_one(random):
    z = random.normal(3, 5, size=(4, 50))
    normalized = BatchNormalization.initial(4, epsilon=0).forward(z)
    np.testing.assert_allclose(normalized.z_hat.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(normalized.z_hat.std(axis=1), 1)
    np.testing.assert_array_equal(normalized.output, normalized.z_hat)


def test_gradients_agree_with_the_complex_step(random):
    z, y = random.normal(size=(3, 5)), random.normal(size=(3, 5))
    gamma, beta = random.normal(size=(3, 1)), random.normal(size=(3, 1))
    norm = BatchNormalization(gamma, beta)
    normalized = norm.forward(z)
    received = norm.backward(normalized, mse.gradient(normalized.output, y))
    arguments = {"z": z, "gamma": gamma, "beta": beta}
    for name, values in arguments.items():
        expected = np.empty_like(values)
        for entry in np.ndindex(values.shape):
            shifted = {key: value.astype(complex) for key, value in arguments.items()}
            shifted[name][entry] += 1j * H
            output = BatchNormalization(shifted["gamma"], shifted["beta"]).forward(shifted["z"])
            expected[entry] = mse(output.output, y).imag / H
        np.testing.assert_allclose(getattr(received, name), expected, rtol=1e-11, atol=1e-14)


def test_the_gradient_is_orthogonal_to_constants_and_to_the_normalized_batch(random):
    norm = BatchNormalization.initial(2, epsilon=0)
    normalized = norm.forward(random.normal(size=(2, 6)))
    gradient = norm.backward(normalized, random.normal(size=(2, 6))).z
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose((gradient * normalized.z_hat).sum(axis=1), 0, atol=1e-12)


def test_prediction_with_the_statistics_of_the_batch_is_the_forward_pass(random):
    z = random.normal(size=(2, 9))
    norm = BatchNormalization([2.0, 3.0], [1.0, -1.0])
    predicted = norm.predict(z, z.mean(axis=1), z.var(axis=1))
    np.testing.assert_allclose(predicted, norm.forward(z).output)


def test_training_and_prediction_agree_with_keras(random):
    z = random.normal(1, 3, size=(3, 4))
    layer = keras.layers.BatchNormalization()
    trained = keras.ops.convert_to_numpy(layer(z.T, training=True))
    norm = BatchNormalization.initial(3)
    np.testing.assert_allclose(norm.forward(z).output, trained.T, rtol=1e-5, atol=1e-6)

    # Keras averages the variance of the batch as it is, without the factor B / (B - 1).
    mean, variance = 0.01 * z.mean(axis=1), 0.99 + 0.01 * z.var(axis=1)
    _, _, moving_mean, moving_variance = layer.get_weights()
    np.testing.assert_allclose(moving_mean, mean, rtol=1e-5)
    np.testing.assert_allclose(moving_variance, variance, rtol=1e-5)
    predicted = keras.ops.convert_to_numpy(layer(z.T, training=False))
    np.testing.assert_allclose(norm.predict(z, mean, variance), predicted.T, rtol=1e-5, atol=1e-6)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match=r"expected a batch of shape \(2, examples\)"):
        BatchNormalization.initial(2).forward(np.ones((3, 4)))
    with pytest.raises(ShapeError, match="gamma and beta"):
        BatchNormalization([1.0], [0.0, 0.0])


@pytest.fixture
def network(random):
    sizes = [2, 5, 4, 1]
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    activations = ["tanh", "tanh", "identity"]
    return NormalizedNetwork.initial(
        Network(
            tuple(
                Layer(random.normal(size=shape), random.normal(size=shape[0]), activation)
                for shape, activation in zip(shapes, activations, strict=True)
            )
        )
    )


@pytest.mark.parametrize("normalize", [True, False])
def test_gradients_of_a_network_agree_with_differences(network, random, normalize):
    network = network if normalize else NormalizedNetwork(network.network, {})
    x, y = random.normal(size=(2, 7)), random.normal(size=(1, 7))
    _, gradient = network.gradient(x, y, "mse")
    direction = gradient.flat()
    h = 1e-6
    above = network.step(gradient, -h).gradient(x, y, "mse")[0]
    below = network.step(gradient, h).gradient(x, y, "mse")[0]
    assert (above - below) / (2 * h) == pytest.approx(direction @ direction, rel=1e-6)


def test_biases_before_normalization_have_no_gradient(network, random):
    _, gradient = network.gradient(random.normal(size=(2, 7)), random.normal(size=(1, 7)), "mse")
    for l in (1, 2):
        np.testing.assert_allclose(gradient.network[l].biases, 0, atol=1e-12)
    assert abs(gradient.network[3].biases).max() > 0


def test_the_scale_of_weights_before_normalization_does_not_matter(network, random):
    x, y = random.normal(size=(2, 7)), random.normal(size=(1, 7))
    exact = {l: BatchNormalization(n.gamma, n.beta, epsilon=0) for l, n in network.norms.items()}
    first, *others = network.network.layers
    scaled = Layer(3 * first.weights, first.biases, first.activation)
    plain = NormalizedNetwork(network.network, exact).gradient(x, y, "mse")
    larger = NormalizedNetwork(Network((scaled, *others)), exact).gradient(x, y, "mse")
    assert larger[0] == pytest.approx(plain[0])
    np.testing.assert_allclose(
        3 * larger[1].network[1].weights, plain[1].network[1].weights, atol=1e-12
    )
