"""After a chapter was renamed, moved or inserted, every page is as a build from nothing has it."""

import re
from io import StringIO
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

# Of the libraries' own use of what docutils will drop.
pytestmark = [
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

CONF = """\
import os
from nnbook.publishing import navigation, once

extensions = ["myst_parser", "sphinx_external_toc", "tests.publishing.small_site"]
external_toc_path = "_toc.yml"
myst_enable_extensions = ["dollarmath"]
html_theme = "sphinx_book_theme"
html_math_renderer = "nnbook"
html_last_updated_fmt = None
numfig = True
templates_path = []  # which the theme fills

def setup(app):
    app.connect("env-before-read-docs", once._keep_numbers)
    navigation.setup(app)
"""
TOC = """\
format: jb-book
root: index
parts:
  - caption: First part
    numbered: true
    chapters:
      - file: one
      - file: two
  - caption: Second part
    numbered: true
    chapters:
      - file: three
"""
PAGES = {
    "index": "# A Book\n\nAbout it.\n",
    "one": "# One\n\n(sec-inner)=\n## Inner\n\n(sec-more)=\n## More\n\n$$\na\n$$ (eq)\n",
    "two": "# Two\n\nSee [](three.md), {ref}`sec-more`, {numref}`sec-more` and {eq}`eq`.\n",
    "three": "# Three\n\nText.\n",
}


class Book:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = {f"{name}.md": text for name, text in PAGES.items()}
        self.texts |= {"conf.py": CONF, "_toc.yml": TOC}

    def build(self, place: str) -> tuple[dict[str, str], str]:
        """Build in a folder; return the pages, and what Sphinx said."""
        source = self.folder / place
        source.mkdir(exist_ok=True)
        for name, text in self.texts.items():
            if not (source / name).exists() or (source / name).read_text() != text:
                (source / name).write_text(text)
        for gone in {path.name for path in source.glob("*.md")} - self.texts.keys():
            (source / gone).unlink()
        status, warning = StringIO(), StringIO()
        with docutils_namespace():
            folders = (source, source, source / "html", source / "trees")
            Sphinx(*folders, "html", status=status, warning=warning).build()
        assert not warning.getvalue()
        pages = sorted((source / "html").glob("*.html"))
        # Styles get a version when they are there: the book's pages have one of their own.
        texts = {page.name: re.sub(r"(?<=s)\?v=\w+", "", page.read_text()) for page in pages}
        return texts, status.getvalue()


@pytest.fixture
def book(tmp_path) -> Book:
    return Book(tmp_path)


def rename_chapter(texts):
    texts["three.md"] = "# Number three\n\nText.\n"


def insert_chapter(texts):
    two = "      - file: two\n"
    texts["between.md"] = "# Between\n\nText.\n"
    texts["_toc.yml"] = TOC.replace(two, two.replace("two", "between") + two)


def rename_part(texts):
    texts["_toc.yml"] = TOC.replace("Second part", "Last part")


def change_order(texts):
    lines = ("      - file: one\n", "      - file: two\n")
    texts["_toc.yml"] = TOC.replace("".join(lines), "".join(reversed(lines)))


def remove_chapter(texts):
    del texts["three.md"]
    texts["two.md"] = PAGES["two"].replace("[](three.md), ", "")
    texts["_toc.yml"] = TOC.partition("  - caption: Second part")[0]


def rename_section(texts):
    texts["one.md"] = PAGES["one"].replace("More", "Still more")


def insert_section(texts):
    texts["one.md"] = PAGES["one"].replace("(sec-more)=", "## Another\n\n(sec-more)=")


@pytest.mark.parametrize(
    "change",
    [
        rename_chapter,
        insert_chapter,
        remove_chapter,
        rename_part,
        change_order,
        rename_section,
        insert_section,
    ],
)
def test_every_page_is_as_a_build_from_nothing_has_it(book, change):
    before, _ = book.build("kept")
    change(book.texts)
    after, _ = book.build("kept")
    fresh, _ = book.build("new")
    assert after == fresh
    assert after != before


def written(book):
    return {p.name: p.stat().st_mtime_ns for p in (book.folder / "kept/html").glob("*.html")}


def test_a_page_whose_text_changes_is_written_alone(book):
    book.build("kept")
    times = written(book)
    book.texts["three.md"] += "More text.\n\n## A section that nobody refers to\n"
    book.build("kept")
    changed = {name for name, time in written(book).items() if time != times[name]}
    assert "three.html" in changed
    assert not changed & {"one.html", "two.html"}
