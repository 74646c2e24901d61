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

    formulas = page.locator(".math")
    assert page.locator(".math .katex-mathml math").count() == formulas.count()
    assert page.locator(".katex-error, .nnb-formula-error, merror").count() == 0
    colors = page.evaluate(
        """() => [...document.querySelectorAll('.math')].map(formula =>
             [formula.querySelector('.katex'), formula.parentElement]
               .map(e => getComputedStyle(e).color))"""
    )
    assert [color for color, around in colors if color != around] == []

    images = page.locator(".bd-article img").evaluate_all(
        "all => all.map(i => [i.getAttribute('src'), i.naturalWidth, i.alt.trim()])"
    )
    assert all(width > 0 for _, width, _ in images), f"a picture is broken: {images}"
    # Sphinx's own fallback is the file name.
    assert all(alt and not alt.startswith("../") for *_, alt in images), f"no alt text: {images}"

    # Of what is in order no list is wanted, which is long.
    wanted = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}
    accessibility = Axe().run(page, options=wanted)
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


STOPS = """() => [...document.querySelectorAll('.math[tabindex], .math [tabindex]')]
    .filter(e => !(e.scrollWidth > e.clientWidth && e.role && e.ariaLabel)).length"""
SCROLLING_WITHOUT_STOP = """() => [...document.querySelectorAll('.nnb-scroll')]
    .filter(e => e.scrollWidth > e.clientWidth)
    .filter(e => e.tabIndex !== 0 || !e.dataset.more).length"""
# What sticks out of the text column and of every box that scrolls or folds.
CUT_OFF = """() => [...document.querySelectorAll('.bd-article .math .katex-base')].filter(e => {
    const { right, width } = e.getBoundingClientRect();
    let box = e.parentElement;
    while (box && !/auto|scroll/.test(getComputedStyle(box).overflowX)) box = box.parentElement;
    const edge = (box && box !== document.documentElement && box !== document.body)
        ? box.getBoundingClientRect().left + box.scrollWidth : innerWidth;
    return width > 0 && right > edge + 1;
  }).map(e => e.closest('[data-tex]').dataset.tex)"""


@pytest.mark.parametrize("width", [320, 360, 390])
def test_no_formula_is_cut_off_or_a_tab_stop(browser, site, width):
    page = browser.new_page(viewport={"width": width, "height": 800})
    faults = {}
    for name in PAGES:
        page.goto(f"{site}/{name}", wait_until="load")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        found = [page.evaluate(what) for what in (STOPS, SCROLLING_WITHOUT_STOP, CUT_OFF)]
        if any(found):
            faults[name] = found
    page.close()
    assert faults == {}


@pytest.mark.parametrize("name", PAGES)
def test_equation_numbers_lead_to_their_equations(name, html):
    soup = BeautifulSoup((html / name).read_text(encoding="utf-8"), "html.parser")
    for number in soup.select("div.math > .eqno"):
        equation = number.parent
        assert equation["id"]
        assert number.a["href"] == f"#{equation['id']}"
        text = number.get_text().rstrip("#")
        assert equation.select_one(".nnb-scroll")["data-label"] == f"Equation {text}"
