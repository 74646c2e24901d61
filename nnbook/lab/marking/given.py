"""What a lab gives to all teams: that two reports have it says nothing about who wrote them."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nnbook.lab import files
from nnbook.lab.definition import Definition


@dataclass(frozen=True)
class Given:
    """What is not a team's own.

    Attributes
    ----------
    answers : frozenset of str
        Digests of the answers that a lab begins with, in each of its languages.
    words : frozenset of str
        Of them, of what is asked, and of what tables, captions and values are made of.
    """

    answers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    @classmethod
    def of(cls, definition: Definition) -> "Given":
        """Return what a lab gives."""
        answers, texts = set(), []
        for language in definition.file.languages:
            begun = _text(definition.folder / language / "answers.md")
            answers.add(hashlib.sha256(begun.encode()).hexdigest())
            texts += [begun, _text(definition.folder / language / "lab.toml")]
            texts += [text for both in definition.statements(language).values() for text in both]
            texts += _texts(definition.words(language).content.model_dump())
        return cls(frozenset(answers), frozenset(words_of("\n".join(texts))))

    def is_own(self, row: str) -> bool:
        """Say whether a team may have written a row of words itself: one of them is its own."""
        return not self.words.issuperset(row.split())


def words_of(text: str) -> Sequence[str]:
    """Return the words of a text, of two letters or more, in small letters."""
    return re.findall(r"[^\W\d_]{2,}", text.casefold())


def _text(path: Path) -> str:
    return files.read_text(path) if path.is_file() else ""


def _texts(content: dict[str, object]) -> Iterator[str]:
    for value in content.values():
        if isinstance(value, dict):
            yield from _texts(value)
        elif isinstance(value, str):
            yield value
