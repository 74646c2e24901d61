import subprocess
import sys
from typing import Any

import pytest

from nnbook.errors import SpecError
from nnbook.training.spec import RunSpec, run_spec

SETTINGS: dict[str, Any] = {
    "hidden_layers": [5, 3],
    "learning_rate": 0.1,
    "epochs": 9,
    "batch_size": 3,
}


def test_a_specification_is_read_and_frozen() -> None:
    spec = run_spec(SETTINGS)
    assert spec.hidden_layers == (5, 3)
    assert spec.optimizer == "sgd"
    with pytest.raises(Exception, match="frozen"):
        spec.epochs = 3  # type: ignore[misc]


def test_the_key_depends_on_every_setting_and_on_no_spelling() -> None:
    spec = run_spec(SETTINGS)
    assert run_spec({**SETTINGS, "dropout": 0.0, "learning_rate": 0.10}).key == spec.key
    changes: list[dict[str, Any]] = [
        {"training_fraction": 0.5},
        {"split": 1},
        {"noise": 0.1},
        {"hidden_layers": [5, 4]},
        {"activation": "tanh"},
        {"dropout": 0.1},
        {"batch_normalization": True},
        {"initializer": "he_normal"},
        {"l1": 0.1},
        {"l2": 0.1},
        {"optimizer": "adam"},
        {"learning_rate": 0.2},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"schedule": "cosine", "final_fraction": 0.1},
        {"schedule": "exponential", "final_fraction": 0.1},
        {"epochs": 10},
        {"batch_size": 4},
        {"seed": 1},
    ]
    keys = {run_spec({**SETTINGS, **change}).key for change in changes} | {spec.key}
    assert len(keys) == len(changes) + 1
    # `data` and `loss` have one value each so far: a new field must be added to the list above.
    varied = {name for change in changes for name in change}
    assert varied | {"data", "loss"} == set(RunSpec.model_fields)


def test_the_key_depends_on_the_data_and_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = run_spec(SETTINGS)
    before = spec.key
    with monkeypatch.context() as patch:
        patch.setattr("nnbook.training.spec.RECIPE", 10_000)
        assert spec.key != before
    with monkeypatch.context() as patch:
        patch.setattr("nnbook.training.datasets.ECKERLE4_SHA256", "0")
        assert spec.key != before
    assert spec.key == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hiden_layers": [5]}, "unknown key 'hiden_layers', did you mean 'hidden_layers'?"),
        ({"hidden_layers": [0]}, "hidden_layers.0: expected greater than or equal to 1"),
        ({"activation": "relux"}, "activation: expected 'relu', 'leaky_relu', .*received 'relux'"),
        ({"learning_rate": -1.0}, "learning_rate: expected greater than 0, received -1.0"),
        ({"learning_rate": "fast"}, "learning_rate: expected a valid number, received 'fast'"),
        ({"learning_rate": float("inf")}, "learning_rate: expected a finite number, received inf"),
        ({"epochs": 0}, "epochs: expected greater than or equal to 1, received 0"),
        ({"epochs": 2.5}, "epochs: expected a valid integer, received 2.5"),
        ({"batch_size": 22}, r"batch_size: expected 1 to 21 \(.*training set\), received 22"),
        ({"training_fraction": 0.001}, "training_fraction: .*leave.* training and test"),
        ({"training_fraction": 0.999}, "training_fraction: .*leave.* training and test"),
        ({"dropout": 1.0}, "dropout: expected less than 1, received 1.0"),
        ({"momentum": 0.9, "optimizer": "adam"}, "momentum: expected 0 for optimizer 'adam'"),
        ({"nesterov": True}, "momentum: expected above 0 when nesterov is true"),
        ({"schedule": "cosine"}, "final_fraction: .*received 1.0 with schedule 'cosine'"),
        ({"final_fraction": 0.5}, "final_fraction: .*received 0.5 with schedule 'constant'"),
        ({"seed": -1}, "seed: expected greater than or equal to 0"),
        ({"data": "iris"}, "data: expected 'eckerle4', received 'iris'"),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=f"^configuration 'wide': {message}"):
        run_spec({**SETTINGS, **change}, "configuration 'wide'")


def test_every_problem_is_named() -> None:
    with pytest.raises(SpecError) as error:
        run_spec({"hidden_layers": [5], "epochs": 0, "batch_size": 1})
    assert str(error.value).splitlines() == [
        "run: learning_rate: missing",
        "run: epochs: expected greater than or equal to 1, received 0",
    ]


def test_reading_a_specification_loads_no_heavy_library() -> None:
    code = (
        "import sys, nnbook.training.spec, nnbook.experiments\n"
        "heavy = {'keras', 'tensorflow', 'pandas', 'scipy', 'matplotlib', 'sympy', 'joblib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"
