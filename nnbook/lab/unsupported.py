"""Numbers in sentences and tables about results that are on no record."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, groupby, pairwise
from typing import Any

from nnbook.experiments.statistics import summarize
from nnbook.lab.language import Words
from nnbook.metrics import METRICS, NUMBER, Marks

FEWEST_DIGITS, MOST_DIGITS = 3, 17
"""With fewer, some record supports nearly every number; no record has more."""

MOST_COMPARED = 60
"""Configurations whose means are compared with each other."""

SHARES = (
    *("accurac", "genauigkeit", "recogni", "erkenn", "erkannt", "classif", "klassifi"),
    *("correct", "korrekt"),
)
LOSSES = ("loss", "verlust", "squared error", "quadratische", "quadratfehler", "mse")
ERRORS = ("error", "fehler")
"""What tells a sentence about results, beside what they are called in tables."""

ON_PART = re.compile(r"\b(?:on|auf|bei)\s+(?:\w+\s+){0,2}(?:test|train|valid)")
PERCENT = re.compile(r"\d\s*\\?%|\b(?:percent|prozent)")
"""Both together tell it, too: a share of what is right needs no name."""

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-zäöü])")
BEGINNING = re.compile(r"\s*(?:[-*+:#>]|\d{1,3}[.)]|\([a-z0-9]{1,3}\))\s")
RULE = frozenset("|:+=- \t")
"""What a line of a table consists of, below its head."""

LONGEST_HEAD = 200
"""Characters of a head, a caption or a row's first cell that are looked at for each cell."""

OF_CAPTION = re.compile(r"\s*(?:$|(?:test|train|valid|mean|sd|std|min|max|mittel|best)\w*)", re.I)
"""Heads of columns that leave it to the caption what was measured."""


@cache
def _pattern(decimal: str) -> re.Pattern[str]:
    """Return what finds numbers: grouped in thousands, as in 1,234.5, or decimal.

    Also as LaTeX has a comma; no date or version, which goes on after the second number.
    """
    group, point = (r"(?:,|\{,\})", r"\.") if decimal == "." else (r"\.", r"(?:,|\{,\})")
    grouped = rf"(?P<grouped>[1-9]\d{{0,2}}(?:{group}\d{{3}})+)(?:{point}(?P<decimals>\d+))?"
    return re.compile(rf"(?<![\w.,{{-])(?:{grouped}|\d+(?:[.,]|\{{,\}})\d+)(?![\w}}]|[.,]\d)")


def typed_numbers(line: str, marks: Marks) -> Iterator[tuple[str, str]]:
    """Yield the decimal numbers of a line that have enough digits: as typed, and with a point.

    >>> list(typed_numbers("1,000 runs: 0.125, and 1,234.5", Marks(".", ",")))
    [('0.125', '0.125'), ('1,234.5', '1234.5')]
    >>> list(typed_numbers("1.000 Läufe: 0,125", Marks(",", ".")))
    [('0,125', '0.125')]
    """
    for match in _pattern(marks.decimal).finditer(line):
        if match["grouped"]:
            if not match["decimals"]:
                continue
            plain = f"{re.sub('[^0-9]', '', match['grouped'])}.{match['decimals']}"
        else:
            plain = match[0].replace("{,}", ".").replace(",", ".")
        if FEWEST_DIGITS <= len(plain.replace(".", "").lstrip("0")) <= MOST_DIGITS:
            yield match[0], plain


def numbers_in(settings: Any) -> Iterator[float]:
    """Yield the numbers among settings, also of lists and tables in them."""
    match settings:
        case bool() | str() | None:
            return
        case int() | float():
            yield abs(float(settings))
        case Mapping():
            for value in settings.values():
                yield from numbers_in(value)
        case list() | tuple():
            for value in settings:
                yield from numbers_in(value)


@dataclass(frozen=True)
class Topic:
    """Which results a sentence speaks of.

    Attributes
    ----------
    shares, losses : bool
        Metrics that are shares, such as an accuracy; and others.
    part : str
        ``"test"`` or ``"validation"`` if it names this part of the data alone.
    """

    shares: bool = False
    losses: bool = False
    part: str = ""

    @classmethod
    def of(cls, text: str, words: Words) -> "Topic":
        """Return that of a text; it may be none.

        >>> Topic.of("Die Testgenauigkeit steigt.", Words("de"))
        Topic(shares=True, losses=False, part='test')
        """
        plain = text.casefold()
        shares = _has(plain, (words["accuracy"].casefold(), *SHARES))
        shares = shares or bool(ON_PART.search(plain) and PERCENT.search(plain))
        losses = _has(plain, (words["loss"].casefold(), *LOSSES))
        for name in LOSSES:
            plain = plain.replace(f"{name} fehler", "").replace(name, "")
        if _has(plain, ERRORS):  # an error rate, or a mean squared error
            shares = losses = True
        parts = re.findall(r"\b(test|train|valid)", text.casefold())
        part = parts[0] if len(set(parts)) == 1 and parts[0] != "train" else ""
        return cls(shares, losses, "validation" if part == "valid" else part)

    def __bool__(self) -> bool:
        """Return whether it is about results."""
        return self.shares or self.losses

    def fits(self, metric: str) -> bool:
        """Return whether a metric is among what it speaks of."""
        is_share = METRICS.get(metric, NUMBER).is_share
        other_part = metric.startswith(("test", "training", "running", "validation"))
        return (self.shares if is_share else self.losses) and not (
            self.part and other_part and not metric.startswith(self.part)
        )


ANY = Topic(shares=True, losses=True)


def _has(text: str, parts: Iterable[str]) -> bool:
    return any(part in text for part in parts)


