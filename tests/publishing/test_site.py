"""What pages say of themselves, and the pages around them, on small books."""

import datetime
import os
import re
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from PIL import Image
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import docutils_namespace

from nnbook.project import REPOSITORY
from nnbook.publishing.site import history, not_found, pictures, redirects
from nnbook.publishing.site.citing import Citation

PAGES = {
    "index.md": "# A Book\n\nIt is *short*. See [](part/pace.md).\n\n```{editions}\n```\n\n"
    "```{toctree}\npart/pace\nlooked-up/glossary\nlooked-up/terms\n```\n",
    "part/pace.md": r"""# Pace $\eta$ & Co.

The factor $\eta^l$ is a [link](../index.md), "so to
say". A {term}`norm` is not explained {term}`here <pace>`.

![A line](line.svg)

## Where it is explained

A {term}`pace` is a `step`, at [the sources]({{ repository }}/tree).

:::{note}
:class: dropdown
Folded words.
:::
""",
    "looked-up/glossary.md": "# Glossary\n\n```{glossary}\npace\nstride\n  How long a step is.\n\n"
    "norm\n  A length.\n\nnothing\n  That no page explains.\n```\n",
    "looked-up/terms.md": "# Terms\n\nSee {term}`norm`.\n\n```{index-of-terms}\n```\n",
}
LINE = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0L9 9"/></svg>'
CONF = """
extensions = ["myst_parser", "tests.publishing.small_site"]
project = html_title = "A Book"
author, copyright = "A. Author", "2026"
html_theme, html_theme_path = "small", ["."]
html_math_renderer = "nnbook"
html_use_index = html_domain_indices = False
html_baseurl = "https://example.org/book"
myst_enable_extensions = ["dollarmath", "colon_fence"]
exclude_patterns = ["html", "trees"]
html_theme_options = {"repository_url": "https://example.com/book/", "path_to_docs": "pages"}
nnbook_looked_up = ["index", "looked-up/*"]
nnbook_redirects = "redirects.toml"
nnbook_editions = {"PDF": "book.pdf", "EPUB": "book.epub"}
"""


THEME = "[theme]\ninherit = basic\n[options]\nrepository_url =\npath_to_docs =\n"  # as the book's
FILES = {"part/line.svg": LINE, "small/theme.conf": THEME}


class Book:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in {**PAGES, "conf.py": CONF, **FILES}.items():
            self.write(name, text)
        self.write("redirects.toml", 'old = "part/pace"\n"part/older" = "index"\n')

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def sphinx(self) -> tuple[str, str]:
        """Build; return what Sphinx said, and what it complained of."""
        status, warning = StringIO(), StringIO()
        place = self.folder
        # As on the command line: a build leaves nothing registered.
        with docutils_namespace(), pytest.MonkeyPatch.context() as patch:
            patch.setenv("GIT_CEILING_DIRECTORIES", str(place.parent))
            app = Sphinx(
                place,
                place,
                place / "html",
                place / "trees",
                "html",
                status=status,
                warning=warning,
            )
            app.build()
        return status.getvalue(), warning.getvalue()

    def build(self) -> str:
        said, complaints = self.sphinx()
        assert not complaints
        return said

    def page(self, name: str) -> BeautifulSoup:
        text = (self.folder / "html" / name).read_text(encoding="utf-8")
        return BeautifulSoup(text, "html.parser")

    def commit(self, date: str) -> str:
        """Commit everything; return the name of the commit."""
        if not (self.folder / ".git").exists():
            self.git("init", "-q")
        self.git("add", "*.md", "*/*.md")
        when = f"{date}T12:00:00+0000"
        self.git("commit", "-q", "-m", "a change", GIT_COMMITTER_DATE=when, GIT_AUTHOR_DATE=when)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str, **variables: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        return subprocess.run(
            ["git", *who, *arguments],
            cwd=self.folder,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=True,
        ).stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Book:
    book = Book(tmp_path_factory.mktemp("book"))
    book.commit("2026-01-02")
    book.write("part/pace.md", PAGES["part/pace.md"] + "\nMore.\n")
    book.last = book.commit("2026-03-04")
    book.write("looked-up/glossary.md", PAGES["looked-up/glossary.md"] + "\n% not committed\n")
    book.build()
    return book


