"""A verdict on each figure of the answer sheet, by the rules of `nnbook.evidence.reproduction`."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from nnbook.evidence.comparisons import compare
from nnbook.evidence.reproduction.predictions import Verdict, beside, prediction, resampled
from nnbook.evidence.reproduction.reruns import (
    as_printed,
    as_selected,
    carried_over,
    fresh_starts,
    reruns,
    without_momentum,
)
from nnbook.evidence.reproduction.sheet import COLUMNS, Exercise, identical_rows, rows


@dataclass(frozen=True)
class Figure:
    """One printed figure and what the reruns say about it.

    Attributes
    ----------
    exercise : {"2b", "3", "4"}
    row : str
        Such as ``ex3-e2-sgd``.
    metric : str
        Such as ``test_loss``, ``best_learning_rate``, ``mean`` or ``standard_deviation``.
    sheet : float
        What the sheet prints.
    verdict : Verdict
    reason : str
        Which rerun the verdict rests on, or why there is nothing to check.
    carried, fresh : tuple of float
        The same figure in the reruns: trainings that carry weights over (exercise 3 only), and
        runs from fresh weights.
    ours : float
        What the verdict compares it with: the selected training of exercise 3, the mean of the
        runs of exercise 4.
    distance : float
        From `ours` to `sheet`, in standard deviations of such a difference.
    """

    exercise: Exercise
    row: str
    metric: str
    sheet: float
    verdict: Verdict
    reason: str
    carried: tuple[float, ...] = ()
    fresh: tuple[float, ...] = ()
    ours: float = math.nan
    distance: float = math.nan


@cache
def reproduction(exercise: Exercise) -> tuple[Figure, ...]:
    """Return all figures of an exercise with their verdicts, in the order of the sheet."""
    judge = {"2b": _exercise_2b, "3": _exercise_3, "4": _exercise_4}[exercise]
    copies = {later: earlier for earlier, later in identical_rows(exercise)}
    figures = [figure for name, row in rows(exercise).items() for figure in judge(name, row)]
    return tuple(
        replace(figure, verdict=Verdict.COPY, reason=f"of {copies[figure.row]}")
        if figure.row in copies
        else figure
        for figure in figures
    )


def _exercise_2b(name: str, row: Mapping[str, Any]) -> Iterator[Figure]:
    splits = {"one split": "eckerle4-sheet", "a split for each run": "eckerle4-sheet-resampled"}
    values = tuple(reruns("eckerle4-sheet", name).final("test_loss").tolist())
    for metric, statistic in (("mean", "mean"), ("standard_deviation", "sd")):
        # The sheet says neither which error it means nor how the data were split: the best of four
        # readings counts.
        judged = {
            f"{part} error, {split}": resampled(
                reruns(source, name).final(f"{part}_loss"), statistic
            ).verdict(row[metric])
            for split, source in splits.items()
            for part in ("training", "test")
        }
        verdict, reason = _best(judged)
        if len(set(judged.values())) == 1:
            reason = "all four readings"
        yield Figure("2b", name, metric, row[metric], verdict, reason, fresh=values)


def _exercise_3(name: str, row: Mapping[str, Any]) -> Iterator[Figure]:
    yield _best_learning_rate(name, row)
    carried = [] if without_momentum(name) else carried_over(name)
    reason = f"the best of four, {'carried over' if carried else 'fresh'}"
    fresh, selected = fresh_starts(name), [as_selected(name)]
    for metric in COLUMNS:
        chain, apart = as_printed(carried, metric), as_printed(fresh, metric)
        # One chain per row is on record: how far its selected training scatters, fresh runs tell.
        interval = beside(float(as_printed(selected, metric)[0]), apart)
        yield Figure(
            "3",
            name,
            metric,
            row[metric],
            interval.verdict(row[metric], metric),
            reason,
            tuple(chain.tolist()),
            tuple(apart.tolist()),
            interval.center,
            interval.distance(row[metric]),
        )


def _exercise_4(name: str, row: Mapping[str, Any]) -> Iterator[Figure]:
    runs = reruns("sheet-vanishing", name)
    for metric in COLUMNS:
        values = as_printed(runs, metric)
        interval = prediction(values)
        yield Figure(
            "4",
            name,
            metric,
            row[metric],
            interval.verdict(row[metric], metric),
            "fresh",
            fresh=tuple(values.tolist()),
            ours=interval.center,
            distance=interval.distance(row[metric]),
        )


def _best_learning_rate(name: str, row: Mapping[str, Any]) -> Figure:
    """Judge the sheet's choice of a learning rate by the independent repetitions.

    It is reproduced if its validation accuracy is higher than that of every other rate that was
    tried, not reproduced if it is lower than that of one, and else within the spread.
    """
    best, rates = row["best_learning_rate"], row["learning_rates"]

    def figure(verdict: Verdict, reason: str) -> Figure:
        return Figure("3", name, "best_learning_rate", best, verdict, reason)

    if len(rates) == 1:
        return figure(Verdict.UNCHECKABLE, "only one learning rate was tried")
    if without_momentum(name):
        return figure(Verdict.UNCHECKABLE, "fresh runs with momentum have one rate")
    ours = fresh_starts(name, best)
    signs = {
        compare(ours, fresh_starts(name, rate), "validation_accuracy", ratio=False).verdict
        for rate in rates
        if rate != best
    }
    if "lower" in signs:
        return figure(Verdict.FAILED, "another learning rate is better")
    if signs == {"higher"}:
        return figure(Verdict.REPRODUCED, "fresh")
    return figure(Verdict.WITHIN, "the learning rates cannot be told apart")


def _best(judged: Mapping[str, Verdict]) -> tuple[Verdict, str]:
    """Return the best of several verdicts, and what it rests on."""
    order = list(Verdict)
    best = min(judged.values(), key=order.index)
    return best, " and ".join(kind for kind, verdict in judged.items() if verdict == best)
