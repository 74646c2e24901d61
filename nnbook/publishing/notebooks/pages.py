"""A page, its text and its executed code, as a notebook with or without solutions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx_exercise.nodes import solution_node  # type: ignore[import-untyped]

from nnbook.publishing.notebooks import cells
from nnbook.publishing.notebooks.blocks import Blocks
from nnbook.publishing.selfchecks.hooks import KEY_TITLE

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.builders import Builder

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_LICENSES = "Text: CC BY 4.0. Code: BSD 3-Clause."


@dataclass
class Piece:
    """A piece of a page.

    Attributes
    ----------
    text : str
        Markdown, or nothing where the piece is a cell of code.
    cell : int
        The count of its execution.
    alternatives : list of str
        The alternative texts of the pictures that the cell shows.
    in_solution : bool
    is_caption : bool
        Whether it belongs to the cell before it.
    attachments : dict
        Pictures in the text.
    """

    text: str = ""
    cell: int = 0
    alternatives: Sequence[str] = ()
    in_solution: bool = False
    is_caption: bool = False
    attachments: dict[str, dict[str, str]] = field(default_factory=dict)


class PageReader(Blocks):
    """Takes the tree of a page apart.

    Attributes
    ----------
    pieces : list of Piece
        In their order.
    """

    def __init__(self, builder: Builder, page: str, tree: nodes.document) -> None:
        super().__init__(builder, page)
        self.attachments = {}
        self.keys = []
        self.pieces: list[Piece] = []
        self._lines: list[str] = []
        self._level = 0
        self._in_solution = False
        self._walk(tree.children)
        self._add(self.bibliography())
        self._end_of_text()
        self._answers()

    def _walk(self, children: Sequence[nodes.Node]) -> None:
        for node in children:
            if isinstance(node, solution_node):
                self._solution(node)
            elif isinstance(node, nodes.section):
                self._section(node)
            elif isinstance(node, nodes.container) and node.get("nb_element") == "cell_code":
                self._cell_of_code(node)
            else:
                self._add(self.block(node))

    def _add(self, text: str) -> None:
        if text:
            self._lines.append(text)

    def _end_of_text(self, is_caption: bool = False) -> None:
        if self._lines:
            piece = Piece("\n\n".join(self._lines), is_caption=is_caption)
            piece.in_solution, piece.attachments = self._in_solution, self.attachments
            self.pieces.append(piece)
        self._lines, self.attachments = [], {}

    def _section(self, node: nodes.Element) -> None:
        title = node[0] if node.children and isinstance(node[0], nodes.title) else None
        if title is None:  # what a solution holds
            self._walk(node.children)
            return
        self._level += 1
        numbers = self.env.toc_secnumbers.get(self.page, {})
        anchor = "" if self._level == 1 else f"#{node['ids'][0]}"
        number = ".".join(map(str, numbers.get(anchor) or ()))
        words = self.inline(title.children).strip().replace("\n", " ")
        self._add(f"{'#' * self._level} {f'{number} ' if number else ''}{words}")
        if self._level == 1:
            book = self.link(f"*{self.builder.config.html_title}*", self.own_address)
            self._add(f"From {book}. {_LICENSES}")
        self._walk(node.children[1:])
        self._level -= 1

    def _solution(self, node: nodes.Element) -> None:
        self._end_of_text()
        self._in_solution = True
        title = next(t for t in node.children if isinstance(t, nodes.title))
        self._add(f"**{self.inline(title.children).strip()}**")
        self._walk([child for child in node.children if child is not title])
        self._end_of_text()
        self._in_solution = False

    def _answers(self) -> None:
        """Add the key of the self-checks, which is left out with the solutions."""
        if self.keys:
            self._in_solution = True
            self._add("\n\n".join([f"## {KEY_TITLE}", *self.keys]))
            self._end_of_text()
            self._in_solution = False

    def _cell_of_code(self, node: nodes.Element) -> None:
        self._end_of_text()
        texts = [" ".join(i.get("alt", "").split()) for i in node.findall(nodes.image)]
        self.pieces.append(
            Piece(cell=node["exec_count"], alternatives=texts, in_solution=self._in_solution)
        )
        for shown in node.findall(nodes.figure):
            self._add(self.caption("figure", shown))
        for table in node.findall(nodes.table):
            self._add(self.caption("table", table))
        self._end_of_text(is_caption=True)


def notebook(
    pieces: Sequence[Piece],
    executed: NotebookNode,
    pictures: Mapping[str, str],
    first: str,
    *,
    solutions: bool,
) -> NotebookNode:
    """Return a notebook.

    Parameters
    ----------
    pieces : sequence of Piece
        Those of the page.
    executed : NotebookNode
        The cells of code of the page, with outputs.
    pictures : mapping of str to str
        For each figure of it, as SVG, the same as PNG.
    first : str
        The code of the first cell.
    solutions : bool
        Whether the solutions are in it.
    """
    v4 = _v4()
    book: NotebookNode = v4.new_notebook(
        metadata={"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    )
    book.cells.append(v4.new_code_cell(first))
    code = _executed(executed)
    for piece in _complete(pieces, executed):
        if piece.in_solution and not solutions:
            continue
        if piece.cell:
            book.cells += _code_cell(code[piece.cell], piece, pictures)
        else:
            book.cells.append(_text_cell(piece, pictures))
    for number, cell in enumerate(book.cells):
        # The same in each build, and as long as the text is the same.
        digest = hashlib.sha256(f"{cell.cell_type} {cell.source}".encode()).hexdigest()
        cell.id = f"{digest[:8]}-{number}"
    return book


def drawn(pieces: Iterable[Piece]) -> Iterator[str]:
    """Yield the pictures in the text that are SVG."""
    for piece in pieces:
        for attachment in piece.attachments.values():
            yield from (attachment[kind] for kind in attachment if kind == cells.SVG)


def _text_cell(piece: Piece, pictures: Mapping[str, str]) -> NotebookNode:
    attachments = {
        name: {cells.PNG: pictures[content[cells.SVG]]} if cells.SVG in content else content
        for name, content in piece.attachments.items()
    }
    more = {"attachments": attachments} if attachments else {}
    cell: NotebookNode = _v4().new_markdown_cell(piece.text, **more)
    return cell


def _v4() -> Any:
    from nbformat import v4

    return v4


def _executed(executed: NotebookNode) -> dict[int, NotebookNode]:
    return {cell.execution_count: cell for cell in executed.cells if cell.cell_type == "code"}


def _complete(pieces: Sequence[Piece], executed: NotebookNode) -> list[Piece]:
    """Return the pieces, with the cells that the page does not show behind those before them."""
    shown = {piece.cell: piece.in_solution for piece in pieces if piece.cell}
    missing = sorted(_executed(executed).keys() - shown)
    complete: list[Piece] = []
    last = 0
    for piece in pieces:
        while not piece.is_caption and missing and missing[0] == last + 1:
            last = missing.pop(0)
            before = max((cell for cell in shown if cell < last), default=0)
            complete.append(Piece(cell=last, in_solution=shown.get(before, False)))
        last = piece.cell or last
        complete.append(piece)
    return [*complete, *(Piece(cell=count) for count in missing)]


def _code_cell(cell: NotebookNode, piece: Piece, pictures: Mapping[str, str]) -> list[NotebookNode]:
    source, shown = cells.code(cell.source), cells.outputs(cell, piece.alternatives, pictures)
    if not source:
        return []
    more: dict[str, Any] = {"metadata": cells.metadata(cell), "outputs": shown}
    return [_v4().new_code_cell(source, execution_count=cell.execution_count, **more)]
