import ast
from pathlib import Path

import pytest
import sympy

from nnbook.errors import DerivationError
from nnbook.theory import symbolic
from nnbook.theory.symbolic import PREDICTION, SIGMA, Derivation, Maximum, Y, Z

DERIVATIONS = (
    symbolic.sigmoid_derivative,
    symbolic.tanh_derivative,
    symbolic.softplus_derivative,
    symbolic.linear_half_sse,
    symbolic.sigmoid_binary_cross_entropy,
    symbolic.softmax_categorical_cross_entropy,
    symbolic.sigmoid_half_sse,
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


def test_maxima_and_where_they_are():
    sigmoid, tanh = symbolic.sigmoid_derivative_maximum(), symbolic.tanh_derivative_maximum()
    assert (sigmoid.value, sigmoid.where) == (sympy.Rational(1, 4), (0,))
    assert (tanh.value, tanh.where) == (1, (0,))


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
