"""The part of a specification that says what is trained on, in which order and how long."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from nnbook.errors import DataError
from nnbook.training.choices import Epochs, OneOf
from nnbook.training.datasets import DATA_SETS, DataSet, Split
from nnbook.training.stopping import HELD_OUT, STOPPING_RULES, StoppingRule

AUGMENTATIONS = ("shift", "rotation", "scaling", "elastic")

MOST_STEPS = 2**31 - 1
"""Of a run: they are counted in 32 bits."""

Natural = Annotated[int, Field(ge=0, lt=2**32)]


class DataSettings(BaseModel):
    """Data, augmentation, epochs and batches; see `nnbook.training.spec.RunSpec`."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    data: Annotated[DataSet, OneOf(DATA_SETS)]
    split: Natural = 0
    shift: Annotated[float, Field(ge=0, le=10)] = 0.0
    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0
    scaling: Annotated[float, Field(ge=0, lt=1)] = 0.0
    elastic: Annotated[float, Field(ge=0, le=10)] = 0.0
    epochs: Epochs
    batch_size: Annotated[int, Field(ge=1)]
    drop_remainder: bool = False
    early_stopping: Annotated[StoppingRule, OneOf(STOPPING_RULES)] | None = None
    seed: Natural = 0

    @property
    def classifies(self) -> bool:
        """Whether the outputs are classes, and not a quantity."""
        return self.data.facts.classes > 0

    @property
    def held_out(self) -> int:
        """How many training examples are held out to decide when to stop."""
        if self.early_stopping is None or self.data.facts.validation:
            return 0
        return round(self.data.facts.training * self.early_stopping.held_out)

    @property
    def examples(self) -> int:
        """The number of examples that are trained on."""
        return self.data.facts.training - self.held_out

    @property
    def steps(self) -> int:
        """The number of steps in an epoch."""
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (rest > 0 and not self.drop_remainder)

    @property
    def augmentation(self) -> dict[str, float]:
        """The amplitudes of the augmentation that are not zero."""
        amplitudes = {name: getattr(self, name) for name in AUGMENTATIONS}
        return {name: amplitude for name, amplitude in amplitudes.items() if amplitude}

    def load(self) -> Split:
        """Return the data, with what is held out as the validation set.

        Raises
        ------
        DataError
            If they are missing, or not what their digest promises.
        """
        data = self.data.load(self.split)
        _check(data, self.data)
        if not self.held_out:
            return data
        # A stream of its own, so that the test set is the same as without.
        shuffled = np.random.default_rng([self.split, 1]).permutation(len(data.training_x))
        held_out, training = np.sort(shuffled[: self.held_out]), np.sort(shuffled[self.held_out :])
        x, y = data.training_x, data.training_y
        return Split(x[training], y[training], data.test_x, data.test_y, x[held_out], y[held_out])

    def _data_problems(self) -> Iterator[str]:
        yield from self.data.problems()
        name, facts = self.data.name, self.data.facts
        for setting in AUGMENTATIONS:
            if getattr(self, setting) and not facts.image_shape:
                yield f"{setting}: expected only with images, received it with data {name!r}"
        stopping = self.early_stopping
        if stopping and stopping.metric == "validation_accuracy" and not self.classifies:
            yield f"early_stopping.metric: an accuracy needs classes, which {name!r} does not have"
        if stopping and facts.validation and stopping.held_out != HELD_OUT:
            yield (
                "early_stopping.held_out: expected only with data that have no validation set of "
                f"their own, received {stopping.held_out} with data {name!r}"
            )
        if stopping and not facts.validation and not 0 < self.held_out < facts.training:
            yield (
                "early_stopping.held_out: expected to leave some of the "
                f"{facts.training} training examples and to hold out some, received "
                f"{stopping.held_out}"
            )
        elif self.batch_size > self.examples:
            yield (
                f"batch_size: expected 1 to {self.examples} (the size of the training set), "
                f"received {self.batch_size}"
            )
        elif self.epochs * self.steps > MOST_STEPS:
            yield (
                f"epochs: expected at most {MOST_STEPS // self.steps:,} of {self.steps:,} steps "
                f"each ({MOST_STEPS:,} in all), received {self.epochs:,}"
            )


def _check(split: Split, data: DataSet) -> None:
    """Refuse parts that are not what the data set says of itself: programs rely on it."""
    facts = data.facts
    parts = {
        "training": (split.training_x, split.training_y, facts.training),
        "validation": (split.validation_x, split.validation_y, facts.validation),
        "test": (split.test_x, split.test_y, facts.test),
    }
    for name, (x, y, examples) in parts.items():
        received = (None, None) if x is None or y is None else (x.shape, y.shape)
        targets = (examples,) if facts.classes else (examples, facts.outputs)
        expected = ((examples, facts.inputs), targets) if examples else (None, None)
        if received != expected:
            raise DataError(
                f"data {data.name!r}: {name} set: its facts promise the shapes {expected[0]} and "
                f"{expected[1]}, it has {received[0]} and {received[1]}"
            )
