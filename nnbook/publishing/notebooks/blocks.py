"""Paragraphs, lists, tables and boxes of a page as Markdown."""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

from nnbook.publishing.formulas.engine import tex_of
from nnbook.publishing.notebooks.texts import Texts, escaped, formula

logger = logging.getLogger(__name__)

_ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|gather|alignat|equation)\*?\}")
_ONE_LINE = {"align": "aligned", "gather": "gathered", "alignat": "alignedat", "equation": "split"}


def quoted(text: str) -> str:
    """Return Markdown as a block quote."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def indented(text: str, mark: str) -> str:
    """Return Markdown as an item of a list, whose first line begins with a mark."""
    first, *rest = text.splitlines() or [""]
    return "\n".join([mark + first, *(f"{' ' * len(mark)}{line}".rstrip() for line in rest)])


def fenced(code: str, language: str = "") -> str:
    """Return a block of code."""
    longest = max(map(len, re.findall("`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"


class Blocks(Texts):
    """What a page consists of, apart from sections and cells.

    Attributes
    ----------
    attachments : dict of str to dict
        Pictures that are files, by name: their content as notebooks hold it.
    keys : list of str
        The answers to the self-checks.
    """

    attachments: dict[str, dict[str, str]]
    keys: list[str]

    def blocks(self, children: Iterable[nodes.Node]) -> str:
        """Return nodes that follow each other as blocks."""
        return "\n\n".join(text for node in children if (text := self.block(node)))

    def block(self, node: nodes.Node) -> str:
        """Return one block."""
        show = self.method(node, "_block_")
        return show(node) if show else self.inline([node]).strip()

    def _block_paragraph(self, node: nodes.Element) -> str:
        return self.inline(node.children).strip()

    _block_compact_paragraph = _block_paragraph

    def _block_section(self, node: nodes.Element) -> str:
        return self.blocks(node.children)  # what an exercise holds

    _block_glossary = _block_section

    def _block_container(self, node: nodes.Element) -> str:
        text = self.blocks(node.children)
        return f"**{text}**" if "sd-card-title" in node["classes"] else text

    def _block_compound(self, node: nodes.Element) -> str:
        return ""

    _block_toctree = _block_comment = _block_raw = _block_index = _block_compound
    _block_list_of_checks = _block_compound
    _block_substitution_definition = _block_system_message = _block_target = _block_compound
    _block_editions = _block_compound

    def _block_only(self, node: nodes.Element) -> str:
        tags = self.builder.tags
        return self.blocks(node.children) if tags.eval_condition(node.get("expr", "")) else ""

    # Lists

    def _block_bullet_list(self, node: nodes.Element) -> str:
        return self._list((item, "- ") for item in node.children)

    def _block_enumerated_list(self, node: nodes.Element) -> str:
        start, kind = node.get("start", 1), node.get("enumtype", "arabic")
        if kind == "arabic":
            return self._list((item, f"{n}. ") for n, item in enumerate(node.children, start))
        letters = (f"- {chr(ord('a') + n)}) " for n in range(start - 1, 26))
        return self._list(zip(node.children, letters, strict=False))

    def _list(self, items: Iterable[tuple[nodes.Node, str]]) -> str:
        return "\n".join(indented(self.blocks(item.children), mark) for item, mark in items)

    def _block_definition_list(self, node: nodes.Element) -> str:
        return "\n".join(map(self._definition, node.children))

    def _definition(self, item: nodes.Node) -> str:
        terms = [self.inline(t.children) for t in item.children if isinstance(t, nodes.term)]
        meant = [d for d in item.children if isinstance(d, nodes.definition)]
        text = self.blocks(child for definition in meant for child in definition.children)
        return indented(f"**{', '.join(terms)}** {text}", "- ")

    # Boxes

    def _block_admonition(self, node: nodes.Element) -> str:
        title = next((t for t in node.children if isinstance(t, nodes.title)), None)
        rest = self.blocks(child for child in node.children if child is not title)
        heading = f"**{self.inline(title.children).strip()}**\n\n" if title else ""
        return quoted(heading + rest)

    def _block_block_quote(self, node: nodes.Element) -> str:
        return quoted(self.blocks(node.children))

    def _block_exercise_enumerable_node(self, node: nodes.Element) -> str:
        name = self.numbered("exercise", node)
        title = next(t for t in node.children if isinstance(t, nodes.title))
        rest = self.blocks(
            child for child in node.children if not isinstance(child, nodes.title | nodes.subtitle)
        )
        words = self.inline(title.children).strip()
        return quoted(f"**{' '.join(filter(None, [name, words]))}**\n\n{rest}")

    def _block_self_check(self, node: nodes.Element) -> str:
        title, *rest, key = node.children
        words = self.inline(title.children).strip()
        assert isinstance(key, nodes.Element), "the key of a self-check"
        self.keys.append(f"{words}\n\n{self.blocks(key.children)}")
        return quoted(f"{words}\n\n{self.blocks(rest)}")

    def numbered(self, kind: str, node: nodes.Element) -> str:
        """Return the name and number of a figure, table or exercise, or nothing."""
        numbers = self.env.toc_fignumbers.get(self.page, {}).get(kind, {})
        found = [numbers[name] for name in node["ids"] if name in numbers]
        form: str = self.builder.config.numfig_format[kind]
        return form % ".".join(map(str, found[0])) if found else ""

    # Code, formulas, pictures, tables

    def _block_literal_block(self, node: nodes.Element) -> str:
        language = node.get("language", "")
        return fenced(node.astext(), {"ipython3": "python", "default": ""}.get(language, language))

    _block_doctest_block = _block_literal_block

    def _block_math_block(self, node: nodes.Element) -> str:
        tex = formula(tex_of(node.astext(), not node.get("nowrap")))
        tex = _ENVIRONMENT.sub(lambda found: rf"\{found[1]}{{{_ONE_LINE[found[2]]}}}", tex)
        number = self._equation_number(node)
        return f"$$ {tex}{number} $$"

    def _equation_number(self, node: nodes.Element) -> str:
        numbers = self.env.toc_fignumbers.get(self.page, {}).get("displaymath", {})
        found = [numbers[name] for name in node["ids"] if name in numbers]
        return rf" \tag{{{'.'.join(map(str, found[0]))}}}" if found and node.get("number") else ""

    def _block_image(self, node: nodes.Element) -> str:
        return self._image(node)

    def _image(self, node: nodes.Element) -> str:
        path = Path(self.builder.srcdir) / node["uri"]
        if path.suffix == ".svg":  # as PNG in the end: see `pages`
            content = path.read_text(encoding="utf-8")
        else:
            content = base64.b64encode(path.read_bytes()).decode()
        kind = mimetypes.guess_type(path.name)[0] or "image/png"
        self.attachments[path.name] = {kind: content}
        alt = escaped(" ".join(node.get("alt", "").split())).replace("]", r"\]")
        return f"![{alt}](attachment:{path.name})"

    def _block_explorable(self, node: nodes.Element) -> str:
        there = f"{self.own_address}#{node['explorable']}" if self.own_address else ""
        moving = self.link("On the web this figure is interactive.", there)
        return f"{self.blocks(node.children)}\n\n{moving}"

    def _block_figure(self, node: nodes.Element) -> str:
        rest = [child for child in node.children if not isinstance(child, nodes.caption)]
        return "\n\n".join(filter(None, [self.blocks(rest), self.caption("figure", node)]))

    def caption(self, kind: str, node: nodes.Element) -> str:
        """Return what stands below a figure or a table: its number, and what it shows."""
        words = [c for c in node.children if isinstance(c, nodes.caption | nodes.title)]
        text = " ".join(self.inline(child.children).strip() for child in words)
        name = self.numbered(kind, node)
        return f"**{name}.** {text}" if name else text

    def _block_table(self, node: nodes.Element) -> str:
        rows = list(node.findall(nodes.row))
        head, *body = [[self._cell(entry) for entry in _entries(row)] for row in rows]
        sides = [_side(entry) for entry in _entries(rows[-1])]
        lines = [f"| {' | '.join(line)} |" for line in (head, sides, *body)]
        return "\n\n".join(filter(None, [self.caption("table", node), "\n".join(lines)]))

    def _cell(self, entry: nodes.Element) -> str:
        """Return a cell on one line, in which no bar ends it."""
        copy = entry.deepcopy()
        for formula_ in list(copy.findall(nodes.math)):
            tex = formula_.astext().replace(r"\|", r"\Vert ").replace("|", r"\vert ")
            formula_.replace_self(nodes.math(tex, tex))
        text = " ".join(self.blocks(copy.children).split())
        return re.sub(r"(?<!\\)\|", r"\\|", text)


def _entries(row: nodes.Element) -> Iterator[nodes.entry]:
    return row.findall(nodes.entry)


def _side(entry: nodes.Element) -> str:
    if "text-right" in entry["classes"]:
        return "--:"
    return ":-:" if "text-center" in entry["classes"] else ":--"
