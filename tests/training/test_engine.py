"""The compiled training against `model.fit`, and against itself."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from nnbook.training import engine, models
from nnbook.training.datasets import load_split
from nnbook.training.spec import RunSpec, run_spec

SETTINGS: dict[str, Any] = {
    "hidden_layers": [5, 4],
    "activation": "tanh",
    "learning_rate": 0.05,
    "epochs": 67,
    "batch_size": 8,  # 8, 8 and 5 examples: 201 steps
    "seed": 3,
}


def batches(spec: RunSpec) -> Iterator[tuple[Any, Any]]:
    """Yield the batches of the engine, epoch after epoch."""
    data = load_split(spec.data, spec.training_fraction, spec.split)
    x, y = data.training_x.astype("float32"), data.training_y.astype("float32")
    for order in engine.batch_orders(spec, len(x)):
        for first in range(0, len(x), spec.batch_size):
            chosen = order[first : first + spec.batch_size]
            yield x[chosen], y[chosen]


def keras_losses(spec: RunSpec) -> list[float]:
    """Return the mean loss of each epoch as `model.fit` has it."""
    model = models.build_model(spec)
    model.compile(models.build_optimizer(spec, 3 * spec.epochs), loss="mean_squared_error")
    fitted = model.fit(
        batches(spec), epochs=spec.epochs, steps_per_epoch=3, shuffle=False, verbose=0
    )
    return list(fitted.history["loss"])


def engine_losses(spec: RunSpec) -> list[float]:
    """Return the mean loss of each epoch, weighted with the sizes of the batches."""
    data = load_split(spec.data, spec.training_fraction, spec.split)
    program = engine.Program(spec, data)
    program.reset(spec)
    x, y = tf.constant(data.training_x, tf.float32), tf.constant(data.training_y, tf.float32)
    orders: Iterator[Any] = engine.batch_orders(spec, len(data.training_x))
    losses = program.train_epochs(x, y, orders, spec.epochs).reshape(spec.epochs, program.steps)
    return list(losses.astype(float) @ [8, 8, 5] / 21)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True},
        {"optimizer": "adam", "schedule": "cosine", "final_fraction": 0.1},
        {"optimizer": "rmsprop", "schedule": "exponential", "final_fraction": 0.1},
        {"l1": 1e-3, "l2": 1e-2, "activation": "relu"},
        {"batch_normalization": True, "hidden_layers": [3]},
    ],
    ids=["sgd", "momentum", "nesterov", "adam", "rmsprop", "l1l2", "batch-normalization"],
)
def test_losses_equal_those_of_model_fit(change: dict[str, Any]) -> None:
    spec = run_spec({**SETTINGS, **change})
    np.testing.assert_allclose(engine_losses(spec), keras_losses(spec), rtol=1e-5)


def test_dropout_has_the_right_distribution_in_every_step() -> None:
    # With a learning rate of nearly zero the weights stay, and the loss of a step is random only
    # through the dropout: for one hidden layer the prediction has the mean of the network without
    # dropout, and the variance r / (1 - r) * sum over units of (weight * activation)^2.
    rate = 0.3
    spec = run_spec(
        {
            **SETTINGS,
            "hidden_layers": [30],
            "learning_rate": 1e-30,
            "dropout": rate,
            "epochs": 4000,
            "batch_size": 21,
        }
    )
    data = load_split()
    program = engine.Program(spec, data)
    program.reset(spec)
    network = models.as_network(spec, program.model)
    x, y = tf.constant(data.training_x, tf.float32), tf.constant(data.training_y, tf.float32)
    orders = engine.batch_orders(spec, 21)
    losses = np.concatenate(
        [program.train_epochs(x, y, orders, program.block) for _ in range(2)], dtype=float
    )
    forward = network.forward(data.training_x.T)
    bias = forward.prediction - data.training_y.T
    variance = rate / (1 - rate) * (network[2].weights.T * forward.a[1]) ** 2
    expected = np.mean(bias**2 + variance.sum(axis=0))
    standard_error = losses.std() / np.sqrt(len(losses))
    assert len(np.unique(losses)) > 0.99 * len(losses)
    assert abs(losses.mean() - expected) < 4 * standard_error
    assert standard_error < 0.02 * expected


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": "adam", "dropout": 0.2, "batch_normalization": True},
        {"optimizer": "adam", "activation": "softplus", "l2": 1e-4},
    ],
    ids=["dropout", "plain"],
)
def test_a_run_is_the_same_alone_and_after_others(change: dict[str, Any]) -> None:
    spec = run_spec({**SETTINGS, **change, "epochs": 30, "split": 5})
    engine._program.cache_clear()
    alone = engine.train(spec)
    other = engine.train(spec.model_copy(update={"seed": 4, "split": 6}))
    after = engine.train(spec)
    assert after.history == alone.history
    assert other.history != alone.history
    assert alone.network is not None
    assert after.network is not None
    np.testing.assert_array_equal(alone.network[1].weights, after.network[1].weights)


def test_seed_split_and_noise_are_separate() -> None:
    spec = run_spec({**SETTINGS, "epochs": 2})
    base, seed, split, noise = (
        engine.train(spec.model_copy(update=change)).history
        for change in ({}, {"seed": 9}, {"split": 9}, {"noise": 0.1})
    )
    assert noise["test_loss"][0] == base["test_loss"][0]
    assert noise["training_loss"][0] != base["training_loss"][0]
    assert noise["test_loss"][-1] != base["test_loss"][-1]
    assert seed["test_loss"][0] != base["test_loss"][0]
    assert split["test_loss"][0] != base["test_loss"][0]
    network = models.as_network(spec, models.build_model(spec))
    data = load_split(split=9)
    by_hand = np.mean((network.forward(data.test_x.T).prediction - data.test_y.T) ** 2)
    assert split["test_loss"][0] == pytest.approx(by_hand, rel=1e-5)


def test_a_linear_model_reaches_the_least_squares_line() -> None:
    spec = run_spec(
        {"hidden_layers": [], "learning_rate": 0.5, "epochs": 2000, "batch_size": 21, "split": 2}
    )
    outcome = engine.train(spec)
    data = load_split(split=2)
    slope, intercept = np.polyfit(data.training_x[:, 0], data.training_y[:, 0], 1)
    assert outcome.network is not None
    assert outcome.network[1].weights.item() == pytest.approx(slope, abs=1e-4)
    assert outcome.network[1].biases.item() == pytest.approx(intercept, abs=1e-4)
    residuals = data.test_y[:, 0] - (slope * data.test_x[:, 0] + intercept)
    assert outcome.history["test_loss"][-1] == pytest.approx(np.mean(residuals**2), rel=1e-3)


def test_history_and_progress_end_with_the_last_epoch() -> None:
    epochs = []
    outcome = engine.train(run_spec({**SETTINGS, "epochs": 3000}), epochs.append)
    recorded = outcome.history["epoch"]
    assert recorded[:3] == [0, 1, 2]
    assert recorded[-1] == epochs[-1] == 3000
    assert 60 < len(recorded) <= 101
    assert {len(column) for column in outcome.history.values()} == {len(recorded)}
    assert outcome.history["training_loss"][-1] < outcome.history["training_loss"][0]


def test_divergence_is_a_result_with_its_epoch_and_step() -> None:
    spec = run_spec(
        {**SETTINGS, "activation": "relu", "learning_rate": 100.0, "batch_size": 1, "seed": 1}
    )
    outcome = engine.train(spec)
    assert outcome.network is None
    assert outcome.diverged_at is not None
    epoch, step = outcome.diverged_at
    losses = engine_step_losses(spec, epoch)
    index = (epoch - 1) * 21 + step - 1
    assert np.isfinite(losses[:index]).all()
    assert not np.isfinite(losses[index])
    assert np.isfinite(outcome.history["test_loss"]).all()
    assert outcome.history["epoch"][-1] == epoch - 1


def engine_step_losses(spec: RunSpec, epochs: int) -> Any:
    data = load_split()
    program = engine.Program(spec, data)
    program.reset(spec)
    x, y = tf.constant(data.training_x, tf.float32), tf.constant(data.training_y, tf.float32)
    return program.train_epochs(x, y, engine.batch_orders(spec, 21), epochs)
