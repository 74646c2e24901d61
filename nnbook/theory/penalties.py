r"""Penalized least squares: what L2 and L1 penalties do to a model that is linear in its weights.

The model is :math:`\hat y = w\,\Phi`, with one weight per feature. Features are arrays of shape
(d, B), one example per column; weights and targets are rows. The loss is the sum of squared errors,
without the factor 1/2, as in `nnbook.theory.losses.sse`.
"""

import numpy as np
import numpy.typing as npt

from nnbook.errors import DataError, ShapeError
from nnbook.theory.arrays import Array, as_numbers


def ridge(features: npt.ArrayLike, y: npt.ArrayLike, alpha: float) -> Array:
    r"""Minimize :math:`\sum (w\,\Phi - y)^2 + \alpha \sum w^2` (Hoerl & Kennard 1970).

    .. math:: w = y\,\Phi^\top (\Phi\,\Phi^\top + \alpha I)^{-1}

    Parameters
    ----------
    features : array of shape (d, B)
        :math:`\Phi`, one example per column.
    y : array of shape (1, B)
        Targets.
    alpha : float
        Weight of the penalty, above 0.

    Returns
    -------
    array of shape (1, d)

    Raises
    ------
    ShapeError
        If features and targets do not belong together.
    DataError
        If `alpha` is not above 0.

    Examples
    --------
    >>> float(ridge([[1.0, 2.0]], [[1.0, 1.0]], alpha=5.0)[0, 0])
    0.3
    """
    phi, target = _checked(features, y, alpha)
    # The matrix is symmetric, so that the row w solves (Phi Phi^T + alpha I) w^T = Phi y^T.
    matrix = phi @ phi.T + alpha * np.eye(len(phi))
    return np.asarray(np.linalg.solve(matrix, phi @ target.T).T)


def soft_threshold(values: npt.ArrayLike, threshold: float) -> Array:
    r"""Return :math:`\operatorname{sign}(v)\,\max(0, |v| - \theta)`: shrink by `threshold`, to 0.

    It minimizes :math:`\frac12 (u - v)^2 + \theta\,|u|` over `u`, entry by entry.

    Examples
    --------
    >>> soft_threshold([3.0, -0.5, -2.0], 1.0)
    array([ 2., -0., -1.])
    """
    v = as_numbers(values)
    return np.asarray(np.sign(v) * np.maximum(0, np.abs(v) - threshold))


def lasso(features: npt.ArrayLike, y: npt.ArrayLike, alpha: float, steps: int = 1000) -> Array:
    r"""Minimize :math:`\sum (w\,\Phi - y)^2 + \alpha \sum |w|` (Tibshirani 1996).

    Each step is a gradient step on the squared error, followed by the soft threshold, from
    :math:`w = 0` (iterative soft thresholding, Daubechies, Defrise & De Mol 2004):

    .. math:: w \leftarrow S\bigl(w - 2\eta\,(w\,\Phi - y)\,\Phi^\top,\; \eta\,\alpha\bigr)

    with :math:`\eta = 1 / (2 h_{\max})`, where :math:`h_{\max}` is the largest
    eigenvalue of :math:`\Phi\,\Phi^\top`.

    Parameters
    ----------
    features : array of shape (d, B)
        :math:`\Phi`, one example per column.
    y : array of shape (1, B)
        Targets.
    alpha : float
        Weight of the penalty, above 0.
    steps : int
        How many steps to take.

    Returns
    -------
    array of shape (1, d)

    Raises
    ------
    ShapeError
        If features and targets do not belong together.
    DataError
        If `alpha` is not above 0.
    """
    phi, target = _checked(features, y, alpha)
    rate = 1 / (2 * np.linalg.eigvalsh(phi @ phi.T)[-1])
    w = np.zeros((1, len(phi)))
    for _ in range(steps):
        w = soft_threshold(w - 2 * rate * (w @ phi - target) @ phi.T, rate * alpha)
    return w


def bumps(x: npt.ArrayLike, centers: npt.ArrayLike, width: float) -> Array:
    r"""Return a bump :math:`\exp\bigl(-\tfrac12 ((x - c_i) / s)^2\bigr)` at each center.

    Parameters
    ----------
    x : array_like of shape (B,)
        Inputs, dimensionless.
    centers : array_like of shape (d,)
        Where the bumps are, in the unit of `x`.
    width : float
        Their width `s`, in the unit of `x`.

    Returns
    -------
    array of shape (d, B)
    """
    distance = as_numbers(x).reshape(1, -1) - as_numbers(centers).reshape(-1, 1)
    return np.asarray(np.exp(-((distance / width) ** 2) / 2))


def _checked(features: npt.ArrayLike, y: npt.ArrayLike, alpha: float) -> tuple[Array, Array]:
    phi, target = as_numbers(features), as_numbers(y)
    if phi.ndim != 2 or target.shape != (1, phi.shape[1]):
        raise ShapeError(
            f"penalized least squares: expected features of shape (features, examples) and targets "
            f"of shape (1, examples), received {phi.shape} and {target.shape}"
        )
    if not alpha > 0:
        raise DataError(f"weight of the penalty: expected above 0, received {alpha}")
    return phi, target
