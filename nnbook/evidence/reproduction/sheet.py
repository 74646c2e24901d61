"""The answer sheet of the lab as it was printed: its rows and its figures."""

import json
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from nnbook.training.datasets import data_file

Exercise = Literal["2b", "3", "4"]

EXERCISES: tuple[Exercise, ...] = get_args(Exercise)

COLUMNS = (
    "training_loss",
    "training_accuracy",
    "validation_loss",
    "validation_accuracy",
    "test_loss",
    "test_accuracy",
)
"""The figures of a row of exercises 3 and 4, as the sheet names them."""

AS_PRINTED: Mapping[str, tuple[str, ...]] = {
    "training_loss": ("running_loss",),
    "training_accuracy": ("running_accuracy",),
    "validation_loss": ("validation_loss", "penalty"),
    "validation_accuracy": ("validation_accuracy",),
    "test_loss": ("test_loss", "penalty"),
    "test_accuracy": ("test_accuracy",),
}
"""The metrics of a record that add up to each figure of the sheet, as Keras measures it.

Training figures are means over the last epoch, dropout on and penalty included; validation and test
figures are measured after it, dropout off; the loss that is measured then has the penalty, too."""

WITHOUT_PENALTY: Mapping[str, tuple[str, ...]] = {metric: (metric,) for metric in COLUMNS}
"""Another reading: everything measured after training, dropout off, without the penalty."""


def file_of_sheet() -> Path:
    """Return the path of the answer sheet."""
    return data_file("answer_sheet.json")


@cache
def _content(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def rows(exercise: Exercise) -> dict[str, dict[str, Any]]:
    """Return the rows of an exercise by their names, with settings and figures."""
    return {row["id"]: row for row in _content(file_of_sheet())[f"exercise_{exercise}"]["rows"]}


def printed(
    measured: Mapping[str, float],
    metric: str,
    reading: Mapping[str, tuple[str, ...]] = AS_PRINTED,
) -> float:
    """Return a figure as the sheet prints it, from the final metrics of a run or of a fit.

    Parameters
    ----------
    measured : mapping of str to float
        Of a record, ``final`` or one of ``fits``.
    metric : str
        One of `COLUMNS`.
    reading : mapping, optional
        Which metrics of the record add up to it; those that it lacks count as 0.

    Examples
    --------
    >>> printed({"test_loss": 0.35, "penalty": 0.43}, "test_loss")
    0.78
    """
    return round(sum(measured.get(part, 0.0) for part in reading[metric]), 7)


def reads_most(exercise: Exercise, row: str) -> bool:
    """Return whether a network of exercise 3 or 4 reads more than half of the test images."""
    return bool(rows(exercise)[row]["test_accuracy"] > 0.5)


def identical_rows(exercise: Exercise) -> list[tuple[str, str]]:
    """Return the pairs of rows of an exercise whose printed figures agree in every digit."""
    names = ("mean", "standard_deviation") if exercise == "2b" else COLUMNS
    figures = {name: [row[metric] for metric in names] for name, row in rows(exercise).items()}
    return [(a, b) for a, b in combinations(figures, 2) if figures[a] == figures[b]]


def shared_figures(exercise: Exercise) -> list[tuple[str, float, list[str]]]:
    """Return the figures that several rows of exercise 3 or 4 print alike, the rows with them."""
    found: dict[tuple[str, float], list[str]] = {}
    for name, row in rows(exercise).items():
        for metric in COLUMNS:
            found.setdefault((metric, row[metric]), []).append(name)
    return [(metric, value, names) for (metric, value), names in found.items() if len(names) > 1]


def is_a_count(value: float, examples: int) -> bool:
    """Return whether `value` is a whole number of examples, as an accuracy of one run is.

    A mean of four accuracies on 10,000 examples is a multiple of 1/40,000, and of 1/10,000 only
    where the four counts happen to add up to a multiple of four.

    Examples
    --------
    >>> is_a_count(0.9298, 10_000), is_a_count(0.92985, 10_000)
    (True, False)
    """
    return bool(np.isclose(value * examples, round(value * examples), rtol=0, atol=1e-6))
