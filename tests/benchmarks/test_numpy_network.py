"""The network in plain NumPy does what nnbook's does, so that their times may be compared."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.cases import CASES, title
from benchmarks.numpy_network import MatrixProducts, NumpyNetwork
from nnbook.training.compilation import program
from nnbook.training.program import LEVELS, Program
from nnbook.training.spec import RunSpec

STEPS = 3


class WithGivenDropout(NumpyNetwork):
    """Takes its masks from the bits that the compiled program uses."""

    def __init__(self, spec: RunSpec, compiled: Program, bits: NDArray[np.uint16] | None) -> None:
        super().__init__(spec, np.random.default_rng(0))
        for own, kernel in zip(self.weights, compiled.kernels, strict=True):
            own[...] = np.asarray(kernel)
        self.masks = iter(()) if bits is None else self._masks(bits)

    def _masks(self, bits: NDArray[np.uint16]) -> Iterator[Any]:
        threshold = round(0.21 * LEVELS)
        hidden = self.spec.hidden_layers[self.spec.dropout_from - 1 :]
        for step in bits:
            for part in np.split(step, np.cumsum(hidden), axis=1):
                yield ((part >= threshold) * LEVELS / (LEVELS - threshold)).astype(np.float32)

    def _mask(self, shape: tuple[int, ...], rate: float) -> Any:
        if not rate:
            return None
        mask = next(self.masks)
        assert mask.shape == shape
        return mask


@pytest.mark.parametrize("spec", [CASES[0], CASES[2]], ids=title)
def test_steps_equal_those_of_nnbook(spec: RunSpec) -> None:
    random = np.random.default_rng(1)
    size = STEPS * spec.batch_size
    x = random.random((size, 784), np.float32)
    y = random.integers(10, size=size, dtype=np.int32)
    compiled = program(spec, 784, 10)
    bits = None
    if units := compiled.dropped_units:
        bits = random.integers(LEVELS, size=(STEPS, spec.batch_size, units), dtype=np.uint16)
    network = WithGivenDropout(spec, compiled, bits)
    before = network.weights[0].copy()
    batches = np.arange(size, dtype=np.int32).reshape(STEPS, -1)
    penalty = compiled.penalty()
    losses, _ = compiled.advance(compiled.place(x), compiled.place(y), batches, 0, bits)
    own_losses = [network.step(x[chosen], y[chosen]) for chosen in batches]
    assert own_losses[0] + penalty == pytest.approx(losses[0], rel=1e-5)
    assert np.abs(network.weights[0] - before).max() > 1e-4
    for own, kernel in zip(network.weights, compiled.kernels, strict=True):
        np.testing.assert_allclose(own, np.asarray(kernel), atol=2e-6)


def test_the_matrix_products_are_those_of_a_step() -> None:
    spec = CASES[2]
    random = np.random.default_rng(2)
    products = MatrixProducts(spec, random)
    x = random.random((spec.batch_size, 784), np.float32)
    delta = products.deltas[-1].copy()
    products.step(x)
    first, second, third = products.weights
    np.testing.assert_allclose(products.outputs[-1], x @ first @ second @ third, rtol=1e-3)
    for_first_layer = delta @ third.T @ second.T
    np.testing.assert_allclose(products.gradients[0], x.T @ for_first_layer, rtol=1e-2, atol=1e-3)
    assert all(gradient.any() for gradient in products.gradients)
