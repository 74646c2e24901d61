import sympy

from nnbook.theory.arrays import exact
from nnbook.theory.network import Layer, Network
from nnbook.theory.piecewise import pieces

ETA = sympy.Symbol("eta", positive=True)


def test_pieces_of_a_relu_loss_agree_with_the_network_everywhere():
    # Two ReLU units that switch at different places.
    network = Network(
        (
            Layer([[1 - ETA], [3 * ETA - 1]], exact([0, 0]), "relu"),
            Layer(exact([[1, 2]]), exact([0]), "identity"),
        )
    )
    x, y = exact([[1]]), exact([[2]])
    loss = network.loss(x, y, "half_sse")
    found = pieces(loss, ETA, 0, 2)
    third = sympy.Rational(1, 3)
    assert [(piece.left, piece.right) for piece in found] == [(0, third), (third, 1), (1, 2)]
    for piece in found:
        for value in (piece.left, (piece.left + piece.right) / 2, piece.right):
            assert piece.polynomial.eval(value) == loss.subs(ETA, value)


def test_neighbors_that_are_equal_are_one_piece():
    same = sympy.Piecewise((ETA, ETA <= 1), (ETA, True)) + sympy.Max(0, 1)
    assert [(piece.left, piece.right) for piece in pieces(same, ETA, 0, 2)] == [(0, 2)]
    dead = sympy.Piecewise((0, ETA <= 1), (ETA - 1, True)) * 0 + 5
    assert len(pieces(dead, ETA, 0, 2)) == 1


def test_a_constant_is_one_piece():
    (piece,) = pieces(3, ETA, 0, 1)
    assert piece.polynomial.as_expr() == 3
