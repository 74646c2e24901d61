"""Answers as they were typed, before they are a tree: placeholders and comments, with lines."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Blanks are stripped later: a pattern for them would take for ever on a line of many.
PLACEHOLDER = re.compile(r"\{\{([^{}\n]*)\}\}")
FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
IGNORED = re.compile(r"`[^`\n]*`|\]\([^)\n]{,1000}\)|https?://\S+")
"""Code and addresses in a line."""


@dataclass
class Found:
    """A placeholder in the text, with its line."""

    text: str
    line: int


def placeholders_in(text: str) -> list[Found]:
    """Return what stands between double braces in a text, with line numbers."""
    lines = enumerate(text.splitlines(), start=1)
    return [Found(match[1].strip(), n) for n, line in lines for match in PLACEHOLDER.finditer(line)]


def without_comments(text: str) -> str:
    """Return a text without HTML comments, and without empty lines at its ends.

    >>> without_comments("a<!-- b -->c <!-- d")
    'ac <!-- d'
    """
    parts = _around_comments(text)
    return "".join(
        before + (comment if is_open else "") for before, comment, is_open in parts
    ).strip("\n")


def _around_comments(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what stands before each comment, the comment, and whether it lacks its end.

    No regular expression: where many comments begin and none ends, it would take for ever.
    """
    start = 0
    while (begin := text.find("<!--", start)) >= 0:
        end = text.find("-->", begin + 4)
        is_open = end < 0
        end = len(text) if is_open else end + 3
        yield text[start:begin], text[begin:end], is_open
        start = end
    yield text[start:], "", False


def with_tokens(text: str) -> tuple[str, list[Found], re.Pattern[str]]:
    """Return the text with a word in place of each placeholder, which Markdown leaves alone."""
    mark = "NNBOOK" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    found: list[Found] = []
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):

        def replace(match: re.Match[str], number: int = number) -> str:
            found.append(Found(match[1].strip(), number))
            return f"{mark}X{len(found) - 1}X"

        visible = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", line)
        lines.append(PLACEHOLDER.sub(replace, visible))
    return "\n".join(lines), found, re.compile(rf"{mark}X(\d+)X")


def prose(text: str) -> list[str]:
    """Return the lines of a text without comments, code, addresses and placeholders.

    No regular expression goes over several lines: of many openers it would take for ever.
    """
    parts = _around_comments(text)
    lines = "".join(
        before + "\n" * comment.count("\n") for before, comment, _ in parts
    ).splitlines()
    fence, begin = "", 0
    for number, line in enumerate(lines):
        mark = FENCE.match(line)
        if not fence and mark:
            fence, begin = mark[1], number
        elif fence and line.lstrip(" ").startswith(fence):
            lines[begin : number + 1] = [""] * (number + 1 - begin)
            fence = ""
    return [PLACEHOLDER.sub("", IGNORED.sub(" ", line)) for line in lines]
