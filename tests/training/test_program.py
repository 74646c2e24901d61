"""The compiled steps against `model.fit`, and their dropout against NumPy; on either backend."""

import logging
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from nnbook.training import models, program
from nnbook.training.datasets import load_split
from nnbook.training.feed import Feed
from nnbook.training.spec import CANONICAL_OUTPUT, RunSpec, run_spec
from tests.training.cases import CLASSIFICATION, REGRESSION, Prepared, one_hot, prepared

pytestmark = pytest.mark.either_backend

MSE, BCE = {"loss": "mean_squared_error"}, {"loss": "binary_cross_entropy"}

EPOCHS, STEPS = 20, 60  # to the end of a schedule, where a batch is a third of the examples

# Compilation is what takes time here: one hidden layer, and whole batches, for most (a smaller last
# batch is compiled apart).
QUANTITY = {**REGRESSION, "hidden_layers": [5], "batch_size": 7}
CLASSES = {**CLASSIFICATION, "hidden_layers": [6], "training_size": 150}
CASES: dict[str, dict[str, Any]] = {
    "sgd": {**REGRESSION},
    "linear": {**REGRESSION, "hidden_layers": [], "drop_remainder": True},
    "sigmoid and squares": {**CLASSES, **MSE, "output_activation": "sigmoid", "momentum": 0.9},
    "nesterov, l1": {
        **REGRESSION,
        "momentum": 0.9,
        "nesterov": True,
        "activation": "relu",
        "output_activation": "sigmoid",
        "l1": 1e-3,
        "bias_l1": 2e-3,
    },
    "adagrad": {**CLASSIFICATION, "optimizer": "adagrad", "drop_remainder": True},
    "adadelta, l1 and l2": {
        **QUANTITY,
        **BCE,
        "optimizer": "adadelta",
        "learning_rate": 1.0,
        "l1": 1e-3,
        "l2": 2e-3,
        "bias_l1": 3e-3,
        "bias_l2": 4e-3,
    },
    "rmsprop, exponential": {
        **CLASSES,
        **BCE,
        "optimizer": "rmsprop",
        "learning_rate": 0.003,
        "schedule": "exponential",
        "final_fraction": 0.1,
        "activation": "softplus",
    },
    "adam, cosine": {
        **CLASSES,
        "optimizer": "adam",
        "learning_rate": 0.01,
        "schedule": "cosine",
        "final_fraction": 0.1,
        "activation": "leaky_relu",
    },
    "nadam, l2, softmax and squares": {
        **CLASSES,
        **MSE,
        "output_activation": "softmax",
        "optimizer": "nadam",
        "learning_rate": 0.003,
        "l2": 1e-3,
        "bias_l2": 2e-3,
    },
    "batch normalization": {
        **REGRESSION,
        "batch_normalization": True,
        "hidden_layers": [3],
        "learning_rate": 0.01,
    },
    "batch normalization of activations": {
        **CLASSES,
        "batch_normalization": True,
        "normalized": "activations",
        "l1": 1e-3,
        "l2": 2e-3,
    },
    "softmax layers, sigmoid and cross-entropy": {
        **CLASSIFICATION,
        "hidden_layers": [6],
        "activation": "softmax",
        "output_activation": "sigmoid",
        "learning_rate": 0.5,
    },
    "adamw, layer normalization": {
        **CLASSES,
        "hidden_layers": [6, 5],
        "optimizer": {"name": "adamw", "weight_decay": 0.1},
        "learning_rate": 0.003,
        "normalization": "layer",
        "initializer": "orthogonal",
    },
    "layer normalization of activations, warm-up": {
        **CLASSES,
        "normalization": {"name": "layer", "place": "after", "epsilon": 0.01},
        "optimizer": "adam",
        "learning_rate": 0.02,
        "schedule": {"name": "cosine", "final_fraction": 0.1, "warm_up": 10.5},
    },
    "shortcuts, constant after a warm-up": {
        **QUANTITY,
        "hidden_layers": [5, 5, 5, 4, 4],
        "shortcuts": 2,
        "momentum": 0.5,
        "learning_rate": 0.02,
        "schedule": {"name": "constant", "warm_up": 5.0},
    },
    "shortcuts by batch normalization": {
        **CLASSES,
        "hidden_layers": [6, 6, 6],
        "shortcuts": 1,
        "normalization": {"name": "batch", "place": "after", "momentum": 0.9},
        "l2": 1e-3,
    },
    "softmax and binary": {**CLASSES, **BCE, "output_activation": "softmax"},
    "identity and squares": {**CLASSES, **MSE, "activation": "sigmoid"},
}

