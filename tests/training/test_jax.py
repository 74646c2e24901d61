"""Keras on JAX; tests marked `either_backend` are made on it too."""

import os
import subprocess
import sys

import pytest


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
