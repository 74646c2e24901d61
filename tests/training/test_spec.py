import subprocess
import sys
from typing import Any

import pytest

from nnbook.errors import SpecError
from nnbook.training.datasets import DATA_SETS
from nnbook.training.optimizers.sgd import SGD
from nnbook.training.spec import RunSpec, run_spec, setting_names

SETTINGS: dict[str, Any] = {
    "hidden_layers": [5, 3],
    "learning_rate": 0.1,
    "epochs": 9,
    "batch_size": 3,
}
IMAGES: dict[str, Any] = {**SETTINGS, "data": "digits", "loss": "categorical_cross_entropy"}


def test_a_specification_is_read_and_frozen() -> None:
    spec = run_spec(SETTINGS)
    assert spec.hidden_layers == (5, 3)
    assert spec.optimizer == SGD(learning_rate=0.1)
    assert spec.setting("optimizer") == "sgd"
    with pytest.raises(Exception, match="frozen"):
        spec.epochs = 3  # type: ignore[misc]


def test_the_key_depends_on_every_setting_and_on_no_spelling() -> None:
    spec = run_spec(SETTINGS)
    assert run_spec({**SETTINGS, "dropout": 0.0, "learning_rate": 0.10}).key == spec.key
    assert run_spec({**SETTINGS, "continued": []}).key == spec.key
    changes: list[dict[str, Any]] = [
        {"training_fraction": 0.5},
        {"split": 1},
        {"noise": 0.1},
        {"hidden_layers": [5, 4]},
        {"activation": "tanh"},
        {"dropout": 0.1},
        {"dropout": 0.1, "dropout_from": 2},
        {"output_dropout": 0.1},
        {"batch_normalization": True},
        {"batch_normalization": True, "normalized": "activations"},
        {"initializer": "he_normal"},
        {"initializer": "random_normal"},
        {"initializer": "random_normal", "initial_deviation": 0.1},
        {"l1": 0.1},
        {"l2": 0.1},
        {"bias_l1": 0.1},
        {"bias_l2": 0.1},
        {"optimizer": "adam"},
        {"learning_rate": 0.2},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"schedule": "cosine", "final_fraction": 0.1},
        {"schedule": "exponential", "final_fraction": 0.1},
        {"loss": "binary_cross_entropy"},
        {"output_activation": "sigmoid"},
        {"epochs": 10},
        {"batch_size": 4},
        {"drop_remainder": True},
        {"continued": [0.1]},
        {"continued": [0.1, 0.1]},
        {"probes": True},
        {"seed": 1},
        {"normalization": "layer"},
        {"normalization": "layer", "normalized": "activations"},
        {"normalization": "layer", "normalization.epsilon": 0.1},
        {"batch_normalization": True, "normalization.momentum": 0.9},
        {"initializer": "orthogonal"},
        {"initializer": "orthogonal", "initializer.gain": 2.0},
        {"hidden_layers": [5, 5], "shortcuts": 1},
        {"input_dropout": 0.1},
        {"optimizer": "adadelta", "optimizer.rho": 0.9},
        {"optimizer": "adagrad", "optimizer.initial_sum": 0.0},
        {"optimizer": "adam", "optimizer.beta_1": 0.5},
        {"optimizer": "adam", "optimizer.beta_2": 0.5},
        {"optimizer": "adam", "optimizer.epsilon": 0.5},
        {"optimizer": "adamw"},
        {"optimizer": "adamw", "optimizer.weight_decay": 0.5},
        {"schedule.warm_up": 0.5},
        {"early_stopping": "patience"},
        {"early_stopping.patience": 5},
        {"early_stopping.restore_best": False},
        {"early_stopping.held_out": 0.5},
    ]
    with_images: list[dict[str, Any]] = [
        {},
        {"data": "mnist"},
        {"training_size": 100},
        {"shift": 1.0},
        {"rotation": 1.0},
        {"scaling": 0.1},
        {"elastic": 1.0},
        {"pretraining_epochs": 1},
        {"early_stopping.metric": "validation_accuracy"},
    ]
    keys = {run_spec({**SETTINGS, **change}).key for change in changes} | {spec.key}
    keys |= {run_spec({**IMAGES, **change}).key for change in with_images}
    assert len(keys) == len(changes) + len(with_images) + 1
    # A new setting must be added to the lists above.
    varied = {name for change in (*changes, *with_images) for name in change} - {"normalized"}
    named = {name for name in setting_names() if not name.startswith("data.")}
    assert varied == named - {"normalized", "regularizer"}  # there is but one


