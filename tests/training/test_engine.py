"""Whole runs: against `model.fit`, against NumPy, and against themselves."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from nnbook.theory.losses import negative_log_likelihood
from nnbook.theory.network import Layer, Network
from nnbook.training import compilation, engine, models
from nnbook.training.datasets import load_split
from nnbook.training.feed import Feed, batch_orders
from nnbook.training.flat import merged
from nnbook.training.outcome import Outcome
from nnbook.training.program import Program
from nnbook.training.spec import AUGMENTATIONS, RunSpec, run_spec, setting_names
from nnbook.training.stopping.patience import Patience
from tests.training.cases import CLASSIFICATION, REGRESSION, prepared

# One configuration for as many tests as can be: its program is compiled once.
QUICK: dict[str, Any] = {
    **CLASSIFICATION,
    "hidden_layers": [6],
    "l2": 1e-3,
    "momentum": 0.9,
    "epochs": 3,
}


def fingerprint(outcome: Outcome) -> str:
    """Return a digest of all numbers of a run but its duration."""
    numbers = json.dumps([outcome.history, outcome.final, outcome.fits, dict(outcome.measures)])
    digest = hashlib.sha256(numbers.encode())
    assert outcome.network is not None
    for layer in outcome.network.layers:
        digest.update(layer.weights.tobytes() + layer.biases.tobytes())
    return digest.hexdigest()


class Calls:
    """What the compiled steps were given, call by call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.x: list[NDArray[Any]] = []
        self.batches: list[NDArray[Any]] = []
        advance = Program.advance

        def recording(program: Program, x: Any, y: Any, batches: Any, *rest: Any) -> Any:
            self.x.append(np.array(x))
            self.batches.append(batches.copy())
            return advance(program, x, y, batches, *rest)

        monkeypatch.setattr(Program, "advance", recording)


# Against model.fit


