"""The runs that trained the networks of the answer sheet again, as they are on record."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nnbook.evidence.reproduction.sheet import AS_PRINTED, printed, rows
from nnbook.experiments.catalogue import experiment
from nnbook.experiments.configurations import Experiment
from nnbook.experiments.record import Record
from nnbook.experiments.results import Runs
from nnbook.experiments.runner import recorded


@cache
def reruns(name: str, configuration: str) -> Runs:
    """Return the runs of a configuration of an experiment of the book."""
    return recorded(_experiment(name)[configuration])


@cache
def _experiment(name: str) -> Experiment:
    return experiment(name)


def carried_over(row: str, rate: float | None = None) -> list[Mapping[str, float]]:
    """Return the four trainings of a row of exercise 3 at one learning rate, weights carried over.

    Parameters
    ----------
    row : str
        Such as ``ex3-e2-sgd``.
    rate : float, optional
        The sheet's best learning rate by default.
    """
    chosen = rows("3")[row]["best_learning_rate"] if rate is None else rate
    runs = reruns("sheet-mnist", row)
    return [
        fit
        for record in runs.finished.values()
        for fit in record.content["fits"]
        if np.isclose(fit["learning_rate"], chosen)
    ]


def as_selected(row: str) -> Mapping[str, float]:
    """Return the training that the lab's script would print for a row of exercise 3.

    Of the four trainings with weights carried over, at the sheet's best learning rate, it is the
    one with the highest validation accuracy; the first of equal ones. The chains of RMSprop lack
    the momentum of the script: for its rows it is one of the fresh runs.
    """
    fresh = (record.final for record in fresh_starts(row).finished.values())
    trainings = fresh if without_momentum(row) else carried_over(row)
    return max(trainings, key=lambda fit: fit["validation_accuracy"])


def without_momentum(row: str) -> bool:
    """Return whether the chain of a row of exercise 3 lacks the momentum that the script prints."""
    return row.endswith("rmsprop")


def fresh_starts(row: str, rate: float | None = None) -> Runs:
    """Return the independent repetitions of a row of exercise 3 at one learning rate.

    Parameters
    ----------
    row : str
        Such as ``ex3-e4-sgd``, which is on record as ``ex3-e2-sgd``: their settings are equal.
        RMSprop has the momentum that the script prints, and is on record with it at the sheet's
        best learning rate only.
    rate : float, optional
        The sheet's best learning rate by default.
    """
    chosen = rows("3")[row]["best_learning_rate"] if rate is None else rate
    source = "sheet-mnist-momentum" if without_momentum(row) else "sheet-mnist-independent"
    known = _experiment(source).configurations
    names = [f"{name}_{chosen:g}" for name in (row, row.replace("-e4-", "-e2-"))]
    return reruns(source, next(name for name in names if name in known))


def as_printed(
    runs: Runs | Sequence[Mapping[str, float]],
    metric: str,
    reading: Mapping[str, tuple[str, ...]] = AS_PRINTED,
) -> NDArray[np.float64]:
    """Return a figure as the sheet prints it, for each finished run or each fit."""
    measured = (
        [record.final for record in runs.finished.values()] if isinstance(runs, Runs) else runs
    )
    return np.array([printed(final, metric, reading) for final in measured])


@cache
def constant_answers() -> dict[int, tuple[float, float]]:
    """Return what networks reach that answer every image with the same digit.

    Returns
    -------
    dict of int to (float, float)
        For each digit that a rerun of exercise 3 ended with: validation and test accuracy, which
        are the shares of this digit among the images.
    """
    records = [record for name in rows("3") for record in _all_reruns(name)]
    found = {}
    for content in (record.content for record in records):
        answers = np.flatnonzero(np.sum(content["confusion"], axis=0))
        if len(answers) == 1:
            final = content["final"]
            found[int(answers[0])] = (final["validation_accuracy"], final["test_accuracy"])
    return dict(sorted(found.items()))


def one_class_rows() -> dict[str, int]:
    """Return the rows of exercise 3 whose accuracies are those of one answer, with that digit."""
    digits = {accuracies: digit for digit, accuracies in constant_answers().items()}
    printed_pairs = {
        name: (row["validation_accuracy"], row["test_accuracy"]) for name, row in rows("3").items()
    }
    return {name: digits[pair] for name, pair in printed_pairs.items() if pair in digits}


def _all_reruns(row: str) -> list[Record]:
    chain, fresh = reruns("sheet-mnist", row), fresh_starts(row)
    return [*chain.finished.values(), *fresh.finished.values()]
