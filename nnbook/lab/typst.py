"""Typst, from its wheel: values as Typst code, and a folder of sources as a PDF."""

import datetime
import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnbook.errors import LabError
from nnbook.lab import confined
from nnbook.lab.pandoc import INSTALL, ZERO_WIDTH_SPACE

LONGEST_WORD = 24

FIGURE_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf")
"""What matplotlib sets figures with. Its other fonts would claim to have every character."""


ANY_PDF = ["1.7"]
WAYS: list[tuple[bool, list[Any]]] = [
    (False, ["a-3a", "ua-1"]),
    (True, ["a-3a", "ua-1"]),
    (True, ANY_PDF),
]
"""What is tried in turn: whether with the fonts of this machine, and to which standards."""

LIMITS = confined.Limits(seconds=60, memory=4 * 2**30, written=500 * 2**20)
TRIAL_LIMITS = confined.Limits(seconds=10, memory=2 * 2**30, written=100 * 2**20)
"""Of a picture that is set alone, and of all of them together."""


def breakable(text: str) -> str:
    """Return a text whose very long words may be broken into lines, after signs or anywhere.

    >>> breakable("a_b"), breakable("a_" + 25 * "b").split(ZERO_WIDTH_SPACE)
    ('a_b', ['a_', 'bbbbbbbbbbbbbbbbbbbbbbbb', 'b'])
    """
    if len(text) <= LONGEST_WORD:  # as nearly all are, of the many that an answer has
        return text
    return re.sub(rf"\S{{{LONGEST_WORD + 1},}}", _broken, text)


def _broken(word: re.Match[str]) -> str:
    parts = re.sub(r"([_./@+])(?=\w)", rf"\1{ZERO_WIDTH_SPACE}", word[0])
    return re.sub(
        rf"([^\s\u200b]{{{LONGEST_WORD}}})(?=[^\s\u200b])", rf"\1{ZERO_WIDTH_SPACE}", parts
    )


@dataclass(frozen=True)
class Setting:
    """A PDF, and what one should know about it."""

    pdf: bytes
    warnings: list[str]


def compile_pdf(folder: Path, date: datetime.date) -> Setting:
    """Set ``main.typ`` in `folder`, which is all that Typst can read.

    The file is a tagged PDF/UA-1 and PDF/A-3a with embedded fonts, set with the fonts of Typst and
    matplotlib, IPAexGothic and those in `folder` alone, so that it is the same on every machine.
    Only a text with characters that these do not have is set with the fonts of this machine; if it
    has no font for them either, they become boxes, with a warning.

    Parameters
    ----------
    folder : Path
        Sources, pictures and fonts.
    date : datetime.date
        The date of the document.

    Raises
    ------
    LabError
        If Typst is not installed, or the sources cannot be set.
    """
    noon = datetime.datetime.combine(date, datetime.time(12), datetime.UTC)
    problems: dict[str, None] = {}
    for system_fonts, standards in WAYS:
        result = _set(
            folder, system_fonts=system_fonts, standards=standards, moment=noon.timestamp()
        )
        if "error" in result:
            if not result["error"].startswith("PDF/"):  # what a standard forbids
                raise LabError(f"the report cannot be set: {_explain(result)}")
            problems[result["error"].partition("error: ")[2]] = None
            continue
        messages = list(result["warnings"])
        if standards == ANY_PDF:
            messages += [_as_warning(problem) for problem in problems]
        return Setting((folder / "main.pdf").read_bytes(), messages)
    raise LabError(f"the report cannot be set: {'; '.join(problems)}")


def compile_pages(folder: Path, dots_per_inch: float) -> list[bytes]:
    """Return the pages of ``main.typ`` in `folder` as PNG pictures.

    Raises
    ------
    LabError
        If Typst is not installed, or the sources cannot be set.
    """
    result = _set(folder, system_fonts=True, dots_per_inch=dots_per_inch)
    if "error" in result:
        raise LabError(f"the report cannot be set: {_explain(result)}")
    return [(folder / f"{number}.png").read_bytes() for number in range(result["pages"])]


def problems_of(codes: Sequence[str], folder: Path) -> Iterator[str]:
    """Yield for each code what keeps it from being set alone: nothing if it can be set.

    Parameters
    ----------
    codes : sequence of str
        Typst code.
    folder : Path
        What it may read.

    Raises
    ------
    LabError
        If Typst is not installed.
    """
    done = 0
    while done < len(codes):  # the process that could not set one of them is not there any more
        job = {"root": str(folder), "fonts": [], "trials": list(codes[done:])}
        try:
            lines, stopped = _typesetter(job, TRIAL_LIMITS).splitlines(), None
        except confined.LimitError as error:
            lines, stopped = error.output.splitlines(), error
        for line in lines:
            result = json.loads(line)
            yield _explain(result) if "error" in result else ""
        done += len(lines)
        if done < len(codes):
            yield str(stopped or "Typst cannot set it")
            done += 1


def unprintable(characters: str, folder: Path) -> str:
    """Return those of some characters that no font has, nor any of this machine.

    Parameters
    ----------
    characters : str
    folder : Path
        With the fonts of the lab.

    Raises
    ------
    LabError
        If Typst is not installed.
    """
    for system_fonts in (False, True):
        if not characters:
            break
        job = {**_with_fonts(folder), "characters": characters, "system_fonts": system_fonts}
        found = json.loads(_typesetter(job, LIMITS))["unprintable"]
        characters = "".join(characters[number] for number in found)
    return characters


def _set(folder: Path, **more: Any) -> dict[str, Any]:
    job = {**_with_fonts(folder), "main": str(folder / "main.typ"), "out": str(folder)}
    try:
        result: dict[str, Any] = json.loads(_typesetter({**job, **more}, LIMITS))
    except confined.LimitError as error:
        raise LabError(f"the report cannot be set: {error}") from None
    return result


def _with_fonts(folder: Path) -> dict[str, Any]:
    """Return what a job says of fonts; those of figures are put into its folder."""
    import matplotlib as mpl

    for name in FIGURE_FONTS:
        shutil.copy(Path(mpl.get_data_path()) / "fonts" / "ttf" / name, folder)
    return {"root": str(folder), "fonts": [str(folder), *_fonts_for_names()]}


def _typesetter(job: Mapping[str, Any], limits: confined.Limits) -> bytes:
    if importlib.util.find_spec("typst") is None:
        raise LabError(INSTALL)
    program = str(Path(__file__).with_name("typesetter.py"))
    done = confined.run([sys.executable, "-I", program], limits, json.dumps(job).encode())
    if done.status and "trials" not in job:
        last = done.errors.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise LabError(f"the report cannot be set: Typst ended ({' '.join(last)[:200]})")
    return done.output


def _fonts_for_names() -> list[str]:
    """Return the folder of a font with Japanese and Chinese characters, IPAexGothic.

    Its package is there for this file; imported, it would change matplotlib's settings.
    """
    package = importlib.util.find_spec("matplotlib_fontja")
    if package is None or package.origin is None:
        return []
    return [str(Path(package.origin).parent / "fonts")]


def _as_warning(problem: str) -> str:
    lacking = re.match(r'the text `"(.*?)"` could not be displayed', problem)
    if lacking:
        return (
            f"no font has {lacking[1]}, which became a box; put a font that has it into a folder "
            f"fonts/ of the lab"
        )
    return f"the report is no PDF/A: {problem}"


def _explain(result: Mapping[str, Any]) -> str:
    hints = "; ".join(result["hints"])
    return f"{result['error']}{f' ({hints})' if hints else ''}"
