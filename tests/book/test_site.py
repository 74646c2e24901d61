"""The book as one site: what its pages say of themselves, and the pages around the chapters."""

import re
from contextlib import contextmanager
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml
from PIL import Image

from nnbook.project import REPOSITORY
from tests.book.accessibility import violations
from tests.book.conftest import (
    HTML,
    PAGES,
    REDIRECTS,
    QuietHandler,
    parsed,
    served,
    wait_for_scripts,
)

BASE = yaml.safe_load((REPOSITORY / "_config.yml").read_text())["html"]["baseurl"]
CHAPTERS = [name for name in PAGES if name != "index.html" and not name.startswith("reference/")]


def address(name):
    return BASE + ("" if name == "index.html" else name)


def meta(name):
    tags = parsed(HTML / name)[0].find_all("meta", content=True)
    return {tag.get("name") or tag.get("property"): tag["content"] for tag in tags}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is_about_without_markup(name, html):
    about = meta(name)["description"]
    assert 10 < len(about) <= 201
    assert not re.search(r"[\\$<>`✓]|\*\*", about)
    assert about[0].isupper() or not about[0].isalpha()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_where_it_is_and_has_a_picture(name, html):
    tags = meta(name)
    soup = parsed(html / name)[0]
    assert [link["href"] for link in soup.select("link[rel=canonical]")] == [address(name)]
    assert tags["og:url"] == address(name)
    with Image.open(html / tags["og:image"].removeprefix(BASE)) as image:
        size = image.size
    assert size == (int(tags["og:image:width"]), int(tags["og:image:height"]))


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_says_how_long_it_takes(name, html):
    minutes = parsed(html / name)[0].select_one("h1 + .nnb-reads").get_text()
    assert 2 <= int(re.fullmatch(r"Reads in (\d+) min", minutes)[1]) <= 30


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_cited_and_its_errors_are_reported(name, html):
    foot = parsed(html / name)[0].select_one("article .nnb-foot")
    text, bibtex = (piece.get_text() for piece in foot.select("pre"))
    assert text.endswith(address(name))
    assert f"url = {{{address(name)}}}" in bibtex
    report = foot.find("a", string="Report an error")["href"]
    buttons = parsed(html / name)[0].select(".article-header-buttons a[href*='/issues/new']")
    assert [button["href"] for button in buttons] == [report]


def test_the_sitemap_lists_all_pages(html):
    root = ET.parse(html / "sitemap.xml").getroot()
    assert sorted(url[0].text for url in root) == sorted(map(address, PAGES))


def test_what_is_no_page_looks_like_none(html):
    assert not [path.name for path in (html / "_static").rglob("*.html")]


@pytest.mark.parametrize("old", REDIRECTS)
def test_a_page_that_has_moved_is_found(old, browser, site):
    page = browser.new_page()
    page.goto(f"{site}/{old}.html#place")
    page.wait_for_url(f"**/{REDIRECTS[old]}.html#place")
    page.close()


def test_every_term_is_explained_by_a_chapter(html):
    soup = parsed(html / "reference" / "index-of-terms.html")[0]
    lines = soup.select(".nnb-terms li")
    assert len(lines) > 90
    assert [line.get_text() for line in lines if len(line.find_all("a")) < 2] == []
    glossary = parsed(html / "reference" / "glossary.html")[0]
    definitions = glossary.select("dl.glossary > dd")
    assert all(definition.select_one(".nnb-explained a") for definition in definitions)


def test_the_front_page_offers_what_is_there(html):
    row = parsed(html / "index.html")[0].select(".nnb-row a")
    assert [a.get_text() for a in row][-3:] == ["Cite", "License: CC BY 4.0", "Source"]
    for link in row[:-3]:
        assert (html / link["href"]).is_file()


@contextmanager
def served_at(folder):
    """Serve the book from a folder of a server, with the page for what does not exist."""

    class Handler(QuietHandler):
        def translate_path(self, path):
            within = path.startswith(folder)
            return super().translate_path("/" + path.removeprefix(folder) if within else "/none/")

        def send_error(self, code, *arguments, **more):
            page = (HTML / "404.html").read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

    with served(Handler) as address:
        yield f"{address}{folder}"


PLACES = {"published": urlsplit(BASE).path, "its own server": "/", "a copy": "/~ada/books/nn/"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES)
def test_what_does_not_exist_is_answered_at_any_depth(html, browser, place, scheme):
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    answers, messages = [], []
    page.on("response", lambda answer: answers.append((answer.status, answer.url)))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    with served_at(PLACES[place]) as server:
        wrong = f"{server}learning/far/away/momentun.html"
        page.goto(wrong)
        wait_for_scripts(page)
        header = page.locator(".bd-header-article")
        assert header.evaluate("header => getComputedStyle(header).position") == "sticky"
        page.fill(".nnb-search input", "momentum")
        page.wait_for_selector(".nnb-search .nnb-results li")
        assert violations(page) == ""
        page.click(".nnb-search .nnb-results li a >> nth=0")
        wait_for_scripts(page)
        assert page.url.startswith(f"{server}learning/momentum.html")
        page.goto(wrong)
        wait_for_scripts(page)
        page.click("article a")
        wait_for_scripts(page)
        assert page.url == f"{server}index.html"
    missing = {url for status, url in answers if status >= 400} - {wrong}
    assert place != "published" or missing == set()
    # Elsewhere the script is looked for in the folders above.
    assert {urlsplit(url).path.rpartition("/")[2] for url in missing} <= {"page.js"}
    assert [text for text in messages if "404" not in text] == []
    context.close()
