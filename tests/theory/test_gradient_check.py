import math

import numpy as np
import pytest

from nnbook.errors import GradientError, ShapeError
from nnbook.theory.gradient_check import (
    TOLERANCES,
    central_differences,
    check_gradients,
    compare_gradients,
    complex_step,
)
from nnbook.theory.network import Layer, Network
from tests.theory.cases import HIDDEN, PAIRS, random_batch, random_case, random_network
from tests.theory.test_network import hand


@pytest.mark.parametrize("depth", range(1, 6))
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_random_networks_agree_with_both_ways_of_differentiating(output, loss, depth):
    index = PAIRS.index((output, loss)) * 5 + depth
    network, x, y = random_case(index, output, loss, depth)
    for method in TOLERANCES:
        check_gradients(network, x, y, loss, method=method)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("size", [1, 64])
def test_every_hidden_activation_alone_and_in_a_large_batch(hidden, size):
    network = random_network([2, 4, 3, 2], hidden, "identity", seed=size)
    x, y = random_batch(2, 2, size, "mse", seed=3)
    for method in TOLERANCES:
        check_gradients(network, x, y, "mse", method=method)


@pytest.mark.parametrize("method", TOLERANCES)
def test_exercise_2a_four_ways_agree_without_keras(method):
    exact = Network((Layer(hand.W1, hand.B1, "relu"), Layer(hand.W2, hand.B2, "identity")))
    by_hand = Network(
        (
            Layer(hand.GRADIENT_W1, hand.GRADIENT_B1, "relu"),
            Layer(hand.GRADIENT_W2, hand.GRADIENT_B2, "identity"),
        )
    )
    report = check_gradients(exact, hand.X, hand.Y, "half_sse", gradients=by_hand, method=method)
    assert report.passed
    check_gradients(exact, hand.X, hand.Y, "half_sse", method=method)


def small_case():
    network = random_network([3, 3, 3], "tanh", "sigmoid", seed=5)
    return network, *random_batch(3, 3, 4, "half_sse", seed=5)


def right_gradients():
    network, x, y = small_case()
    return network.backward(network.forward(x), y, "half_sse").gradients


def changed(layer, weights=None, biases=None):
    """Return the right gradients with other ones for the weights or the biases of a layer."""
    layers = list(right_gradients().layers)
    old = layers[layer - 1]
    weights = old.weights if weights is None else weights
    biases = old.biases if biases is None else biases
    layers[layer - 1] = Layer(weights, biases, old.activation)
    return Network(layers)


def transposed():
    return changed(1, weights=right_gradients()[1].weights.T)


def missing_factor_two():
    network, x, y = small_case()
    return network.backward(network.forward(x), y, "half_sse").gradients, "sse"


def missing_derivative():
    """Backpropagation that forgot the factor f'(z) in layer 1."""
    network, x, y = small_case()
    forward = network.forward(x)
    backward = network.backward(forward, y, "half_sse")
    delta = network[2].weights.T @ backward.deltas[2]
    return changed(1, delta @ forward.a[0].T, delta.sum(axis=1))


def one_wrong_sign():
    wrong = right_gradients()[2].weights.copy()
    wrong[1, 2] *= -1
    return changed(2, weights=wrong)


def one_example_forgotten():
    network, x, y = small_case()
    return network.backward(network.forward(x[:, :-1]), y[:, :-1], "half_sse").gradients


def not_a_number():
    wrong = right_gradients()[1].biases.copy()
    wrong[0, 0] = math.nan
    return changed(1, biases=wrong)


@pytest.mark.parametrize("method", TOLERANCES)
@pytest.mark.parametrize(
    "make",
    [
        transposed,
        missing_factor_two,
        missing_derivative,
        one_wrong_sign,
        one_example_forgotten,
        not_a_number,
    ],
)
def test_wrong_gradients_are_rejected(make, method):
    made = make()
    wrong, loss = made if isinstance(made, tuple) else (made, "half_sse")
    network, x, y = small_case()
    check_gradients(network, x, y, "half_sse", gradients=right_gradients(), method=method)
    with pytest.raises(GradientError, match="does not agree with " + method):
        check_gradients(network, x, y, loss, gradients=wrong, method=method)


