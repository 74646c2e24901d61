"""How a page is cited: as a line of text, and for BibTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPECIAL = re.compile(r"[&%$#_{}]")


@dataclass(frozen=True)
class Citation:
    """What a citation of a page says.

    Attributes
    ----------
    page : str
        Its name, as in ``"learning/momentum"``.
    title, book, author, year, version : str
    commit : str
        The last one that changed the page, or nothing.
    url : str
        Where the page is, or nothing.
    """

    page: str
    title: str
    book: str
    author: str
    year: str
    version: str
    commit: str = ""
    url: str = ""

    @property
    def state(self) -> str:
        """Which version of the page it is."""
        return f"version {self.version}" + (f", commit {self.commit[:7]}" if self.commit else "")

    @property
    def text(self) -> str:
        """The citation as a line of text."""
        within = "" if self.title == self.book else f"In {self.book}, "
        state = self.state if within else self.state.capitalize()
        end = f" {self.url}" if self.url else ""
        title = self.title if self.title.endswith((".", "?", "!")) else f"{self.title}."
        return f"{self.author} ({self.year}). {title} {within}{state}.{end}"

    @property
    def bibtex(self) -> str:
        """The citation as an entry of a BibTeX file."""
        fields = {"author": f"{{{_escaped(self.author)}}}", "title": f"{{{_escaped(self.title)}}}"}
        if self.title != self.book:
            fields["howpublished"] = f"In: {_escaped(self.book)}"
        fields |= {"year": self.year, "note": self.state.capitalize()}
        if self.url:
            fields["url"] = self.url
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{nnbook-{re.sub(r'[^a-z0-9]+', '-', self.page.lower())},\n{lines}}}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)
