from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnbook.evidence import diagnosis
from nnbook.evidence.registry import MEASURES
from nnbook.experiments.record import Record


def record(confusion: Any = None, *, dead: Any = (0,), hidden: Any = (4,)) -> Record:
    """Return a record that says as much as a diagnosis needs."""
    content = {
        "status": "diverged" if confusion is None else "finished",
        "confusion": confusion,
        "dead_units": list(dead),
        "spec": {"hidden_layers": list(hidden)},
    }
    return Record(Path("0.json"), content)


ONE = [[0, 60], [0, 40]]
NEARLY_ONE = [[1, 59], [0, 40]]
ALL = [[30, 30], [10, 30]]
TWO_OF_THREE = [[3, 1, 0], [0, 4, 0], [1, 1, 0]]


def test_answers_are_columns_and_truth_is_rows() -> None:
    run = record(ALL)
    np.testing.assert_allclose(diagnosis.answers(run), [0.4, 0.6])
    np.testing.assert_allclose(diagnosis.class_shares(run), [0.6, 0.4])


@pytest.mark.parametrize(
    ("confusion", "expected"),
    [
        (None, "diverged"),
        (ONE, "one class"),
        (NEARLY_ONE, "one class"),
        ([[2, 58], [0, 40]], "all classes"),
        (TWO_OF_THREE, "classes missing"),
        (ALL, "all classes"),
    ],
)
def test_each_diagnosis(confusion: Any, expected: str) -> None:
    assert diagnosis.diagnose(record(confusion)) == expected


def test_a_count_names_what_did_not_happen_too() -> None:
    counted = diagnosis.count_diagnoses([record(ONE), record(ONE), record(ALL)])
    assert counted == {"diverged": 0, "one class": 2, "classes missing": 0, "all classes": 1}


def test_one_class_has_the_accuracy_of_its_share() -> None:
    run = record(ONE)
    accuracy = np.trace(ONE) / np.sum(ONE)
    assert diagnosis.class_shares(run)[diagnosis.answers(run).argmax()] == accuracy
    assert diagnosis.predicted_classes(run) == 1
    assert diagnosis.predicted_classes(record(TWO_OF_THREE)) == 2


def test_measures_of_what_was_answered() -> None:
    runs = [record(ONE), record(TWO_OF_THREE), record(ALL)]
    assert [diagnosis.one_class(run) for run in runs] == [1, 0, 0]
    assert [diagnosis.classes_missing(run) for run in runs] == [0, 1, 0]
    assert [diagnosis.misread(run) for run in runs] == [60, 3, 40]
    assert {"one_class", "misread", "dead_share"} <= set(MEASURES)


def test_dead_units_and_layers() -> None:
    run = record(ALL, dead=(1, 3, 2), hidden=(4, 3, 3))
    assert diagnosis.dead_share(run) == pytest.approx(0.6)
    assert diagnosis.dead_layers(run) == 1
    assert diagnosis.dead_layers(record(ALL, dead=(0,), hidden=(1,))) == 0


def test_confusions_add_up() -> None:
    total = diagnosis.total_confusion([record(ONE), record(ALL)])
    assert total.tolist() == [[30, 90], [10, 70]]
