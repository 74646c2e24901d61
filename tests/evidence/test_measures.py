"""Measures of a record, on records made by hand."""

from pathlib import Path

import pytest

from nnbook.errors import SpecError
from nnbook.evidence import measures
from nnbook.evidence.registry import MEASURES
from nnbook.experiments.record import Record
from nnbook.metrics import METRICS, metric


def test_dead_units_of_all_layers_and_share_of_the_last() -> None:
    content = {"dead_units": [2, 3], "spec": {"hidden_layers": [10, 4]}}
    record = Record(Path("0.json"), content)
    assert measures.dead_units(record) == 5
    assert measures.dead_in_last_layer_share(record) == pytest.approx(3 / 4)


def test_the_most_frequent_answer_is_the_largest_column() -> None:
    # Rows are what is true, columns what was answered.
    record = Record(Path("0.json"), {"confusion": [[5, 0, 1], [4, 0, 0], [2, 0, 8]]})
    assert measures.largest_predicted_share(record) == 11 / 20


def test_errors_are_what_the_accuracies_leave() -> None:
    final = {"test_accuracy": 0.97, "validation_accuracy": 0.98}
    record = Record(Path("0.json"), {"final": final})
    assert measures.measured(record, "test_error") == pytest.approx(0.03)
    assert measures.measured(record, "validation_error") == pytest.approx(0.02)


def test_what_a_run_has_not_is_named_with_the_nearest() -> None:
    record = Record(Path("0.json"), {"final": {"test_loss": 0.5}})
    assert measures.measured(record, "test_loss") == 0.5
    with pytest.raises(SpecError, match=r"unknown metric 'test_los', did you mean 'test_loss'"):
        measures.measured(record, "test_los")


def test_a_measure_is_known_as_a_metric_with_what_it_is() -> None:
    assert {MEASURES[name].metric for name in MEASURES} <= set(METRICS.values())
    assert metric("test_error").is_share
    assert not metric("seconds").is_share
    assert measures.of_diverged_too("diverged")
    assert not measures.of_diverged_too("seconds")
