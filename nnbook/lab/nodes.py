"""Headings, paragraphs and boxes of a report, as nodes of pandoc's syntax tree."""

from collections.abc import Iterator

from nnbook.lab.pandoc import Node, raw, raw_inline, string
from nnbook.lab.typst import breakable
from nnbook.publishing.paper.code import literal


def boxed(title: str, blocks: list[Node]) -> Iterator[Node]:
    """Yield blocks in a box, as what an exercise asks."""
    begin, end = f"#task({literal(title)}, [", "]);"
    match blocks:
        case [{"t": "Para", "c": only}]:
            yield {"t": "Para", "c": [raw_inline(begin), *only, raw_inline(end)]}
        case [{"t": "Para", "c": first}, *rest]:
            yield {"t": "Para", "c": [raw_inline(begin), *first]}
            yield from rest
            yield raw(end)
        case _:
            yield raw(begin)
            yield from blocks
            yield raw(end)


def heading(level: int, text: str) -> Node:
    """Return a heading, whose long words may be broken."""
    return {"t": "Header", "c": [level, ["", [], []], [string(breakable(text))]]}


def paragraph(text: str) -> Node:
    """Return a paragraph, whose long words may be broken."""
    return {"t": "Para", "c": [string(breakable(text))]}
