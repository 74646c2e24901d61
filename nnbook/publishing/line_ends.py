"""Where no line ends: before a percent sign or a unit, within an equation, in a short cell.

The numbers that a page computes have their no-break spaces from `nnbook.metrics`; those of typed
text are put here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from nnbook.metrics import NO_BREAK

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_CODE = (nodes.literal, nodes.math, nodes.FixedTextElement, addnodes.desc_signature)
_SHORT = 12  # characters
_LONG = 90  # characters: such lines are read, not compared
_OPTION = re.compile(r"-[^\s]{1,20}")
_COLUMNS = re.compile(r"(?m)^.*\S {2,}\S.*\n.*\S {2,}\S")  # two lines with gaps
# Where a text begins with a space, it goes on after an emphasized word, a link or a pasted number.
_HELD = re.compile(
    r"""
    (?: (?<=\d) | ^ ) \s (?= % | (?: s | ms | min | h | nm | px | kB | MB | GB ) \b )
    | (?: (?<=\S) | ^ ) \s (?= (?: [=<>≤≥≈±×·+−] | [<>]= ) \s )  # no sign begins a line
    | (?<=\d) \s (?= –\s\d )
    | (?: (?<= \s[=<>≤≥≈±×·] ) | (?<= \s[<>]= ) ) \s (?= \S{1,9} (?!\S) )
    """,
    re.VERBOSE,
)


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    # When lists of self-checks are filled in, and before formulas are kept with what follows.
    app.connect("doctree-resolved", hold, priority=450)


def hold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Hold together what belongs on one line."""
    _hold_texts(doctree)
    for body in doctree.findall(nodes.tbody):
        for cell in body.findall(nodes.entry):
            if len(cell.astext()) <= _SHORT and next(cell.findall(nodes.math), None) is None:
                cell["classes"].append("nnb-short")
    for code in doctree.findall(nodes.literal):
        if _OPTION.fullmatch(code.astext()):  # a line could end after its hyphens
            code["classes"].append("nnb-short")
    for printed in doctree.findall(nodes.literal_block):
        if "stream" in printed["classes"] and _is_in_columns(printed.astext()):
            printed["classes"].append("nnb-columns")


def held(text: str) -> str:
    r"""Return a text with no-break spaces where no line ends.

    Examples
    --------
    >>> held("95 % of 20 runs (n = 5, p < 0.001)")
    '95\xa0% of 20 runs (n\xa0=\xa05, p\xa0<\xa00.001)'
    """
    return _HELD.sub(NO_BREAK, text)


def _is_in_columns(printed: str) -> bool:
    return max(map(len, printed.splitlines()), default=0) <= _LONG and bool(
        _COLUMNS.search(printed)
    )


def _hold_texts(node: nodes.Element) -> None:
    for place, child in enumerate(node.children):
        if isinstance(child, nodes.Text):
            if (text := held(child)) != child:
                node[place] = nodes.Text(text)
        elif isinstance(child, nodes.Element) and not isinstance(child, _CODE):
            _hold_texts(child)
