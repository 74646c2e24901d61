"""Code and outputs of an executed page as cells of a notebook."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnbook.publishing.notebooks.pictures import size
from nnbook.publishing.open_code import parts

if TYPE_CHECKING:
    from nbformat import NotebookNode

SVG, PNG = "image/svg+xml", "image/png"
_GLUED = "application/papermill.record/"
# What a frontend would show in place of another that all of them can show.
_INSTEAD = {
    SVG: (PNG, "application/pdf", "text/html"),
    PNG: ("application/pdf",),
    "text/markdown": ("text/html", "text/latex"),
    "text/latex": ("text/html",),
}
_PAGES_PLACE = re.compile(r"(?:\.\./)+")


def code(source: str) -> str:
    r"""Return the code of a cell as it runs in any folder, without what fills in sentences.

    Examples
    --------
    >>> print(code('from myst_nb import glue\nx = open("../../a/b")\nglue("x", x)'))
    x = open("a/b")
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a command of IPython's
        return source
    gone = set(_lines_of_glue(statements))
    kept = [line for number, line in enumerate(source.splitlines(), 1) if number not in gone]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return _PAGES_PLACE.sub("", text)


def _lines_of_glue(statements: Sequence[ast.stmt]) -> Iterator[int]:
    """Yield the lines of statements that put numbers into sentences, and of loops of them."""
    for statement in statements:
        if _is_glue(statement):
            yield from range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
        else:
            yield from _lines_of_glue(getattr(statement, "body", []))


def _is_glue(statement: ast.stmt) -> bool:
    match statement:
        case ast.ImportFrom(module="myst_nb"):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="glue"))):
            return True
        case ast.For(body=inner) | ast.If(body=inner, orelse=[]):
            return all(map(_is_glue, inner))
    return False


def outputs(
    cell: NotebookNode, alternatives: Sequence[str], pictures: Mapping[str, str]
) -> list[NotebookNode]:
    """Return what a cell shows, in forms that all frontends know.

    Parameters
    ----------
    cell : NotebookNode
        An executed cell.
    alternatives : sequence of str
        The alternative texts of its pictures.
    pictures : mapping of str to str
        For each SVG the same as PNG, in base 64.
    """
    texts = iter(alternatives)
    shown: list[NotebookNode] = []
    for output in cell.outputs:
        if "data" not in output:
            shown.append(_node(output))
            continue
        if any(kind.startswith(_GLUED) for kind in output.data):
            continue
        data: dict[str, Any] = dict(output.data)
        for kind, others in _INSTEAD.items():
            if kind in data:
                data = {name: content for name, content in data.items() if name not in others}
        metadata: dict[str, Any] = {}
        if SVG in data:
            data = {PNG: pictures[data.pop(SVG)], **data}
        if PNG in data:
            alternative = next(texts, "")
            metadata[PNG] = {**size(data[PNG]), "alt": alternative}
        shown.append(_node({**output, "data": data, "metadata": metadata}))
    return shown


def _node(output: dict[str, Any]) -> NotebookNode:
    from nbformat import NotebookNode

    return NotebookNode(output)  # type: ignore[no-untyped-call]


def figures(executed: NotebookNode) -> Iterator[str]:
    """Yield the figures that cells show, as SVG."""
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if SVG in output.get("data", {}):
                yield output.data[SVG]


def metadata(cell: NotebookNode) -> dict[str, Any]:
    """Return what a frontend needs to know of a cell: whether its code is folded."""
    tags = set(cell.metadata.get("tags", []))
    teaches = not tags & {"hide-input", "remove-cell", "hide-cell"} and parts(cell.source).open
    if teaches:
        return {}
    # Of Jupyter and VS Code, and of Colab.
    return {"jupyter": {"source_hidden": True}, "cellView": "form"}
