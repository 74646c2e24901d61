"""Penalized least squares against its conditions for a minimum and its closed forms."""

import numpy as np
import pytest

from nnbook.errors import DataError, ShapeError
from nnbook.theory.penalties import bumps, lasso, ridge, soft_threshold


@pytest.fixture
def problem(rng):
    return rng.normal(size=(6, 20)), rng.normal(size=(1, 20))


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_ridge_has_gradient_zero_at_its_minimum(problem):
    phi, y = problem
    w = ridge(phi, y, 0.7)
    gradient = 2 * (w @ phi - y) @ phi.T + 2 * 0.7 * w
    np.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_ridge_multiplies_each_direction_by_its_factor(problem):
    phi, y = problem
    eigenvalues, directions = np.linalg.eigh(phi @ phi.T)
    plain = np.linalg.lstsq(phi.T, y.T, rcond=None)[0].T
    shrunk = ridge(phi, y, 3.0) @ directions
    np.testing.assert_allclose(shrunk, eigenvalues / (eigenvalues + 3) * (plain @ directions))


def test_lasso_meets_the_conditions_for_a_minimum(problem):
    phi, y = problem
    alpha = 9.0
    w = lasso(phi, y, alpha, steps=5000)
    gradient = 2 * (w @ phi - y) @ phi.T
    zero = w == 0
    assert 0 < zero.sum() < w.size
    np.testing.assert_allclose(gradient[~zero], -alpha * np.sign(w[~zero]), atol=1e-8)
    assert (abs(gradient[zero]) < alpha).all()


def test_lasso_of_orthogonal_features_is_one_soft_threshold():
    y = np.array([[3.0, 0.2, -1.0]])
    np.testing.assert_allclose(lasso(np.eye(3), y, 1.0, steps=5), [[2.5, 0.0, -0.5]])


def test_soft_threshold_minimizes_what_it_says():
    grid = np.linspace(-4, 4, 80_001)
    for v in (-2.0, -0.3, 0.0, 0.9, 3.1):
        best = grid[np.argmin((grid - v) ** 2 / 2 + 0.8 * abs(grid))]
        assert soft_threshold(v, 0.8) == pytest.approx(best, abs=1e-4)


def test_bumps_are_one_at_their_center_and_fall_as_a_normal_density():
    features = bumps([0.0, 0.1], [0.0, 0.5], 0.1)
    assert features.shape == (2, 2)
    assert features[0] == pytest.approx([1, np.exp(-0.5)])


def test_what_does_not_fit_is_refused(problem):
    phi, y = problem
    with pytest.raises(ShapeError, match=r"received \(6, 20\) and \(20,\)"):
        ridge(phi, y.ravel(), 1.0)
    with pytest.raises(DataError, match="above 0, received 0"):
        lasso(phi, y, 0.0)
