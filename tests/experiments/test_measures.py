from pathlib import Path

import pytest

from nnbook.experiments import measures
from nnbook.experiments.store import Record


def test_the_test_error_is_what_the_accuracy_leaves():
    record = Record(Path("0.json"), {"final": {"test_accuracy": 0.97}})
    assert measures.values_of(record, "test_error") == pytest.approx(0.03)
