r"""Check gradients against two independent ways of differentiating.

Central differences need nothing but values of the loss. The complex step (Squire & Trapp 1998)
takes :math:`f'(w) \approx \operatorname{Im} f(w + ih) / h`, which subtracts no nearly equal
numbers: `h` can be so small that its error vanishes in rounding.
"""

# ruff: noqa: E741 - l is the number of a layer, as in the equations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from nnbook.errors import GradientError, ShapeError
from nnbook.theory.arrays import Array
from nnbook.theory.losses import Loss
from nnbook.theory.network import Gradients, Network

Method = Literal["complex step", "central differences"]

TOLERANCES: dict[Method, float] = {"complex step": 1e-12, "central differences": 1e-7}


class Parameter(NamedTuple):
    """The address of one number of a network: layer (from 1), array, (row, column) (from 0)."""

    layer: int
    kind: Literal["weights", "biases"]
    entry: tuple[int, int]

    def __str__(self) -> str:
        """Return, for example, W^2[0, 1]."""
        letter = {"weights": "W", "biases": "b"}[self.kind]
        return f"{letter}^{self.layer}[{self.entry[0]}, {self.entry[1]}]"


@dataclass(frozen=True)
class GradientReport:
    r"""What a comparison of a gradient with a reference found.

    The relative error of parameter `j` is :math:`|g_j - r_j| / \max_k \max(|g_k|, |r_k|)`, where
    `k` runs over all parameters of the network: the scale is that of the whole gradient, because
    differences cannot resolve a derivative that is tiny beside it. An entry that is not finite has
    an infinite error. If all entries of both are zero, the error is 0.

    Attributes
    ----------
    method : str
        How the reference was computed.
    relative_error : float
        The largest relative error, dimensionless.
    tolerance : float
        What would have been accepted.
    worst : Parameter
        Where the largest error is (indices from 0).
    received, expected : float
        The gradient and the reference there.
    """

    method: str
    relative_error: float
    tolerance: float
    worst: Parameter
    received: float
    expected: float

    @property
    def passed(self) -> bool:
        """Whether the largest relative error is within the tolerance."""
        return self.relative_error <= self.tolerance

    def __str__(self) -> str:
        """Return the finding in three short lines."""
        verdict = "agrees" if self.passed else "does not agree"
        return (
            f"the gradient {verdict} with {self.method}\n"
            f"  worst at {self.worst}: expected {self.expected:.10g}, "
            f"received {self.received:.10g}\n"
            f"  relative error {self.relative_error:.2g}, tolerance {self.tolerance:g}"
        )


def central_differences(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: str | Loss,
    h: float = float(np.cbrt(np.finfo(float).eps)),
) -> Gradients:
    r"""Differentiate by :math:`[L(w + h) - L(w - h)] / 2h`, for each parameter `w` in turn.

    Parameters
    ----------
    network : Network
        With entries that can be converted to float64.
    x : array of shape (n_0, B)
        Inputs.
    y : array of shape (n_L, B)
        Targets.
    loss : str or Loss
        The loss.
    h : float
        The step, dimensionless. The default, the cube root of the machine epsilon, balances the
        truncation error, of order :math:`h^2`, and the rounding error, of order 1/h.

    Returns
    -------
    Gradients
        Of the shapes of the parameters.
    """
    base = network.map(lambda array: array.astype(np.float64))
    x, y = _floats(x), _floats(y)

    def derivative(parameter: Parameter) -> float:
        above = shifted(base, parameter, h).loss(x, y, loss)
        below = shifted(base, parameter, -h).loss(x, y, loss)
        return float((above - below) / (2 * h))

    return _fill(base, derivative)


def complex_step(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: str | Loss,
    h: float = 1e-20,
) -> Gradients:
    r"""Differentiate by :math:`\operatorname{Im} L(w + ih) / h`, for each parameter `w` in turn.

    Parameters and result are those of `central_differences`. The error is of order :math:`h^2`
    relative, without cancellation (Squire & Trapp 1998).
    """
    base = network.map(lambda array: array.astype(np.complex128))
    x, y = _floats(x), _floats(y)

    def derivative(parameter: Parameter) -> float:
        value: Any = shifted(base, parameter, 1j * h).loss(x, y, loss)
        return float(value.imag / h)

    return _fill(base, derivative)


