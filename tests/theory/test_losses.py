import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
import sympy

from nnbook.errors import DataError, ShapeError, SpecError
from nnbook.theory import losses
from nnbook.theory.activations import sigmoid, softmax
from nnbook.theory.arrays import exact
from nnbook.theory.losses import LOSSES, one_hot
from tests.theory.cases import random_batch

ON_PROBABILITIES = (
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "negative_log_likelihood",
)
ON_LOGITS = ("binary_cross_entropy_on_logits", "categorical_cross_entropy_on_logits")


def predictions_for(loss, size=5):
    z = np.random.default_rng(1).normal(size=(3, size))
    return softmax(z) if loss in ON_PROBABILITIES else z


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_agrees_with_the_complex_step(name):
    loss, p = LOSSES[name], predictions_for(name)
    y = random_batch(3, 3, p.shape[1], name, seed=0)[1]
    gradient = loss.gradient(p, y)
    assert gradient.shape == p.shape
    for index in np.ndindex(p.shape):
        shifted = p.astype(complex)
        shifted[index] += 1e-20j
        assert loss(shifted, y).imag / 1e-20 == pytest.approx(gradient[index], rel=1e-12, abs=1e-15)


def test_what_is_summed_and_what_is_averaged():
    p, y = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]), np.zeros((2, 3))
    squares = 1 + 4 + 9
    assert losses.sse(p, y) == squares
    assert losses.half_sse(p, y) == squares / 2
    assert losses.mse(p, y) == squares / 6
    assert losses.mae(p, y) == (1 + 2 + 3) / 6
    half = np.full((2, 3), 0.5)
    assert losses.binary_cross_entropy(half, y) == pytest.approx(math.log(2))
    assert losses.categorical_cross_entropy(half, one_hot([0, 1, 1], 2)) == pytest.approx(
        math.log(2)
    )


def test_repeating_a_batch_doubles_sums_and_keeps_means():
    for name, loss in LOSSES.items():
        p = predictions_for(name)
        y = random_batch(3, 3, p.shape[1], name, seed=0)[1]
        doubled = loss(np.hstack([p, p]), np.hstack([y, y]))
        factor = 2 if name in ("sse", "half_sse") else 1
        assert doubled == pytest.approx(factor * loss(p, y)), name


@pytest.mark.parametrize(
    ("name", "activation"),
    [("binary_cross_entropy", sigmoid), ("categorical_cross_entropy", softmax)],
)
def test_losses_on_logits_agree_with_those_on_probabilities(name, activation):
    z = predictions_for("sse")
    y = random_batch(3, 3, z.shape[1], name, seed=0)[1]
    on_logits = LOSSES[f"{name}_on_logits"]
    assert on_logits(z, y) == pytest.approx(LOSSES[name](activation(z), y), rel=1e-14)
    np.testing.assert_allclose(
        on_logits.gradient(z, y),
        activation.pull_back(z, LOSSES[name].gradient(activation(z), y)),
        atol=1e-16,
    )


def test_negative_log_likelihood_is_cross_entropy_with_indices():
    p, classes = predictions_for("negative_log_likelihood"), np.array([0, 2, 1, 1, 0])
    y = one_hot(classes, 3)
    assert losses.negative_log_likelihood(p, classes) == losses.categorical_cross_entropy(p, y)
    assert (
        losses.negative_log_likelihood.gradient(p, classes)
        == losses.categorical_cross_entropy.gradient(p, y)
    ).all()


@pytest.mark.parametrize("name", ON_LOGITS)
def test_stable_at_logits_of_a_thousand(name):
    z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        right, wrong = np.eye(2), 1 - np.eye(2)
        assert LOSSES[name](z, right) == 0
        # Each example is wrong by a margin: 1000 per output, or 2000 between the two classes.
        assert LOSSES[name](z, wrong) == (1000 if name.startswith("binary") else 2000)
        assert np.abs(LOSSES[name].gradient(z, right)).max() == 0
        expected = (np.eye(2) - wrong) / (4 if name.startswith("binary") else 2)
        assert LOSSES[name].gradient(z, wrong).tolist() == expected.tolist()


def test_loss_of_a_confident_right_logit_is_not_rounded_to_zero():
    value = losses.binary_cross_entropy_on_logits([[50.0]], [[1.0]])
    assert value == pytest.approx(math.exp(-50), rel=1e-12, abs=0)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "categorical_cross_entropy"])
def test_probabilities_of_exactly_zero_and_one(name):
    loss, right = LOSSES[name], np.eye(2)
    assert loss(right, right) == 0
    assert np.isfinite(loss.gradient(right, right)).all()
    assert loss(1 - right, right) == math.inf
    assert loss.gradient(1 - right, right)[0, 0] == -math.inf


def test_saturated_probability_gives_nan_where_the_logit_gives_the_gradient():
    z, y = np.array([[-1000.0]]), np.array([[1.0]])
    with np.errstate(invalid="ignore"):
        through_probability = sigmoid.pull_back(z, losses.binary_cross_entropy.gradient([[0.0]], y))
    assert math.isnan(through_probability[0, 0])
    assert losses.binary_cross_entropy_on_logits.gradient(z, y)[0, 0] == -1


def test_absolute_error_at_its_kink():
    assert losses.mae.gradient([[1.0, 2.0, 0.0]], [[1.0, 1.0, 1.0]]).tolist() == [
        [0, 1 / 3, -1 / 3]
    ]


def test_exact_numbers_stay_exact():
    p, y = exact([["1/3", 2]]), exact([[1, 1]])
    assert losses.mse(p, y) == Fraction(13, 18)
    assert losses.mae(p, y) == Fraction(5, 6)
    assert losses.mae.gradient(p, y).tolist() == [[Fraction(-1, 2), Fraction(1, 2)]]
    assert losses.half_sse.gradient(p, y).tolist() == [[Fraction(-2, 3), 1]]
    likelihood = losses.negative_log_likelihood(exact([["1/3"], ["2/3"]]), [1])
    assert likelihood == -sympy.log(sympy.Rational(2, 3))
    on_logits = losses.categorical_cross_entropy_on_logits(exact([[0], [0]]), exact([[1], [0]]))
    assert on_logits == sympy.log(2)
    symbol = sympy.Symbol("p", positive=True)
    gradient = losses.binary_cross_entropy.gradient([[symbol]], exact([[1]]))
    assert gradient[0, 0] == -1 / symbol


def test_bad_input_is_named():
    with pytest.raises(ShapeError, match=r"mse: .*received \(1, 2\) and \(2, 1\)"):
        losses.mse(np.ones((1, 2)), np.ones((2, 1)))
    with pytest.raises(ShapeError, match="one shape"):
        losses.sse([1.0], [1.0])
    with pytest.raises(
        DataError, match=r"from -3 to 2; for logits use binary_cross_entropy_on_log"
    ):
        losses.binary_cross_entropy([[-3.0, 2.0]], [[1.0, 0.0]])
    with pytest.raises(DataError, match="from 0 to 2, received"):
        losses.negative_log_likelihood(np.full((3, 1), 1 / 3), [3])
    with pytest.raises(DataError, match="class indices"):
        one_hot([0.5], 2)
    with pytest.raises(ShapeError, match=r"\(examples,\), received \(1, 1\)"):
        one_hot([[0]], 2)
    with pytest.raises(SpecError, match="did you mean 'mse'"):
        losses.get_loss("mes")
