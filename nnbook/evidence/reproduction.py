"""An answer sheet's figures beside what reruns of its networks give, with a verdict on each.

The answer sheet of the lab (``data/answer_sheet.json``) prints 246 figures. For each of them this
module collects what came out when the networks were trained again, and decides by fixed rules
whether the figure is reproduced:

- *copy*: a row agrees with an earlier row of other settings in every digit of every figure, losses
  or errors among them.
- *cannot be checked*: the figure leaves nothing to compare, such as the best of one learning rate.
- *reproduced*: the figure lies inside the 95 % prediction interval of the reruns, and that interval
  is narrow (half its width is at most a tenth of its center), so that the figure could have failed.
- *within the spread*: it lies inside an interval that is wide, so that much else would, too.
- *not reproduced*: it lies outside.

Exercise 3 was rerun in two ways: with weights carried over from one training to the next, as the
lab's script does, and from fresh weights. Each gets a verdict, and the figure gets the better one,
since the sheet does not say which of its trainings a row shows.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import ShapeError
from nnbook.experiments.catalogue import Experiment, experiment
from nnbook.experiments.results import Runs
from nnbook.experiments.runner import run
from nnbook.experiments.statistics import paired_difference, t_quantile
from nnbook.experiments.store import Record
from nnbook.project import REPOSITORY

if TYPE_CHECKING:
    import pandas as pd

ANSWER_SHEET = REPOSITORY / "data" / "answer_sheet.json"

Exercise = Literal["2b", "3", "4"]

METRICS = (
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

WITHOUT_PENALTY: Mapping[str, tuple[str, ...]] = {metric: (metric,) for metric in METRICS}
"""Another reading: everything measured after training, dropout off, without the penalty."""

NARROW = 0.1
"""Half the width of an interval divided by its center, up to which agreement says something."""

ROUNDING = 5e-7
"""Half a unit of the sixth decimal, the last that the sheet prints in exercises 3 and 4."""

REPETITIONS = 4
"""How many runs the lab asks for at least."""


class Verdict(StrEnum):
    """What became of a figure, from best to worst."""

    REPRODUCED = "reproduced"
    WITHIN = "within the spread"
    FAILED = "not reproduced"
    COPY = "copy"
    UNCHECKABLE = "cannot be checked"


@dataclass(frozen=True)
class Prediction:
    """Where one more run would come out, judged by the runs at hand.

    Attributes
    ----------
    n : int
        Number of runs.
    center : float
        Their mean.
    low, high : float
        Ends of the 95 % prediction interval.
    """

    n: int
    center: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval divided by its center."""
        return (self.high - self.low) / 2 / abs(self.center)

    def distance(self, value: float) -> float:
        """Return how far `value` is from the center, in half widths of the interval."""
        return (value - self.center) / (self.high - self.center)

    def verdict(self, value: float) -> Verdict:
        """Return whether `value` is reproduced, as the module's docstring defines it."""
        if not self.low - ROUNDING <= value <= self.high + ROUNDING:
            return Verdict.FAILED
        return Verdict.REPRODUCED if self.half_width <= NARROW else Verdict.WITHIN


def prediction(values: ArrayLike, sd: float | None = None) -> Prediction:
    r"""Return the 95 % prediction interval for one more value.

    It is :math:`\bar x \pm t_{0.975,\,n-1}\, s \sqrt{1 + 1/n}`: the new value scatters about the
    true mean, and the mean of the n values does, too. It assumes independent values that are
    roughly normal.

    Parameters
    ----------
    values : array_like of shape (n,)
        At least two.
    sd : float, optional
        Standard deviation to use in place of that of the values.

    Raises
    ------
    ShapeError
        For fewer than two values.

    Examples
    --------
    >>> interval = prediction([0.91, 0.93, 0.92, 0.92])
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.891, 0.949)
    >>> str(interval.verdict(0.93)), str(interval.verdict(0.95))
    ('reproduced', 'not reproduced')
    """
    x = np.asarray(values, dtype=float).ravel()
    if len(x) < 2:
        raise ShapeError(f"a prediction: expected at least 2 values, received {len(x)}")
    spread = float(x.std(ddof=1)) if sd is None else sd
    margin = t_quantile(len(x) - 1) * spread * np.sqrt(1 + 1 / len(x))
    center = float(x.mean())
    return Prediction(len(x), center, float(center - margin), float(center + margin))


