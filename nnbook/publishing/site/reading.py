"""What a page is about, in its own first sentences, and how long it takes to read."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes

WORDS_A_MINUTE = 200
"""Adults read 238 words of non-fiction a minute (Brysbaert 2019); here they also think."""

_LONGEST = 200  # characters of a description; search engines show some 160
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_SILENT = (
    nodes.literal_block, nodes.math_block, nodes.raw, nodes.comment, nodes.image, nodes.tbody,
)  # fmt: skip
_FOLDED = {"dropdown", "toggle", "nnb-checks", "nnb-below", "nnq-key"}
_CHECK_MARK = "\N{CHECK MARK}"


def description(doctree: nodes.document) -> str:
    """Return the first sentences of a page, as many as fit; formulas have to be text already.

    Parameters
    ----------
    doctree
        A page as it is written.
    """
    section = next(iter(doctree.findall(nodes.section)), doctree)
    first = next((node for node in section.children if isinstance(node, nodes.paragraph)), None)
    if first is None:
        return ""
    return shortened(" ".join(_words(first)))


def shortened(text: str) -> str:
    """Return the sentences that fit into a description; of a first one that is too long, its words.

    Examples
    --------
    >>> shortened("One. Two.")
    'One. Two.'
    >>> shortened("word " * 100)[-10:]
    'word word…'
    """
    kept = ""
    for sentence in _SENTENCE.split(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > _LONGEST:
            break
        kept = longer
    return kept or text[:_LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def minutes(doctree: nodes.document) -> int:
    """Return how many minutes the text of a page takes.

    Not counted are code, what is folded, and the cells of tables, in which one looks things up.
    """
    return max(1, round(len(_words(doctree)) / WORDS_A_MINUTE))


def _words(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Text):
        return str(node.astext()).replace(_CHECK_MARK, "").split()
    if isinstance(node, _SILENT) or (isinstance(node, nodes.Element) and _is_folded(node)):
        return []
    if isinstance(node, nodes.TextElement):
        # Pieces of one word may be nodes of their own.
        text = "".join(_text(child) for child in node.children)
        return text.split()
    return [word for child in node.children for word in _words(child)]


def _text(node: Any) -> str:
    if isinstance(node, nodes.Text):
        return str(node.astext()).replace(_CHECK_MARK, "")
    return "" if isinstance(node, _SILENT) else "".join(map(_text, node.children))


def _is_folded(node: nodes.Element) -> bool:
    return bool(_FOLDED & set(node.get("classes", []))) or node.get("hidden", False)