def test_the_history_of_a_classification_is_what_keras_prints() -> None:
    spec = run_spec(QUICK)
    outcome = engine.train(spec)
    data = load_split("digits", training_size=130)
    model = models.build_model(spec, 64, 10)
    model.compile(
        models.build_optimizer(spec, 9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    orders = batch_orders(spec, 130)
    for epoch in range(3):
        order = next(orders)
        fitted = model.fit(
            data.training_x[order],
            data.training_y[order],
            batch_size=50,
            shuffle=False,
            validation_data=(data.validation_x, data.validation_y),
            verbose=0,
        )
        received = {name: column[epoch] for name, column in outcome.history.items()}
        expected = {name: values[0] for name, values in fitted.history.items()}
        assert received["epoch"] == epoch + 1
        assert received["running_loss"] == pytest.approx(expected["loss"], rel=1e-5)
        assert received["running_accuracy"] == pytest.approx(expected["accuracy"], rel=1e-6)
        # Keras adds the penalty to the validation loss.
        with_penalty = received["validation_loss"] + received["penalty"]
        assert with_penalty == pytest.approx(expected["val_loss"], rel=1e-5)
        assert received["validation_accuracy"] == pytest.approx(expected["val_accuracy"], rel=1e-6)


@pytest.mark.either_backend
def test_a_continued_run_is_that_of_fresh_optimizers_on_the_weights_so_far() -> None:
    rates = [0.02, 0.05, 0.01]
    spec = run_spec({**QUICK, "learning_rate": 0.02, "continued": rates[1:]})
    outcome = engine.train(spec)

    data = load_split("digits", training_size=130)
    model = models.build_model(spec, 64, 10)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    orders = batch_orders(spec, 130)
    losses = []
    for rate in rates:
        model.compile(keras.optimizers.SGD(rate, momentum=0.9), loss)
        for _ in range(3):
            order = next(orders)
            x, y = data.training_x[order], data.training_y[order]
            model.fit(x, y, batch_size=50, shuffle=False, verbose=0)
        losses.append(float(loss(data.training_y, model(data.training_x))))

    assert [fit["learning_rate"] for fit in outcome.fits] == rates
    np.testing.assert_allclose([fit["training_loss"] for fit in outcome.fits], losses, rtol=1e-5)
    assert outcome.history["epoch"] == list(range(1, 10))
    assert {"learning_rate": 0.01} | dict(outcome.final or {}) == outcome.fits[-1]
    assert outcome.network is not None
    kernel, _ = model.layers[1].get_weights()
    np.testing.assert_allclose(outcome.network[1].weights, kernel.T, rtol=1e-4, atol=1e-6)


def test_a_continued_regression_counts_its_epochs_through() -> None:
    settings = {**REGRESSION, "hidden_layers": [5], "epochs": 4}
    outcome = engine.train(run_spec({**settings, "continued": [0.1]}))
    alone = engine.train(run_spec(settings))
    assert outcome.history["epoch"] == list(range(9))
    assert outcome.history["test_loss"][:5] == alone.history["test_loss"]
    assert outcome.fits[0] == {"learning_rate": 0.05, **(alone.final or {})}
    assert alone.fits == []


STOPPED: dict[str, dict[str, Any]] = {
    # Keras watches a loss with the penalty.
    "classification": {**QUICK, "l2": 0.0, "learning_rate": 0.5, "early_stopping.patience": 3},
    "by accuracy, the last weights": {
        **QUICK,
        "learning_rate": 0.5,
        "early_stopping.patience": 4,
        "early_stopping.metric": "validation_accuracy",
        "early_stopping.restore_best": False,
    },
    "regression": {
        **REGRESSION,
        "hidden_layers": [5],
        "learning_rate": 1.5,
        "early_stopping.patience": 5,
        "early_stopping.held_out": 0.3,
    },
}


@pytest.mark.parametrize("case", STOPPED)
def test_early_stopping_is_that_of_keras(case: str) -> None:
    spec = run_spec({**STOPPED[case], "epochs": 60})
    outcome = engine.train(spec)
    data = spec.load()
    rule = spec.early_stopping
    assert isinstance(rule, Patience)
    assert data.validation_x is not None
    model = models.build_model(spec, spec.data.facts.inputs, spec.data.facts.outputs)
    loss = models.build_loss(spec, spec.data.facts.outputs)
    classifies = spec.classifies
    model.compile(
        models.build_optimizer(spec, 60 * spec.steps),
        loss,
        metrics=["sparse_categorical_accuracy"] if classifies else [],
    )
    watched = "val_loss"
    if rule.metric == "validation_accuracy":
        watched = "val_sparse_categorical_accuracy"
    stopping = keras.callbacks.EarlyStopping(
        watched, mode="max" if "accuracy" in watched else "min", patience=rule.patience,
        restore_best_weights=rule.restore_best,
    )  # fmt: skip
    orders = batch_orders(spec, spec.examples)

    def batches() -> Iterator[tuple[Any, Any]]:
        for order in orders:
            for first in range(0, spec.examples, spec.batch_size):
                chosen = order[first : first + spec.batch_size]
                yield data.training_x[chosen].astype("float32"), data.training_y[chosen]

    fitted = model.fit(
        batches(),
        epochs=60,
        steps_per_epoch=spec.steps,
        shuffle=False,
        validation_data=(data.validation_x, data.validation_y),
        callbacks=[stopping],
        verbose=0,
    )
    epochs = len(fitted.history["loss"])
    assert rule.patience < epochs < 60  # else nothing was stopped
    assert outcome.history["epoch"][-1] == epochs
    best = stopping.best_epoch + 1
    assert best == epochs - rule.patience
    assert outcome.measures["best_epoch"] == best
    assert outcome.measures["last_epoch"] == epochs
    assert outcome.network is not None
    kernel, _ = model.layers[1].get_weights()
    np.testing.assert_allclose(outcome.network.layers[0].weights, kernel.T, rtol=1e-3, atol=1e-5)
    assert outcome.final is not None
    prediction = model.predict(data.test_x, verbose=0)
    expected = float(np.mean(loss(data.test_y, keras.ops.convert_to_tensor(prediction))))
    assert outcome.final["test_loss"] == pytest.approx(expected, rel=1e-3)
    row = (best if rule.restore_best else epochs) - bool(classifies)
    assert outcome.final["validation_loss"] == outcome.history["validation_loss"][row]


def test_a_rule_that_never_stops_gives_the_run_without_it() -> None:
    patient = {"early_stopping": {"patience": 99, "restore_best": False}}
    plain, watched = (engine.train(run_spec({**QUICK, **change})) for change in ({}, patient))
    assert watched.measures.pop("last_epoch") == 3  # type: ignore[attr-defined]
    assert 1 <= watched.measures.pop("best_epoch") <= 3  # type: ignore[attr-defined]
    assert fingerprint(watched) == fingerprint(plain)


def test_what_is_held_out_is_neither_trained_nor_tested_on() -> None:
    settings = {**REGRESSION, "early_stopping": "patience", "split": 3}
    held, whole = run_spec(settings).load(), run_spec({**REGRESSION, "split": 3}).load()
    assert held.validation_x is not None
    assert len(held.validation_x) == round(0.2 * 21) == 4
    np.testing.assert_array_equal(held.test_x, whole.test_x)
    together = np.sort(np.concatenate([held.training_x, held.validation_x]), axis=0)
    np.testing.assert_array_equal(together, np.sort(whole.training_x, axis=0))


def test_the_history_of_a_long_run_ends_where_it_stopped() -> None:
    spec = run_spec({**STOPPED["regression"], "epochs": 4000})
    outcome = engine.train(spec)
    epochs = outcome.history["epoch"]
    assert epochs[-1] == outcome.measures["last_epoch"] < 4000
    assert len({len(column) for column in outcome.history.values()}) == 1
    assert outcome.measures["best_epoch"] == epochs[-1] - 5


def test_probes_end_with_a_run_that_stops() -> None:
    spec = run_spec({**STOPPED["regression"], "epochs": 60, "probes": True})
    outcome = engine.train(spec)
    steps = outcome.arrays["step"].tolist()
    assert steps[-1] == outcome.measures["last_epoch"] * spec.steps
    assert len(steps) == len(set(steps))
    assert np.isnan(outcome.arrays["update_ratio"][-1]).all()
    assert np.isfinite(outcome.arrays["update_ratio"][:-1]).all()


# Against itself


@pytest.mark.either_backend
@pytest.mark.parametrize(
    "change",
    [
        {**QUICK, "dropout": 0.2, "batch_normalization": True, "split": 5},
        {**REGRESSION, "hidden_layers": [5], "optimizer": "adam", "l2": 1e-4, "split": 5},
        {**QUICK, "shift": 1.0, "elastic": 1.0},
    ],
    ids=["dropout", "regression", "augmentation"],
)
def test_a_run_is_the_same_alone_and_after_others(change: dict[str, Any]) -> None:
    spec = run_spec(change)
    compilation._program.cache_clear()
    alone = engine.train(spec)
    changes = {"seed": 4, "split": 6, "learning_rate": 0.3, "initializer": "he_normal"}
    other = engine.train(spec.vary(**changes))
    after = engine.train(spec)
    assert fingerprint(after) == fingerprint(alone)
    assert fingerprint(other) != fingerprint(alone)


THREADS_CASES = (
    run_spec({**REGRESSION, "hidden_layers": [20, 20], "batch_size": 21, "epochs": 50}),
    run_spec({**QUICK, "training_size": None, "hidden_layers": [100], "batch_size": 100}),
)


def test_a_run_is_the_same_with_one_thread() -> None:
    # True up to a size: with batches of 500 MNIST images, sums are split among the threads, and
    # the last bits depend on their number.
    code = (
        "from tests.training.test_engine import THREADS_CASES, engine, fingerprint\n"
        "print(*(fingerprint(engine.train(spec)) for spec in THREADS_CASES))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout.split() == [fingerprint(engine.train(spec)) for spec in THREADS_CASES]


SHARED: dict[str, Any] = {
    "seed": 1,
    "split": 1,
    "noise": 0.1,
    "learning_rate": 0.01,
    "epochs": 3,
    "initializer": "he_normal",
    "initial_deviation": 0.1,
    "initializer.gain": 2.0,
    "pretraining_epochs": 2,
    "continued": (0.1,),
    "probes": True,
    "shift": 1.0,
    "rotation": 10.0,
    "scaling": 0.1,
    "elastic": 1.0,
    "early_stopping": "patience",
    "early_stopping.metric": "validation_accuracy",
    "early_stopping.restore_best": False,
    "early_stopping.patience": 3,
}
COMPILED: dict[str, Any] = {
    "data": "mnist",
    "training_fraction": 0.5,
    "training_size": 100,
    "hidden_layers": (6,),
    "activation": "relu",
    "shortcuts": 1,
    "input_dropout": 0.1,
    "dropout": 0.1,
    "dropout_from": 2,
    "output_dropout": 0.1,
    "batch_normalization": True,
    "normalization": "layer",
    "normalization.epsilon": 0.1,
    "normalization.momentum": 0.9,
    "normalized": "activations",
    "l1": 0.1,
    "l2": 0.1,
    "bias_l1": 0.1,
    "bias_l2": 0.1,
    "optimizer": "adam",
    "momentum": 0.5,
    "nesterov": True,
    "optimizer.rho": 0.5,
    "optimizer.epsilon": 0.1,
    "optimizer.initial_sum": 0.5,
    "optimizer.beta_1": 0.5,
    "optimizer.beta_2": 0.5,
    "optimizer.weight_decay": 0.5,
    "schedule": "cosine",
    "final_fraction": 0.5,
    "schedule.warm_up": 1.0,
    "loss": "binary_cross_entropy",
    "output_activation": "sigmoid",
    "batch_size": 9,
    "drop_remainder": True,
}
HELD_OUT = {"early_stopping": "patience", "early_stopping.held_out": 0.5}
NEEDED: dict[str, dict[str, Any]] = {
    "initial_deviation": {"initializer": "random_normal"},
    "initializer.gain": {"initializer": "orthogonal"},
    "shortcuts": {"hidden_layers": [5, 5]},
    "dropout_from": {"dropout": 0.1},
    "normalized": {"normalization": "layer"},
    "normalization.epsilon": {"normalization": "layer"},
    "normalization.momentum": {"batch_normalization": True},
    "nesterov": {"momentum": 0.5},
    "optimizer.rho": {"optimizer": "rmsprop"},
    "optimizer.epsilon": {"optimizer": "adam"},
    "optimizer.initial_sum": {"optimizer": "adagrad"},
    "optimizer.beta_1": {"optimizer": "adam"},
    "optimizer.beta_2": {"optimizer": "adam"},
    "optimizer.weight_decay": {"optimizer": "adamw"},
    "final_fraction": {"schedule": "cosine", "final_fraction": 0.4},
    "schedule": {"final_fraction": 0.5, "schedule": "exponential"},
}
"""Without which a setting could not be changed."""


def template(change: dict[str, Any], name: str) -> RunSpec:
    on_images = name in (
        *("data", "training_size", "pretraining_epochs", *AUGMENTATIONS),
        *(name for name in SHARED if name.startswith("early_stopping")),
    )
    base = CLASSIFICATION if on_images else REGRESSION
    return compilation.template(run_spec(merged(base, {**NEEDED.get(name, {}), **change})))


def test_runs_share_a_program_unless_it_would_be_another() -> None:
    known = {name for name in setting_names() if not name.startswith("data.")}
    assert {*SHARED, *COMPILED, "regularizer", "early_stopping.held_out"} == known
    for name, value in SHARED.items():
        assert template({name: value}, name) == template({}, name), name
    for name, value in COMPILED.items():
        assert template({name: value}, name) != template({}, name), name
    assert template(HELD_OUT, "") != template({}, "")
    spec = run_spec(REGRESSION)
    assert compilation.compiled_for(spec.vary(seed=9)) is compilation.compiled_for(spec)


def test_a_run_without_xla_computes_the_same_and_leaves_no_program_to_others() -> None:
    spec = run_spec({**QUICK, "hidden_layers": [5], "dropout": 0.2, "batch_size": 3, "epochs": 2})
    soon = engine.train(spec, optimized=False)
    assert soon.final == pytest.approx(engine.train(spec).final, rel=1e-4)
    few, many = (compilation.compiled_for(spec, optimized=xla) for xla in (False, True))
    assert few is not many
    assert not few.optimized
    assert many.optimized
    assert compilation.compiled_for(spec) is many


def test_with_a_schedule_rate_and_epochs_are_part_of_the_program() -> None:
    spec = run_spec({**REGRESSION, "schedule": "exponential", "final_fraction": 0.1})
    for change in ({"learning_rate": 0.01}, {"epochs": 3}):
        assert compilation.template(spec.vary(**change)) != compilation.template(spec)
    assert compilation.template(spec.vary(seed=9)) == compilation.template(spec)


def test_seed_split_and_noise_are_separate() -> None:
    spec = run_spec({**REGRESSION, "epochs": 2})
    base, seed, split, noise = (
        engine.train(spec.vary(**change)).history
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


# Dropout


def test_dropout_has_the_right_distribution_in_every_step() -> None:
    # With a learning rate of nearly zero the weights stay, and the loss of a step is random only
    # through the dropout: for one hidden layer the prediction has the mean of the network without
    # dropout, and the variance r / (1 - r) * sum over units of (weight * activation)^2.
    rate = 0.3
    spec = run_spec(
        {
            **REGRESSION,
            "hidden_layers": [30],
            "learning_rate": 1e-30,
            "dropout": rate,
            "batch_size": 21,
        }
    )
    own = prepared(spec)
    network = models.as_network(spec, own.program.model)
    training = engine.Training(spec, own.data, own.program, lambda epoch: None)
    parts = [training._call(first, own.program.capacity)[0] for first in range(6)]
    losses = np.concatenate(parts, dtype=float)
    forward = network.forward(own.data.training_x.T)
    bias = forward.prediction - own.data.training_y.T
    variance = rate / (1 - rate) * (network[2].weights.T * forward.a[1]) ** 2
    expected = np.mean(bias**2 + variance.sum(axis=0))
    standard_error = losses.std() / np.sqrt(len(losses))
    assert len(np.unique(losses)) > 0.99 * len(losses)
    assert abs(losses.mean() - expected) < 4 * standard_error
    assert standard_error < 0.02 * expected


def test_bits_for_dropout_do_not_depend_on_how_many_are_drawn_at_once() -> None:
    spec = run_spec({**QUICK, "hidden_layers": [5], "batch_size": 3, "dropout": 0.1})
    compiled = compilation.compiled_for(spec)
    data = load_split("digits", training_size=130)
    one, other, third = (
        engine.Training(changed, data, compiled, lambda epoch: None)
        for changed in (spec, spec, spec.vary(seed=4))
    )
    bits = one._draw(7)
    np.testing.assert_array_equal(np.concatenate([other._draw(n) for n in (1, 4, 2)]), bits)
    assert bits.shape == (7, 3, 5)
    assert bits.dtype == np.uint16
    assert (third._draw(7) != bits).mean() > 0.9


def test_a_run_with_dropout_visits_the_examples_in_the_same_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = Calls(monkeypatch)
    engine.train(run_spec(QUICK))
    plain = np.concatenate(calls.batches)
    calls.batches.clear()
    engine.train(run_spec({**QUICK, "dropout": 0.3}))
    np.testing.assert_array_equal(np.concatenate(calls.batches), plain)


# Augmentation


def test_augmented_images_change_in_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    # More epochs than the history has lines.
    few = {**QUICK, "training_size": 20, "batch_size": 10, "epochs": 130}
    calls = Calls(monkeypatch)
    outcome = engine.train(run_spec({**few, "shift": 1.0, "rotation": 10.0}))
    originals = load_split("digits", training_size=20).training_x
    assert len(outcome.history["epoch"]) < 130 == outcome.history["epoch"][-1]
    assert len({images.tobytes() for images in calls.x} - {originals.tobytes()}) == 130
    assert all(images.shape == (20, 64) for images in calls.x)
    assert sum(map(len, calls.batches)) == 260


def test_what_is_measured_is_measured_on_the_images_as_they_are() -> None:
    spec = run_spec({**QUICK, "shift": 2.0, "learning_rate": 1e-30})
    outcome = engine.train(spec)
    data = load_split("digits", training_size=130)
    network = models.as_network(spec, models.build_model(spec, 64, 10))
    parts = {
        part: (getattr(data, f"{part}_x").T, getattr(data, f"{part}_y"))
        for part in ("training", "validation", "test")
    }
    losses = {
        part: negative_log_likelihood(network.forward(x).prediction, y)
        for part, (x, y) in parts.items()
    }
    assert outcome.history["validation_loss"] == pytest.approx([losses["validation"]] * 3)
    assert outcome.final is not None
    assert outcome.final["training_loss"] == pytest.approx(losses["training"])
    assert outcome.final["test_loss"] == pytest.approx(losses["test"])
    # Training went on with others.
    running = np.subtract(outcome.history["running_loss"], outcome.history["penalty"])
    assert np.all(np.abs(running / losses["training"] - 1) > 1e-3)
    assert len(set(running)) == 3


# What a run gives


def test_the_measures_are_those_of_the_network_that_is_returned() -> None:
    outcome = engine.train(run_spec(QUICK))
    data = load_split("digits", training_size=130)
    network, final = outcome.network, outcome.final
    assert network is not None
    assert final is not None
    classes = network.forward(data.test_x.T).prediction.argmax(axis=0)
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (data.test_y, classes), 1)
    assert outcome.measures["confusion"] == confusion.tolist()
    assert confusion.sum() == 300
    assert final["test_accuracy"] == confusion.trace() / 300
    assert final["validation_accuracy"] == outcome.history["validation_accuracy"][-1]
    assert outcome.measures["dead_units"] == [0]


@pytest.mark.parametrize("stopping", [{}, {"early_stopping.patience": 1, "learning_rate": 3.0}])
def test_what_is_misread_is_what_the_returned_network_misreads(stopping: dict[str, Any]) -> None:
    outcome = engine.train(run_spec({**QUICK, **stopping, "epochs": 6}))
    data = load_split("digits", training_size=130)
    assert outcome.network is not None
    if stopping:
        assert outcome.measures["best_epoch"] < outcome.measures["last_epoch"]
    for part in ("validation", "test"):
        x, y = getattr(data, f"{part}_x"), getattr(data, f"{part}_y")
        classes = outcome.network.forward(x.T).prediction.argmax(axis=0)
        wrong = np.flatnonzero(classes != y)
        assert 0 < len(wrong) < 300
        np.testing.assert_array_equal(outcome.misread[part], [wrong, classes[wrong]])
    assert {array.dtype for array in outcome.misread.values()} == {np.dtype("u2")}
    accuracy = 1 - outcome.misread["test"].shape[1] / 300
    assert (outcome.final or {})["test_accuracy"] == pytest.approx(accuracy)


def test_units_that_say_the_same_of_every_example_are_dead() -> None:
    weights = np.ones((3, 2))
    network = Network(
        (
            Layer(weights, [0.0, -100.0, 0.0], "relu"),
            Layer(np.eye(3), [0.0, 0.0, 0.0], "tanh"),
            Layer(np.ones((1, 3)), [0.0], "identity"),
        )
    )
    x = np.random.default_rng(0).random((50, 2))
    assert engine._dead_units(network, x) == [1, 1]
    outcome = engine.train(run_spec({**QUICK, "initializer": "zeros"}))
    assert outcome.measures["dead_units"] == [6]


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


@pytest.mark.either_backend
def test_history_and_progress_end_with_the_last_epoch() -> None:
    epochs = []
    outcome = engine.train(run_spec({**REGRESSION, "epochs": 3000}), epochs.append)
    recorded = outcome.history["epoch"]
    assert recorded[:3] == [0, 1, 2]
    assert recorded[-1] == epochs[-1] == 3000
    assert 60 < len(recorded) <= 101
    assert {len(column) for column in outcome.history.values()} == {len(recorded)}
    assert outcome.history["training_loss"][-1] < outcome.history["training_loss"][0]
    assert keras.backend.backend() in outcome.versions


def test_the_step_function_trains_the_output_layer_alone() -> None:
    spec = run_spec({**QUICK, "activation": "step", "l2": 0.0})
    outcome = engine.train(spec)
    before = models.as_network(spec, models.build_model(spec, 64, 10))
    assert outcome.network is not None
    np.testing.assert_array_equal(outcome.network[1].weights, before[1].weights)
    assert not np.array_equal(outcome.network[2].weights, before[2].weights)


# Divergence


@pytest.mark.either_backend
@pytest.mark.parametrize(
    "change",
    [
        {**REGRESSION, "activation": "relu", "learning_rate": 100.0, "batch_size": 1, "seed": 1},
        {**QUICK, "activation": "relu", "learning_rate": 1e12},
    ],
    ids=["regression", "classification"],
)
def test_divergence_is_a_result_with_its_epoch_and_step(change: dict[str, Any]) -> None:
    spec = run_spec(change)
    outcome = engine.train(spec)
    assert outcome.network is None
    assert outcome.final is None
    assert outcome.measures == {}
    assert outcome.diverged_at is not None
    epoch, step = outcome.diverged_at
    own = prepared(spec)
    taken = (epoch - 1) * spec.steps + step
    losses, _ = own.program.advance(own.x, own.y, Feed(spec).take(taken), 0)
    assert 1 <= step <= spec.steps
    assert taken > 1
    assert np.isfinite(losses[:-1]).all()
    assert not np.isfinite(losses[-1])
    for column in outcome.history.values():
        assert np.isfinite(column).all()
    assert max(outcome.history.get("epoch", [0])) == epoch - 1


def test_a_run_that_diverges_when_continued_keeps_the_fits_before() -> None:
    spec = run_spec({**QUICK, "activation": "relu", "continued": [0.2, 1e30]})
    outcome = engine.train(spec)
    assert outcome.diverged_at is not None
    assert outcome.diverged_at[0] == 7
    assert outcome.final is None
    assert outcome.network is None
    assert outcome.measures == {}
    assert [fit["learning_rate"] for fit in outcome.fits] == [0.1, 0.2]
    assert outcome.history["epoch"] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "base",
    [{**REGRESSION, "activation": "identity"}, {**QUICK, "activation": "relu"}],
    ids=["regression", "classification"],
)
def test_initial_weights_may_be_too_large_for_a_finite_loss(base: dict[str, Any]) -> None:
    large = {"initializer": "random_normal", "initial_deviation": 1e30}
    outcome = engine.train(run_spec({**base, **large}))
    assert outcome.diverged_at == (1, 1)
    assert outcome.final is None
    assert outcome.history == {}


@pytest.mark.parametrize("continued", [[], [1e-30]], ids=["once", "continued"])
def test_a_loss_that_is_finite_until_the_end_is_measured_is_a_divergence(
    continued: list[float],
) -> None:
    # That of 300 validation images can be added up in single precision, that of 1,197 cannot.
    large = {"initializer": "random_normal", "initial_deviation": 3e17, "learning_rate": 1e-30}
    squares = {"loss": "mean_squared_error", "training_size": None, "batch_size": 100, "l2": 0.0}
    outcome = engine.train(run_spec({**QUICK, **squares, **large, "continued": continued}))
    assert outcome.history["validation_loss"][-1] > 1e35
    assert outcome.diverged_at == (3, 12)
    assert outcome.final is None
    assert outcome.network is None
    assert outcome.measures == {}
    assert outcome.fits == []


def test_weights_that_the_last_step_ruins_are_noticed() -> None:
    spec = run_spec({**REGRESSION, "batch_size": 21, "epochs": 1, "learning_rate": 1e38})
    outcome = engine.train(spec)
    assert outcome.diverged_at == (1, 1)
    assert outcome.history["epoch"] == [0]


# Own files


def test_a_file_that_changes_between_two_runs_gives_what_it_would_alone(tmp_path: Any) -> None:
    path = tmp_path / "own.csv"
    data = {"name": "csv", "path": str(path), "columns": ["a"], "target": "b"}
    settings = {"hidden_layers": [4], "learning_rate": 0.1, "epochs": 3, "batch_size": 4}

    def trained(rows: int) -> Outcome:
        lines = [f"{i},{(i * 7) % 5}" for i in range(rows)]
        path.write_text("\n".join(["a,b", *lines]) + "\n", encoding="utf-8")
        return engine.train(run_spec({**settings, "data": data}))

    trained(20)
    after = trained(41)
    compilation._program.cache_clear()
    assert fingerprint(trained(41)) == fingerprint(after)


def test_few_images_can_be_pretrained_on(tmp_path: Any) -> None:
    random = np.random.default_rng(0)
    path = tmp_path / "few.npz"
    np.savez(path, allow_pickle=False, x=random.random((60, 4, 4)), y=np.arange(60) % 3)
    settings = {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 1, "batch_size": 5}
    spec = run_spec(
        {
            **{**settings, "loss": "categorical_cross_entropy", "pretraining_epochs": 1},
            "data": {"name": "npz", "path": str(path)},
        }
    )
    assert engine.train(spec).network is not None
