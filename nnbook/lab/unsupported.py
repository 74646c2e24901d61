"""Numbers in sentences about results that are on no record."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, groupby
from typing import Any

from nnbook.experiments.statistics import summarize
from nnbook.lab.language import Words
from nnbook.metrics import METRICS, NUMBER

FEWEST_DIGITS, MOST_DIGITS = 3, 17
"""No record has more."""

MOST_COMPARED = 60
"""Configurations whose means are compared with each other."""

TYPED = re.compile(r"(?<![\w.,{-])(\d+(?:[.,]|\{,\})\d+)(?![\w}]|[.,]\d)")
"""Also as LaTeX has a decimal comma; no date or version, which goes on after the second number."""

RESULTS = ("error", "fehler", "accurac", "genauigkeit", "loss", "verlust")
"""What tells a sentence about results, beside what they are called in tables."""


def typed_numbers(line: str) -> Iterator[tuple[str, str]]:
    """Yield the decimal numbers of a line that have enough digits: as typed, and with a point."""
    for match in TYPED.finditer(line):
        plain = match[1].replace("{,}", ".").replace(",", ".")
        if FEWEST_DIGITS <= len(plain.replace(".", "").lstrip("0")) <= MOST_DIGITS:
            yield match[1], plain


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
        self._values = [float(value) for value in others]
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
        self._texts: dict[int, set[str]] = {}

    def _add(self, metric: str, *values: float) -> None:
        scale = METRICS.get(metric, NUMBER).scale
        self._values += [abs(value) for value in values]
        self._values += [abs(scale * value) for value in values] if scale != 1 else []

    def __contains__(self, plain: str) -> bool:
        """Return whether a number, as it was typed with a decimal point, rounds one of them."""
        places = len(plain.partition(".")[2])
        if places not in self._texts:
            self._texts[places] = {f"{value:.{places}f}" for value in self._values}
        return plain in self._texts[places]


def is_about_results(line: str, words: Words) -> bool:
    """Return whether a line speaks of losses, errors or accuracies.

    >>> is_about_results("Die Testgenauigkeit steigt.", Words("de"))
    True
    """
    plain = line.casefold()
    names = (words["loss"], words["accuracy"], *RESULTS)
    return any(name.casefold() in plain for name in names)


def unsupported(
    lines: Iterable[str], supported: Supported, words: Words
) -> Iterator[tuple[int, str]]:
    """Yield the numbers in lines about results that are not supported, with the line's number."""
    for number, line in enumerate(lines, start=1):
        if is_about_results(line, words):
            for typed, plain in typed_numbers(line):
                if plain not in supported:
                    yield number, typed
