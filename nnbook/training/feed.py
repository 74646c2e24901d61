"""The batches of a run: in which order its training examples are visited."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nnbook.training.spec import RunSpec


def batch_orders(spec: RunSpec, examples: int) -> Iterator[NDArray[np.int32]]:
    """Yield, epoch by epoch, the order in which the training examples are visited."""
    random = np.random.default_rng(spec.seed)
    while True:
        yield random.permutation(examples).astype(np.int32)


class Feed:
    """The batches of a run, one after the other.

    Parameters
    ----------
    spec : RunSpec
        The run.
    """

    def __init__(self, spec: RunSpec) -> None:
        self._orders = batch_orders(spec, spec.examples)
        self._shape = spec.steps, spec.batch_size
        self._ready = np.zeros((0, spec.batch_size), np.int32)

    def take(self, count: int) -> NDArray[np.int32]:
        """Return which examples the next batches hold, shape (count, batch_size).

        A smaller batch at the end of an epoch is filled with zeros that do not count.
        """
        parts, available = [self._ready], len(self._ready)
        while available < count:
            parts.append(self._epoch())
            available += self._shape[0]
        batches = np.concatenate(parts) if len(parts) > 2 or len(parts[0]) else parts[-1]
        self._ready = batches[count:]
        return batches[:count]

    def _epoch(self) -> NDArray[np.int32]:
        order = next(self._orders)
        size = self._shape[0] * self._shape[1]
        if len(order) < size:
            order = np.concatenate([order, np.zeros(size - len(order), np.int32)])
        return order[:size].reshape(self._shape)
