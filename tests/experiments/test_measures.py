"""Measures of a record, on records made by hand."""

from pathlib import Path

import pytest

from nnbook.experiments.measures import dead_in_last_layer_share, dead_units
from nnbook.experiments.store import Record


def test_dead_units_of_all_layers_and_share_of_the_last() -> None:
    content = {"dead_units": [2, 3], "spec": {"hidden_layers": [10, 4]}}
    record = Record(Path("0.json"), content)
    assert dead_units(record) == 5
    assert dead_in_last_layer_share(record) == pytest.approx(3 / 4)
