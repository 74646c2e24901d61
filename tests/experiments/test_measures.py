from pathlib import Path

import pytest

from nnbook.experiments import measures
from nnbook.experiments.store import Record


def test_errors_are_what_the_accuracies_leave():
    final = {"test_accuracy": 0.97, "validation_accuracy": 0.98}
    record = Record(Path("0.json"), {"final": final})
    assert measures.values_of(record, "test_error") == pytest.approx(0.03)
    assert measures.values_of(record, "validation_error") == pytest.approx(0.02)
