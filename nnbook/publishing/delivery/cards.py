"""What the links of a page lead to, for the card that shows it before a reader goes there.

The contents of the cards of a page are one script, loaded when the first card is opened: a script
because pages read from a disk may load no other files.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from nnbook.publishing.delivery.folds import end_of

FOLDER = "_static/cards"

_LINK = re.compile(
    r'(?<!class="toctree-l\d">)<a class="(?:nnb-claim )?reference internal" href="([^"]+)"'
)
_ANCHOR = re.compile(r'<(?P<tag>[a-z]\w*)\b(?P<attributes>[^<>]*?)\bid="(?P<id>[^"]+)"[^<>]*>')
_CLASSES = re.compile(r'\bclass="([^"]*)"')
_HEADING = re.compile(r"<h(?P<level>[1-6])\b[^>]*>(?P<text>.*?)</h(?P=level)>", re.DOTALL)
_PARAGRAPH = re.compile(r"<p>.*?</p>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_TERM = re.compile(r"<dt\b[^>]*>(.*?)</dt>", re.DOTALL)
_NEEDLESS = re.compile(
    r'<a class="headerlink".*?</a>|\s(?:id|tabindex|loading|data-card)(?:="[^"]*")?(?=[\s>/])',
    re.DOTALL,
)
_PICTURE = re.compile(r'<a class="nnb-enlarge"[^>]*>(.*?)</a>', re.DOTALL)
_ADDRESS = re.compile(r'\b(href|src)="([^":]*)"')

_WHOLE = {
    "math": "equation",
    "figure": "figure",
    "table": "table",
    "exercise": "exercise",
    "nnb-claim-entry": "claim",
}
"""Which kind of thing has this tag or class, where the card shows all of it."""

_WAYS = {
    "chapter": "Read this chapter",
    "section": "Read this section",
    "term": "Go to the glossary",
    "equation": "Go to the equation",
    "figure": "Go to the figure",
    "table": "Go to the table",
    "exercise": "Go to the exercise",
    "citation": "Go to the bibliography",
    "claim": "Go to the list of claims",
    "passage": "Read on there",
}


class Card(NamedTuple):
    """What a card shows: which kind of thing it is, and its content as markup."""

    kind: str
    content: str

    @property
    def way(self) -> str:
        """What a link to the thing itself is called."""
        return _WAYS[self.kind]


class Target:
    """A page that links lead to.

    Parameters
    ----------
    text
        Its markup.
    """

    def __init__(self, text: str) -> None:
        start, end = text.find("<article"), text.rfind("</article>")
        self._text = text[start:end] if start >= 0 else ""
        self._cards: dict[str, Card | None] = {}

    @cached_property
    def _anchors(self) -> dict[str, re.Match[str]]:
        return {found["id"]: found for found in reversed(list(_ANCHOR.finditer(self._text)))}

    def card(self, anchor: str) -> Card | None:
        """Return the card of what an anchor marks, or None for what has none; "" is the page."""
        if anchor not in self._cards:
            self._cards[anchor] = self._card(anchor)
        return self._cards[anchor]

    def _card(self, anchor: str) -> Card | None:
        if not anchor:
            return self._section(0)
        tag = self._anchors.get(anchor)
        if tag is None:
            return None
        names = [tag["tag"], *" ".join(_CLASSES.findall(tag[0])).split()]
        kind = next((_WHOLE[name] for name in names if name in _WHOLE), None)
        if kind is not None:
            end = end_of(self._text, tag.end(), tag["tag"])[1]
            return Card(kind, _clean(self._text[tag.start() : end]))
        cut = {"citation": self._citation, "nnb-claim": self._passage}
        way = next((cut[name] for name in names if name in cut), self._section)
        if anchor.startswith("term-"):
            way = self._term
        elif way == self._section and tag["tag"] not in {"section", "span"}:
            return None
        return way(tag.start())

    def _term(self, start: int) -> Card | None:
        term = _TERM.match(self._text, start)
        definition = re.compile(r"<dd\b[^>]*>").search(self._text, start)
        if term is None or definition is None:
            return None
        end = end_of(self._text, definition.end(), "dd")[0]
        content = self._text[definition.end() : end]
        return Card("term", _clean(f"<p><strong>{term[1].strip()}</strong></p>{content}"))

    def _citation(self, start: int) -> Card | None:
        paragraph = _PARAGRAPH.search(self._text, start)
        return Card("citation", _clean(paragraph[0])) if paragraph else None

    def _passage(self, start: int) -> Card | None:
        """Return a card of the paragraph in which a claim is used."""
        begin, end = self._text.rfind("<p>", 0, start), self._text.find("</p>", start)
        inside = self._text[begin:start]
        return (
            None
            if begin < 0 or "</p>" in inside
            else Card("passage", _clean(self._text[begin : end + 4]))
        )

    def _section(self, start: int) -> Card | None:
        """Return a card of heading and first paragraph."""
        kind = "section" if "<h" in self._text[:start] else "chapter"
        heading = _HEADING.search(self._text, start)
        # An anchor in the middle of a text marks no section.
        if heading is None or _TAG.sub("", self._text[start : heading.start()]).strip():
            return None
        following = _HEADING.search(self._text, heading.end())
        end = following.start() if following else len(self._text)
        first = _PARAGRAPH.search(self._text, heading.end(), end)
        if first is None:
            return None
        return Card(kind, _clean(f"<p><strong>{heading['text']}</strong></p>{first[0]}"))


class Cards:
    """The cards of all pages.

    Parameters
    ----------
    site : Path
    texts : mapping of str to str
        The pages, by their paths in the site.
    """

    def __init__(self, site: Path, texts: Mapping[str, str]) -> None:
        self._site, self._texts = site, texts
        self._targets: dict[str, Target] = {}

    def of(self, page: str, links: Iterable[str]) -> dict[str, Card]:
        """Return the cards of the links of a page, by their addresses as they stand in it."""
        cards = {}
        for link in links:
            path, anchor = leads_to(page, link)
            card = self._target(path).card(anchor) if path in self._texts else None
            if card is not None and not (path == page and not anchor):
                content = _ADDRESS.sub(_moved(path, page), card.content)
                cards[link] = card._replace(content=content)
        return cards

    def _target(self, path: str) -> Target:
        if path not in self._targets:
            self._targets[path] = Target(self._texts[path])
        return self._targets[path]

    def write(self, page: str, cards: Mapping[str, Card]) -> str:
        """Write the script of a page; return its address in the site, with a version."""
        content = {link: [card.kind, card.way, card.content] for link, card in cards.items()}
        script = f"nnbookCards({json.dumps(content, ensure_ascii=False, separators=(',', ':'))})"
        path = f"{FOLDER}/{page.removesuffix('.html')}.js"
        target = self._site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(script, encoding="utf-8")
        return f"{path}?v={hashlib.sha256(script.encode()).hexdigest()[:8]}"


def links(text: str) -> list[str]:
    """Return the addresses within the book that the text of a page links to."""
    start, end = text.find("<article"), text.rfind("</article>")
    return list(dict.fromkeys(_LINK.findall(text, start, end))) if start >= 0 else []


def mark(text: str, cards: Mapping[str, Card]) -> str:
    """Return a page whose links that have a card say so."""

    def marked(link: re.Match[str]) -> str:
        return link[0] + " data-card" * (link[1] in cards)

    start = text.find("<article")
    unmarked = text[start:].replace(" data-card", "")
    return text[:start] + _LINK.sub(marked, unmarked) if start >= 0 else text


def leads_to(page: str, link: str) -> tuple[str, str]:
    """Return path and anchor of what a link of a page leads to."""
    path, _, anchor = link.partition("#")
    target = posixpath.join(posixpath.dirname(page), path) if path else page
    return posixpath.normpath(target), anchor


def _clean(content: str) -> str:
    """Return a piece of a page as it may stand on another: without anchors and controls."""
    return _NEEDLESS.sub("", _PICTURE.sub(r"\1", content)).strip()


def _moved(origin: str, page: str) -> Callable[[re.Match[str]], str]:
    """Return what makes an address in one page one in another page."""
    there, here = posixpath.dirname(origin), posixpath.dirname(page)

    def move(found: re.Match[str]) -> str:
        path, sign, anchor = found[2].partition("#")
        target = posixpath.normpath(posixpath.join(there, path)) if path else origin
        moved = "" if target == page else posixpath.relpath(target, here or ".")
        return f'{found[1]}="{moved}{sign}{anchor}"'

    return move
