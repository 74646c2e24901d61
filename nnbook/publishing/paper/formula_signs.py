"""Signs, words and lengths of formulas as Typst code: all that holds no other part of a formula."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from nnbook.publishing.formulas.engine import FormulaError
from nnbook.publishing.formulas.tree import Tree, symbol

Node = Mapping[str, Any]
FONTS = {
    "mathbf": "bold(upright({}))",
    "boldsymbol": "bold({})",
    "mathrm": "upright({})",
    "mathit": "italic({})",
    "mathbb": "bb({})",
    "mathcal": "cal({})",
    "mathscr": "scr({})",
    "mathfrak": "frak({})",
    "mathsf": "sans(upright({}))",
    "mathtt": "mono({})",
    "mathnormal": "{}",
    "\\textbf": "bold({})",
    "\\textit": "italic({})",
    "\\emph": "italic({})",
    "\\texttt": "mono({})",
    "\\textsf": "sans({})",
}
STYLES = {
    "display": "display({})",
    "text": "inline({})",
    "script": "script({})",
    "scriptscript": "sscript({})",
}
CLASSES = {
    "mbin": "binary",
    "mrel": "relation",
    "mopen": "opening",
    "mclose": "closing",
    "mpunct": "punctuation",
}
_FAMILIES = {
    "bin": "binary",
    "rel": "relation",
    "punct": "punctuation",
    "open": "opening",
    "close": "closing",
}
ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "vec": "\u20d7",
    "overrightarrow": "\u20d7",
    "overleftarrow": "\u20d6",
    "overleftrightarrow": "\u20e1",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "widecheck": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
    "mathring": "\u030a",
}
TEXT_ACCENTS = {
    "\\`": "\u0300",
    "\\'": "\u0301",
    "\\^": "\u0302",
    "\\~": "\u0303",
    "\\=": "\u0304",
    "\\u": "\u0306",
    "\\.": "\u0307",
    '\\"': "\u0308",
    "\\r": "\u030a",
    "\\H": "\u030b",
    "\\v": "\u030c",
    "\\c": "\u0327",
}
"""Of words: also those of a letter that is typed with its accent, such as ü, are read as these."""
ARROWS = {
    "xrightarrow": "→",
    "xleftarrow": "←",
    "xleftrightarrow": "↔",
    "xRightarrow": "⇒",
    "xLeftarrow": "⇐",
    "xLeftrightarrow": "⇔",
    "xmapsto": "↦",
    "xlongequal": "=",
}
BRACES = {"overbrace", "underbrace", "overbracket", "underbracket"}
_DELIMITERS = {"∥": "‖", "∣": "|", "\\|": "‖", "<": "⟨", ">": "⟩"}
SIZES = {1: 1.2, 2: 1.8, 3: 2.4, 4: 3.0}  # em, of \big and so on
COLORS = (
    *("black", "gray", "silver", "white", "navy", "blue", "aqua", "teal", "purple", "fuchsia"),
    *("maroon", "red", "orange", "yellow", "olive", "green", "lime"),
)
_UNITS = {"pt": 1.0, "em": 1.0, "ex": 0.43, "mu": 1 / 18, "mm": 1.0, "cm": 1.0, "in": 1.0}
_SPACES = {"\\ ", "~", " ", "\\space", "\\nobreakspace"}
TOO_NARROW = {"bin": "0.2222em", "rel": "0.2778em"}
"""What stands at the left of a sign that begins a cell, where there is something before it."""


def joined(code: str, part: str) -> str:
    """Return code and a part after it; letters that stand apart are no name."""
    if code and part and _is_letter(code[-1]) and _is_letter(part[0]):
        return f"{code} {part}"
    return code + part


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def escaped(character: str) -> str:
    """Return one character of mathematics as Typst code."""
    character = {"-": "−", "*": "∗"}.get(character, character)
    is_sign = character.isascii() and not character.isalnum()
    # Of a bracket that stands alone, Typst would look for the other one.
    is_bracket = unicodedata.category(character) in ("Ps", "Pe") or character in "⎰⎱⌜⌝⌞⌟"
    return f"\\{character}" if is_sign or is_bracket else character


def character_of(node: Node) -> str:
    """Return the character of a sign, which may be given by a command."""
    text = node["text"]
    return symbol(text) if text.startswith("\\") and len(text) > 1 else text


def letter_code(node: Node) -> str:
    """Return a letter, a digit or another sign without spaces of its own."""
    character = character_of(node)
    if node["mode"] == "text":
        return quoted(character)
    if len(character) > 1:
        return quoted(character)
    code = escaped({"∥": "‖", "∣": "|"}.get(character, character))
    return f'class("normal", {code})' if character in "|/∥∣.:!?" else code


def atom_code(node: Node) -> str:
    """Return an operator, a relation, a delimiter or punctuation."""
    character = character_of(node)
    family = node["family"]
    if family in ("open", "close"):
        character = _DELIMITERS.get(character, character)
    code = escaped(character) if len(character) == 1 else quoted(character)
    unusual = character in ":/|.?!‖"
    return f'class("{_FAMILIES[family]}", {code})' if unusual and family in _FAMILIES else code


def quoted(text: str) -> str:
    """Return words as a string of Typst."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def spaced(words: str) -> list[str]:
    """Return words as parts of code, with the spaces at their ends."""
    inner = words.strip(" ")
    if not inner:
        return [f"#h({0.25 * len(words):g}em)"] if words else []
    begin, end = (
        ("#h(0.25em)" if words.startswith(" ") else ""),
        ("#h(0.25em)" if words.endswith(" ") else ""),
    )
    return [part for part in (begin, quoted(inner), end) if part]


