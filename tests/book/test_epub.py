"""The book as an EPUB: made by `make epub`, unpacked and checked."""

import re
import zipfile

import pytest
from bs4 import BeautifulSoup

from nnbook.project import REPOSITORY
from tests.book.conftest import check_epub, unavailable
from tests.book.test_sources import CHAPTERS

EPUB = REPOSITORY / "_build" / "nnbook.epub"
ON_THE_WEB = {"reference/answered.xhtml"}  # what a reader's browser keeps


@pytest.fixture(scope="module")
def files():
    if not EPUB.exists():
        unavailable("there is no EPUB: run `make epub` first")
    with zipfile.ZipFile(EPUB) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_epubcheck_finds_nothing(files):
    check_epub(EPUB)


def test_every_chapter_is_in_it_with_its_pictures(files):
    for path in CHAPTERS:
        name = path.relative_to(REPOSITORY / "book").with_suffix(".xhtml").as_posix()
        if name in ON_THE_WEB:
            assert name not in files
            continue
        page = BeautifulSoup(files[name], "html.parser")
        title = re.search(r"^# (.*)$", path.read_text(), flags=re.M)[1]
        assert title in page.h1.get_text()
        for image in page.find_all("img"):
            assert image.get("alt")
            assert image["src"].removeprefix("../") in files


def test_no_page_is_wider_than_a_phone(files, browser, tmp_path):
    with zipfile.ZipFile(EPUB) as packed:
        packed.extractall(tmp_path)
    page = browser.new_page(viewport={"width": 390, "height": 800})
    wide = {}
    for path in CHAPTERS:
        name = path.relative_to(REPOSITORY / "book").with_suffix(".xhtml").as_posix()
        if name not in ON_THE_WEB:
            page.goto((tmp_path / name).as_uri())
            wide[name] = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert len(wide) > 40
    assert {name: width for name, width in wide.items() if width > 390} == {}


def test_formulas_are_mathml_without_scripts_and_fonts_of_their_own(files):
    pages = [content for name, content in files.items() if name.endswith(".xhtml")]
    assert sum(content.count(b"<math ") for content in pages) > 1500
    assert not any(b"<script" in content or b"katex-html" in content for content in pages)
    assert not [name for name in files if name.endswith((".js", ".woff2"))]
