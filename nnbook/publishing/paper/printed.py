"""What is known of all printed pages before the first is set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx_exercise.nodes import solution_node  # type: ignore[import-untyped]

from nnbook.publishing.bibliography import name_of
from nnbook.publishing.formulas.engine import tex_of
from nnbook.publishing.formulas.hooks import plain_text
from nnbook.publishing.paper.code import Code, call

if TYPE_CHECKING:
    from sphinx.builders import Builder

_OFTEN = 5
"""Sections of a name that occurs more often, such as *Exercises*, are not in the contents."""


def formulas_of(tree: nodes.document) -> Iterator[str]:
    """Yield the TeX of all formulas of a page, as it is to be set."""
    for node in tree.findall(nodes.math):
        yield node.astext()
    for block in tree.findall(nodes.math_block):
        yield tex_of(block.astext(), not block.get("nowrap"))


def _names(node: nodes.Element) -> list[str]:
    names: list[str] = node.get("ids", [])
    return names


class Printed:
    """What is known of all pages: numbers, and where links lead.

    Parameters
    ----------
    builder
        The one that sets them.
    trees
        Their trees.
    formulas
        TeX and Typst of each formula.
    """

    def __init__(
        self, builder: Builder, trees: Mapping[str, nodes.document], formulas: Mapping[str, Code]
    ) -> None:
        bibliography: Any = builder.env.domaindata.get("cite", {}).get("citations", [])
        works = {citation.citation_id: name_of(citation.entry) for citation in bibliography}
        self.env = builder.env
        self.formulas = formulas
        self.trees = trees
        self._labels = {
            f"{page}#{name}": f"{page}#{node['ids'][0]}"
            for page, tree in trees.items()
            for node in tree.findall(nodes.Element)
            for name in _names(node)
        }
        self.solutions = {
            node["target_label"]: f"{page}#{node['ids'][0]}"
            for page, tree in trees.items()
            for node in tree.findall(solution_node)
        }
        self.works = {
            f"{page}#{node['ids'][0]}": works.get(node["ids"][0], node[0].astext())
            for page, tree in trees.items()
            for node in tree.findall(nodes.citation)
        }
        titles = Counter(
            title.astext()
            for tree in trees.values()
            for section in tree.findall(nodes.section)
            for title in section.findall(nodes.title)
            if title.parent is section
        )
        self.recurring = {title for title, count in titles.items() if count > _OFTEN}
        self.terms = {
            label: plain_text(term)
            for tree in trees.values()
            for glossary in tree.findall(addnodes.glossary)
            for term in glossary.findall(nodes.term)
            for label in term["ids"]
        }
        for page, tree in trees.items():
            first = next(iter(tree.findall(nodes.section)), None)
            if first is not None and first["ids"]:
                self._labels[page] = f"{page}#{first['ids'][0]}"

    def label(self, target: str) -> str | None:
        """Return the label of a page, or of a place on it; None if it is not printed."""
        return self._labels.get(target)

    def number(self, page: str, anchor: str = "") -> str:
        """Return the number of a section, or an empty text."""
        numbers = self.env.toc_secnumbers.get(page, {})
        found = numbers.get(f"#{anchor}") or (numbers.get("") if not anchor else None)
        return ".".join(map(str, found or ()))

    def figure_number(self, kind: str, page: str, node: nodes.Element) -> str:
        """Return the number of a figure, table or exercise, or an empty text."""
        numbers = self.env.toc_fignumbers.get(page, {}).get(kind, {})
        found = [numbers[name] for name in node["ids"] if name in numbers]
        return ".".join(map(str, found[0])) if found else ""

    def heading(self, page: str) -> str:
        """Return the heading above the solutions of a page."""
        title = plain_text(self.env.titles[page])
        return call("solutions-of", self.number(page), title)
