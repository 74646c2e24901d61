"""Figures on the pages: a form for narrow screens, the colors of the theme, their values."""

import csv
import json
import re

import matplotlib.pyplot as plt
import pytest
from PIL import Image

from nnbook.project import REPOSITORY
from nnbook.publishing.drawing.dodged import dodge
from nnbook.publishing.drawing.palette import contrast
from nnbook.publishing.drawing.series import series
from tests.book.conftest import HTML, PAGES, parsed


def with_figures():
    """Return the pages with a figure that can be enlarged; none is parsed while tests are found."""
    return [name for name in PAGES if "nnb-enlarge" in (HTML / name).read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", with_figures())
def test_figures_have_a_form_for_narrow_screens(name, html):
    for link in parsed(html / name)[0].select("article a.nnb-enlarge"):
        image = link.img
        if not image["src"].endswith(".svg") or int(image["width"]) <= 360:
            continue
        svg = (html / name).parent / image["src"]
        if "<text" not in svg.read_text(encoding="utf-8") or "--least-narrow" not in str(image):
            continue
        source = link.select_one("picture > source")
        assert int(source["width"]) <= 358, "the column of a phone of 390 px"


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_pictures_keep_their_proportions(visit, size):
    page = visit("hand-in/report.html", size=size)
    picture = page.locator("article img[src*=lab4-page]")
    picture.scroll_into_view_if_needed()
    shown = picture.bounding_box()
    declared = [int(picture.get_attribute(side)) for side in ("width", "height")]
    assert shown["width"] < declared[0], "it is made smaller"
    ratio = declared[0] / declared[1]
    assert shown["width"] / shown["height"] == pytest.approx(ratio, rel=0.02)


def drawn(html):
    paths = sorted((html / "_images").glob("*.svg"))
    figures = [path for path in paths if "--ink" in path.read_text(encoding="utf-8")]
    assert len(figures) > 150, "both forms of more than a hundred figures"
    return figures


def test_colors_of_figures_are_variables_that_stand_out_in_both_themes(html):
    for path in drawn(html):
        svg = path.read_text(encoding="utf-8")
        light, dark = re.search(r"(:root\{[^}]*\})@media[^{]*\{(:root\{[^}]*\})", svg).groups()
        for theme, paper in ((light, "#FFFFFF"), (dark, "#121212")):
            colors = dict(re.findall(r"--(\w+):(#[0-9A-F]{6})", theme))
            for name, color in colors.items():
                if name[0] == "t" or name == "ink":
                    assert contrast(color, paper) >= 4.5, (path.name, name)
                elif name[0] in "cs":
                    assert contrast(color, paper) >= 3, (path.name, name)
        assert "<metadata" not in svg, path.name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_follows_the_theme_without_a_filter(visit, scheme, tmp_path):
    page = visit(scheme="light" if scheme == "dark" else "dark", mode=scheme)
    figure = page.locator("article a.nnb-enlarge img").first
    figure.scroll_into_view_if_needed()
    figure.evaluate("image => image.decode()")
    assert figure.evaluate("e => getComputedStyle(e).filter") == "none"
    figure.screenshot(path=tmp_path / "figure.png")
    with Image.open(tmp_path / "figure.png") as picture:
        corner = picture.convert("RGB").getpixel((2, 2))
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert corner == tuple(map(int, re.findall(r"\d+", ground)[:3])), "the paper of the page"
    assert (max(corner) < 100) == (scheme == "dark")


def test_the_value_under_the_pointer_is_shown_and_goes(visit):
    page = visit("learning/gradient-descent.html")
    figure = page.get_by_alt_text("Test error in percent against the learning rate")
    figure.evaluate("image => image.scrollIntoView({ block: 'center' })")
    assert not [url for url in page.requested if url.endswith(".js") and "_images" in url]
    box = figure.bounding_box()
    with page.expect_response(re.compile(r"_images/\w+\.js")):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    value = page.locator(".nnb-value")
    seen = set()
    for number in range(100):
        across, down = 0.1 + number % 10 / 12, 0.1 + number // 10 / 12
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        page.wait_for_timeout(20)
        if value.count() and value.is_visible():
            seen.add(value.inner_text())
    assert any(re.search(r"^learning rate: [\d.]+$", text, re.MULTILINE) for text in seen), seen
    assert any(re.search(r"^test error \(%\): [\d.]+$", text, re.MULTILINE) for text in seen)
    page.keyboard.press("Escape")
    assert not value.is_visible()


def opened(browser, figure):
    """Return a page with a figure alone, 600 by 200 px large, whose values have been loaded."""
    content = json.dumps(["figure", series(figure), [[[0, 0, 1, 1]]]])
    plt.close(figure)
    page = browser.new_page()
    page.set_content(
        "<style>* { margin: 0 }</style>"
        '<img data-values="figure" src="figure.svg" style="width: 600px; height: 200px">'
    )
    page.add_script_tag(path=REPOSITORY / "nnbook/publishing/delivery/values.js")
    page.evaluate(f"nnbookValues(...{content})")
    return page


@pytest.mark.parametrize("value", [-30.0, -0.5, 0.0, 0.25, 3.0, 80.0])
def test_values_are_found_on_a_scale_that_is_linear_around_zero(browser, value):
    figure, axes = plt.subplots()
    axes.plot([value], [0.5], "o", label="one")
    axes.set_xscale("symlog", linthresh=0.5, linscale=0.7, base=2)
    axes.set(xlim=(-50, 100), ylim=(0, 1))
    place, first, last = axes.xaxis.get_transform().transform([value, -50, 100])
    page = opened(browser, figure)
    page.mouse.move(600 * (place - first) / (last - first), 100)
    page.wait_for_selector(".nnb-value:popover-open")
    shown = page.locator(".nnb-value").evaluate("box => box.style.getPropertyValue('--x')")
    assert float(shown.removesuffix("px")) == pytest.approx(
        600 * (place - first) / (last - first), abs=0.1
    )
    page.close()


def test_a_mark_that_is_drawn_aside_is_found_there_with_its_interval(browser):
    figure, axes = plt.subplots()
    bars = axes.errorbar([2], [0.5], [0.25], fmt="o", label="one")
    dodge(bars, 30)
    axes.set(xlim=(0, 4), ylim=(0, 1), xlabel="depth", ylabel="loss")
    page = opened(browser, figure)
    page.mouse.move(300 + 40, 100)
    page.wait_for_selector(".nnb-value:popover-open")
    box = page.locator(".nnb-value")
    assert box.inner_text() == "one\ndepth: 2\nloss: 0.5 (0.25 to 0.75)"
    place = box.evaluate("box => box.style.getPropertyValue('--x')")
    assert float(place.removesuffix("px")) == pytest.approx(340, abs=0.1)
    page.close()


def test_each_figure_with_curves_gives_its_data(html):
    found = 0
    for name in with_figures():
        page = parsed(html / name)[0]
        for cell in page.select("div.cell:has(img[data-values])"):
            links = cell.select("a.nnb-csv[href*='-figure-']")
            assert len(links) >= len(cell.select("img[data-values]")), name
            for link in links:
                with ((html / name).parent / link["href"]).open(encoding="utf-8-sig") as file:
                    rows = list(csv.reader(file))
                assert len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}, name
                assert len(rows[0]) in {6, 8}, name  # with or without the ends of intervals
                found += 1
    assert found > 80


