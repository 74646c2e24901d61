"""Gradient noise: what Node computes beside nnbook, for batches that NumPy has drawn."""

import itertools
import json

import numpy as np

from nnbook.publishing.explorables import noise
from nnbook.theory.losses import binary_cross_entropy_on_logits
from nnbook.theory.network import Layer, Network
from tests.publishing.explorables.node import run_tests

WEIGHTS = ((0.0, 0.0), (-1.5, 2.5), (-1.8, 2.9), (3.0, -2.0), (-4.0, 5.0))
RATES = (0.1, 3.0, 10.0)


def of_a_batch(w, examples):
    """Return the gradient of a batch in one pass."""
    x, y = noise.examples()
    network = Network([Layer(np.array([w]), [0.0], "identity")])
    backward = network.backward(
        network.forward(x[:, examples]), y[:, examples], "binary_cross_entropy_on_logits"
    )
    return backward.gradients[1].weights[0]


def test_the_images_are_zeros_and_ones_by_their_ink():
    x, y = noise.examples()
    assert x.shape == (2, y.size) and set(y.ravel()) == {0, 1}
    assert np.allclose(x.mean(axis=1), 0, atol=1e-3) and np.allclose(x.std(axis=1), 1, atol=1e-3)
    # Zeros have more ink at the left, ones in the middle.
    assert x[0, y[0] == 0].mean() > 0.3 and x[1, y[0] == 1].mean() > 0.3


def test_gradients_of_single_images_have_the_mean_of_all():
    for w in WEIGHTS:
        each = noise.gradients(np.array(w))
        assert np.allclose(each.mean(axis=0), of_a_batch(w, slice(None)), rtol=0, atol=1e-15)
        slopes = [
            (noise.loss(np.array(w) + step) - noise.loss(np.array(w) - step)) / 2e-5
            for step in 1e-5 * np.eye(2)
        ]
        assert np.allclose(each.mean(axis=0), slopes, atol=1e-9)


def test_the_page_computes_what_nnbook_computes(tmp_path):
    count = len(noise.facts()["targets"])
    batches = np.random.default_rng(3).permuted(np.tile(np.arange(count), (5, 1)), axis=1)
    x, y = noise.examples()
    golden = {"facts": noise.facts(), "batches": batches.tolist(), "places": []}
    for w in WEIGHTS:
        each = noise.gradients(np.array(w))
        updates = [
            [
                rate,
                [
                    float(binary_cross_entropy_on_logits((np.array([w]) - rate * g) @ x, y))
                    for g in each[:20]
                ],
            ]
            for rate in RATES
        ]
        golden["places"].append(
            {
                "w": w,
                "loss": noise.loss(np.array(w)),
                "each": each.tolist(),
                "spread": float(((each - each.mean(axis=0)) ** 2).sum(axis=1).mean()),
                "clouds": [
                    [size, [of_a_batch(w, order[:size]).tolist() for order in batches]]
                    for size in (1, 2, 10, 100, count)
                ],
                "updates": updates,
            }
        )
    few = np.array(golden["places"][0]["each"])[:7]
    golden["few"] = {
        "spread": float(((few - few.mean(axis=0)) ** 2).sum(axis=1).mean()),
        "errors": [  # of all batches that there are
            [
                size,
                float(
                    np.mean(
                        [
                            ((few[list(batch)].mean(axis=0) - few.mean(axis=0)) ** 2).sum()
                            for batch in itertools.combinations(range(7), size)
                        ]
                    )
                ),
                float(
                    np.mean(
                        [
                            ((few[list(batch)].mean(axis=0) - few.mean(axis=0)) ** 2).sum()
                            for batch in itertools.product(range(7), repeat=size)
                        ]
                    )
                ),
            ]
            for size in (1, 2, 4)
        ],
    }
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(golden), encoding="utf-8")
    run_tests("gradient_noise.test.mjs", NNBOOK_GOLDEN=str(path))
