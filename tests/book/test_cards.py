"""Cards on the built pages: they open by pointer, key and finger, and never stand in the way."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.book.accessibility import OPTIONS
from tests.book.conftest import CHAPTER, wait_for_scripts
from tests.book.test_pages import OVERFLOW

LINKS = {
    "term": "a[data-card]:has(.std-term)",
    "equation": "a[data-card][href*='#equation-']",
    "figure": "a[data-card][href^='#fig-']",
    "exercise": "a[data-card][href^='#ex-']",
    "citation": "a[data-card][href*='bibliography.html#']",
    "chapter": "a[data-card]:has(.std-doc)",
    "claim": "a.nnb-claim[data-card]",
}
WITH_SECTIONS = "reference/lab-tasks.html"
SECTION = {"section": "a[data-card][href*='#sec-term']"}
WITH_PASSAGES = "reference/claims/momentum.html"
PASSAGE = {"passage": "a[data-card][href*='#use-']"}
CARD = ".nnb-card:popover-open"

FAULTS = """card => {
  const box = card.getBoundingClientRect(), faults = [];
  if (box.left < 0 || box.top < 0 || box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5)
    faults.push(`not within the window: ${JSON.stringify(box)}`);
  const link = document.querySelector("[data-tested]");
  for (const { left, right, top, bottom } of link.getClientRects())
    if (right > box.left && left < box.right && bottom > box.top && top < box.bottom)
      faults.push("covers its link");
  if (document.querySelectorAll(".nnb-card").length !== 1) faults.push("more than one card");
  return faults; }"""

# A place in the window where neither card nor link is.
NOTHING = """() => [620, 560, 500, 120, 180].map(y => [300, y]).find(at =>
    !document.elementsFromPoint(...at).some(e => e.matches(".nnb-card, a, summary, button")))"""
AXE = Axe()


def link_of(page, kind, where=0.5):
    """Return the first link of a kind, in the open, at a part of the window's height."""
    link = page.locator({**LINKS, **SECTION, **PASSAGE}[kind]).first
    link.evaluate(
        """async (e, where) => {
          for (const old of document.querySelectorAll("[data-tested]")) delete old.dataset.tested;
          e.dataset.tested = "";
          for (let box = e; (box = box.closest("details:not([open])")); ) box.open = true;
          const away = () => e.getBoundingClientRect().top - where * innerHeight;
          // What comes into sight gets its height only then, and moves what is below it.
          for (let calm = 0, tries = 0; calm < 5 && tries < 300; tries++) {
            const before = scrollY;
            scrollTo({ top: scrollY + away(), behavior: "instant" });
            calm = Math.abs(scrollY - before) < 2 ? calm + 1 : 0;
            await new Promise(requestAnimationFrame);
          } }""",
        where,
    )
    return link


def check_and_close(page, kind):
    card = page.locator(CARD)
    card.wait_for()
    assert card.get_attribute("data-kind") == kind
    assert card.get_attribute("aria-label").lower().startswith(f"{kind}: ")
    assert card.evaluate(FAULTS) == []
    assert page.evaluate(OVERFLOW) <= 0
    if kind in {"equation", "figure", "claim"}:  # the others hold less of the same
        found = AXE.run(page, context=".nnb-card", options=OPTIONS)
        assert not found.violations_count, found.generate_report()
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")


@pytest.mark.parametrize(("size", "scheme"), [("desk", "dark"), ("phone", "light")])
def test_each_kind_of_card_opens_below_the_pointer(visit, size, scheme):
    pages = {CHAPTER: LINKS, WITH_SECTIONS: SECTION, WITH_PASSAGES: PASSAGE}
    for name, kinds in pages.items():
        page = visit(name, size=size, scheme=scheme)
        for n, kind in enumerate(kinds):
            link_of(page, kind, where=(0.3, 0.9)[n % 2]).hover()
            check_and_close(page, kind)
            page.mouse.move(0, 0)
        assert not page.messages
        assert len([url for url in page.requested if "/cards/" in url]) == 1


@pytest.mark.parametrize("kind", ["term", "claim"])
def test_a_card_follows_its_link_in_the_order_of_the_keyboard(visit, kind):
    page = visit(size="small")
    page.keyboard.press("Tab")
    link = link_of(page, kind)
    link.focus()
    card = page.locator(CARD)
    card.wait_for()
    assert link.evaluate("e => e === document.activeElement"), "the focus is left where it is"
    page.keyboard.press("Tab")
    assert card.evaluate("e => e === document.activeElement")
    page.keyboard.press("Tab")
    assert card.evaluate("e => e !== document.activeElement && e.contains(document.activeElement)")
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    assert link.evaluate("e => e === document.activeElement")
    page.wait_for_timeout(400)
    assert card.count() == 0, "what was closed stays closed"


# The middle of a link that a card hides.
HIDDEN = """card => {
  const [a, links] = [card.getBoundingClientRect(), [...document.querySelectorAll("a[data-card]")]];
  return links.filter(e => !card.contains(e)).map(e => e.getClientRects()[0]).filter(Boolean)
    .map(({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2])
    .find(([x, y]) => x > a.left && x < a.right && y > a.top && y < a.bottom); }"""


def test_what_was_below_a_closed_card_opens_none_until_the_pointer_moves(visit):
    page = visit()
    link_of(page, "claim", where=0.2).hover()
    card = page.locator(CARD)
    card.wait_for()
    x, y = card.evaluate(HIDDEN)
    page.mouse.move(x, y, steps=8)
    page.keyboard.press("Escape")
    page.wait_for_timeout(900)
    assert card.count() == 0
    page.mouse.move(0, 0)
    page.mouse.move(x, y)
    card.wait_for()


