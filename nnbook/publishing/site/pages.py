"""What each page says of itself: in its head, below its title and below its text."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import NamedTuple

from nnbook.publishing.site import pictures
from nnbook.publishing.site.citing import Citation
from nnbook.publishing.site.history import Change
from nnbook.publishing.site.repository import Repository

CITE = "cite-this-page"
"""Where a page says how it is cited."""


class Shown(NamedTuple):
    """What is read off a page when it is written.

    Attributes
    ----------
    title, about : str
        Its title, and its first sentences.
    minutes : int
        How long it takes to read.
    figure, alt : str
        The path of its first figure, if it has one, and what stands for it.
    """

    title: str
    about: str
    minutes: int
    figure: str
    alt: str


@dataclass(frozen=True)
class Place:
    """Where a page stands.

    Attributes
    ----------
    name, source : str
        Its name, and the path of its source below the folder of the pages.
    book : str
        The title of the book.
    base : str
        The address of the book, with a slash at the end, or nothing if it is not known.
    address : str
        That of the page, or nothing.
    repository : Repository, optional
    change : Change, optional
        The last one.
    is_read : bool
        Whether the page is read, rather than looked things up in.
    """

    name: str
    source: str
    book: str
    base: str
    address: str
    repository: Repository | None
    change: Change | None
    is_read: bool


def head(shown: Shown, place: Place, has_description: bool) -> str:
    """Return what the head of a page says of it to search engines, and where links are shared.

    Parameters
    ----------
    shown : Shown
    place : Place
    has_description : bool
        Whether the page's author has described it.
    """
    about = shown.about or f"A page of {place.book}."
    properties = {
        "og:title": shown.title,
        "og:type": "website" if shown.title == place.book else "article",
        "og:site_name": place.book,
        "og:description": about,
    }
    if place.address:
        properties["og:url"] = place.address
        properties["og:image"] = f"{place.base}{pictures.FOLDER}/{place.name}.png"
        properties["og:image:width"] = str(pictures.WIDTH)
        properties["og:image:height"] = str(pictures.HEIGHT)
        properties["og:image:alt"] = shown.alt or shown.title
    names = {} if has_description else {"description": about}
    names["twitter:card"] = "summary_large_image" if place.address else "summary"
    tags = [("name", *item) for item in names.items()]
    tags += [("property", *item) for item in properties.items()]
    return "".join(
        f'\n    <meta {kind}="{key}" content="{html.escape(value)}" />' for kind, key, value in tags
    )


def with_time(body: str, minutes: int) -> str:
    """Return the text of a page with the time that it takes below its title."""
    note = f'\n<div class="nnb-reads">Reads in {minutes} min</div>'
    return body.replace("</h1>", f"</h1>{note}", 1)


def foot(place: Place, citation: Citation) -> str:
    """Return what stands below the text of a page: its last change, and what a reader can do."""
    parts = []
    if place.change:
        date = place.change.date
        shown = f"{date.day} {date:%B} {date.year}"
        commit = place.change.commit
        name = f"<code>{commit[:7]}</code>"
        if place.repository:
            name = _link(place.repository.commit(commit), name)
        time = f'<time datetime="{date.isoformat()}">{shown}</time>'
        parts.append(f"<span>Last changed on {time} ({name})</span>")
    if place.repository:
        parts.append(_link(place.repository.report(place.name, citation.title), "Report an error"))
        parts.append(_link(place.repository.edit(place.source), "Edit this page"))
    texts = "".join(
        f'<p>{label}</p><div class="highlight"><pre>{html.escape(text)}</pre></div>'
        for label, text in (("As text:", citation.text), ("For BibTeX:", citation.bibtex))
    )
    line = f'<div class="nnb-about">{"".join(parts)}</div>' if parts else ""
    return (
        f'\n<footer class="nnb-foot">{line}'
        f'<details><summary>Cite this page</summary><div id="{CITE}">{texts}</div></details>'
        "</footer>\n"
    )


def _link(address: str, markup: str) -> str:
    return f'<a class="reference external" href="{html.escape(address)}">{markup}</a>'
