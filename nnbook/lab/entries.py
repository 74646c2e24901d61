"""A number that was computed by hand, as it was typed: kept as text, and read exactly."""

import re
from dataclasses import dataclass
from fractions import Fraction

from nnbook.lab.backpropagation import MOST_CHARACTERS, SYMBOL

_ETA = re.compile(r"\\?eta|η")
_NUMBER = (
    r"(?P<whole>[0-9]+)(?:[.,](?P<decimals>[0-9]+))?(?:[eE](?P<exponent>[+-]?[0-9]{1,2}))?"
    r"(?:\s*/\s*(?P<denominator>[0-9]+))?"
)
_TERM = re.compile(
    rf"\s*(?P<sign>[+-])?\s*(?:{_NUMBER})?(?P<eta>\s*[*·]?\s*{SYMBOL}(?:\s*/\s*(?P<below>[0-9]+))?)?"
)


@dataclass(frozen=True)
class Typed:
    """A number as it was typed.

    Attributes
    ----------
    value : Fraction
    places : int, optional
        Decimals to which it may be rounded; None if it is exact: a whole number or a fraction.
    text : str
        Without its sign.
    """

    value: Fraction
    places: int | None
    text: str


ZERO = Typed(Fraction(0), None, "0")


@dataclass(frozen=True)
class Entry:
    """A value: a number, and what is multiplied with the learning rate.

    Attributes
    ----------
    constant, slope : Typed
    text : str
        Both, as typed.
    slope_first : bool
        Whether the learning rate stands before the number.
    """

    constant: Typed
    slope: Typed
    text: str
    slope_first: bool = False


def read_entry(text: str) -> Entry | None:
    """Return the value that a text is; None if it is none.

    >>> entry = read_entry("2 - 0,50 eta")
    >>> entry.constant.value, entry.slope.value, entry.slope.places
    (Fraction(2, 1), Fraction(-1, 2), 2)
    """
    if len(text) > 2 * MOST_CHARACTERS:
        return None
    plain = _ETA.sub(SYMBOL, text.strip().replace("\N{MINUS SIGN}", "-"))
    parts: dict[bool, Typed] = {}
    position = 0
    while position < len(plain) or not parts:
        term = _TERM.match(plain, position)
        if term is None or term.end() == position or (parts and not term["sign"]):
            return None
        position = term.end()
        number = _number(term)
        if number is None or bool(term["eta"]) in parts:
            return None
        parts[bool(term["eta"])] = number
    slope_first = next(iter(parts)) and len(parts) > 1
    return Entry(parts.get(False, ZERO), parts.get(True, ZERO), text.strip(), slope_first)


def _number(term: re.Match[str]) -> Typed | None:
    whole, decimals, exponent = term["whole"], term["decimals"], term["exponent"]
    below, eta = term["below"], bool(term["eta"])
    if whole is None and not eta:
        return None
    over = [part for part in (term["denominator"], below) if part]
    text = term["whole"] or "1"
    if len(text) + len(decimals or "") > MOST_CHARACTERS or any(
        len(part) > MOST_CHARACTERS or not int(part) for part in over
    ):
        return None
    if over and (decimals or exponent or len(over) > 1):
        return None
    value, places = Fraction(int(text)), None
    if decimals or exponent:
        power = int(exponent or 0)
        places = len(decimals or "") - power
        value = Fraction(int(text + (decimals or ""))) / 10 ** len(decimals or "")
        value *= Fraction(10) ** power
        text += f".{decimals}" if decimals else ""
        text += f"e{power}" if exponent else ""
    if over:
        value /= int(over[0])
        text += f"/{over[0]}"
    return Typed(-value if term["sign"] == "-" else value, places, text)
