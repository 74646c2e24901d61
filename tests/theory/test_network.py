import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from nnbook.errors import ShapeError, SpecError
from nnbook.theory.arrays import exact
from nnbook.theory.network import Layer, Network
from tests.theory import exercise_2a as hand

ETA = sympy.Symbol("eta", positive=True)
FACTOR = {"half_sse": 1, "sse": 2}  # without the 1/2 every gradient is twice as large


@pytest.fixture
def network():
    return Network(
        (Layer(hand.W1, hand.B1, "relu"), Layer(hand.W2, hand.B2, "identity")),
    )


def test_the_hand_calculation_is_what_the_exercise_says():
    assert hand.PREDICTION == [[2, -3]]
    assert Fraction(5, 2) == hand.HALF_SSE
    assert hand.SSE == 5
    assert hand.GRADIENT_W2 == [[0, -5, -2, 2]]


def test_forward_table_is_exact(network):
    forward = network.forward(hand.X)
    assert forward.a[0].tolist() == hand.X
    assert forward.z[1].tolist() == hand.Z1
    assert forward.a[1].tolist() == hand.A1
    assert forward.prediction.tolist() == hand.PREDICTION
    assert all(isinstance(entry, Fraction) for z in forward.a.values() for entry in z.flat)


@pytest.mark.parametrize("loss", FACTOR)
def test_gradients_are_exact_in_both_conventions(network, loss):
    backward = network.backward(network.forward(hand.X), hand.Y, loss)
    factor = FACTOR[loss]
    assert backward.loss == {"half_sse": hand.HALF_SSE, "sse": hand.SSE}[loss]
    for received, expected in (
        (backward.deltas[2], hand.DELTA2),
        (backward.deltas[1], hand.DELTA1),
        (backward.gradients[1].weights, hand.GRADIENT_W1),
        (backward.gradients[2].weights, hand.GRADIENT_W2),
        (backward.gradients[1].biases, [[entry] for entry in hand.GRADIENT_B1]),
        (backward.gradients[2].biases, [[entry] for entry in hand.GRADIENT_B2]),
    ):
        assert received.tolist() == (factor * exact(expected)).tolist()
        assert all(isinstance(entry, Fraction) for entry in received.flat)


@pytest.mark.parametrize("loss", FACTOR)
def test_backward_table_with_symbolic_learning_rate(network, loss):
    stepped = network.step(network.backward(network.forward(hand.X), hand.Y, loss).gradients, ETA)
    e = FACTOR[loss] * ETA
    assert (stepped[1].weights == [[1, 2], [0, -1], [-1 - 4 * e, -3 + 2 * e],
                                   [-2 + 2 * e, 2 - 2 * e]]).all()  # fmt: skip
    assert (stepped[1].biases == [[-2], [2], [-2 * e], [-2 - 2 * e]]).all()
    assert (stepped[2].weights == [[1, 5 * e, -1 + 2 * e, 2 - 2 * e]]).all()
    assert (stepped[2].biases == [[-2 + e]]).all()


@pytest.mark.parametrize("rate", [Fraction(1, 100), Fraction(1, 10), Fraction(2, 5), Fraction(3)])
def test_loss_of_the_symbolic_step_is_that_of_the_numeric_step(network, rate):
    gradients = network.backward(network.forward(hand.X), hand.Y, "half_sse").gradients
    symbolic = network.step(gradients, ETA).loss(hand.X, hand.Y, "half_sse")
    numeric = network.step(gradients, rate).loss(hand.X, hand.Y, "half_sse")
    assert symbolic.subs(ETA, sympy.Rational(rate)) == sympy.Rational(numeric)


def test_float_network_equals_exact_network(network):
    floats = network.map(lambda array: array.astype(np.float64))
    x, y = np.array(hand.X, float), np.array(hand.Y, float)
    backward = floats.backward(floats.forward(x), y, "half_sse")
    assert backward.loss == 2.5
    assert backward.gradients[1].weights.dtype == np.float64
    # All numbers are small integers or halves, so floats are exact too.
    assert backward.gradients[1].weights.tolist() == hand.GRADIENT_W1
    assert backward.gradients[2].weights.tolist() == hand.GRADIENT_W2


