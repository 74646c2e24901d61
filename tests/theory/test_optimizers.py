"""Keras is the oracle for the update rules; exact fractions and known limits test what they do."""

from dataclasses import fields, replace
from fractions import Fraction
from functools import partial

import keras
import numpy as np
import pytest
import sympy

from nnbook.errors import DataError, ShapeError, SpecError
from nnbook.theory.arrays import exact
from nnbook.theory.optimizers import (
    OPTIMIZERS,
    Adagrad,
    Adam,
    Momentum,
    Nadam,
    Nesterov,
    RMSprop,
    cosine_decay,
    descend,
    exponential_decay,
    get_optimizer,
)
from tests.theory.cases import random_batch, random_network

ADAPTIVE = ("adagrad", "adadelta", "rmsprop", "adam", "nadam")
WITH_MOMENTUM = ("momentum", "nesterov")

KERAS_CLASSES = {
    "sgd": keras.optimizers.SGD,
    "momentum": keras.optimizers.SGD,
    "nesterov": partial(keras.optimizers.SGD, nesterov=True),
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
    "rmsprop": keras.optimizers.RMSprop,
    "adam": keras.optimizers.Adam,
    "nadam": keras.optimizers.Nadam,
}


def keras_fields(optimizer):
    """Return the names of parameters that Keras has, too; Nadam's decay is a constant in Keras."""
    return [field.name for field in fields(optimizer) if field.name != "decay"]


KERAS_NAMES = {"beta": "momentum", "initial_sum": "initial_accumulator_value"}

# Keras rounds some numbers to float32 even if the parameters are float64; these are exact there.
DYADIC = {
    "beta": 7 / 8,
    "rho": 15 / 16,
    "beta_1": 3 / 4,
    "beta_2": 63 / 64,
    "initial_sum": 1 / 4,
    "epsilon": 2.0**-12,
}


def with_dyadic_numbers(optimizer):
    return replace(optimizer, **{name: DYADIC[name] for name in keras_fields(optimizer)})


def keras_path(optimizer, start, gradients, learning_rate, dtype):
    """Return the arrays of parameters after every step of Keras' optimizer."""
    settings = {
        KERAS_NAMES.get(name, name): getattr(optimizer, name) for name in keras_fields(optimizer)
    }
    judge = KERAS_CLASSES[optimizer.name](learning_rate, **settings)
    variables = [keras.Variable(w, dtype=dtype) for w in start]
    path = []
    for gradient in gradients:
        judge.apply([keras.ops.cast(g, dtype) for g in gradient], variables)
        path.append([variable.numpy() for variable in variables])
    return path


def own_path(optimizer, start, gradients, learning_rate):
    """Return the same with the rule of this package."""
    parameters = list(start)
    states = [optimizer.initial_state(w) for w in parameters]
    path = []
    for gradient in gradients:
        steps = [
            optimizer.step(w, g, state, learning_rate)
            for w, g, state in zip(parameters, gradient, states, strict=True)
        ]
        parameters, states = [w for w, _ in steps], [state for _, state in steps]
        path.append(parameters)
    return path


def random_problem(steps=60):
    """Return parameters of several shapes, and gradients of sizes from 1e-4 to 10."""
    random = np.random.default_rng(0)
    start = [random.normal(size=shape) for shape in ((), (5,), (4, 3), (2, 1, 3))]
    gradients = [
        [random.normal(size=w.shape) * 10.0 ** random.uniform(-4, 1, w.shape) for w in start]
        for _ in range(steps)
    ]
    return start, gradients


