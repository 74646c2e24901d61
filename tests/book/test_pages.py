"""The built pages, opened in a real browser: light and dark, on a desk and on a phone."""

import pytest

from tests.book.accessibility import violations
from tests.book.conftest import PAGES, wait_for_scripts
from tests.book.letters import too_small

VIEWS = {
    "light-desktop": {"color_scheme": "light", "viewport": {"width": 1200, "height": 900}},
    "dark-phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}


@pytest.fixture(scope="module", params=VIEWS.values(), ids=VIEWS)
def window(request, browser):
    """Return the page that all tests of a view open, one after the other, and what went wrong."""
    context = browser.new_context(**request.param, reduced_motion="reduce")
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
    page.on(
        "requestfailed",
        lambda request: (
            page.problems.append(f"failed: {request.url}")
            # A picture of another width is not wanted any more when the window is as before.
            if not (request.failure == "net::ERR_ABORTED" and request.resource_type == "image")
            else None
        ),
    )
    page.on(
        "response",
        lambda response: (
            page.problems.append(f"{response.status}: {response.url}")
            if response.status >= 400
            else None
        ),
    )
    yield page
    context.close()


@pytest.fixture
def page(window):
    """Return a page that nothing is on, in the size of its view."""
    size = window.viewport_size
    yield window
    window.set_viewport_size(size)
    window.goto("about:blank")
    window.problems.clear()


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

# Words and numbers that stand in more than one line.
BROKEN = """() => [...document.querySelectorAll(".bd-article :is(td, th)")].flatMap(cell => {
  const broken = [], texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  for (let text; (text = texts.nextNode());) {
    if (text.parentElement.closest(".katex, code")) continue;
    for (const word of text.data.matchAll(/[\\p{L}\\d.]+/gu)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1)
        broken.push(word[0]);
    }
  }
  return broken; })"""
# Captions that are out of sight, in part, before or after their table has been scrolled.
CAPTIONS_CUT_OFF = """() =>
  [...document.querySelectorAll(".bd-article caption")].filter(caption => {
    let box = caption.parentElement;
    while (box && !/auto|scroll/.test(getComputedStyle(box).overflowX)) box = box.parentElement;
    if (!box || box === document.documentElement || box === document.body) return false;
    const { left, right } = box.getBoundingClientRect();
    return [0, box.scrollWidth].some(place => {
      box.scrollLeft = place;
      const seen = caption.getBoundingClientRect();
      return seen.left < left - 1 || seen.right > right + 1;
    });
  }).map(caption => caption.textContent.trim())"""
# What is wider than its box and hidden there: no reader can get at it.
HIDDEN = """() => [...document.querySelectorAll("a, p, h1, h2, h3, li, nav, footer")]
  .filter(e => e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1)
  .filter(e => /hidden|clip/.test(getComputedStyle(e).overflowX))
  .map(e => e.textContent.trim())"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def lay_out(page):
    """Let the whole page be laid out, as a reader sees it who has been everywhere on it."""
    wait_for_scripts(page)
    page.add_style_tag(content="* { content-visibility: visible !important; }")


def faulty_formulas(page):
    """Return what of the formulas is cut off, or a stop of the tab key that it should not be."""
    page.evaluate("() => document.querySelectorAll('details').forEach(box => { box.open = true; })")
    for _ in range(20):  # What watches the boxes' sizes is told of them after the next frame.
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        found = [page.evaluate(what) for what in (STOPS, SCROLLING_WITHOUT_STOP, CUT_OFF)]
        if not any(found):
            return []
    return [page.viewport_size["width"], *found]


def test_there_are_pages(html):
    assert "index.html" in PAGES
    assert len(PAGES) > 8


@pytest.mark.parametrize("name", PAGES)
def test_page(page, site, name):
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(f"{site}/{name}", wait_until="load")
    lay_out(page)

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
        """all => Promise.all(all.map(async i => {
             i.loading = "eager";  // they are loaded when they come near
             await i.decode().catch(() => {});
             return [i.getAttribute("src"), i.naturalWidth, i.alt.trim()]; }))"""
    )
    assert all(width > 0 for _, width, _ in images), f"a picture is broken: {images}"
    # Sphinx's own fallback is the file name.
    assert all(alt and not alt.startswith("../") for *_, alt in images), f"no alt text: {images}"

    assert page.locator(".bd-article th:empty").count() == 0
    assert faulty_formulas(page) == []  # All boxes are open now.
    # Nothing but boxes that scroll themselves may be wider than the window.
    assert page.evaluate(OVERFLOW) <= 0
    assert too_small(page) == {}

    if page.viewport_size["width"] < 500:
        for width in (360, 320):  # narrower phones
            page.set_viewport_size({"width": width, "height": 800})
            assert faulty_formulas(page) == []
            assert page.evaluate(OVERFLOW) <= 0
        assert page.evaluate(BROKEN) == []
        assert page.evaluate(CAPTIONS_CUT_OFF) == []
        assert page.evaluate(HIDDEN) == []
        page.set_viewport_size(VIEWS["dark-phone"]["viewport"])
    else:
        page.set_viewport_size({"width": 600, "height": 450})  # this window at 200 %
        assert page.evaluate(OVERFLOW) <= 0
        assert too_small(page) == {}
        page.set_viewport_size(VIEWS["light-desktop"]["viewport"])
    assert violations(page) == ""
    assert not page.problems


def test_faults_are_violations(page, site):
    page.goto(f"{site}/learning/momentum.html", wait_until="load")
    lay_out(page)
    page.evaluate(
        """() => {
          document.documentElement.removeAttribute('lang');
          document.querySelector('.bd-article img').removeAttribute('alt');
          document.querySelector('.bd-article p').style.opacity = 0.3;
          for (const part of document.querySelectorAll('.highlight .n, .katex-html .mord')) {
            part.style.opacity = 0.3;
            part.classList.add(part.closest('.highlight') ? 'faint-code' : 'faint-formula');
          }
          for (const link of document.querySelectorAll('nav.bd-links a')) {
            link.style.opacity = 0.3;
            link.classList.add('faint-link');
          }
        }"""
    )
    report = violations(page)
    expected = {"html-has-lang", "image-alt", "faint-code", "faint-formula", "p:nth-child"}
    if page.locator("nav.bd-links").is_visible():  # The first of its links are scrolled away.
        expected.add("faint-link")
    assert {fault for fault in expected if fault not in report} == set()


def test_small_letters_of_figures_are_found(page, site):
    page.goto(f"{site}/learning/momentum.html", wait_until="load")
    lay_out(page)
    assert too_small(page) == {}
    page.evaluate("document.querySelector('.bd-article img[src$=svg]').style.width = '150px'")
    assert len(too_small(page)) == 1
