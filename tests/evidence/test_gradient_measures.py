from pathlib import Path

import numpy as np
import pytest

from nnbook.evidence.measures import measured
from nnbook.experiments.record import Record


class Probed(Record):
    """A record whose probes are given instead of read from a file."""

    @property
    def probes(self) -> dict[str, np.ndarray]:
        return {
            "step": np.array([0, 1, 2, 5]),
            # Before training each hidden layer has a quarter of the one after it.
            "gradient_norm": np.array(
                [[1, 1, 4, 16, 20], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [3, 1, 1, 1, 1]],
                dtype=np.float32,
            ),
            "slope": np.array([[0.2, 0.25, 0.24], [0, 0, 0], [0, 0, 0], [0.21, 0, 0.02]]),
            "update_ratio": np.array([[1e-6, 1e-3], [1e-4, 1e-3], [1e-5, 1e-3], [1, 1]]),
            "weight_norm": np.array([[2.0, 5.0], [1.0, 9.0], [0.5, 9.0], [1.0, 10.0]]),
            "activation_mean": np.array([[0.5, 0.5], [0.5, 0.4], [0.5, 0.2], [0.5, 0.1]]),
            "W1_before": np.array([[0.0, 1.0]], dtype=np.float16),
            "W1_after": np.array([[0.5, 0.0]], dtype=np.float16),
        }


@pytest.fixture
def record() -> Record:
    spec = {
        **{"data": "digits", "training_size": 9, "batch_size": 2, "epochs": 3},
        **{"hidden_layers": [2, 2, 2], "learning_rate": 0.1},
    }
    history = {"epoch": [1, 2, 3], "validation_accuracy": [0.1, 0.49, 0.5]}
    return Probed(Path("0.json"), {"spec": spec, "history": history, "final": {}})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gradient_factor", 0.25),
        ("gradient_first_to_last", 0.05),
        ("first_layer_gradient_change", 3.0),
        ("initial_slope", 0.23),
        ("first_hidden_slope", 0.21),
        ("last_hidden_slope", 0.02),
        ("first_layer_movement", 0.75),
        ("first_layer_distance", 1.25**0.5),
        ("largest_first_layer_weight", 0.5),
        ("first_layer_growth", 0.5),
        ("output_layer_growth", 2.0),
        ("last_hidden_activation", 0.1),
        ("first_layer_pace", 1e-5),  # the fourth measurement belongs to the second epoch
        ("output_layer_pace", 1e-3),
        ("epochs_below_half", 2.0),
    ],
)
def test_measures(record: Record, name: str, value: float) -> None:
    assert measured(record, name) == pytest.approx(value)