def assert_paths_agree(received, expected, rtol, atol=0.0):
    for own, judge in zip(received, expected, strict=True):
        for w, reference in zip(own, judge, strict=True):
            np.testing.assert_allclose(w, reference, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_agrees_with_keras_step_by_step_with_its_defaults(name):
    start, gradients = random_problem()
    expected = keras_path(OPTIMIZERS[name], start, gradients, 0.01, "float32")
    received = own_path(OPTIMIZERS[name], start, gradients, 0.01)
    assert_paths_agree(received, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_agrees_with_keras_in_double_precision(name):
    optimizer = with_dyadic_numbers(OPTIMIZERS[name])
    start, gradients = random_problem()
    expected = keras_path(optimizer, start, gradients, 1 / 64, "float64")
    received = own_path(optimizer, start, gradients, 1 / 64)
    # Keras has the 0.96 of Nadam's schedule in float32.
    assert_paths_agree(received, expected, rtol=1e-12, atol=1e-8 if name == "nadam" else 0)


@pytest.mark.parametrize("name", ADAPTIVE)
def test_defaults_are_those_of_keras(name):
    config = KERAS_CLASSES[name]().get_config()
    for field in keras_fields(OPTIMIZERS[name]):
        assert getattr(OPTIMIZERS[name], field) == config[KERAS_NAMES.get(field, field)]


# A bowl of curvature 4 in one direction and 1 in the other.
CURVATURES = np.array([4.0, 1.0])


def in_the_bowl(optimizer, learning_rate, steps):
    return descend(optimizer, lambda w: CURVATURES * w, [1.0, 1.0], learning_rate, steps)


@pytest.mark.parametrize(
    ("optimizer", "limit"),
    [
        ("sgd", 2.0),
        (Momentum(0.0), 2.0),
        (Momentum(0.5), 3.0),
        (Momentum(0.9), 3.8),
        (Nesterov(0.0), 2.0),
        (Nesterov(0.5), 1.5),
        (Nesterov(0.9), 3.8 / 2.8),
    ],
    ids=str,
)
def test_stable_below_the_limit_and_unstable_above(optimizer, limit):
    rate = limit / CURVATURES.max()
    assert np.abs(in_the_bowl(optimizer, 0.99 * rate, 1000)[-1]).max() < 1e-3
    assert np.abs(in_the_bowl(optimizer, 1.01 * rate, 1000)[-1]).max() > 1e3


def test_gradient_descent_at_its_limit_jumps_from_side_to_side():
    path = descend("sgd", lambda w: 4 * w, exact([3]), Fraction(1, 2), 3)
    assert path.tolist() == [[3], [-3], [3], [-3]]


def test_momentum_is_faster_along_a_narrow_valley():
    # The best rates of gradient descent and of the heavy ball for curvatures 100 and 1.
    steps, valley = 100, np.array([100.0, 1.0])
    plain = descend("sgd", lambda w: valley * w, [1.0, 1.0], 2 / 101, steps)
    ball = descend(Momentum((9 / 11) ** 2), lambda w: valley * w, [1.0, 1.0], (2 / 11) ** 2, steps)
    assert np.abs(plain[-1]).max() == pytest.approx((99 / 101) ** steps)
    assert np.abs(ball[-1]).max() < 1e-4 * np.abs(plain[-1]).max()


def test_momentum_without_gradient_rolls_on_by_a_geometric_series():
    rule, zero = Momentum(Fraction(1, 2)), exact([0])
    w, state = rule.step(zero, exact([-1]), rule.initial_state(zero), Fraction(1))
    path = [w[0]]
    for _ in range(3):
        w, state = rule.step(w, zero, state, Fraction(1))
        path.append(w[0])
    assert path == [1, Fraction(3, 2), Fraction(7, 4), Fraction(15, 8)]


def test_nesterov_is_the_gradient_at_the_place_that_velocity_leads_to():
    rate, beta = Fraction(1, 10), Fraction(2, 3)
    curvatures = exact([4, 1])

    def gradient(w):
        return curvatures * w

    theta, velocity = exact([1, 1]), exact([0, 0])
    ahead = [theta]
    for _ in range(6):
        velocity = beta * velocity - rate * gradient(theta + beta * velocity)
        theta = theta + velocity
        ahead.append(theta + beta * velocity)
    path = descend(Nesterov(beta), gradient, exact([1, 1]), rate, 6)
    assert all(isinstance(entry, Fraction) for entry in path.ravel())
    assert path.tolist() == np.stack(ahead).tolist()


@pytest.mark.parametrize("name", WITH_MOMENTUM)
def test_momentum_of_zero_is_gradient_descent(name):
    start, gradients = random_problem(5)
    own = own_path(replace(OPTIMIZERS[name], beta=0.0), start, gradients, 0.1)
    assert_paths_agree(own, own_path(OPTIMIZERS["sgd"], start, gradients, 0.1), rtol=1e-15)


def test_two_steps_with_symbols():
    eta, beta, g = sympy.symbols("eta beta g")
    path = descend(Momentum(beta), lambda w: np.array([g]), exact([0]), eta, 2)
    assert sympy.expand(path[2, 0] + eta * g * (2 + beta)) == 0


GRADIENT = np.array([3.0, -2000.0, 0.05, 0.0])


@pytest.mark.parametrize(
    ("optimizer", "size"),
    [
        (Adam(), 0.1),
        (Adam(beta_1=0.5, beta_2=0.5), 0.1),
        (RMSprop(), 0.1 / np.sqrt(0.1)),
        (Adagrad(initial_sum=0), 0.1),
    ],
    ids=str,
)
def test_size_of_the_first_step_does_not_depend_on_the_gradient(optimizer, size):
    w, _ = optimizer.step(np.zeros(4), GRADIENT, optimizer.initial_state(np.zeros(4)), 0.1)
    np.testing.assert_allclose(w, -size * np.sign(GRADIENT), rtol=1e-3)


def test_in_a_constant_gradient_steps_of_adam_stay_and_those_of_adagrad_shrink():
    adam = descend("adam", lambda w: GRADIENT, np.zeros(4), 0.1, 100)
    np.testing.assert_allclose(np.diff(adam[:, :2], axis=0), [[-0.1, 0.1]] * 100, rtol=1e-5)
    adagrad = descend(Adagrad(0.0), lambda w: GRADIENT, np.zeros(4), 0.1, 100)
    expected = -0.1 / np.sqrt(np.arange(1, 101))
    np.testing.assert_allclose(np.diff(adagrad[:, 0]), expected, rtol=1e-6)


def test_adagrads_steps_per_gradient_never_grow():
    start, gradients = random_problem(100)
    path = own_path(OPTIMIZERS["adagrad"], start, gradients, 0.1)
    positions = np.stack([start[2], *(parameters[2] for parameters in path)])
    factors = -np.diff(positions, axis=0) / np.stack([gradient[2] for gradient in gradients])
    assert (factors > 0).all()
    # Rounding: the factors are differences of positions.
    assert (np.diff(factors, axis=0) < 1e-9).all()
    assert (factors[-1] < factors[0] / 2).all()


@pytest.mark.parametrize(
    "optimizer",
    [Adagrad(0.0, epsilon=0.0), RMSprop(epsilon=0.0), Adam(epsilon=0.0), Nadam(epsilon=0.0)],
    ids=str,
)
def test_the_unit_of_the_loss_does_not_matter_to_rules_that_scale(optimizer):
    start, gradients = random_problem(20)
    scaled = [[1000 * g for g in gradient] for gradient in gradients]
    assert_paths_agree(
        own_path(optimizer, start, gradients, 0.1), own_path(optimizer, start, scaled, 0.1), 1e-9
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_nothing_is_changed_in_place(name):
    rule = OPTIMIZERS[name]
    start, gradients = random_problem(2)
    w, g = start[2], gradients[0][2]
    w_before, g_before = w.copy(), g.copy()
    _, state = rule.step(w, g, rule.initial_state(w), 0.1)
    for array in (w, g, *state):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    once, twice = rule.step(w, g, state, 0.1), rule.step(w, g, state, 0.1)
    assert once[0].tolist() == twice[0].tolist()
    assert w.tolist() == w_before.tolist()
    assert g.tolist() == g_before.tolist()


def test_schedules_are_those_of_keras():
    schedules, t = keras.optimizers.schedules, np.arange(0, 121, 10)
    exponential = schedules.ExponentialDecay(0.3, decay_steps=100, decay_rate=0.01)
    cosine = schedules.CosineDecay(0.3, decay_steps=100, alpha=0.01)
    np.testing.assert_allclose(
        exponential_decay(t, 0.3, 100, 0.01), [exponential(int(i)) for i in t], rtol=1e-6
    )
    np.testing.assert_allclose(
        cosine_decay(t, 0.3, 100, 0.01), [cosine(int(i)) for i in t], rtol=1e-6
    )
    assert cosine_decay(100, 0.3, 100) == 0


def test_a_schedule_gives_the_rate_of_each_step():
    rate = partial(exponential_decay, learning_rate=8.0, steps=3, final_fraction=1 / 8)
    path = descend("sgd", np.ones_like, [0.0], rate, 3)
    np.testing.assert_allclose(-np.diff(path[:, 0]), [8, 4, 2])


def network_and_gradients():
    network = random_network([2, 3, 1], "tanh", "identity", seed=1)
    x, y = random_batch(2, 1, 7, "mse", seed=1)
    return network, network.backward(network.forward(x), y, "mse").gradients


def test_stepping_a_network_with_sgd_is_the_step_of_the_network():
    network, gradients = network_and_gradients()
    sgd = OPTIMIZERS["sgd"]
    stepped, _ = sgd.step(network, gradients, sgd.initial_state(network), 0.1)
    expected = network.step(gradients, 0.1)
    for number in (1, 2):
        assert stepped[number].weights.tolist() == expected[number].weights.tolist()
        assert stepped[number].biases.tolist() == expected[number].biases.tolist()
        assert stepped[number].activation is network[number].activation


def test_every_parameter_of_a_network_has_its_own_memory():
    network, gradients = network_and_gradients()
    rule, moved = Momentum(0.5), network
    state = rule.initial_state(network)
    for _ in range(2):
        moved, state = rule.step(moved, gradients, state, 0.1)
    # In a constant gradient g, two steps of momentum 1/2 are -0.1 g (1 + 3/2).
    for number in (1, 2):
        np.testing.assert_allclose(
            moved[number].weights, network[number].weights - 0.25 * gradients[number].weights
        )
        np.testing.assert_allclose(
            moved[number].biases, network[number].biases - 0.25 * gradients[number].biases
        )


def test_registry():
    assert list(OPTIMIZERS) == list(KERAS_CLASSES)
    assert get_optimizer("adam") == Adam(beta_1=0.9, beta_2=0.999, epsilon=1e-7)
    assert get_optimizer(Adam(beta_1=0.5)).beta_1 == 0.5
    with pytest.raises(SpecError, match="unknown optimizer 'adagard': did you mean 'adagrad'"):
        get_optimizer("adagard")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_gradient_of_another_shape_is_refused(name):
    rule = OPTIMIZERS[name]
    with pytest.raises(ShapeError, match=rf"{name}: .* shape \(3,\) .*, received \(3, 1\)"):
        rule.step(np.ones(3), np.ones((3, 1)), rule.initial_state(np.ones(3)), 0.1)


@pytest.mark.parametrize("name", ADAPTIVE)
def test_exact_numbers_are_refused_where_a_root_is_taken(name):
    with pytest.raises(DataError, match=r"expected floats.*astype\(float\)"):
        descend(name, lambda w: w, exact([1, 2]), Fraction(1, 10), 1)


def test_the_schedule_of_nadam_can_be_that_of_its_paper():
    # Without decay the momentum stays at 0.45, and the first step is, in units of the rate,
    # 0.45 * 0.1 / (1 - 0.45 ** 2) + 0.55 / (1 - 0.45).
    rule = Nadam(epsilon=0.0, decay=1.0)
    w = np.array([2.0])
    moved, _ = rule.step(w, np.array([3.0]), rule.initial_state(w), learning_rate=0.1)
    assert moved[0] == pytest.approx(2 - 0.1 * (0.045 / 0.7975 + 1), rel=1e-12)
    # Its momentum rises more slowly in the paper, so the last gradient counts for more.
    slow, fast = Nadam(decay=0.96 ** (1 / 250)), Nadam()
    sizes = []
    for choice in (slow, fast):
        w, state = np.array([1.0]), choice.initial_state([1.0])
        for gradient in [*np.zeros(200), 1.0]:
            w, state = choice.step(w, np.array([gradient]), state, learning_rate=0.1)
        sizes.append(1 - w[0])
    assert sizes[0] > 2 * sizes[1] > 0
