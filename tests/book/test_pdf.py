"""The PDF of the book: made by `make pdf`, read back with poppler's tools."""

import re
import shutil
import subprocess

from nnbook.project import REPOSITORY
from tests.book.conftest import unavailable
from tests.book.test_sources import CHAPTERS

PDF = REPOSITORY / "_build" / "nnbook.pdf"


def poppler(tool, *arguments):
    if shutil.which(tool) is None:
        unavailable(f"{tool} not found (on Debian: apt-get install poppler-utils)")
    if not PDF.exists():
        unavailable("there is no PDF: run `make pdf` first")
    command = [tool, *arguments, str(PDF)]
    if tool == "pdftotext":
        command.append("-")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_every_chapter_is_in_it():
    text = re.sub(r"\s+", " ", poppler("pdftotext"))
    titles = [re.search(r"^# (.*)$", path.read_text(), flags=re.M)[1] for path in CHAPTERS]
    missing = [title for title in titles if title.upper() not in text.upper()]
    assert missing == []


def test_references_and_numbers_from_records_are_resolved():
    text = poppler("pdftotext")
    assert "[?]" not in text
    assert "Fig. ??" not in text
    assert "glue:text" not in text


def test_all_fonts_are_embedded():
    # The columns from the right: object ID (two numbers), uni, sub, emb.
    fonts = [line.split()[-5] for line in poppler("pdffonts").splitlines()[2:]]
    assert len(fonts) > 5
    assert set(fonts) == {"yes"}


def test_figures_are_vector_graphics():
    # Pictures of data, such as weights or a confusion matrix, are arrays of pixels. A figure of
    # the book is 460 points wide and 260 high, and would have as many pixels or more as an image.
    images = poppler("pdfimages", "-list").splitlines()[2:]
    sizes = [tuple(map(int, line.split()[3:5])) for line in images]
    assert [size for size in sizes if size[0] > 455 and size[1] > 240] == []


def test_without_tex_one_message_names_the_packages(tmp_path):
    result = subprocess.run(
        [shutil.which("make"), "pdf", "--old-file=.venv/.ready"],
        cwd=REPOSITORY,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "apt-get install --no-install-recommends latexmk texlive-xetex" in result.stderr
    assert "Traceback" not in result.stderr