def shifted(network: Network, parameter: Parameter, amount: complex) -> Network:
    """Return the network with `amount` added to one parameter."""
    layer = network[parameter.layer]
    values = getattr(layer, parameter.kind).copy()
    values[parameter.entry] += amount
    layers = list(network.layers)
    layers[parameter.layer - 1] = replace(layer, **{parameter.kind: values})
    return Network(tuple(layers))


def compare(
    gradients: Gradients, reference: Gradients, tolerance: float, method: str = "the reference"
) -> GradientReport:
    """Compare two gradients, entry by entry.

    Parameters
    ----------
    gradients, reference : Gradients
        Of one network.
    tolerance : float
        The largest relative error (see `GradientReport`) that passes.
    method : str
        A name for the reference, for the report.

    Returns
    -------
    GradientReport

    Raises
    ------
    ShapeError
        If an array of `gradients` has another shape than in `reference`.
    """
    _check_shapes(gradients, reference)
    received, expected = _flat(gradients), _flat(reference)
    finite = np.isfinite(received) & np.isfinite(expected)
    g, r = np.where(finite, received, 0), np.where(finite, expected, 0)
    scale = np.max(np.maximum(np.abs(g), np.abs(r)))
    errors = np.where(finite, np.abs(g - r) / (scale if scale > 0 else 1), np.inf)
    worst = int(np.argmax(errors))
    return GradientReport(
        method=method,
        relative_error=float(errors[worst]),
        tolerance=tolerance,
        worst=list(_parameters(reference))[worst],
        received=float(received[worst]),
        expected=float(expected[worst]),
    )


def check_gradients(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: str | Loss,
    *,
    gradients: Gradients | None = None,
    method: Method = "complex step",
) -> GradientReport:
    """Check gradients of a loss, and raise if they are wrong.

    Parameters
    ----------
    network, x, y, loss
        As in `central_differences`.
    gradients : Gradients, optional
        What to check; by default the network's own backward pass.
    method : {"complex step", "central differences"}
        What to check against, with a tolerance of 1e-12 or 1e-7.

    Returns
    -------
    GradientReport

    Raises
    ------
    GradientError
        If the gradients do not agree; the message names the worst parameter.
    ShapeError
        If an array of `gradients` has another shape than its parameter.
    """
    if gradients is None:
        gradients = network.backward(network.forward(x), y, loss).gradients
    differentiate = complex_step if method == "complex step" else central_differences
    reference = differentiate(network, x, y, loss)
    report = compare(gradients, reference, TOLERANCES[method], method)
    if not report.passed:
        raise GradientError(str(report))
    return report


def _floats(values: npt.ArrayLike) -> Array:
    """Return exact entries as float64, anything else (class indices, say) as it is."""
    array = np.asarray(values)
    return array.astype(np.float64) if array.dtype == object else array


def _fill(network: Network, derivative: Callable[[Parameter], float]) -> Gradients:
    """Return the gradients whose entries are the derivatives with respect to each parameter."""
    weights = {l: np.empty(layer.weights.shape) for l, layer in enumerate(network.layers, 1)}
    biases = {l: np.empty(layer.biases.shape) for l, layer in enumerate(network.layers, 1)}
    gradients = Gradients(weights, biases)
    for parameter in _parameters(gradients):
        getattr(gradients, parameter.kind)[parameter.layer][parameter.entry] = derivative(parameter)
    return gradients


def _parameters(gradients: Gradients) -> Iterator[Parameter]:
    for l in sorted(gradients.weights):
        for row, column in np.ndindex(gradients.weights[l].shape):
            yield Parameter(l, "weights", (row, column))
        for row, column in np.ndindex(gradients.biases[l].shape):
            yield Parameter(l, "biases", (row, column))


def _flat(gradients: Gradients) -> Array:
    """Return all entries as float64, in the order of `_parameters`."""
    arrays = [array for l in sorted(gradients.weights) for array in _pair(gradients, l)]
    return np.concatenate([array.astype(np.float64).ravel() for array in arrays])


def _pair(gradients: Gradients, l: int) -> tuple[Array, Array]:
    return gradients.weights[l], gradients.biases[l]


def _check_shapes(gradients: Gradients, reference: Gradients) -> None:
    for l in reference.weights:
        for kind in ("weights", "biases"):
            expected, received = (
                getattr(reference, kind)[l].shape,
                getattr(gradients, kind)[l].shape,
            )
            if received != expected:
                raise ShapeError(
                    f"layer {l}: expected a gradient of the {kind} of shape {expected}, "
                    f"received {received}"
                )
