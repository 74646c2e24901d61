"""How the built pages reach a reader: what they load, how they look, what their controls do."""

import re
from itertools import pairwise

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


def test_what_opens_the_pages_below_a_chapter_stands_where_its_arrow_is(visit):
    page = visit()
    opener = page.locator("#pst-primary-sidebar summary").first
    opener.scroll_into_view_if_needed()
    arrow = opener.locator(".toctree-toggle").bounding_box()
    assert opener.bounding_box() == arrow and arrow["height"] >= 24
    # Screen readers press the middle of what they name.
    page.mouse.click(arrow["x"] + arrow["width"] / 2, arrow["y"] + arrow["height"] / 2)
    assert opener.locator("..").evaluate("details => details.open")


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


def test_without_scripts_the_menus_open_below_the_pointer(visit):
    page = visit(scripts=False)
    link = page.locator(".dropdown-download-buttons a").first
    assert not link.is_visible()
    page.locator(".dropdown-download-buttons").hover()
    assert link.is_visible()


@pytest.mark.parametrize("size", ["phone", "small"])
def test_on_a_phone_one_button_opens_all_menus(visit, size):
    page = visit(size=size)
    more, box = page.locator(".nnb-menus"), page.locator("#nnb-tools")
    inside = box.locator("a, button:not(.dropdown-toggle)")
    assert inside.count() >= 9
    assert not inside.first.is_visible()
    more.press("Enter")
    assert all(part.is_visible() for part in inside.all())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    words = box.locator(".btn__text-container")
    ends = words.evaluate_all("all => all.map(e => e.getBoundingClientRect().right)")
    rows = words.evaluate_all("all => all.map(e => e.closest('li').getBoundingClientRect().right)")
    assert words.count() >= 7
    assert all(end <= row for end, row in zip(ends, rows, strict=True)), "they stay in their row"
    page.keyboard.press("Tab")
    assert inside.first.evaluate("e => e === document.activeElement")
    page.keyboard.press("Escape")
    assert not inside.first.is_visible()
    assert more.evaluate("e => e === document.activeElement")
    more.click()
    assert inside.first.is_visible()
    inside.last.focus()
    page.keyboard.press("Tab")
    assert not inside.first.is_visible(), "it covers what has the focus"
    more.click()
    place = box.bounding_box()
    page.mouse.click(place["x"] + place["width"] - 3, place["y"] + place["height"] - 3)
    page.evaluate("window.same = true")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.evaluate("window.same"), "no page is turned below it"
    page.mouse.click(150, 20)
    assert not inside.first.is_visible()
    more.click()
    page.set_viewport_size({"width": 844, "height": 390})  # the phone is turned
    assert not box.evaluate("e => e.matches(':popover-open')")


def test_on_a_phone_without_scripts_the_button_opens_all_menus(visit):
    page = visit(size="phone", scripts=False)
    page.locator(".nnb-menus").click()
    links = page.locator("#nnb-tools a")
    assert links.count() >= 7
    assert all(link.is_visible() for link in links.all())


def test_on_a_desk_the_menus_stand_side_by_side(visit):
    page = visit()
    assert not page.locator(".nnb-menus").is_visible()
    buttons = page.locator("#nnb-tools .btn:visible")
    assert buttons.count() == 5
    heights = [button.bounding_box()["y"] for button in buttons.all()]
    assert max(heights) - min(heights) < 2


def test_the_header_of_a_phone_names_the_page_when_its_title_is_out_of_sight(visit):
    page = visit(size="phone")
    name = page.locator(".nnb-here")
    assert not name.is_visible()
    page.evaluate("scrollTo(0, 900)")
    name.wait_for(state="visible")
    assert name.inner_text() == "5. Momentum"
    assert name.evaluate("e => e.scrollWidth <= e.clientWidth"), "it is cut off"
    assert not visit().locator(".nnb-here").is_visible(), "the sidebar says it"


