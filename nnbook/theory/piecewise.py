"""Piecewise polynomials, such as the loss of a ReLU network as a function of the learning rate."""

from dataclasses import dataclass
from itertools import pairwise

import sympy


@dataclass(frozen=True)
class Piece:
    """A polynomial that a piecewise function equals for left <= symbol <= right."""

    left: sympy.Rational
    right: sympy.Rational
    polynomial: sympy.Poly


def pieces(
    expression: sympy.Expr, symbol: sympy.Symbol, left: sympy.Expr, right: sympy.Expr
) -> tuple[Piece, ...]:
    """Write a piecewise polynomial as a list of intervals with one polynomial each.

    Parameters
    ----------
    expression : SymPy expression
        Sums and products of polynomials and ``Piecewise`` in `symbol`, such as the loss of a ReLU
        network after a step with a symbolic learning rate.
    symbol : SymPy symbol
        The variable.
    left, right : SymPy numbers
        The interval to cover.

    Returns
    -------
    tuple of Piece
        From left to right, without gaps. Neighbors differ.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> for piece in pieces(sympy.Piecewise((0, x <= 1), (x - 1, True)), x, 0, 3):
    ...     print(piece.left, piece.right, piece.polynomial.as_expr())
    0 1 0
    1 3 x - 1
    """
    expression = sympy.sympify(expression)
    relations = expression.atoms(sympy.core.relational.Relational)
    zeros = {zero for r in relations for zero in sympy.solve(r.lhs - r.rhs, symbol)}
    inside = sorted(zero for zero in zeros if left < zero < right)
    borders = [sympy.sympify(left), *inside, sympy.sympify(right)]
    found: list[Piece] = []
    for a, b in pairwise(borders):
        decided = {relation: relation.subs(symbol, (a + b) / 2) for relation in relations}
        polynomial = sympy.Poly(expression.subs(decided), symbol)
        if found and found[-1].polynomial == polynomial:
            found[-1] = Piece(found[-1].left, b, polynomial)
        else:
            found.append(Piece(a, b, polynomial))
    return tuple(found)
