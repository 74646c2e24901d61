import hashlib
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnbook.errors import DataError, SpecError
from nnbook.training import datasets
from nnbook.training.datasets import eckerle4_data, files, mnist_data
from nnbook.training.datasets.npz_data import NPZ
from nnbook.training.spec import run_spec

GOOD = "transmittance,wavelength_nm\n0.1,400.0\n0.2,405.0\n"


def test_eckerle4_is_nists() -> None:
    table = datasets.eckerle4()
    assert table.shape == (35, 2)
    assert table[0].tolist() == [0.0001575, 400.0]
    assert table[-1].tolist() == [0.0000710, 500.0]
    assert abs(table[table[:, 0].argmax(), 1] - 451.54) < 1.5


def test_both_columns_are_scaled_to_the_unit_interval() -> None:
    split = datasets.load_split(split=0)
    x = np.concatenate([split.training_x, split.test_x])
    y = np.concatenate([split.training_y, split.test_y])
    assert (x.min(), x.max(), y.min(), y.max()) == (0, 1, 0, 1)
    wavelength, transmittance = datasets.eckerle4_scaling()
    assert wavelength.unscale(np.array([0.0, 1.0])).tolist() == [400.0, 500.0]
    restored = np.sort(transmittance.unscale(y).ravel())
    np.testing.assert_allclose(restored, np.sort(datasets.eckerle4()[:, 0]), rtol=1e-12, atol=1e-17)


def test_a_split_holds_each_observation_once_and_depends_on_its_seed_only() -> None:
    first, again, other = (datasets.load_split(split=seed) for seed in (4, 4, 5))
    assert (len(first.training_x), len(first.test_x)) == (21, 14)
    both = np.concatenate([first.training_x, first.test_x]).ravel()
    assert len(np.unique(both)) == 35
    np.testing.assert_array_equal(first.test_x, again.test_x)
    assert not np.array_equal(first.test_x, other.test_x)


def test_noise_is_added_to_the_training_targets_only() -> None:
    clean, noisy = datasets.load_split(split=3), datasets.load_split(split=3, noise=0.1)
    np.testing.assert_array_equal(noisy.training_x, clean.training_x)
    np.testing.assert_array_equal(noisy.test_y, clean.test_y)
    assert 0.05 < np.std(noisy.training_y - clean.training_y) < 0.2
    again = datasets.load_split(split=3, noise=0.2)
    np.testing.assert_allclose(
        again.training_y - clean.training_y, 2 * (noisy.training_y - clean.training_y)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("0.2,", ","), "row 2, column transmittance: the cell is missing"),
        (GOOD.replace(",405.0", ""), "row 2, column wavelength_nm: the cell is missing"),
        (GOOD.replace("400.0", "4oo"), "row 1, column wavelength_nm: .* received '4oo'"),
        (GOOD.replace("0.1,", "nan,"), "row 1, column transmittance: .* received 'nan'"),
        (GOOD.replace("405.0", "405.0,7"), "row 2: expected 2 cells, received 3"),
        (GOOD.replace("wavelength_nm", "x"), "no column is called 'wavelength_nm'"),
        ("", "a header with the columns transmittance,wavelength_nm"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        table = files.read_table(path, eckerle4_data.ECKERLE4_COLUMNS)
        for column in table.items():
            files.finite_numbers(path, *column)


def test_changed_data_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = datasets.data_file("eckerle4.csv").read_text(encoding="utf-8")
    (tmp_path / "eckerle4.csv").write_text(text.replace("0.0001575", "0.0001576"), "utf-8")
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path))
    with pytest.raises(DataError, match="not NIST's Eckerle4"):
        datasets.eckerle4.__wrapped__()


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path))
    with pytest.raises(DataError, match=f"mnist.npz not found; searched {tmp_path}.*NNBOOK_DATA"):
        datasets.data_file("mnist.npz")


