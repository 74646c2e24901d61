"""The book as an EPUB: a small one, unpacked and checked."""

import subprocess
import sys
import zipfile
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup

from nnbook.publishing.ebook.builder import clean
from tests.book.conftest import check_epub
from tests.publishing.test_paper import CONF, PAGES, PICTURE, TOC, WORKS

XHTML = "{http://www.w3.org/1999/xhtml}"
OPF, DC = "{http://www.idpf.org/2007/opf}", "{http://purl.org/dc/elements/1.1/}"
MATH = "{http://www.w3.org/1998/Math/MathML}"
TABLE = """
<html><head></head><body><mtable columnalign="right left"><mtr><mtd>a</mtd><mtd>b</mtd></mtr>
</mtable><i id="x"></i><b id="x"></b></body></html>
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ebook")
    address = 'html_theme_options = {"repository_url": "https://example.org/book"}\n'
    (folder / "conf.py").write_text(CONF + address + 'epub_description = "About slopes."\n')
    (folder / "_toc.yml").write_text(TOC)
    (folder / "works.bib").write_text(WORKS)
    (folder / "picture.svg").write_text(PICTURE)
    for name, text in PAGES.items():
        (folder / f"{name}.md").write_text(text)
    (folder / "out").mkdir()
    (folder / "out" / "renamed.xhtml").write_text("<html>a page of the last build</html>")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "epub", ".", "out"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "out" / "nnbook.epub"


@pytest.fixture(scope="module")
def files(path):
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_pages_are_xml_without_scripts(files):
    pages = [name for name in files if name.endswith(".xhtml")]
    assert {"index.xhtml", "first.xhtml", "second.xhtml", "nav.xhtml"} <= set(pages)
    for name in pages:
        tree = ET.fromstring(files[name])
        assert not list(tree.iter(f"{XHTML}script"))
        assert not list(tree.iter(f"{XHTML}button"))


def test_formulas_are_mathml_and_the_list_of_files_says_so(files):
    first = ET.fromstring(files["first.xhtml"])
    assert list(first.iter(f"{MATH}math"))
    assert b"katex" not in files["first.xhtml"]
    items = ET.fromstring(files["content.opf"]).iter(f"{OPF}item")
    marked = {item.get("href") for item in items if item.get("properties") == "mathml"}
    assert marked == {"first.xhtml", "second.xhtml"}


def test_numbers_and_order_are_those_of_the_web(files):
    first = BeautifulSoup(files["first.xhtml"], "html.parser").get_text()
    assert "Exercise 1.1" in first
    assert "Fig. 1.1" in first
    entries = ET.fromstring(files["nav.xhtml"]).iter(f"{XHTML}a")
    titles = ["".join(entry.itertext()) for entry in entries]
    assert titles.index("2. The second chapter") > titles.index("1. The first chapter")


def test_chapters_stand_below_their_parts_with_no_numbers_but_their_own(files):
    page = BeautifulSoup(files["nav.xhtml"], "html.parser")
    assert page.select_one("link[rel=stylesheet]")["href"] in files
    assert b"nav ol { list-style: none" in files["_static/ebook.css"]
    parts = page.select_one("nav[epub\\:type=toc] > ol").find_all("li", recursive=False)
    below = {
        part.a.get_text(): [a.get_text() for a in part.select("ol > li > a")] for part in parts
    }
    assert "1. The first chapter" in below["Before"]
    assert "2. The second chapter" in below["After"]
    assert "A small book" in below


def test_it_says_who_can_read_it(files):
    book = ET.fromstring(files["content.opf"])
    told = {(meta.get("property"), meta.text) for meta in book.iter(f"{OPF}meta")}
    assert ("schema:accessibilityFeature", "MathML") in told
    assert ("schema:accessMode", "textual") in told
    makers = {maker.text for kind in ("contributor", "creator") for maker in book.iter(DC + kind)}
    assert makers == {"Its author"}


def test_what_is_on_the_web_only_is_linked_there():
    elsewhere = {"reference/list.xhtml": "https://example.org/reference/list.html"}
    text = '<html><head></head><body><a href="../reference/list.xhtml#a">list</a></body></html>'
    page = BeautifulSoup(text, "html.parser")
    clean(page, "part/page.xhtml", elsewhere)
    assert page.a["href"] == "https://example.org/reference/list.html#a"
    page = BeautifulSoup(text, "html.parser")
    clean(page, "part/page.xhtml", dict.fromkeys(elsewhere, ""))
    assert page.a is None and page.body.get_text() == "list"


def test_it_holds_what_is_shown_and_nothing_else(files):
    kinds = {name.rpartition(".")[2] for name in files}
    assert kinds <= {"mimetype", "xml", "opf", "ncx", "xhtml", "css", "svg"}
    [picture] = [name for name in files if name.endswith(".svg")]
    assert b"fill: #808080" in files[picture]  # readers' programs know no variables
    assert "renamed.xhtml" not in files


def test_it_says_what_it_is(files):
    text = files["content.opf"].decode()
    for part in ("A small book", "Its author", "About slopes.", "https://example.org/book"):
        assert part in text


def test_columns_of_formulas_are_aligned_and_names_stand_for_one_place():
    page = BeautifulSoup(TABLE, "html.parser")
    clean(page, "part/page.xhtml")
    assert [cell["style"] for cell in page.find_all("mtd")] == [
        "text-align: right",
        "text-align: left",
    ]
    assert len(page.find_all(id="x")) == 1
    assert page.find("link")["href"].startswith("../_static/")


def test_a_wide_table_scrolls():
    page = BeautifulSoup("<html><head></head><body><table></table></body></html>", "html.parser")
    clean(page, "page.xhtml")
    assert "nnb-wide" in page.table.parent["class"]


def test_epubcheck_finds_nothing(path):
    check_epub(path)