def plain_words(node: Node) -> str | None:
    """Return the words of a part of a text; None if it is no plain text."""
    match node:
        case {"type": "textord" | "mathord" | "atom", "mode": "text"}:
            return character_of(node)
        case {"type": "spacing"}:
            return " " if node["text"] in _SPACES else ""
        case {"type": "accent", "mode": "text", "label": label, "base": base} if (
            label in TEXT_ACCENTS and (letter := plain_words(base))
        ):
            return unicodedata.normalize("NFC", letter + TEXT_ACCENTS[label])
        case {"type": "ordgroup", "body": body}:
            parts = [plain_words(part) for part in body]
            return None if None in parts else "".join(part or "" for part in parts)
        case _:
            return None


def word_of(node: Tree) -> str | None:
    """Return the word that letters and digits make; None if there is anything else."""
    word: str | None = None
    match node:
        case {"type": "mathord" | "textord", "text": text} if text.isalnum() or text in "-.":
            word = str(text)
        case {"type": "atom", "text": "-" | "." as text}:
            word = str(text)
        case {"type": "kern"}:
            word = "\u2009"
        case {"type": "spacing", "text": text} if text in _SPACES:
            word = " "
        case {"type": "ordgroup", "body": body} | list(body):
            parts = [word_of(part) for part in body]
            word = None if None in parts else "".join(part or "" for part in parts)
        case {"type": "font", "font": "mathrm", "body": body}:
            word = word_of(body)
    return word


def delimiter(text: str | None) -> str:
    """Return a delimiter; nothing for the invisible one."""
    if not text or text == ".":
        return ""
    found = _DELIMITERS.get(text)
    if found is None:
        character = text[1:] if text in ("\\{", "\\}") else text
        character = symbol(text) if len(character) > 1 else character
        found = _DELIMITERS.get(character, character)
    return escaped(found)


def length(dimension: Mapping[str, Any]) -> str:
    """Return a length, at most 1000 of its unit.

    Raises
    ------
    FormulaError
        If its unit is one that Typst does not have.
    """
    unit = dimension["unit"]
    if unit not in _UNITS:
        raise FormulaError(f"{dimension['number']}{unit}", "expected a length in em, mu, pt or cm")
    printed = unit if unit in ("pt", "mm", "cm", "in") else "em"
    number = max(-1000.0, min(1000.0, float(dimension["number"]) * _UNITS[unit]))
    return f"{number:.5f}".rstrip("0").rstrip(".") + printed


def space_code(node: Node) -> str:
    """Return a space between words."""
    return "#h(0.25em)" if node["text"] in _SPACES else ""
