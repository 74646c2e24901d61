"""Every part alone and in random networks, against the complex step and central differences."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from nnbook.errors import DataError, ShapeError
from nnbook.theory.activations import ACTIVATIONS, relu, sigmoid, tanh
from nnbook.theory.arrays import exact
from nnbook.theory.dropout import Dropout
from nnbook.theory.gradient_check import addresses, check_gradients, shifted
from nnbook.theory.network import Layer, Network, Shortcut
from nnbook.theory.normalization import BatchNorm, LayerNorm
from nnbook.theory.parts import Dense

H = 1e-20
SMOOTH = ("identity", "sigmoid", "tanh", "softplus", "softmax")
KINDS = ("dense", "batch norm", "layer norm", "dropout", "shortcut")


def dense(units, inputs, random):
    return Dense(random.normal(size=(units, inputs)) / np.sqrt(inputs), random.normal(size=units))


def make(kind, width, random):
    """Return a part of this kind that takes and gives `width` rows."""
    column = width, 1
    match kind:
        case "dense":
            return dense(width, width, random)
        case "batch norm":
            return BatchNorm(
                random.normal(size=column),
                random.normal(size=column),
                mean=random.normal(size=column),
                variance=random.uniform(0.5, 2, size=column),
            )
        case "layer norm":
            return LayerNorm(random.normal(size=column), random.normal(size=column))
        case "dropout":
            return Dropout(0.4)
        case "shortcut":
            inner = dense(width + 1, width, random), tanh, dense(width, width + 1, random)
            return Shortcut((*inner, Shortcut((LayerNorm.initial(width), sigmoid))))
    return ACTIVATIONS[kind]


def mode(training):
    return np.random.default_rng(0) if training else False


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind", [*KINDS, *(name for name in ACTIVATIONS if name != "step")])
def test_what_comes_back_through_a_part_agrees_with_the_complex_step(kind, training):
    random = np.random.default_rng(3)
    part, a, g = make(kind, 3, random), *random.normal(size=(2, 3, 4))
    output, kept = part.forward(a, mode(training))
    assert output.shape == a.shape
    expected = np.empty_like(a)
    for entry in np.ndindex(a.shape):
        ahead = a.astype(complex)
        ahead[entry] += 1j * H
        expected[entry] = (g * part.forward(ahead, mode(training))[0].imag).sum() / H
    np.testing.assert_allclose(part.pull_back(kept, g), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_the_parameters_of_a_part_agree_with_both_ways(kind, training):
    random = np.random.default_rng(4)
    network = Network((make(kind, 3, random), tanh))
    x, y = random.normal(size=(2, 3, 5))
    if kind == "dropout":
        assert network.flat().size == 0
        return
    assert network.flat().size > 0
    for method in ("complex step", "central differences"):
        check_gradients(network, x, y, "half_sse", method=method, training=training)


@st.composite
def networks(draw, kinds, least=2):
    """Return a network of random parts with at least so many units, and its random generator."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    width, parts = draw(st.integers(least, 4)), []
    inputs = width
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=6)):
        if kind == "dense":
            units = draw(st.integers(least, 4))
            parts.append(dense(units, width, random))
            width = units
        else:
            parts.append(make(kind, width, random))
    return Network((*parts, dense(2, width, random))), inputs, random


@settings(deadline=None)
@given(networks((*KINDS, *(name for name in ACTIVATIONS if name != "step"))), st.booleans())
def test_random_networks_of_parts_agree_with_the_complex_step(case, training):
    network, inputs, random = case
    x, y = random.normal(size=(inputs, 5)), random.normal(size=(2, 5))
    check_gradients(network, x, y, "mse", training=training)


@settings(deadline=None)
# Normalized over two units only, a layer is close to a step, which differences cannot follow.
@given(networks((*KINDS, *SMOOTH), least=3), st.booleans())
def test_smooth_random_networks_agree_with_central_differences(case, training):
    network, inputs, random = case
    x, y = random.normal(size=(inputs, 5)), random.normal(size=(2, 5))
    check_gradients(network, x, y, "mse", method="central differences", training=training)


@settings(deadline=None)
@given(networks((*KINDS, *ACTIVATIONS)))
def test_the_vector_of_parameters_fills_a_network_again(case):
    network, inputs, random = case
    w = random.normal(size=network.flat().shape)
    filled = network.filled(w)
    np.testing.assert_array_equal(filled.flat(), w)
    assert len(list(addresses(network))) == len(w)
    again, x = filled.filled(network.flat()), random.normal(size=(inputs, 2))
    np.testing.assert_array_equal(again.forward(x).prediction, network.forward(x).prediction)


def test_an_address_leads_to_one_number():
    random = np.random.default_rng(0)
    network = Network(
        (
            LayerNorm.initial(2),
            dense(3, 2, random),
            BatchNorm.initial(3),
            Shortcut((dense(3, 3, random), relu)),
        )
    )
    names = [str(address) for address in addresses(network)]
    assert names[0] == "gamma^0[0, 0]"
    assert names[4] == "W^1[0, 0]"
    assert names[-1] == "b^2[2, 0]"
    assert len(set(names)) == len(names)
    for number, address in enumerate(addresses(network)):
        change = shifted(network, address, 0.5).flat() - network.flat()
        assert np.flatnonzero(change).tolist() == [number]


@pytest.fixture
def mixed():
    random = np.random.default_rng(2)
    return Network(
        (
            dense(3, 2, random),
            BatchNorm.initial(3),
            tanh,
            Dropout(0.5),
            Shortcut((dense(3, 3, random), relu, Dropout(0.5))),
            dense(1, 3, random),
        )
    )