@pytest.fixture
def book(tmp_path) -> Book:
    return Book(tmp_path)


def meta(page: BeautifulSoup) -> dict[str, str]:
    tags = page.find_all("meta", content=True)
    return {tag.get("name") or tag.get("property"): tag["content"] for tag in tags}


class TestTheHeadOfAPage:
    def test_it_describes_the_page_in_its_first_sentences_without_markup(self, built):
        about = "The factor ηˡ is a link, “so to say”. A norm is not explained here."
        tags = meta(built.page("part/pace.html"))
        assert tags["description"] == tags["og:description"] == about
        assert tags["og:title"] == "Pace η & Co."
        assert meta(built.page("index.html"))["description"].startswith("It is short. See Pace")

    def test_the_author_of_a_page_may_describe_it(self, book):
        header = '---\nmyst:\n  html_meta:\n    "description": By hand.\n---\n'
        book.write("part/pace.md", header + PAGES["part/pace.md"])
        book.build()
        described = book.page("part/pace.html").select("meta[name=description]")
        assert [tag["content"] for tag in described] == ["By hand."]

    def test_it_says_where_the_page_is_and_which_picture_shows_it(self, built):
        page = built.page("part/pace.html")
        tags = meta(page)
        canonical = page.select_one("link[rel=canonical]")["href"]
        assert canonical == tags["og:url"] == "https://example.org/book/part/pace.html"
        assert tags["og:image:alt"] == "A line"
        path = tags["og:image"].removeprefix("https://example.org/book/")
        with Image.open(built.folder / "html" / path) as image:
            assert image.size == (pictures.WIDTH, pictures.HEIGHT)
        front = built.page("index.html").select_one("link[rel=canonical]")["href"]
        assert front == "https://example.org/book/"

    def test_without_an_address_of_the_book_nothing_depends_on_it(self, book):
        book.write("conf.py", CONF.replace("https://example.org/book", ""))
        book.build()
        page = book.page("part/pace.html")
        assert not page.select("link[rel=canonical]")
        assert not {"og:url", "og:image"} & meta(page).keys()
        assert meta(page)["description"]
        assert not (book.folder / "html/sitemap.xml").exists()
        assert not (book.folder / "html" / pictures.FOLDER).exists()
        assert book.page("404.html").select_one(".body a")["href"] == "/index.html"


class TestTheFootOfAPage:
    def test_it_tells_the_last_change(self, built):
        foot = built.page("part/pace.html").select_one(".nnb-foot")
        assert foot.time["datetime"] == "2026-03-04"
        assert f"4 March 2026 ({built.last[:7]})" in " ".join(foot.get_text().split())
        link = foot.select_one("a:has(code)")["href"]
        assert link == f"https://example.com/book/commit/{built.last}"

    def test_a_page_that_has_changed_since_says_nothing(self, built):
        assert built.page("looked-up/glossary.html").select_one(".nnb-foot time") is None

    def test_errors_are_reported_with_the_page_filled_in(self, built):
        links = [a["href"] for a in built.page("part/pace.html").select(".nnb-about a")]
        report, edit = links[1:]
        assert report.startswith("https://example.com/book/issues/new?template=error.yml&title=Err")
        assert report.endswith("Pace+%CE%B7+%26+Co.%E2%80%9D&page=part%2Fpace")
        assert edit == "https://example.com/book/edit/main/pages/part/pace.md"

    def test_the_form_has_the_field_that_is_filled_in(self):
        form = (REPOSITORY / ".github/ISSUE_TEMPLATE/error.yml").read_text()
        assert re.search(r"^ +id: page$", form, flags=re.M)

    def test_the_page_is_cited_as_text_and_for_bibtex(self, built):
        text, bibtex = (p.get_text() for p in built.page("part/pace.html").select(".nnb-foot pre"))
        assert text.startswith("A. Author (2026). Pace η & Co. In A Book, version ")
        assert text.endswith(f"commit {built.last[:7]}. https://example.org/book/part/pace.html")
        assert r"title = {{Pace η \& Co.}}" in bibtex

    def test_only_what_is_read_takes_time(self, built):
        assert "Reads in 1 min" in built.page("part/pace.html").select_one(".nnb-reads").text
        assert built.page("looked-up/glossary.html").select_one(".nnb-reads") is None


