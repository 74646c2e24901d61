import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from nnbook.errors import RecordError
from nnbook.experiments.record import KeepWeights, Record, read
from nnbook.experiments.store import Store
from nnbook.training.outcome import Outcome
from tests.experiments.outcomes import SPEC, diverging, quick


def arrays(path: Path, kind: str) -> Path:
    """Return the one file of arrays of this kind beside a record."""
    (found,) = path.parent.glob(f"{path.stem}.{kind}-*.npz")
    return found


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
def record(place: Store) -> Record:
    return place.put(SPEC, quick(SPEC), True)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_quick_reader_reads_each_number_exactly(value: float) -> None:
    assert from_json(json.dumps(value)) == value
    assert from_json(f"{value:.7g}") == float(f"{value:.7g}")


def test_what_is_read_is_what_was_written(record: Record, place: Store, path: Path) -> None:
    again = place.get(SPEC.key)
    assert again is not None
    assert again.content == json.loads(json.dumps(record.content))
    assert again.spec == SPEC
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
    assert sorted(path.parent.iterdir()) == sorted([path, arrays(path, "weights")])


def test_equal_runs_give_equal_bytes(place: Store, path: Path) -> None:
    place.put(SPEC, quick(SPEC), True)
    first = arrays(path, "weights")
    before = first.read_bytes()
    place.put(SPEC, quick(SPEC), True)
    assert arrays(path, "weights") == first
    assert first.read_bytes() == before


def test_a_record_names_versions_and_machine_but_neither_host_nor_path(
    place: Store, path: Path
) -> None:
    content = place.put(SPEC, quick(SPEC), False).content
    assert set(content["versions"]) == {"python", "nnbook", "keras", "numpy", "tensorflow"}
    assert set(content["machine"]) == {"system", "processor", "cpus"}
    text = path.read_text(encoding="utf-8")
    assert os.uname().nodename not in text
    assert str(path.parent) not in text


def test_a_diverged_run_is_a_record(place: Store, path: Path) -> None:
    spec = SPEC.model_copy(update={"seed": 1})
    record = place.put(spec, diverging(spec), True)
    assert place.get(spec.key) == record
    assert record.diverged
    assert record.content["diverged_at"] == {"epoch": 1, "step": 2}
    assert record.content["final"] is None
    with pytest.raises(RecordError, match="the run diverged and left no network"):
        _ = record.network


def test_a_diverged_run_that_was_continued_keeps_its_fits_and_nothing_final(
    place: Store, path: Path
) -> None:
    spec = SPEC.model_copy(update={"seed": 1})
    fits = [{"learning_rate": 0.1, "test_loss": 0.123456789}]
    outcome = replace(diverging(spec), fits=fits)
    content = place.put(spec, outcome, True).content
    assert content["status"] == "diverged"
    assert content["fits"] == [{"learning_rate": 0.1, "test_loss": 0.1234568}]
    assert content["final"] is None


def test_fits_final_values_and_measures_are_recorded(place: Store, path: Path) -> None:
    outcome = replace(
        quick(SPEC),
        final={"validation_loss": 0.25, "test_accuracy": 0.987654321},
        fits=[{"learning_rate": 0.1, "test_loss": 1.0}, {"learning_rate": 0.2, "test_loss": 0.5}],
        measures={"confusion": [[3, 1], [0, 4]], "dead_units": [1]},
    )
    place.put(SPEC, outcome, False)
    content = read(path, place.remedy).content
    assert content["final"] == {"validation_loss": 0.25, "test_accuracy": 0.9876543}
    assert [fit["test_loss"] for fit in content["fits"]] == [1.0, 0.5]
    assert content["confusion"] == [[3, 1], [0, 4]]
    assert content["dead_units"] == [1]
    plain = place.put(SPEC, quick(SPEC), False).content
    assert not {"fits", "confusion", "dead_units"} & set(plain)


@pytest.mark.parametrize(
    ("keep_weights", "first_layer", "files"),
    [
        (False, False, ["probes"]),
        ("first layer", True, ["probes"]),
        (True, True, ["probes", "weights"]),
    ],
)
def test_what_probes_measured_is_kept_beside_the_record(
    place: Store, keep_weights: KeepWeights, first_layer: bool, files: list[str], path: Path
) -> None:
    outcome = probed()
    place.put(SPEC, outcome, keep_weights)
    kinds = (file.name.split(".")[1].partition("-")[0] for file in path.parent.glob("*.npz"))
    assert sorted(kinds) == files
    state = "recorded" if first_layer else "incomplete"
    assert place.state(SPEC.key, {"probes", "first layer"}) == state
    probes = read(path, place.remedy).probes
    assert set(probes) == set(outcome.arrays) | (set(FIRST_LAYER) if first_layer else set())
    for name, values in outcome.arrays.items():
        assert probes[name].dtype == values.dtype
        np.testing.assert_array_equal(probes[name], values)
    if first_layer:
        before, after = probes["W1_before"], probes["W1_after"]
        assert before.dtype == np.float16
        np.testing.assert_allclose(before, FIRST_LAYER["W1_before"], rtol=1e-3)
        assert after[:, 0].tolist() == [0.5, 7.0, np.inf]  # beyond half precision, no warning


