r"""Check gradients against two independent ways of differentiating.

Central differences need nothing but values of the loss. The complex step (Squire & Trapp 1998)
takes :math:`f'(w) \approx \operatorname{Im} f(w + ih) / h`, which subtracts no nearly equal
numbers: `h` can be so small that its error vanishes in rounding.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from nnbook.errors import GradientError
from nnbook.theory.arrays import Array
from nnbook.theory.losses import Loss
from nnbook.theory.network import Network
from nnbook.theory.parts import Dense, Training

Method = Literal["complex step", "central differences"]

TOLERANCES: dict[Method, float] = {"complex step": 1e-12, "central differences": 1e-7}

RESOLUTIONS: dict[Method, float] = {"complex step": 1e-3, "central differences": 1e-2}
"""How small a layer's gradient may be, beside the largest of all, to be compared at its own size.

Times the tolerance this is several times the rounding error of the method. That of central
differences is relative to the loss, and about the same in all layers. That of the complex step is
relative to the contributions to a derivative, which may cancel."""

SYMBOLS = {"weights": "W", "biases": "b"}


class Parameter(NamedTuple):
    """The address of one number of a network: layer (from 1), array, (row, column) (from 0).

    A normalization belongs to the layer whose sums come before it; that of the inputs to layer 0.
    """

    layer: int
    kind: str
    entry: tuple[int, ...]

    def __str__(self) -> str:
        """Return, for example, W^2[0, 1]."""
        return f"{SYMBOLS.get(self.kind, self.kind)}^{self.layer}{list(self.entry)}"


@dataclass(frozen=True)
class GradientReport:
    r"""What a comparison of a gradient with a reference found.

    The relative error of parameter `j` is :math:`|g_j - r_j| / \max(m_l, \rho\, m)`. Here
    :math:`m_l` is the largest entry of both in the layer of `j`, :math:`m` that in the whole
    network, and :math:`\rho` the resolution of the reference: a derivative that is tiny beside
    the others of its layer is not resolved, nor is a layer that is tiny beside the others. An
    entry that is not finite has an infinite error. If all entries of both are zero, the error is 0.

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
    layers : tuple of int
        The layers (from 1) with an error above the tolerance. The mistake is most likely in the
        last of them, or in the step that carries the error signal to it: an error signal that is
        wrong in one layer is wrong in all layers before it.
    """

    method: str
    relative_error: float
    tolerance: float
    worst: Parameter
    received: float
    expected: float
    layers: tuple[int, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the largest relative error is within the tolerance."""
        return self.relative_error <= self.tolerance

    def __str__(self) -> str:
        """Return the finding in a few short lines."""
        verdict = "agrees" if self.passed else "does not agree"
        lines = [
            f"the gradient {verdict} with {self.method}",
            f"worst at {self.worst}: expected {self.expected:.10g}, received {self.received:.10g}",
            f"relative error {self.relative_error:.2g}, tolerance {self.tolerance:g}",
        ]
        if self.layers:
            lines.append(f"layers that disagree: {', '.join(map(str, self.layers))}")
        if len(self.layers) > 1:
            lines[-1] += f"; look at layer {self.layers[-1]} first"
        return "\n  ".join(lines)


