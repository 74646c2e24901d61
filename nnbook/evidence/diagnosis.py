"""What became of a run, and the signs by which a failed one shows why it failed.

What a classifier answers is in its confusion matrix: the column sums say how often each class was
the answer, whatever the truth. A network that has learned nothing gives one class only, and its
accuracy is then the share of that class in the test set.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nnbook.evidence.registry import measure
from nnbook.experiments.record import Record
from nnbook.metrics import PERCENT

Diagnosis = Literal["diverged", "one class", "classes missing", "all classes"]
"""What became of a run:

- "diverged": its loss ceased to be a finite number;
- "one class": at least `ALMOST_ALL` of its answers on the test set are the same class;
- "classes missing": it tells classes apart, but at least one class is never its answer;
- "all classes": every class is an answer of it, well or badly.
"""

ALMOST_ALL = 0.99
"""From which share of equal answers a network is said to give one class only."""


def answers(record: Record) -> NDArray[np.float64]:
    """Return the share of each class among the answers on the test set.

    Returns
    -------
    array of shape (classes,)
        It sums to 1.
    """
    counts = np.array(record.content["confusion"], dtype=float).sum(axis=0)
    return np.asarray(counts / counts.sum(), dtype=float)


def class_shares(record: Record) -> NDArray[np.float64]:
    """Return the share of each class among the test examples, in truth.

    Returns
    -------
    array of shape (classes,)
        It sums to 1. The accuracy of a network that answers class k only is the k-th entry.
    """
    counts = np.array(record.content["confusion"], dtype=float).sum(axis=1)
    return np.asarray(counts / counts.sum(), dtype=float)


def diagnose(record: Record) -> Diagnosis:
    """Return what became of a run of a classifier."""
    if record.diverged:
        return "diverged"
    given = answers(record)
    if given.max() >= ALMOST_ALL:
        return "one class"
    return "all classes" if (given > 0).all() else "classes missing"


def count_diagnoses(records: Iterable[Record]) -> dict[Diagnosis, int]:
    """Return how many of the runs have each diagnosis, all four of them."""
    counted = Counter(diagnose(record) for record in records)
    return {diagnosis: counted[diagnosis] for diagnosis in get_args(Diagnosis)}


@measure("gives one class only", better="lower")
def one_class(record: Record) -> float:
    """Return 1 for a run that is diagnosed with "one class", else 0."""
    return float(diagnose(record) == "one class")


@measure("never gives some class", better="lower")
def classes_missing(record: Record) -> float:
    """Return 1 for a run that is diagnosed with "classes missing", else 0."""
    return float(diagnose(record) == "classes missing")


@measure("misread test images", better="lower")
def misread(record: Record) -> float:
    """Return how many test examples were given a class that is not theirs."""
    confusion = np.array(record.content["confusion"])
    return float(confusion.sum() - np.trace(confusion))


@measure("classes among the answers", better="higher")
def predicted_classes(record: Record) -> float:
    """Return how many classes the network gives as an answer at least once on the test set."""
    return float((answers(record) > 0).sum())


@measure("dead units", unit=PERCENT, better="lower", digits=2)
def dead_share(record: Record) -> float:
    """Return the share of hidden units whose output is the same for all examples.

    It is between 0 and 1. The examples are the 1,000 that `nnbook.training.outcome.Outcome` names.
    """
    units = sum(record.content["spec"]["hidden_layers"])
    return float(sum(record.content["dead_units"]) / units)


@measure("layers without a living unit", better="lower")
def dead_layers(record: Record) -> float:
    """Return the number of hidden layers of which every unit is dead.

    Behind such a layer nothing depends on the input any more.
    """
    layers = zip(record.content["dead_units"], record.content["spec"]["hidden_layers"], strict=True)
    return float(sum(dead == units for dead, units in layers))


def total_confusion(records: Iterable[Record]) -> NDArray[np.int64]:
    """Return the sum of the confusion matrices of runs.

    Returns
    -------
    array of shape (classes, classes)
        How many examples of each class (row) were given each class (column), over all runs.
    """
    matrices: list[Any] = [record.content["confusion"] for record in records]
    return np.asarray(np.sum(matrices, axis=0), dtype=np.int64)