@pytest.mark.parametrize("kind", ["weights", "probes"])
def test_arrays_that_are_missing_or_others_are_refused(place: Store, path: Path, kind: str) -> None:
    record = place.put(SPEC, probed(), True)
    file = arrays(path, kind)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    said = rf"{kind}-.*npz: the {kind} are missing or not those recorded; `nnbook run small`"
    for _ in range(2):
        assert place.state(SPEC.key) == "damaged"
        with pytest.raises(RecordError, match=said):
            _ = record.network if kind == "weights" else record.probes
        file.unlink(missing_ok=True)
    place.put(SPEC, probed(), True)
    assert place.state(SPEC.key) == "recorded"


def test_a_run_without_probes_says_so(record: Record) -> None:
    with pytest.raises(RecordError, match=r"\.json: the run was made without probes"):
        _ = record.probes


def test_a_classifier_is_read_with_its_output_activation(place: Store, path: Path) -> None:
    images = {"data": "digits", "loss": "categorical_cross_entropy"}
    spec = SPEC.vary(**images)
    network = place.put(spec, quick(spec), True).network
    assert network[2].activation.name == "softmax"
    spec = SPEC.vary(**images, output_activation="sigmoid")
    network = place.put(spec, quick(spec), True).network
    assert network[2].activation.name == "sigmoid"


@pytest.mark.parametrize("kept", [0, 1, 100, 500])
def test_a_truncated_record_is_named_with_its_remedy(
    place: Store, record: Record, path: Path, kept: int
) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(RecordError, match=r"\.json: .*truncated.*`nnbook run small`"):
        read(path, place.remedy)


@pytest.mark.parametrize(
    ("old", "new"), [("0.125", "0.0125"), ("finished", "diverged"), ('"seed": 2', '"seed": 3')]
)
def test_a_record_edited_by_hand_is_refused(
    place: Store, record: Record, path: Path, old: str, new: str
) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RecordError, match=r"\.json: .*edited after the run; `nnbook run small`"):
        read(path, place.remedy)


def test_other_layout_is_no_edit(place: Store, record: Record, path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")), indent=4), encoding="utf-8")
    assert read(path, place.remedy).key == SPEC.key


@pytest.mark.parametrize("content", ["[]", "7", '{"digest": "x"}', "\x00\x01"])
def test_another_file_is_no_record(place: Store, path: Path, content: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=r"\.json"):
        read(path, place.remedy)


def test_the_record_of_another_run_is_not_taken_for_this_one(place: Store, path: Path) -> None:
    other = SPEC.model_copy(update={"seed": 3})
    path.parent.mkdir(parents=True)
    place.put(other, quick(other), False).path.replace(path)
    with pytest.raises(RecordError, match=r"is that of another run; `nnbook run small`"):
        place.get(SPEC.key)
    assert place.state(SPEC.key) == "damaged"


@pytest.mark.parametrize("what", ["pipe", "/dev/zero", "gigabytes"])
def test_what_is_no_file_in_the_place_of_one_is_not_waited_for(
    place: Store, record: Record, path: Path, what: str
) -> None:
    for file in (arrays(path, "weights"), path):
        file.unlink()
        if what == "pipe":
            os.mkfifo(file)
        elif what == "gigabytes":
            file.touch()
            os.truncate(file, 2**33)
        else:
            file.symlink_to(what)
        assert place.state(SPEC.key) == "damaged"
    with pytest.raises(RecordError, match=r"\.json'?: .*; `nnbook run small` makes it anew$"):
        place.get(SPEC.key)


def test_weights_are_kept_only_where_wanted(place: Store, path: Path) -> None:
    place.put(SPEC, quick(SPEC), True)
    record = place.put(SPEC, quick(SPEC), False)
    assert not list(path.parent.glob("*.npz"))
    assert place.state(SPEC.key) == "recorded"
    assert place.state(SPEC.key, {"weights"}) == "incomplete"
    assert place.get(SPEC.key, {"weights"}) is None
    with pytest.raises(RecordError, match="no weights on record; set keep_weights"):
        _ = record.network