def central_differences(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: str | Loss,
    h: float = float(np.cbrt(np.finfo(float).eps)),
    *,
    training: bool = False,
) -> Network:
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
    training : bool
        Whether the loss is that of training: with the statistics of the batch, and with the masks
        of dropout that ``numpy.random.default_rng(0)`` draws.

    Returns
    -------
    Network
        Each derivative in the place of its parameter.
    """
    at = _loss_at(network, x, y, loss, training)
    w = network.flat().astype(np.float64)
    derivatives = [(at(w + h * e) - at(w - h * e)) / (2 * h) for e in _directions(w)]
    return network.filled(derivatives)


def complex_step(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: str | Loss,
    h: float = 1e-20,
    *,
    training: bool = False,
) -> Network:
    r"""Differentiate by :math:`\operatorname{Im} L(w + ih) / h`, for each parameter `w` in turn.

    Parameters and result are those of `central_differences`. The error is of order :math:`h^2`
    relative, without cancellation (Squire & Trapp 1998).
    """
    at = _loss_at(network, x, y, loss, training)
    w = network.flat().astype(np.complex128)
    derivatives = [at(w + 1j * h * e).imag / h for e in _directions(w)]
    return network.filled(derivatives)


def addresses(network: Network) -> Iterator[Parameter]:
    """Yield the address of each parameter, in the order of `Network.flat`."""
    layer = 0
    for part in network.simple():
        layer += isinstance(part, Dense)
        for name in part.parameters:
            for entry in np.ndindex(getattr(part, name).shape):
                yield Parameter(layer, name, entry)


def shifted(network: Network, parameter: Parameter, amount: complex) -> Network:
    """Return the network with `amount` added to one parameter."""
    chosen = np.array([address == parameter for address in addresses(network)])
    return network.filled(network.flat() + amount * chosen)


def compare_gradients(
    gradients: Network,
    reference: Network,
    tolerance: float,
    method: str = "the reference",
    resolution: float = RESOLUTIONS["complex step"],
) -> GradientReport:
    """Compare two gradients, entry by entry.

    Parameters
    ----------
    gradients, reference : Network
        Each derivative in the place of its parameter.
    tolerance : float
        The largest relative error (see `GradientReport`) that passes.
    method : str
        A name for the reference, for the report.
    resolution : float
        The size, relative to the largest entry of all, below which the entries of a layer are not
        compared at the size of that layer (see `GradientReport`).

    Returns
    -------
    GradientReport

    Raises
    ------
    ShapeError
        If an array of `gradients` has another shape than in `reference`.
    """
    gradients = reference.map(lambda _, g: g, gradients)  # refuses other shapes
    received, expected = (g.flat().astype(np.float64) for g in (gradients, reference))
    finite = np.isfinite(received) & np.isfinite(expected)
    g, r = np.where(finite, received, 0), np.where(finite, expected, 0)
    parameters = list(addresses(reference))
    layer = np.array([parameter.layer for parameter in parameters])
    sizes = np.maximum(np.abs(g), np.abs(r))
    of_layers = {number: sizes[layer == number].max() for number in set(layer.tolist())}
    scales = np.maximum([of_layers[number] for number in layer], resolution * sizes.max())
    errors = np.where(finite, np.abs(g - r) / np.where(scales > 0, scales, 1), np.inf)
    worst = int(np.argmax(errors))
    return GradientReport(
        method=method,
        relative_error=float(errors[worst]),
        tolerance=tolerance,
        worst=parameters[worst],
        received=float(received[worst]),
        expected=float(expected[worst]),
        layers=tuple(sorted(set(layer[errors > tolerance].tolist()))),
    )


def check_gradients(
    network: Network,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    loss: str | Loss,
    *,
    gradients: Network | None = None,
    method: Method = "complex step",
    training: bool = False,
) -> GradientReport:
    """Check gradients of a loss, and raise if they are wrong.

    Parameters
    ----------
    network, x, y, loss, training
        As in `central_differences`.
    gradients : Network, optional
        What to check; by default the network's own backward pass.
    method : {"complex step", "central differences"}
        What to check against, with a tolerance of 1e-12 or 1e-7.

    Returns
    -------
    GradientReport

    Raises
    ------
    GradientError
        If the gradients do not agree; the message names the worst parameter and the layer in which
        to look for the mistake.
    ShapeError
        If an array of `gradients` has another shape than its parameter.
    """
    if gradients is None:
        gradients = network.backward(network.forward(x, _mode(training)), y, loss).gradients
    differentiate = complex_step if method == "complex step" else central_differences
    reference = differentiate(network, x, y, loss, training=training)
    report = compare_gradients(
        gradients, reference, TOLERANCES[method], method, RESOLUTIONS[method]
    )
    if not report.passed:
        raise GradientError(str(report))
    return report


def _loss_at(
    network: Network, x: npt.ArrayLike, y: npt.ArrayLike, loss: str | Loss, training: bool
) -> Callable[[Array], Any]:
    """Return the loss as a function of the vector of all parameters."""
    x, y = _floats(x), _floats(y)
    return lambda w: network.filled(w).loss(x, y, loss, _mode(training))


def _mode(training: bool) -> Training:
    """Return the mode of a forward pass; each pass in training draws the same masks."""
    return np.random.default_rng(0) if training else False


def _directions(w: Array) -> Iterator[Array]:
    """Yield the unit vector of each parameter."""
    for number in range(len(w)):
        direction = np.zeros(len(w))
        direction[number] = 1
        yield direction


def _floats(values: npt.ArrayLike) -> Array:
    """Return exact entries as float64, anything else (class indices, say) as it is."""
    array = np.asarray(values)
    return array.astype(np.float64) if array.dtype == object else array
