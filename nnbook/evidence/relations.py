"""Relations: what a claim says of its values, read from one line of text.

========================  =======================================================================
``a < b``, ``a > b``      *larger*: one mean is above the other. ``1 < a < b`` is two relations.
``a > b by 0.003``        *larger*, by at least so much; for a ratio, by such a factor.
``a ~ b within NAME``     *equivalent*: they differ by less than a margin, which the file names and
                          gives a reason for.
``a ? b``                 *undecided*: the runs do not show which is larger.
``a = b``                 *exact*: every run has this value, to the decimals of a typed number;
                          a whole number is meant exactly.
``a < 0.1 on record``     *exact*: so is the mean of the runs on record; nothing is said of others.
                          For a number that guards what the text says, not for a comparison.
========================  =======================================================================
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from nnbook.errors import ClaimError

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
"""How a number is typed: 3, -0.5, +.5, 1e-3, 1E5."""

Sign = Literal["<", ">", "~", "?", "="]

_NAME = r"[A-Za-z][\w-]*"
_TERM = rf"(?:{NUMBER}|{_NAME})"
_CHAIN = re.compile(
    rf"\s*({_TERM}(?:\s*[<>~?=]\s*{_TERM})+)(?:\s+(by|within)\s+({_TERM})|\s+(on record))?\s*"
)


@dataclass(frozen=True)
class Number:
    """A number that is typed in a claim.

    Attributes
    ----------
    text : str
        As it is typed: its decimals say how exactly it is meant.
    """

    text: str

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)

    @property
    def decimals(self) -> int:
        """Number of decimals with which it is typed, such as 3 for 0.125 and for 1e-3."""
        exponent = Decimal(self.text).as_tuple().exponent
        return -exponent if isinstance(exponent, int) else 0

    def __str__(self) -> str:
        """Return it as it is typed."""
        return self.text


Term = Number | str
"""A typed number, or the name of a value of the claim."""


@dataclass(frozen=True)
class Relation:
    """One relation between two terms.

    Attributes
    ----------
    left : Number or str
    sign : {"<", ">", "~", "?", "="}
    right : Number or str
    by : Number or str, optional
        Least difference of a *larger*, or margin of an *equivalent*: a number or a margin's name.
    on_record : bool
        Whether it is of the mean of the runs on record.
    """

    left: Term
    sign: Sign
    right: Term
    by: Term | None = None
    on_record: bool = False

    def __str__(self) -> str:
        """Return the relation as it is written."""
        word = "within" if self.sign == "~" else "by"
        bound = f" {word} {self.by}" if self.by is not None else ""
        of = " on record" if self.on_record else ""
        return f"{self.left} {self.sign} {self.right}{bound}{of}"


def relations(text: object) -> list[Relation]:
    """Return the relations in a line of text; a chain such as ``a < b < c`` is several.

    Raises
    ------
    ClaimError
        If it is none.

    Examples
    --------
    >>> [str(relation) for relation in relations("0.9 < a < b")]
    ['0.9 < a', 'a < b']
    >>> str(relations("a ~ b within accuracy")[0])
    'a ~ b within accuracy'
    """
    found = _CHAIN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ClaimError(
            f"{text!r}: expected a relation such as 'a < b', '0.9 < a < 1', 'a > b by 0.01', "
            "'a ~ b within MARGIN', 'a ? b', 'a = 0.1' or 'a < 1 on record'"
        )
    chain, word, by, on_record = found.groups()
    parts = re.split(r"\s*([<>~?=])\s*", chain)
    terms, signs = [_term(part) for part in parts[::2]], parts[1::2]
    _check(text, signs, word)
    if on_record and not set(signs) <= {"<", ">"}:
        raise ClaimError(f"{text!r}: expected 'on record' after '<' and '>' only")
    bound = _term(by) if by else None
    links = zip(terms[:-1], signs, terms[1:], strict=True)
    return [
        Relation(left, sign, right, bound, on_record is not None)  # type: ignore[arg-type]
        for left, sign, right in links
    ]


def _check(text: object, signs: list[str], word: str | None) -> None:
    if word and len(signs) > 1:
        raise ClaimError(f"{text!r}: expected {word!r} after two terms, not after a chain")
    if "~" in signs and word != "within":
        raise ClaimError(
            f"{text!r}: what is not shown to differ is not shown to be equal; expected a margin, "
            "'a ~ b within MARGIN', or 'a ? b' for a comparison that the runs leave undecided"
        )
    if word == "within" and signs != ["~"]:
        raise ClaimError(f"{text!r}: expected 'within' after 'a ~ b' only")
    if word == "by" and signs not in (["<"], [">"]):
        raise ClaimError(f"{text!r}: expected 'by' after 'a < b' or 'a > b' only")


def _term(text: str) -> Term:
    return Number(text) if re.fullmatch(NUMBER, text) else text
