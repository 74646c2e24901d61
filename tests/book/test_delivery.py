"""How the built pages reach a reader: what they load, how they look, what their controls do."""

import gzip
import re

import pytest

from tests.book.test_pages import PAGES, parsed, site  # noqa: F401

MOST_BYTES = 150_000  # compressed, without figures
MOST_REQUESTS = 12
CHAPTER = "learning/momentum.html"
WIDTHS = {"desk": (1280, 900), "phone": (390, 844), "small": (320, 640)}


def loaded(soup):
    scripts = [script["src"] for script in soup.find_all("script", src=True)]
    return scripts + [link["href"] for link in soup.find_all("link", rel="stylesheet")]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_little(name, html):
    soup = parsed(html / name)[0]
    own = loaded(soup)
    assert len(own) == 2, f"one style, one script: {own}"
    assert all(s.has_attr("defer") for s in soup.find_all("script", src=True))
    files = [html / name] + [((html / name).parent / p.partition("?")[0]).resolve() for p in own]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= MOST_BYTES


@pytest.mark.parametrize("name", PAGES)
def test_identifiers_are_unique(name, html):
    ids = [element["id"] for element in parsed(html / name)[0].find_all(id=True)]
    assert not {i for i in ids if ids.count(i) > 1}


@pytest.mark.parametrize("name", PAGES)
def test_images_declare_their_size_and_load_when_near(name, html):
    for image in parsed(html / name)[0].select("article img"):
        assert image.get("loading") == "lazy", image["src"]
        assert int(image["width"]) > 0 and int(image["height"]) > 0, image["src"]


@pytest.mark.parametrize("name", PAGES)
def test_no_icon_waits_for_a_font(name, html):
    assert not parsed(html / name)[0].select("i[class*=fa-], span[class*=fa-]")


def test_the_stylesheet_is_printed_light_and_needs_no_icon_font(html):
    css = (html / "_static" / "page.css").read_text(encoding="utf-8")
    assert "Font Awesome" not in css
    assert not re.search("[\ue000-\uf8ff]", css)
    assert re.search(r'@media screen\{html\[data-theme="?dark', css)


@pytest.fixture
def visit(browser, site):  # noqa: F811
    contexts = []

    def open_(name=CHAPTER, scheme="light", size="desk", mode=None, scripts=True):
        width, height = WIDTHS[size]
        context = browser.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.messages, page.requested = [], []
        page.on("console", lambda message: page.messages.append(message.text))
        page.on("pageerror", lambda error: page.messages.append(str(error)))
        page.on("request", lambda request: page.requested.append(request.url))
        if mode:
            page.add_init_script(f"localStorage.setItem('mode', {mode!r})")
        page.goto(f"{site}/{name}", wait_until="load")
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", ["index.html", CHAPTER, "reference/claims.html"])
def test_few_requests_and_nothing_on_the_console(visit, name):
    page = visit(name, size="phone")
    page.wait_for_timeout(300)
    assert not page.messages
    assert len(page.requested) <= MOST_REQUESTS
    assert not [url for url in page.requested if "searchindex" in url]


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
def test_the_theme_is_set_before_anything_is_drawn(browser, site, scheme, mode, theme):  # noqa: F811
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


@pytest.mark.parametrize("size", WIDTHS)
def test_search_opens_with_a_key_and_loads_its_data_then(visit, size):
    page = visit(size=size)
    page.keyboard.press("Control+k")
    field = page.locator("#pst-search-dialog input")
    assert field.is_visible()
    field.fill("dropout")
    field.press("Enter")
    page.wait_for_url("**/search.html?q=dropout*")
    page.locator("#search-results li").first.wait_for()
    assert not [text for text in page.messages if "Error" in text]


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
    page = visit("digits/failures.html", size="small")
    box = page.wait_for_selector('[data-more~="right"]', state="attached")
    assert box.evaluate("e => e.tabIndex") == 0
    box.evaluate("e => { e.scrollLeft = e.scrollWidth; }")
    page.wait_for_timeout(100)
    assert box.get_attribute("data-more") == "left"


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
