import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nnbook.errors import LabError
from nnbook.experiments import Configuration
from nnbook.lab import Report
from nnbook.lab.language import Words
from nnbook.lab.tables import layers, parameters
from nnbook.training.models import build_model
from tests.lab.conftest import text_of
from tests.lab.test_folder import change

COURSE = {"learning_rate": 0.1, "epochs": 1, "batch_size": 8}
LAYERS: dict[str, object] = COURSE | {"data": "digits", "hidden_layers": (20, 11)}


@pytest.mark.parametrize(
    "settings",
    [
        COURSE | {"hidden_layers": [8]},
        LAYERS,
        LAYERS | {"hidden_layers": ()},
        LAYERS | {"batch_normalization": True},
        LAYERS | {"normalization": "layer", "dropout": 0.2},
        LAYERS | {"hidden_layers": (9, 9, 9), "shortcuts": 1},
    ],
)
def test_parameters_are_those_that_keras_trains(settings: dict[str, object]) -> None:
    configuration = Configuration("a", settings, (0,), 0, "own")
    spec = configuration.run(0)
    model = build_model(spec, spec.data.facts.inputs, spec.data.facts.outputs)
    assert parameters(configuration) == sum(array.numpy().size for array in model.trainable_weights)
    table = layers({"a": configuration}, Words("en"))
    assert {len(row) for row in table.rows} == {len(table.header)}
    assert table.rows[-1][-1] == f"{parameters(configuration):,}"


def test_a_report_has_a_table_of_layers(answer: Callable[[str], Report], lab: Path) -> None:
    text = (
        "{{ layers:eckerle4-a }}\n\n"
        "See {{ ref:layers:eckerle4-a }}: {{ value:eckerle4-a.parameters }}, $N = "
        "{{ value:eckerle4-a.parameters }}$."
    )
    printed = text_of(answer(text).pdf())
    assert "hidden layer 1" in printed and re.search(r"See Table \d: 25, .{1,9}25\.", printed)
    change(lab, 'language = "en"', 'language = "de"')
    assert "verdeckte Schicht 1" in text_of(Report(lab).pdf())


def test_a_number_of_parameters_has_no_spread(answer: Callable[[str], Report]) -> None:
    with pytest.raises(LabError, match="parameters: expected no statistic"):
        answer("{{ value:eckerle4-a.parameters.sd }}").check()
