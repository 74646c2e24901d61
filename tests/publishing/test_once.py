"""What is done once in a build gives what doing it each time would give."""

import re
from pathlib import Path

import pytest
from sphinx.util.docutils import docutils_namespace

Sphinx = pytest.importorskip("sphinx.application").Sphinx

CONF = """\
from nnbook.publishing import once

extensions = ["sphinxcontrib.bibtex"]
bibtex_bibfiles = ["sources.bib"]
numfig = True

def setup(app):
    once.setup(app)
"""
SOURCES = """\
@book{first, author = {Ada First}, title = {One}, year = 1999, publisher = {P}}
@book{second, author = {Bo Second}, title = {Two}, year = 2001, publisher = {P}}
"""
FIGURE = """\
.. _{name}:

.. figure:: picture.svg

   The {name}.

"""
INDEX = """\
Title
=====

:numref:`early`, :numref:`late` and :numref:`late` :cite:p:`first,second`

.. toctree::

   page

.. bibliography::
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


class Book:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def write_page(self, *figures: str) -> None:
        body = "".join(FIGURE.format(name=name) for name in figures)
        self.write("page.rst", f"Page\n====\n\n{body}")

    def build(self) -> tuple[list[str], list[tuple[str, str]]]:
        """Build; return the numbers of the references, and which trees were read for what."""
        folder = self.folder
        read: list[str] = []
        # As on the command line: a build leaves nothing registered.
        with docutils_namespace(), pytest.MonkeyPatch.context() as patch:
            app = Sphinx(folder, folder, folder / "html", folder / "doctrees", "html", status=None)
            plain = type(app.env).get_doctree

            def noted(env, name):
                read.append(name)
                return plain(env, name)

            patch.setattr(type(app.env), "get_doctree", noted)
            app.build()
        page = (folder / "html/index.html").read_text(encoding="utf-8")
        return re.findall(r"Fig\. (\d+)", page), read


@pytest.fixture
def book(tmp_path) -> Book:
    book = Book(tmp_path)
    for name, text in {
        "conf.py": CONF,
        "sources.bib": SOURCES,
        "index.rst": INDEX,
        "picture.svg": PICTURE,
    }.items():
        book.write(name, text)
    book.write_page("early", "late")
    return book


def test_the_page_that_references_lead_to_is_read_once_for_all_of_them(book):
    numbers, read = book.build()
    assert numbers == ["1", "2", "2"]
    assert read.count("page") == 2, "for the numbers, and for the three references"


def test_numbers_are_kept_when_nothing_is_read_and_made_anew_when_something_is(book):
    first, _ = book.build()
    again, read = book.build()
    assert again == first
    assert read == []
    book.write_page("new", "early", "late")
    assert book.build()[0] == ["2", "3", "3"]


def test_citations_are_those_of_the_style_that_is_set(book):
    book.build()
    page = (book.folder / "html/index.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]*>", "", page)
    assert "[Fir99, Sec01]" in text
    assert page.index("Ada First") < page.index("Bo Second")


def test_an_entry_is_formatted_once_until_it_changes(book, monkeypatch):
    from pybtex.style.formatting import BaseStyle

    formatted = []
    plain = BaseStyle.format_entry

    def noted(style, label, entry, bib_data=None):
        formatted.append(entry.key)
        return plain(style, label, entry, bib_data)

    monkeypatch.setattr(BaseStyle, "format_entry", noted)
    book.build()
    assert sorted(formatted) == ["first", "second"]
    book.build()
    assert len(formatted) == 2
    book.write("sources.bib", SOURCES.replace("Two", "Another"))
    book.build()
    assert formatted[2:] == ["second"]
    page = (book.folder / "html/index.html").read_text(encoding="utf-8")
    assert "Another" in page
    assert "One" in page