def test_the_arrow_keys_turn_the_page(visit):
    page = visit()
    page.evaluate("window.same = true")
    for other in ("Shift+ArrowRight", "Control+ArrowRight", "Control+Shift+ArrowLeft"):
        page.keyboard.press(other)
    page.wait_for_timeout(200)
    assert page.evaluate("window.same")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/adaptive-optimizers.html")
    page.wait_for_selector("html[data-ready]", state="attached")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/momentum.html")


@pytest.mark.parametrize("place", [".nnx", ".nnq", "pre[data-scrolls]"])
def test_the_arrow_keys_turn_no_page_where_something_else_may_be_meant(visit, place):
    page = visit(size="phone")
    page.evaluate("window.same = true")
    box = page.locator(place).first
    box.scroll_into_view_if_needed()
    box.click(position={"x": 3, "y": 3})
    page.keyboard.press("ArrowRight")
    page.locator("a.nnb-enlarge").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.evaluate("window.same")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_headings_of_a_lower_level_are_smaller_and_none_is_heavier(visit, scheme):
    page = visit("reference/changes.html", scheme=scheme)
    looks = page.evaluate(
        """() => ["h1", "h2", "h3", "h4"]
          .map(level => getComputedStyle(document.querySelector(`.bd-article ${level}`)))
          .map(style => [parseFloat(style.fontSize), Number(style.fontWeight)])"""
    )
    sizes, weights = zip(*looks, strict=True)
    assert all(above > 1.2 * below for above, below in pairwise(sizes))
    assert sorted(weights, reverse=True) == list(weights)


def test_code_is_as_large_as_names_in_the_text_and_begins_below_it(visit):
    page = visit()
    page.add_style_tag(content="* { content-visibility: visible !important; }")
    sizes, edges, room = page.evaluate(
        """() => {
          const all = (selector) => [...document.querySelectorAll(`.bd-article ${selector}`)];
          const left = (element) => {
            const range = document.createRange();
            range.selectNodeContents(element);
            return range.getBoundingClientRect().left;
          };
          const size = (element) => getComputedStyle(element).fontSize;
          const text = all("p")[0];
          const code = all("section > .cell > .cell_input pre").filter(e => e.checkVisibility());
          return [
            [all("p code")[0], code[0]].map(size),
            code.map(pre => left(pre) - left(text)),
            code.map(pre => pre.clientWidth - text.clientWidth),
          ]; }"""
    )
    assert sizes[0] == sizes[1]
    assert len(edges) > 3
    assert max(map(abs, edges)) < 1
    assert min(room) > 20


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


def test_what_was_printed_in_columns_keeps_them_and_scrolls(visit):
    page = visit("digits/failures.html", size="phone")
    page.locator(".nnb-columns").first.scroll_into_view_if_needed()
    page.wait_for_selector('.nnb-columns pre[data-more~="right"]', state="attached")
    heights = page.evaluate(
        """() => [...document.querySelectorAll(".nnb-columns pre")].map(pre => {
          const lines = pre.textContent.trimEnd().split("\\n").length;
          return [pre.scrollHeight, lines * parseFloat(getComputedStyle(pre).lineHeight)];
        })"""
    )
    assert all(height < needed + 40 for height, needed in heights), heights
    page.emulate_media(media="print")
    wrapped = page.locator(".nnb-columns pre").first
    assert wrapped.evaluate("e => getComputedStyle(e).whiteSpace") == "pre-wrap"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("reference/claims/parameters.html", "desk"),
        ("reference/claims/parameters.html", "phone"),
        ("reference/teaching.html", "phone"),
        ("vanishing/derived.html", "phone"),
    ],
)
def test_no_line_begins_with_a_sign(visit, name, size):
    page = visit(name, size=size)
    found = page.evaluate(
        """() => {
          for (const fold of document.querySelectorAll("article details")) fold.open = true;
          const article = document.querySelector("article");
          const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
          const range = document.createRange(), signs = [];
          const place = (text, at) => {
            range.setStart(text, at);
            range.setEnd(text, at + 1);
            return range.getBoundingClientRect();
          };
          while (texts.nextNode()) {
            const text = texts.currentNode;
            if (text.parentElement.closest("pre, code, .katex, .nnx, svg")) continue;
            for (const { index } of text.data.matchAll(/(?<=\\w\\s)[%=<>](?=\\s|$)/g)) {
              const [before, sign] = [place(text, index - 2), place(text, index)];
              if (before.width && sign.width)
                signs.push([sign.top < before.bottom - 2, text.data.slice(index - 20, index + 5)]);
            }
          }
          return signs;
        }"""
    )
    assert len(found) > 5
    assert not [text for together, text in found if not together]


