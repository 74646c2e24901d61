"""The bibliography in the order of the names and years by which the text cites works.

It is pybtex's plain style with other labels, and in an order that heeds neither braces nor accents.
Works that would be cited alike have a letter behind their year, in the text as in the bibliography.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pybtex.plugin import register_plugin  # type: ignore[import-untyped]
from pybtex.richtext import Text  # type: ignore[import-untyped]
from pybtex.style.formatting import plain  # type: ignore[import-untyped]
from pybtex.style.labels import BaseLabelStyle  # type: ignore[import-untyped]
from pybtex.style.sorting import author_year_title  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


_LETTERS = "abcdefgh"


def setup(app: Sphinx) -> None:
    """Register the style `author_year`."""
    register_plugin("pybtex.style.formatting", "author_year", Style, force=True)
    app.connect("env-before-read-docs", _tell_years_apart)


def name_of(entry: Any) -> str:
    """Return how the text calls a work: its authors and its year.

    Examples
    --------
    >>> from pybtex.database import Entry, Person
    >>> name_of(Entry("misc", {"year": "2017"}, {"author": [Person("van Laarhoven, Twan")]}))
    'van Laarhoven 2017'
    """
    authors = entry.persons.get("author", [])
    last = [" ".join(person.prelast_names + person.last_names) for person in authors]
    names = last[0] + " et al." if len(last) > 2 else " and ".join(last)
    return str(Text.from_latex(f"{names or entry.key} {entry.fields.get('year', '')}".strip()))


def tell_years_apart(entries: Iterable[Any]) -> None:
    """Put a letter behind the year of works that have authors and year in common.

    Parameters
    ----------
    entries
        Of pybtex; those that have a letter from an earlier call keep it.
    """
    alike = defaultdict(list)
    for entry in entries:
        year = entry.fields.get("year", "").rstrip(_LETTERS)
        if year:
            entry.fields["year"] = year
            alike[name_of(entry)].append(entry)
    for works in alike.values():
        if len(works) > 1:
            works.sort(key=_Sorting().sorting_key)
            for letter, entry in zip(_LETTERS, works, strict=False):
                entry.fields["year"] += letter


def _tell_years_apart(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    bibliography: Any = env.get_domain("cite")
    tell_years_apart(bibliography.bibdata.data.entries.values())


class _Labels(BaseLabelStyle):  # type: ignore[misc]
    def format_labels(self, sorted_entries: Iterable[Any]) -> Iterator[str]:
        yield from map(name_of, sorted_entries)


class _Sorting(author_year_title.SortingStyle):  # type: ignore[misc]
    def sorting_key(self, entry: Any) -> tuple[str, ...]:
        return tuple(map(_letters, super().sorting_key(entry)))


def _letters(text: str) -> str:
    r"""Return a text as it is sorted.

    Examples
    --------
    >>> _letters(r"{{Mont{\\'u}far Institute}}")
    'montufar institute'
    """
    plain_text = unicodedata.normalize("NFD", str(Text.from_latex(text)))
    return re.sub(r"[^\w\s]", "", plain_text).lower()


class Style(plain.Style):  # type: ignore[misc]
    """The plain style, in the order of authors and years, which are the labels."""

    default_label_style = _Labels
    default_sorting_style = _Sorting
