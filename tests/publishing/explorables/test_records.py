"""The records by factor: what the page is given is what is on record, and Node reads it so."""

import json

import numpy as np
import pytest

from nnbook import experiment, run
from nnbook.publishing.explorables import records
from tests.publishing.explorables.node import run_tests


@pytest.fixture(scope="module")
def results():
    return run(experiment("mnist-parameters"))


def placed():
    """Return factor, setting, configuration and packed run of each setting."""
    found = records.facts()
    for factor, settings in records.factors().items():
        for (label, place), (setting, name) in zip(
            found["factors"][factor], settings.items(), strict=True
        ):
            assert label == setting
            yield factor, setting, name, found["runs"][place]


def test_curves_and_ends_are_those_on_record(results):
    for _, _, name, packed in placed():
        runs = results[name]
        errors, losses = np.array(packed["error"]) / 1e4, np.array(packed["loss"]) / 1e3
        accuracy, loss = (runs.history(f"validation_{kind}")[1] for kind in ("accuracy", "loss"))
        assert errors.shape == losses.shape == (5, records.POINTS)
        assert np.allclose(errors[:, -1], 1 - accuracy[:, -1], rtol=0, atol=5.1e-5)
        assert np.allclose(losses[:, -1], loss[:, -1], rtol=0, atol=5.1e-4)
        if accuracy.shape[1] == records.POINTS:
            assert np.allclose(errors, 1 - accuracy, rtol=0, atol=5.1e-5)
        training = 1 - runs.final("training_accuracy")
        assert np.allclose(np.array(packed["training"]) / 1e4, training, rtol=0, atol=5.1e-5)
        spec = runs.records[0].content["spec"]
        assert (packed["rate"], packed["epochs"]) == (spec["learning_rate"], spec["epochs"])


def test_the_baseline_is_told_as_it_is_on_record(results):
    spec = results["baseline"].records[0].content["spec"]
    told = records.facts()["baseline"]
    assert set(told) == {*records._TOLD} and told.items() <= spec.items()
    assert spec["optimizer"] == "sgd" and spec["data"] == "mnist"


def test_a_setting_with_the_runs_of_the_baseline_is_the_baseline(results):
    def keys(name):
        return {seed: record.key for seed, record in results[name].records.items()}

    same = {
        (factor, setting): name
        for factor, setting, name, _ in placed()
        if keys(name) == keys("baseline")
    }
    assert set(same.values()) == {"baseline"}, same
    assert ("layers", "1") in same and ("rate", "0.03") in same


def test_a_setting_is_what_its_configuration_changes(results):
    """The name of a setting is a value of its runs; all else is the baseline's, or told."""
    keys = {
        "rate": "learning_rate",
        "images": "training_size",
        "units": "hidden_layers",
        "batch": "batch_size",
        "proportion": "batch_size",
        "momentum": "momentum",
        "pace": "momentum",
        "l1": "l1",
        "l2": "l2",
        "dropout": "dropout",
        "activation": "activation",
        "solver": "optimizer",
        "schedule": "schedule",
    }
    told = {
        "images": {"epochs", "split"},
        "proportion": {"learning_rate"},
        "momentum": {"learning_rate"},
        "pace": {"learning_rate"},
        "activation": {"learning_rate"},
        "solver": {"learning_rate", "momentum"},
        "schedule": {"learning_rate", "final_fraction"},
    }
    base = results["baseline"].records[0].content["spec"]
    for factor, setting, name, _ in placed():
        spec = results[name].records[0].content["spec"]
        changed = {key for key in base if spec[key] != base[key]} - {"seed"}
        if factor == "layers":
            assert changed <= {"hidden_layers"} and spec["hidden_layers"] == [100] * int(setting)
            continue
        assert changed <= {keys[factor]} | told.get(factor, set()), (factor, setting, changed)
        value = spec[keys[factor]]
        value = 50_000 if value is None else value[0] if isinstance(value, list) else value
        if isinstance(value, str):
            assert value == setting.lower().replace(" ", "_")
        else:
            raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
            plain = setting.replace(",", "")
            exponent = plain.removeprefix("10").translate(raised)
            power = plain.startswith("10") and "⁻" in plain
            assert value == (float(f"1e{exponent}") if power else float(plain)), (factor, setting)


def test_activations_and_solvers_have_their_best_rate(results):
    for factor, setting, name, _ in placed():
        if factor in ("activation", "solver"):
            start = name[: name.index("learning_rate-")]
            means = {
                other: runs.final("validation_accuracy").mean()
                for other, runs in results.items()
                if other.startswith(start) and runs.finished
            }
            assert means[name] == max(means.values()) and len(means) >= 3, (factor, setting)


def test_the_page_computes_what_nnbook_computes(tmp_path):
    ends = [
        {
            "factor": factor,
            "setting": setting,
            "curve": np.mean(packed["loss"], axis=0).tolist(),
            "validation": [
                f(np.array(packed["error"])[:, -1] / 100) for f in (np.mean, np.min, np.max)
            ],
            "training": [f(np.array(packed["training"]) / 100) for f in (np.mean, np.min, np.max)],
        }
        for factor, setting, _, packed in placed()
    ]
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"facts": records.facts(), "ends": ends}), encoding="utf-8")
    run_tests("records.test.mjs", NNBOOK_GOLDEN=str(path))
