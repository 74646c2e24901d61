"""Measures: numbers that follow from the record of a run, beside the metrics that it holds.

Each is a function of a record that returns one number, and says what the number is. Claims and
figures name them as they name metrics.
"""

from nnbook.errors import SpecError, nearest
from nnbook.evidence import diagnosis, gradient_measures  # noqa: F401 - they list theirs
from nnbook.evidence.registry import MEASURES, measure
from nnbook.experiments.record import Record
from nnbook.metrics import METRICS, PERCENT, metric

# The list of metrics, taken from here, has those that follow from a record in it.
__all__ = ["MEASURES", "METRICS", "dead_units", "measured", "metric", "of_diverged_too"]


@measure("diverged", better="lower", of_diverged_too=True)
def diverged(record: Record) -> float:
    """Return 1 for a run whose loss ceased to be a finite number, else 0."""
    return float(record.diverged)


@measure("duration", unit="s", better="lower")
def seconds(record: Record) -> float:
    """Return how long the run took, in seconds of wall-clock time."""
    return float(record.content["seconds"])


@measure("dead units", better="lower")
def dead_units(record: Record) -> float:
    """Return the number of hidden units whose output is the same for all examples."""
    return float(sum(record.content["dead_units"]))


@measure("training error", unit=PERCENT, better="lower", digits=2)
def training_error(record: Record) -> float:
    """Return the share of the training examples that are classified wrongly."""
    return _error(record, "training")


@measure("validation error", unit=PERCENT, better="lower", digits=2)
def validation_error(record: Record) -> float:
    """Return the share of the validation examples that are classified wrongly."""
    return _error(record, "validation")


@measure("test error", unit=PERCENT, better="lower", digits=2)
def test_error(record: Record) -> float:
    """Return the share of the test examples that are classified wrongly."""
    return _error(record, "test")


@measure("share of the most frequent answer", unit=PERCENT, digits=2)
def largest_predicted_share(record: Record) -> float:
    """Return the share of the test examples that were given the most frequent prediction."""
    confusion: list[list[int]] = record.content["confusion"]
    by_prediction = [sum(column) for column in zip(*confusion, strict=True)]
    return float(max(by_prediction) / sum(by_prediction))


@measure("dead units in the last hidden layer", unit=PERCENT, better="lower", digits=2)
def dead_in_last_layer_share(record: Record) -> float:
    """Return the share of the last hidden layer's units whose output is always the same."""
    content = record.content
    return float(content["dead_units"][-1] / content["spec"]["hidden_layers"][-1])


def _error(record: Record, part: str) -> float:
    return 1 - float(record.final[f"{part}_accuracy"])


def measured(record: Record, name: str) -> float:
    """Return a metric at the end of a run, or a measure of it.

    Parameters
    ----------
    record : Record
        Of a run that did not diverge, unless the measure is `of_diverged_too`.
    name : str

    Raises
    ------
    SpecError
        If the run has neither.
    """
    if name in MEASURES:
        return MEASURES[name](record)
    if name not in record.final:
        raise SpecError(f"unknown metric {name!r}, {nearest(name, {*MEASURES, *record.final})}")
    return float(record.final[name])


def of_diverged_too(name: str) -> bool:
    """Return whether a run without an end has this metric or measure, too."""
    return name in MEASURES and MEASURES[name].of_diverged_too
