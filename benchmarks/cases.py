"""The networks of the lab that are measured, and what is claimed of them."""

from typing import Any

from nnbook.training.spec import RunSpec, run_spec

MNIST: dict[str, Any] = {"data": "mnist", "loss": "categorical_cross_entropy", "epochs": 1}

EXERCISE_3 = MNIST | {
    "batch_size": 1000,
    "activation": "relu",
    "dropout": 0.21,
    "dropout_from": 2,
    "output_dropout": 0.21,
    "l2": 0.01,
    "bias_l2": 0.01,
    "learning_rate": 0.1,
    "momentum": 0.9,
    "nesterov": True,
}
EXERCISE_4 = MNIST | {"batch_size": 2, "activation": "sigmoid", "learning_rate": 0.01}

CASES: list[RunSpec] = [
    run_spec(EXERCISE_4 | {"hidden_layers": [15]}),
    run_spec(EXERCISE_4 | {"hidden_layers": [15, 25, 50, 75, 100, 150]}),
    run_spec(EXERCISE_3 | {"hidden_layers": [50, 30]}),
    run_spec(EXERCISE_3 | {"hidden_layers": [300, 200, 30]}),
]

LEAST_TIMES_AS_FAST_AS_FIT = {2: 30.0, 1000: 5.0}
"""By batch size: how many steps nnbook takes in the time of one of `model.fit`."""

MOST_TIMES_PRODUCTS = {1000: 2.5}
"""By batch size: the time of a step as a multiple of that of its matrix products."""

MOST_MIB = 1536
"""Peak memory of a process that trains."""


def title(spec: RunSpec) -> str:
    """Return what the tables call a network."""
    return f"{'-'.join(map(str, [784, *spec.hidden_layers, 10]))}, batch size {spec.batch_size}"
