"""Measures: numbers that follow from the record of a run, beside the metrics that it holds.

Each is a function of a record that returns one number. Claims name them as they name metrics.
"""

from collections.abc import Callable
from typing import Any

from nnbook.evidence import diagnosis
from nnbook.evidence.gradient_measures import GRADIENT_MEASURES
from nnbook.experiments.store import Record

Measure = Callable[[Record], float]


def diverged(record: Record) -> float:
    """Return 1 for a run whose loss ceased to be a finite number, else 0."""
    return float(record.diverged)


def seconds(record: Record) -> float:
    """Return how long the run took, in seconds of wall-clock time."""
    return float(record.content["seconds"])


def dead_units(record: Record) -> float:
    """Return the number of hidden units whose output is the same for all examples."""
    return float(sum(record.content["dead_units"]))


def test_error(record: Record) -> float:
    """Return the share of the test examples that were classified wrongly."""
    return 1 - float(record.content["final"]["test_accuracy"])


def validation_error(record: Record) -> float:
    """Return the share of the validation examples that were classified wrongly."""
    return 1 - float(record.content["final"]["validation_accuracy"])


def largest_predicted_share(record: Record) -> float:
    """Return the share of the test examples that were given the most frequent prediction."""
    confusion: list[list[int]] = record.content["confusion"]
    by_prediction = [sum(column) for column in zip(*confusion, strict=True)]
    return float(max(by_prediction) / sum(by_prediction))


def dead_in_last_layer_share(record: Record) -> float:
    """Return the share of the last hidden layer's units whose output is always the same."""
    content = record.content
    return float(content["dead_units"][-1] / content["spec"]["hidden_layers"][-1])


MEASURES: dict[str, Measure] = {
    measure.__name__: measure
    for measure in (
        diverged,
        seconds,
        dead_units,
        test_error,
        validation_error,
        largest_predicted_share,
        *GRADIENT_MEASURES,
        diagnosis.dead_layers,
        diagnosis.dead_share,
        diagnosis.misread,
        diagnosis.predicted_classes,
        diagnosis.one_class,
        diagnosis.classes_missing,
        dead_in_last_layer_share,
    )
}
"""All measures by name."""

OF_DIVERGED_RUNS_TOO = frozenset({"diverged"})
"""The measures that a run without an end has, too."""


def values_of(record: Record, metric: str) -> Any:
    """Return a final metric or measure of a finished run, or None if there is no such thing."""
    if metric in MEASURES:
        return MEASURES[metric](record)
    return (record.content["final"] or {}).get(metric)
