"""Mathematics in figures as text that flows, whatever font a reader has."""

from __future__ import annotations

import re
import unicodedata

_ITALIC, _END, _RAISED, _LOWERED, _LEVEL = "\ue000\ue001\ue002\ue003\ue004"
_SYMBOLS = {"times": "×", "cdot": "·", "partial": "∂", "approx": "≈", "infty": "∞", "pm": "±"}
_SYMBOLS |= {"leq": "≤", "geq": "≥", "ell": "ℓ", "to": "→", "|": "‖", ",": "\u2009", "%": "%"}
_UPRIGHT = {"mathdefault", "mathrm", "text", "operatorname"}
_NAMES = {"max", "min", "log", "exp", "ln"}
_HIGH = str.maketrans("0123456789-−+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁺")
_LOW = str.maketrans("0123456789-−+", "₀₁₂₃₄₅₆₇₈₉₋₋₊")
_TOKEN = re.compile(r"\\([A-Za-z]+|.)|([_^{}])|\s+|([^\\_^{}\s])")
_MARKS = {_ITALIC: '<tspan font-style="italic">', _END: "</tspan>"}


class _NotFlowingError(Exception):
    """A formula that has more than one line."""


def flowing(text: str) -> str | None:
    r"""Return a text with mathematics between dollars as one line; None if it needs more.

    Examples
    --------
    >>> flowing(r"$\mathdefault{10^{-3}}$")
    '10⁻³'
    >>> markup(flowing(r"rate $\eta$"))
    'rate <tspan font-style="italic">η</tspan>'
    >>> flowing(r"$\frac{1}{2}$") is None
    True
    """
    parts = re.split(r"(?<!\\)\$", text)
    if len(parts) % 2 == 0:
        return None
    try:
        parts[1::2] = [_Formula(part).line() for part in parts[1::2]]
    except _NotFlowingError:
        return None
    return "".join(parts).replace(r"\$", "$")


def markup(svg: str) -> str:
    """Return SVG whose marks of `flowing` have become elements."""
    for mark, element in _MARKS.items():
        svg = svg.replace(mark, element)
    # A shift holds for all that follows: so what follows is shifted back.
    svg = re.sub(
        f"{_RAISED}(.*?){_LEVEL}([^<{_RAISED}{_LOWERED}]*)",
        r'<tspan dy="-.5em" font-size="70%">\1</tspan><tspan dy=".35em">\2</tspan>',
        svg,
    )
    return re.sub(
        f"{_LOWERED}(.*?){_LEVEL}([^<{_RAISED}{_LOWERED}]*)",
        r'<tspan dy=".3em" font-size="70%">\1</tspan><tspan dy="-.21em">\2</tspan>',
        svg,
    )


class _Formula:
    def __init__(self, tex: str) -> None:
        self._tokens = [found for found in _TOKEN.finditer(tex) if found[0].strip()]

    def line(self, upright: bool = False) -> str:
        made = []
        while self._tokens and self._tokens[0][0] != "}":
            made.append(self._one(upright))
        return "".join(made)

    def _one(self, upright: bool) -> str:
        token = self._tokens.pop(0)
        command, structure, letter = token.groups()
        if structure == "{":
            inside = self.line(upright)
            if not self._tokens:
                raise _NotFlowingError
            self._tokens.pop(0)
            return inside
        if structure in {"^", "_"}:
            return self._shifted(structure == "^", upright)
        if command:
            return self._command(command)
        return letter if upright or not letter.isalpha() else f"{_ITALIC}{letter}{_END}"

    def _shifted(self, raised: bool, upright: bool) -> str:
        if not self._tokens:
            raise _NotFlowingError
        inside = self._one(upright)
        small = inside.translate(_HIGH if raised else _LOW)
        if not any(a == b for a, b in zip(inside, small, strict=True)):
            return small
        return f"{_RAISED if raised else _LOWERED}{inside}{_LEVEL}"

    def _command(self, name: str) -> str:
        if name in _UPRIGHT and self._tokens:
            return self._one(upright=True)
        if name in _NAMES:
            return name
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        case = "CAPITAL" if name[0].isupper() else "SMALL"
        try:
            letter = unicodedata.lookup(f"GREEK {case} LETTER {name.replace('lambda', 'lamda')}")
        except KeyError:
            raise _NotFlowingError from None
        return f"{_ITALIC}{letter}{_END}"


def unmarked(text: str) -> str:
    """Return the text of `flowing` without its marks."""
    return re.sub(f"[{_ITALIC}{_END}{_RAISED}{_LOWERED}{_LEVEL}]", "", text)