def test_settings_that_the_schema_gained_later_disown_no_record() -> None:
    # The key that a record of the first version has, which knew half of today's settings.
    spec = RunSpec(
        hidden_layers=(10, 10),
        optimizer="adam",
        learning_rate=0.01,
        schedule="cosine",
        final_fraction=0.01,
        epochs=20_000,
        batch_size=21,
    )
    assert spec.key == "9f9bf37a60d85d79ce1bf6cc2cf7ef77c5c389f49dae05ffba9674675e7e143c"


@pytest.mark.parametrize(
    ("change", "has_dropout"),
    [
        ({}, False),
        ({"dropout": 0.1}, True),
        ({"dropout": 0.1, "hidden_layers": []}, False),
        ({"output_dropout": 0.1, "hidden_layers": []}, True),
    ],
)
def test_a_recipe_changes_the_keys_of_the_runs_whose_meaning_it_can_change(
    change: dict[str, Any], has_dropout: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = run_spec({**SETTINGS, **change})
    before = spec.key
    with monkeypatch.context() as patch:
        patch.setattr("nnbook.training.spec.DROPOUT_RECIPE", 2)
        assert (spec.key != before) == has_dropout
    with monkeypatch.context() as patch:
        patch.setattr("nnbook.training.spec.RECIPE", 2)
        assert spec.key != before
    assert spec.key == before


def test_the_key_depends_on_the_data_and_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = run_spec(SETTINGS)
    before = spec.key
    with monkeypatch.context() as patch:
        patch.setattr("nnbook.training.spec.RECIPE", 10_000)
        assert spec.key != before
    with monkeypatch.context() as patch:
        patch.setattr("nnbook.training.datasets.eckerle4_data.ECKERLE4_SHA256", "0")
        assert spec.key != before
    assert spec.key == before


NEGATIVE = "expected greater than or equal to 0, received -0.1"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hiden_layers": [5]}, "unknown key 'hiden_layers', did you mean 'hidden_layers'?"),
        ({"hidden_layers": [0]}, "hidden_layers.0: expected greater than or equal to 1"),
        ({"hidden_layers": [5.5]}, "hidden_layers.0: expected a valid integer, .*received 5.5"),
        ({"activation": "relux"}, "activation: expected 'relu', 'leaky_relu', .*received 'relux'"),
        ({"activation": "softmax", "hidden_layers": [5, 1]}, "hidden_layers: .* 2 units .*softmax"),
        ({"learning_rate": -1.0}, "learning_rate: expected greater than 0, received -1.0"),
        ({"learning_rate": 0.0}, "learning_rate: expected greater than 0, received 0.0"),
        ({"learning_rate": "fast"}, "learning_rate: expected a valid number, received 'fast'"),
        ({"learning_rate": float("inf")}, "learning_rate: expected a finite number, received inf"),
        ({"epochs": 0}, "epochs: expected greater than or equal to 1, received 0"),
        ({"epochs": 10**25}, "epochs: expected less than or equal to 10000000, received 10{25}"),
        ({"early_stopping.patience": 10**25}, "early_stopping.patience: expected less than"),
        ({"hidden_layers": [1] * 1001}, "hidden_layers: .*at most 1000 items"),
        ({"epochs": 2.5}, "epochs: expected a valid integer, received 2.5"),
        ({"batch_size": 0}, "batch_size: expected greater than or equal to 1, received 0"),
        ({"batch_size": 22}, r"batch_size: expected 1 to 21 \(.*training set\), received 22"),
        ({"training_fraction": 0.001}, "training_fraction: .*leave.* training and test"),
        ({"training_fraction": 0.999}, "training_fraction: .*leave.* training and test"),
        (
            {"training_size": 10},
            "training_size: expected only with data 'digits' .*, received it with 'eckerle4'",
        ),
        ({"shift": 1.0}, "shift: expected only with images, .*data 'eckerle4'"),
        ({"elastic": 1.0}, "elastic: expected only with images, .*data 'eckerle4'"),
        ({"pretraining_epochs": 1}, "pretraining_epochs: expected only with images"),
        ({"dropout": 1.0}, "dropout: expected less than or equal to 0.99998.*, received 1.0"),
        ({"dropout": 0.999999}, "dropout: expected less than or equal to 0.99998.*"),
        ({"dropout": -0.1}, f"dropout: {NEGATIVE}"),
        ({"output_dropout": -0.1}, f"output_dropout: {NEGATIVE}"),
        ({"dropout_from": 2}, "dropout_from: .* a dropout above 0, received 2 with dropout 0.0"),
        ({"dropout": 0.1, "dropout_from": 3}, r"dropout_from: expected at most 2 \(the hidden"),
        (
            {"normalized": "activations"},
            "normalized: expected only with normalization 'batch' or .* it without",
        ),
        ({"l1": -0.1}, f"l1: {NEGATIVE}"),
        ({"bias_l2": -0.1}, f"bias_l2: {NEGATIVE}"),
        ({"final_fraction": 1.0, "schedule": "cosine"}, "final_fraction: expected less than 1"),
        (
            {"optimizer": {"lerning_rate": 0.1}},
            "unknown key .* mean 'optimizer.learning_rate",
        ),
        (
            {"optimizer": {"name": "adam", "bata_2": 0.9}},
            "unknown key 'optimizer.bata_2', did you mean 'optimizer.beta_2'",
        ),
        ({"optimizer.bata_2": 0.9, "optimizer": "adam"}, "unknown key 'optimizer.bata_2'"),
        ({"optimizer": {"name": "adam", "beta_2": 1.0}}, "optimizer.beta_2: expected less than 1"),
        ({"optimizer": {"name": "lbfgs"}}, "optimizer: expected .*'sgd', received 'lbfgs'"),
        ({"optimizer": 5}, "optimizer: expected .*'sgd', received 5"),
        ({"optimizr.beta_2": 0.9}, "unknown key 'optimizr.beta_2', .*'optimizer.beta_2'"),
        ({"normalization": {"place": "after"}}, "normalized: expected only with normalization"),
        ({"normalization": {"epsilon": 0.1}}, "normalization: expected 'batch', 'layer', received"),
        ({"normalization": {"name": "batch", "place": "on"}}, "normalization.place: expected"),
        (
            {"normalization": "layer", "batch_normalization": True},
            "batch_normalization: expected only without another normalization.*'layer'",
        ),
        ({"batch_normalization": "yes"}, "batch_normalization: expected true or false.*'yes'"),
        ({"shortcuts": 1}, r"shortcuts: expected two .* of equal width, 1 apart, .*\[5, 3\]"),
        ({"early_stopping": {"patience": 0}}, "early_stopping.patience: expected greater"),
        ({"early_stopping": {"held_out": 0.01}}, "early_stopping.held_out: .* 21 training"),
        ({"early_stopping": {"metric": "validation_accuracy"}}, "early_stopping.metric: .*classes"),
        ({"early_stopping": "patience", "continued": [0.1]}, "early_stopping: expected none"),
        ({"early_stopping": "patience", "batch_size": 18}, "batch_size: expected 1 to 17"),
        ({"schedule": {"warm_up": 9.0}}, "schedule.warm_up: expected fewer epochs than .* 9"),
        ({"schedule.warm_up": -1.0}, "schedule.warm_up: expected greater"),
        ({"initial_deviation": 0.1}, "initial_deviation: .*'random_normal', .*'glorot_uniform'"),
        ({"initializer": "ones"}, "initializer: expected .*'glorot_uniform', .*received 'ones'"),
        ({"optimizer": "lbfgs"}, "optimizer: expected 'adadelta', .*'sgd', received 'lbfgs'"),
        ({"optimizer": "adamm"}, "optimizer: .*, received 'adamm', did you mean 'adam'"),
        ({"activation": "sigmoyd"}, "activation: .*, received 'sigmoyd', did you mean 'sigmoid'"),
        (
            {"early_stopping": 5},
            "early_stopping: expected 'patience', received 5; write early_stopping = "
            r'"patience" or early_stopping = \{name = "patience", patience = 10\}',
        ),
        (
            {"optimizer": {"name": "sgd", "momentum": 0.5}, "momentum": 0.9},
            "optimizer.momentum = 0.5 and momentum = 0.9 contradict each other",
        ),
        (
            {"momentum": 0.9, "optimizer": "adam"},
            "momentum: expected only with optimizer 'rmsprop' or 'sgd', .*'adam'",
        ),
        ({"nesterov": True}, "momentum: expected above 0 when nesterov is true"),
        (
            {"nesterov": True, "momentum": 0.9, "optimizer": "rmsprop"},
            "nesterov: expected only with optimizer 'sgd', received it with 'rmsprop'",
        ),
        ({"schedule": "cosine"}, "final_fraction: missing"),
        (
            {"final_fraction": 0.5},
            "final_fraction: .* 'cosine' or 'exponential', .* 'constant'",
        ),
        (
            {"continued": [0.1], "schedule": "cosine", "final_fraction": 0.5},
            "continued: expected a constant schedule without warm-up, received 'cosine'",
        ),
        ({"continued": [0.1, 0.0]}, "continued.1: expected greater than 0, received 0.0"),
        ({"continued": [0.1], "probes": True}, "probes: expected false .* continued"),
        ({"loss": "hinge"}, "loss: expected 'mean_squared_error', .*received 'hinge'"),
        ({"loss": "categorical_cross_entropy"}, "(loss|output_activation): .* needs classes"),
        ({"output_activation": "softmax"}, "output_activation: a softmax needs classes"),
        (
            {"loss": "binary_cross_entropy", "output_activation": "identity"},
            "output_activation: 'binary_cross_entropy' needs probabilities, received 'identity'",
        ),
        ({"seed": -1}, "seed: expected greater than or equal to 0"),
        (
            {"data": "iris"},
            f"data: expected {', '.join(map(repr, DATA_SETS))}, received 'iris'",
        ),
    ],
)
def test_what_cannot_be_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=f"^configuration 'wide': {message}"):
        run_spec({**SETTINGS, **change}, "configuration 'wide'")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"noise": 0.1}, "noise: expected only with data 'eckerle4', received it with 'digits'"),
        (
            {"training_fraction": 0.5},
            "training_fraction: expected only with data 'csv' or 'eckerle4' or 'npz'",
        ),
        ({"training_size": 0}, "training_size: expected greater than or equal to 1, received 0"),
        ({"training_size": 1198}, "training_size: expected 1 to 1197, received 1198"),
        ({"batch_size": 1198}, "batch_size: expected 1 to 1197 .*received 1198"),
        ({"training_size": 10, "batch_size": 11}, "batch_size: expected 1 to 10 .*received 11"),
        ({"scaling": 1.0}, "scaling: expected less than 1, received 1.0"),
        ({"rotation": -0.1}, f"rotation: {NEGATIVE}"),
        (
            {"epochs": 10**7, "batch_size": 1},
            r"epochs: expected at most 1,794,054 of 1,197 steps each .*, received 10,000,000",
        ),
        (
            {"pretraining_epochs": 10**25},
            "pretraining_epochs: expected less than or equal to 10000000",
        ),
        (
            {"early_stopping.held_out": 0.3},
            "early_stopping.held_out: expected only with data that have no validation set of their "
            "own, received 0.3 with data 'digits'",
        ),
        ({"pretraining_epochs": 1, "hidden_layers": []}, "pretraining_epochs: .*received none"),
        (
            {"output_activation": "identity"},
            "output_activation: 'categorical_cross_entropy' needs probabilities",
        ),
    ],
)
def test_what_cannot_be_with_images_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=f"^run: {message}"):
        run_spec({**IMAGES, **change})


def test_what_is_held_out_by_default_is_no_contradiction_to_a_validation_set() -> None:
    assert run_spec({**IMAGES, "early_stopping": {"patience": 3}}).held_out == 0


def test_a_spec_knows_its_steps_and_its_output() -> None:
    spec = run_spec({**IMAGES, "training_size": 130, "batch_size": 50})
    assert (spec.examples, spec.steps, spec.output) == (130, 3, "softmax")
    whole = run_spec({**IMAGES, "training_size": 130, "batch_size": 50, "drop_remainder": True})
    assert whole.steps == 2
    assert run_spec(SETTINGS).steps == 7
    assert run_spec(SETTINGS).output == "identity"
    assert run_spec({**SETTINGS, "loss": "binary_cross_entropy"}).output == "sigmoid"
    assert run_spec({**IMAGES, "output_activation": "sigmoid"}).output == "sigmoid"


def test_every_problem_is_named() -> None:
    with pytest.raises(SpecError) as error:
        run_spec({"hidden_layers": [5], "epochs": 0, "batch_size": 1})
    assert str(error.value).splitlines() == [
        "run: epochs: expected greater than or equal to 1, received 0",
        "run: learning_rate: missing",
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
