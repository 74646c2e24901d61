r"""Formulas as plain text, for search, titles and alternative texts: ``\frac{1}{2}`` is 1/2.

The text is read off the MathML, so that all that can be set can also be said.
"""

from __future__ import annotations

import re
import unicodedata
from xml.etree import ElementTree as ET

_RAISED = str.maketrans(
    "0123456789+−=()nijkhlrswxyzabcdefgmoptuvTLNKMBW⊤∗′",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱʲᵏʰˡʳˢʷˣʸᶻᵃᵇᶜᵈᵉᶠᵍᵐᵒᵖᵗᵘᵛᵀᴸᴺᴷᴹᴮᵂᵀ*′",
)
_LOWERED = str.maketrans(
    "0123456789+−=()aeijklmnoprstuvxhβγρ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓₕᵦᵧᵨ"
)
_ACCENTS = {
    "^": "\u0302",
    "ˆ": "\u0302",
    "~": "\u0303",
    "˜": "\u0303",
    "ˉ": "\u0304",
    "¯": "\u0304",
    "‾": "\u0304",
    "→": "\u20d7",
    "⃗": "\u20d7",
    "˙": "\u0307",
    "¨": "\u0308",
}
_MARKS = "".join(map(chr, [*_RAISED.values(), *_LOWERED.values()]))
_BRACES = {"⏞", "⏟"}
_NUMBER = re.compile(r"\d[\d.,]*")
_LETTER = re.compile(rf"∂|[∂√]?[^\W\d_][\u0300-\u036f{re.escape(_MARKS)}]*")
_APPLIED = re.compile("\u2061(?=[\\w√∑])")  # log x, but max(x)
_INVISIBLE = re.compile("[\u200b\u2061-\u2064]")


def plain(mathml: str) -> str:
    r"""Return the text of a formula.

    Parameters
    ----------
    mathml
        What `Formulas.mathml` returns.

    Examples
    --------
    >>> plain("<math><mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mi>b</mi></mfrac></math>")
    '(a+1)/b'
    """
    text = _text(ET.fromstring(re.sub(r' xmlns="[^"]*"', "", mathml)))
    text = _INVISIBLE.sub("", _APPLIED.sub(" ", text))
    text = re.sub(r"\s*([=≈≤≥<>≪≫≠←→∝∼∈])\s*", r" \1 ", text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _text(node: ET.Element) -> str:  # noqa: PLR0911, PLR0912 - one for each kind of element
    parts = [_text(child) for child in node]
    match node.tag:
        case "mfrac":
            return "/".join(map(_grouped, parts))
        case "msqrt":
            return "√" + _grouped("".join(parts))
        case "mroot":
            return f"{_shifted(parts[1], _RAISED, '^')}√{_grouped(parts[0])}"
        case "msup":
            return parts[0] + _shifted(parts[1], _RAISED, "^")
        case "munder" | "mover" if parts[1].strip() in _BRACES:
            return parts[0]
        case "munder" | "mover" if _has_brace(node[0]):
            return f"{parts[0]} ({parts[1].strip()})"
        case "msub" | "munder":
            base = parts[0].rstrip("\u2061 ")
            return base + _shifted(parts[1], _LOWERED, "_") + parts[0][len(base) :]
        case "msubsup" | "munderover":
            return parts[0] + _shifted(parts[1], _LOWERED, "_") + _shifted(parts[2], _RAISED, "^")
        case "mover":
            return _accented(*parts)
        case "mtable":
            return "; ".join(parts)
        case "mtr":
            return " ".join(part for part in parts if part)
        case "mspace":
            return " "
        case "mo" if len(node.text or "") > 1:
            return f"{node.text} "
        case _:
            return (node.text or "").replace("\n", " ") + "".join(parts)


def _has_brace(node: ET.Element) -> bool:
    """Say whether a part of a formula has a brace, beside which stands what it is."""
    while node.tag == "mrow" and len(node) == 1:
        node = node[0]
    return node.tag in {"munder", "mover"} and _text(node[1]).strip() in _BRACES


def _grouped(text: str) -> str:
    """Return a text in parentheses, unless it is a number or one letter with its marks."""
    is_one = _NUMBER.fullmatch(text) or _LETTER.fullmatch(text) or _is_enclosed(text)
    return text if is_one else f"({text})"


def _is_enclosed(text: str) -> bool:
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return letter == ")" and place == len(text) - 1
    return False


def _shifted(text: str, letters: dict[int, int], mark: str) -> str:
    """Return an exponent or index in small letters, where there are such."""
    if all(ord(letter) in letters for letter in text):
        return text.translate(letters)
    return mark + (text if len(text) == 1 else f"({text})")


def _accented(base: str, over: str) -> str:
    accent = _ACCENTS.get(over.strip())
    if accent is None:
        return base + _shifted(over, _RAISED, "^")
    return base[0] + accent + base[1:] if _LETTER.fullmatch(base) else f"({base}){accent}"
