"""A step of training in plain NumPy, and the matrix products that no such step can do without."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.training.spec import RunSpec

Floats = NDArray[np.floating[Any]]

INPUTS, CLASSES = 784, 10

ACTIVATIONS: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(np.float32)),
}
"""Each activation and its derivative, the latter as a function of the activation."""


def initial_weights(spec: RunSpec, random: np.random.Generator) -> list[Floats]:
    """Return one matrix for each layer, shape (inputs, units), uniform as Glorot & Bengio's."""
    return [
        random.uniform(-1, 1, shape).astype(np.float32) * math.sqrt(6 / sum(shape))
        for shape in pairwise([INPUTS, *spec.hidden_layers, CLASSES])
    ]


class NumpyNetwork:
    """A classifier trained by SGD, plain or with Nesterov momentum.

    It knows the settings of a `RunSpec` that the benchmark uses, and no others.
    """

    def __init__(self, spec: RunSpec, random: np.random.Generator) -> None:
        self.spec = spec
        self.random = random
        self.weights = initial_weights(spec, random)
        self.biases = [np.zeros(weights.shape[1], np.float32) for weights in self.weights]
        self.velocities = {
            id(values): np.zeros_like(values) for values in [*self.weights, *self.biases]
        }
        self.l2, self.bias_l2, self.momentum = map(spec.setting, ("l2", "bias_l2", "momentum"))
        self.activate, self.derivative = ACTIVATIONS[spec.activation]

    def step(self, x: Floats, y: NDArray[np.int32]) -> float:
        """Change the weights by one step; return the mean loss before it, without penalty."""
        last = len(self.weights) - 1
        inputs, activations, masks, z = self._forward(x)
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        examples = np.arange(len(y))
        loss = -np.log(p[examples, y]).mean()
        delta = p
        delta[examples, y] -= 1
        delta /= len(y)
        for n in range(last, -1, -1):
            weights, biases = self.weights[n], self.biases[n]
            if masks[n] is not None:
                delta *= masks[n]
            if n < last:
                delta *= self.derivative(activations[n])
            gradient = inputs[n].T @ delta
            bias_gradient = delta.sum(axis=0)
            if n > 0:
                delta = delta @ weights.T
            self._update(weights, gradient, self.l2)
            self._update(biases, bias_gradient, self.bias_l2)
        return float(loss)

    def _forward(self, x: Floats) -> tuple[list[Floats], list[Floats], list[Any], Floats]:
        """Return inputs, activations and dropout mask of each layer, and the network's output."""
        inputs, activations, masks = [], [], []
        last = len(self.weights) - 1
        for n, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            inputs.append(x)
            z = x @ weights + biases
            x = self.activate(z) if n < last else z
            activations.append(x)
            masks.append(self._mask(x.shape, self._rate(n)))
            if masks[n] is not None:
                x = x * masks[n]
        return inputs, activations, masks, x

    def _rate(self, layer: int) -> float:
        if layer == len(self.weights) - 1:
            return self.spec.output_dropout
        return self.spec.dropout if layer + 1 >= self.spec.dropout_from else 0.0

    def _mask(self, shape: tuple[int, ...], rate: float) -> Any:
        if not rate:
            return None
        kept = self.random.random(shape, np.float32) >= rate
        return kept * np.float32(1 / (1 - rate))

    def _update(self, values: Floats, gradient: Floats, l2: float) -> None:
        spec = self.spec
        if l2:
            gradient = gradient + 2 * l2 * values
        if not self.momentum:
            values -= spec.learning_rate * gradient
            return
        velocity = self.velocities[id(values)]
        velocity *= self.momentum
        velocity -= spec.learning_rate * gradient
        values += self.momentum * velocity - spec.learning_rate * gradient


class MatrixProducts:
    """The products of a step alone: what its time cannot go below with this BLAS.

    Forward, gradient of the weights, and gradient of the inputs (except those of the first layer).
    """

    def __init__(self, spec: RunSpec, random: np.random.Generator) -> None:
        examples = spec.batch_size
        self.weights = initial_weights(spec, random)
        units = [weights.shape[1] for weights in self.weights]
        self.outputs = [np.zeros((examples, n), np.float32) for n in units]
        self.deltas = [random.standard_normal((examples, n), np.float32) for n in units]
        self.gradients = [np.zeros_like(weights) for weights in self.weights]

    def step(self, x: Floats) -> None:
        inputs = [x, *self.outputs[:-1]]
        for n, weights in enumerate(self.weights):
            np.matmul(inputs[n], weights, out=self.outputs[n])
        for n in reversed(range(len(self.weights))):
            np.matmul(inputs[n].T, self.deltas[n], out=self.gradients[n])
            if n > 0:
                np.matmul(self.deltas[n], self.weights[n].T, out=self.deltas[n - 1])
