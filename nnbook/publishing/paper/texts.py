"""Words, formulas, references and lists of a page as Typst code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxTranslator
from sphinx.util.math import get_node_equation_number

from nnbook.publishing.formulas.engine import tex_of
from nnbook.publishing.formulas.hooks import text_of
from nnbook.publishing.paper.code import Code, call, literal
from nnbook.publishing.paper.printed import Printed

if TYPE_CHECKING:
    from sphinx.builders import Builder

logger = logging.getLogger(__name__)

_LEAD = 400  # characters: some four lines, for which a page may end earlier


class TextTranslator(SphinxTranslator):
    """What there is in all texts: words, formulas, references and lists."""

    def __init__(self, document: nodes.document, builder: Builder, printed: Printed) -> None:
        super().__init__(document, builder)
        self.printed = printed
        self.page: str = builder.env.path2doc(document["source"]) or ""
        self.body: list[str] = []
        self.solutions: list[str] = []
        self.keys: list[str] = []
        self.level = 0
        self.in_solution = False

    @property
    def text(self) -> str:
        """The code."""
        return "".join(self.body)

    # Parts of a page as code of their own

    def inner(self, children: Iterable[nodes.Node]) -> Code:
        """Return nodes as content in brackets."""
        outer, self.body = self.body, []
        for child in children:
            child.walkabout(self)
        inner, self.body = self.text, outer
        return Code(f"[{inner}]")

    def add(self, code: str) -> None:
        """Add code."""
        self.body.append(code)

    def anchors(self, node: nodes.Element) -> None:
        """Add a place for links, if there are any to it."""
        if node.get("ids"):
            self.add(call("anchor", self.label_of(node)))

    def label_of(self, node: nodes.Element) -> str:
        """Return the label of an element with an identifier."""
        return f"{self.page}#{node['ids'][0]}"

    def wrapped(self, function: str, node: nodes.Element, *positional: Any, **named: Any) -> None:
        """Add a call with the children of a node as its last argument."""
        self.anchors(node)
        self.add(call(function, *positional, self.inner(node.children), **named))
        raise nodes.SkipNode

    def unknown_visit(self, node: nodes.Node) -> None:
        """Complain: nothing is left out in silence."""
        logger.warning("%s is not printed", type(node).__name__, location=node)

    def unknown_departure(self, node: nodes.Node) -> None:
        """Do nothing."""

    # Texts

    def visit_Text(self, node: nodes.Text) -> None:
        text = re.sub(r"\s+", " ", node.astext().replace("\N{NO-BREAK SPACE}", "\0")).replace(
            "\0", "\N{NO-BREAK SPACE}"
        )
        if text:
            self.add(f"#{literal(text)};")

    def depart_Text(self, node: nodes.Text) -> None:
        pass

    def visit_paragraph(self, node: nodes.Element) -> None:
        self.add("\n\n")
        if _leads_on(node):
            self.wrapped("lead", node)
        self.anchors(node)

    def depart_paragraph(self, node: nodes.Element) -> None:
        self.add("\n\n")

    visit_compact_paragraph = visit_paragraph
    depart_compact_paragraph = depart_paragraph

    def visit_emphasis(self, node: nodes.Element) -> None:
        self.wrapped("emph", node)

    visit_title_reference = visit_emphasis

    def visit_strong(self, node: nodes.Element) -> None:
        self.wrapped("strong", node)

    def visit_superscript(self, node: nodes.Element) -> None:
        self.wrapped("super", node)

    def visit_subscript(self, node: nodes.Element) -> None:
        self.wrapped("sub", node)

    def visit_literal(self, node: nodes.Element) -> None:
        if {"std-numref", "std"} & set(node["classes"]):
            return  # the text of a reference, which is no code
        self.add(call("code", node.astext()))
        raise nodes.SkipNode

    def depart_literal(self, node: nodes.Element) -> None:
        pass

    def visit_inline(self, node: nodes.Element) -> None:
        self.anchors(node)

    def depart_inline(self, node: nodes.Element) -> None:
        pass

    def visit_claim_number(self, node: nodes.Element) -> None:
        pass

    def depart_claim_number(self, node: nodes.Element) -> None:
        if node["interval"]:
            self.add(call("interval", node["interval"]))

    def visit_math(self, node: nodes.Element) -> None:
        tex = node.astext()
        self.add(call("formula", text_of(tex), Code(f"${self.printed.formulas[tex]}$")))
        raise nodes.SkipNode

    def visit_math_block(self, node: nodes.Element) -> None:
        self.anchors(node)
        tex = tex_of(node.astext(), not node.get("nowrap"))
        number = self._equation_number(node)
        code = Code(f"$ {self.printed.formulas[tex]} $")
        self.add(call("equation", text_of(tex, display=True), number, code))
        raise nodes.SkipNode

    def _equation_number(self, node: Any) -> str | None:
        writer: Any = self  # of HTML or not: it has a builder
        return f"({get_node_equation_number(writer, node)})" if node.get("number") else None

    # References

    def visit_reference(self, node: nodes.Element) -> None:
        uri: str = node.get("refuri", "")
        if uri and not uri.startswith("%"):
            self.add(call("link", uri, self.inner(node.children)))
            raise nodes.SkipNode
        page, _, anchor = uri[1:].partition("#")
        if "refid" in node and not uri:
            page, anchor = self.page, node["refid"]
        page = page or self.page
        label = self.printed.label(f"{page}#{anchor}" if anchor else page)
        body = self.inner(node.children)
        if label is None:
            self.add(call("on-the-web", self._address(page, anchor), body))
        elif self._term_of(node):
            self.add(call("term-link", label, self._term_of(node), body))
        elif label in self.printed.works:
            self.add(call("cited", label, body))
        elif page == self.page:
            self.add(call("near", label, body))
        else:
            chapter = "" if anchor else self.printed.number(page)
            self.add(call("far", label, body, chapter=chapter))
        raise nodes.SkipNode

    def _address(self, page: str, anchor: str) -> str:
        """Return the address of what is not printed; empty if the book is nowhere."""
        base: str = self.config.html_baseurl
        place = f"#{anchor}" if anchor else ""
        return f"{base}{page}.html{place}" if base else ""

    def _term_of(self, node: nodes.Element) -> str:
        inner = node.children[0] if node.children else None
        if isinstance(inner, nodes.Element) and "std-term" in inner.get("classes", ()):
            label = node.get("refid") or node["refuri"].partition("#")[2]
            return self.printed.terms.get(label, "")
        return ""

    def visit_download_reference(self, node: nodes.Element) -> None:
        pass

    def depart_download_reference(self, node: nodes.Element) -> None:
        pass

    def visit_target(self, node: nodes.Element) -> None:
        self.anchors(node)

    def depart_target(self, node: nodes.Element) -> None:
        pass

    # Lists

    def visit_bullet_list(self, node: nodes.Element) -> None:
        self.add("\n\n" + call("list", *(self.inner([item]) for item in node.children)) + "\n\n")
        raise nodes.SkipNode

    def visit_enumerated_list(self, node: nodes.Element) -> None:
        style = {"loweralpha": "a)", "upperalpha": "A)", "lowerroman": "i)"}.get(
            node.get("enumtype", ""), "1."
        )
        items = (self.inner([item]) for item in node.children)
        self.add(
            "\n\n" + call("enum", *items, start=node.get("start", 1), numbering=style) + "\n\n"
        )
        raise nodes.SkipNode

    visit_list_item = visit_definition = visit_inline
    depart_list_item = depart_definition = depart_inline

    def visit_definition_list(self, node: nodes.Element) -> None:
        items = []
        for item in node.children:
            assert isinstance(item, nodes.Element)
            named = [child for child in item if isinstance(child, nodes.term)]
            meant = [child for child in item if isinstance(child, nodes.definition)]
            commas = (nodes.Text(", " if number else "") for number in range(len(named)))
            term = self.inner(
                child
                for comma, term in zip(commas, named, strict=True)
                for child in (comma, *self._place(term), *term.children)
            )
            names = [name for node in named for name in node["ids"] if name in self.printed.terms]
            marks = "".join(call("term-mark", self.printed.terms[name]) for name in names)
            term = Code(f"[{marks}{term[1:]}")
            items.append(Code(f"terms.item({term}, {self._run_in(meant)})"))
        self.add("\n\n" + call("terms", *items) + "\n\n")
        raise nodes.SkipNode

    def _run_in(self, meant: Iterable[nodes.Node]) -> Code:
        """Return nodes that begin on the line of their term, so that no page ends between."""
        return Code(f"[{self.inner(meant)[1:].lstrip()}")

    def _place(self, term: nodes.Element) -> list[nodes.Node]:
        return [nodes.target("", "", ids=term["ids"])] if term["ids"] else []

    def visit_field_list(self, node: Any) -> None:
        items = (
            Code(f"terms.item({self.inner(field[0].children)}, {self._run_in(field[1].children)})")
            for field in node.children
        )
        self.add("\n\n" + call("terms", *items) + "\n\n")
        raise nodes.SkipNode

    def visit_block_quote(self, node: nodes.Element) -> None:
        self.wrapped("quote", node, block=True)


def _leads_on(node: nodes.Element) -> bool:
    """Say whether a short paragraph only says what comes next.

    It ends with a colon, or is nothing but a link or words in bold.

    Examples
    --------
    >>> text, formula = nodes.paragraph("", "The slope is:"), nodes.math_block("", "a")
    >>> _ = nodes.section("", text, formula)
    >>> _leads_on(text)
    True
    >>> _leads_on(nodes.paragraph("", "With nothing behind it:"))
    False
    """
    if node.next_node(descend=False, siblings=True) is None or len(node.astext()) > _LEAD:
        return False
    parts = [child for child in node if child.astext()]
    is_name = len(parts) == 1 and isinstance(parts[0], (nodes.reference, nodes.strong))
    return is_name or node.astext().rstrip().endswith(":")
