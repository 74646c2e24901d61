"""Train one network: many steps compiled into one program, over data held in memory.

A Python loop over batches costs about a millisecond a step, whatever the network. Here an epoch is
one call of an XLA program (see `nnbook.training.program`), and the program of a configuration
serves all its repetitions: weights and optimizer are reset, the data and their order are arguments.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nnbook.theory.network import Network
from nnbook.training import models
from nnbook.training.compilation import compiled_for
from nnbook.training.datasets import Split
from nnbook.training.feed import Feed
from nnbook.training.outcome import Outcome, versions
from nnbook.training.pretraining import pretrain
from nnbook.training.probes import Probes
from nnbook.training.program import Program
from nnbook.training.spec import RunSpec
from nnbook.training.stopping import BestEpoch

RECORDED_EPOCHS = 100
"""About how many epochs are evaluated; all, where there are no more."""

EXAMPLES_FOR_DEAD_UNITS = 1000

Progress = Callable[[int], None]


def recorded_epochs(epochs: int) -> list[int]:
    """Return 0 and all or about a hundred epochs up to `epochs`, spaced on a logarithmic scale.

    >>> recorded_epochs(7)
    [0, 1, 2, 3, 4, 5, 6, 7]
    """
    if epochs <= RECORDED_EPOCHS:
        return list(range(epochs + 1))
    spaced = np.geomspace(1, epochs, RECORDED_EPOCHS).round().astype(int)
    return [0, *np.unique(spaced).tolist()]


def train(spec: RunSpec, progress: Progress | None = None, *, optimized: bool = True) -> Outcome:
    """Train the network of `spec` and return its history and weights.

    Parameters
    ----------
    spec : RunSpec
        What to do.
    progress : callable, optional
        Called from time to time with the number of epochs done.
    optimized : bool
        False for a short run that is only to show that it works (see `nnbook.training.program`).

    Notes
    -----
    The same specification on the same machine gives bit-identical numbers, alone or after others.
    """
    started = time.perf_counter()
    data = spec.load()
    compiled = compiled_for(spec, optimized=optimized)
    compiled.reset(spec)
    if spec.pretraining_epochs:
        pretrain(spec, compiled)
    training = Training(spec, data, compiled, progress or (lambda epoch: None))
    training.run()
    return training.outcome(time.perf_counter() - started)


class Training:
    """One run, from the initial weights to its outcome.

    Parameters
    ----------
    spec : RunSpec
        The run.
    data : Split
        Its data.
    compiled : Program
        Its program, with the initial weights.
    progress : callable
        As for `train`.
    """

    def __init__(self, spec: RunSpec, data: Split, compiled: Program, progress: Progress) -> None:
        self.spec = spec
        self.data = data
        self.program = compiled
        self.progress = progress
        self.classifies = data.training_y.ndim == 1
        self._on_device: dict[int, Any] = {}
        self.x, self.y = self._placed(data.training_x), self._placed(data.training_y)
        self.probes = Probes(spec, compiled, data.training_x, data.training_y)
        self.history: dict[str, list[float]] = {}
        self.fits: list[dict[str, float]] = []
        self.final: dict[str, float] | None = None
        self.measures: dict[str, Any] = {}
        self.misread: dict[str, NDArray[np.unsignedinteger]] = {}
        self.diverged_at: tuple[int, int] | None = None
        self._best = BestEpoch(spec.early_stopping) if spec.early_stopping else None
        self._feed = Feed(spec)
        # Streams of their own, so that a run with dropout visits the examples in the same order.
        self._bits = np.random.Generator(np.random.SFC64([spec.seed, 3]))
        self._augmentation = np.random.default_rng([spec.seed, 4])

    def run(self) -> None:
        """Train to the end, or until the loss is not a finite number."""
        for fit, rate in enumerate([self.spec.learning_rate, *self.spec.continued]):
            if fit:
                self.program.restart(rate)
            before = fit * self.spec.epochs
            if not self._fit(before):
                return
            if not self._finish_fit(rate):
                self.diverged_at = before + self.spec.epochs, self.program.steps
                return

    def outcome(self, seconds: float) -> Outcome:
        """Return what came out."""
        network = None if self.diverged_at else models.as_network(self.spec, self.program.model)
        if network and self._best:
            self.measures |= self._best.measures()
        if network and self.classifies and self.data.validation_x is not None:
            sample = self.data.validation_x[:EXAMPLES_FOR_DEAD_UNITS]
            self.measures["dead_units"] = _dead_units(network, sample)
        return Outcome(
            self.history,
            self.diverged_at,
            network,
            seconds,
            final=self.final if network else None,
            fits=self.fits if self.spec.continued else [],
            measures=self.measures if network else {},
            arrays=self.probes.arrays(),
            versions=versions(keras.backend.backend()),
            first_layer=self.probes.first_layer(),
            misread=self.misread if network else {},
        )

    def _fit(self, before: int) -> bool:
        """Train for the epochs of one fit, which `before` others precede; False if it diverged."""
        epochs, steps = self.spec.epochs, self.program.steps
        recorded = recorded_epochs(epochs)[1:]
        if not (before or self.classifies or self._record(0)):
            self.diverged_at = 1, 1
            return False
        step, losses, correct = 0, np.zeros(0, np.float32), np.zeros(0, np.float32)
        # Augmented images change from epoch to epoch, and any epoch may be the best.
        in_each_epoch = bool(self.spec.augmentation or self._best)
        each = range(0, (epochs + 1) * steps, steps) if in_each_epoch else ()
        for stop, is_recorded in _stops(recorded, {*self.probes.steps, *each}, steps):
            new_losses, new_correct = self._advance(step, stop)
            finite = np.isfinite(new_losses)
            if not finite.all():
                epoch, within = divmod(step + int(finite.argmin()), steps)
                self.diverged_at = before + epoch + 1, within + 1
                return False
            # What an epoch's means need: its steps alone.
            losses = np.concatenate([losses, new_losses])[-steps:]
            correct = np.concatenate([correct, new_correct])[-steps:]
            step = stop
            epoch, within = divmod(step, steps)
            self.progress(before + epoch)
            if within or not (is_recorded or self._best):
                continue
            line = self._measured(before + epoch, losses, correct)
            if not _finite(line):
                self.diverged_at = before + epoch, steps
                return False
            stops = self._best is not None and self._best.after(line, self.program.model)
            if is_recorded or stops:
                self._write(line)
            if stops:
                break
        if step < epochs * steps and step in self.probes.steps:
            self.probes.take(step)
        return True

    def _advance(self, step: int, stop: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Take the steps from `step` to `stop`, with probes where they are due."""
        if step % self.program.steps == 0 and self.spec.augmentation:
            self._augment()
        parts = []
        if step in self.probes.steps:
            self.probes.take(step)
            parts.append(self._call(step, 1))
            self.probes.take_ratio()
            step += 1
        while step < stop:
            count = min(self.program.capacity, stop - step)
            parts.append(self._call(step, count))
            step += count
        if stop == self.spec.epochs * self.program.steps and stop in self.probes.steps:
            self.probes.take(stop)
        losses, correct = zip(*parts, strict=True)
        return np.concatenate(losses), np.concatenate(correct)

    def _call(self, first: int, count: int) -> tuple[NDArray[Any], NDArray[Any]]:
        bits = self._draw(count) if self.program.dropped_units else None
        return self.program.advance(self.x, self.y, self._feed.take(count), first, bits)

    def _draw(self, count: int) -> NDArray[np.uint16]:
        """Return random bits for the next steps, shape (count, batch_size, dropped units)."""
        shape = self.spec.batch_size, self.program.dropped_units
        size = shape[0] * shape[1]
        # Whole words for each step, so that its bits do not depend on how many are drawn at once.
        words = -(-size // 4)
        drawn = self._bits.bit_generator.random_raw(count * words).view(np.uint16)
        used: NDArray[np.uint16] = drawn.reshape(count, 4 * words)[:, :size]
        return used.reshape(count, *shape)

    def _augment(self) -> None:
        from nnbook.training.augmentation import augment

        shape = self.spec.data.facts.image_shape
        assert shape is not None, "a specification with augmentation has images"
        images = augment(
            self.data.training_x,
            self._augmentation,
            shape=shape,
            **self.spec.augmentation,
        )
        self.x = self.program.place(images)

    def _record(self, epoch: int) -> bool:
        """Add a line to the history of a regression; False if a loss is not a finite number."""
        line = self._measured(epoch)
        if finite := _finite(line):
            self._write(line)
        return finite

    def _measured(
        self, epoch: int, losses: NDArray[Any] | None = None, correct: NDArray[Any] | None = None
    ) -> dict[str, float]:
        """Return a line of the history, from those of the steps of its epoch if it classifies."""
        line: dict[str, float] = {"epoch": epoch}
        if losses is None or correct is None or not self.classifies:
            held_out = {} if self.data.validation_x is None else self._evaluate("validation")
            return line | self._evaluate("training") | held_out | self._evaluate("test")
        sizes = np.full(self.program.steps, self.spec.batch_size)
        if self.program.partial:
            sizes[-1] = self.program.partial
        line["running_loss"] = float(losses.astype(float) @ sizes / sizes.sum())
        line["running_accuracy"] = float(correct.sum(dtype=float) / sizes.sum())
        if self.data.validation_x is not None:
            line |= self._evaluate("validation")
        if not self.spec.regularizer.is_none:
            line["penalty"] = self.program.penalty()
        return line

    def _write(self, line: Mapping[str, float]) -> None:
        for column, value in line.items():
            self.history.setdefault(column, []).append(value)

    def _evaluate(self, part: str) -> dict[str, float]:
        x, y = getattr(self.data, f"{part}_x"), getattr(self.data, f"{part}_y")
        loss, classes = self.program.evaluate(self._placed(x), self._placed(y))
        if not self.classifies:
            return {f"{part}_loss": loss}
        if part != "training":
            self.misread[part] = _misread(classes, y)
        if part == "test":
            count = self.spec.data.facts.classes
            pairs = np.bincount(count * y + classes, minlength=count**2)
            self.measures["confusion"] = pairs.reshape(count, count).tolist()
        return {f"{part}_loss": loss, f"{part}_accuracy": float((classes == y).mean())}

    def _placed(self, values: NDArray[Any]) -> Any:
        if id(values) not in self._on_device:
            self._on_device[id(values)] = self.program.place(values)
        return self._on_device[id(values)]

    def _finish_fit(self, rate: float) -> bool:
        """Measure what came out of a fit; False if a loss is not a finite number."""
        final = {column: values[-1] for column, values in self.history.items()}
        if self._best:
            final = self._best.restored(self.program.model) or final
        del final["epoch"]
        if self.classifies:
            final |= self._evaluate("training") | self._evaluate("test")
            if self._best and self.data.validation_x is not None:
                self._evaluate("validation")  # which images the weights that count misread
        if not _finite(final):
            return False
        self.final = final
        self.fits.append({"learning_rate": rate, **final})
        return True


def _stops(
    recorded: Iterable[int], between: Iterable[int], steps: int
) -> Iterator[tuple[int, bool]]:
    """Yield after which steps to stop, and whether the history gets a line then."""
    lines = {epoch * steps for epoch in recorded}
    for stop in sorted(lines.union(between) - {0}):
        yield stop, stop in lines


def _misread(classes: NDArray[Any], y: NDArray[np.int32]) -> NDArray[np.unsignedinteger]:
    """Return which examples were given another class, and which, in the smallest integers."""
    index = np.flatnonzero(classes != y)
    largest = max(len(y), int(classes.max()))
    return np.stack([index, classes[index]]).astype(np.min_scalar_type(largest))


def _finite(measured: Mapping[str, float]) -> bool:
    return bool(np.isfinite(list(measured.values())).all())


@np.errstate(over="ignore", invalid="ignore")  # of weights that are close to infinite
def _dead_units(network: Network, x: NDArray[Any]) -> list[int]:
    a = network.forward(x.T).a
    hidden = [a[n] for n in range(1, len(network.layers))]
    return [int((outputs == outputs[:, :1]).all(axis=1).sum()) for outputs in hidden]