Arrays = dict[str, NDArray[Any]]


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty Keras cache, with no other place to find MNIST in."""
    home = tmp_path / "keras"
    (home / "datasets").mkdir(parents=True)
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return home


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> Iterator[Arrays]:
    """Return the arrays of a small file that passes for MNIST; the true one is too large here."""
    random = np.random.default_rng(0)
    arrays: Arrays = {
        "x_train": random.integers(0, 256, (60, 28, 28), dtype=np.uint8),
        "y_train": np.arange(60, dtype=np.uint8) % 10,
        "x_test": random.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        "y_test": np.arange(10, dtype=np.uint8),
    }
    digests = {name: hashlib.sha256(array.data).hexdigest() for name, array in arrays.items()}
    whole = datasets.Facts(50, 10, 10, inputs=784, classes=10, image_shape=(28, 28))
    monkeypatch.setattr(mnist_data, "MNIST_SHA256", digests)
    monkeypatch.setattr(mnist_data.MNIST, "whole", whole)
    datasets.mnist.cache_clear()
    yield arrays
    datasets.mnist.cache_clear()


def test_mnist_is_split_as_in_the_lab(keras_home: Path, small_mnist: Arrays) -> None:
    np.savez_compressed(keras_home.parent / "data" / "mnist.npz", allow_pickle=False, **small_mnist)
    split = datasets.load_split("mnist", split=7)
    assert split.validation_x is not None
    assert split.validation_y is not None
    x = np.concatenate([split.training_x, split.validation_x])
    np.testing.assert_array_equal(np.rint(x * 255), small_mnist["x_train"].reshape(60, 784))
    np.testing.assert_array_equal(
        np.rint(split.test_x * 255), small_mnist["x_test"].reshape(10, -1)
    )
    np.testing.assert_array_equal(split.training_y, small_mnist["y_train"][:50])
    np.testing.assert_array_equal(split.validation_y, small_mnist["y_train"][50:])
    np.testing.assert_array_equal(split.test_y, small_mnist["y_test"])
    exact = small_mnist["x_test"].reshape(10, 784) / 255
    np.testing.assert_array_equal(split.test_x, exact.astype(np.float32))
    assert {split.training_x.dtype, split.test_x.dtype} == {np.dtype("float32")}
    assert {split.training_y.dtype, split.validation_y.dtype} == {np.dtype("int32")}


def test_the_full_split_takes_no_memory_of_its_own(keras_home: Path, small_mnist: Arrays) -> None:
    np.savez(keras_home / "datasets" / "mnist.npz", allow_pickle=False, **small_mnist)
    images, labels = datasets.mnist()
    split = datasets.load_split("mnist")
    for part in (split.training_x, split.validation_x, split.test_x):
        assert part is not None
        assert np.shares_memory(part, images)
        assert not part.flags.writeable
    assert np.shares_memory(split.test_y, labels)


def test_a_directory_of_ones_own_comes_before_kerass_cache(
    keras_home: Path, small_mnist: Arrays
) -> None:
    (keras_home / "datasets" / "mnist.npz").write_bytes(b"never read")
    np.savez(keras_home.parent / "data" / "mnist.npz", allow_pickle=False, **small_mnist)
    assert datasets.mnist()[0].shape == (70, 784)


@pytest.mark.parametrize("damage", ["pixel", "type", "key", "truncated", "pickle", "text", "npy"])
def test_a_file_that_is_not_mnist_is_refused(
    keras_home: Path, small_mnist: Arrays, damage: str
) -> None:
    path = keras_home / "datasets" / "mnist.npz"
    arrays = dict(small_mnist)
    message = "expected an .npz file with the arrays x_train, y_train, x_test, y_test"
    if damage == "pixel":
        arrays["x_test"] = arrays["x_test"] ^ np.uint8(1)
        message = "x_test is not MNIST's"
    elif damage == "type":
        arrays["y_train"] = arrays["y_train"].view(np.int8)
        message = "y_train is not MNIST's"
    elif damage == "key":
        del arrays["y_test"]
    np.savez(path, allow_pickle=False, **arrays)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-1000])
    elif damage == "pickle":
        path.write_bytes(pickle.dumps(arrays))
    elif damage == "text":
        path.write_text("<html>not found</html>", encoding="utf-8")
    elif damage == "npy":
        with path.open("wb") as file:
            np.save(file, arrays["x_train"])
    with pytest.raises(DataError, match=message) as error:
        datasets.load_split("mnist")
    assert str(error.value).startswith(f"{path}: ")
    assert "delete it, or set NNBOOK_DATA" in str(error.value)


def test_no_flipped_byte_gets_through(keras_home: Path, small_mnist: Arrays) -> None:
    path = keras_home / "datasets" / "mnist.npz"
    np.savez_compressed(path, allow_pickle=False, **small_mnist)
    content = path.read_bytes()
    original = datasets.mnist()[0]
    refused = 0
    # Everywhere in the archive's directory at the end, and here and there in what comes before.
    places = [*range(0, len(content) - 400, 997), *range(len(content) - 400, len(content))]
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:  # some bytes, such as the time of writing, do not matter
            np.testing.assert_array_equal(datasets.mnist.__wrapped__()[0], original)
        except DataError as error:
            refused += 1
            assert "delete it" in str(error)
    assert len(content) // 997 < refused < len(places)


def test_what_is_on_no_disk_is_downloaded_by_keras_and_checked(
    keras_home: Path,
    small_mnist: Arrays,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = iter([small_mnist, {**small_mnist, "y_test": small_mnist["y_train"]}])

    def load_data() -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        print("progress")
        file = next(files)
        return (file["x_train"], file["y_train"]), (file["x_test"], file["y_test"])

    monkeypatch.setattr("keras.datasets.mnist.load_data", load_data)
    assert len(datasets.load_split("mnist").test_y) == 10
    assert capsys.readouterr() == ("", "progress\n")
    datasets.mnist.cache_clear()
    with pytest.raises(DataError, match="y_test is not MNIST's"):
        datasets.load_split("mnist")


def test_a_failed_download_says_how_to_get_the_file(
    keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_data() -> None:
        raise Exception("URL fetch failure")

    monkeypatch.setattr("keras.datasets.mnist.load_data", load_data)
    with pytest.raises(DataError, match=r"\(URL fetch failure\); get .*mnist.npz.* NNBOOK_DATA"):
        datasets.mnist.__wrapped__()


@pytest.mark.skipif(
    not (Path(os.environ.get("NNBOOK_DATA", "")) / "mnist.npz").is_file(),
    reason="NNBOOK_DATA holds no mnist.npz",
)
def test_the_real_mnist() -> None:
    split = datasets.load_split("mnist", training_size=1_005, split=1)
    assert split.validation_y is not None
    assert (len(split.training_y), len(split.validation_y), len(split.test_y)) == (
        1_005,
        10_000,
        10_000,
    )
    # The class counts of the test file, as LeCun, Cortes & Burges give it, and its first labels.
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(split.test_y).tolist() == counts
    assert split.test_y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert sorted(np.bincount(split.training_y)) == [100] * 5 + [101] * 5
    assert abs(datasets.mnist()[0][:60_000].mean(dtype=np.float64) - 0.1307) < 5e-5


def test_the_digits_are_dealt_out_once_and_for_all() -> None:
    first, other = (datasets.load_split("digits", split=seed) for seed in (0, 1))
    assert first.validation_x is not None
    assert first.validation_y is not None
    parts = [first.training_x, first.validation_x, first.test_x]
    assert [len(part) for part in parts] == [1197, 300, 300]
    assert (np.concatenate(parts).min(), np.concatenate(parts).max()) == (0, 1)
    np.testing.assert_array_equal(first.training_x, other.training_x)
    np.testing.assert_array_equal(first.test_y, other.test_y)
    from sklearn.datasets import load_digits

    original = load_digits()
    rows = {
        image.tobytes(): label for image, label in zip(original.data, original.target, strict=True)
    }
    dealt = [(16 * image).astype(float).tobytes() for part in parts for image in part]
    assert sorted(dealt) == sorted(image.tobytes() for image in original.data)
    labels = np.concatenate([first.training_y, first.validation_y, first.test_y])
    assert [rows[image] for image in dealt] == labels.tolist()
    assert {part.dtype for part in parts} == {np.dtype("float32")}
    assert labels.dtype == np.int32
    # No class is short in any part, as it would be in the order of the file.
    assert np.bincount(first.test_y).min() >= 20


def test_changed_digits_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    pixels[0, 0] += 1
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda **_: (pixels, labels))
    with pytest.raises(
        DataError, match=r"digits of the installed scikit-learn.*requirements\.lock"
    ):
        datasets.digits.__wrapped__()


@pytest.mark.parametrize("examples", [1, 10, 95, 100, 1_197])
def test_a_smaller_training_set_is_balanced_and_leaves_the_rest_alone(examples: int) -> None:
    whole = datasets.load_split("digits")
    small, again, other = (
        datasets.load_split("digits", split=seed, training_size=examples) for seed in (3, 3, 4)
    )
    assert small.training_x.shape == (examples, 64)
    assert small.training_y.shape == (examples,)
    np.testing.assert_array_equal(small.training_x, again.training_x)
    np.testing.assert_array_equal(small.training_y, again.training_y)
    assert np.array_equal(small.training_x, other.training_x) == (examples == 1_197)
    np.testing.assert_array_equal(small.test_x, whole.test_x)
    np.testing.assert_array_equal(small.validation_y, whole.validation_y)
    counts = np.bincount(small.training_y, minlength=10)
    assert examples == 1_197 or np.ptp(counts) == (examples % 10 > 0)


def test_a_balanced_subset_takes_all_of_a_short_class() -> None:
    labels = np.array([0] * 50 + [1] * 3 + [2] * 50, np.int32)
    chosen = datasets.balanced_subset(labels, 24, np.random.default_rng(0))
    assert sorted(np.bincount(labels[chosen])) == [3, 10, 11]
    assert len(set(chosen)) == 24
    assert (np.diff(chosen) > 0).all()
    smaller = datasets.balanced_subset(labels, 9, np.random.default_rng(0))
    assert set(smaller) < set(chosen)


def test_each_example_is_as_likely_to_be_chosen() -> None:
    labels = np.repeat(np.arange(4, dtype=np.int32), 5)
    random = np.random.default_rng(1)
    chosen = [datasets.balanced_subset(labels, 6, random) for _ in range(2_000)]
    share = np.bincount(np.concatenate(chosen), minlength=20) / 2_000
    assert np.abs(share - 6 / 20).max() < 5 * np.sqrt(0.3 * 0.7 / 2_000)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "mnits"}, "no data set is called 'mnits': did you mean 'mnist'"),
        ({"name": "digits", "training_size": 1_198}, "expected 1 to 1197, received 1198"),
        ({"name": "digits", "training_size": 0}, "greater than or equal to 1, received 0"),
        ({"name": "digits", "noise": 0.1}, "data 'digits': unknown key 'noise'"),
        ({"training_size": 5}, "data 'eckerle4': unknown key 'training_size'"),
        ({"training_fraction": 0.001}, "training_fraction: expected to leave examples for both"),
    ],
)
def test_settings_that_do_not_suit_the_data_set_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises((DataError, SpecError), match=message):
        datasets.load_split(**settings)


def test_the_split_of_images_leaves_the_test_set_alone() -> None:
    assert datasets.data_set("eckerle4").resplits
    assert not any(datasets.data_set(name).resplits for name in ("digits", "mnist"))


@pytest.mark.parametrize("name", ["eckerle4", "digits"])
def test_what_is_said_of_a_data_set_is_so(name: str) -> None:
    split = datasets.load_split(name)
    facts = datasets.data_set(name).facts
    assert split.training_x.shape == (facts.training, facts.inputs)
    parts = (split.training_x, split.validation_x, split.test_x)
    sizes = [0 if part is None else len(part) for part in parts]
    assert sizes == [facts.training, facts.validation, facts.test]
    assert sum(sizes) == facts.examples
    if facts.classes:
        assert set(split.training_y) == set(range(facts.classes))
        assert facts.outputs == facts.classes
        assert facts.image_shape is not None
        assert np.prod(facts.image_shape) == facts.inputs
    else:
        assert split.training_y.shape == (len(split.training_x), facts.outputs)
        assert facts.image_shape is None


def test_what_is_known_without_reading_takes_no_library() -> None:
    sets = [datasets.data_set(name) for name in ("eckerle4", "mnist", "digits")]
    assert [item.facts.examples for item in sets] == [35, 70_000, 1_797]
    assert [item.facts.inputs for item in sets] == [1, 784, 64]
    assert [item.facts.training for item in sets] == [21, 50_000, 1_197]
    assert datasets.data_set("mnist", training_size=600).facts.training == 600
    assert len({item.digest for item in sets}) == 3
    code = (
        "import sys; from nnbook.training import datasets; datasets.data_set('mnist').digest;"
        "datasets.data_set('digits').facts; print({'keras', 'sklearn', 'scipy'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"


# A user's own files


ROWS = [f"{i / 7},{(i * 7) % 11},{'odd' if i % 2 else 'even'},{i * i}" for i in range(30)]
TABLE = "\n".join(["width,height,kind,area", *ROWS]) + "\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_table_is_split_and_scaled(table: Path) -> None:
    settings = {"path": table, "columns": ["height", "width"], "target": "area"}
    data = datasets.data_set("csv", **settings)
    assert data.facts == datasets.Facts(18, 6, 6, inputs=2)
    split, again, other = data.load(1), data.load(1), data.load(2)
    assert split.validation_x is not None
    assert split.validation_y is not None
    assert split.training_x.min(axis=0).tolist() == [0, 0]
    assert split.training_x.max(axis=0).tolist() == [1, 1]
    np.testing.assert_array_equal(split.test_x, again.test_x)
    assert not np.array_equal(split.test_x, other.test_x)
    # The targets are the squares of the row, 0 to 29, in the unit of the largest: 841.
    y = np.concatenate([split.training_y, split.validation_y, split.test_y])
    np.testing.assert_allclose(np.sort(np.sqrt(841 * y.ravel())), np.arange(30), atol=1e-9)
    rows = np.sqrt(841 * split.test_y.ravel())
    training_rows = np.sqrt(841 * split.training_y.ravel())
    # Records are found by the number of the split: another choice would need another recipe.
    chosen = np.sort(np.random.default_rng(1).permutation(30)[:18])
    np.testing.assert_allclose(training_rows, chosen, atol=1e-9)
    low, high = training_rows.min(), training_rows.max()
    np.testing.assert_allclose(split.test_x[:, 1], (rows - low) / (high - low), atol=1e-9)


@pytest.mark.parametrize(
    ("target", "classes"), [("kind", [0, 1] * 15), ("height", [(i * 7) % 11 for i in range(30)])]
)
def test_classes_are_numbered_in_order(table: Path, target: str, classes: list[int]) -> None:
    settings = {"path": table, "columns": ["area"], "target": target, "kind": "classes"}
    data = datasets.data_set("csv", **settings)
    assert data.facts.classes == len(set(classes))
    split = data.load(0)
    x = np.concatenate([split.training_x, split.validation_x, split.test_x])  # type: ignore[list-item]
    y = np.concatenate([split.training_y, split.validation_y, split.test_y])  # type: ignore[list-item]
    assert y.dtype == np.int32
    assert y[np.argsort(x.ravel())].tolist() == classes


@pytest.mark.parametrize(
    ("text", "change", "message"),
    [
        (TABLE, {"target": "volume"}, "no column is called 'volume'"),
        (TABLE, {"columns": ["kind"]}, "row 1, column kind: expected a finite number.*'even'"),
        (TABLE, {"target": "kind"}, 'column kind: .*classes need kind = "classes"'),
        (TABLE, {"columns": ["widthh"]}, "no column is called 'widthh', did you mean 'width'"),
        (TABLE, {"target": "width"}, "target: expected a column that is no input.*'width'"),
        (TABLE, {"training_fraction": 0.99}, "training_fraction, validation_fraction: .* of 30"),
        (TABLE.replace(",odd,", ",,", 1), {"target": "kind", "kind": "classes"}, "row 2, .*kind"),
        (TABLE.replace("area", "width"), {"target": "height"}, "each once"),
        (
            TABLE.replace("odd", "nan").replace("even", "1"),
            {"target": "kind", "kind": "classes"},
            "row 2, column kind: expected a finite number",
        ),
        (TABLE.replace(",784", ",1e300"), {}, "column area: expected a finite number below 3e38"),
        ("width,area\n", {}, "received 0 rows below"),
        ("\0\xff", {}, "expected"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(
    table: Path, text: str, change: dict[str, Any], message: str
) -> None:
    table.write_bytes(text.encode("latin-1"))
    settings = {"path": str(table), "columns": ["width"], "target": "area", **change}
    with pytest.raises((DataError, SpecError), match=message):
        datasets.data_set("csv", **settings).load(0)


def test_a_file_is_found_by_name_and_known_by_content(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 2, "batch_size": 5}
    data = {"name": "csv", "columns": ["width"], "target": "area"}
    spec = run_spec({**settings, "data": {**data, "path": str(table)}})
    elsewhere = tmp_path / "elsewhere" / table.name
    elsewhere.parent.mkdir()
    table.rename(elsewhere)
    with pytest.raises(DataError, match=r"mine.csv not found; searched .*NNBOOK_DATA"):
        spec.key  # noqa: B018
    monkeypatch.setenv("NNBOOK_DATA", str(elsewhere.parent))
    assert spec.key == run_spec({**settings, "data": {**data, "path": str(elsewhere)}}).key
    assert "data.path" not in spec.settings()
    assert spec.model_dump(mode="json")["data.path"] == "mine.csv"
    before = spec.key
    elsewhere.write_text(TABLE + "5,5,odd,5\n", encoding="utf-8")
    assert spec.key != before
    assert spec.data.facts.training == 19


def test_settings_on_record_can_be_read_without_the_data(table: Path) -> None:
    data = {"name": "csv", "path": str(table), "columns": ["width"], "target": "area"}
    settings = {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 2, "batch_size": 5}
    spec = run_spec({**settings, "data": data})
    on_record = spec.model_dump(mode="json")
    table.unlink()
    assert run_spec(on_record, trained=True).hidden_layers == (3,)
    with pytest.raises(DataError):
        run_spec(on_record)


@pytest.fixture
def arrays(tmp_path: Path) -> Any:
    """Return a function that writes arrays, and returns where."""

    def written(**content: Any) -> Path:
        path = tmp_path / "mine.npz"
        np.savez(path, allow_pickle=False, **content)
        return path

    return written


def test_arrays_are_divided_at_random_or_as_they_come(arrays: Any) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (40, 4, 3), dtype=np.uint8)
    labels = np.arange(40) % 3
    together = datasets.data_set("npz", path=arrays(x=images, y=labels))
    assert together.resplits
    assert together.facts == datasets.Facts(24, 8, 8, inputs=12, classes=3, image_shape=(4, 3))
    split = together.load(3)
    parts = [split.training_x, split.validation_x, split.test_x]
    every = np.concatenate(parts)  # type: ignore[arg-type]
    rows = {tuple(row) for row in (images.reshape(40, 12) / np.float32(255)).tolist()}
    assert every.dtype == np.float32
    assert {tuple(row) for row in every.tolist()} == rows
    apart = datasets.data_set(
        "npz",
        path=arrays(
            x_train=images[:30], y_train=labels[:30], x_test=images[30:], y_test=labels[30:]
        ),
    )
    assert not apart.resplits
    assert apart.facts == datasets.Facts(24, 6, 10, inputs=12, classes=3, image_shape=(4, 3))
    split = apart.load(3)
    np.testing.assert_array_equal(split.test_y, labels[30:])
    np.testing.assert_array_equal(split.test_x * 255, images[30:].reshape(10, 12))
    x = np.rint(np.concatenate([split.training_x, split.validation_x]) * 255)  # type: ignore[list-item]
    assert sorted(x.tolist()) == sorted(images[:30].reshape(30, 12).tolist())
    given = datasets.data_set(
        "npz",
        path=arrays(
            x_train=images[:20], y_train=labels[:20], x_validation=images[20:30],
            y_validation=labels[20:30], x_test=images[30:], y_test=labels[30:],
        ),
    )  # fmt: skip
    assert given.facts.validation == 10
    np.testing.assert_array_equal(given.load(7).validation_y, labels[20:30])  # type: ignore[arg-type]


def test_quantities_are_taken_as_they_are(arrays: Any) -> None:
    x, y = np.linspace(-3, 3, 20).reshape(10, 2), np.linspace(5, 6, 10)
    data = datasets.data_set("npz", path=arrays(x=x, y=y), kind="quantity")
    split = data.load(0)
    assert split.training_y.shape == (6, 1)
    assert {*split.training_y.ravel(), *split.test_y.ravel()} < set(y)
    assert {tuple(row) for row in split.training_x} < {tuple(row) for row in x}


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        ({"a": np.ones(3)}, {}, "expected the arrays x and y, or x_train, .*received 'a'"),
        ({"x": np.ones((9, 2)), "y": np.ones(8, int)}, {}, r"a target for each example"),
        ({"x": np.ones(9), "y": np.ones(9, int)}, {}, r"expected the shape \(examples, inputs\)"),
        ({"x": np.ones((9, 2)), "y": np.ones(9)}, {}, "whole numbers from 0.*float64"),
        ({"x": np.ones((9, 2)), "y": -np.ones(9, int)}, {}, "whole numbers from 0"),
        (
            {"x": np.full((9, 2), np.nan), "y": np.ones(9, int)},
            {},
            "finite numbers below 3e38 only",
        ),
        ({"x": np.ones((9, 2)), "y": np.ones((9, 2))}, {"kind": "quantity"}, "a number for each"),
        ({"x": np.ones((2, 2)), "y": np.ones(2, int)}, {}, "expected to leave examples"),
        ({"x": np.ones((9, 2)), "y": np.array(3)}, {}, "a target for each example"),
        ({"x": np.ones((9, 0)), "y": np.ones(9, int)}, {}, "expected the shape"),
        ({"x": np.ones((9, 2)), "y": np.full(9, 2**32 + 1)}, {}, "from 0 to 9999"),
        ({"x": np.full((9, 2), 1e300), "y": np.ones(9, int)}, {}, "below 3e38"),
        (
            {
                **{"x_train": np.ones((9, 2), np.uint8), "y_train": np.ones(9, int)},
                **{"x_test": np.ones((9, 2)), "y_test": np.ones(9, int)},
            },
            {},
            "inputs of one type in all parts, received float64, uint8",
        ),
        ({"x": np.ones((9, 2), object), "y": np.ones(9, int)}, {}, "expected an .npz file"),
    ],
)
def test_arrays_that_cannot_be_used_say_why(
    tmp_path: Path, content: Any, settings: dict[str, Any], message: str
) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, **content)
    with pytest.raises(DataError, match=message):
        datasets.data_set("npz", path=path, **settings).load(0)


def test_targets_of_parts_may_be_rows_or_columns(arrays: Any) -> None:
    x, y = np.linspace(0, 1, 20).reshape(10, 2), np.linspace(5, 6, 10)
    path = arrays(x_train=x, y_train=y, x_test=x, y_test=y.reshape(-1, 1))
    assert datasets.data_set("npz", path=path, kind="quantity").load(0).test_y.shape == (10, 1)


def test_a_data_set_that_is_not_what_it_says_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 2, "batch_size": 5}
    spec = run_spec(settings)
    for facts in (datasets.Facts(21, 0, 13, 1), datasets.Facts(21, 0, 14, 2)):
        monkeypatch.setattr(eckerle4_data.Eckerle4, "facts", facts)
        with pytest.raises(DataError, match="set: its facts promise"):
            spec.load()


def test_a_small_file_that_unpacks_to_an_enormous_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_UNPACKED", 10**6)
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros(10**6), y=np.zeros(1))
    with pytest.raises(DataError, match=r"expected at most 1,000,000 bytes of arrays, received 8"):
        files.read_archive(tmp_path / "x.npz")


def test_names_of_an_archive_are_told_as_far_as_one_reads_them(tmp_path: Path) -> None:
    np.savez(tmp_path / "y.npz", **{f"a{number}": np.zeros(1) for number in range(300)})
    with pytest.raises(DataError, match=r"received 'a0', 'a1', .* and 280 more$"):
        _ = NPZ(path=tmp_path / "y.npz").facts


@pytest.mark.parametrize("whole", [False, True])
def test_python_objects_are_refused_without_advice_to_read_them(
    tmp_path: Path, whole: bool
) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, x=np.array([{}], dtype=object))
    if whole:
        path.write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(DataError, match=r"\(Python objects, which are not read\)"):
        files.read_archive(path)


def test_an_array_that_says_it_is_larger_than_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    head = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", (head % 10**17).ljust(127) + b"\n")
    with pytest.raises(DataError, match=r"x\.npz: expected an \.npz file"):
        files.read_archive(path)
