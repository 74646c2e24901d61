"""Typst, from its wheel: values as Typst code, and a folder of sources as a PDF."""

import datetime
import importlib.util
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.errors import LabError
from nnbook.lab.pandoc import INSTALL

if TYPE_CHECKING:
    import typst

ZERO_WIDTH_SPACE = "\u200b"
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


def breakable(text: str) -> str:
    """Return a text whose very long words may be broken into lines, after signs or anywhere.

    >>> breakable("a_b"), breakable("a_" + 25 * "b").split(ZERO_WIDTH_SPACE)
    ('a_b', ['a_', 'bbbbbbbbbbbbbbbbbbbbbbbb', 'b'])
    """
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
    _require_typst()
    import typst

    noon = datetime.datetime.combine(date, datetime.time(12), datetime.UTC)
    problems: dict[str, None] = {}
    for system_fonts, standards in WAYS:
        compiler = _compiler(folder, system_fonts=system_fonts)
        try:
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_standards=standards, timestamp=noon
            )
        except typst.TypstError as error:
            if error.message.startswith("PDF/"):  # what a standard forbids
                problems[error.message.partition("error: ")[2]] = None
                continue
            raise LabError(f"the report cannot be set: {_explain(error)}") from None
        assert isinstance(pdf, bytes)
        messages = [warning.message for warning in warnings]
        if standards == ANY_PDF:
            messages += [_as_warning(problem) for problem in problems]
        return Setting(pdf, messages)
    raise LabError(f"the report cannot be set: {'; '.join(problems)}")


def compile_pages(folder: Path, dots_per_inch: float) -> list[bytes]:
    """Return the pages of ``main.typ`` in `folder` as PNG pictures.

    Raises
    ------
    LabError
        If Typst is not installed, or the sources cannot be set.
    """
    _require_typst()
    import typst

    compiler = _compiler(folder, system_fonts=True)

    try:
        pages = compiler.compile(format="png", ppi=dots_per_inch)
    except typst.TypstError as error:
        raise LabError(f"the report cannot be set: {_explain(error)}") from None
    if isinstance(pages, list):
        return pages
    return [pages] if pages else []


def _require_typst() -> None:
    try:
        import typst  # noqa: F401 - is it there?
    except ImportError:
        raise LabError(INSTALL) from None


def _compiler(folder: Path, *, system_fonts: bool) -> "typst.Compiler":
    import matplotlib as mpl
    import typst

    for name in FIGURE_FONTS:
        shutil.copy(Path(mpl.get_data_path()) / "fonts" / "ttf" / name, folder)
    return typst.Compiler(
        str(folder / "main.typ"),
        root=str(folder),
        font_paths=[str(folder), *_fonts_for_names()],
        ignore_system_fonts=not system_fonts,
        package_path=str(folder / "none"),
        package_cache_path=str(folder / "none"),
    )


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


def is_formula(code: str) -> bool:
    """Return whether Typst can set a formula (its code, without dollars)."""
    _require_typst()
    import typst

    try:
        typst.Compiler(f"${code}$".encode(), ignore_system_fonts=True).compile(format="pdf")
    except typst.TypstError:
        return False
    return True


def _explain(error: Any) -> str:
    hints = "; ".join(error.hints or [])
    return f"{error.message}{f' ({hints})' if hints else ''}"
