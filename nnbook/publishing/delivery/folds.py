"""What the browser folds: by key, without scripts, and found by a search in the page."""

from __future__ import annotations

import re
from functools import cache

from nnbook.publishing.delivery import icons

_BOX = re.compile(
    r'<div (?P<attributes>class="[^"]*\bdropdown\b[^"]*\badmonition\b[^"]*"[^>]*)>\s*'
    r'<p class="admonition-title">(?P<title>.*?)</p>',
    re.DOTALL,
)
_LINK = re.compile(r"</?a\b[^>]*>")
# In the sidebar, a chapter of several pages: its link, and an arrow that shows the pages.
_CHAPTER = re.compile(r"(?P<before><a\b[^>]*>(?P<title>[^<]*)</a><details[^>]*>)<summary>")
_BAR = re.compile(
    r'<summary aria-label="Toggle hidden content">\s*'
    r'<p class="collapsed[^>]*>(.*?)</p>\s*<p class="expanded[^>]*>(.*?)</p>\s*</summary>'
)
_CARDS = re.compile(r'</?section\b|<div( class="sd-card-title\b)')
_BAR_OF_SPANS = (
    r'<summary><span class="collapsed">\1</span><span class="expanded">\2</span></summary>'
)


def fold(text: str, opaque: re.Pattern[str]) -> str:
    """Return markup whose boxes of the class ``dropdown`` are ``details``, closed at first.

    Parameters
    ----------
    text
        Markup of a page.
    opaque
        What holds text that only looks like markup.
    """
    bare = opaque.sub(lambda part: " " * len(part[0]), text)
    edits = []
    for box in _BOX.finditer(bare):
        sign = icons.draw('<i class="fas fa-angle-down"></i>')
        title = _LINK.sub("", box["title"])  # nothing within a control may be another
        summary = f'<summary class="admonition-title">{title}{sign}</summary>'
        edits.append((*box.span(), f"<details {box['attributes']}>\n{summary}"))
        edits.append((*end_of(bare, box.end(), "div"), "</details>"))
    for start, stop, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[stop:]
    return text


def name(text: str) -> str:
    """Return markup whose folding controls are called what they show, or what stands on them."""

    def name_arrow(chapter: re.Match[str]) -> str:
        return f'{chapter["before"]}<summary aria-label="Pages of: {chapter["title"]}">'

    return _BAR.sub(_BAR_OF_SPANS, _CHAPTER.sub(name_arrow, text))


def name_cards(text: str) -> str:
    """Return markup whose cards have headings, one level below the section that they stand in."""
    depth = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal depth
        depth += {"<section": 1, "</section": -1}.get(found[0], 0)
        if found[1] is None:
            return found[0]
        return f'<div role="heading" aria-level="{depth + 1}"{found[1]}'

    return _CARDS.sub(mark, text)


def end_of(text: str, start: int, tag: str) -> tuple[int, int]:
    """Return where the end tag is of the element whose content begins at a place."""
    depth = 1
    for found in _tag(tag).finditer(text, start):
        depth += -1 if found["ends"] else 1
        if depth == 0:
            return found.span()
    raise AssertionError("Sphinx closes what it opens")


@cache
def _tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(?P<ends>/?){name}\b[^>]*>")