def test_after_the_last_link_of_a_card_the_keyboard_goes_on(visit):
    page = visit()
    page.keyboard.press("Tab")
    link = link_of(page, "term")
    link.focus()
    page.locator(CARD).wait_for()
    page.locator(".nnb-card-way").focus()
    page.keyboard.press("Tab")
    page.locator(CARD).wait_for(state="hidden")
    follows = "e => !!(document.querySelector('[data-tested]').compareDocumentPosition(e) & 4)"
    assert page.evaluate_handle("document.activeElement").evaluate(follows)
    assert page.evaluate("document.activeElement !== document.querySelector('[data-tested]')")


def test_a_card_stays_while_the_pointer_is_on_it_and_goes_when_it_leaves(visit):
    page = visit()
    link_of(page, "figure", where=0.2).hover()
    card = page.locator(CARD)
    card.wait_for()
    card.hover()
    page.wait_for_timeout(500)
    assert card.is_visible()
    page.mouse.move(2, 2)
    card.wait_for(state="hidden")


def test_passing_over_a_link_opens_nothing(visit):
    page = visit()
    link_of(page, "term").hover()
    page.mouse.move(2, 2)
    page.wait_for_timeout(500)
    assert page.locator(CARD).count() == 0


@pytest.mark.parametrize("kind", ["term", "figure", "claim"])
def test_a_tap_opens_a_card_and_its_link_leads_on(browser, site, kind):
    context = browser.new_context(viewport={"width": 320, "height": 640}, has_touch=True)
    page = context.new_page()
    page.goto(f"{site}/{CHAPTER}", wait_until="load")
    wait_for_scripts(page)
    link = link_of(page, kind)
    link.tap()
    card = page.locator(CARD)
    card.wait_for()
    assert card.evaluate(FAULTS) == []
    assert card.evaluate("e => e === document.activeElement"), "what has opened is read out"
    target = link.evaluate("e => e.href")
    page.touchscreen.tap(*page.evaluate(NOTHING))
    card.wait_for(state="hidden")
    link.tap()
    card.wait_for()
    page.locator(".nnb-card-way").tap()
    page.wait_for_url(target)
    context.close()


def test_the_card_of_a_claim_shows_what_stands_behind_the_number(visit):
    page = visit()
    link = link_of(page, "claim")
    link.hover()
    card = page.locator(CARD)
    card.wait_for()
    text = card.inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert link.inner_text() in card.locator(".nnb-shown").inner_text()
    assert "n = 5" in text and "95 % interval" in text
    assert "speaks of:" in text
    assert card.locator("svg.nnb-dots[aria-label^='5 runs']").count() > 0
    assert card.get_by_role("link", name="Momentum").first.get_attribute("href").startswith("#use-")
    card.locator("details.nnb-files summary").click()
    files = card.locator("details.nnb-files a").evaluate_all("all => all.map(a => a.href)")
    assert any(file.endswith(".toml") for file in files)
    assert any("/data/results/objects/" in file for file in files)


def test_the_card_of_a_claim_begins_with_the_number_and_what_is_said_of_it(visit):
    page = visit("digits/optimizers.html")
    page.locator('a.nnb-claim:has([data-value="sgd1"])').first.hover()
    items = page.locator(f"{CARD} li:visible")
    items.first.wait_for()
    assert "sgd1" in items.first.inner_text()
    assert "adam1 > sgd1" in items.nth(1).inner_text()
    assert items.filter(has_text="sgd3").count() == 1, "its value, and no relation"


def test_what_is_told_of_a_link_is_read_out_and_not_shown_twice(visit):
    page = visit()
    claim = link_of(page, "claim")
    assert claim.get_attribute("title") is None
    assert "n = 5" in claim.get_attribute("aria-description")
    plain = visit(scripts=False)
    assert "n = 5" in plain.locator(LINKS["claim"]).first.get_attribute("title")


def test_cards_work_from_a_file_and_are_not_printed(browser, html):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("requestfailed", lambda request: problems.append(request.url))
    page.goto((html / CHAPTER).as_uri(), wait_until="load")
    wait_for_scripts(page)
    link_of(page, "figure", where=0.2).hover()
    card = page.locator(CARD)
    card.wait_for()
    assert card.locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)") > 0
    page.emulate_media(media="print")
    assert not card.is_visible()
    context.close()
    assert not problems


def test_a_number_that_was_compared_has_its_interval_in_print(visit):
    page = visit()
    number = page.locator(".nnb-claim [data-interval]").first
    shown = "e => getComputedStyle(e, '::after').content"
    width = number.bounding_box()["width"]
    assert number.evaluate(shown) == "none"
    page.emulate_media(media="print")
    assert "data-interval" in number.evaluate(shown) or " to " in number.evaluate(shown)
    assert re.fullmatch(r"[−\d.]+ to [−\d.]+", number.get_attribute("data-interval"))
    assert number.bounding_box()["width"] > width


def test_who_hears_the_list_of_claims_goes_from_one_to_the_next_by_headings(visit):
    page = visit(WITH_PASSAGES)
    claims = page.locator(".nnb-claim-entry").count()
    assert claims > 10
    assert page.get_by_role("heading", level=2).filter(has_text="%").count() > 5
    statements = page.locator("main .nnb-claim-entry > [role=heading]")
    assert statements.count() == claims
