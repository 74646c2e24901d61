"""Random networks and batches that the tests of gradients share."""

from collections.abc import Sequence

import numpy as np

from nnbook.theory.arrays import Array
from nnbook.theory.losses import one_hot
from nnbook.theory.network import Layer, Network

HIDDEN = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "identity", "softmax")

# Every output activation with every loss that makes sense for it.
PAIRS = (
    ("identity", "sse"),
    ("identity", "half_sse"),
    ("identity", "mse"),
    ("identity", "mae"),
    ("identity", "binary_cross_entropy_on_logits"),
    ("identity", "categorical_cross_entropy_on_logits"),
    ("relu", "mse"),
    ("leaky_relu", "mse"),
    ("softplus", "mae"),
    ("tanh", "half_sse"),
    ("sigmoid", "half_sse"),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "sse"),
    ("softmax", "categorical_cross_entropy"),
    ("softmax", "negative_log_likelihood"),
)
BATCHES = (1, 2, 7, 64)


def random_network(widths: Sequence[int], hidden: str, output: str, seed: int) -> Network:
    """Return a network with normal weights of variance 1 / inputs and small normal biases."""
    random = np.random.default_rng(seed)
    activations = [hidden] * (len(widths) - 2) + [output]
    return Network(
        tuple(
            Layer(
                random.normal(size=(units, inputs)) / np.sqrt(inputs),
                0.3 * random.normal(size=units),
                activation,
            )
            for inputs, units, activation in zip(widths, widths[1:], activations, strict=False)
        )
    )


def random_batch(inputs: int, outputs: int, size: int, loss: str, seed: int) -> tuple[Array, Array]:
    """Return inputs (inputs, size) and targets that suit the loss."""
    random = np.random.default_rng(seed + 10_000)
    x = random.normal(size=(inputs, size))
    classes = random.integers(0, outputs, size)
    if loss == "negative_log_likelihood":
        return x, classes
    if loss.startswith("categorical"):
        return x, one_hot(classes, outputs)
    if loss.startswith("binary"):
        return x, random.integers(0, 2, (outputs, size)).astype(float)
    return x, random.normal(size=(outputs, size))


def random_case(index: int, output: str, loss: str, depth: int) -> tuple[Network, Array, Array]:
    """Return a network of `depth` layers with a batch; `index` picks activation, size and seed."""
    hidden = HIDDEN[index % len(HIDDEN)]
    widths = [3, *np.random.default_rng(index).integers(2, 5, depth - 1).tolist(), 3]
    network = random_network(widths, hidden, output, seed=index)
    return network, *random_batch(3, 3, BATCHES[index % len(BATCHES)], loss, seed=index)
