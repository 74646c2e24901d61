"""The built pages, opened in a real browser: light and dark, on a desk and on a phone."""

import http.server
import os
import threading
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from tests.book.conftest import HTML

PAGES = sorted(
    path.relative_to(HTML).as_posix()
    for path in HTML.rglob("*.html")
    if "_static" not in path.parts and path.name not in {"search.html", "genindex.html"}
)
VIEWS = {
    "light-desktop": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark-phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def site(html):
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(QuietHandler, directory=str(html))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=VIEWS.values(), ids=VIEWS)
def context(request, browser):
    context = browser.new_context(**request.param, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: (
            page.problems.append(f"console: {message.text}")
            # The theme says this on a first visit, when no theme has been chosen yet.
            if message.type == "error" and "invalid theme mode" not in message.text
            else None
        ),
    )
    page.on("requestfailed", lambda request: page.problems.append(f"failed: {request.url}"))
    page.on(
        "response",
        lambda response: (
            page.problems.append(f"{response.status}: {response.url}")
            if response.status >= 400
            else None
        ),
    )
    yield page
    page.close()


def open_page(page, url):
    page.goto(url, wait_until="load")
    # Equations are typeset after loading.
    page.evaluate("() => window.MathJax?.startup?.promise")


def test_there_are_pages(html):
    assert "index.html" in PAGES
    assert len(PAGES) > 8


@pytest.mark.parametrize("name", PAGES)
def test_page(page, site, name):
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    open_page(page, f"{site}/{name}")

    assert not page.problems
    assert hosts == {site.removeprefix("http://")}, "a page must not load from elsewhere"

    math = page.locator(".math")
    assert page.locator("mjx-container").count() >= math.count(), "equations are not typeset"
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0

    images = page.locator(".bd-article img").evaluate_all(
        "all => all.map(i => [i.getAttribute('src'), i.naturalWidth, i.alt.trim()])"
    )
    assert all(width > 0 for _, width, _ in images), f"a picture is broken: {images}"
    # Sphinx's own fallback is the file name.
    assert all(alt and not alt.startswith("../") for *_, alt in images), f"no alt text: {images}"

    accessibility = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert accessibility.violations_count == 0, accessibility.generate_report()

    # Nothing but boxes that scroll themselves may be wider than the window.
    overflow = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0, f"{overflow} pixels wider than the window"


@cache
def links_and_anchors(path):
    """Return where the links of a page lead, and what can be linked to on it."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    links = {link["href"] for link in soup.find_all("a", href=True)}
    return links, {element["id"] for element in soup.find_all(id=True)}


@pytest.mark.parametrize("name", PAGES)
def test_links_within_the_book_lead_somewhere(name, html):
    links, _ = links_and_anchors(html / name)
    within = [link for link in links if not urlsplit(link).scheme]
    assert within, "a page without links is none of this book"
    for link in within:
        path, anchor = unquote(urlsplit(link).path), unquote(urlsplit(link).fragment)
        target = Path(os.path.normpath((html / name).parent / path)) if path else html / name
        assert target.is_file(), f"{name} links to {link}"
        if anchor and target.suffix == ".html":
            assert anchor in links_and_anchors(target)[1], f"{name} links to {link}"
