"""What a report says in its own voice, and how it writes numbers: a language is a file."""

import math
import string
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from nnbook.errors import LabError, nearest
from nnbook.lab.files import read_text
from nnbook.metrics import (
    METRICS,
    NO_BREAK,
    NUMBER,
    Marks,
    Shown,
    metric,
    show,
    significant_places,
    write,
)
from nnbook.schema import MOST_BYTES, parse, parse_toml


class Language(BaseModel):
    """The content of a file of words.

    Attributes
    ----------
    decimal, group : str
        What stands before the decimals, and between groups of three digits.
    texts : dict of str to str
        All that the report says; the fields of a text are those of the English one.
    metrics, settings, values : dict of str to str
        What metrics, settings and some of their values are called; English where they lack one.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    decimal: str
    group: str
    texts: dict[str, str]
    metrics: dict[str, str] = {}
    settings: dict[str, str] = {}
    values: dict[str, str] = {}


@cache
def known_language(name: str) -> Language:
    """Return a language that comes with the package."""
    text = files(__package__).joinpath("words", f"{name}.toml").read_text("utf-8")
    return Language.model_validate(tomllib.loads(text))


def known_languages() -> list[str]:
    """Return the languages that come with the package."""
    folder = files(__package__).joinpath("words")
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir())


def read_language(path: Path) -> Language:
    """Return the language that a file of a lab's definition holds.

    Raises
    ------
    LabError
        If a text is missing or unknown, or has other fields than the English one.
    """
    found = parse(Language, parse_toml(read_text(path, MOST_BYTES), path, LabError), str(path))
    english = known_language("en").texts
    for problem in _problems(found.texts, english):
        raise LabError(f"{path}: [texts] {problem}")
    return found


def _problems(texts: Mapping[str, str], english: Mapping[str, str]) -> Iterator[str]:
    for key in english.keys() - texts.keys():
        yield f"{key}: missing; in English it is {english[key]!r}"
    for key, text in texts.items():
        if key not in english:
            yield f"unknown key {key!r}, {nearest(key, english)}"
        elif (fields := _fields(text)) != (expected := _fields(english[key])):
            yield f"{key}: expected {_listed(expected)}, received {_listed(fields)}"
    if len(texts["months"].split()) != 12:
        yield "months: expected the names of the twelve months with blanks between them"


def _fields(text: str) -> set[str]:
    """Return the fields of a text; what a field could reach into, such as its attributes, too."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return {text}
    return {
        f"{{{field}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}}}"
        for _, field, form, conversion in parts
        if field is not None
    }


def _listed(fields: Collection[str]) -> str:
    return f"the fields {', '.join(sorted(fields))}" if fields else "no fields"


@dataclass(frozen=True)
class Words:
    """The words of a language, and its way to write numbers.

    Parameters
    ----------
    language : str
        Its code, such as ``"de"``.
    path : path, optional
        A file of words; by default the one of this language in the package.

    Examples
    --------
    >>> Words("de")["test_loss"], Words("de").setting("hidden_layers")
    ('Testverlust', 'verdeckte Schichten')
    """

    language: str
    path: Path | None = None

    @cached_property
    def content(self) -> Language:
        """What the file of the language holds."""
        return read_language(self.path) if self.path else known_language(self.language)

    @property
    def marks(self) -> Marks:
        """How numbers are written."""
        return Marks(self.content.decimal, self.content.group)

    def __getitem__(self, key: str) -> str:
        """Return a text, or the name of a metric; one without has its English label."""
        if key in (content := self.content).texts:
            return content.texts[key]
        return content.metrics.get(key) or metric(key).label

    def setting(self, key: str) -> str:
        """Return what a setting is called.

        >>> Words("en").setting("optimizer.beta_2")
        'optimizer: beta 2'
        """
        return self.content.settings.get(key) or key.replace("_", " ").replace(".", ": ")

    def value(self, value: str) -> str:
        """Return what one of the values that have names is called.

        >>> Words("de").value("mean_squared_error"), Words("en").value("mean_squared_error")
        ('mittlerer quadratischer Fehler', 'mean squared error')
        """
        return self.content.values.get(value) or value.replace("_", " ")

    def fill(self, key: str, **fields: object) -> str:
        """Return a text with its fields filled in."""
        return self[key].format(**fields)

    def series(self, texts: Iterable[str]) -> str:
        """Return texts one after another, with semicolons where commas are in numbers.

        >>> Words("en").series(["0.1", "0.3"]), Words("de").series(["0,1", "0,3"])
        ('0.1, 0.3', '0,1; 0,3')
        """
        some = list(texts)
        return ("; " if any("," in text for text in some) else ", ").join(some)

    def points(self, number: float) -> str:
        """Return a number of points in words.

        >>> Words("en").points(1), Words("de").points(2.5)
        ('1 point', '2,5 Punkte')
        """
        if number == 1:
            return self["one_point"]
        return self.fill("points", points=f"{number:g}".replace(".", self.marks.decimal))

    def count(self, number: int) -> str:
        """Return a whole number.

        >>> Words("en").count(1234567)
        '1,234,567'
        """
        return write(number, 0, self.marks)

    def number(self, number: float, digits: int) -> str:
        """Return a number with some significant digits.

        >>> Words("de").number(0.012345, 3)
        '0,0123'
        """
        return write(number, significant_places(number, digits), self.marks)

    def show(
        self,
        metric: str,
        value: float,
        low: float = math.nan,
        high: float = math.nan,
        *,
        places: int | None = None,
    ) -> Shown:
        """Return a value of a metric, with its interval, as text (see `nnbook.metrics.show`).

        Of what cannot be below 0, such as a loss, no interval begins below it.

        >>> shown = Words("en").show("test_loss", 0.0021, -0.0013, 0.0055)
        >>> str(shown), shown.low, shown.high
        ('0.0021', '0.0000', '0.0055')
        """
        what = METRICS.get(metric, NUMBER)
        shown = show(what, value, low, high, places=places, marks=self.marks)
        if low < 0 <= value and what.better == "lower":  # as all losses, errors and times
            return show(what, value, 0.0, high, places=shown.places, marks=self.marks)
        return shown

    def interval(self, shown: Shown) -> str:
        """Return the interval of a number, with its unit, so that no line breaks in it.

        A dash if it has none, as where all runs agree.
        """
        if shown.low == shown.high == "–":
            return shown.low
        return f"{shown.low} {self['to']} {shown.high}{shown.unit}".replace(" ", NO_BREAK)
