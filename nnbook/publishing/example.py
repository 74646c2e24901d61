"""The worked example of a lab, made while the book is built: its report and a picture of a page."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from nnbook.publishing.recorder import ROOT

EXAMPLE = ROOT / "examples" / "lab4"
CODE = ROOT / "nnbook" / "publishing" / "lab"
REPORT = "lab4-report.pdf"
PICTURE = "lab4-page.png"
PRINTED = "lab4-page.pdf"
"""The same page as vector graphics, for print."""
DIGEST = ".lab4-report.digest"
PAGE = 4
"""Number of the page that the chapter shows, from 1."""


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
    digest, note = _digest(), folder / DIGEST
    there = all((folder / name).is_file() for name in (REPORT, PICTURE, PRINTED, DIGEST))
    if there and note.read_text("utf-8") == digest:
        return False
    from pypdf import PdfWriter

    from nnbook.publishing.lab.report import Report

    report = Report(EXAMPLE)
    (folder / PICTURE).write_bytes(report.pages()[PAGE - 1])
    report.write(folder / REPORT)
    with PdfWriter() as page:
        page.append(folder / REPORT, pages=(PAGE - 1, PAGE), import_outline=False)
        page.write(folder / PRINTED)
    note.write_text(digest, "utf-8")
    return True


def _digest() -> str:
    """Return the SHA-256 digest, in hex, of what the report is made from and with."""
    files = [
        path
        for folder in (EXAMPLE, CODE)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".local" not in path.parts
    ]
    files += [CODE.parent / "figures.py", CODE.parent / "tables.py"]
    state = hashlib.sha256()
    for path in files:
        state.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    for library in ("typst", "pypandoc_binary", "matplotlib"):
        state.update(version(library).encode())
    return state.hexdigest()