def test_the_contents_mark_what_stands_on_the_page_also_after_long_ways(visit):
    page = visit("vanishing/seen.html")
    marked = page.locator("#pst-page-toc-nav a[aria-current]")

    def go(key):
        for _ in range(10):  # sections that come near are laid out, and the page grows
            page.keyboard.press(key)
            page.wait_for_timeout(300)

    go("End")
    marked.and_(page.locator("a[href='#further-reading']")).wait_for()
    go("Home")
    assert page.evaluate("scrollY") == 0
    marked.wait_for(state="detached")
    page.locator("#pst-page-toc-nav a").nth(3).click()
    marked.and_(page.locator("#pst-page-toc-nav a").nth(3)).wait_for()


@pytest.mark.parametrize(
    "name", ["vanishing/derived.html", "reference/notation.html", "reproduction/exercise-3.html"]
)
def test_tables_fit_the_page_of_a_desk(visit, name):
    page = visit(name)
    page.set_viewport_size({"width": 1200, "height": 900})
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".pst-scrollable-table-container")].filter(
          box => box.scrollWidth > box.clientWidth + 1).map(box => box.textContent.slice(0, 40))"""
    )
    assert not wide
    assert page.locator(".pst-scrollable-table-container").count() > 2


def test_the_mark_after_a_formula_of_two_lines_stands_at_the_end_of_the_last(visit):
    page = visit("learning/momentum.html", size="phone")
    gaps = page.evaluate(
        """() => {
          for (const fold of document.querySelectorAll("article details")) fold.open = true;
          return [...document.querySelectorAll("article .nnb-whole")].flatMap(whole => {
            const parts = [...whole.querySelectorAll(".katex-base")].map(
              part => part.getBoundingClientRect());
            const last = parts.at(-1);
            if (!(whole.lastChild instanceof Text) || parts[0].bottom > last.top) return [];
            const mark = document.createRange();
            mark.selectNode(whole.lastChild);
            return [mark.getBoundingClientRect().left - last.right];
          });
        }"""
    )
    assert len(gaps) > 1
    assert max(map(abs, gaps)) < 2, gaps


def test_keys_pressed_together_stand_no_farther_from_the_words_than_one_key(visit):
    page = visit("using-this-book.html")
    both, first = page.locator("kbd.compound").first, page.locator("kbd.compound > kbd").first
    assert first.bounding_box()["x"] - both.bounding_box()["x"] < 2


def test_names_of_works_do_not_stand_upon_what_they_name(visit):
    page = visit("reference/bibliography.html")
    room = page.evaluate(
        """() => [...document.querySelectorAll("div.citation")].map(work => {
          const [name, first] = [work.querySelector(".label"), work.querySelector("p")]
            .map(part => part.getClientRects()[0]);
          return first.top >= name.bottom - 1 ? 0 : first.left - name.right;
        })"""
    )
    assert len(room) > 50
    assert min(room) > -1, room


def test_no_heading_has_an_empty_line_for_the_sign_of_its_link(visit):
    page = visit("learning/deep-learning.html", size="phone")
    lower = page.evaluate(
        """() => [...document.querySelectorAll("section section > :is(h2, h3)")].map(heading => {
          const sign = heading.querySelector(".headerlink"), text = document.createRange();
          text.setStart(heading, 0);
          text.setEndBefore(sign);
          return sign.getBoundingClientRect().top - text.getBoundingClientRect().bottom;
        })"""
    )
    assert len(lower) > 9
    assert max(lower) < 0, lower


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
