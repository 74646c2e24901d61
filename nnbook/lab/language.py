"""What a report says in its own voice, and how it writes numbers: English and German."""

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from nnbook.metrics import (
    METRICS,
    NO_BREAK,
    NUMBER,
    Language,
    Shown,
    metric,
    show,
    significant_places,
    write,
)


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
        """Return a text; a metric without one has its English label."""
        texts = read_resource("words.toml")[self.language]
        return str(texts[key] if key in texts else metric(key).label)

    def fill(self, key: str, **fields: object) -> str:
        """Return a text with its fields filled in."""
        return self[key].format(**fields)

    def number(self, number: float, digits: int) -> str:
        """Return a number with some significant digits.

        >>> Words("de").number(0.012345, 3)
        '0,0123'
        """
        return write(number, significant_places(number, digits), self.language)

    def show(
        self,
        metric: str,
        value: float,
        low: float = math.nan,
        high: float = math.nan,
        *,
        places: int | None = None,
    ) -> Shown:
        """Return a value of a metric, with its interval, as text (see `nnbook.metrics.show`)."""
        what = METRICS.get(metric, NUMBER)
        return show(what, value, low, high, places=places, language=self.language)

    def interval(self, shown: Shown) -> str:
        """Return the interval of a number, with its unit, so that no line breaks in it."""
        return f"{shown.low} {self['to']} {shown.high}{shown.unit}".replace(" ", NO_BREAK)
