"""Samples: numbers of runs, each with labels that say which run it is from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import ClaimError


class Label(NamedTuple):
    """Which run a number is from.

    Attributes
    ----------
    experiment, configuration : str
    seed : int
        Of the initial weights, the order of the batches and dropout.
    split : int
        Of the data: which points or images a run is trained on.
    resplit : bool
        Whether the split decides on the test set, too (`DataSet.resplits`).
    """

    experiment: str
    configuration: str
    seed: int
    split: int
    resplit: bool


class Cell(NamedTuple):
    """A split of the data and a seed: what runs of different configurations can share."""

    split: int
    seed: int


@dataclass(frozen=True, eq=False)
class Sample:
    """Numbers of finished runs.

    Attributes
    ----------
    values : dict of Label to float
    what : str
        The metric and the runs, in words, for messages.
    test_points : int
        Number of test points that a run is measured on; 0 where the metric is not measured on them.
    training_points : int
        Number of points that a run is trained on.
    """

    values: Mapping[Label, float]
    what: str
    test_points: int = 0
    training_points: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no number: no comparison with it is true or false."""
        for label, value in self.values.items():
            if not np.isfinite(value):
                raise ClaimError(
                    f"{self.what}: expected finite numbers, received {value} from "
                    f"{label.experiment}/{label.configuration}, seed {label.seed}"
                )

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The values, shape (runs,)."""
        return np.array(list(self.values.values()), dtype=float)

    @property
    def splits(self) -> set[int]:
        """The splits of the data that occur."""
        return {label.split for label in self.values}

    @property
    def seeds(self) -> set[int]:
        """The seeds that occur."""
        return {label.seed for label in self.values}

    @property
    def resplit(self) -> bool:
        """Whether the split decided on the test set of all of them."""
        return all(label.resplit for label in self.values)

    @cached_property
    def pooled(self) -> int:
        """How many runs there are for each split and seed: more than 1 if settings are pooled."""
        return max(len(numbers) for numbers in self._by_cell.values())

    @cached_property
    def cells(self) -> dict[Cell, float]:
        """The mean for each split and seed.

        Runs of several configurations that share split and seed are no independent runs: their
        mean counts as one (a cluster).

        Raises
        ------
        ClaimError
            If configurations are pooled that do not have the same splits and seeds: the means would
            differ by what is in them.
        """
        lacking = [cell for cell, numbers in self._by_cell.items() if len(numbers) != self.pooled]
        if lacking:
            raise ClaimError(
                f"{self.what}: configurations can be pooled only over the same splits and seeds; "
                f"not all of them have {listed(lacking)}"
            )
        return {cell: float(np.mean(numbers)) for cell, numbers in self._by_cell.items()}

    @cached_property
    def _by_cell(self) -> dict[Cell, list[float]]:
        cells: dict[Cell, list[float]] = {}
        for label, value in self.values.items():
            cells.setdefault(Cell(label.split, label.seed), []).append(value)
        return cells

    @property
    def crossed(self) -> bool:
        """Whether several seeds were run on each of several splits."""
        splits, seeds = len(self.splits), len(self.seeds)
        return min(splits, seeds) > 1 and len(self._by_cell) == splits * seeds

    def without(self, cells: Collection[Cell]) -> "Sample":
        """Return the sample without the runs of these splits and seeds."""
        kept = {
            label: value
            for label, value in self.values.items()
            if Cell(label.split, label.seed) not in cells
        }
        return replace(self, values=kept)

    def logarithms(self) -> "Sample":
        """Return the logarithms of the values.

        Raises
        ------
        ClaimError
            If a value is not positive.
        """
        if not (self.numbers > 0).all():
            raise ClaimError(f"{self.what}: expected positive numbers for a ratio")
        logs = dict(zip(self.values, np.log(self.numbers).tolist(), strict=True))
        return Sample(logs, self.what, self.test_points, self.training_points)


def unpaired(a: Sample, b: Sample) -> list[Cell]:
    """Return the splits and seeds that only one of two samples has."""
    return sorted(a.cells.keys() ^ b.cells.keys())


def listed(cells: list[Cell]) -> str:
    """Return splits and seeds in words, the first three of them."""
    shown = ", ".join(f"split {cell.split} with seed {cell.seed}" for cell in cells[:3])
    return shown + (f" and {len(cells) - 3} more" if len(cells) > 3 else "")
