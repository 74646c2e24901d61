import warnings
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from nnbook.theory import symbolic
from nnbook.theory.activations import (
    ACTIVATIONS,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    softplus,
    step,
    tanh,
)
from nnbook.theory.arrays import exact

ANALYTIC = ("identity", "sigmoid", "tanh", "softplus")
POINTS = np.array([-30.0, -3.0, -0.5, 0.0, 1e-3, 0.7, 4.0, 25.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_stable_at_a_thousand(name):
    activation = ACTIVATIONS[name]
    z = np.array([[-1000.0, 1000.0, 0.0], [1000.0, -1000.0, 0.0]])
    with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
        warnings.simplefilter("error")
        a = activation(z)
        derivative = activation.derivative(z)
        pulled = activation.pull_back(z, np.ones_like(z))
    assert np.isfinite(a).all()
    assert np.isfinite(derivative).all()
    assert pulled.shape == z.shape


@pytest.mark.parametrize("name", ANALYTIC)
@pytest.mark.parametrize("z", POINTS)
def test_derivative_agrees_with_the_complex_step(name, z):
    activation = ACTIVATIONS[name]
    value = activation(np.array([z + 1e-20j]))
    expected = activation.derivative([z])[0]
    assert value[0].real == pytest.approx(activation([z])[0], rel=1e-15)
    assert value[0].imag / 1e-20 == pytest.approx(expected, rel=1e-13, abs=0)


@pytest.mark.parametrize("activation", [relu, leaky_relu])
def test_kinks_work_with_the_complex_step_away_from_the_kink(activation):
    z = np.array([-2.0, 3.0])
    assert (activation(z + 1e-20j).imag / 1e-20).tolist() == activation.derivative(z).tolist()


def test_values_and_derivatives_at_the_kink():
    assert (relu(0.0), relu.derivative(0.0)) == (0, 0)
    assert leaky_relu.derivative(0.0) == 0.01
    assert step([-1e-300, 0.0, 1.0]).tolist() == [0, 1, 1]
    assert step.derivative([-1.0, 0.0, 1.0]).tolist() == [0, 0, 0]


@given(st.floats(-700, 700))
def test_identities(z):
    assert sigmoid(z) + sigmoid(-z) == pytest.approx(1, abs=1e-15)
    assert 0 <= sigmoid.derivative(z) <= 0.25
    assert tanh(z / 2) == pytest.approx(2 * sigmoid(z) - 1, abs=1e-15)
    assert softplus(z) - softplus(-z) == pytest.approx(z, rel=1e-14, abs=1e-14)
    assert relu(z) - relu(-z) == z


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=6), st.floats(-500, 500))
def test_softmax_is_a_distribution_and_ignores_a_common_shift(z, shift):
    a = softmax(np.array(z)[:, None])
    assert a.sum() == pytest.approx(1, rel=1e-14, abs=0)
    np.testing.assert_allclose(softmax(np.array(z)[:, None] + shift), a, rtol=1e-10, atol=1e-300)


def test_derivatives_keep_their_relative_precision_in_saturation():
    # sigma(40) is rounded to 1, so sigma (1 - sigma) would be 0.
    assert sigmoid.derivative(40.0) == pytest.approx(np.exp(-40.0), rel=1e-14, abs=0)
    assert tanh.derivative(20.0) == pytest.approx(4 * np.exp(-40.0), rel=1e-14, abs=0)


def test_softmax_pull_back_is_the_product_with_its_jacobian():
    z, g = np.random.default_rng(0).normal(size=(2, 4, 5))
    jacobian = softmax.derivative(z)
    assert jacobian.shape == (4, 4, 5)
    np.testing.assert_allclose(
        softmax.pull_back(z, g), np.einsum("ijb,ib->jb", jacobian, g), atol=1e-16
    )
    for j in range(4):
        shifted = z.astype(complex)
        shifted[j] += 1e-20j
        np.testing.assert_allclose(softmax(shifted).imag / 1e-20, jacobian[:, j], rtol=1e-12)


@pytest.mark.parametrize("name", ["identity", "step", "relu", "leaky_relu"])
def test_fractions_stay_fractions(name):
    z = exact([["-1/3", 0, "5/7"]])
    activation = ACTIVATIONS[name]
    for result in (activation(z), activation.derivative(z), activation.pull_back(z, z)):
        assert all(isinstance(entry, Fraction) for entry in result.flat)
    assert activation(exact(["5/7"]))[0] == {"step": 1}.get(name, Fraction(5, 7))
    if name == "leaky_relu":
        assert activation(exact(["-1/3"]))[0] == Fraction(-1, 300)


def test_exponential_of_fractions_is_exact():
    third = sympy.Rational(1, 3)
    assert sigmoid(exact(["1/3"]))[0] == 1 / (1 + sympy.exp(-third))
    assert tanh(exact(["1/3"]))[0] == sympy.tanh(third)
    assert softplus(exact(["1/3"]))[0] == sympy.log(1 + sympy.exp(third))
    assert softmax(exact([["1/3"], [0]]))[1, 0] == 1 / (1 + sympy.exp(third))


@pytest.mark.parametrize(
    ("name", "derivation"),
    [
        ("sigmoid", symbolic.sigmoid_derivative),
        ("tanh", symbolic.tanh_derivative),
        ("softplus", symbolic.softplus_derivative),
    ],
)
def test_derivatives_agree_with_the_derivations(name, derivation):
    activation, z = ACTIVATIONS[name], symbolic.Z
    expected = derivation().result.replace(symbolic.SIGMA, symbolic.sigmoid)
    received = activation.derivative(np.array([z], dtype=object))[0]
    assert sympy.simplify(received - expected) == 0
    for point in POINTS:
        value = float(expected.subs(z, sympy.Rational(point)).evalf(30))
        assert activation.derivative(point) == pytest.approx(value, rel=1e-13, abs=0)


def test_relu_of_a_symbol_is_decided_by_its_sign():
    unknown, positive = sympy.Symbol("z", real=True), sympy.Symbol("p", positive=True)
    value, slope = relu([unknown])[0], relu.derivative([unknown])[0]
    assert value == sympy.Piecewise((0, unknown <= 0), (unknown, True))
    assert [value.subs(unknown, v) for v in (-2, 0, 3)] == [0, 0, 3]
    assert [slope.subs(unknown, v) for v in (-2, 0, 3)] == [0, 0, 1]
    assert relu([positive])[0] == positive
    assert relu([-positive])[0] == 0
    assert step([unknown])[0].subs(unknown, 0) == 1


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_slope_is_above_the_steepest_and_one_reaches_it(name):
    activation = ACTIVATIONS[name]
    z = np.linspace(-40, 40, 16001)
    if name == "softmax":  # of a unit, against one other
        slopes = activation.derivative(np.array([z, 0 * z]))[0, 0]
    else:
        slopes = np.abs(activation.derivative(z))
    assert slopes.max() == pytest.approx(float(activation.steepest), abs=1e-9)
