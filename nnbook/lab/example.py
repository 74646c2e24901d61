"""The worked example of a lab, made while the book is built: its report and a picture of a page."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook import project
from nnbook.errors import NNBookError
from nnbook.project import REPOSITORY

if TYPE_CHECKING:
    from sphinx.application import Sphinx

EXAMPLE = REPOSITORY / "examples" / "lab4"
REPORT = "lab4-report.pdf"
PICTURE = "lab4-page.png"
PRINTED = "lab4-page.pdf"
"""The same page as vector graphics, for print."""
DIGEST = ".lab4-report.digest"
PAGE = 4
"""Number of the page that the chapter shows, from 1."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.connect("builder-inited", write_example_report)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_example_report(app: Sphinx) -> None:
    """Make the report of the worked example, beside the chapter that links to it."""
    from sphinx.errors import ExtensionError
    from sphinx.util import logging

    folder = Path(app.srcdir) / "hand-in"
    if not folder.is_dir():
        return
    try:
        if write_example(folder):
            logging.getLogger(__name__).info("made the report of the worked example")
    except NNBookError as error:
        raise ExtensionError(str(error)) from error


def write_example(folder: Path) -> bool:
    """Write the example's report and the picture of a page into a folder, unless they are there.

    Parameters
    ----------
    folder : Path
        Of the chapter that shows them.

    Returns
    -------
    bool
        Whether they had to be made.

    Raises
    ------
    NNBookError
        If the report cannot be made.
    """
    if is_fresh(folder):
        return False
    from pypdf import PdfWriter

    from nnbook.lab.report import Report

    report = Report(EXAMPLE)
    (folder / PICTURE).write_bytes(report.pages()[PAGE - 1])
    report.write(folder / REPORT)
    with PdfWriter() as page:
        page.append(folder / REPORT, pages=(PAGE - 1, PAGE), import_outline=False)
        page.write(folder / PRINTED)
    (folder / DIGEST).write_text(_digest(), "utf-8")
    return True


def is_fresh(folder: Path) -> bool:
    """Return whether all is in a folder, made from and with what is there now."""
    there = all((folder / name).is_file() for name in (REPORT, PICTURE, PRINTED, DIGEST))
    return there and (folder / DIGEST).read_text("utf-8") == _digest()


def _digest() -> str:
    """Return the SHA-256 digest, in hex, of what the report is made from and with."""
    # All of the package, since the report uses most of it, and what it says of the book's runs.
    folders = EXAMPLE, REPOSITORY / "nnbook", project.data("experiments")
    files = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".local" not in path.parts
    ]
    state = hashlib.sha256()
    for path in files:
        state.update(path.relative_to(REPOSITORY).as_posix().encode() + b"\0" + path.read_bytes())
    for library in ("typst", "pypandoc_binary", "matplotlib"):
        state.update(version(library).encode())
    return state.hexdigest()