def test_layers_are_numbered_by_their_weights_also_inside_of_shortcuts(mixed):
    assert [layer.weights.shape for layer in mixed.layers] == [(3, 2), (3, 3), (1, 3)]
    assert [layer.activation.name for layer in mixed.layers] == ["tanh", "relu", "identity"]
    assert [layer.weights.shape[0] for layer in mixed] == [3, 3, 1]
    x, y = np.random.default_rng(3).normal(size=(2, 5)), np.ones((1, 5))
    forward = mixed.forward(x, training=np.random.default_rng(0))
    assert list(forward.z) == [1, 2, 3]
    assert list(forward.a) == [0, 1, 2, 3]
    for number in (1, 2, 3):
        layer = mixed[number]
        np.testing.assert_array_equal(layer.activation(forward.z[number]), forward.a[number])
    np.testing.assert_array_equal(forward.outputs[1], forward.z[1])
    np.testing.assert_array_equal(forward.z[3], forward.prediction)
    backward = mixed.backward(forward, y, "half_sse")
    np.testing.assert_array_equal(backward.deltas[3], forward.prediction - y)
    for number in (2, 3):  # behind these sums nothing normalizes, so that b moves z alone
        sums = backward.deltas[number].sum(axis=1, keepdims=True)
        np.testing.assert_allclose(backward.gradients[number].biases, sums, rtol=1e-14)
    assert np.abs(backward.deltas[1].sum(axis=1)).min() > 0
    np.testing.assert_allclose(backward.gradients[1].biases, 0, atol=1e-12)


def test_a_network_of_networks_is_one_network(mixed):
    first = Network(mixed.parts[:3])
    assert Network((first, *mixed.parts[3:])).parts == mixed.parts
    assert Network(mixed.layers[:1]).parts == mixed.parts[:4]


def test_the_first_layer_sends_nothing_back_to_the_inputs(monkeypatch):
    random = np.random.default_rng(1)
    network = Network((dense(3, 2, random), tanh, dense(3, 3, random), tanh, dense(1, 3, random)))
    forward, pulled = network.forward(random.normal(size=(2, 4))), []
    pull_back = Dense.pull_back

    def counted(part, kept, delta):
        pulled.append(part)
        return pull_back(part, kept, delta)

    monkeypatch.setattr(Dense, "pull_back", counted)
    network.backward(forward, np.zeros((1, 4)), "mse")
    assert pulled == [network.parts[4], network.parts[2]]


def test_shortcuts_are_exact_on_fractions_and_symbols():
    inside = Layer(exact([[1, 2], [-1, "1/2"]]), exact([0, 1]), "relu")
    network = Network((Shortcut(inside), Layer(exact([[1, 1]]), exact([0]), "identity")))
    x, y = exact([[1], ["1/2"]]), exact([[0]])
    forward = network.forward(x)
    # h = relu(2, 1/4) = (2, 1/4), so that x + h = (3, 3/4).
    assert forward.outputs[0].ravel().tolist() == [3, Fraction(3, 4)]
    backward = network.backward(forward, y, "half_sse")
    error = Fraction(15, 4)
    assert backward.gradients[1].weights.tolist() == [[error, error / 2], [error, error / 2]]
    back = network.parts[0].pull_back(forward.kept[0], exact([[1], [1]]))
    assert back.ravel().tolist() == [1, 1 + Fraction(5, 2)]
    eta = sympy.Symbol("eta", positive=True)
    stepped = network.step(backward.gradients, eta)
    assert stepped[1].weights[0, 0] == 1 - sympy.Rational(15, 4) * eta


def test_normalization_is_exact_on_fractions():
    norm = BatchNorm(exact([2]), exact([1]), epsilon=0)
    output, kept = norm.forward(exact([[1, 1, 3, 3]]), training=True)
    assert output.tolist() == [[-1, -1, 3, 3]]
    back = norm.pull_back(kept, exact([[1, 0, 0, 0]]))
    assert back.tolist() == [[1, -1, 0, 0]]
    columns, _ = LayerNorm(exact([1, 1]), exact([0, 0]), epsilon=0).forward(
        exact([[1, 5], [3, 5]])[:, :1]
    )
    assert columns.tolist() == [[-1], [1]]


def test_parts_that_do_not_fit_are_named():
    random = np.random.default_rng(0)
    with pytest.raises(ShapeError, match=r"takes 3 inputs.*received BatchNorm with 2 inputs"):
        Network((dense(3, 2, random), BatchNorm.initial(2)))
    with pytest.raises(ShapeError, match="layer 2: expected a part that takes 3 inputs"):
        Network((dense(3, 2, random), relu, Shortcut((dense(2, 2, random),)), dense(1, 4, random)))
    with pytest.raises(
        ShapeError, match="as many outputs as inputs inside, received 2 inputs and 3"
    ):
        Shortcut((dense(3, 2, random), relu))
    with pytest.raises(ShapeError, match=r"Shortcut: expected inputs of shape \(2, examples\)"):
        Shortcut((dense(2, 2, random), relu)).forward([[1.0]])
    with pytest.raises(ShapeError, match="expected a shortcut in the same place"):
        Network((Shortcut((relu,)),)).map(np.add, Network((relu,)))
    with pytest.raises(ShapeError, match=r"parameters: expected \(6,\), received \(2,\)"):
        Network((dense(2, 2, random),)).filled([1.0, 2.0])
    with pytest.raises(DataError, match="training=True"):
        Dropout(0.5).forward([[1.0]], training=True)