def test_the_worst_parameter_is_named():
    network, x, y = small_case()
    with pytest.raises(GradientError, match=r"worst at W\^2\[1, 2\]"):
        check_gradients(network, x, y, "half_sse", gradients=one_wrong_sign())
    right, wrong = right_gradients(), one_wrong_sign()
    report = compare_gradients(wrong, right, 1e-12)
    assert (report.worst.layer, report.worst.kind, report.worst.entry) == (2, "weights", (1, 2))
    assert report.received == -report.expected
    assert not report.passed
    assert compare_gradients(not_a_number(), right, 1e-12).relative_error == math.inf


def test_relative_error_is_that_of_the_documented_formula():
    right = right_gradients()
    largest = max(np.abs(right[2].weights).max(), np.abs(right[2].biases).max())
    report = compare_gradients(one_wrong_sign(), right, 1e-12)
    assert report.relative_error == pytest.approx(2 * abs(right[2].weights[1, 2]) / largest)


def scaled(factor):
    """Return the right gradients with those of layer 1 multiplied by `factor`."""
    first, second = right_gradients().layers
    return Network((Layer(factor * first.weights, factor * first.biases, "tanh"), second))


def test_the_scale_is_that_of_the_layer_down_to_what_the_reference_resolves():
    vanished = scaled(1e-6)
    assert compare_gradients(scaled(1.01e-6), vanished, 1e-4, resolution=0).relative_error == (
        pytest.approx(0.01 / 1.01)
    )
    sizes = [
        max(np.abs(layer.weights).max(), np.abs(layer.biases).max()) for layer in vanished.layers
    ]
    report = compare_gradients(scaled(1.01e-6), vanished, 1e-4, resolution=1e-3)
    assert report.relative_error == pytest.approx(0.01 * sizes[0] / (1e-3 * max(sizes)))
    assert report.passed


def vanishing_case():
    network = random_network([3, *[3] * 12, 2], "sigmoid", "identity", seed=2)
    small = network.map(lambda array: 0.5 * array)
    x, y = random_batch(3, 2, 5, "mse", seed=2)
    return small, x, y, small.backward(small.forward(x), y, "mse").gradients


def test_a_first_layer_without_gradient_is_noticed_where_gradients_vanish():
    network, x, y, right = vanishing_case()
    largest = np.abs(right.flat()).max()
    assert 1e-15 < np.abs(right[1].weights).max() / largest < 1e-11
    check_gradients(network, x, y, "mse")
    first, *others = right.layers
    zeroed = Network((Layer(0 * first.weights, 0 * first.biases, "sigmoid"), *others))
    with pytest.raises(GradientError, match=r"layers that disagree: 1$"):
        check_gradients(network, x, y, "mse", gradients=zeroed)


@pytest.mark.parametrize("method", TOLERANCES)
@pytest.mark.parametrize("forgotten", [1, 2, 3])
def test_of_the_layers_that_disagree_the_last_is_where_the_mistake_is(forgotten, method):
    for seed in range(20):
        network = random_network([3, 4, 4, 2], "tanh", "sigmoid", seed=seed)
        x, y = random_batch(3, 2, 6, "mse", seed=seed)
        forward = network.forward(x)
        delta = network.backward(forward, y, "mse").deltas[3]
        layers = []
        for number in (3, 2, 1):
            if number < 3:
                delta = network[number + 1].weights.T @ delta
                delta *= 1 - forward.a[number] ** 2
            if number == forgotten:
                delta = delta / (1 - forward.a[number] ** 2 if number < 3 else 0.5)
            weights, biases = delta @ forward.a[number - 1].T, delta.sum(axis=1)
            layers.insert(0, Layer(weights, biases, network[number].activation))
        with pytest.raises(GradientError) as error:
            check_gradients(network, x, y, "mse", gradients=Network(layers), method=method)
        report = compare_gradients(
            Network(layers), network.backward(forward, y, "mse").gradients, 1e-7
        )
        assert report.layers == tuple(range(1, forgotten + 1))
        assert f"look at layer {forgotten} first" in str(error.value) or forgotten == 1


