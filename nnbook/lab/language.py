"""What a report says in its own voice, and how it writes numbers: English and German."""

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from nnbook.experiments.statistics import Summary

Language = Literal["en", "de"]

DIGITS_OF_MARGIN = 2
DIGITS_WITHOUT_MARGIN = 4
MOST_PLACES = 8

SMALLEST_MARGIN = 1e-9
"""Relative margin below which runs differ by rounding errors only."""


@cache
def read_resource(name: str) -> dict[str, Any]:
    """Return the content of a TOML file beside this module."""
    return tomllib.loads(files(__package__).joinpath(name).read_text("utf-8"))


@dataclass(frozen=True)
class Exercise:
    """An exercise of the lab: its number, its title and what it asks, in short."""

    number: str
    title: str
    asks: str


def exercises(language: Language) -> dict[str, Exercise]:
    """Return the exercises of the lab by number, in order."""
    return {
        number: Exercise(number, text["title"][language], text["asks"][language])
        for number, text in read_resource("exercises.toml").items()
    }


@dataclass(frozen=True)
class Words:
    """The words of a language, and its way to write numbers.

    Parameters
    ----------
    language : {"en", "de"}

    Examples
    --------
    >>> Words("de")["test_loss"]
    'Testverlust'
    """

    language: Language

    def __getitem__(self, key: str) -> str:
        """Return a text; the name of a metric for which there is none is its own text."""
        return str(read_resource("words.toml")[self.language].get(key, key.replace("_", " ")))

    def fill(self, key: str, **fields: object) -> str:
        """Return a text with its fields filled in."""
        return self[key].format(**fields)

    def decimal(self, number: float, places: int) -> str:
        """Return a number with `places` decimals; a tiny or huge one with a power of ten.

        >>> Words("en").decimal(-0.0123, 3), Words("de").decimal(0.0123, 3)
        ('−0.012', '0,012')
        >>> Words("en").decimal(1.234e-7, 10)
        '1.234 · 10⁻⁷'
        """
        if not math.isfinite(number):
            return "–"
        if number and (places > MOST_PLACES or abs(number) >= 1e6):
            exponent = math.floor(math.log10(abs(number)))
            mantissa = f"{number / 10.0**exponent:.{max(places + exponent, 0)}f}"
            power = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
            text = f"{mantissa} · 10{power}"
        else:
            text = f"{round(number, places):.{max(places, 0)}f}"
        if not any(digit in text for digit in "123456789"):
            text = text.lstrip("-")
        text = text.replace("-", "\N{MINUS SIGN}")
        return text.replace(".", ",") if self.language == "de" else text

    def number(self, number: float, digits: int = DIGITS_WITHOUT_MARGIN) -> str:
        """Return a number with some significant digits."""
        return self.decimal(number, max(_places(number, digits), 0))


@dataclass(frozen=True)
class Shown:
    """A summary of runs as text: mean, standard deviation and ends of the interval."""

    mean: str
    sd: str
    low: str
    high: str
    unit: str


def is_share(metric: str) -> bool:
    """Return whether a metric is shown in percent."""
    return metric.endswith("accuracy")


def show(summary: Summary, metric: str, words: Words) -> Shown:
    """Return a summary as text, rounded to what its interval supports; accuracies in percent."""
    scale = 100.0 if is_share(metric) else 1.0
    margin = scale * (summary.high - summary.low) / 2
    if margin > SMALLEST_MARGIN * abs(scale * summary.mean):  # not for nan
        places = max(_places(margin, DIGITS_OF_MARGIN), 0)
    else:
        places = 2 if is_share(metric) else max(_places(summary.mean, DIGITS_WITHOUT_MARGIN), 0)
    mean, sd, low, high = (
        words.decimal(scale * value, places)
        for value in (summary.mean, summary.sd, summary.low, summary.high)
    )
    return Shown(mean, sd, low, high, unit="\N{NO-BREAK SPACE}%" if is_share(metric) else "")


def _places(number: float, digits: int) -> int:
    """Return how many decimals show `digits` significant digits of a number."""
    if not number or not math.isfinite(number):
        return digits
    return digits - 1 - math.floor(math.log10(abs(number)))
