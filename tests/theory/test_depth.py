from fractions import Fraction

import numpy as np
import pytest

from nnbook.errors import ShapeError, SpecError
from nnbook.theory.arrays import exact
from nnbook.theory.depth import folding_network, interpolating_network, kinks, slopes
from nnbook.theory.network import Layer, Network

UNIT = exact([0, 1])


def random_network(*sizes, activation="relu", seed=0):
    random = np.random.default_rng(seed)
    shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
    names = [*[activation] * (len(shapes) - 1), "identity"]
    return Network(
        tuple(
            Layer(random.normal(size=shape), random.normal(size=shape[0]), name)
            for shape, name in zip(shapes, names, strict=True)
        )
    )


@pytest.mark.parametrize("folds", range(1, 8))
def test_folding_gives_a_sawtooth_of_two_to_the_power_of_the_folds_pieces(folds):
    network, grid = folding_network(folds), exact(range(2**folds + 1)) / 2**folds
    assert list(network.forward(grid[None, :]).prediction[0]) == [k % 2 for k in range(len(grid))]
    assert list(kinks(network, *UNIT)) == list(grid[1:-1])
    assert set(np.abs(slopes(network, (grid[1:] + grid[:-1]) / 2))[0]) == {2**folds}


def test_folding_is_composition():
    x = exact([["1/7", "2/5", "99/100"]])
    once = folding_network(1)
    twice = once.forward(once.forward(x).prediction).prediction
    assert (folding_network(2).forward(x).prediction == twice).all()
    with pytest.raises(SpecError, match="at least 1 fold, received 0"):
        folding_network(0)


def test_interpolation_meets_the_points_and_has_a_kink_at_each_inner_one():
    x, y = exact([0, "1/3", "1/2", 1]), exact([1, -1, 5, 2])
    network = interpolating_network(x, y)
    assert len(network[1].weights) == 3
    assert (network.forward(x[None, :]).prediction[0] == y).all()
    assert list(kinks(network, *UNIT)) == [Fraction(1, 3), Fraction(1, 2)]
    assert (network.forward(exact([[-5, 2]])).prediction[0] == [1, -4]).all()


def test_interpolation_refuses_what_is_no_sequence_of_points():
    with pytest.raises(ShapeError, match="increasing"):
        interpolating_network([0, 2, 1], [0, 0, 0])
    with pytest.raises(ShapeError, match="at least two"):
        interpolating_network([0], [0])
    with pytest.raises(ShapeError, match="one value each"):
        interpolating_network([0, 1], [0, 1, 2])


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("sizes", [(1, 7, 1), (1, 5, 6, 4, 2), (1, 3, 4, 4, 3, 1)])
def test_between_kinks_a_network_is_straight_and_at_kinks_it_is_not(sizes, activation):
    network = random_network(*sizes, activation=activation, seed=len(sizes))
    found = kinks(network, -3, 3)
    ends = np.concatenate([[-3], found, [3]])
    inside = ends[:-1] + np.outer([0.01, 0.5, 0.99], np.diff(ends))
    steepness = np.array([slopes(network, row) for row in inside])
    np.testing.assert_allclose(steepness, steepness[:1].repeat(3, axis=0), rtol=1e-9, atol=1e-12)
    assert (np.abs(np.diff(steepness[0], axis=1)).max(axis=0) > 1e-9).all()
    assert len(found) > 0


def test_kinks_without_effect_are_not_counted():
    # The first two units cancel, the third has no outgoing weight.
    network = Network(
        (
            Layer(exact([[1], [1], [1]]), exact([0, 0, "-1/2"]), "relu"),
            Layer(exact([[1, -1, 0]]), exact([0]), "identity"),
        )
    )
    assert len(kinks(network, *exact([-1, 1]))) == 0
    no_hidden_layer = Network((Layer([[2.0]], [0.0], "identity"),))
    assert len(kinks(no_hidden_layer, 0, 1)) == 0


def test_slopes_agree_with_central_differences():
    network, x, h = random_network(1, 4, 5, 3, activation="tanh"), np.linspace(-1, 1, 5), 1e-6
    ahead, behind = (network.forward(x[None, :] + d).prediction for d in (h, -h))
    np.testing.assert_allclose(slopes(network, x), (ahead - behind) / (2 * h), rtol=1e-7)


def test_other_networks_are_refused():
    with pytest.raises(SpecError, match="tanh"):
        kinks(random_network(1, 3, 1, activation="tanh"), 0, 1)
    with pytest.raises(SpecError, match="identity at the output"):
        kinks(Network((Layer([[1.0]], [0.0], "relu"),)), 0, 1)
    with pytest.raises(ShapeError, match="expected one input, received 2"):
        slopes(random_network(2, 3, 1), [0.0])
    with pytest.raises(ShapeError, match=r"expected inputs of shape \(2, examples\)"):
        kinks(random_network(2, 3, 1), 0, 1)
