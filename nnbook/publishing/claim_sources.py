"""Where the pages make claims: read from their text, in the order of the book."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

ROLE = re.compile(r"\{claim\}`([^`]+)`")
LIST = re.compile(r"^[`:]{3,}\{claims\}(.*)$", flags=re.M)
_HEADING = re.compile(r"#+ +(.+)")
_FENCE = re.compile(r" *(```+|~~~+)")


class Use(NamedTuple):
    """A sentence that shows something of a claim.

    Attributes
    ----------
    page : str
    anchor : str
        Of the first number, or check mark, in the sentence.
    place : str
        The headings above it: of the page, and of the section.
    """

    page: str
    anchor: str
    place: str


class Chapter(NamedTuple):
    """A page that makes claims, and those that no page before it makes."""

    page: str
    title: str
    claims: list[str]


@dataclass(frozen=True)
class Places:
    """Where the book makes claims, and lists them.

    Attributes
    ----------
    sources : dict of str to str
        The text of each page, in the order of the book.
    """

    sources: Mapping[str, str]

    @cached_property
    def chapters(self) -> list[Chapter]:
        """The chapters that make claims."""
        return by_chapter(self.sources)

    @cached_property
    def uses(self) -> dict[str, list[Use]]:
        """The sentences that use each claim."""
        return uses(self.sources)

    @property
    def pages(self) -> dict[str, list[str]]:
        """The pages that use each claim."""
        return {
            name: list(dict.fromkeys(use.page for use in used)) for name, used in self.uses.items()
        }

    def on_list(self, page: str) -> list[Chapter]:
        """Return the chapters that are on the list of a page, if it has one."""
        found = LIST.search(self.sources[page])
        return self.chosen(found[1].split()) if found else []

    def chosen(self, wanted: Collection[str]) -> list[Chapter]:
        """Return the chapters with these names, or in these folders; all for none."""
        return [
            chapter
            for chapter in self.chapters
            if not wanted or chapter.page in wanted or chapter.page.split("/")[0] in wanted
        ]


def claim_of(role: str) -> str:
    """Return the name of the claim of which a role shows something."""
    return role.partition(".")[0]


def anchor(name: str, count: int) -> str:
    """Return the anchor of the place on a page that shows something of a claim, from 1."""
    return f"use-{name}-{count}"


def names(source: str) -> list[str]:
    """Return the claims that a page shows something of, in the order of the page."""
    return list(dict.fromkeys(claim_of(role) for role in ROLE.findall(source)))


def by_chapter(sources: Mapping[str, str]) -> list[Chapter]:
    """Return the chapters that make claims which none before them makes."""
    seen: set[str] = set()
    chapters = []
    for docname, source in sources.items():
        new = [name for name in names(source) if name not in seen]
        seen.update(new)
        if new:
            title = re.search(r"^# (.+)$", source, flags=re.M)
            chapters.append(Chapter(docname, title[1] if title else docname, new))
    return chapters


def uses(sources: Mapping[str, str]) -> dict[str, list[Use]]:
    """Return the sentences that use each claim, which stand on a line each."""
    found: dict[str, list[Use]] = {}
    for docname, source in sources.items():
        counts: Counter[str] = Counter()
        for place, line in _lines(source):
            here = [claim_of(role) for role in ROLE.findall(line)]
            for name in dict.fromkeys(here):
                use = Use(docname, anchor(name, counts[name] + 1), place)
                found.setdefault(name, []).append(use)
            counts.update(here)
    return found


def _lines(source: str) -> Iterator[tuple[str, str]]:
    """Yield each line with the headings above it; what is code has none."""
    headings: list[str] = []
    fence = ""
    for line in source.splitlines():
        if found := _FENCE.match(line):
            fence = "" if fence and found[1].startswith(fence) else fence or found[1]
        elif not fence and (heading := _HEADING.fullmatch(line)):
            headings = [*headings[:1], heading[1]]
        yield ": ".join(headings), line


def texts(env: BuildEnvironment) -> dict[str, str]:
    """Return the text of each page in Markdown, in the order of the book."""
    paths = {name: Path(env.doc2path(name)) for name in in_order(env)}
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in paths.items()
        if path.suffix == ".md"
    }


def in_order(env: BuildEnvironment) -> list[str]:
    """Return the pages in the order of the table of contents."""
    order: list[str] = []
    site_map = getattr(env, "external_site_map", None)
    if site_map is not None:
        for item in site_map.values():
            for subtree in item.subtrees:
                order += [str(entry) for entry in subtree.items]
    return [*order, *sorted(env.found_docs - set(order))]
