"""Words, formulas and links of a page as Markdown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging

from nnbook.publishing.claim_entries import label as claim_label

if TYPE_CHECKING:
    from sphinx.builders import Builder

logger = logging.getLogger(__name__)

# What would be read as markup; brackets only where they would begin a link.
_MARKUP = re.compile(r"[\\`*_$<~]|\](?=[(\[:])|&(?=#?\w+;)")
_AT_THE_START = re.compile(r"(?m)^(\s*)([-+>]|#+|\d+(?=[.)]))(?=[.)]?\s)")
_AROUND = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)


def escaped(text: str) -> str:
    r"""Return a text that Markdown shows as it is.

    Examples
    --------
    >>> print(escaped("a*b costs $1\n# no heading"))
    a\*b costs \$1
    \# no heading
    """
    text = _MARKUP.sub(lambda mark: f"\\{mark[0]}", text)
    return _AT_THE_START.sub(_broken, text)


def _broken(start: re.Match[str]) -> str:
    space, mark = start[1], start[2]
    return f"{space}{mark}\\" if mark.isdecimal() else f"{space}\\{mark}"


def code_span(code: str) -> str:
    """Return code in as many backquotes as it needs.

    Examples
    --------
    >>> print(code_span("a`b"), code_span("a"))
    `` a`b `` `a`
    """
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence, space = "`" * (longest + 1), " " * ("`" in code)
    return f"{fence}{space}{' '.join(code.split())}{space}{fence}"


def formula(tex: str) -> str:
    """Return a formula on one line, without LaTeX's comments."""
    return " ".join(re.sub(r"(?<!\\)%[^\n]*", "", tex).split())


def _work(markdown: str) -> str:
    r"""Return a work as pybtex writes it on one line, without what is escaped in vain.

    Examples
    --------
    >>> print(_work("Boris T\\. Polyak\\.\n*Ussr*, 1964\\."))
    Boris T. Polyak. *Ussr*, 1964.
    """
    one_line = " ".join(re.sub(r"\\\\?url ", "", markdown).split())
    return re.sub(r"\\([.()-])", r"\1", one_line)


class Texts:
    """What stands in paragraphs, titles and cells of tables.

    Parameters
    ----------
    builder : Builder
        That of the web pages, to which links lead.
    page : str
        The name of the page.

    Attributes
    ----------
    cited : dict of str to None
        The identifiers of the works that are cited, in the order of the page.
    """

    def __init__(self, builder: Builder, page: str) -> None:
        self.builder, self.page, self.env = builder, page, builder.env
        base: str = builder.config.html_baseurl or ""
        self.base = f"{base.rstrip('/')}/" if base else ""
        self.cited: dict[str, None] = {}
        works: list[Any] = self.env.domaindata.get("cite", {}).get("citations", [])
        self.works = {work.citation_id: work for work in works}

    def inline(self, children: Iterable[nodes.Node]) -> str:
        """Return nodes of a paragraph."""
        return "".join(map(self._one, children))

    def _one(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Text):
            return escaped(node.astext())
        show = self.method(node, "_")
        if show is None:
            logger.warning("%s is in no notebook", type(node).__name__, location=node)
            return escaped(node.astext())
        return show(node)

    def method(self, node: nodes.Node, prefix: str) -> Callable[[nodes.Node], str] | None:
        """Return what shows a node of this kind, or of one that it is a special case of."""
        names = (f"{prefix}{kind.__name__}" for kind in type(node).__mro__)
        found = (getattr(self, name) for name in names if hasattr(self, name))
        return next(found, None)

    def _marked(self, node: nodes.Element, mark: str) -> str:
        """Return the text of a node between marks, which may not stand beside a space."""
        found = _AROUND.fullmatch(self.inline(node.children))
        assert found is not None, "everything matches"
        before, text, after = found.groups()
        return f"{before}{mark}{text}{mark}{after}" if text else before + after

    def _emphasis(self, node: nodes.Element) -> str:
        return self._marked(node, "*")

    _title_reference = _emphasis

    def _strong(self, node: nodes.Element) -> str:
        return self._marked(node, "**")

    def _inline(self, node: nodes.Element) -> str:
        return self.inline(node.children)

    _PassthroughTextElement = _inline
    _term = _caption = _title = _inline

    def _literal(self, node: nodes.Element) -> str:
        if {"std-numref", "std"} & set(node["classes"]):  # the text of a reference is no code
            return self.inline(node.children)
        return code_span(node.astext())

    def _math(self, node: nodes.Element) -> str:
        return f"${formula(node.astext())}$"

    def _superscript(self, node: nodes.Element) -> str:
        return f"<sup>{self.inline(node.children)}</sup>"

    def _subscript(self, node: nodes.Element) -> str:
        return f"<sub>{self.inline(node.children)}</sub>"

    def _target(self, node: nodes.Element) -> str:
        return ""

    _index = _comment = _raw = _target

    # Links

    def _reference(self, node: nodes.Element) -> str:
        uri: str = node.get("refuri", "")
        _, _, anchor = uri.partition("#")
        if (anchor := node.get("refid") or anchor) in self.works:
            self.cited[anchor] = None
            return self.inline(node.children)
        return self.link(self.inline(node.children), self.address(uri))

    def _claim_number(self, node: nodes.Element) -> str:
        labels = self.env.get_domain("std").anonlabels  # type: ignore[attr-defined]
        page, anchor = labels.get(claim_label(node["claim"]), ("", ""))
        target = f"{self.builder.get_target_uri(page)}#{anchor}" if page else ""
        there = self.base + target if self.base and target else ""
        return self.link(self.inline(node.children), there)

    def _download_reference(self, node: nodes.Element) -> str:
        there = f"{self.base}_downloads/{node.get('filename', '')}" if self.base else ""
        return self.link(self.inline(node.children), there)

    def link(self, text: str, address: str) -> str:
        """Return a link; the text alone if it leads nowhere."""
        return f"[{text}]({address})" if address and text.strip() else text

    def address(self, uri: str) -> str:
        """Return the address of a place of another page, or of the web; of this page none.

        Where the book is published nowhere, its pages have no address.
        """
        if re.match(r"[a-z]+:", uri):
            return uri.replace(" ", "%20").replace(")", "%29")
        own = self.builder.get_target_uri(self.page)
        place, _, anchor = uri.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(own), place)) if place else own
        if not self.base or path == own:
            return ""
        return f"{self.base}{path}" + (f"#{anchor}" if anchor else "")

    @property
    def own_address(self) -> str:
        """The address of the page itself, or nothing."""
        is_front = self.page == self.builder.config.root_doc
        own = "" if is_front else self.builder.get_target_uri(self.page)
        return self.base + own if self.base else ""

    def bibliography(self) -> str:
        """Return the list of the works that are cited, or nothing."""
        found = (self.works[name].formatted_entry for name in self.cited)
        lines = sorted(_work(entry.text.render_as("markdown")) for entry in found)
        return "\n".join(["## References", "", *(f"- {line}" for line in lines)]) if lines else ""
