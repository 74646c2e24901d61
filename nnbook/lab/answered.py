"""Answers that have been read, and what makes the parts of them that are on record."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Protocol

from nnbook.lab.pandoc import Node
from nnbook.lab.placeholders import Placeholder
from nnbook.lab.unheard import Unheard


class Elements(Protocol):
    """What placeholders turn into."""

    def block(self, placeholder: Placeholder) -> list[Node]:
        """Return a table or a figure."""

    def inline(self, placeholder: Placeholder) -> Node:
        """Return a value or a reference."""

    def formula(self, placeholder: Placeholder) -> str:
        """Return a value as LaTeX."""

    def add_picture(self, content: bytes, ending: str) -> str:
        """Return the name under which Typst finds a picture."""


@dataclass
class Answers:
    """The answers, by exercise.

    Attributes
    ----------
    sections : dict of str to list of Node
        Blocks by number of exercise; empty lists where nothing is answered.
    headings : dict of str to str
        What the headings of those say that are there.
    placed : list of Placeholder
        Every placeholder that the text has, in order.
    pictures : list of str
        Labels of the student's own pictures that have a paragraph, and so a number.
    in_lines : list of str
        What the labels of the others would be.
    picture_digests : list of str
        SHA-256 of all of them.
    definitions : str
        LaTeX that defines commands for all formulas.
    words : Counter of str
        By exercise, how many words its answer has, without tables and figures.
    unheard : list of Unheard
        What a reader who hears the page is not told.
    before, after : list of Node
        Sections of no exercise, with their headings, before the first one and after all.
    labels_after : list of str
        Of tables and figures in these last ones.
    contents : dict of str to set of str
        By exercise, what its answer contains (see `nnbook.lab.tasks.Needed`).
    """

    sections: dict[str, list[Node]] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    placed: list[Placeholder] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    in_lines: list[str] = field(default_factory=list)
    picture_digests: list[str] = field(default_factory=list)
    definitions: str = ""
    words: Counter[str] = field(default_factory=Counter)
    unheard: list[Unheard] = field(default_factory=list)
    before: list[Node] = field(default_factory=list)
    after: list[Node] = field(default_factory=list)
    labels_after: list[str] = field(default_factory=list)
    contents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
