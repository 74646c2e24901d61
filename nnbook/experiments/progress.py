"""How far a number of runs are, and how long the rest will take."""

import logging
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

from nnbook.training.spec import RunSpec

# Measured on one core: a step costs a fixed time, one for each weight that it changes and one for
# each product of a weight with an example; an augmented image costs a time for each pixel.
SECONDS_PER_EPOCH = 2e-5
SECONDS_PER_STEP = 5e-6
SECONDS_PER_WEIGHT = 4e-10
SECONDS_PER_PRODUCT = 5e-11
SECONDS_PER_PIXEL = 1e-8
SECONDS_PER_ELASTIC_PIXEL = 5e-8

SECONDS_BETWEEN_LINES = 60

log = logging.getLogger(__name__)


def cost(spec: RunSpec) -> float:
    """Return about how long a run takes, in seconds of one core, compilation aside.

    It is right to within a factor of about 3, which is enough to weigh runs against each other.

    >>> spec = RunSpec(hidden_layers=(20, 20), learning_rate=0.1, epochs=1000, batch_size=3)
    >>> f"{cost(spec):.2f} s, {cost(spec.model_copy(update={'batch_size': 1})):.2f} s"
    '0.06 s, 0.13 s'
    """
    data = spec.data.facts
    sizes = (data.inputs, *spec.hidden_layers, data.outputs)
    weights = sum(inputs * units for inputs, units in pairwise(sizes))
    step = SECONDS_PER_STEP + weights * (SECONDS_PER_WEIGHT + spec.batch_size * SECONDS_PER_PRODUCT)
    evaluation = data.validation * weights * SECONDS_PER_PRODUCT / 3  # it does not go backward
    epoch = SECONDS_PER_EPOCH + spec.steps * step + evaluation
    if spec.augmentation:
        pixel = SECONDS_PER_ELASTIC_PIXEL if spec.elastic else SECONDS_PER_PIXEL
        epoch += spec.examples * data.inputs * pixel
    return (spec.pretraining_epochs + _epochs(spec)) * epoch


def _epochs(spec: RunSpec) -> int:
    return spec.epochs * (1 + len(spec.continued))


def _clock(seconds: float) -> str:
    from tqdm import tqdm

    return tqdm.format_interval(seconds)


class Progress:
    """A display of how far runs are; a context manager.

    In a notebook and on a terminal it is a bar. Elsewhere it is a line a minute to this module's
    logger, for which there must be a handler if it is to be seen.

    Parameters
    ----------
    specs : sequence of RunSpec
        The runs; they are known by their numbers from 0.
    """

    def __init__(self, specs: Sequence[RunSpec]) -> None:
        self._specs = specs
        self._costs = [cost(spec) for spec in specs]
        self._done = [0.0] * len(specs)
        self._ended = self._elsewhere = 0
        self._started = self._spoke = time.monotonic()
        # When work was first seen to go on, and its share by then: what went before, such as
        # compiling, says nothing about speed.
        self._begun: tuple[float, float] | None = None
        self._bar = self._new_bar()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, exception: object, *more: object) -> None:
        """Remove the bar, and sum up if all came to an end."""
        self._bar.close()
        if exception is None:
            log.info("%s", self.summary())

    def follow(self, index: int, epochs: int) -> None:
        """Show that run number `index` has done this many epochs."""
        share = min(1.0, epochs / _epochs(self._specs[index]))
        self._reach(index, share * self._costs[index], begins=epochs > 0)

    def end(self, index: int, *, elsewhere: bool = False) -> None:
        """Show that run number `index` has ended, here or in another process."""
        self._ended += 1
        self._elsewhere += elsewhere
        self._bar.set_description_str(self._count, refresh=False)
        self._reach(index, self._costs[index])

    def _reach(self, index: int, done: float, *, begins: bool = False) -> None:
        more = done - self._done[index]
        self._done[index] = done
        if begins and self._begun is None and self._ended == self._elsewhere:
            self._begun = time.monotonic(), self._share
        self._bar.set_postfix_str(f"{self._left()} left", refresh=False)
        self._bar.update(more)
        self.show()

    def show(self) -> None:
        """Bring the display up to date, if it is time for that."""
        if self._bar.disable and time.monotonic() - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = time.monotonic()
            log.info("%s", self)

    def summary(self) -> str:
        """Return what has been done, in words."""
        runs = f"{self._ended} run{'s' if self._ended > 1 else ''}"
        elsewhere = f", {self._elsewhere} of them by another process" if self._elsewhere else ""
        return f"{runs} in {_clock(time.monotonic() - self._started)}{elsewhere}"

    @property
    def _count(self) -> str:
        return f"{self._ended} of {len(self._specs)} runs"

    @property
    def _share(self) -> float:
        return sum(self._done) / sum(self._costs)

    def _left(self) -> str:
        since, before = self._begun or (self._started, 0.0)
        if self._share <= before:
            return "?"
        return _clock((time.monotonic() - since) * (1 - self._share) / (self._share - before))

    def __str__(self) -> str:
        """Return count, share, time so far and time left in words."""
        so_far = _clock(time.monotonic() - self._started)
        return f"{self._count}, {self._share:.0%}, {so_far} so far, {self._left()} left"

    def _new_bar(self) -> Any:
        from tqdm import tqdm

        notebook = _in_notebook()
        return tqdm(
            total=sum(self._costs),
            desc=self._count,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed} so far{postfix}",
            miniters=0,
            file=sys.stdout if notebook else sys.stderr,
            disable=False if notebook else None,  # None: off when the file is no terminal
            leave=False,
        )


def _in_notebook() -> bool:
    """Say whether this is a kernel: a program that starts kernels has loaded ipykernel, too."""
    ipython = sys.modules.get("IPython")
    return hasattr(ipython.get_ipython(), "kernel") if ipython else False
