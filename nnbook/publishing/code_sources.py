"""Which experiments the code of a page rests on, cell by cell."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeGuard


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
            for name in _changed(statement):
                known[name] = known.get(name, set()) | here
            for name in _made(statement):
                known[name] = here
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
    names = {node.id for node in ast.walk(statement) if _is_name(node, ast.Load)}
    return found.union(*(known.get(name, set()) for name in names | _changed(statement)))


def _made(statement: ast.stmt) -> set[str]:
    """Return the names to which a statement gives a value."""
    if isinstance(statement, ast.FunctionDef):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if _is_name(node, ast.Store)}


def _changed(statement: ast.stmt) -> set[str]:
    """Return the names whose value a statement adds to, as in ``a[0] = 1`` and ``a += 1``."""
    nodes = list(ast.walk(statement))
    parts = [node for node in nodes if isinstance(node, ast.Subscript | ast.Attribute)]
    targets = [part.value for part in parts if isinstance(part.ctx, ast.Store)]
    targets += [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _is_name(node: ast.AST, context: type[ast.expr_context]) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, context)