class Supported:
    """The numbers that a sentence about results may have.

    Parameters
    ----------
    finals : iterable of sequences of mappings of str to float
        For each configuration: what each of its finished runs measured at its end.
    others : iterable of float
        Such as settings, and values of references.
    """

    def __init__(
        self, finals: Iterable[Sequence[Mapping[str, float]]], others: Iterable[float] = ()
    ) -> None:
        self._others = [float(value) for value in others]
        self._values: dict[str, list[float]] = {}
        means: list[tuple[str, float]] = []
        for runs in finals:
            for metric in runs[0] if runs else ():
                values = [run[metric] for run in runs if metric in run]
                summary = summarize(values)
                means.append((metric, summary.mean))
                self._add(metric, *values, summary.mean, summary.sd, summary.low, summary.high)
                if METRICS.get(metric, NUMBER).is_share:  # an error rate is what accuracy leaves
                    self._add(metric, *(1 - value for value in (*values, summary.mean)))
        means.sort()
        for metric, some in groupby(means, key=lambda pair: pair[0]):
            pairs = combinations([mean for _, mean in some][:MOST_COMPARED], 2)
            self._add(metric, *(abs(one - other) for one, other in pairs))
        self._texts: dict[tuple[int, Topic], set[str]] = {}

    def _add(self, metric: str, *values: float) -> None:
        scale = METRICS.get(metric, NUMBER).scale
        there = self._values.setdefault(metric, [])
        there += [abs(value) for value in values]
        there += [abs(scale * value) for value in values] if scale != 1 else []

    def has(self, plain: str, topic: Topic) -> bool:
        """Return whether a number rounds one of those that a sentence may speak of.

        Parameters
        ----------
        plain : str
            As it was typed, with a decimal point.
        topic : Topic
            Of the sentence.
        """
        places = len(plain.partition(".")[2])
        if (places, topic) not in self._texts:
            fitting = [some for metric, some in self._values.items() if topic.fits(metric)]
            self._texts[places, topic] = {
                f"{value:.{places}f}" for some in (self._others, *fitting) for value in some
            }
        return plain in self._texts[places, topic]


def unsupported(
    lines: Iterable[str], supported: Supported, words: Words, *, by_metric: bool = True
) -> Iterator[tuple[int, str]]:
    """Yield the numbers in what is about results that are not supported, with their lines.

    Parameters
    ----------
    lines : iterable of str
    supported : Supported
    words : Words
        Of the language of the lines.
    by_metric : bool
        Whether only records of what a sentence names count. Not of a printed page: beside the
        numbers that were typed it has those of placeholders, which need no name of a metric.
    """
    for topic, pieces in _statements(list(lines), words):
        for number, text in pieces:
            for typed, plain in typed_numbers(text, words.marks):
                if not supported.has(plain, topic if by_metric else ANY):
                    yield number, typed


_Pieces = list[tuple[int, str]]
"""Lines from 1, and what is in each."""


def _statements(lines: Sequence[str], words: Words) -> Iterator[tuple[Topic, _Pieces]]:
    """Yield sentences and cells of tables that are about results, in the order of the lines."""
    for block, after in pairwise([*_blocks(lines), []]):
        rule = next((n for n, (_, line) in enumerate(block) if _is_rule(line)), 0)
        if rule:
            caption = " ".join(line for _, line in after if after[0][1].lstrip().startswith(":"))
            yield from _cells(block, rule, caption[:LONGEST_HEAD], words)
            continue
        for pieces in _sentences(block):
            if topic := Topic.of(" ".join(text for _, text in pieces), words):
                yield topic, pieces


def _is_rule(line: str) -> bool:
    return "|" in line and "-" in line and RULE.issuperset(line.rstrip())


def _blocks(lines: Sequence[str]) -> Iterator[_Pieces]:
    """Yield paragraphs, items of lists, and tables."""
    block: _Pieces = []
    for number, line in enumerate(lines, start=1):
        if block and (not line.strip() or BEGINNING.match(line)):
            yield block
            block = []
        if line.strip():
            block.append((number, line))
    if block:
        yield block


def _sentences(block: _Pieces) -> Iterator[_Pieces]:
    """Yield the sentences of a paragraph; one may run over several lines."""
    sentence: _Pieces = []
    for number, line in block:
        # A capital letter at the start of a line begins a sentence if the one before has ended.
        if sentence and re.search(r"[.!?]\s*$", sentence[-1][1]) and line[:1].isupper():
            yield sentence
            sentence = []
        first, *rest = SENTENCE.split(line)
        sentence.append((number, first))
        for other in rest:
            yield sentence
            sentence = [(number, other)]
    yield sentence


def _cells(
    block: _Pieces, rule: int, caption: str, words: Words
) -> Iterator[tuple[Topic, _Pieces]]:
    """Yield the cells of a table; head or row say what they are, or leave it to the caption."""
    rows = [(number, line.strip().strip("|").split("|")) for number, line in block]
    heads: list[str] = []
    for _, cells in rows[:rule]:
        heads += [""] * (len(cells) - len(heads))
        for column, cell in enumerate(cells):
            heads[column] = f"{heads[column]} {cell}"[:LONGEST_HEAD]
    for number, cells in rows[rule + 1 :]:
        for column, cell in enumerate(cells):
            head = heads[column] if column < len(heads) else ""
            topic = Topic.of(f"{head} {cells[0][:LONGEST_HEAD]}", words)
            if not topic and OF_CAPTION.match(head):
                topic = Topic.of(f"{caption} {head}", words)
            if topic:
                yield topic, [(number, cell)]
