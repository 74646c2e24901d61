import numpy as np
import pytest

from nnbook.training.datasets import eckerle4, eckerle4_scaling, load_split
from nnbook.training.eckerle4 import (
    CERTIFIED,
    STARTING_VALUES,
    GaussianFit,
    certified_fit,
    certified_test_loss,
    fit_gaussian,
    fit_training_set,
    gaussian,
    gaussian_jacobian,
    log_relative_error,
)


@pytest.fixture(params=STARTING_VALUES, ids=["far", "near"])
def computed(request: pytest.FixtureRequest) -> GaussianFit:
    return certified_fit(request.param)


def test_nists_certified_values_are_reproduced(computed: GaussianFit) -> None:
    assert log_relative_error(computed.parameters, CERTIFIED.parameters).min() >= 8
    assert (
        log_relative_error(computed.standard_deviations, CERTIFIED.standard_deviations).min() >= 8
    )
    rss = log_relative_error(computed.residual_sum_of_squares, CERTIFIED.residual_sum_of_squares)
    assert rss >= 8


def test_the_certified_residual_sum_of_squares_is_that_of_the_certified_parameters() -> None:
    transmittance, wavelength = eckerle4().T
    residuals = transmittance - CERTIFIED.predict(wavelength)
    assert residuals @ residuals == pytest.approx(CERTIFIED.residual_sum_of_squares, rel=1e-9)


def test_the_jacobian_agrees_with_the_complex_step() -> None:
    x = np.linspace(430, 470, 9)
    parameters = CERTIFIED.parameters
    for column in range(3):
        step = np.zeros(3, dtype=complex)
        step[column] = 1e-30j
        derivative = gaussian(x, *(parameters + step)).imag / 1e-30
        np.testing.assert_allclose(
            gaussian_jacobian(x, *parameters)[:, column], derivative, rtol=1e-11
        )


def test_log_relative_error_counts_digits() -> None:
    assert log_relative_error(1.001, 1.0) == pytest.approx(3)
    assert log_relative_error(-2.0, -2.0) == 11


def test_the_fit_of_scaled_data_is_the_fit_of_the_data() -> None:
    # Scaled transmittance is (y - low) / (high - low), and low is not zero: the same curve up to
    # an offset of 3e-5 of its height, which the three parameters cannot follow exactly.
    transmittance, wavelength = eckerle4().T
    x_scale, y_scale = eckerle4_scaling()
    scaled = fit_gaussian(
        x_scale.scale(wavelength), y_scale.scale(transmittance), (0.04, 0.04, 0.5)
    )
    height = scaled.parameters[0] / scaled.parameters[1]
    assert x_scale.unscale(scaled.parameters[2]) == pytest.approx(451.541, abs=1e-3)
    assert scaled.parameters[1] * 100 == pytest.approx(CERTIFIED.parameters[1], rel=1e-3)
    assert y_scale.unscale(height) == pytest.approx(
        CERTIFIED.parameters[0] / CERTIFIED.parameters[1], rel=1e-3
    )


def test_a_training_set_is_fitted_from_any_start_alike_and_tested_on_the_rest() -> None:
    split = load_split(split=3)
    fitted = fit_training_set(split)
    x, y = split.training_x[:, 0], split.training_y[:, 0]
    other = fit_gaussian(x, y, (0.05, 0.06, 0.48))
    np.testing.assert_allclose(fitted.parameters, other.parameters, rtol=1e-6)
    expected = np.mean((split.test_y[:, 0] - other.predict(split.test_x[:, 0])) ** 2)
    assert certified_test_loss(split) == pytest.approx(expected, rel=1e-6)
