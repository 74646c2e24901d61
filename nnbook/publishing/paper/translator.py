"""The tree of a page as Typst code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.util import logging

from nnbook.publishing.open_code import ON_PAPER, SECTION, parts
from nnbook.publishing.paper.code import Code, call, literal
from nnbook.publishing.paper.texts import TextTranslator

logger = logging.getLogger(__name__)


class PageTranslator(TextTranslator):
    """The Typst code of one page: `text`, and that of its `solutions`."""

    # Sections

    def visit_section(self, node: nodes.Element) -> None:
        title = next((child for child in node if isinstance(child, nodes.title)), None)
        if title is None:  # what an exercise holds
            return
        self.level += 1
        anchor = "" if self.level == 1 else node["ids"][0]
        self.add("\n")
        self.add(
            call(
                "front-section" if self.page == self.config.root_doc else "section",
                self.level,
                self.printed.number(self.page, anchor),
                self.label_of(node),
                title.astext() in self.printed.recurring,
                self.inner(title.children),
            )
        )
        if title.astext() == SECTION:
            self.add(call("text", ON_PAPER))
        self.add("\n")

    def depart_section(self, node: nodes.Element) -> None:
        if any(isinstance(child, nodes.title) for child in node):
            self.level -= 1

    def visit_title(self, node: nodes.Element) -> None:
        raise nodes.SkipNode  # who has a title shows it

    visit_subtitle = visit_title

    def visit_rubric(self, node: nodes.Element) -> None:
        self.wrapped("rubric", node)

    def visit_document(self, node: nodes.Element) -> None:
        pass

    def depart_document(self, node: nodes.Element) -> None:
        pass

    # Boxes

    def visit_admonition(self, node: nodes.Element) -> None:
        if "nnb-checks" in node["classes"]:
            raise nodes.SkipNode
        self._box(node, self._title(node), "note")

    def _title(self, node: nodes.Element) -> Code:
        title = next((child for child in node if isinstance(child, nodes.title)), None)
        return self.inner(title.children) if title is not None else Code("[]")

    def _box(self, node: nodes.Element, title: Code, kind: str) -> None:
        self.add("\n\n")
        self.anchors(node)
        self.add(call("box-of", kind, title, self.inner(node.children)) + "\n\n")
        raise nodes.SkipNode

    def visit_exercise_enumerable_node(self, node: nodes.Element) -> None:
        number = self.printed.figure_number("exercise", self.page, node)
        name = self.builder.env.config.numfig_format["exercise"] % number
        title = Code(f"[#{literal(name)};{self._title(node)[1:]}")
        label = self.printed.solutions.get(node["label"])
        self.add("\n\n")
        self.anchors(node)
        self.add(call("exercise", title, self.inner(node.children), label) + "\n\n")
        raise nodes.SkipNode

    def visit_exercise_node(self, node: nodes.Element) -> None:
        self._box(node, self._title(node), "exercise")

    def visit_self_check(self, node: nodes.Element) -> None:
        title, *rest, key = node.children
        outer, self.body = self.body, []
        label = self.label_of(node)
        self.add(call("solution", self.inner(title.children), self.inner([key])))
        self.keys.append(call("anchor", f"{label}-key") + self.text)
        self.body = outer
        self.add("\n\n")
        self.anchors(node)
        body = self.inner(rest)
        self.add(call("self-check", self.inner(title.children), body, f"{label}-key") + "\n\n")
        raise nodes.SkipNode

    def visit_self_check_key(self, node: nodes.Element) -> None:
        pass

    def depart_self_check_key(self, node: nodes.Element) -> None:
        pass

    def visit_solution_node(self, node: nodes.Element) -> None:
        outer, self.body, self.in_solution = self.body, [], True
        self.anchors(node)
        self.add(call("solution", self._title(node), self.inner(node.children)))
        self.solutions.append(self.text)
        self.body, self.in_solution = outer, False
        raise nodes.SkipNode

    # Code and what it shows

    def visit_container(self, node: nodes.Element) -> None:
        if node.get("nb_element") == "cell_code":
            self._cell_of_code(node)
            raise nodes.SkipNode
        if "sd-card-title" in node["classes"]:
            self.wrapped("rubric", node)
        if "sd-card" in node["classes"]:
            self.add("\n\n")
        self.anchors(node)

    def depart_container(self, node: nodes.Element) -> None:
        if "sd-card" in node["classes"]:
            self.add("\n\n")

    def _cell_of_code(self, node: Any) -> None:
        """Add a cell as the web shows it, without what is folded there."""
        source = [child for child in node if child.get("nb_element") == "cell_code_source"]
        output = [child for child in node if child.get("nb_element") == "cell_code_output"]
        hides_input = node.get("hide_mode") in ("input", "input+output", "all")
        draws = any(True for child in output for _ in child.findall(nodes.image))
        if source and not hides_input and (self.in_solution or not draws):
            code = source[0].astext()
            split = parts(code)
            if self.in_solution:
                self.add(call("listing", code))
            elif split.open and (output or "assert " not in split.checks):
                self.add(call("listing", split.open))
        for child in output:
            child.walkabout(self)

    def visit_literal_block(self, node: nodes.Element) -> None:
        kind = "output" if "output" in node["classes"] else "listing"
        language = node.get("language", "")
        named = {"lang": "python"} if "python" in language else {}
        self.anchors(node)
        self.add("\n\n" + call(kind, node.astext(), **named) + "\n\n")
        raise nodes.SkipNode

    visit_doctest_block = visit_literal_block

    def visit_raw(self, node: nodes.Element) -> None:
        raise nodes.SkipNode

    visit_comment = visit_index = visit_toctree = visit_raw
    visit_HiddenCellNode = visit_raw  # noqa: N815
    visit_substitution_definition = visit_system_message = visit_raw

    def visit_compound(self, node: nodes.Element) -> None:
        pass

    def depart_compound(self, node: nodes.Element) -> None:
        pass

    # Pictures and tables

    def visit_image(self, node: nodes.Element) -> None:
        if not node.get("alt"):
            logger.warning("the picture has no alternative text", location=node)
        path = f"pictures/{self.builder.images[node['uri']]}"
        self.add(call("picture", path, alt=node.get("alt", ""), width=_width(node)))
        raise nodes.SkipNode

    def visit_figure(self, node: nodes.Element) -> None:
        caption = next((child for child in node if isinstance(child, nodes.caption)), None)
        rest = [child for child in node if child is not caption]
        self._figure("figure", node, caption, self.inner(rest))

    def _figure(self, kind: str, node: nodes.Element, caption: Any, body: Code) -> None:
        number = self.printed.figure_number(kind, self.page, node)
        name = self.builder.env.config.numfig_format[kind] % number if number else ""
        content = self.inner(caption.children) if caption is not None else None
        label = self.label_of(node) if node["ids"] else None
        self.add("\n\n" + call("numbered", kind, name, content, label, body) + "\n\n")
        raise nodes.SkipNode

    def visit_table(self, node: nodes.Element) -> None:
        title = next((child for child in node if isinstance(child, nodes.title)), None)
        body = Code(f"[{self._table(node)}]")
        if title is None:
            self.add("\n\n")
            self.anchors(node)
            self.add(call("plain-table", body) + "\n\n")
            raise nodes.SkipNode
        self._figure("table", node, title, body)

    def _table(self, node: nodes.Element) -> str:
        columns = len(list(node.findall(nodes.colspec)))
        head = [row for part in node.findall(nodes.thead) for row in part.findall(nodes.row)]
        body = [row for part in node.findall(nodes.tbody) for row in part.findall(nodes.row)]
        header = (
            [f"table.header({', '.join(c for row in head for c in self._cells(row))})"]
            if head
            else []
        )
        cells = [Code(code) for code in (*header, *(c for row in body for c in self._cells(row)))]
        tall = {"tall": True} if any(map(_has_rows, node.findall(nodes.math))) else {}
        return call("data-table", columns, *cells, **tall)

    def _cells(self, row: nodes.Element) -> Iterator[Code]:
        for entry in row.findall(nodes.entry):
            named = {}
            if "text-right" in entry["classes"]:
                named["align"] = Code("right")
            if "text-center" in entry["classes"]:
                named["align"] = Code("center")
            for key, name in (("morecols", "colspan"), ("morerows", "rowspan")):
                if entry.get(key):
                    named[name] = entry[key] + 1
            yield Code(call("table.cell", self.inner(entry.children), **named)[1:-1])

    # The bibliography

    def visit_citation(self, node: nodes.Element) -> None:
        label = self.label_of(node)
        text = [child for part in node.children[1:] for child in part.children]
        self.add(call("work", label, self.printed.works[label], self.inner(text)) + "\n\n")
        raise nodes.SkipNode

    def visit_glossary(self, node: nodes.Element) -> None:
        pass

    depart_glossary = depart_compound

    def visit_PassthroughTextElement(self, node: nodes.Element) -> None:
        pass

    depart_PassthroughTextElement = depart_compound  # noqa: N815


def _width(node: nodes.Element) -> Code | None:
    found = re.fullmatch(r"([\d.]+)(%|px|pt)?", node.get("width", ""))
    if not found:
        return None
    size = float(found[1])
    return Code(f"{size}%" if found[2] == "%" else f"{size if found[2] == 'pt' else size * 0.75}pt")


def _has_rows(formula: nodes.math) -> bool:
    r"""Say whether a formula has rows, such as a matrix.

    Examples
    --------
    >>> [_has_rows(nodes.math("", tex)) for tex in ("a", r"\\begin{bmatrix}1\\end{bmatrix}")]
    [False, True]
    """
    return r"\begin{" in formula.astext()
