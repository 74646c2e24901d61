"""Small runs, and the parts that train them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.training.compilation import program
from nnbook.training.datasets import Split
from nnbook.training.program import Program
from nnbook.training.spec import RunSpec

REGRESSION: dict[str, Any] = {
    "hidden_layers": [5, 4],
    "activation": "tanh",
    "learning_rate": 0.05,
    "epochs": 67,
    "batch_size": 8,  # 8, 8 and 5 examples: 201 steps
    "seed": 3,
}
CLASSIFICATION: dict[str, Any] = {
    "data": "digits",
    "training_size": 130,
    "hidden_layers": [6, 5],
    "activation": "tanh",
    "loss": "categorical_cross_entropy",
    "learning_rate": 0.1,
    "epochs": 67,
    "batch_size": 50,  # 50, 50 and 30 examples: 201 steps
    "seed": 3,
}


@dataclass(frozen=True)
class Prepared:
    """A program with the initial weights of its run, and its training set where it wants it."""

    program: Program
    data: Split
    x: Any
    y: Any


def prepared(spec: RunSpec) -> Prepared:
    data = spec.load()
    compiled = program(spec, spec.data.facts.inputs, spec.data.facts.outputs)
    compiled.reset(spec)
    x, y = compiled.place(data.training_x), compiled.place(data.training_y)
    return Prepared(compiled, data, x, y)


def one_hot(labels: NDArray[np.int32]) -> NDArray[np.float32]:
    return np.eye(10, dtype=np.float32)[labels]