def test_bibtex_can_be_read():
    from pybtex.database import parse_string

    citation = Citation("a/b", "T & {T}", "Book", "The Authors", "2026", "1.0", "abcdef12", "u")
    (entry,) = parse_string(citation.bibtex, "bibtex").entries.values()
    assert entry.fields["title"] == r"{T \& \{T\}}"
    assert [str(person) for person in entry.persons["author"]] == ["{The Authors}"]
    assert entry.fields["note"] == "Version 1.0, commit abcdef1"


class TestHistory:
    def test_where_git_cannot_tell_nothing_is_told(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        assert history.last_changes(tmp_path) == {}
        monkeypatch.setenv("PATH", "")
        assert history.last_changes(tmp_path) == {}

    def test_nor_in_a_clone_that_is_not_complete(self, built, tmp_path):
        source = built.folder.as_uri()
        for depth, known in (("1", 0), ("9", len(PAGES))):
            clone = tmp_path / depth
            built.git("clone", "-q", "--depth", depth, source, str(clone))
            if depth == "9":
                built.git("clone", "-q", source, str(clone / "whole"))
                clone /= "whole"
            assert len(history.last_changes(clone)) == known

    def test_of_each_file_the_last_change_is_known(self, built):
        changes = history.last_changes(built.folder)
        assert changes["index.md"].date == datetime.date(2026, 1, 2)
        assert changes["part/pace.md"].commit == built.last
        assert set(history.last_changes(built.folder / "part")) == {"pace.md"}

    def test_a_page_is_written_again_when_it_has_been_committed(self, book):
        book.commit("2026-01-02")
        book.write("part/pace.md", PAGES["part/pace.md"] + "\nMore.\n")
        book.build()
        assert book.page("part/pace.html").time is None
        book.commit("2026-03-04")
        book.build()
        assert book.page("part/pace.html").time["datetime"] == "2026-03-04"
        assert "no targets are out of date" in book.build()


class TestTerms:
    def test_a_definition_leads_to_the_section_that_explains_it(self, built):
        glossary = built.page("looked-up/glossary.html")
        told = [p.get_text() for p in glossary.select(".nnb-explained")]
        assert told == ["Explained in Pace η & Co."] * 2
        assert glossary.select_one(".nnb-explained a")["href"] == "../part/pace.html"

    def test_the_index_has_all_terms_also_of_one_definition(self, built):
        index = built.page("looked-up/terms.html")
        lines = [" ".join(li.get_text().split()) for li in index.select(".nnb-terms li")]
        assert lines == [
            "norm: Pace η & Co.",
            "nothing",
            "pace: Pace η & Co.",
            "stride: Pace η & Co.",
        ]
        hrefs = [a["href"] for a in index.select(".nnb-terms li:nth-child(1) a")]
        assert hrefs[:2] == ["glossary.html#term-norm", "../part/pace.html"]
        letters = [a["href"] for a in index.select(".nnb-letters a")]
        assert letters == ["#terms-n", "#terms-p", "#terms-s"]
        assert all(index.find(id=letter[1:]) for letter in letters)

    def test_a_page_that_is_looked_up_explains_what_no_other_does(self, book):
        pace = (
            PAGES["part/pace.md"].replace("{term}`norm`", "norm").replace("{term}`here <pace>`", "")
        )
        book.write("part/pace.md", pace)
        book.build()
        told = [p.get_text() for p in book.page("looked-up/glossary.html").select(".nnb-explained")]
        assert told == [
            "Explained in Pace η & Co., “Where it is explained”",
            "Explained in Terms",
        ]

    def test_a_title_that_changes_is_another_on_the_index_and_in_the_glossary(self, book):
        book.build()
        pace = PAGES["part/pace.md"].replace("# Pace $\\eta$ & Co.", "# Speed")
        book.write("part/pace.md", pace)
        book.build()
        for name in ("looked-up/glossary.html", "looked-up/terms.html"):
            text = book.page(name).select_one(".body").get_text()
            assert "Speed" in text
            assert "Co." not in text


class TestPagesAround:
    def test_the_sitemap_lists_all_pages_also_when_few_are_written(self, book):
        book.commit("2026-01-02")
        for _ in range(2):
            book.build()
            root = ET.parse(book.folder / "html/sitemap.xml").getroot()
            urls = {url[0].text: url[1].text for url in root}
            assert urls == {
                f"https://example.org/book/{path}": "2026-01-02"
                for path in (
                    "",
                    "part/pace.html",
                    "looked-up/glossary.html",
                    "looked-up/terms.html",
                )
            }
            book.write("index.md", PAGES["index.md"] + "\n")
            book.git("commit", "-q", "--allow-empty", "-m", "nothing")
            book.write("index.md", PAGES["index.md"])

    def test_the_page_of_what_does_not_exist_works_at_any_depth(self, built):
        page = built.page("404.html")
        assert not page.select("link[rel=canonical]")
        addresses = [tag[name] for name in ("href", "src") for tag in page.find_all(**{name: True})]
        assert addresses
        assert all(re.match(r"/book/|#|https?:|$", address) for address in addresses)
        assert page.select_one(".nnb-search")
        assert (built.folder / "html" / page.select_one(".body a")["href"][6:]).is_file()

    def test_lists_of_addresses_are_moved_too(self):
        text = '<html data-content_root="./"><script data-fonts="a b" data-x="c">d="e"</script>'
        moved = (
            '<html data-content_root="/f/"><script data-fonts="/f/a /f/b" data-x="c">d="e"</script>'
        )
        assert not_found.absolute(text, "/f/") == moved

    def test_a_page_that_has_moved_leads_to_where_it_is(self, built):
        assert built.page("old.html").a["href"] == "part/pace.html"
        moved = built.page("part/older.html")
        assert moved.a["href"] == "../index.html"
        refresh = moved.select_one("meta[http-equiv=refresh]")["content"]
        assert refresh == "0; url=../index.html"

    def test_a_redirect_that_is_taken_out_takes_its_page_along(self, book):
        book.build()
        assert (book.folder / "html/old.html").is_file()
        book.write("redirects.toml", '"part/older" = "index"\n')
        book.build()
        assert not (book.folder / "html/old.html").exists()
        assert (book.folder / "html/part/older.html").is_file()

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ('old = "nowhere"', '"old" leads to "nowhere", which is not a page'),
            ('"part/pace" = "index"', '"part/pace" is a page'),
            ("old", "cannot be read"),
        ],
    )
    def test_a_redirect_that_cannot_be_right_fails_the_build(self, book, content, message):
        book.write("redirects.toml", content)
        with pytest.raises(ExtensionError, match=re.escape(message)):
            book.build()

    def test_redirects_that_are_right(self, tmp_path):
        path = tmp_path / "redirects.toml"
        path.write_text('a = "b"')
        assert redirects.read(path, {"b"}) == {"a": "b"}

    def test_the_front_page_offers_what_is_there(self, book):
        book.build()
        row = [a.get_text() for a in book.page("index.html").select(".nnb-row a")]
        assert row == ["Cite", "License: CC BY 4.0", "Source"]
        book.write("book.pdf", "a PDF")
        book.build()
        link = book.page("index.html").select_one(".nnb-row a")
        assert (link.get_text(), link["href"]) == ("PDF", "book.pdf")
        assert (book.folder / "html/book.pdf").read_text() == "a PDF"

    def test_the_address_of_the_repository_is_put_in(self, built):
        hrefs = [a["href"] for a in built.page("part/pace.html").select(".body a")]
        assert "https://example.com/book/tree" in hrefs


