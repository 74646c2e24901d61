"""The self-checks on the built pages: how many, and used by hand, by key, refused, printed."""

import io
import json
import re
from collections import Counter

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from nnbook.project import REPOSITORY
from tests.book.accessibility import violations
from tests.book.conftest import CHAPTER, HTML, WIDTHS, parsed, wait_for_scripts
from tests.book.test_explorables import arrive
from tests.book.test_pages import OVERFLOW

PARTS = ("learning", "backpropagation", "regression", "digits", "vanishing", "reproduction")
PAGES = sorted(
    path.relative_to(REPOSITORY / "book").with_suffix(".html").as_posix()
    for part in PARTS
    for path in (REPOSITORY / "book" / part).glob("*.md")
)
ANSWERED, TEACHING = "reference/answered.html", "reference/teaching.html"


def checks(name):
    soup, _, _ = parsed(HTML / name)
    return {box["id"]: json.loads(box["data-check"]) for box in soup.select(".nnq")}


def test_there_are_enough_of_each_kind(html):
    kinds = Counter(one["kind"] for name in PAGES for one in checks(name).values())
    assert kinds.total() >= 120
    assert kinds["numeric"] >= kinds.total() / 3
    assert min(kinds[kind] for kind in ("choice", "numeric", "order", "error")) >= 5


@pytest.mark.parametrize("name", PAGES)
def test_every_chapter_asks(html, name):
    found = checks(name)
    assert len(found) >= 3
    assert all(name == f"{one['page']}.html" for one in found.values())


@pytest.mark.parametrize("name", [ANSWERED, TEACHING])
def test_lists_lead_to_all_of_them(html, name):
    _, links, _ = parsed(html / name)
    expected = {f"../{page}#{anchor}" for page in PAGES for anchor in checks(page)}
    assert expected <= links


def test_the_list_for_lectures_says_nothing_twice(html):
    soup, _, _ = parsed(html / TEACHING)
    said = [p.get_text() for p in soup.select("p") if "(explorable)" in p.get_text()]
    assert len(said) > 10
    assert [text for text in said if text.count(text.partition(" (explorable)")[0]) > 1] == []


