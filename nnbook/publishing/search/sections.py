"""What can be found: the sections, solutions, terms and definitions of a page, as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docutils import nodes
from sphinx import addnodes

# Code and what only a program reads.
_SILENT = (
    nodes.literal_block, nodes.doctest_block, nodes.comment, nodes.raw,
    nodes.image, nodes.target, addnodes.toctree, addnodes.index,
)  # fmt: skip
# What is found as the title of a place, and not in its text.
_TITLES = (nodes.title, nodes.term, addnodes.desc_signature)
# After these a word ends: two paragraphs are not one.
_BLOCKS = (nodes.TextElement, nodes.Body, nodes.Part)
_BOXES = {"exercise", "solution"}
_LONGEST_OF_API = 300  # characters: what a function is for, and not each of its parameters
# What authors call a section, figure, table or equation; and a link to the glossary.
_LABEL = re.compile(r"^(?:equation-)?(?:sec|fig|tab|eq)-(.+)")
_TERM = re.compile(r"#term-(.+)")
_NUMBERED = {nodes.figure: ("figure", "Figure"), nodes.table: ("table", "Table")}


@dataclass
class Section:
    """One place that search can lead to."""

    anchor: str
    title: str
    text: str
    marks: list[str] = field(default_factory=list)
    """Terms that it explains: those that link to the glossary."""
    labels: list[str] = field(default_factory=list)
    """What authors call it and its figures and equations."""
    numbers: list[str] = field(default_factory=list)
    """What is looked up: numbers of equations, as in ``"(8.4)"``, and symbols of its tables."""
    is_box: bool = False
    """Whether it is an exercise or a solution."""
    figures: dict[str, str] = field(default_factory=dict)
    """Where its figures and tables are, as in ``{"table 23.1": "tab-rates"}``."""


def sections(doctree: nodes.document, numbers: dict[str, Any]) -> list[Section]:
    """Return what can be found on a page.

    Parameters
    ----------
    doctree
        A page as it is written, its formulas as text.
    numbers
        The numbers of its equations, figures and tables by kind and identifier, as Sphinx keeps
        them in ``env.toc_fignumbers``.
    """
    found = [_read(node, title, numbers) for node, title in _places(doctree, numbers)]
    return [one for one in found if one.title and one.anchor]


def _places(
    doctree: nodes.document, numbers: dict[str, Any]
) -> Iterator[tuple[nodes.Element, str]]:
    """Yield all nodes that search can lead to, with their titles."""
    for node in doctree.findall(nodes.Element):
        if isinstance(node, nodes.section) or _is_box(node):
            titles = [child for child in node if isinstance(child, nodes.title)]
            number = _number(node, "exercise", numbers, "Exercise {} ")
            yield node, "".join(number) + (_plain(titles[0]) if titles else "")
        elif isinstance(node, addnodes.desc) and isinstance(node[0], addnodes.desc_signature):
            yield node, " ".join(n.astext() for n in node[0].findall(addnodes.desc_name))
        elif isinstance(node, nodes.definition_list_item) and _is_term(node):
            yield node, ", ".join(_plain(t) for t in node.findall(nodes.term))


def _is_place(node: nodes.Node) -> bool:
    """Say whether a node is found on its own.

    What an exercise or a solution holds is a section without a title: part of its text.
    """
    if isinstance(node, nodes.section):
        return any(isinstance(child, nodes.title) for child in node)
    return isinstance(node, addnodes.desc) or _is_box(node) or _is_term(node)


def _is_box(node: nodes.Node) -> bool:
    """Say whether a node is an exercise or a solution."""
    return isinstance(node, nodes.Element) and bool(_BOXES & set(node.get("classes", ())))


def _is_term(node: nodes.Node) -> bool:
    return isinstance(node, nodes.definition_list_item) and any(
        isinstance(term, nodes.term) and term["ids"] for term in node
    )


def _read(place: nodes.Element, title: str, numbers: dict[str, Any]) -> Section:
    # A function and a term are known by their first line.
    first = place[0] if isinstance(place, addnodes.desc) or _is_term(place) else place
    ids = first["ids"] if isinstance(first, nodes.Element) else []
    section = Section(ids[0] if ids else "", title, "", is_box=_is_box(place))
    words: list[str] = []
    names = list(place["ids"])
    for node in _within(place):
        if isinstance(node, nodes.Text):
            words.append(node.astext())
        elif isinstance(node, _BLOCKS):
            words.append(" ")
        if isinstance(node, nodes.math_block):
            section.numbers += _number(node, "displaymath", numbers, "({0}) {0}")
        for kind, (key, name) in _NUMBERED.items():
            if isinstance(node, nodes.Element) and isinstance(node, kind):
                for called in _number(node, key, numbers, f"{name} {{}}"):
                    words.append(f" {called}: ")
                    section.figures[called.lower()] = node["ids"][0]
        if isinstance(node, nodes.Element):
            names += node.get("ids", ())
        if isinstance(node, nodes.reference):
            section.marks += _TERM.findall(f"{node.get('refuri', '')}#{node.get('refid', '')}")
        if isinstance(node, nodes.tgroup):
            section.numbers += _symbols(node)
    section.labels = [label[1] for name in names if (label := _LABEL.match(name))]
    section.text = _tidy("".join(words))
    if isinstance(place, addnodes.desc):
        section.text = section.text[:_LONGEST_OF_API]
    return section


def _within(place: nodes.Element) -> Iterator[nodes.Node]:
    """Yield what belongs to a place, and not to a place within it."""
    for child in place.children:
        if isinstance(child, _SILENT) or _is_place(child):
            continue
        if isinstance(child, _TITLES) and _is_place(place):
            continue
        yield child
        if isinstance(child, nodes.Element):
            yield from _within(child)


def _symbols(table: nodes.tgroup) -> Iterator[str]:
    """Yield what a table of symbols explains: its first column."""
    rows = [
        [cell for cell in row if isinstance(cell, nodes.Element)]
        for row in table.findall(nodes.row)
    ]
    if rows and _plain(rows[0][0]).lower() == "symbol":
        yield from (_plain(row[0]) for row in rows[1:])


def _number(node: nodes.Element, kind: str, numbers: dict[str, Any], form: str) -> list[str]:
    known = numbers.get(kind, {})
    return [form.format(".".join(map(str, known[i]))) for i in node["ids"] if i in known]


def _plain(node: nodes.Node) -> str:
    return _tidy(node.astext())


def _tidy(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"(?<=[(\[]) | (?=[,.;:!?)\]])", "", text)
