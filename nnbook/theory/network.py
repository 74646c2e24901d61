r"""A multi-layer perceptron that keeps every number of its forward and backward pass.

Layers are numbered :math:`l = 1, \dots, L`, and the records are dictionaries with these numbers
as keys: ``forward.z[l]`` is :math:`z^l`. A batch has one example per column.
"""

# ruff: noqa: E741 - l is the number of a layer, as in the equations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from nnbook.errors import ShapeError
from nnbook.theory.activations import Activation, get_activation
from nnbook.theory.arrays import Array, as_numbers
from nnbook.theory.losses import Loss, get_loss


@dataclass(frozen=True, eq=False)
class Layer:
    """Weights (n_l, n_{l-1}), one row per unit; biases (n_l,) or (n_l, 1); an activation.

    Lists of integers become floats; arrays from `nnbook.theory.arrays.exact` stay exact.
    """

    weights: Array
    biases: Array
    activation: Activation

    def __post_init__(self) -> None:
        """Bring what was given (lists, a name) into its standard form, and make it read-only."""
        weights, biases = as_numbers(self.weights).copy(), as_numbers(self.biases).copy()
        if weights.ndim != 2 or biases.shape not in ((len(weights),), (len(weights), 1)):
            raise ShapeError(
                "a layer: expected weights of shape (units, inputs) and biases of shape (units, 1)"
                f", received {weights.shape} and {biases.shape}"
            )
        biases = biases.reshape(-1, 1)
        weights.flags.writeable = biases.flags.writeable = False
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "biases", biases)
        object.__setattr__(self, "activation", get_activation(self.activation))


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """Pre-activations z[l] for l = 1..L and activations a[l] for l = 0..L, each (n_l, B)."""

    z: dict[int, Array]
    a: dict[int, Array]

    @property
    def prediction(self) -> Array:
        """The output a^L of the last layer, of shape (n_L, B)."""
        return self.a[max(self.a)]


@dataclass(frozen=True, eq=False)
class Gradients:
    """The derivatives of a loss: weights[l] (n_l, n_{l-1}) and biases[l] (n_l, 1), l = 1..L."""

    weights: dict[int, Array]
    biases: dict[int, Array]


@dataclass(frozen=True, eq=False)
class BackwardPass:
    """The loss, deltas[l] = dL/dz^l of shape (n_l, B), and the gradients."""

    loss: Any
    deltas: dict[int, Array]
    gradients: Gradients


@dataclass(frozen=True, eq=False)
class Network:
    """Layers, first hidden layer first. Methods return new objects and change nothing."""

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        """Check that every layer takes what the one before it gives."""
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise ShapeError("a network: expected at least one layer, received none")
        for l in range(2, len(self.layers) + 1):
            units, inputs = self[l - 1].weights.shape[0], self[l].weights.shape[1]
            if units != inputs:
                raise ShapeError(
                    f"layer {l}: expected weights of shape ({len(self[l].weights)}, {units}), one "
                    f"column per unit of layer {l - 1}, received {self[l].weights.shape}"
                )

    def __getitem__(self, l: int) -> Layer:
        """Return layer l, counted from 1."""
        if not 1 <= l <= len(self.layers):
            raise IndexError(f"expected a layer from 1 to {len(self.layers)}, received {l}")
        return self.layers[l - 1]

    def forward(self, x: npt.ArrayLike) -> ForwardPass:
        """Compute z^l = W^l a^{l-1} + b^l and a^l = f(z^l) for a batch x of shape (n_0, B)."""
        z, a = {}, {0: as_numbers(x)}
        inputs = self[1].weights.shape[1]
        if a[0].ndim != 2 or len(a[0]) != inputs:
            raise ShapeError(
                f"layer 1: expected inputs of shape ({inputs}, examples), received {a[0].shape}"
            )
        for l, layer in enumerate(self.layers, start=1):
            z[l] = layer.weights @ a[l - 1] + layer.biases
            a[l] = layer.activation(z[l])
        return ForwardPass(z, a)

    def backward(
        self,
        forward: ForwardPass,
        y: npt.ArrayLike,
        loss: str | Loss,
    ) -> BackwardPass:
        """Send the gradient of the loss back to layer 1 (Rumelhart et al. 1986)."""
        loss, z, a = get_loss(loss), forward.z, forward.a
        deltas, weights, biases = {}, {}, {}
        gradient = loss.gradient(forward.prediction, y)
        for l in range(len(self.layers), 0, -1):
            deltas[l] = self[l].activation.pull_back(z[l], gradient)
            weights[l] = deltas[l] @ a[l - 1].T
            biases[l] = deltas[l].sum(axis=1, keepdims=True)
            gradient = self[l].weights.T @ deltas[l]
        gradients = Gradients(weights, biases)
        return BackwardPass(loss(forward.prediction, y), deltas, gradients)

    def loss(self, x: npt.ArrayLike, y: npt.ArrayLike, loss: str | Loss) -> Any:
        """Return the loss of the batch x with targets y of shape (n_L, B)."""
        return get_loss(loss)(self.forward(x).prediction, y)

    def step(self, gradients: Gradients, learning_rate: Any) -> "Network":
        """Return the network after one step: W^l - eta dL/dW^l, b^l - eta dL/db^l."""
        return Network(
            tuple(
                Layer(
                    layer.weights - learning_rate * gradients.weights[l],
                    layer.biases - learning_rate * gradients.biases[l],
                    layer.activation,
                )
                for l, layer in enumerate(self.layers, start=1)
            )
        )

    def map(self, function: Callable[[Array], Array]) -> "Network":
        """Return the network with `function` applied to each array of weights and of biases."""
        return Network(
            tuple(
                Layer(function(layer.weights), function(layer.biases), layer.activation)
                for layer in self.layers
            )
        )
