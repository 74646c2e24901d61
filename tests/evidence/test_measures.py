"""Measures of a record, on records made by hand."""

from pathlib import Path

import pytest

from nnbook.evidence import measures
from nnbook.experiments.store import Record


def test_dead_units_of_all_layers_and_share_of_the_last() -> None:
    content = {"dead_units": [2, 3], "spec": {"hidden_layers": [10, 4]}}
    record = Record(Path("0.json"), content)
    assert measures.dead_units(record) == 5
    assert measures.dead_in_last_layer_share(record) == pytest.approx(3 / 4)


def test_errors_are_what_the_accuracies_leave() -> None:
    final = {"test_accuracy": 0.97, "validation_accuracy": 0.98}
    record = Record(Path("0.json"), {"final": final})
    assert measures.values_of(record, "test_error") == pytest.approx(0.03)
    assert measures.values_of(record, "validation_error") == pytest.approx(0.02)
