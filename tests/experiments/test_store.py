import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from nnbook.errors import RecordError
from nnbook.experiments import store
from nnbook.training.spec import RunSpec, run_spec
from tests.experiments.outcomes import diverging, quick

SPEC = run_spec(
    {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 5, "batch_size": 21, "seed": 2}
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "small" / "three" / "2.json"


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
