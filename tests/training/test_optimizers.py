"""Every optimizer in Keras against its rule of the theory room, step by step."""

from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from nnbook.training.optimizers import OPTIMIZERS, Optimizer
from nnbook.training.optimizers.rmsprop import RMSprop
from nnbook.training.optimizers.sgd import SGD

# Keras computes in single precision, in which these rates are exact.
RATE = 1 / 64
SHAPES = ((), (5,), (4, 3))
STEPS = 40

VARIANTS = [
    *(member(learning_rate=RATE) for member in OPTIMIZERS.values()),
    *(
        member(learning_rate=RATE, **{name: 0.75})
        for member in OPTIMIZERS.values()
        for name, field in member.model_fields.items()
        if name != "learning_rate" and field.annotation is float
    ),
    SGD(learning_rate=RATE, momentum=0.75, nesterov=True),
    RMSprop(learning_rate=RATE, rho=0.5, momentum=0.5),
]
"""Each with its defaults, and with another value of each of its numbers."""


def gradients() -> list[list[NDArray[np.float64]]]:
    random = np.random.default_rng(0)
    return [
        [random.normal(size=shape) * 10.0 ** random.uniform(-3, 1, shape) for shape in SHAPES]
        for _ in range(STEPS)
    ]


def in_keras(optimizer: Optimizer, start: list[Any]) -> list[list[Any]]:
    judge = optimizer.keras(optimizer.learning_rate)
    variables = [keras.Variable(w, dtype="float32") for w in start]
    path = []
    for gradient in gradients():
        judge.apply([keras.ops.cast(g, "float32") for g in gradient], variables)
        path.append([np.asarray(variable) for variable in variables])
    return path


def by_rule(optimizer: Optimizer, start: list[Any]) -> list[list[Any]]:
    rule = optimizer.rule()
    w, states = start, [rule.initial_state(array) for array in start]
    path = []
    for gradient in gradients():
        steps = [
            rule.step(*arguments, optimizer.learning_rate)
            for arguments in zip(w, gradient, states, strict=True)
        ]
        w, states = [moved for moved, _ in steps], [state for _, state in steps]
        path.append(w)
    return path


@pytest.mark.parametrize("optimizer", VARIANTS, ids=str)
def test_keras_and_the_rule_take_the_same_steps(optimizer: Optimizer) -> None:
    random = np.random.default_rng(1)
    start = [random.normal(size=shape) for shape in SHAPES]
    paths = zip(by_rule(optimizer, start), in_keras(optimizer, start), strict=True)
    for received, expected in paths:
        for own, judge in zip(received, expected, strict=True):
            np.testing.assert_allclose(own, judge, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_defaults_are_those_of_keras(name: str) -> None:
    received = OPTIMIZERS[name](learning_rate=0.5).keras(0.5).get_config()
    expected = keras.optimizers.get(name).get_config()
    # Keras numbers the names of its objects.
    assert received == {**expected, "learning_rate": 0.5, "name": received["name"]}


def test_a_field_that_changed_nothing_would_be_noticed() -> None:
    start = [np.ones(shape) for shape in SHAPES]
    paths = {str(optimizer): str(by_rule(optimizer, start)[-1]) for optimizer in VARIANTS}
    assert len(set(paths.values())) == len(VARIANTS)
