"""What a reader who hears a report is not told: headings and pictures without words."""

from typing import NamedTuple

from nnbook.lab.folder import Lab


class Unheard(NamedTuple):
    """Something that has no words.

    Attributes
    ----------
    kind : str
        ``"picture"`` or ``"heading"``.
    message : str
        Where it is, and what to do.
    """

    kind: str
    message: str


def silent_heading(lab: Lab, words: str) -> Unheard:
    """Return what is to be said of a heading in which nothing but `words`, or nothing, is typed."""
    what = f"a heading of nothing but {words}" if words else "a heading without words"
    line = line_of(lab, f"# {words}") if words else ""
    return Unheard("heading", f"{line}{what}; say what follows it")


def silent_picture(lab: Lab, target: str) -> Unheard:
    """Return what is to be said of a picture, called `target`, without alternative text."""
    return Unheard(
        "picture",
        f"{line_of(lab, f'({target}', target)}{target!r} has no alternative text for "
        f"those who do not see it; write ![what it shows]({target})",
    )


def line_of(lab: Lab, *typed: str, last: bool = False) -> str:
    """Return where one of some texts is in the answers, first or last; or nothing."""
    lines = lab.answers_text().splitlines()
    for text in typed:
        numbers = [number for number, line in enumerate(lines, start=1) if text in line]
        if numbers:
            return f"line {numbers[-1 if last else 0]}: "
    return ""