def test_a_step_returns_a_new_network_and_leaves_the_old_one(network):
    before = network[1].weights.copy()
    gradients = network.backward(network.forward(hand.X), hand.Y, "sse").gradients
    stepped = network.step(gradients, Fraction(1, 10))
    assert (network[1].weights == before).all()
    assert (stepped[1].weights != before).any()
    with pytest.raises(ValueError, match="read-only"):
        network[1].weights[0, 0] = 7


def test_layer_does_not_share_memory_with_what_it_was_made_from():
    weights = np.ones((2, 2))
    layer = Layer(weights, [0.0, 0.0], "relu")
    weights[0, 0] = 5
    assert layer.weights[0, 0] == 1


def test_sigmoid_network_on_symbols_gives_the_chain_rule():
    w, b, x, y = sympy.symbols("w b x y", real=True)
    network = Network((Layer([[w]], [b], "sigmoid"),))
    backward = network.backward(network.forward([[x]]), [[y]], "half_sse")
    prediction = 1 / (1 + sympy.exp(-(w * x + b)))
    loss = (prediction - y) ** 2 / 2
    assert sympy.simplify(backward.gradients[1].weights[0, 0] - loss.diff(w)) == 0
    assert sympy.simplify(backward.gradients[1].biases[0, 0] - loss.diff(b)) == 0


def test_softmax_jacobian_product_meets_cross_entropy_as_prediction_minus_target():
    network = Network((Layer(np.eye(3), np.zeros(3), "softmax"),))
    x, y = np.array([[0.3, 1.0], [-0.2, 2.0], [0.9, -1.0]]), np.eye(3)[:, :2]
    forward = network.forward(x)
    backward = network.backward(forward, y, "categorical_cross_entropy")
    np.testing.assert_allclose(backward.deltas[1], (forward.prediction - y) / 2, atol=1e-15)


def test_logits_of_a_thousand_give_a_finite_loss_and_gradient():
    network = Network((Layer([[1000.0], [-1000.0]], [0.0, 0.0], "identity"),))
    backward = network.backward(
        network.forward([[1.0]]), [[0.0], [1.0]], "categorical_cross_entropy_on_logits"
    )
    assert backward.loss == 2000
    assert backward.gradients[1].weights.tolist() == [[1.0], [-1.0]]


def test_numbers_that_are_not_numbers_stay_visible():
    network = Network((Layer([[math.nan]], [0.0], "relu"),))
    assert math.isnan(network.forward([[1.0]]).prediction[0, 0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Layer([1.0, 2.0], [0.0], "relu"),
            r"expected weights of shape \(units, inputs\).*received \(2,\)",
        ),
        (
            lambda: Layer([[1.0, 2.0]], [0.0, 1.0], "relu"),
            r"biases of shape \(units, 1\), received \(1, 2\) and \(2,\)",
        ),
        (lambda: Layer([[1.0, 2.0], [1.0]], [0.0], "relu"), "rows have equal lengths"),
        (
            lambda: Network((Layer(np.ones((4, 2)), np.ones(4), "relu"),
                             Layer(np.ones((1, 3)), [0], "identity"))),
            "layer 2: expected a part that takes 4 inputs.*received Dense with 3 inputs",
        ),
        (lambda: Network(()), "at least one layer"),
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_named(make, message):
    with pytest.raises(ShapeError, match=message):
        make()


def test_batches_that_do_not_fit_are_named(network):
    with pytest.raises(ShapeError, match=r"Dense: expected inputs of shape \(2, examples\).*3, 2"):
        network.forward(np.ones((3, 2)))
    with pytest.raises(ShapeError, match=r"received \(2,\)"):
        network.forward([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"half_sse: .* received \(1, 2\) and \(1, 3\)"):
        network.backward(network.forward(hand.X), np.ones((1, 3)), "half_sse")
    with pytest.raises(ShapeError, match="one shape"):
        network.loss(np.ones((2, 0)), np.ones((1, 0)), "mse")


def test_unknown_names_and_layers_are_named(network):
    with pytest.raises(SpecError, match="did you mean 'relu'"):
        Layer([[1.0]], [0.0], "rellu")
    with pytest.raises(SpecError, match="did you mean 'half_sse'"):
        network.loss(hand.X, hand.Y, "halfsse")
    with pytest.raises(IndexError, match="from 1 to 2, received 0"):
        network[0]
