"""Which code stands in the open on a page: what a reader learns from.

What only sets up, puts numbers into sentences or asserts stands in one folded box of the page.
Below a figure or a table is one line that opens its code, gives the data of a table and leads to
the records that both rest on. A notebook and print have all code where it runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform

from nnbook.publishing import data_files
from nnbook.publishing.claim_roles import repository_of
from nnbook.publishing.code_sources import experiments

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SECTION = "Checked by the build"
TITLE = "How this page was checked"


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(FoldedCode)


class Parts(NamedTuple):
    """The code of a cell, in two parts.

    Attributes
    ----------
    open : str
        What a reader learns from.
    checks : str
        Assertions, and what puts numbers into sentences.
    """

    open: str
    checks: str


def parts(source: str) -> Parts:
    r"""Return the parts of the code of a cell; all of it is in the open if it is no plain Python.

    Examples
    --------
    >>> parts("a = 1\nassert a == 1\nprint(a)")
    Parts(open='a = 1\nprint(a)', checks='assert a == 1')
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return Parts(source, "")
    lines = source.splitlines()
    checked = {
        number
        for statement in statements
        if _is_check(statement)
        for number in range(statement.lineno - 1, statement.end_lineno or statement.lineno)
    }
    kept, taken = ([line for n, line in enumerate(lines) if (n in checked) == w] for w in (0, 1))
    return Parts("\n".join(kept).strip("\n"), "\n".join(taken))


def _is_check(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assert() | ast.ImportFrom(module="myst_nb"):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="glue"))):
            return True
        case ast.For(body=[*assignments, last]):
            return _is_check(last) and all(
                isinstance(s, ast.Assign) or _is_check(s) for s in assignments
            )
    return False


class FoldedCode(SphinxPostTransform):
    """Fold what is no text; after MyST-NB has hidden what cells say is to be hidden."""

    default_priority = 200
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Move code below what it makes, or into the page's box."""
        checks: list[nodes.Node] = []
        tables = 0
        cells = _cells(self.document)
        rests_on = experiments(_code(cell).astext() for cell in list(cells))
        for cell, sources in zip(cells, list(rests_on), strict=True):
            source, output = cell[0], cell[-1]
            assert isinstance(source, nodes.Element) and isinstance(output, nodes.Element)
            is_hidden = source["classes"] == ["above-input"]
            has_output = output.get("nb_element") == "cell_code_output"
            if not has_output:
                if not _is_in_solution(cell):
                    checks += _whole(cell) if is_hidden or _asserts(cell) else _taken(cell)
                continue
            line = nodes.container(classes=["nnb-below"])
            if is_hidden:
                cell.remove(source)
                line += source
            elif not _is_in_solution(cell):
                if next(output.findall(nodes.image), None) is not None:
                    cell.remove(source)
                    line += self._folded(source)
                else:
                    checks += _taken(cell)
            for table in output.findall(nodes.table):
                tables += 1
                line += nodes.raw("", self._data(table, tables), format="html")
            if sources and line.children:
                line += nodes.raw("", self._records(sources), format="html")
            if line.children:
                cell.append(line)
        if checks:
            box = nodes.admonition("", nodes.title("", TITLE), *checks)
            box["classes"] = ["nnb-checks", "dropdown"]
            _place(self.document).append(box)

    def _data(self, table: nodes.table, number: int) -> str:
        """Write the data of a table, and return a link to them."""
        page = self.env.docname
        path = data_files.write(table, Path(self.app.outdir), page, number)
        address = "../" * page.count("/") + path
        return f'<a class="nnb-csv" download href="{address}">Data as CSV</a>'

    def _records(self, names: list[str]) -> str:
        """Return links to the lists of all records of experiments."""
        repository = repository_of(self.app)
        links = ", ".join(
            f'<a class="reference external" href="{repository}/data/results/index/{name}.csv">'
            f"{name}</a>"
            for name in names
        )
        return f'<span class="nnb-records">Records: {links}</span>' if repository else ""

    def _folded(self, source: nodes.Element) -> nodes.Element:
        """Return code as MyST-NB folds it."""
        texts = {
            name: self.config[f"nb_code_{name}"].format(type="source")
            for name in ("prompt_show", "prompt_hide")
        }
        folded: nodes.Element = HideCodeCellNode("", source, classes=["above-input"], **texts)
        return folded


def _cells(document: nodes.document) -> list[nodes.container]:
    found = document.findall(nodes.container)
    return [cell for cell in found if cell.get("nb_element") == "cell_code" and cell.children]


def _is_in_solution(node: nodes.Node) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.Element) and "solution" in node["classes"]:
            return True
    return False


def _code(cell: nodes.Element) -> nodes.literal_block:
    return next(cell.findall(nodes.literal_block))


def _asserts(cell: nodes.Element) -> bool:
    return "assert " in parts(_code(cell).astext()).checks


def _whole(cell: nodes.Element) -> Iterator[nodes.Node]:
    """Take a cell out of the page, and yield its code."""
    cell.parent.remove(cell)
    yield _code(cell)


def _taken(cell: nodes.Element) -> Iterator[nodes.Node]:
    """Take out of a cell what is no text, and yield it; what is left may be nothing."""
    code = _code(cell)
    found = parts(code.astext())
    if not found.checks:
        return
    if not found.open and len(cell) == 1:
        yield from _whole(cell)
        return
    yield nodes.literal_block(found.checks, found.checks, language=code["language"])
    if found.open:
        code.rawsource = found.open
        code.children = []
        code.append(nodes.Text(found.open))
    else:
        cell.pop(0)


def _place(document: nodes.document) -> nodes.Element:
    """Return the section to which the box belongs; the page if it has none for it."""
    sections = list(document.findall(nodes.section))
    named = [s for s in sections if isinstance(s[0], nodes.title) and s[0].astext() == SECTION]
    return named[0] if named else sections[0] if sections else document