def test_gradients_of_zero_agree():
    network = Network((Layer([[1.0]], [0.0], "step"), Layer([[0.0]], [1.0], "identity")))
    report = check_gradients(network, [[1.0]], [[1.0]], "mse")
    assert report.relative_error == 0


def test_a_gradient_of_another_shape_is_named():
    network, x, y = small_case()
    wrong = changed(2, np.zeros((1, 3)), [0.0])
    expected = r"Dense: expected weights of shape \(3, 3\).*received Dense with .* \(1, 3\)"
    with pytest.raises(ShapeError, match=expected):
        check_gradients(network, x, y, "half_sse", gradients=wrong)
    with pytest.raises(ShapeError, match="a network of 4 parts as this one, received one of 2"):
        check_gradients(network, x, y, "half_sse", gradients=Network((network[1],)))
    other = Network((network[1], network[2].activation, network[2].activation))
    with pytest.raises(ShapeError, match="in the same place, received Sigmoid"):
        check_gradients(network, x, y, "half_sse", gradients=other)


def test_central_differences_are_misled_by_a_kink_and_the_complex_step_is_not():
    # z = 0 exactly: the convention says derivative 0, central differences find the mean slope 1/2.
    network = Network((Layer([[1.0]], [0.0], "relu"),))
    x, y = [[0.0]], [[-1.0]]
    assert central_differences(network, x, y, "half_sse")[1].biases[0, 0] == pytest.approx(
        0.5, rel=1e-4
    )
    assert complex_step(network, x, y, "half_sse")[1].biases[0, 0] == 0


def own_errors(found, reference):
    """Return the largest error of each layer, relative to the largest entry of that layer."""
    return [
        max(np.abs(f.weights - r.weights).max(), np.abs(f.biases - r.biases).max())
        / max(np.abs(r.weights).max(), np.abs(r.biases).max())
        for f, r in zip(found.layers, reference.layers, strict=True)
    ]


def test_only_the_complex_step_resolves_the_vanished_gradients_of_early_layers():
    normal = np.random.default_rng(0).normal
    hidden = [
        Layer(normal(scale=0.5, size=(8, 8)), normal(scale=0.5, size=8), "sigmoid")
        for _ in range(9)
    ]
    network = Network((*hidden, Layer(normal(size=(2, 8)), normal(size=2), "identity")))
    x, y = normal(size=(8, 8)), normal(size=(2, 8))
    right = network.backward(network.forward(x), y, "mse").gradients
    assert np.abs(right[1].weights).max() < 1e-3 * np.abs(right[10].weights).max()
    assert max(own_errors(complex_step(network, x, y, "mse"), right)) < 1e-13
    by_differences = own_errors(central_differences(network, x, y, "mse"), right)
    assert by_differences[0] > 1e-7
    assert by_differences[-1] < 1e-9


def test_a_wrong_step_back_through_a_layer_shows_in_the_layer_before_it():
    network = random_network([3, 3, 3, 3], "tanh", "identity", seed=2)
    x, y = random_batch(3, 3, 4, "half_sse", seed=2)
    forward = network.forward(x)
    backward = network.backward(forward, y, "half_sse")
    second = (1 - forward.a[2] ** 2) * (network[3].weights @ backward.deltas[3])  # not transposed
    first = (1 - forward.a[1] ** 2) * (network[2].weights.T @ second)
    wrong = Network(
        (
            Layer(first @ forward.a[0].T, first.sum(axis=1), "tanh"),
            Layer(second @ forward.a[1].T, second.sum(axis=1), "tanh"),
            backward.gradients[3],
        )
    )
    assert compare_gradients(wrong, backward.gradients, 1e-12).layers == (1, 2)


def test_a_kink_further_away_than_the_step_is_crossed_when_the_input_is_large():
    h, x, y = 1e-5, [[1000.0]], [[-1.0]]
    network = Network((Layer([[1e-6]], [0.0], "relu"),))
    forward = network.forward(x)
    assert forward.z[1].item() > 10 * h
    right = network.backward(forward, y, "half_sse").gradients[1]
    found = central_differences(network, x, y, "half_sse", h)[1]
    assert found.biases.item() == pytest.approx(right.biases.item())
    assert found.weights.item() < 0.9 * right.weights.item()
