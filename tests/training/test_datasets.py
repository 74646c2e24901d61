from pathlib import Path

import numpy as np
import pytest

from nnbook.errors import DataError
from nnbook.training import datasets

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
        (GOOD.replace("wavelength_nm", "x"), "expected the columns transmittance,wavelength_nm"),
        ("", "expected the columns transmittance,wavelength_nm"),
    ],
)
def test_a_bad_cell_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        datasets.read_columns(path, datasets.ECKERLE4_COLUMNS)


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
