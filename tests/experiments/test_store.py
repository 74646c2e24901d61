import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnbook.errors import RecordError
from nnbook.experiments import store
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec, run_spec
from tests.experiments.outcomes import diverging, quick

SPEC = run_spec(
    {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 5, "batch_size": 21, "seed": 2}
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "small" / "three" / "2.json"


FIRST_LAYER = {
    "W1_before": np.array([[0.1], [-0.2], [1 / 3]], np.float32),
    "b1_before": np.zeros(3, np.float32),
    "W1_after": np.array([[0.5], [7.0], [1e9]], np.float32),
    "b1_after": np.ones(3, np.float32),
}


def probed() -> Outcome:
    """Return a run with what its probes measured."""
    arrays = {
        "step": np.array([0, 1, 5], np.int32),
        "gradient_norm": np.array([[1e-12, 1.0], [0.3, 2.0], [0.2, 3.0]], np.float32),
        "slope": np.array([[0.25], [0.2], [0.1]], np.float32),
        "update_ratio": np.array([[0.1, 0.2], [0.3, 0.4], [np.nan, np.nan]], np.float32),
    }
    return replace(quick(SPEC), arrays=arrays, first_layer=FIRST_LAYER)


@pytest.fixture
def record(path: Path) -> store.Record:
    return store.write(path, SPEC, quick(SPEC), keep_weights=True)


def test_what_is_read_is_what_was_written(record: store.Record, path: Path) -> None:
    again = store.read(path)
    assert (
        again.content == json.loads(json.dumps(record.content)) | {"digest": None}
        or again.content["key"] == SPEC.key
    )
    assert RunSpec(**again.content["spec"]) == SPEC
    assert again.key == SPEC.key
    assert not again.diverged
    assert again.content["history"]["test_loss"] == [0.3333333, 0.25, 0.125]
    assert again.content["final"] == {"training_loss": 0.125, "test_loss": 0.125}
    x = np.array([[0.5, 1.0]])
    outcome = quick(SPEC)
    assert outcome.network is not None
    np.testing.assert_allclose(
        again.network.forward(x).prediction, outcome.network.forward(x).prediction
    )
    assert sorted(file.name for file in path.parent.iterdir()) == ["2.json", "2.npz"]


def test_a_record_names_versions_and_machine_but_neither_host_nor_path(path: Path) -> None:
    content = store.write(path, SPEC, quick(SPEC), keep_weights=False).content
    assert set(content["versions"]) == {"python", "nnbook", "keras", "numpy", "tensorflow"}
    assert set(content["machine"]) == {"system", "processor", "cpus"}
    text = path.read_text(encoding="utf-8")
    assert os.uname().nodename not in text
    assert str(path.parent) not in text


def test_a_diverged_run_is_a_record(path: Path) -> None:
    spec = SPEC.model_copy(update={"seed": 1})
    store.write(path, spec, diverging(spec), keep_weights=True)
    record = store.read(path)
    assert record.diverged
    assert record.content["diverged_at"] == {"epoch": 1, "step": 2}
    assert record.content["final"] is None
    with pytest.raises(RecordError, match="the run diverged and left no network"):
        _ = record.network


def test_a_diverged_run_that_was_continued_keeps_its_fits_and_nothing_final(path: Path) -> None:
    spec = SPEC.model_copy(update={"seed": 1})
    fits = [{"learning_rate": 0.1, "test_loss": 0.123456789}]
    outcome = replace(diverging(spec), fits=fits)
    content = store.write(path, spec, outcome, keep_weights=True).content
    assert content["status"] == "diverged"
    assert content["fits"] == [{"learning_rate": 0.1, "test_loss": 0.1234568}]
    assert content["final"] is None


def test_fits_final_values_and_measures_are_recorded(path: Path) -> None:
    outcome = replace(
        quick(SPEC),
        final={"validation_loss": 0.25, "test_accuracy": 0.987654321},
        fits=[{"learning_rate": 0.1, "test_loss": 1.0}, {"learning_rate": 0.2, "test_loss": 0.5}],
        measures={"confusion": [[3, 1], [0, 4]], "dead_units": [1]},
    )
    store.write(path, SPEC, outcome, keep_weights=False)
    content = store.read(path).content
    assert content["final"] == {"validation_loss": 0.25, "test_accuracy": 0.9876543}
    assert [fit["test_loss"] for fit in content["fits"]] == [1.0, 0.5]
    assert content["confusion"] == [[3, 1], [0, 4]]
    assert content["dead_units"] == [1]
    plain = store.write(path, SPEC, quick(SPEC), keep_weights=False).content
    assert not {"fits", "confusion", "dead_units"} & set(plain)


@pytest.mark.parametrize(
    ("keep_weights", "first_layer", "files"),
    [
        (False, False, ["2.json", "2.probes.npz"]),
        ("first layer", True, ["2.json", "2.probes.npz"]),
        (True, True, ["2.json", "2.npz", "2.probes.npz"]),
    ],
)
def test_what_probes_measured_is_kept_beside_the_record(
    keep_weights: store.KeepWeights, first_layer: bool, files: list[str], path: Path
) -> None:
    outcome = probed()
    store.write(path, SPEC, outcome, keep_weights)
    assert sorted(file.name for file in path.parent.iterdir()) == files
    probes = store.read(path).probes
    assert set(probes) == set(outcome.arrays) | (set(FIRST_LAYER) if first_layer else set())
    for name, values in outcome.arrays.items():
        assert probes[name].dtype == values.dtype
        np.testing.assert_array_equal(probes[name], values)
    if first_layer:
        before, after = probes["W1_before"], probes["W1_after"]
        assert before.dtype == np.float16
        np.testing.assert_allclose(before, FIRST_LAYER["W1_before"], rtol=1e-3)
        assert after[:, 0].tolist() == [0.5, 7.0, np.inf]  # beyond half precision, no warning


def test_probes_that_are_missing_or_others_are_refused(path: Path) -> None:
    store.write(path, SPEC, probed(), keep_weights=False)
    probes = path.with_name("2.probes.npz")
    content = bytearray(probes.read_bytes())
    content[len(content) // 2] ^= 1
    probes.write_bytes(content)
    with pytest.raises(
        RecordError, match=r"2\.probes\.npz: the probes .*not those recorded; `nnbook run small`"
    ):
        _ = store.read(path).probes
    probes.unlink()
    with pytest.raises(RecordError, match=r"2\.probes\.npz: the probes are missing"):
        _ = store.read(path).probes


def test_a_run_without_probes_says_so(record: store.Record) -> None:
    with pytest.raises(RecordError, match=r"2\.json: the run was made without probes"):
        _ = record.probes


def test_a_classifier_is_read_with_its_output_activation(path: Path) -> None:
    images = {"data": "digits", "loss": "categorical_cross_entropy"}
    spec = SPEC.model_copy(update=images)
    network = store.write(path, spec, quick(spec), keep_weights=True).network
    assert network[2].activation.name == "softmax"
    spec = SPEC.model_copy(update={**images, "output_activation": "sigmoid"})
    network = store.write(path, spec, quick(spec), keep_weights=True).network
    assert network[2].activation.name == "sigmoid"


@pytest.mark.parametrize("kept", [0, 1, 100, 500])
def test_a_truncated_record_is_named_with_its_remedy(
    record: store.Record, path: Path, kept: int
) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(RecordError, match=r"2\.json: .*truncated.*`nnbook run small`"):
        store.read(path)


@pytest.mark.parametrize(
    ("old", "new"), [("0.125", "0.0125"), ("finished", "diverged"), ('"seed": 2', '"seed": 3')]
)
def test_a_record_edited_by_hand_is_refused(
    record: store.Record, path: Path, old: str, new: str
) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RecordError, match=r"2\.json: .*edited after the run; `nnbook run small`"):
        store.read(path)


def test_other_layout_is_no_edit(record: store.Record, path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")), indent=4), encoding="utf-8")
    assert store.read(path).key == SPEC.key


@pytest.mark.parametrize("content", ["[]", "7", '{"digest": "x"}', "\x00\x01"])
def test_another_file_is_no_record(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=r"2\.json"):
        store.read(path)


def test_weights_that_are_missing_or_others_are_refused(record: store.Record, path: Path) -> None:
    weights = path.with_suffix(".npz")
    other = SPEC.model_copy(update={"seed": 9})
    store.write(path.with_name("9.json"), other, quick(other), keep_weights=True)
    path.with_name("9.npz").replace(weights)
    with pytest.raises(RecordError, match=r"2\.npz: .*not those recorded; `nnbook run small`"):
        _ = store.read(path).network
    weights.unlink()
    with pytest.raises(RecordError, match=r"2\.npz: the weights are missing"):
        _ = store.read(path).network


def test_weights_are_kept_only_where_wanted(path: Path) -> None:
    record = store.write(path, SPEC, quick(SPEC), keep_weights=False)
    assert not path.with_suffix(".npz").exists()
    with pytest.raises(RecordError, match="no weights on record; set keep_weights"):
        _ = record.network


def test_local_records_name_another_remedy(tmp_path: Path) -> None:
    path = tmp_path / ".local" / "ab.json"
    store.write(path, SPEC, quick(SPEC), keep_weights=True)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(RecordError, match=r"delete ab\.json and run the cell again"):
        store.read(path)


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "results"
    blocked.write_text("a file in the place of the folder", encoding="utf-8")
    with pytest.raises(RecordError, match=r"results cannot be written to .*NNBOOK_RESULTS"):
        store.prepare(blocked / "small")
    with pytest.raises(RecordError, match="results cannot be written to"):
        store.write(blocked / "small" / "2.json", SPEC, quick(SPEC), keep_weights=True)


def test_abandoned_temporary_files_are_removed_and_fresh_ones_are_not(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".2.json.77.tmp", tmp_path / ".3.json.78.tmp"
    old.write_text("{", encoding="utf-8")
    fresh.write_text("{", encoding="utf-8")
    os.utime(old, (time.time() - 3600,) * 2)
    store.prepare(tmp_path)
    assert list(tmp_path.iterdir()) == [fresh]