def panels_of_figures(html):
    """Yield the page and the panels of each figure that shows the value under the pointer."""
    for name in with_figures():
        for image in parsed(html / name)[0].select("article img[data-values]"):
            path = html / "_images" / f"{image['data-values']}.js"
            if path.exists():  # else it is the still of an explorable
                text = path.read_text(encoding="utf-8")
                yield name, json.loads(text[text.index("[") : text.rindex("]") + 1])[1]


def test_a_logarithmic_axis_has_a_place_for_all_that_is_drawn_along_it(html):
    """Matplotlib draws a line from 0 as one that comes level from far left: it was never there."""
    checked = 0
    for name, panels in panels_of_figures(html):
        for panel in (one for one in panels if one["scales"][0][0] == "log"):
            for drawn_line in panel["series"]:
                assert min(drawn_line["x"]) > 0, (name, panel["x"], drawn_line["label"])
                checked += 1
    assert checked > 100


def test_panels_differ_in_title_or_axes_so_that_a_caption_can_name_them(html):
    """A caption cannot say where a panel is: a phone shows panels below each other."""
    checked = 0
    for name, panels in panels_of_figures(html):
        first = panels[0]["y"]  # stands for all that share it
        names = [(panel["title"], panel["x"], panel["y"] or first) for panel in panels]
        assert len(set(names)) == len(names), (name, names)
        checked += len(panels) > 1
    assert checked > 30
