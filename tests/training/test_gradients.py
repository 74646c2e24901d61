"""Keras is the fourth oracle: its loss and gradients must be those of the theory room."""

import keras
import numpy as np
import pytest

from nnbook.errors import SpecError
from nnbook.theory.activations import relu, softplus, tanh
from nnbook.theory.dropout import Dropout
from nnbook.theory.gradient_check import check_gradients, compare_gradients
from nnbook.theory.losses import LOSSES
from nnbook.theory.network import Layer, Network, Shortcut
from nnbook.theory.normalization import BatchNorm, LayerNorm
from nnbook.theory.parts import Dense
from nnbook.training.gradients import keras_gradients, keras_loss, keras_model
from tests.theory import exercise_2a as hand
from tests.theory.cases import HIDDEN, PAIRS, random_batch, random_case, random_network


def assert_keras_agrees(network, x, y, loss):
    value, gradients = keras_gradients(network, x, y, loss)
    backward = network.backward(network.forward(x), y, loss)
    assert value == pytest.approx(backward.loss, rel=1e-12)
    report = compare_gradients(backward.gradients, gradients, 1e-12, "Keras")
    assert report.passed, str(report)


@pytest.mark.parametrize("pair", range(len(PAIRS)))
def test_random_networks_agree_with_keras(pair):
    output, loss = PAIRS[pair]
    depth = 1 + pair % 5
    assert_keras_agrees(*random_case(pair * 5 + depth, output, loss, depth), loss)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_hidden_activation_agrees_with_keras(hidden):
    network = random_network([2, 4, 3, 2], hidden, "identity", seed=8)
    assert_keras_agrees(network, *random_batch(2, 2, 7, "mse", seed=8), "mse")


def test_derivative_at_the_kink_is_that_of_keras():
    for activation in ("relu", "leaky_relu"):
        network = Network((Layer([[1.0]], [0.0], activation),))
        assert_keras_agrees(network, [[0.0]], [[-1.0]], "half_sse")


@pytest.mark.parametrize("name", ["binary_cross_entropy", "categorical_cross_entropy"])
def test_losses_on_logits_agree_with_keras_at_a_thousand(name):
    z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    loss = LOSSES[f"{name}_on_logits"]
    for y in (np.eye(2), 1 - np.eye(2)):
        assert float(keras_loss(loss)(y.T, z.T)) == loss(z, y)


def test_keras_clips_a_probability_of_zero_where_the_theory_says_infinite():
    assert float(keras_loss("binary_cross_entropy")(np.ones((1, 1)), np.zeros((1, 1)))) < 20
    assert LOSSES["binary_cross_entropy"]([[0.0]], [[1.0]]) == np.inf


@pytest.mark.parametrize(("loss", "factor"), [("half_sse", 1), ("sse", 2)])
def test_exercise_2a_four_ways_agree(loss, factor):
    network = Network((Layer(hand.W1, hand.B1, "relu"), Layer(hand.W2, hand.B2, "identity")))
    once = Network(
        (
            Layer(hand.GRADIENT_W1, hand.GRADIENT_B1, "relu"),
            Layer(hand.GRADIENT_W2, hand.GRADIENT_B2, "identity"),
        )
    )
    by_hand = once.map(lambda array: factor * array)
    floats = network.map(lambda array: array.astype(np.float64))
    x, y = np.array(hand.X, float), np.array(hand.Y, float)
    numpy_gradients = floats.backward(floats.forward(x), y, loss).gradients
    value, keras_found = keras_gradients(network, hand.X, hand.Y, loss)
    assert value == factor * hand.HALF_SSE
    assert compare_gradients(numpy_gradients, by_hand, 0).passed
    assert compare_gradients(keras_found, by_hand, 0).passed
    for method in ("complex step", "central differences"):
        check_gradients(network, hand.X, hand.Y, loss, gradients=by_hand, method=method)


def test_the_model_computes_in_float64_and_predicts_what_the_network_predicts():
    network, x, _ = random_case(3, "softmax", "categorical_cross_entropy", 4)
    predictions = keras_model(network)(x.T).numpy()
    assert predictions.dtype == np.float64
    np.testing.assert_allclose(predictions.T, network.forward(x).prediction, rtol=1e-13)


def test_what_keras_cannot_do_is_named(monkeypatch):
    network = Network((Layer([[1.0]], [0.0], "step"),))
    with pytest.raises(SpecError, match="no trainable activation 'step'"):
        keras_gradients(network, [[1.0]], [[1.0]], "mse")
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(SpecError, match="expected the Keras backend 'tensorflow', received 'jax'"):
        keras_gradients(network, [[1.0]], [[1.0]], "mse")


def mixed_network():
    """Return a network with every part that Keras has, and epsilons that float32 holds."""
    random = np.random.default_rng(6)

    def dense(units, inputs):
        return Dense(random.normal(size=(units, inputs)) / 2, random.normal(size=units))

    gamma, beta, mean = random.normal(size=(3, 4))
    norm = BatchNorm(gamma, beta, 2.0**-10, mean, random.uniform(0.5, 2, size=4))
    block = Shortcut((LayerNorm.initial(4, epsilon=2.0**-10), relu, dense(4, 4)))
    wide = Shortcut((dense(5, 4), tanh, Shortcut((dense(5, 5), tanh)), dense(4, 5)))
    return Network((dense(4, 2), norm, softplus, block, wide, dense(3, 4)))


@pytest.mark.parametrize("training", [False, True])
def test_every_part_agrees_with_a_functional_model(training):
    network = mixed_network()
    x, y = random_batch(2, 3, 6, "mse", seed=3)
    value, gradients = keras_gradients(network, x, y, "mse", training=training)
    backward = network.backward(network.forward(x, training), y, "mse")
    assert value == pytest.approx(backward.loss, rel=1e-12)
    report = compare_gradients(backward.gradients, gradients, 1e-12, "Keras")
    assert report.passed, str(report)
    predictions = keras_model(network)(x.T, training=training).numpy()
    np.testing.assert_allclose(predictions.T, network.forward(x, training).prediction, rtol=1e-11)


def test_dropout_has_no_counterpart_whose_masks_are_ours():
    network = Network((Layer([[1.0]], [0.0], "relu"), Dropout(0.5)))
    with pytest.raises(SpecError, match="compute the same in Keras, received Dropout"):
        keras_model(network)
