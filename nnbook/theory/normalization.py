r"""Batch normalization (Ioffe & Szegedy 2015), forward and backward.

A batch has one example per column, so that the statistics of a unit are those of its row. Complex
numbers pass through, for the complex step of `nnbook.theory.gradient_check`.
"""

# ruff: noqa: E741 - l is the number of a layer, as in the equations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnbook.errors import ShapeError
from nnbook.theory.arrays import Array, as_numbers
from nnbook.theory.losses import Loss, get_loss
from nnbook.theory.network import Layer, Network

EPSILON = 1e-3
"""Keras' default; it keeps the deviation of a constant unit away from zero."""


@dataclass(frozen=True, eq=False)
class Normalized:
    """The numbers of a forward pass: mean and deviation (n, 1), z_hat and output (n, B)."""

    mean: Array
    deviation: Array
    z_hat: Array
    output: Array


@dataclass(frozen=True, eq=False)
class NormalizationGradients:
    """Derivatives of a loss with respect to z (n, B), gamma (n, 1) and beta (n, 1)."""

    z: Array
    gamma: Array
    beta: Array


@dataclass(frozen=True, eq=False)
class BatchNormalization:
    """Scale gamma and shift beta, each of shape (n, 1) or (n,); epsilon, in the unit of z squared.

    Raises
    ------
    ShapeError
        If gamma and beta differ in shape, or the rows of a batch are not as many as they.
    """

    gamma: Array
    beta: Array
    epsilon: float = EPSILON

    def __post_init__(self) -> None:
        """Bring gamma and beta into columns."""
        gamma = as_numbers(self.gamma).reshape(-1, 1)
        beta = as_numbers(self.beta).reshape(-1, 1)
        if gamma.shape != beta.shape:
            raise ShapeError(
                f"batch normalization: expected gamma and beta of one shape, received "
                f"{gamma.shape} and {beta.shape}"
            )
        object.__setattr__(self, "gamma", gamma)
        object.__setattr__(self, "beta", beta)

    @classmethod
    def initial(cls, units: int, epsilon: float = EPSILON) -> "BatchNormalization":
        """Return the layer before training: gamma is 1, beta 0."""
        return cls(np.ones((units, 1)), np.zeros((units, 1)), epsilon)

    def forward(self, z: npt.ArrayLike) -> Normalized:
        """Normalize a batch z of shape (n, B) with its own mean and variance, unit by unit."""
        z = self._checked(z)
        mean = z.mean(axis=1, keepdims=True)
        variance = ((z - mean) ** 2).mean(axis=1, keepdims=True)
        deviation = np.sqrt(variance + self.epsilon)
        z_hat = (z - mean) / deviation
        return Normalized(mean, deviation, z_hat, self.gamma * z_hat + self.beta)

    def backward(self, normalized: Normalized, gradient: npt.ArrayLike) -> NormalizationGradients:
        """Turn the gradient with respect to the output, (n, B), into those of z, gamma, beta."""
        g, z_hat = as_numbers(gradient), normalized.z_hat
        along = (g * z_hat).mean(axis=1, keepdims=True)
        projected = g - g.mean(axis=1, keepdims=True) - along * z_hat
        return NormalizationGradients(
            z=self.gamma / normalized.deviation * projected,
            gamma=(g * z_hat).sum(axis=1, keepdims=True),
            beta=g.sum(axis=1, keepdims=True),
        )

    def predict(self, z: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Array:
        """Normalize z of shape (n, B) with given statistics (n, 1), as after training."""
        scale = self.gamma / np.sqrt(as_numbers(variance).reshape(-1, 1) + self.epsilon)
        return np.asarray(scale * (self._checked(z) - as_numbers(mean).reshape(-1, 1)) + self.beta)

    def _checked(self, z: npt.ArrayLike) -> Array:
        batch = as_numbers(z)
        if batch.ndim != 2 or len(batch) != len(self.gamma):
            raise ShapeError(
                f"batch normalization: expected a batch of shape ({len(self.gamma)}, examples), "
                f"received {batch.shape}"
            )
        return batch


@dataclass(frozen=True, eq=False)
class NormalizedNetwork:
    """A network whose hidden layers normalize their pre-activations, if `norms` has an entry."""

    network: Network
    norms: dict[int, BatchNormalization]

    @classmethod
    def initial(cls, network: Network, epsilon: float = EPSILON) -> "NormalizedNetwork":
        """Return `network` with batch normalization before the activation of each hidden layer."""
        hidden = range(1, len(network.layers))
        return cls(
            network,
            {l: BatchNormalization.initial(len(network[l].weights), epsilon) for l in hidden},
        )

    def gradient(
        self, x: npt.ArrayLike, y: npt.ArrayLike, loss: str | Loss
    ) -> tuple[float, "NormalizedNetwork"]:
        """Return the loss of a batch, and its derivatives arranged as a network of this shape."""
        loss, network = get_loss(loss), self.network
        a, z, normalized = {0: as_numbers(x)}, {}, {}
        for l, layer in enumerate(network.layers, start=1):
            z[l] = layer.weights @ a[l - 1] + layer.biases
            if l in self.norms:
                normalized[l] = self.norms[l].forward(z[l])
                z[l] = normalized[l].output
            a[l] = layer.activation(z[l])
        layers, norms = {}, {}
        g = loss.gradient(a[len(network.layers)], y)
        for l in range(len(network.layers), 0, -1):
            delta = network[l].activation.pull_back(z[l], g)
            if l in self.norms:
                derivatives = self.norms[l].backward(normalized[l], delta)
                delta = derivatives.z
                norms[l] = BatchNormalization(derivatives.gamma, derivatives.beta)
            biases = delta.sum(axis=1, keepdims=True)
            layers[l] = Layer(delta @ a[l - 1].T, biases, network[l].activation)
            g = network[l].weights.T @ delta
        gradients = NormalizedNetwork(Network(tuple(layers[l] for l in sorted(layers))), norms)
        return float(loss(a[len(network.layers)], y)), gradients

    def step(self, gradient: "NormalizedNetwork", learning_rate: float) -> "NormalizedNetwork":
        """Return the network after a step of gradient descent, gamma and beta included."""
        pairs = zip(self.network.layers, gradient.network.layers, strict=True)
        return NormalizedNetwork(
            Network(
                tuple(
                    Layer(
                        layer.weights - learning_rate * change.weights,
                        layer.biases - learning_rate * change.biases,
                        layer.activation,
                    )
                    for layer, change in pairs
                )
            ),
            {
                l: BatchNormalization(
                    norm.gamma - learning_rate * gradient.norms[l].gamma,
                    norm.beta - learning_rate * gradient.norms[l].beta,
                    norm.epsilon,
                )
                for l, norm in self.norms.items()
            },
        )

    def flat(self) -> Array:
        """Return all parameters, or all derivatives, as one array of shape (parameters,)."""
        parts = [p.ravel() for layer in self.network.layers for p in (layer.weights, layer.biases)]
        parts += [p.ravel() for norm in self.norms.values() for p in (norm.gamma, norm.beta)]
        return np.concatenate(parts)