class TestPictures:
    def draw(self, folder, **more):
        figure = folder / "figure.svg"
        figure.write_text(LINE.replace("<path", '<path stroke="var(--ink, #f00)"'))
        about = {
            "a/with": pictures.Picture("One", "Book", "", str(figure)),
            "without": pictures.Picture("Two", "Book", "What it is about."),
            **more,
        }
        pictures.draw(folder / "site", about, folder / "memory.json")
        return {p.stem: p for p in (folder / "site").rglob("*.png")}

    def test_only_what_has_changed_is_drawn(self, tmp_path, monkeypatch):
        drawn = []
        draw = pictures._drawn
        monkeypatch.setattr(pictures, "_drawn", lambda new: drawn.append(len(new)) or draw(new))
        first = {name: path.read_bytes() for name, path in self.draw(tmp_path).items()}
        assert set(first) == {"with", "without"}
        self.draw(tmp_path)
        again = self.draw(tmp_path, without=pictures.Picture("Three", "Book"))
        assert drawn == [2, 0, 1]
        assert again["without"].read_bytes() != first["without"]
        shutil.rmtree(tmp_path / "site")
        assert self.draw(tmp_path)["with"].read_bytes() == first["with"], "the same each time"

    def test_colors_are_those_of_the_light_theme_also_where_they_are_declared(self, tmp_path):
        style = "<style>:root{--c:#00f}@media (prefers-color-scheme:dark){:root{--c:#0f0}}</style>"
        line = '<path style="stroke: var(--c); stroke-width: 2"'
        figure = tmp_path / "declared.svg"
        figure.write_text(LINE.replace("<path", style + line))
        about = {"page": pictures.Picture("One", "Book", "", str(figure))}
        pictures.draw(tmp_path / "site", about, tmp_path / "memory.json")
        with Image.open(next((tmp_path / "site").rglob("*.png"))) as image:
            colors = {color for _, color in image.convert("RGB").getcolors(1 << 20)}
        assert (0, 0, 255) in colors
        assert (0, 255, 0) not in colors

    def test_colors_of_the_page_are_those_that_variables_fall_back_to(self, tmp_path):
        with Image.open(self.draw(tmp_path)["with"]) as image:
            colors = {color for _, color in image.convert("RGB").getcolors(1 << 20)}
        assert (255, 0, 0) in colors

    def test_the_picture_of_a_page_that_is_gone_is_taken_away(self, tmp_path):
        assert "extra" in self.draw(tmp_path, extra=pictures.Picture("Three", "Book"))
        assert "extra" not in self.draw(tmp_path)


def test_one_setting_says_where_the_repository_is():
    import yaml

    url = yaml.safe_load((REPOSITORY / "_config.yml").read_text())["repository"]["url"]
    listed = subprocess.run(
        ["git", "grep", "-lF", url.removeprefix("https://")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode not in (0, 1):
        pytest.skip("no git repository")
    # Other programs read these; that they agree, this test says.
    others = {"pyproject.toml", "CITATION.cff"}
    assert set(listed.stdout.split()) == {"_config.yml", *others}
    base = yaml.safe_load((REPOSITORY / "_config.yml").read_text())["html"]["baseurl"]
    assert f"\nurl: {base}\n" in (REPOSITORY / "CITATION.cff").read_text()
    for name in others:
        assert f"{url}\n" in (REPOSITORY / name).read_text().replace('"\n', "\n")
