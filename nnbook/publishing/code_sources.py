"""Which experiments the code of a page rests on, cell by cell."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator


def experiments(cells: Iterable[str]) -> Iterator[list[str]]:
    """Yield for each cell of a page the experiments whose records its code uses.

    A name rests on what the expressions rest on that it was made from, in any cell before it. This
    reads code as it stands, and follows no function calls.

    Parameters
    ----------
    cells : iterable of str
        The code of all cells, in their order.

    Examples
    --------
    >>> list(experiments(['study = experiment("a")', "runs = run(study)", "plot(runs)", "x = 1"]))
    [['a'], ['a'], ['a'], []]
    """
    known: dict[str, set[str]] = {}
    for cell in cells:
        used: set[str] = set()
        for statement in _statements(cell):
            here = _rests_on(statement, known)
            used |= here
            for name in _names(statement, ast.Store):
                known[name] = known.get(name, set()) | here
            if isinstance(statement, ast.FunctionDef):
                known[statement.name] = here
        yield sorted(used)


def _statements(cell: str) -> list[ast.stmt]:
    try:
        return ast.parse(cell).body
    except SyntaxError:  # no plain Python
        return []


def _rests_on(statement: ast.stmt, known: dict[str, set[str]]) -> set[str]:
    found = {
        str(call.args[0].value)
        for call in ast.walk(statement)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "experiment"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    return found.union(*(known.get(name, set()) for name in _names(statement, ast.Load)))


def _names(statement: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, context)}
