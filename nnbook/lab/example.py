"""The worked example of a lab, made while the book is built: its report and a picture of a page."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.errors import LabError, NNBookError
from nnbook.project import REPOSITORY
from nnbook.publishing import recorder
from nnbook.publishing.dependencies import digests, unchanged

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

EXAMPLE = REPOSITORY / "examples" / "lab4"
FOLDER = "hand-in"
"""Of the chapter that shows it, in the book's folder."""
REPORT = "lab4-report.pdf"
PICTURE = "lab4-page.png"
DEPENDENCIES = ".lab4-report.json"
"""What the report was made from and with, as digests."""
PRODUCTS = (REPORT, PICTURE)
PAGE = 4
"""Number of the page that the chapter shows, from 1."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    app.connect("builder-inited", begin_example, priority=100)
    app.connect("env-get-outdated", pages_with_new_example, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def begin_example(app: Sphinx) -> None:
    """Begin to make the report of the worked example, beside the chapter that links to it."""
    folder = Path(app.srcdir) / FOLDER
    if folder.is_dir():
        pool = ThreadPoolExecutor(1)
        app.nnbook_example = pool.submit(write_example, folder)  # type: ignore[attr-defined]
        pool.shutdown(wait=False)


def pages_with_new_example(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Wait for the report, and name the pages that show it if it is another."""
    from sphinx.errors import ExtensionError
    from sphinx.util import logging

    if not hasattr(app, "nnbook_example"):
        return []
    try:
        is_another = app.nnbook_example.result()
    except NNBookError as error:
        raise ExtensionError(str(error)) from error
    if not is_another:
        return []
    logging.getLogger(__name__).info("made the report of the worked example")
    products = {f"{FOLDER}/{name}" for name in PRODUCTS}
    return [name for name, paths in env.dependencies.items() if not products.isdisjoint(paths)]


def write_example(folder: Path) -> bool:
    """Write the example's report and the picture of a page into a folder, unless they are there.

    A file that would be the same stays as it is, so that pages that show it are not read again.

    Parameters
    ----------
    folder : Path
        Of the chapter that shows them.

    Returns
    -------
    bool
        Whether what is there now is another than before.

    Raises
    ------
    NNBookError
        If the report cannot be made.
    """
    if is_fresh(folder):
        return False
    start = time.time()
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "dependencies"
        _make_recorded(scratch, output)
        _, others, absent = filecmp.cmpfiles(scratch, folder, PRODUCTS, shallow=False)
        for name in (*others, *absent):
            shutil.move(Path(scratch) / name, folder / name)
        made_from = digests(recorder.read(output), start)
    (folder / DEPENDENCIES).write_text(json.dumps(made_from), "utf-8")
    return bool(others or absent)


def is_fresh(folder: Path) -> bool:
    """Return whether all is in a folder, made from and with what is there now."""
    if not all((folder / name).is_file() for name in (*PRODUCTS, DEPENDENCIES)):
        return False
    return unchanged(json.loads((folder / DEPENDENCIES).read_text("utf-8")))


def _make_recorded(folder: str, output: Path) -> None:
    """Make the example in a process of its own, of which the recorder sees all that it reads."""
    environment = {**os.environ, recorder.OUTPUT: str(output)}
    recorder.for_children(environment)
    made = subprocess.run(
        [sys.executable, "-m", __name__, folder],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise LabError(f"the report of {EXAMPLE} cannot be made: {made.stderr.strip()}")


def _make(folder: Path) -> None:
    from nnbook.lab.report import Report

    report = Report(EXAMPLE)
    (folder / PICTURE).write_bytes(report.pages()[PAGE - 1])
    report.write(folder / REPORT)


if __name__ == "__main__":
    try:
        _make(Path(sys.argv[1]))
    except NNBookError as problem:
        sys.exit(str(problem))
