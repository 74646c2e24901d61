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
        yield sorted(_used(_statements(cell), known))


def _statements(cell: str) -> list[ast.stmt]:
    try:
        return ast.parse(cell).body
    except SyntaxError:  # no plain Python
        return []


def _used(statements: Iterable[ast.stmt], known: dict[str, set[str]]) -> set[str]:
    """Return what statements rest on, one after the other; add what the names they make rest on."""
    return set().union(*(_used_by(statement, known) for statement in statements))


def _used_by(statement: ast.stmt, known: dict[str, set[str]]) -> set[str]:
    if isinstance(statement, ast.FunctionDef):
        inside = {**known, **{argument.arg: set() for argument in statement.args.args}}
        known[statement.name] = _used(statement.body, inside)
        return known[statement.name]
    blocks = [
        block for name in ("body", "orelse", "finalbody") for block in _block(statement, name)
    ]
    if not blocks:
        here = _rests_on(statement, known)
        for name in _changed(statement):
            known[name] = known.get(name, set()) | here
    else:
        parts = [part for part in ast.iter_child_nodes(statement) if part not in blocks]
        here = set().union(*(_rests_on(part, known) for part in parts))
    for name in _made(statement, blocks):
        known[name] = here
    # A loop's later rounds see what its first one has made.
    return here | _used(blocks, known) | _used(blocks, known)


def _block(statement: ast.stmt, name: str) -> list[ast.stmt]:
    found = getattr(statement, name, [])
    return found if isinstance(found, list) else []


def _rests_on(part: ast.AST, known: dict[str, set[str]]) -> set[str]:
    found = {
        str(call.args[0].value)
        for call in ast.walk(part)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "experiment"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    names = {node.id for node in ast.walk(part) if _is_name(node, ast.Load)} - _own(part)
    return found.union(*(known.get(name, set()) for name in names | _changed(part)))


def _own(part: ast.AST) -> set[str]:
    """Return the names of comprehensions and of small functions, which mean nothing outside."""
    nodes = list(ast.walk(part))
    targets = [node.target for node in nodes if isinstance(node, ast.comprehension)]
    arguments = [node.args.args for node in nodes if isinstance(node, ast.Lambda)]
    names = {
        node.id for target in targets for node in ast.walk(target) if _is_name(node, ast.Store)
    }
    return names | {argument.arg for several in arguments for argument in several}


def _made(statement: ast.stmt, blocks: list[ast.stmt]) -> set[str]:
    """Return the names to which a statement itself gives a value."""
    parts = [part for part in ast.iter_child_nodes(statement) if part not in blocks]
    stored = {node.id for part in parts for node in ast.walk(part) if _is_name(node, ast.Store)}
    return stored - _own(statement)


def _changed(statement: ast.AST) -> set[str]:
    """Return the names whose value a statement adds to, as in ``a[0] = 1`` and ``a += 1``."""
    nodes = list(ast.walk(statement))
    parts = [node for node in nodes if isinstance(node, ast.Subscript | ast.Attribute)]
    targets = [part.value for part in parts if isinstance(part.ctx, ast.Store)]
    targets += [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _is_name(node: ast.AST, context: type[ast.expr_context]) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, context)