# Few examples take another way through the dense layers, which is written out for each of them.
CASES |= {
    f"few examples, {name}": {**CASES[name], "batch_size": size}
    for name, size in {
        "sgd": 5,  # and a last batch of one example
        "linear": 1,
        "nesterov, l1": 2,
        "adagrad": 2,
        "adadelta, l1 and l2": 3,
        "rmsprop, exponential": 2,
        "nadam, l2, softmax and squares": 2,
        "batch normalization of activations": 3,
        "layer normalization of activations, warm-up": 2,
        "shortcuts, constant after a warm-up": 3,
    }.items()
}
CASES["few examples, adam"] = {**CASES["adam, cosine"], "batch_size": 3, "l2": 1e-3}


class Reference:
    """The same run by `model.fit`, one batch at a time."""

    def __init__(self, spec: RunSpec, inputs: int, outputs: int) -> None:
        from_logits = spec.output == CANONICAL_OUTPUT[spec.loss]
        self.sparse = spec.loss == "categorical_cross_entropy"
        self.accuracy = f"{'sparse_' * self.sparse}categorical_accuracy"
        self.loss = {
            "mean_squared_error": keras.losses.MeanSquaredError(),
            "categorical_cross_entropy": keras.losses.SparseCategoricalCrossentropy(from_logits),
            "binary_cross_entropy": keras.losses.BinaryCrossentropy(from_logits),
        }[spec.loss]
        network = models.build_model(spec, inputs, outputs)
        self.model = (
            network
            if from_logits
            else keras.Sequential(
                [
                    network,
                    keras.layers.Activation(spec.output),
                    # Changes nothing but makes TensorFlow forget the logits (see `build_loss`).
                    keras.layers.Rescaling(1),
                ]
            )
        )
        self.model.compile(
            models.build_optimizer(spec, spec.steps * spec.epochs),
            self.loss,
            metrics=[self.accuracy],
        )

    def target(self, y: NDArray[Any]) -> NDArray[Any]:
        return y if self.sparse or y.ndim > 1 else one_hot(y)

    def fit(
        self, batches: Iterator[tuple[Any, Any]], steps: int
    ) -> tuple[list[float], list[float]]:
        """Return the loss and the accuracy of each batch."""
        pairs = ((x, self.target(y)) for x, y in batches)
        fitted = self.model.fit(pairs, epochs=steps, steps_per_epoch=1, shuffle=False, verbose=0)
        return fitted.history["loss"], fitted.history[self.accuracy]