@pytest.fixture(scope="module")
def window(browser):
    """Return a page of a chapter, opened once for all tests that change no settings."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.messages = []
    page.on("pageerror", lambda error: page.messages.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def page(window, site):
    window.goto(f"{site}/{CHAPTER}", wait_until="load")
    wait_for_scripts(window)
    window.evaluate("localStorage.clear()")
    window.reload()
    wait_for_scripts(window)
    yield window
    assert window.messages == []


def box_of(page, kind):
    name = next(name for name, one in checks(CHAPTER).items() if one["kind"] == kind)
    return page.locator(f"#{name}"), checks(CHAPTER)[name]


def press(box, name):
    box.get_by_role("button", name=name, exact=True).click()


def said(box):
    return box.locator(".nnq-result").inner_text()


def test_a_choice_by_key_alone(page):
    box, told = box_of(page, "choice")
    (right,) = told["right"]
    wrong = next(k for k in range(3) if k != right)
    box.get_by_role("radio").nth(wrong).focus()
    page.keyboard.press("Space")
    box.get_by_role("button", name="Check", exact=True).focus()
    page.keyboard.press("Enter")
    assert "No." in said(box)
    assert box.locator(".nnq-reason:visible").count() == 1
    assert not box.locator(".nnq-key").is_visible()
    box.get_by_role("radio").nth(wrong).focus()
    for _ in range((right - wrong) % 3):
        page.keyboard.press("ArrowDown")
    press(box, "Check")
    assert "Right." in said(box)
    assert box.locator(".nnq-key").is_visible()


def test_a_number_in_any_notation_and_none(page):
    box, told = box_of(page, "numeric")
    field = box.get_by_role("textbox")
    field.fill("many")
    press(box, "Check")
    assert "no number" in said(box)
    assert page.evaluate("localStorage.getItem('nnbook.self-checks')") is None, "it is no answer"
    field.fill(str(told["wrong"][0]).replace(".", ","))
    press(box, "Check")
    assert "No." in said(box)
    assert box.locator(".nnq-reason").is_visible()
    for text in (str(told["value"]), f"{told['value'] * 10}/10", f"{told['value'] * 1e3}e-3"):
        field.fill(text)
        press(box, "Check")
        assert "Right." in said(box), text


def test_the_enter_key_checks_what_was_typed_or_chosen(page):
    box, told = box_of(page, "numeric")
    field = box.get_by_role("textbox")
    field.fill("many")
    field.press("Enter")
    assert "no number" in said(box)
    field.fill(str(told["value"]))
    field.press("Enter")
    assert "Right." in said(box)
    for kind in ("choice", "error"):
        box, told = box_of(page, kind)
        option = box.get_by_role("radio").nth(told["right"][0])
        option.press("Enter")
        assert "Choose an answer first." in said(box)
        option.press("Space")
        option.press("Enter")
        assert "Right." in said(box)


def test_steps_are_moved_by_key(page):
    box, told = box_of(page, "order")
    steps = box.locator(".nnq-steps > li")
    press(box, "Check")
    assert "No" in said(box)
    for place in range(len(told["order"])):  # the one that belongs here is moved up to here
        texts = steps.evaluate_all("all => all.map((one) => one.dataset.step)")
        at = texts.index(str(place))
        for _ in range(at - place):
            steps.nth(at).get_by_role("button").first.focus()
            page.keyboard.press("Enter")
            at -= 1
            assert page.evaluate("document.activeElement.ariaLabel").startswith("Up")
    press(box, "Check")
    assert "Right." in said(box)


def test_the_key_names_steps_by_letters_that_stay_with_them(page):
    box, _ = box_of(page, "order")
    press(box, "Show the answer")
    named = re.search(r"order: ([a-z, ]+)\.", box.locator(".nnq-key").inner_text())[1].split(", ")
    steps = box.locator(".nnq-steps > li")
    steps.last.get_by_role("button").first.click()
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        seen = steps.evaluate_all("""all => all.map((one) => [
          one.dataset.step, getComputedStyle(one, "::before").content.replace(/[".]/g, "")])""")
        assert [letter for _, letter in sorted(seen, key=lambda one: int(one[0]))] == named
    page.emulate_media(media="screen")


def test_the_wrong_line_is_chosen(page):
    box, told = box_of(page, "error")
    box.get_by_role("radio").nth(told["right"][0]).check()
    press(box, "Check")
    assert "Right." in said(box)


def test_formulas_in_answers_are_said_with_their_roots_and_powers(page):
    box, _ = box_of(page, "error")
    said_of = box.get_by_role("radio").evaluate_all("all => all.map((one) => one.ariaLabel ?? '')")
    assert any("about the root of 10 times" in name for name in said_of)
    assert any("superscript k" in name for name in said_of)


def test_answers_are_kept_listed_and_forgotten(page, site):
    box, told = box_of(page, "choice")
    box.get_by_role("radio").nth(told["right"][0]).check()
    press(box, "Check")
    page.reload()
    wait_for_scripts(page)
    assert "Right." in said(box)
    page.goto(f"{site}/{ANSWERED}", wait_until="load")
    wait_for_scripts(page)
    total = page.locator(".nnq-total")
    count = sum(len(checks(name)) for name in PAGES)
    assert total.inner_text() == f"1 right, 0 not right yet, {count - 1} open."
    assert page.locator("li[data-result=right]").count() == 1
    page.get_by_role("button", name="Forget all answers").click()
    assert total.inner_text() == f"0 right, 0 not right yet, {count} open."
    assert page.evaluate("localStorage.getItem('nnbook.self-checks')") is None


def test_an_answer_to_a_question_that_has_changed_does_not_count(page, site):
    box, told = box_of(page, "order")
    name = f"{told['page']}#{box.get_attribute('id')}"
    kept = {name: {"version": "before", "result": "right", "answer": [9, 8, 0]}}
    page.evaluate("kept => localStorage.setItem('nnbook.self-checks', JSON.stringify(kept))", kept)
    page.reload()
    wait_for_scripts(page)
    assert box.locator(".nnq-result").text_content().startswith("This question has changed")
    assert "undefined" not in box.text_content()
    page.goto(f"{site}/{ANSWERED}", wait_until="load")
    wait_for_scripts(page)
    assert page.locator(".nnq-total").inner_text().startswith("0 right, 0 not right yet")
    item = page.locator("li", has=page.locator(f"a[href$='{name.partition('#')[2]}']")).last
    assert "open, changed since you answered it" in item.text_content()


def test_an_answer_that_is_forgotten_leaves_the_focus_in_its_question(page):
    box, told = box_of(page, "numeric")
    box.get_by_role("textbox").fill(str(told["value"]))
    press(box, "Check")
    box.get_by_role("button", name="Forget my answer").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Check"


def test_what_is_nearly_right_is_not_called_wrong(page):
    box, told = box_of(page, "numeric")
    for factor, words in ((1.03, "close"), (1.5, "No.")):
        box.get_by_role("textbox").fill(str(told["value"] * factor))
        press(box, "Check")
        assert words in said(box)


def test_who_answers_with_a_share_is_told_that_percent_are_asked_for(page, site):
    name, anchor, told = next(
        (name, anchor, told)
        for name in PAGES
        for anchor, told in checks(name).items()
        if told.get("unit") == "%"
    )
    page.goto(f"{site}/{name}#{anchor}", wait_until="load")
    wait_for_scripts(page)
    box = page.locator(f"#{anchor}")
    for text, words in (
        (str(told["value"] / 100), "asked for in %"),
        (f"{told['value']} %", "Right"),
    ):
        box.get_by_role("textbox").fill(text)
        press(box, "Check")
        assert words in said(box)


def test_nothing_moves_when_the_list_is_filled_in(visit, browser, site):
    tops = """() =>
      [...document.querySelectorAll(".nnq-total, .nnq-summary button, .nnq-answered li")]
        .map(element => element.getBoundingClientRect().top + scrollY)"""
    drawn = browser.new_context(viewport={"width": WIDTHS["phone"][0], "height": 844}).new_page()
    drawn.route("**/page.js*", lambda route: route.abort())
    drawn.goto(f"{site}/{ANSWERED}", wait_until="load")
    filled = visit(ANSWERED, size="phone")
    for page in (drawn, filled):
        page.add_style_tag(content="* { content-visibility: visible !important; }")
    before, after = drawn.evaluate(tops), filled.evaluate(tops)
    drawn.context.close()
    assert len(before) > 120
    assert after == pytest.approx(before, abs=1)


def test_on_the_whole_screen_and_back(page):
    box, _ = box_of(page, "choice")
    before = box.locator("legend").evaluate("e => e.getBoundingClientRect().height")
    press(box, "Full screen")
    stage = page.locator("dialog.nnb-stage[open]")
    stage.wait_for()
    assert stage.locator("legend").evaluate("e => e.getBoundingClientRect().height") > before
    press(stage, "Larger type")
    page.keyboard.press("Escape")
    stage.wait_for(state="detached")
    assert box.evaluate("e => Boolean(e.closest('article.bd-article'))")
    assert page.evaluate("document.activeElement.textContent") == "Full screen"
    page.keyboard.press("f")
    page.locator("dialog.nnb-stage[open]").wait_for()
    page.keyboard.press("f")
    stage.wait_for(state="detached")


def test_an_explorable_on_the_whole_screen_keeps_its_state(page):
    box = arrive(page, "descent")
    press(box, "The best pair")
    press(box, "Full screen")
    stage = page.locator("dialog.nnb-stage[open]")
    stage.wait_for()
    chosen = stage.get_by_role("button", name="The best pair")
    assert chosen.get_attribute("aria-pressed") == "true"
    press(stage, "The valley")
    press(stage, "Leave full screen")
    stage.wait_for(state="detached")
    assert box.get_by_role("button", name="The valley").get_attribute("aria-pressed") == "true"
    assert box.evaluate("e => Boolean(e.closest('figure'))")


def test_on_paper_a_key_stands_at_the_end(page):
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    key = page.locator(".nnq-printed")
    assert key.get_by_text(re.compile("^Self-check")).count() == len(checks(CHAPTER))
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert key.count() == 0


@pytest.mark.parametrize("width", [390, 1200])
def test_the_whole_key_is_printed_from_a_window_of_any_width(browser, site, width):
    """Figures have a narrow form: it was drawn on pages that had been counted with the other."""
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"{site}/{CHAPTER}", wait_until="load")
    wait_for_scripts(page)
    printed = PdfReader(io.BytesIO(page.pdf(format="A4")))
    context.close()
    text = "\n".join(one.extract_text() for one in printed.pages)
    key = text[text.rindex("Answers to the self-checks") :]
    assert len(re.findall(r"^Self-check \d", key, re.MULTILINE)) == len(checks(CHAPTER))


@pytest.mark.parametrize(("scheme", "size"), [("light", "desk"), ("dark", "phone")])
def test_answered_questions_fit_and_are_accessible(visit, scheme, size):
    page = visit(scheme=scheme, size=size)
    page.add_style_tag(content="* { content-visibility: visible !important; }")
    for box in page.locator(".nnq").all():
        if box.get_by_role("radio").count():
            box.get_by_role("radio").first.check()
        elif box.get_by_role("textbox").count():
            box.get_by_role("textbox").fill("0.02")
        press(box, "Check")
        if not box.locator(".nnq-key").is_visible():
            press(box, "Show the answer")
    report = violations(page)
    assert report == "", report
    for width in (WIDTHS[size][0], 600, 320):  # 600: a desk's window at 200 %
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OVERFLOW) <= 0


def test_where_a_browser_keeps_nothing_questions_work(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {"
        "get() { throw new DOMException('refused', 'SecurityError'); } });"
    )
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{site}/{CHAPTER}", wait_until="load")
    box, told = box_of(page, "choice")
    box.get_by_role("radio").nth(told["right"][0]).check()
    press(box, "Check")
    assert "Right." in said(box)
    context.close()
    assert [error for error in errors if "self" in error] == []


def test_without_scripts_the_answer_is_folded(visit):
    page = visit(scripts=False)
    box, _ = box_of(page, "choice")
    key = box.locator("details.nnq-key")
    assert key.get_attribute("open") is None
    key.locator("summary").click()
    assert key.locator("strong").first.is_visible()


def test_a_link_into_an_answer_opens_it(browser, site):
    context = browser.new_context()
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    path, name = next(
        (path, anchor["id"])
        for path in PAGES
        for anchor in parsed(HTML / path)[0].select(".nnq-key [id]")
    )
    page.goto(f"{site}/{path}#{name}", wait_until="load")
    wait_for_scripts(page)
    assert page.locator(f"[id='{name}']").is_visible()
    box = page.locator(".nnq", has=page.locator(f"[id='{name}']"))
    button = box.get_by_role("button", name="Show the answer")
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    assert not page.locator(f"[id='{name}']").is_visible()
    assert button.get_attribute("aria-expanded") == "false"
    context.close()
    assert errors == []


def test_an_address_that_nothing_has_leaves_the_questions_at_work(browser, site):
    context = browser.new_context()
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{site}/{CHAPTER}#%E0%A4%A", wait_until="load")
    wait_for_scripts(page)
    assert page.get_by_role("button", name="Check").count() == len(checks(CHAPTER))
    context.close()
    assert errors == []


def test_from_a_file(browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto((HTML / CHAPTER).as_uri())
    wait_for_scripts(page)
    box, told = box_of(page, "numeric")
    box.get_by_role("textbox").fill(str(told["value"]))
    press(box, "Check")
    assert "Right." in said(box)
    # A reloaded file gets a process of its own, which may start before the store is written.
    for _ in range(20):
        page.reload()
        wait_for_scripts(page)
        if said(box):
            break
    assert "Right." in said(box)
    context.close()
