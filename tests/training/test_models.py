import os
import subprocess
import sys
from typing import Any, get_args

import numpy as np
import pytest

from nnbook.training import models
from nnbook.training.spec import Activation, Initializer, Schedule, run_spec

SETTINGS: dict[str, Any] = {
    "hidden_layers": [4, 3],
    "learning_rate": 0.1,
    "epochs": 9,
    "batch_size": 3,
}
X = np.linspace(-2, 2, 9, dtype=np.float32).reshape(-1, 1)


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("batch_normalization", [False, True])
def test_the_exported_network_predicts_what_keras_predicts(
    activation: str, batch_normalization: bool
) -> None:
    spec = run_spec(
        {
            **SETTINGS,
            "activation": activation,
            "batch_normalization": batch_normalization,
            "dropout": 0.5,
        }
    )
    model = models.build_model(spec)
    random = np.random.default_rng(1)
    model.set_weights([random.uniform(0.5, 2, w.shape) for w in model.get_weights()])
    prediction = models.as_network(spec, model).forward(X.T).prediction
    np.testing.assert_allclose(prediction.T, np.asarray(model(X)), rtol=1e-5, atol=1e-6)


def test_initial_weights_depend_on_the_seed_and_differ_between_layers() -> None:
    def first_weights(seed: int) -> list[np.ndarray[Any, Any]]:
        spec = run_spec({**SETTINGS, "hidden_layers": [4, 4, 4], "seed": seed})
        return list(models.build_model(spec).get_weights())

    one, again, other = first_weights(1), first_weights(1), first_weights(2)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(one[2], one[4])


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [("glorot_uniform", 2 / 500), ("he_normal", 2 / 200), ("lecun_normal", 1 / 200)],
)
def test_initial_weights_have_the_variance_of_their_initializer(
    initializer: str, variance: float
) -> None:
    spec = run_spec({**SETTINGS, "hidden_layers": [200, 300], "initializer": initializer})
    weights = models.build_model(spec).get_weights()
    assert weights[2].var() == pytest.approx(variance, rel=0.05)
    assert not weights[3].any()
    assert initializer in get_args(Initializer)


@pytest.mark.parametrize("schedule", get_args(Schedule))
def test_the_learning_rate_goes_from_its_value_to_the_final_fraction(schedule: str) -> None:
    fraction = 1.0 if schedule == "constant" else 0.01
    spec = run_spec({**SETTINGS, "schedule": schedule, "final_fraction": fraction})
    optimizer = models.build_optimizer(spec, steps=100)
    weight = models.build_model(spec).trainable_variables
    optimizer.build(weight)
    rates = []
    for step in (0, 50, 100):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
    halfway = {"constant": 0.1, "exponential": 0.01, "cosine": 0.1 * (0.01 + 0.99 / 2)}[schedule]
    assert rates == pytest.approx([0.1, halfway, 0.1 * fraction], rel=1e-5)


def test_another_keras_backend_is_refused_in_one_line() -> None:
    output = subprocess.run(
        [sys.executable, "-c", "import nnbook.training.models"],
        env={**os.environ, "KERAS_BACKEND": "numpy"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (
        "SpecError: KERAS_BACKEND: expected 'tensorflow' or nothing, received 'numpy'"
        in output.stderr
    )
