r"""The certified model of Eckerle4, fitted here, to compare networks with.

NIST's Statistical Reference Datasets give for the 35 observations the model

.. math:: y = \frac{b_1}{b_2} \exp\left(-\frac{(x - b_3)^2}{2 b_2^2}\right)

with the least-squares solution to 11 significant digits. Source: NIST, Statistical Reference
Datasets, Nonlinear Regression, Eckerle4 (Eckerle, K., NIST, 1970s, Circular Interference
Transmittance Study), https://www.itl.nist.gov/div898/strd/nls/data/eckerle4.shtml
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.training.datasets import Split, eckerle4, eckerle4_scaling

Floats = NDArray[np.float64]

STARTING_VALUES = ((1.0, 10.0, 500.0), (1.5, 5.0, 450.0))
"""NIST's two starting points (b1, b2, b3): far from the solution, and near it."""


@dataclass(frozen=True)
class GaussianFit:
    """A least-squares fit of the certified model.

    Attributes
    ----------
    parameters : array of shape (3,)
        b1, b2 and b3. For wavelengths in nanometers b2 and b3 are in nanometers, and b1 is in
        nanometers too, since y is dimensionless; for scaled data all are dimensionless.
    standard_deviations : array of shape (3,)
        Of the parameters, in the same units.
    residual_sum_of_squares : float
        In the unit of y squared.
    """

    parameters: Floats
    standard_deviations: Floats
    residual_sum_of_squares: float

    def predict(self, x: ArrayLike) -> Floats:
        """Return the fitted curve at `x` (any shape, in the unit of the fit)."""
        return gaussian(np.asarray(x, dtype=float), *self.parameters)


CERTIFIED = GaussianFit(
    parameters=np.array([1.5543827178, 4.0888321754, 451.54121844]),
    standard_deviations=np.array([1.5408051163e-2, 4.6803020753e-2, 4.6800518816e-2]),
    residual_sum_of_squares=1.4635887487e-3,
)
"""NIST's certified solution for all 35 observations, 32 degrees of freedom."""


def gaussian(x: Floats, b1: float, b2: float, b3: float) -> Floats:
    """Return the model at `x` (any shape); b1 / b2 is the height, b2 the width, b3 the place."""
    y: Floats = b1 / b2 * np.exp(-(((x - b3) / b2) ** 2) / 2)
    return y


def gaussian_jacobian(x: Floats, b1: float, b2: float, b3: float) -> Floats:
    """Return the derivatives of the model with respect to b1, b2, b3: shape (n, 3) for x (n,)."""
    y, t = gaussian(x, b1, b2, b3), (x - b3) / b2
    return np.column_stack([y / b1, y * (t**2 - 1) / b2, y * t / b2])


def fit_gaussian(x: Floats, y: Floats, start: Sequence[float]) -> GaussianFit:
    """Fit the model by least squares (Levenberg-Marquardt; Moré 1978), from `start`.

    Parameters
    ----------
    x, y : array of shape (n,)
        n > 3 observations, in any units.
    start : sequence of three floats
        Initial b1, b2, b3 in these units.
    """
    from scipy.optimize import curve_fit

    f, jac = gaussian, gaussian_jacobian
    parameters, covariance = curve_fit(
        f, x, y, p0=start, jac=jac, ftol=1e-15, xtol=1e-15, gtol=1e-15, maxfev=10_000
    )
    residuals = y - gaussian(x, *parameters)
    return GaussianFit(parameters, np.sqrt(np.diag(covariance)), float(residuals @ residuals))


def certified_fit(start: Sequence[float] = STARTING_VALUES[0]) -> GaussianFit:
    """Return the fit of all 35 observations in NIST's units, from one of NIST's starting values."""
    transmittance, wavelength = eckerle4().T
    return fit_gaussian(wavelength, transmittance, start)


def fit_training_set(split: Split) -> GaussianFit:
    """Return the fit of a training set in scaled units, as a network of that split sees it.

    It starts from the certified solution of all 35 observations, in scaled units; from there the
    least-squares solution of any part of the data with points on the peak is a few steps away.
    """
    wavelength, transmittance = eckerle4_scaling()
    b1, b2, b3 = CERTIFIED.parameters
    width = b2 / (wavelength.high - wavelength.low)
    height = b1 / b2 / (transmittance.high - transmittance.low)
    start = (height * width, width, float(wavelength.scale(np.array(b3))))
    return fit_gaussian(split.training_x[:, 0], split.training_y[:, 0], start)


def certified_test_loss(split: Split) -> float:
    """Return the mean squared error on the test set of the model fitted on the training set.

    Dimensionless, in the same scaled units as a network's ``test_loss``.
    """
    residuals = split.test_y[:, 0] - fit_training_set(split).predict(split.test_x[:, 0])
    return float(np.mean(residuals**2))


def log_relative_error(computed: ArrayLike, certified: ArrayLike) -> Floats:
    """Return how many significant digits of `computed` agree with `certified`, element by element.

    The base-10 logarithm of the relative error, negated (McCullough 1998), at most 11: as many
    digits as NIST certifies.

    Examples
    --------
    >>> log_relative_error([3.14159, 2.0], [3.1415926535, 2.0]).round(1)
    array([ 6.1, 11. ])
    """
    certified = np.asarray(certified, dtype=float)
    with np.errstate(divide="ignore"):
        digits = -np.log10(np.abs(np.asarray(computed, dtype=float) - certified) / abs(certified))
    agreed: Floats = np.minimum(digits, 11.0)
    return agreed
