"""Train one network: many steps compiled into one program, over data held in memory.

A Python loop over batches costs about a millisecond a step, whatever the network. Here an epoch is
one call of an XLA program (see `nnbook.training.program`), and the program of a configuration
serves all its repetitions: weights and optimizer are reset, the data and their order are arguments.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nnbook.theory.network import Network
from nnbook.training import datasets, models
from nnbook.training.datasets import Split, load_split
from nnbook.training.outcome import Outcome, versions
from nnbook.training.probes import Probes
from nnbook.training.program import Program, program
from nnbook.training.spec import AUGMENTATIONS, RunSpec

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


def train(spec: RunSpec, progress: Progress | None = None) -> Outcome:
    """Train the network of `spec` and return its history and weights.

    Parameters
    ----------
    spec : RunSpec
        What to do.
    progress : callable, optional
        Called from time to time with the number of epochs done.

    Notes
    -----
    The same specification on the same machine gives bit-identical numbers, alone or after others.
    """
    started = time.perf_counter()
    data = load_split(spec.data, spec.training_fraction, spec.split, spec.noise, spec.training_size)
    compiled = compiled_for(spec)
    compiled.reset(spec)
    if spec.pretraining_epochs:
        from nnbook.training.pretraining import pretrain

        pretrain(spec, compiled)
    training = Training(spec, data, compiled, progress or (lambda epoch: None))
    training.run()
    return training.outcome(time.perf_counter() - started)


def compiled_for(spec: RunSpec) -> Program:
    """Return the program that trains `spec`, perhaps one that trained similar runs before."""
    defaults = {name: field.default for name, field in RunSpec.model_fields.items()}
    irrelevant = [
        "seed",
        "split",
        "noise",
        "initializer",
        "initial_deviation",
        "pretraining_epochs",
        "continued",
        "probes",
        *AUGMENTATIONS,
    ]
    template = {name: defaults[name] for name in irrelevant}
    if spec.schedule == "constant":
        template |= {"learning_rate": 1.0, "epochs": 1}
    return _program(spec.model_copy(update=template))


@lru_cache(maxsize=2)
def _program(template: RunSpec) -> Program:
    classes = datasets.classes(template.data)
    return program(template, datasets.inputs(template.data), classes or 1)


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
        self.diverged_at: tuple[int, int] | None = None
        self._feed = Feed(spec)
        # Streams of their own, so that a run with dropout visits the examples in the same order.
        self._bits = np.random.Generator(np.random.SFC64([spec.seed, 3]))
        self._augmentation = np.random.default_rng([spec.seed, 4])

    def run(self) -> None:
        """Train to the end, or until the loss is not a finite number."""
        for fit, rate in enumerate([self.spec.learning_rate, *self.spec.continued]):
            if fit:
                self.program.restart(rate)
            if not self._fit(fit * self.spec.epochs):
                return
            self._finish_fit(rate)

    def outcome(self, seconds: float) -> Outcome:
        """Return what came out."""
        network = None if self.diverged_at else models.as_network(self.spec, self.program.model)
        if network and self.data.validation_x is not None:
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
        )

    def _fit(self, before: int) -> bool:
        """Train for the epochs of one fit, which `before` others precede; False if it diverged."""
        epochs, steps = self.spec.epochs, self.program.steps
        recorded = recorded_epochs(epochs)[1:]
        if not (before or self.classifies or self._record(0, None)):
            self.diverged_at = 1, 1
            return False
        step, losses, correct = 0, np.zeros(0, np.float32), np.zeros(0, np.float32)
        # Augmented images change from epoch to epoch.
        augmented = bool(self.spec.augmentation)
        between = {*self.probes.steps, *(range(0, epochs * steps, steps) if augmented else ())}
        for stop, is_recorded in _stops(recorded, between, steps):
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
            self.progress(before + step // steps)
            if is_recorded and not self._record(before + step // steps, (losses, correct)):
                self.diverged_at = before + step // steps, steps
                return False
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

        images = augment(
            self.data.training_x,
            self._augmentation,
            shape=datasets.image_shape(self.spec.data),
            **self.spec.augmentation,
        )
        self.x = self.program.place(images)

    def _record(self, epoch: int, means: tuple[NDArray[Any], NDArray[Any]] | None) -> bool:
        """Add a line to the history; False if a loss is not a finite number."""
        line: dict[str, float] = {"epoch": epoch}
        if self.classifies and means:
            sizes = np.full(self.program.steps, self.spec.batch_size)
            if self.program.partial:
                sizes[-1] = self.program.partial
            losses, correct = means
            line["running_loss"] = float(losses.astype(float) @ sizes / sizes.sum())
            line["running_accuracy"] = float(correct.sum(dtype=float) / sizes.sum())
            line |= self._evaluate("validation")
            if any((self.spec.l1, self.spec.l2, self.spec.bias_l1, self.spec.bias_l2)):
                line["penalty"] = self.program.penalty()
        else:
            line |= self._evaluate("training") | self._evaluate("test")
        if not np.isfinite(list(line.values())).all():
            return False
        for column, value in line.items():
            self.history.setdefault(column, []).append(value)
        return True

    def _evaluate(self, part: str) -> dict[str, float]:
        x, y = getattr(self.data, f"{part}_x"), getattr(self.data, f"{part}_y")
        loss, classes = self.program.evaluate(self._placed(x), self._placed(y))
        if not self.classifies:
            return {f"{part}_loss": loss}
        if part == "test":
            count = datasets.classes(self.spec.data)
            pairs = np.bincount(count * y + classes, minlength=count**2)
            self.measures["confusion"] = pairs.reshape(count, count).tolist()
        return {f"{part}_loss": loss, f"{part}_accuracy": float((classes == y).mean())}

    def _placed(self, values: NDArray[Any]) -> Any:
        if id(values) not in self._on_device:
            self._on_device[id(values)] = self.program.place(values)
        return self._on_device[id(values)]

    def _finish_fit(self, rate: float) -> None:
        final = {column: values[-1] for column, values in self.history.items()}
        del final["epoch"]
        if self.classifies:
            final |= self._evaluate("training") | self._evaluate("test")
        self.final = final
        self.fits.append({"learning_rate": rate, **final})


def _stops(
    recorded: Iterable[int], between: Iterable[int], steps: int
) -> Iterator[tuple[int, bool]]:
    """Yield after which steps to stop, and whether the history gets a line then."""
    lines = {epoch * steps for epoch in recorded}
    for stop in sorted(lines.union(between) - {0}):
        yield stop, stop in lines


def _dead_units(network: Network, x: NDArray[Any]) -> list[int]:
    a = network.forward(x.T).a
    hidden = [a[n] for n in range(1, len(network.layers))]
    return [int((outputs == outputs[:, :1]).all(axis=1).sum()) for outputs in hidden]
