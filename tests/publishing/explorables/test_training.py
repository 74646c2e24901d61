"""The network that trains in the page: its data, and its own tests, which Node runs."""

import json

import numpy as np

from nnbook import eckerle4
from nnbook.publishing.explorables import facts
from nnbook.training.datasets.digits_data import digits
from tests.publishing.explorables.node import run_tests


def test_the_images_are_of_the_training_set_and_say_whose_they_are():
    x, y = facts.digits()
    assert x.shape == (64, facts.LEARNED)
    assert y.sum(axis=0).tolist() == [1] * facts.LEARNED
    images, labels = digits()
    for image, target in zip(x.T[:5], y.T[:5], strict=True):
        (place,) = np.flatnonzero((images == image.astype(np.float32)).all(axis=1))
        assert labels[place] == target.argmax()
    assert "CC BY 4.0" in facts.training()["digits"]["source"]


def test_the_curve_is_eckerle4():
    found = facts.training()["curve"]
    y, x = eckerle4().T
    assert np.allclose(np.array(found["x"]) * np.ptp(x) + x.min(), x, atol=1e-4)
    assert np.allclose(np.array(found["y"]) * np.ptp(y) + y.min(), y, atol=1e-6)


def test_the_network_trains(tmp_path):
    x, y = facts.digits()
    golden = {
        "facts": facts.training(),
        "pixels": x[:, [0, 7]].tolist(),
        "targets": y[:, [0, 7]].tolist(),
        "sizes": [facts.LEARNED, facts.VALIDATED],
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("training.test.mjs", NNBOOK_GOLDEN=str(path))
