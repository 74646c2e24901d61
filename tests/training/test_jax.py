"""The same tests with Keras on JAX, in a process of their own."""

import os
import subprocess
import sys

import pytest

ON_EITHER_BACKEND = [
    "test_program.py",
    "test_probes.py",
    "test_pretraining.py::test_the_hidden_layers_get_the_weights_of_a_trained_autoencoder",
    "test_engine.py::test_a_run_is_the_same_alone_and_after_others",
    "test_engine.py::test_a_continued_run_is_that_of_fresh_optimizers_on_the_weights_so_far",
    "test_engine.py::test_divergence_is_a_result_with_its_epoch_and_step",
    "test_engine.py::test_history_and_progress_end_with_the_last_epoch",
]


def test_what_holds_on_tensorflow_holds_on_jax() -> None:
    pytest.importorskip("jax")
    output = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-W", "ignore:__array__ implementation:DeprecationWarning"),  # Keras' own
            *(f"tests/training/{name}" for name in ON_EITHER_BACKEND),
        ],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert output.returncode == 0, output.stdout
    assert "passed" in output.stdout
    assert "skipped" not in output.stdout


def test_the_backend_is_keras_own_setting() -> None:
    pytest.importorskip("jax")
    code = (
        "import sys\n"
        "from nnbook.training.engine import train\n"
        "from nnbook.training.spec import run_spec\n"
        "settings = {'hidden_layers': [3], 'learning_rate': 0.1, 'epochs': 2, 'batch_size': 21}\n"
        "print(*train(run_spec(settings)).versions, 'tensorflow' in sys.modules)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout.split() == ["python", "nnbook", "keras", "numpy", "jax", "False"]
