"""What the code in the open on a page needs of the code that is folded, so that it runs alone.

A chapter imports its names, and computes what only figures and sentences show, in cells that are
folded. Who copies what stands in the open needs some of that: the imports, and the statements
that make a variable which the open code uses.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_ALWAYS = frozenset(dir(builtins))


class Cell(NamedTuple):
    """The code of a cell that is in the open, and the rest of it, which is folded."""

    open: str
    folded: str


class Needed(NamedTuple):
    """What has to stand before a cell; empty where nothing is missing."""

    imports: str
    code: str


@dataclass(frozen=True)
class _Statement:
    """A folded statement: where it stands, its code, and what it makes or changes."""

    cell: int
    code: str
    makes: frozenset[str]
    uses: frozenset[str]
    is_definition: bool = False
    imports: ast.Import | ast.ImportFrom | None = field(default=None, compare=False)


def needed(cells: Sequence[Cell]) -> list[Needed]:
    r"""Return the code that has to stand before each cell.

    Parameters
    ----------
    cells : sequence of Cell
        Those of a page, in their order.

    Returns
    -------
    list of Needed
        One for each cell. All imports stand before the first cell with open code.

    Examples
    --------
    >>> cells = [Cell("", "import math, os\na = 2\nb = 3"), Cell("c = math.sqrt(a)", "")]
    >>> needed(cells)
    [Needed(imports='', code=''), Needed(imports='import math', code='a = 2')]
    """
    folded = [s for n, cell in enumerate(cells) for s in _statements(n, cell.folded)]
    known: dict[str, int] = {}  # names, and how many folded statements they have taken in
    imported: set[str] = set()
    before = []
    for number, cell in enumerate(cells):
        chosen: set[int] = set()
        end = sum(s.cell < number for s in folded)
        wanted = [(name, end) for name in _needs(cell.open)]
        seen = set(wanted)
        while wanted:
            name, until = wanted.pop()
            for place in range(known.get(name, 0), until):
                statement = folded[place]
                if name not in statement.makes or place in chosen:
                    continue
                if statement.imports is not None:
                    imported.add(name)
                    continue
                chosen.add(place)
                # What a function uses is there when it is called.
                then = until if statement.is_definition else place
                further = {(use, then) for use in statement.uses} - seen
                wanted += further
                seen |= further
        before.append("\n".join(folded[place].code for place in sorted(chosen)))
        known |= {name: place + 1 for place in sorted(chosen) for name in folded[place].makes}
        known |= dict.fromkeys(_makes(cell.open), end)
    lines = "\n".join(_import_lines(folded, imported))
    first = next((n for n, cell in enumerate(cells) if cell.open), None)
    return [Needed(lines if n == first else "", code) for n, code in enumerate(before)]


def _statements(cell: int, code: str) -> Iterator[_Statement]:
    """Yield the statements of folded code that make something."""
    for node in _parsed(code):
        text = ast.get_source_segment(code, node) or ""
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield _Statement(cell, text, _makes(text), frozenset(), imports=node)
        else:
            makes = _makes(text) | _changes(node)
            if makes:
                is_definition = isinstance(node, ast.FunctionDef | ast.ClassDef)
                yield _Statement(cell, text, makes, _needs(text), is_definition)


def _parsed(code: str) -> list[ast.stmt]:
    """Return the statements of a cell; none if it is no plain Python, such as a command."""
    try:
        return ast.parse(code).body
    except SyntaxError:
        return []


def _changes(statement: ast.stmt) -> frozenset[str]:
    """Return what a statement changes without giving it another value: `a[0] = 1`, `a.sort()`."""
    found = set()
    for node in ast.walk(statement):
        match node:
            case (
                ast.Subscript(value=inner, ctx=ast.Store())
                | ast.Attribute(value=inner, ctx=ast.Store())
            ):
                found.add(_base(inner))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=inner))):
                found.add(_base(inner))
    return frozenset(found - {""})


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _makes(code: str) -> frozenset[str]:
    """Return the names that code binds, outside functions."""
    if not _parsed(code):
        return frozenset()
    symbols = symtable.symtable(code, "<cell>", "exec").get_symbols()
    return frozenset(s.get_name() for s in symbols if s.is_assigned() or s.is_imported())


def _needs(code: str) -> frozenset[str]:
    """Return the names that code uses before it has made them, as far as its lines tell."""
    made: set[str] = set()
    needs: set[str] = set()
    for statement in _parsed(code):
        text = ast.unparse(statement)
        table = symtable.symtable(text, "<cell>", "exec")
        own = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
        used = set(_globals(table))
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign):
            needs |= used - made  # `a = a + 1` uses what was before
        else:
            needs |= used - made - own
        made |= own
    return frozenset(needs - _ALWAYS)


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    """Yield the names that a scope and those in it take from the module."""
    for symbol in table.get_symbols():
        is_top = table.get_type() == "module"
        if symbol.is_referenced() and (is_top or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def _import_lines(folded: Sequence[_Statement], names: set[str]) -> Iterator[str]:
    """Yield import statements of the names that are needed, each once."""
    left = set(names)
    for statement in folded:
        node = statement.imports
        if node is None:
            continue
        kept = [a for a in node.names if (a.asname or a.name.partition(".")[0]) in left]
        if not kept:
            continue
        left -= {a.asname or a.name.partition(".")[0] for a in kept}
        yield from _wrapped(node, kept)


def _wrapped(node: ast.Import | ast.ImportFrom, kept: list[ast.alias]) -> Iterator[str]:
    """Yield the lines of an import, none of them longer than the page."""
    if isinstance(node, ast.Import):
        yield ast.unparse(ast.Import(kept))
        return
    line = ast.unparse(ast.ImportFrom(node.module, kept, node.level))
    if len(line) <= _LINE:
        yield line
        return
    yield f"from {node.module} import ("
    inner = "   "
    for alias in map(ast.unparse, kept):
        if len(inner) + len(alias) + 2 > _LINE:
            yield inner
            inner = "   "
        inner += f" {alias},"
    yield inner
    yield ")"


_LINE = 72