def resampled(values: ArrayLike, statistic: str) -> Prediction:
    """Return where mean or standard deviation of four of these runs would come out.

    Four runs are drawn from those at hand, 10,000 times over; the interval holds the middle 95 % of
    what comes out, which is right for skewed errors, too.

    Parameters
    ----------
    values : array_like of shape (n,)
    statistic : {"mean", "sd"}
    """
    x = np.asarray(values, dtype=float).ravel()
    samples = np.random.default_rng(0).choice(x, size=(10_000, REPETITIONS))
    drawn = samples.mean(axis=1) if statistic == "mean" else samples.std(axis=1, ddof=1)
    low, center, high = np.percentile(drawn, [2.5, 50, 97.5])
    return Prediction(len(x), float(center), float(low), float(high))


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
    """

    exercise: Exercise
    row: str
    metric: str
    sheet: float
    verdict: Verdict
    reason: str
    carried: tuple[float, ...] = ()
    fresh: tuple[float, ...] = ()


@cache
def answer_sheet() -> dict[str, Any]:
    """Return the content of the answer sheet's file."""
    content: dict[str, Any] = json.loads(ANSWER_SHEET.read_text(encoding="utf-8"))
    return content


def rows(exercise: Exercise) -> dict[str, dict[str, Any]]:
    """Return the rows of an exercise by their names, with settings and figures."""
    return {row["id"]: row for row in answer_sheet()[f"exercise_{exercise}"]["rows"]}


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
        One of `METRICS`.
    reading : mapping, optional
        Which metrics of the record add up to it; those that it lacks count as 0.

    Examples
    --------
    >>> printed({"test_loss": 0.35, "penalty": 0.43}, "test_loss")
    0.78
    """
    return round(sum(measured.get(part, 0.0) for part in reading[metric]), 7)


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
    runs = _runs("sheet-mnist", row)
    return [
        fit
        for record in runs.finished.values()
        for fit in record.content["fits"]
        if np.isclose(fit["learning_rate"], chosen)
    ]


def fresh_starts(row: str, rate: float | None = None) -> Runs:
    """Return the independent repetitions of a row of exercise 3 at one learning rate.

    Parameters
    ----------
    row : str
        Such as ``ex3-e4-sgd``, which is on record as ``ex3-e2-sgd``: their settings are equal.
    rate : float, optional
        The sheet's best learning rate by default.
    """
    chosen = rows("3")[row]["best_learning_rate"] if rate is None else rate
    known = _experiment("sheet-mnist-independent").configurations
    names = [f"{name}_{chosen:g}" for name in (row, row.replace("-e4-", "-e2-"))]
    return _runs("sheet-mnist-independent", next(name for name in names if name in known))


def values_of(
    runs: Runs | Sequence[Mapping[str, float]],
    metric: str,
    reading: Mapping[str, tuple[str, ...]] = AS_PRINTED,
) -> NDArray[np.float64]:
    """Return a figure as the sheet prints it, for each finished run or each fit."""
    measured = (
        [record.content["final"] for record in runs.finished.values()]
        if isinstance(runs, Runs)
        else runs
    )
    return np.array([printed(final, metric, reading) for final in measured])


@cache
def reproduction(exercise: Exercise) -> tuple[Figure, ...]:
    """Return all figures of an exercise with their verdicts, in the order of the sheet."""
    parts = {"2b": _exercise_2b, "3": _exercise_3, "4": _exercise_4}
    return tuple(parts[exercise]())


def identical_rows(exercise: Exercise) -> list[tuple[str, str]]:
    """Return the pairs of rows of an exercise whose printed figures agree in every digit."""
    names = ("mean", "standard_deviation") if exercise == "2b" else METRICS
    figures = {name: [row[metric] for metric in names] for name, row in rows(exercise).items()}
    return [(a, b) for a, b in combinations(figures, 2) if figures[a] == figures[b]]


def shared_figures(exercise: Exercise) -> list[tuple[str, float, list[str]]]:
    """Return the figures that several rows of exercise 3 or 4 print alike, the rows with them."""
    found: dict[tuple[str, float], list[str]] = {}
    for name, row in rows(exercise).items():
        for metric in METRICS:
            found.setdefault((metric, row[metric]), []).append(name)
    return [(metric, value, names) for (metric, value), names in found.items() if len(names) > 1]


@cache
def constant_answers() -> dict[int, tuple[float, float]]:
    """Return what networks reach that answer every image with the same digit.

    Returns
    -------
    dict of int to (float, float)
        For each digit that a rerun of exercise 3 ended with: validation and test accuracy, which
        are the shares of this digit among the images.
    """
    records = [record for name in rows("3") for record in _all_runs(name)]
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


def _all_runs(row: str) -> list[Record]:
    chain, fresh = _runs("sheet-mnist", row), fresh_starts(row)
    return [*chain.finished.values(), *fresh.finished.values()]


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


def table(figures: Iterable[Figure]) -> "pd.DataFrame":
    """Return figures as a table: exercise, row, metric, sheet, means of the reruns, verdict."""
    import pandas as pd

    return pd.DataFrame(
        {
            "exercise": figure.exercise,
            "row": figure.row,
            "metric": figure.metric,
            "sheet": figure.sheet,
            "carried": float(np.mean(figure.carried)) if figure.carried else np.nan,
            "fresh": float(np.mean(figure.fresh)) if figure.fresh else np.nan,
            "verdict": str(figure.verdict),
            "reason": figure.reason,
        }
        for figure in figures
    )


def listing(figures: Iterable[Figure]) -> "pd.DataFrame":
    """Return figures as a table of words, to be read: row and metric, sheet, reruns, verdict.

    A rerun is shown as its mean, with the standard deviation in brackets.
    """
    import pandas as pd

    lines = [
        {
            "figure": f"{_title(figure)}, {figure.metric.replace('_', ' ')}",
            "sheet": f"{figure.sheet:.7g}",
            "carried": _mean_and_sd(figure.carried),
            "fresh": _mean_and_sd(figure.fresh),
            "verdict": str(figure.verdict),
        }
        for figure in figures
    ]
    return pd.DataFrame(lines).set_index("figure")


def _title(figure: Figure) -> str:
    """Return the name of a row within its table: its solver in exercise 3, else its number."""
    return str(rows(figure.exercise)[figure.row].get("solver", figure.row))


def _mean_and_sd(values: Sequence[float]) -> str:
    if not values:
        return "–"
    mean, sd = float(np.mean(values)), float(np.std(values, ddof=1))
    if sd <= 1e-12 * abs(mean):  # equal runs, up to rounding
        return f"{mean:.4g} (0)"
    places = max(0, 1 - math.floor(math.log10(sd)))  # two digits of the scatter
    return f"{mean:.{places}f} ({sd:.{places}f})"


def counts(figures: Iterable[Figure], by: str = "exercise") -> "pd.DataFrame":
    """Count the verdicts.

    Parameters
    ----------
    figures : iterable of Figure
    by : {"exercise", "row", "metric"}
        What the rows of the table are.

    Returns
    -------
    pandas.DataFrame
        One column for each verdict, and their sum, ``figures``.
    """
    import pandas as pd

    data = table(figures)
    counted = pd.crosstab(data[by], data["verdict"])
    order = data[by].drop_duplicates()
    counted = counted.reindex(index=order, columns=[str(v) for v in Verdict], fill_value=0)
    counted.columns.name = None
    return counted.assign(figures=counted.sum(axis=1))


@cache
def _experiment(name: str) -> Experiment:
    return experiment(name)


@cache
def _runs(name: str, configuration: str) -> Runs:
    return run(_experiment(name)[configuration])


def _exercise_2b() -> Iterator[Figure]:
    copies = {later: earlier for earlier, later in identical_rows("2b")}
    splits = {"one split": "eckerle4-sheet", "a split for each run": "eckerle4-sheet-resampled"}
    for name, row in rows("2b").items():
        for metric, statistic in (("mean", "mean"), ("standard_deviation", "sd")):
            # The sheet says neither which error it means nor how the data were split: the best of
            # four readings counts.
            judged = {
                f"{part} error, {split}": resampled(
                    _runs(runs, name).final(f"{part}_loss"), statistic
                ).verdict(row[metric])
                for split, runs in splits.items()
                for part in ("training", "test")
            }
            verdict, reason = _best(judged)
            if len(set(judged.values())) == 1:
                reason = "all four readings"
            if name in copies:
                verdict, reason = Verdict.COPY, f"of {copies[name]}"
            values = _runs("eckerle4-sheet", name).final("test_loss")
            yield Figure(
                "2b", name, metric, row[metric], verdict, reason, fresh=tuple(values.tolist())
            )


def _exercise_3() -> Iterator[Figure]:
    copies = {later: earlier for earlier, later in identical_rows("3")}
    for name, row in rows("3").items():
        yield _best_learning_rate(name, row)
        carried, fresh = carried_over(name), fresh_starts(name)
        for metric in METRICS:
            chain, apart = values_of(carried, metric), values_of(fresh, metric)
            # Trainings of one chain have a start in common and scatter less than chains would.
            spread = max(float(chain.std(ddof=1)), float(apart.std(ddof=1)))
            judged = {
                "carried over": prediction(chain, spread).verdict(row[metric]),
                "fresh": prediction(apart).verdict(row[metric]),
            }
            verdict, reason = _best(judged)
            if name in copies:
                verdict, reason = Verdict.COPY, f"of {copies[name]}"
            yield Figure(
                "3",
                name,
                metric,
                row[metric],
                verdict,
                reason,
                tuple(chain.tolist()),
                tuple(apart.tolist()),
            )


def _exercise_4() -> Iterator[Figure]:
    copies = {later: earlier for earlier, later in identical_rows("4")}
    for name, row in rows("4").items():
        runs = _runs("sheet-vanishing", name)
        for metric in METRICS:
            values = values_of(runs, metric)
            verdict, reason = prediction(values).verdict(row[metric]), "fresh"
            if name in copies:
                verdict, reason = Verdict.COPY, f"of {copies[name]}"
            yield Figure(
                "4", name, metric, row[metric], verdict, reason, fresh=tuple(values.tolist())
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
    ours = fresh_starts(name, best).final("validation_accuracy")
    signs = {
        paired_difference(ours, fresh_starts(name, rate).final("validation_accuracy")).verdict
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