def examples(spec: RunSpec, prepared: Prepared, batches: NDArray[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield inputs and targets of the batches; of the smaller last ones only what counts."""
    for number, batch in enumerate(batches, start=1):
        last = number % prepared.program.steps == 0 and not spec.drop_remainder
        chosen = batch[: spec.examples % spec.batch_size or None] if last else batch
        x, y = prepared.data.training_x[chosen], prepared.data.training_y[chosen]
        yield x.astype("float32"), y if y.ndim == 1 else y.astype("float32")


@pytest.mark.parametrize("case", CASES)
def test_every_step_is_that_of_model_fit(case: str) -> None:
    spec = run_spec({**CASES[case], "epochs": EPOCHS})
    own = prepared(spec)
    batches = Feed(spec).take(STEPS)
    losses, correct = own.program.advance(own.x, own.y, batches, first=0)

    outputs = 10 if own.data.training_y.ndim == 1 else 1
    reference = Reference(spec, own.data.training_x.shape[1], outputs)
    their_losses, accuracies = reference.fit(examples(spec, own, batches), STEPS)
    np.testing.assert_allclose(losses, their_losses, rtol=1e-5)
    if outputs > 1:
        sizes = [len(y) for _, y in examples(spec, own, batches)]
        np.testing.assert_allclose(correct, np.multiply(accuracies, sizes), rtol=1e-6)

    # What is measured after training, with the moving averages and without the penalty.
    x, y = own.data.test_x.astype("float32"), own.data.test_y
    expected = float(reference.loss(reference.target(y), reference.model(x)))
    loss, _ = own.program.evaluate(own.program.place(x), own.program.place(y))
    assert loss == pytest.approx(expected, rel=1e-5)
    assert own.program.penalty() == pytest.approx(float(sum(reference.model.losses)), rel=1e-5)


@pytest.mark.parametrize("size", [1, 5, 6])
def test_only_few_examples_are_trained_with_transposed_weights(size: int) -> None:
    own = prepared(run_spec({**REGRESSION, "hidden_layers": [3], "batch_size": size})).program
    trained = [variable.shape for variable in own._trained]
    few = [(3, 1), (3,), (1, 3), (1,)]
    assert trained == (few if size <= 5 else [(1, 3), (3,), (3, 1), (1,)])
    assert own.kernels[0].shape == (1, 3)


@pytest.mark.parametrize("size", [4, 50])
def test_losses_do_not_depend_on_how_many_steps_are_taken_at_once(size: int) -> None:
    change = {"hidden_layers": [11], "dropout": 0.2, "batch_normalization": True}
    spec = run_spec({**CLASSIFICATION, **change, "batch_size": size})
    own = prepared(spec)
    batches = Feed(spec).take(20)
    bits = np.random.default_rng(0).integers(0, 2**16, (20, size, 11), np.uint16)
    at_once = own.program.advance(own.x, own.y, batches, 0, bits)
    own.program.reset(spec)
    parts = [
        own.program.advance(own.x, own.y, batches[a:b], a, bits[a:b])
        for a, b in ((0, 1), (1, 5), (5, 6), (6, 20))
    ]
    for whole, pieces in zip(at_once, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_what_fills_a_smaller_batch_does_not_count() -> None:
    spec = run_spec({**REGRESSION, "dropout": 0.3, "epochs": 1})
    own = prepared(spec)
    batches = Feed(spec).take(3)
    bits = np.random.default_rng(0).integers(0, 2**16, (3, 8, 9), np.uint16)
    expected, _ = own.program.advance(own.x, own.y, batches, 0, bits)
    batches[2, 5:], bits[2, 5:] = 7, 0
    own.program.reset(spec)
    np.testing.assert_array_equal(own.program.advance(own.x, own.y, batches, 0, bits)[0], expected)
    batches[2, 4] = 7
    own.program.reset(spec)
    changed = own.program.advance(own.x, own.y, batches, 0, bits)[0] != expected
    assert changed.tolist() == [False, False, True]


def dropout_step(
    weights: list[NDArray[Any]], x: Any, y: Any, masks: list[Any], learning_rate: float
) -> tuple[float, list[NDArray[Any]]]:
    """Return loss and new weights of one step of a network with tanh layers, by hand.

    Each mask multiplies the inputs, or what comes out of a layer: 0 for what is dropped.
    """
    layers = list(zip(weights[::2], weights[1::2], strict=True))
    of_inputs, *masks = masks
    inputs = [of_inputs * x]
    for (kernel, bias), mask in zip(layers, masks, strict=True):
        z = inputs[-1] @ kernel + bias
        inputs.append(mask * (z if len(inputs) == len(layers) else np.tanh(z)))
    error = inputs[-1] - y
    delta = 2 * error / error.size * masks[-1]
    changed: list[NDArray[Any]] = []
    for number in reversed(range(len(layers))):
        kernel, bias = layers[number]
        changed[:0] = [
            kernel - learning_rate * inputs[number].T @ delta,
            bias - learning_rate * delta.sum(axis=0),
        ]
        if number:
            # With a = mask * tanh(z), the derivative is mask * (1 - tanh(z)^2).
            z = inputs[number - 1] @ layers[number - 1][0] + layers[number - 1][1]
            delta = delta @ kernel.T * masks[number - 1] * (1 - np.tanh(z) ** 2)
    return float(np.mean(error**2)), changed


@pytest.mark.parametrize(
    ("change", "dropped"),
    [
        ({"dropout": 0.3}, [0, 5, 4, 0]),
        ({"dropout": 0.3, "dropout_from": 2, "output_dropout": 0.3}, [0, 0, 4, 1]),
        ({"dropout": 0.3, "input_dropout": 0.3}, [1, 5, 4, 0]),
        ({"input_dropout": 0.3}, [1, 0, 0, 0]),
        ({"dropout": 0.3, "batch_size": 4}, [0, 5, 4, 0]),  # and a last batch of one example
        ({"dropout": 0.3, "batch_size": 1}, [0, 5, 4, 0]),
    ],
    ids=["hidden layers", "from 2, and output", "inputs too", "inputs", "few examples", "one"],
)
def test_a_step_with_dropout_is_that_of_the_same_masks_in_numpy(
    change: dict[str, Any], dropped: list[int]
) -> None:
    spec = run_spec({**REGRESSION, **change})
    own = prepared(spec)
    assert own.program.dropped_units == sum(dropped)
    threshold = 19661  # 0.3 * 2^16, rounded: below it a unit is dropped
    random = np.random.default_rng(1)
    choices = [0, threshold - 1, threshold, 2**16 - 1]
    weights = [random.normal(size=array.shape) for array in own.program.model.get_weights()]
    whole = spec.batch_size
    for first, size in ((0, whole), (spec.steps - 1, spec.examples % whole or whole)):
        batch = Feed(spec).take(spec.steps)[first:][:1]
        bits = random.choice(choices, (1, whole, sum(dropped))).astype(np.uint16)
        columns = np.split(bits[0, :size] >= threshold, np.cumsum(dropped)[:-1], axis=1)
        scale = 2**16 / (2**16 - threshold)
        masks = [kept * scale if kept.size else 1.0 for kept in columns]
        x, y = own.data.training_x[batch[0, :size]], own.data.training_y[batch[0, :size]]
        loss, after = dropout_step(weights, x, y, masks, spec.learning_rate)

        own.program.model.set_weights(weights)
        losses, _ = own.program.advance(own.x, own.y, batch, first, bits)
        assert losses == pytest.approx([loss], rel=1e-5)
        for received, expected in zip(own.program.model.get_weights(), after, strict=True):
            np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)


def test_dropout_is_off_when_measuring() -> None:
    dropped, plain = (
        prepared(run_spec({**REGRESSION, "hidden_layers": [5], "dropout": rate}))
        for rate in (0.5, 0.0)
    )
    plain.program.model.set_weights(dropped.program.model.get_weights())
    losses = [own.program.evaluate(own.x, own.y)[0] for own in (dropped, plain)]
    assert losses[0] == losses[1]
    one, other = (own.program.probe(own.x, own.y) for own in (dropped, plain))
    np.testing.assert_array_equal(one.gradients[0], other.gradients[0])
    np.testing.assert_array_equal(one.pre_activations[0], other.pre_activations[0])


def test_measuring_takes_the_examples_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = run_spec(CLASSIFICATION)
    own = prepared(spec)
    loss, classes = own.program.evaluate(own.x, own.y)
    monkeypatch.setattr("nnbook.training.program.EXAMPLES_PER_EVALUATION", 60)
    in_parts, same_classes = own.program.evaluate(own.x, own.y)
    assert in_parts == pytest.approx(loss, rel=1e-6)
    np.testing.assert_array_equal(same_classes, classes)
    assert classes.shape == (130,)


def test_bits_for_dropout_stay_within_their_memory() -> None:
    wide = {"hidden_layers": [4000, 4000], "dropout": 0.1, "batch_size": 1, "training_size": 1000}
    own = prepared(run_spec({**CLASSIFICATION, **wide})).program
    assert 1 < own.capacity < own.steps
    assert own.capacity * 2 * 8000 <= program.BYTES_PER_CALL


def test_many_programs_cause_no_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[Any] = []
    logger = logging.getLogger("tensorflow")
    monkeypatch.setattr(logger, "warning", lambda *message: warnings.append(message))
    data = load_split()
    for units in range(1, 7):
        own = prepared(run_spec({**REGRESSION, "hidden_layers": [units]}))
        own.program.evaluate(own.x, own.program.place(data.training_y))
    assert warnings == []
