import ast
from pathlib import Path

import numpy as np
import pytest
import sympy
from sympy import Rational

from nnbook.errors import DerivationError
from nnbook.theory import symbolic
from nnbook.theory.network import Layer, Network
from nnbook.theory.symbolic import PREDICTION, SIGMA, Derivation, Maximum, Y, Z

DERIVATIONS = (
    symbolic.sigmoid_derivative,
    symbolic.tanh_derivative,
    symbolic.softplus_derivative,
    symbolic.linear_half_sse,
    symbolic.sigmoid_binary_cross_entropy,
    symbolic.softmax_categorical_cross_entropy,
    symbolic.sigmoid_half_sse,
    symbolic.chain_of_neurons,
)


def test_the_oracle_knows_nothing_of_what_it_checks():
    tree = ast.parse(Path(symbolic.__file__).read_text())
    imported = {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not {name for name in imported if name.startswith("nnbook.theory")}


def test_results_are_the_textbook_formulas():
    assert symbolic.sigmoid_derivative().result == SIGMA(Z) * (1 - SIGMA(Z))
    assert symbolic.tanh_derivative().result == 1 - sympy.tanh(Z) ** 2
    assert symbolic.softplus_derivative().result == SIGMA(Z)
    assert symbolic.linear_half_sse().result == PREDICTION - Y
    assert symbolic.sigmoid_binary_cross_entropy().result == PREDICTION - Y
    assert symbolic.sigmoid_half_sse().result == (PREDICTION - Y) * PREDICTION * (1 - PREDICTION)


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_softmax_pair_gives_prediction_minus_target_for_every_class(classes):
    steps = symbolic.softmax_categorical_cross_entropy(classes).steps[-classes:]
    z = [sympy.Symbol(f"z_{k}", real=True) for k in range(1, classes + 1)]
    assert [left.variables for left, _ in steps] == [(z_k,) for z_k in z]
    for k, (_, right) in enumerate(steps, start=1):
        assert right == sympy.Symbol(rf"\hat{{y}}_{k}", positive=True) - sympy.Symbol(
            f"y_{k}", real=True
        )


def test_the_maximum_and_where_it_is():
    sigmoid = symbolic.sigmoid_derivative_maximum()
    assert (sigmoid.value, sigmoid.where) == (sympy.Rational(1, 4), (0,))


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_derivations_render_and_false_ones_are_refused(derive):
    derivation = derive()
    assert derivation._repr_latex_().count("&=") == len(derivation.steps)
    left, right = derivation.steps[-1]
    with pytest.raises(DerivationError, match="step 1 does not hold"):
        Derivation(derivation.claim, ((left, 2 * right),), derivation.definitions)


def test_false_maxima_are_refused():
    with pytest.raises(DerivationError, match="does not hold"):
        Maximum(sympy.Rational(1, 2), SIGMA(Z) * (1 - SIGMA(Z)), sympy.Rational(1, 2) - SIGMA(Z))
    with pytest.raises(DerivationError, match="not real"):
        Maximum(sympy.S.Zero, Z**2, sympy.I * Z)


@pytest.mark.parametrize("neurons", [1, 3, 4])
def test_the_chain_has_one_slope_for_each_neuron_and_one_weight_for_each_link(neurons):
    factors = symbolic.chain_of_neurons(neurons).result.as_ordered_factors()
    weights = [factor for factor in factors if factor.is_Symbol]
    slopes = [factor for factor in factors if factor.is_Derivative]
    assert {str(weight) for weight in weights} == {f"w_{n}" for n in range(2, neurons + 1)}
    assert {str(slope) for slope in slopes} == {
        *(f"Derivative(f(z_{n}), z_{n})" for n in range(1, neurons + 1)),
        f"Derivative(C(a_{neurons}), a_{neurons})",
    }


def test_a_chain_without_one_of_its_factors_is_refused():
    chain = symbolic.chain_of_neurons()
    (left, right), weight = chain.steps[-1], sympy.Symbol("w_2", real=True)
    with pytest.raises(DerivationError, match="step 1 does not hold"):
        Derivation(chain.claim, ((left, right / weight),), chain.definitions)


def test_the_chain_agrees_with_backpropagation():
    weights, biases = (0.7, -1.3, 2.1), (0.2, -0.4, 0.5)
    layers = [
        Layer([[weight]], [bias], "sigmoid") for weight, bias in zip(weights, biases, strict=True)
    ]
    network = Network(tuple(layers))
    x, y = np.array([[0.9]]), np.array([[0.3]])
    forward = network.forward(x)
    gradients = network.backward(forward, y, "half_sse").gradients
    values = {"a_3": forward.a[3].item()}
    values |= {f"z_{n}": forward.z[n].item() for n in (1, 2, 3)}
    values |= {f"w_{n}": weight for n, weight in enumerate(weights, start=1)}
    for number, (_, right) in zip((3, 2, 1), symbolic.chain_of_neurons().steps, strict=True):
        written_out = (
            right.replace(sympy.Function("f"), symbolic.sigmoid)
            .replace(sympy.Function("C"), lambda a: (a - Rational(3, 10)) ** 2 / 2)
            .doit()
        )
        symbols = {symbol: values[symbol.name] for symbol in written_out.free_symbols}
        assert float(written_out.subs(symbols)) == pytest.approx(gradients[number].biases.item())
