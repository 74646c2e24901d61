import runpy
from typing import Any, get_args

import keras
import numpy as np
import pytest

from nnbook.errors import SpecError
from nnbook.theory.activations import get_activation
from nnbook.theory.losses import get_loss, one_hot
from nnbook.training import models
from nnbook.training.initializers import INITIALIZERS
from nnbook.training.schedules import SCHEDULES
from nnbook.training.spec import Activation, run_spec
from nnbook.training.weights import arrays_of, network_of

SETTINGS: dict[str, Any] = {
    "hidden_layers": [4, 3],
    "learning_rate": 0.1,
    "epochs": 9,
    "batch_size": 3,
}
X = np.linspace(-2, 2, 9, dtype=np.float32).reshape(-1, 1)


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize(
    "normalization",
    [
        {},
        {"batch_normalization": True},
        {"batch_normalization": True, "normalized": "activations"},
        {"normalization": "layer"},
        {"normalization": {"name": "layer", "place": "after", "epsilon": 0.1}},
    ],
    ids=["plain", "pre-activations", "activations", "layer, before", "layer, after"],
)
def test_the_exported_network_predicts_what_keras_predicts(
    activation: str, normalization: dict[str, Any]
) -> None:
    spec = run_spec({**SETTINGS, **normalization, "activation": activation, "dropout": 0.5})
    model = models.build_model(spec)
    random = np.random.default_rng(1)
    model.set_weights([random.uniform(0.5, 2, w.shape) for w in model.get_weights()])
    prediction = models.as_network(spec, model).forward(X.T).prediction
    np.testing.assert_allclose(prediction.T, np.asarray(model(X)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
@pytest.mark.parametrize("over", [1, 2])
def test_the_exported_network_has_its_shortcuts(
    over: int, normalization: str | None, place: str
) -> None:
    settings = {**SETTINGS, "hidden_layers": [4, 4, 4, 3, 3], "activation": "tanh"}
    chosen = {"normalization": {"name": normalization, "place": place}} if normalization else {}
    spec = run_spec({**settings, **chosen, "shortcuts": over, "input_dropout": 0.5})
    # From the first of four equal layers to the third, or from each to the next.
    assert spec.shortcut_starts == ({2: 1, 3: 2, 5: 4} if over == 1 else {3: 1})
    model = models.build_model(spec)
    random = np.random.default_rng(1)
    model.set_weights([random.uniform(0.5, 2, w.shape) for w in model.get_weights()])
    network = models.as_network(spec, model)
    prediction = network.forward(X.T).prediction
    np.testing.assert_allclose(prediction.T, np.asarray(model(X)), rtol=1e-5, atol=1e-6)
    read = network_of(spec, arrays_of(network)).forward(X.T).prediction
    np.testing.assert_allclose(read, prediction, rtol=1e-6)


def test_a_shortcut_adds_what_a_layer_gives_to_what_a_later_one_gives() -> None:
    spec = run_spec({**SETTINGS, "hidden_layers": [3, 3], "activation": "tanh", "shortcuts": 1})
    model = models.build_model(spec)
    random = np.random.default_rng(1)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    w1, b1, w2, b2, w3, b3 = model.get_weights()
    first = np.tanh(X @ w1 + b1)
    second = np.tanh(first @ w2 + b2) + first
    np.testing.assert_allclose(np.asarray(model(X)), second @ w3 + b3, rtol=1e-5)


@pytest.mark.parametrize("output", ["identity", "sigmoid", "softmax"])
def test_the_exported_classifier_gives_the_classes_and_outputs_of_keras(output: str) -> None:
    spec = run_spec(
        {
            **SETTINGS,
            "data": "digits",
            "hidden_layers": [8],
            "activation": "tanh",
            "loss": "mean_squared_error",
            "output_activation": output,
            "output_dropout": 0.5,
        }
    )
    model = models.build_model(spec, 64, 10)
    random = np.random.default_rng(1)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    x = random.normal(size=(50, 64)).astype(np.float32)
    z = model(x)
    expected = {"identity": z, "sigmoid": keras.ops.sigmoid(z), "softmax": keras.ops.softmax(z)}
    prediction = models.as_network(spec, model).forward(x.T).prediction.T
    np.testing.assert_allclose(prediction, np.asarray(expected[output]), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(prediction.argmax(axis=1), np.asarray(z).argmax(axis=1))
    assert len(set(prediction.argmax(axis=1))) > 1


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
@pytest.mark.parametrize("loss", ["categorical_cross_entropy", "binary_cross_entropy"])
def test_a_cross_entropy_is_that_of_the_output_activation_asked_for(loss: str, output: str) -> None:
    settings = {**SETTINGS, "data": "digits", "loss": loss, "output_activation": output}
    z = np.random.default_rng(1).normal(size=(6, 10)).astype(np.float32)
    targets = np.array([3, 1, 4, 1, 5, 9])
    outputs = get_activation(output)(z.T.astype(float))
    if loss == "categorical_cross_entropy":
        outputs = outputs / outputs.sum(axis=0)  # as Keras does
    expected = get_loss(loss)(outputs, one_hot(targets, 10))
    computed = models.build_loss(run_spec(settings), 10)(targets, keras.ops.convert_to_tensor(z))
    np.testing.assert_allclose(np.mean(computed), expected, rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow remembers")
def test_keras_on_tensorflow_puts_a_softmax_in_place_of_a_sigmoid() -> None:
    # The book says so; if this fails, Keras has changed, and the book should.
    losses = []
    for activation in ("sigmoid", "softmax"):
        layer = keras.layers.Dense(5, activation, kernel_initializer="ones")
        model = keras.Sequential([keras.Input((1,)), layer])
        layer.bias.assign([2.0, -1.0, 0.5, 0.0, 3.0])
        model.compile(loss="categorical_crossentropy")
        losses.append(model.evaluate(X, np.eye(5)[np.arange(9) % 5], verbose=0))
    assert losses[0] == losses[1]


def test_dropout_starts_at_the_layer_it_is_asked_for() -> None:
    spec = run_spec({**SETTINGS, "dropout": 0.2, "dropout_from": 2, "output_dropout": 0.1})
    dropouts = [
        (layer.output.shape[-1], layer.rate)
        for layer in models.build_model(spec).layers
        if isinstance(layer, keras.layers.Dropout)
    ]
    assert dropouts == [(3, 0.2), (1, 0.1)]


def test_initial_weights_depend_on_the_seed_and_differ_between_layers() -> None:
    def first_weights(seed: int) -> list[np.ndarray[Any, Any]]:
        spec = run_spec({**SETTINGS, "hidden_layers": [4, 4, 4], "seed": seed})
        return list(models.build_model(spec).get_weights())

    one, again, other = first_weights(1), first_weights(1), first_weights(2)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(one[2], one[4])


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_initial_weights_have_the_deviation_of_their_initializer(initializer: str) -> None:
    spec = run_spec({**SETTINGS, "hidden_layers": [200, 300], "initializer": initializer})
    weights = models.build_model(spec).get_weights()
    assert weights[2].std() == pytest.approx(spec.initializer.deviation_of(200, 300), rel=0.03)
    assert not weights[3].any()


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [("glorot_normal", 2 / 500), ("he_uniform", 2 / 200), ("lecun_normal", 1 / 200), ("zeros", 0)],
)
def test_deviations_are_those_of_the_papers(initializer: str, variance: float) -> None:
    spec = run_spec({**SETTINGS, "initializer": initializer})
    assert spec.initializer.deviation_of(200, 300) == pytest.approx(variance**0.5)


def test_orthogonal_weights_keep_lengths() -> None:
    spec = run_spec(
        {**SETTINGS, "hidden_layers": [7, 7], "initializer": {"name": "orthogonal", "gain": 2.0}}
    )
    kernel = models.build_model(spec).get_weights()[2]
    np.testing.assert_allclose(kernel @ kernel.T, 4 * np.eye(7), atol=1e-5)


def test_the_deviation_of_the_initial_weights_can_be_chosen() -> None:
    settings = {"hidden_layers": [200, 300], "initializer": "random_normal"}
    spec = run_spec({**SETTINGS, **settings, "initial_deviation": 0.5})
    assert models.build_model(spec).get_weights()[2].std() == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("warm_up", [0.0, 2.0])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_learning_rate_in_keras_is_that_of_the_rule(schedule: str, warm_up: float) -> None:
    settings: dict[str, Any] = {**SETTINGS, "epochs": 9, "schedule": {"name": schedule}}
    settings["schedule"]["warm_up"] = warm_up
    if "final_fraction" in SCHEDULES[schedule].model_fields:
        settings["schedule"]["final_fraction"] = 0.01
    spec = run_spec(settings)
    steps = spec.steps * spec.epochs
    optimizer = models.build_optimizer(spec, steps)
    optimizer.build(models.build_model(spec).trainable_variables)
    rates = []
    for step in range(steps):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
    expected = spec.schedule.rates(0.1, steps, spec.steps)
    np.testing.assert_allclose(rates, expected, rtol=1e-5)
    rising = round(warm_up * spec.steps)
    assert expected[rising] == pytest.approx(0.1)
    if rising:
        np.testing.assert_allclose(expected[:rising], 0.1 * np.arange(1, rising + 1) / rising)
    if schedule != "constant":
        assert 0.001 < expected[-1] < 0.0012


def test_halfway_a_schedule_is_where_it_should_be() -> None:
    halfway = {"constant": 0.1, "exponential": 0.01, "cosine": 0.1 * (0.01 + 0.99 / 2)}
    for name, rate in halfway.items():
        fields = {} if name == "constant" else {"final_fraction": 0.01}
        assert SCHEDULES[name](name=name, **fields).rule(50, 0.1, 100) == pytest.approx(rate)
    assert halfway.keys() == SCHEDULES.keys()


def test_another_keras_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(SpecError) as error:
        runpy.run_path(str(models.__file__))
    assert str(error.value) == (
        "Keras' backend: expected 'tensorflow' or 'jax', received 'torch'; set KERAS_BACKEND to "
        "one of them"
    )


def test_another_float_type_of_keras_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "floatx", lambda: "float64")
    with pytest.raises(SpecError, match=r"expected 'float32', received 'float64'; .*keras\.json"):
        runpy.run_path(str(models.__file__))


def test_a_warm_up_may_be_longer_than_the_training() -> None:
    rates = SCHEDULES["cosine"](final_fraction=0.1, warm_up=3.0).rates(0.6, 4, 2)
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4])
