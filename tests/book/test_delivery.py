"""How the built pages reach a reader: what they load, how they look, what their controls do."""

import re

import pytest

from tests.book.conftest import CHAPTER, WIDTHS

MOST_REQUESTS = 12


@pytest.mark.parametrize("name", ["index.html", CHAPTER, "reference/claims.html"])
def test_few_requests_and_nothing_on_the_console(visit, name):
    page = visit(name, size="phone")
    page.wait_for_timeout(300)
    assert not page.messages
    assert len(page.requested) <= MOST_REQUESTS


@pytest.mark.parametrize(
    ("scheme", "mode", "theme"),
    [
        ("light", None, "light"),
        ("dark", None, "dark"),
        ("light", "dark", "dark"),
        ("dark", "light", "light"),
        ("dark", "nonsense", "dark"),
    ],
)
def test_the_theme_is_set_before_anything_is_drawn(browser, site, scheme, mode, theme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    stored = f"localStorage.setItem('mode', {mode!r});" if mode else ""
    page.add_init_script(
        stored
        + """
        window.themes = [];
        new MutationObserver(() => {
          if (document.body) themes.push(document.documentElement.dataset.theme);
        }).observe(document, { childList: true, subtree: true, attributes: true });
        """
    )
    page.goto(f"{site}/{CHAPTER}", wait_until="load")
    themes = page.evaluate("[...new Set(themes)]")
    context.close()
    assert themes == [theme], "the theme has changed after the first element of the page"


def test_without_scripts_the_page_is_light_and_its_figures_are_links(visit):
    page = visit(scripts=False)
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.locator("a.nnb-enlarge").first.get_attribute("href").endswith(".svg")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_whatever_has_the_focus_shows_it(visit, scheme, size):
    page = visit(scheme=scheme, size=size)
    for _ in range(60):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => { const e = document.activeElement;
            if (e === document.body) return true;
            const s = getComputedStyle(e);
            const own = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
            return own ? true : e.outerHTML.slice(0, 120); }"""
        )
        assert shown is True


def test_a_figure_is_enlarged_by_key_and_click_and_closed_again(visit):
    page = visit()
    link = page.locator("a.nnb-enlarge").first
    small = link.locator("img").bounding_box()["width"]
    link.focus()
    page.keyboard.press("Enter")
    large = page.locator("dialog.nnb-large")
    assert large.locator("img").bounding_box()["width"] > small
    page.keyboard.press("Escape")
    large.wait_for(state="detached")
    assert link.evaluate("e => e === document.activeElement")
    link.click()
    page.get_by_role("button", name="Close").click()
    large.wait_for(state="detached")


def test_the_theme_can_be_switched_and_is_remembered(visit):
    page = visit(scheme="light")
    page.locator(".theme-switch-button").first.click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_menus_open_by_click_and_by_key(visit):
    page = visit()
    for kind in ("launch", "source", "download"):
        menu = page.locator(f".dropdown-{kind}-buttons")
        menu.locator("button").first.click()
        assert menu.locator(".dropdown-menu").is_visible()
        page.keyboard.press("Escape")
        assert not menu.locator(".dropdown-menu").is_visible()
        menu.locator("button").first.press("Enter")
        assert menu.locator(".dropdown-menu").is_visible()
        page.keyboard.press("Escape")


def test_the_sidebar_shows_the_current_chapter(visit):
    page = visit("reference/lab-tasks.html")
    inside = page.evaluate(
        """() => { const [box, a] = ["#pst-primary-sidebar", "nav.bd-links a.current"]
          .map(name => document.querySelector(name).getBoundingClientRect());
        return a.top >= box.top && a.bottom <= Math.min(box.bottom, innerHeight); }"""
    )
    assert inside


def test_sidebars_open_and_close(visit):
    desk = visit()
    sidebar = desk.locator("#pst-primary-sidebar")
    desk.locator(".primary-toggle").click()
    sidebar.wait_for(state="hidden")
    desk.locator(".primary-toggle").click()
    sidebar.wait_for(state="visible")
    phone = visit(size="phone")
    phone.locator(".primary-toggle").click()
    assert phone.locator("#pst-primary-sidebar-modal").is_visible()
    phone.keyboard.press("Escape")
    assert not phone.locator("#pst-primary-sidebar-modal").is_visible()


def test_solutions_open_by_key_and_click_and_for_what_leads_into_them(visit):
    page = visit()
    solution = page.locator("details.dropdown.solution").first
    inside = solution.locator("section").first
    assert not inside.is_visible()
    solution.locator("summary").press("Enter")
    assert inside.is_visible()
    solution.locator("summary").click(position={"x": 3, "y": 3})
    assert not inside.is_visible()
    # As a search in the page does, a link opens the box around what it leads to.
    page.evaluate("id => { location.hash = id; }", inside.get_attribute("id"))
    inside.wait_for(state="visible")


def test_only_code_that_was_written_can_be_copied(visit):
    page = visit()
    assert page.locator("button.copybtn").count() > 0
    assert page.locator(".cell_output button.copybtn").count() == 0


def test_what_is_wider_than_its_box_says_so_and_scrolls_by_key(visit):
    page = visit(size="small")
    box = page.wait_for_selector('[data-more~="right"]', state="attached")
    assert box.evaluate("e => e.tabIndex") == 0
    box.evaluate("e => { e.scrollLeft = e.scrollWidth; }")
    page.wait_for_timeout(100)
    assert box.get_attribute("data-more") == "left"


TEXT_OF = """table => [...table.querySelectorAll(%r)].map(cell => {
  const text = document.createRange();
  text.selectNodeContents(cell);
  const { top, bottom, right } = text.getBoundingClientRect();
  return { height: (bottom - top) / parseFloat(getComputedStyle(cell).lineHeight), right };
})"""


def test_of_a_wide_table_no_caption_fades_and_no_name_of_a_row_is_broken(visit):
    page = visit("backpropagation/one-step-by-hand.html", size="phone")
    table = page.evaluate_handle(
        "() => [...document.querySelectorAll('table')]"
        ".find(({ parentElement: box }) => box.scrollWidth > box.clientWidth + 100)"
    ).as_element()
    table.scroll_into_view_if_needed()
    page.wait_for_function("table => table.closest('[data-more]')", arg=table)
    edge = table.evaluate("table => table.closest('[data-more]').getBoundingClientRect().right")
    (caption,) = table.evaluate(TEXT_OF % "caption")
    assert caption["right"] <= edge - 2 * 16 + 1
    names = table.evaluate(TEXT_OF % "td:first-child .katex-html, tbody th .katex-html")
    assert len(names) > 2
    assert max(name["height"] for name in names) < 1.7


def test_names_of_code_are_not_broken_where_a_table_may_scroll(visit):
    page = visit("reference/provenance.html")
    heights = page.eval_on_selector_all(
        "tbody th code",
        """cells => Object.fromEntries(cells.map(cell => [cell.textContent,
          cell.getBoundingClientRect().height / parseFloat(getComputedStyle(cell).fontSize)]))""",
    )
    names = {name: height for name, height in heights.items() if "-" not in name}
    assert "validation_accuracy" in names
    assert [name for name, height in names.items() if height > 2] == []


@pytest.mark.parametrize("size", ["phone", "small"])
def test_no_word_is_broken_in_the_links_to_the_pages_before_and_after(visit, size):
    page = visit("digits/optimizers.html", size=size)
    broken = page.evaluate("""() => {
      const broken = [], word = document.createRange();
      for (const title of document.querySelectorAll(".prev-next-title")) {
        const texts = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
        while (texts.nextNode())
          for (const { 0: found, index } of texts.currentNode.data.matchAll(/[\\w]+/g)) {
            word.setStart(texts.currentNode, index);
            word.setEnd(texts.currentNode, index + found.length);
            if (word.getClientRects().length !== 1) broken.push(found);
          }
      }
      return broken; }""")
    assert broken == []


def test_printed_from_the_dark_theme_a_page_is_light(visit):
    page = visit(scheme="dark")
    page.emulate_media(media="print")
    color = page.evaluate("getComputedStyle(document.body).color")
    assert max(map(int, re.findall(r"\d+", color)[:3])) < 100, "dark letters on paper"
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    figure = page.locator(".bd-article figure img").first
    assert figure.evaluate("e => getComputedStyle(e).filter") == "none"


@pytest.mark.parametrize("name", ["learning/momentum.html", "search.html", "404.html"])
def test_a_printed_page_begins_with_its_text(visit, name):
    """The list of sections, which the theme prints there, has no numbers of pages."""
    page = visit(name)
    page.emulate_media(media="print")
    title = page.locator(".bd-content h1:visible").first
    assert title.inner_text()
    title = title.bounding_box()
    text = page.locator(".bd-article :is(p, .nnb-search):visible").first.bounding_box()
    assert 0 < text["y"] - title["y"] - title["height"] < 100


def test_paper_has_no_sign_that_more_of_a_formula_can_be_scrolled_to(visit):
    page = visit()
    equation = page.locator(".nnb-equation > .nnb-scroll").first
    equation.evaluate("e => { e.dataset.more = 'left right'; }")
    shade = "e => getComputedStyle(e).boxShadow"
    assert equation.evaluate(shade) != "none"
    page.emulate_media(media="print")
    assert equation.evaluate(shade) == "none"


def test_no_printed_page_ends_with_a_heading_or_within_one(visit):
    page = visit("learning/dropout.html")
    page.emulate_media(media="print")
    headings = page.locator(".bd-article :is(h1, h2, h3, h4)")
    assert headings.count() > 10
    styles = headings.evaluate_all(
        "all => all.map(e => getComputedStyle(e)).map(s => s.breakInside + s.breakAfter)"
    )
    assert set(styles) == {"avoidavoid"}


def test_cards_are_together_on_a_printed_page_and_with_their_heading(visit):
    page = visit("index.html")
    page.emulate_media(media="print")
    cards = page.locator(".bd-article :is(.sd-container-fluid, .sd-row, .sd-card)")
    assert cards.count() > 5
    assert set(cards.evaluate_all("all => all.map(e => getComputedStyle(e).breakInside)")) == {
        "avoid"
    }


def test_a_page_works_from_a_file(browser, html):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(request.url))
    page.goto((html / CHAPTER).as_uri(), wait_until="load")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("a.nnb-enlarge").count() > 0
    context.close()
    assert not problems
