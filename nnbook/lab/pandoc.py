"""Pandoc, from its wheel: Markdown to a syntax tree, and a syntax tree to Typst.

It runs in its own sandbox (``--sandbox``: it reads and writes no file) on what it is given, in a
process with limits.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from nnbook.errors import LabError
from nnbook.lab import confined
from nnbook.lab.formulas import WORDS, Converter, walk
from nnbook.publishing.formulas.engine import FormulaError
from nnbook.publishing.paper.code import literal

Node = dict[str, Any]
"""A block or an inline of pandoc's syntax tree: ``t`` is its kind, ``c`` its content."""

MARKDOWN = (
    "markdown"
    "-auto_identifiers"
    "-citations"
    "-latex_macros"  # a macro that calls a macro ... takes forever
    "-pandoc_title_block"
    "-yaml_metadata_block"
    "+lists_without_preceding_blankline"
    "+tex_math_single_backslash"
)
LIMITS = confined.Limits(seconds=20, memory=2 * 2**30, written=200 * 2**20)
PAIRS = (
    *(("<!--", "-->"), ("<", ">"), ("](", ")"), ("[", "]")),
    *((r"\begin{", r"\end{"), ("{", "}"), (r"\(", r"\)")),
)
MOST_OPEN = 20
"""Pandoc looks up to the end of the text for what closes each: of ten thousand, for ever."""
ZERO_WIDTH_SPACE = "\u200b"
LONGEST_PART = 100
"""Pandoc takes a time that grows with the square of the length of a word, when it writes it."""
INLINES = {
    *("Str", "Emph", "Underline", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps"),
    *("Quoted", "Cite", "Code", "Space", "SoftBreak", "LineBreak", "Math", "RawInline", "Link"),
    *("Image", "Note", "Span"),
}
BLOCKS = {
    *("Plain", "Para", "LineBlock", "CodeBlock", "RawBlock", "BlockQuote", "OrderedList"),
    *("BulletList", "DefinitionList", "Header", "HorizontalRule", "Table", "Figure", "Div"),
}
IN_A_CHUNK = ("&", "](", "`")
"""Pandoc looks for the end of the entity, address or code that each begins: of many, for ever."""
RARE_LETTERS = [chr(number) for number in range(0x07CA, 0x07EB)]
"""Those of N'Ko, of two bytes each."""
LONG_CHUNK = re.compile(r"(?<!\S)\S{500,}")
INLINE: Node = {"t": "InlineMath"}
DISPLAY: Node = {"t": "DisplayMath"}
INSTALL = 'the report needs pandoc and Typst: pip install "nnbook[lab]"'


class UnreadableError(LabError):
    """A text that pandoc cannot read or write; whoever has its file says which one it is."""


def read_markdown(text: str) -> list[Node]:
    """Return the blocks of a Markdown text.

    Raises
    ------
    UnreadableError
        If the text cannot be read.
    LabError
        If pandoc is not installed.
    """
    closed, opened = _without_open_ones(text)
    output = _run(["--from", MARKDOWN, "--to", "json"], closed)
    for word, opener in opened.items():
        output = output.replace(word, json.dumps(opener)[1:-1])
    try:
        return list(json.loads(output)["blocks"])
    except RecursionError:
        raise UnreadableError("nested too deeply") from None


def _without_open_ones(text: str) -> tuple[str, dict[str, str]]:
    """Return a text with words in place of what is opened often and not closed; what they mean."""
    words = {}
    for number, opener in enumerate(IN_A_CHUNK, start=len(PAIRS)):
        if any(chunk.count(opener) > MOST_OPEN for chunk in LONG_CHUNK.findall(text)):
            word = _stand_in(text, number)
            words[word] = opener
            text = LONG_CHUNK.sub(partial(_replaced, opener, word), text)
    for number, (opener, closer) in enumerate(PAIRS):
        end = text.rfind(closer) + 1
        if text.count(opener, end) > MOST_OPEN:
            word = _stand_in(text, number)
            words[word] = opener
            text = text[:end] + text[end:].replace(opener, word)
    return text, words


def _stand_in(text: str, number: int) -> str:
    """Return a word that is not in a text: one letter, as what is longer makes a long text longer.

    Pandoc joins the parts of a word one by one, in a time that grows with the square of its length.
    """
    letter = next((letter for letter in RARE_LETTERS if letter not in text), "")
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return letter or f"NNBOOK{digest}O{number}O"


def _replaced(old: str, new: str, chunk: re.Match[str]) -> str:
    return chunk[0].replace(old, new) if chunk[0].count(old) > MOST_OPEN else chunk[0]


@dataclass(frozen=True)
class Written:
    """Blocks as Typst.

    Attributes
    ----------
    code : str
    formulas : dict of str to str
        LaTeX and Typst of each formula.
    refused : dict of str to str
        LaTeX that is printed as it was typed, since it is no formula, and why.
    """

    code: str
    formulas: dict[str, str]
    refused: dict[str, str]


def write_typst(
    blocks: list[Node], refused: Mapping[str, str] | None = None, definitions: str = ""
) -> Written:
    """Return blocks as Typst.

    Parameters
    ----------
    blocks : list of Node
    refused : mapping of str to str, optional
        LaTeX to be printed as it was typed, and why.
    definitions : str
        LaTeX that defines commands for the formulas.

    Raises
    ------
    UnreadableError
        If they cannot be written.
    LabError
        If pandoc is not installed.
    """
    converter = Converter(definitions)
    made: dict[tuple[str, bool], str] = {}
    problems = dict(refused or {})
    if converter.problem:
        problems[definitions] = converter.problem
    formulas = (node["c"] for node in walk(blocks) if node["t"] == "Math")
    for latex, display in dict.fromkeys((latex, kind == DISPLAY) for kind, latex in formulas):
        if latex in problems:
            continue
        try:
            made[latex, display] = converter.content(latex, display=display)
        except FormulaError as error:
            problems[latex] = error.problem
    code = _to_typst(_with_formulas(blocks, made))
    return Written(code, {latex: content for (latex, _), content in made.items()}, problems)


def _with_formulas(nodes: Any, made: Mapping[tuple[str, bool], str]) -> Any:
    """Return a part of a syntax tree with Typst in place of its formulas."""
    if isinstance(nodes, list):
        return [part for node in nodes for part in _parts(_with_formulas(node, made))]
    if not isinstance(nodes, dict) or nodes["t"] in WORDS or "c" not in nodes:
        return nodes
    if nodes["t"] != "Math":
        return {"t": nodes["t"], "c": _with_formulas(nodes["c"], made)}
    kind, latex = nodes["c"]
    display = kind == DISPLAY
    if (latex, display) in made:
        return raw_inline(made[latex, display])
    dollars = "$$" if display else "$"
    return {"t": "Code", "c": [["", [], []], f"{dollars}{latex}{dollars}"]}


def _parts(node: Any) -> Iterator[Any]:
    """Yield a node, or the parts of a word that may be broken, where it may be.

    Nowhere else: two signs may be more than one after the other, such as ``//``.
    """
    if isinstance(node, dict) and node["t"] == "Str" and len(node["c"]) > LONGEST_PART:
        *parts, last = node["c"].split(ZERO_WIDTH_SPACE)
        yield from (string(part + ZERO_WIDTH_SPACE) for part in parts)
        yield string(last)
    elif node == {"t": "Str", "c": "/"}:  # which begins a list of terms at the start of a line
        yield raw_inline("\\/")
    else:
        yield node


def _to_typst(blocks: list[Node]) -> str:
    document = {"pandoc-api-version": [1, 23], "meta": {}, "blocks": blocks}
    try:
        text = json.dumps(document)
    except RecursionError:
        raise UnreadableError("nested too deeply") from None
    return _run(["--from", "json", "--to", "typst", "--wrap", "none"], text)


def _run(options: list[str], text: str) -> str:
    try:
        import pypandoc
    except ImportError:
        raise LabError(INSTALL) from None
    try:
        done = confined.run(
            [pypandoc.get_pandoc_path(), "--sandbox", "--quiet", *options],
            LIMITS,
            text.encode("utf-8", "replace"),
        )
    except confined.LimitError as error:
        raise UnreadableError(
            f"pandoc cannot read it: {error}; look for long runs of brackets, asterisks or quotes"
        ) from None
    except OSError as error:
        raise LabError(f"{INSTALL} ({error})") from None
    if done.status:
        message = done.errors.decode("utf-8", "replace").strip()
        raise UnreadableError(f"pandoc cannot read it: {message}")
    return done.output.decode("utf-8")


def raw(code: str) -> Node:
    """Return Typst code as a block of its own."""
    return {"t": "RawBlock", "c": ["typst", code]}


def raw_inline(code: str) -> Node:
    """Return Typst code inside a paragraph."""
    return {"t": "RawInline", "c": ["typst", code]}


def string(text: str) -> Node:
    """Return a text inside a paragraph."""
    return {"t": "Str", "c": text}


def plain_text(nodes: Any) -> str:
    """Return the words of a part of a syntax tree."""
    match nodes:
        case {"t": "Str" | "Code" | "Math", "c": content}:
            return content if isinstance(content, str) else str(content[-1])
        case {"t": "Space" | "SoftBreak" | "LineBreak"}:
            return " "
        case {"t": "RawInline" | "RawBlock"}:
            return ""
        case {"c": content}:
            return plain_text(content)
        case list():
            return "".join(map(plain_text, nodes))
        case _:
            return ""


def are_attributes(content: list[Any]) -> bool:
    """Return whether this is pandoc's (identifier, classes, key-value pairs)."""
    match content:
        case [str(), list(), list()]:
            return True
        case _:
            return False


def formula_nodes(formula: str, kind: Node, function: str = "formula") -> list[Node]:
    """Return a formula that readers who hear the page are told as LaTeX."""
    start = raw_inline(f"#{function}({literal(formula.strip())}, [")
    return [start, {"t": "Math", "c": [kind, formula]}, raw_inline("]);")]
