"""Characters that a report cannot have, and what to do about each of them.

Typst says which no font has, so that fonts are looked for where they are when the report is set.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nnbook.lab import files
from nnbook.lab.folder import SETTINGS, Lab

MOST_SHOWN = 6
EAST_ASIAN = {"Hani", "Hang", "Hira", "Kana", "Bopo"}

PRINTED = (
    *((0x0000, 0x0377), (0x038E, 0x03A1), (0x03A3, 0x0525), (0x1D00, 0x1F15), (0x2000, 0x2071)),
    *((0x2074, 0x208E), (0x20A0, 0x20C0), (0x2100, 0x2185), (0x2190, 0x23FF), (0x2460, 0x25FF)),
)
"""From which character to which the fonts of Typst and matplotlib have all: Latin, Greek and
Cyrillic letters, punctuation, signs of mathematics. Of most reports nothing is left to be asked."""


def characters_of(code: str) -> str:
    """Return the different characters of a text for which there may be no font, in its order."""
    return "".join(c for c in dict.fromkeys(code) if not _is_printed(c))


def _is_printed(character: str) -> bool:
    """Return whether there is a font for a character, or none is needed."""
    return unicodedata.category(character) == "Cs" or any(
        first <= ord(character) <= last for first, last in PRINTED
    )


def messages(lab: Lab, unprintable: Iterable[str]) -> Iterator[str]:
    """Yield what to do about characters that cannot be printed, with file and line.

    Parameters
    ----------
    lab : Lab
    unprintable : iterable of str
        Characters.
    """
    lines = [
        line
        for path, text in (
            (lab.folder / SETTINGS, files.read_text(lab.folder / SETTINGS)),
            (lab.answers_path, lab.answers_text()),
        )
        for line in lines_of(path, text)
    ]
    fonts = f", or put its file into {lab.folder / 'fonts'}"
    yield from messages_of(lines, unprintable, fonts)


def messages_of(
    lines: Sequence[tuple[str, str]], unprintable: Iterable[str], otherwise: str = ""
) -> Iterator[str]:
    """Yield what to do about characters, which are looked for in lines with their places.

    What can be done in place of installing a font is `otherwise`.
    """
    groups = defaultdict(list)
    for character in unprintable:
        place = next((place for place, line in lines if character in line), "")
        groups[place, _advice(character, otherwise)].append(character)
    for (place, (problem, advice)), characters in groups.items():
        shown = ", ".join(map(_named, characters[:MOST_SHOWN]))
        if len(characters) > MOST_SHOWN:
            shown += f" and {len(characters) - MOST_SHOWN} more"
        yield f"{place}{problem.format(shown)}; {advice}"


def lines_of(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file that are not ASCII, each after its place."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.isascii():
            yield f"{path}: line {number}: ", line


def _named(character: str) -> str:
    """Return a character with its name.

    >>> _named("Ω"), _named("\ue123")
    ('Ω (GREEK CAPITAL LETTER OMEGA)', 'U+E123')
    """
    name = unicodedata.name(character, "")
    return f"{character} ({name})" if name else f"U+{ord(character):04X}"


def _advice(character: str, otherwise: str) -> tuple[str, str]:
    """Return what is wrong with a character, with braces for it, and what to do."""
    if unicodedata.category(character) in ("Co", "Cn"):
        return "{} has no meaning that all agree on", "write what it stands for"
    font, package = _font(character)
    return (
        "no font has {}",
        f"install one that has it, such as {font} (package {package} of Debian and Ubuntu)"
        f"{otherwise}",
    )


def _font(character: str) -> tuple[str, str]:
    """Return a free font that has a character, and the package that it is in.

    >>> _font("ක"), _font("한")
    (('Noto Sans Sinhala', 'fonts-noto-core'), ('Noto Sans CJK', 'fonts-noto-cjk'))
    """
    from fontTools import unicodedata as scripts

    script = scripts.script(character)
    if script in EAST_ASIAN:
        return "Noto Sans CJK", "fonts-noto-cjk"
    if script in ("Zyyy", "Zinh"):
        if "\U0001f300" <= character <= "\U0001faff":
            return "Noto Color Emoji", "fonts-noto-color-emoji"
        return "Noto Sans Symbols 2", "fonts-noto-core"
    return f"Noto Sans {scripts.script_name(script)}", "fonts-noto-core"
