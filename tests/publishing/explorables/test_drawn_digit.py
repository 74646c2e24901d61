"""Drawn digits: networks beside those on record, drawings beside images of MNIST."""

import json

import numpy as np
import pytest

from nnbook import experiment, run
from nnbook.errors import DataError
from nnbook.publishing.explorables import drawn
from nnbook.theory.activations import softmax
from nnbook.training.augmentation import _smoothing
from tests.publishing.explorables.node import run_tests

SAME_CLASS = 0.995  # least share of the test images to which rounded weights give the same class
SAME_ACCURACY = 0.001  # by how much they may change the test accuracy
DRAWINGS = [
    "SARk",  # a one
    "FEcDQi",  # a seven
    "IHKEOCTCXFZJYNWQSSSRXTaXbcYgUiOjJhGd",  # a three
    "EkSAgk.JXbX",  # two strokes
    "5577",  # small
    "SS",  # a dot
    "0000.tttt",
]
MOVEMENTS = [
    {"right": 0, "down": 0, "turn": 0, "size": 1},
    {"right": 5, "down": 0, "turn": 0, "size": 1},
    {"right": -2.5, "down": 1.5, "turn": 30, "size": 0.8},
    {"right": 10, "down": -10, "turn": -180, "size": 1.5},
]


@pytest.fixture(scope="module")
def networks():
    """Return the recorded networks, and those of the page, by configuration."""
    runs = run(experiment("drawn-digit"))
    packed = drawn.facts()["networks"]
    assert [network["title"] for network in packed] == [drawn.TITLES[name] for name in runs]
    return {
        name: (next(iter(one.records.values())).network, drawn.unpacked(network["layers"]))
        for (name, one), network in zip(runs.items(), packed, strict=True)
    }


def test_the_accuracies_are_those_of_the_first_runs():
    found = run(experiment("drawn-digit"))
    for (_, runs), network in zip(found.items(), drawn.facts()["networks"], strict=True):
        assert network["accuracy"] == runs.final("test_accuracy")[0]


def test_rounded_weights_are_near_those_on_record(networks):
    x = np.random.default_rng(3).random((784, 200)) ** 4  # mostly paper
    for recorded, shown in networks.values():
        for exact, rounded in zip(recorded, shown, strict=True):
            half = np.abs(exact.weights).max() / 127 / 2
            assert np.abs(exact.weights - rounded.weights).max() <= half * (1 + 1e-6)
            assert np.allclose(exact.biases, rounded.biases, rtol=1e-6, atol=0)
        expected, found = recorded.forward(x).prediction, softmax(shown.forward(x).prediction)
        assert np.abs(found - expected).mean() < 0.01
        assert (found.argmax(axis=0) == expected.argmax(axis=0)).mean() > 0.97


def test_rounded_weights_read_the_test_images_as_well(networks):
    from nnbook.training.datasets import load_split

    try:
        split = load_split("mnist")
    except DataError:
        pytest.skip("MNIST is not on this machine")
    x, y = split.test_x.T.astype(float), np.asarray(split.test_y)
    for recorded, shown in networks.values():
        expected, found = (net.forward(x).prediction.argmax(axis=0) for net in (recorded, shown))
        assert (found == expected).mean() >= SAME_CLASS
        assert abs((found == y).mean() - (expected == y).mean()) <= SAME_ACCURACY


@pytest.mark.parametrize("strokes", DRAWINGS[:5])
def test_a_drawing_is_fitted_and_centred_as_mnist_is(strokes):
    image = drawn.image_of(strokes).reshape(28, 28)
    rows, columns = np.nonzero(image)
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 20
    place = np.arange(28)
    centre = [(image.sum(axis=1 - axis) @ place) / image.sum() for axis in (0, 1)]
    assert np.allclose(centre, 14, atol=0.1)
    assert image.max() == 1
    assert image.min() == 0


def test_drawings_have_about_as_much_ink_as_mnist():
    """The middle nine tenths of 5,000 images of MNIST have an ink of 53 to 161."""
    for strokes in DRAWINGS[1:4]:
        assert 53 < drawn.image_of(strokes).sum() < 161


def test_place_and_size_of_a_drawing_do_not_matter():
    assert np.allclose(drawn.image_of("0020.1214"), drawn.image_of("AAEA.CECI"), atol=1e-9)
    assert drawn.image_of("SS").sum() > 3
    assert drawn.image_of("").sum() == 0


def answer(network, image):
    """Return probabilities, the answer, and the slopes of its logit by central differences."""
    probabilities = softmax(network.forward(image[:, None]).prediction)[:, 0]
    digit, step = int(probabilities.argmax()), 1e-5
    images = image[:, None] + step * np.concatenate([np.eye(784), -np.eye(784)], axis=1)
    logits = network.forward(images).prediction[digit]
    return {
        "probabilities": probabilities.tolist(),
        "digit": digit,
        "slopes": ((logits[:784] - logits[784:]) / (2 * step)).tolist(),
    }


def test_the_slopes_of_the_still_are_those_of_differences(networks):
    image = np.random.default_rng(5).random(784)
    for _, shown in networks.values():
        expected = answer(shown, image)
        probabilities, slopes = drawn.answered(shown, image)
        assert np.allclose(probabilities, expected["probabilities"], atol=1e-12)
        size = np.abs(expected["slopes"]).max()
        far = np.abs(slopes - expected["slopes"]) > 1e-3 * size + 1e-9
        assert far.sum() <= 4  # a rectifier may turn within a difference


def test_the_page_computes_what_nnbook_computes(networks, tmp_path):
    random = np.random.default_rng(4)
    noise = random.normal(size=(28, 28))
    three = drawn.image_of(DRAWINGS[2])
    images = [three, drawn.image_of(DRAWINGS[1]), random.random(784) ** 4]
    golden = {
        "facts": drawn.facts(),
        "drawings": [
            {"strokes": strokes, "image": drawn.image_of(strokes).tolist()} for strokes in DRAWINGS
        ],
        "movements": [
            {"movement": movement, "image": drawn.moved(three, movement).tolist()}
            for movement in MOVEMENTS
        ],
        "three": three.tolist(),
        "noise": noise.ravel().tolist(),
        "smoothed": (_smoothing(28) @ noise @ _smoothing(28).T).ravel().tolist(),
        "answers": [
            {
                "image": image.tolist(),
                "answers": [answer(net, image) for _, net in networks.values()],
            }
            for image in images
        ],
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("drawn_digit.test.mjs", NNBOOK_GOLDEN=str(path))
