"""Which code stands in the open on a page: what a reader learns from.

What only sets up, puts numbers into sentences or asserts stands in one folded box of the page;
what the open code needs of it stands before the open code, so that this runs when it is copied.
Below a figure or a table is one line that opens its code, gives the data of a table and leads to
the records that both rest on; above a long table, a field for words that its rows must have. A
notebook and print have all code where it runs.
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
from nnbook.publishing.code_sources import experiments
from nnbook.publishing.needed_code import Cell, Needed, needed
from nnbook.publishing.site.repository import files_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SECTION = "Checked by the build"
TITLE = "How this page was checked"
ON_PAPER = (
    "The build of the book asserts what this chapter says; on the web, the assertions can be read "
    "here."
)
MANY_ROWS = 20  # more than one sees at once: they are filtered by words
FILTER = (
    '<p class="nnb-filter"><label>Rows with <input type="search" autocomplete="off" '
    'spellcheck="false"></label> <span role="status">{} rows</span></p>'
)


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
        self._tables = self._figures = 0
        cells = _cells(self.document)
        sources = list(experiments([_code(cell).astext() for cell in cells]))
        for cell, missing in zip(cells, needed([*map(_split, cells)]), strict=True):
            _put_before(cell, missing)
        for cell, names in zip(cells, sources, strict=True):
            if _has_output(cell):
                checks += self._put_below(cell, names)
            elif _is_hidden(cell) or not _is_in_solution(cell):
                checks += _whole(cell) if _is_hidden(cell) or _asserts(cell) else _taken(cell)
        if checks:
            box = nodes.admonition("", nodes.title("", TITLE), *checks)
            box["classes"] = ["nnb-checks", "dropdown"]
            place = _place(self.document)
            place += box
            if place[0].astext() == SECTION:  # whose heading paper has, too
                text = f'<p class="nnb-on-paper">{ON_PAPER}</p>'
                place += nodes.raw("", text, format="html")

    def _put_below(self, cell: nodes.Element, names: list[str]) -> list[nodes.Node]:
        """Put a line below what a cell shows; return what belongs into the page's box."""
        taken: list[nodes.Node] = []
        line = nodes.container(classes=["nnb-below"])
        shows_picture = next(cell.findall(nodes.image), None) is not None
        if _is_hidden(cell):
            line += cell.pop(0)
        elif not _is_in_solution(cell):
            if shows_picture:
                line += self._folded(cell.pop(0))
            else:
                taken = list(_taken(cell))
        for table in list(cell.findall(nodes.table)):
            self._tables += 1
            line += nodes.raw("", self._data(table, self._tables), format="html")
            rows = sum(len(body.children) for body in table.findall(nodes.tbody))
            if self.app.builder.name == "html" and rows >= MANY_ROWS:
                field = nodes.raw("", FILTER.format(rows), format="html")
                table.parent.insert(table.parent.index(table), field)
        line += [nodes.raw("", link, format="html") for link in self._data_of_figures(cell)]
        if line.children:
            if names:
                line += nodes.raw("", self._records(names), format="html")
            cell += line
        return taken

    def _data(self, table: nodes.table, number: int) -> str:
        """Write the data of a table, and return a link to them."""
        return self._written(data_files.csv_of(table), f"{self.env.docname}-{number}")

    def _data_of_figures(self, cell: nodes.Element) -> Iterator[str]:
        """Write what the figures of a cell show, and yield links to it."""
        for image in cell.findall(nodes.image):
            path = Path(self.env.srcdir) / image["uri"]
            text = (
                data_files.csv_of_figure(path) if path.suffix == ".svg" and path.is_file() else ""
            )
            if text:
                self._figures += 1
                yield self._written(text, f"{self.env.docname}-figure-{self._figures}")

    def _written(self, text: str, name: str) -> str:
        # An e-book has no such files, though its pages pass here, too, and its contents once more.
        site = Path(self.app.outdir) if self.app.builder.name == "html" else None
        path = data_files.write(text, site, name)
        address = "../" * self.env.docname.count("/") + path
        return f'<a class="nnb-csv" download href="{address}">Data as CSV</a>'

    def _records(self, names: list[str]) -> str:
        """Return links to the lists of all records of experiments."""
        repository = files_of(self.app)
        links = ", ".join(
            f'<a class="reference external" href="{repository}/data/results/index/{name}.csv">'
            f"{name}</a>"
            for name in names
        )
        return f'<span class="nnb-records">Records: {links}</span>' if repository else ""

    def _folded(self, source: nodes.Node) -> nodes.Element:
        """Return code as MyST-NB folds it."""
        texts = {
            name: self.config[f"nb_code_{name}"].format(type="source")
            for name in ("prompt_show", "prompt_hide")
        }
        folded: nodes.Element = HideCodeCellNode("", source, classes=["above-input"], **texts)
        return folded


def _split(cell: nodes.Element) -> Cell:
    """Return which code of a cell stands in the open; nothing rests on that of a solution."""
    source = _code(cell).astext()
    if _is_in_solution(cell):
        return Cell("", "")
    draws = next(cell.findall(nodes.image), None) is not None
    if _is_hidden(cell) or draws or (_asserts(cell) and not _has_output(cell)):
        return Cell("", source)
    return Cell(*parts(source))


def _put_before(cell: nodes.Element, missing: Needed) -> None:
    """Put what the code of a cell needs before it: imports in the open, other code folded."""
    new: list[nodes.Node] = []
    if missing.imports:
        new.append(_as_cell(missing.imports, cell))
    if missing.code:
        title = "<summary>Code that the next lines use</summary>"
        new.append(nodes.raw("", f'<details class="nnb-needed">{title}', format="html"))
        new += [_as_cell(missing.code, cell), nodes.raw("", "</details>", format="html")]
    place = cell.parent.index(cell)
    cell.parent.children[place:place] = new
    for node in new:
        cell.parent.setup_child(node)


def _as_cell(code: str, like: nodes.Element) -> nodes.Element:
    """Return code in the form of a cell that shows nothing."""
    block = nodes.literal_block(code, code, language=_code(like)["language"])
    source = nodes.container("", block, nb_element="cell_code_source", classes=["cell_input"])
    return nodes.container("", source, nb_element="cell_code", classes=["cell"])


def _cells(document: nodes.document) -> list[nodes.container]:
    found = document.findall(nodes.container)
    return [cell for cell in found if cell.get("nb_element") == "cell_code" and cell.children]


def _has_output(cell: nodes.Element) -> bool:
    last = cell[-1]
    return isinstance(last, nodes.Element) and last.get("nb_element") == "cell_code_output"


def _is_hidden(cell: nodes.Element) -> bool:
    """Say whether MyST-NB has folded the code of a cell."""
    first = cell[0]
    return isinstance(first, nodes.Element) and first["classes"] == ["above-input"]


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
