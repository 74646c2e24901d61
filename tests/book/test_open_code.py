"""What stands in the open on the built pages, and what is folded."""

import csv
import re
from copy import copy

import pytest

from nnbook.project import REPOSITORY
from nnbook.publishing.data_files import safe
from nnbook.publishing.open_code import MANY_ROWS
from tests.book.conftest import PAGES, parsed

RESULTS = ".cell_output .pst-scrollable-table-container > table"


def executed(html):
    pages = {name: parsed(html / name)[0].select_one("article") for name in PAGES}
    return {name: page for name, page in pages.items() if page.select("div.cell")}


def test_no_code_that_checks_or_only_draws_stands_in_the_open(html):
    for name, page in executed(html).items():
        for cell in page.select("div.cell"):
            code = cell.select_one("div.cell_input")
            if code is None or code.find_parent("details"):
                continue
            text = code.get_text()
            assert not re.search(r"^\s*(assert |glue\()", text, flags=re.M), f"{name}: {text}"
            assert not cell.select(".cell_output img"), f"{name}: {text}"


def open_code(page):
    """Return the code in the open on a page, in its order, with what is said to be needed."""
    apart = ".nnb-checks, .nnb-below, details.hide, .solution"
    blocks = [code for code in page.select("div.cell_input pre") if not code.find_parent(
        lambda tag: tag in page.select(apart))]  # fmt: skip
    return [block.get_text() for block in blocks]


@pytest.mark.parametrize(
    "name",
    [
        "backpropagation/forward-and-backward.html",
        "digits/baseline.html",
        "digits/failures.html",
        "learning/augmentation.html",
        "learning/momentum.html",
        "regression/the-answer-sheet.html",
        "vanishing/derived.html",
    ],
)
def test_code_in_the_open_runs_when_it_is_copied(name, html, monkeypatch):
    monkeypatch.chdir(REPOSITORY / "book" / name.rpartition("/")[0])
    page = parsed(html / name)[0].select_one("article")
    names = {"__name__": "copied"}
    for code in open_code(page):
        exec(compile(code, name, "exec"), names)
    assert len(names) > 10


def test_no_folded_code_stands_without_what_it_makes(html):
    for name, page in executed(html).items():
        for bar in page.select("details.hide"):
            assert bar.find_parent("div", class_="cell").select(".cell_output"), name
            assert [s.get_text() for s in bar.summary.select("span")] == ["Code", "Hide the code"]
        assert len(page.select("details.nnb-checks")) <= 1, name


def test_a_chapter_has_at_most_3500_words_in_the_open(html):
    """Self-checks are not counted, nor is what can be opened, nor code, tables and formulas."""
    apart = "details, pre, table, script, style, svg, .math, .headerlink, .nnq, footer"
    found = {}
    for name in PAGES:
        page = parsed(html / name)[0].select_one("article")
        if "/" in name and not name.startswith("reference/") and page:
            page = copy(page)  # others read it, too
            for part in page.select(apart):
                part.decompose()
            found[name] = len(page.get_text(" ").split())
    assert len(found) > 30 and min(found.values()) > 1000
    assert {name: words for name, words in found.items() if words > 3500} == {}


def test_each_table_of_results_gives_its_data(html):
    found = 0
    for name, page in executed(html).items():
        for cell in page.select("div.cell"):
            tables = cell.select(RESULTS)
            links = cell.select("a.nnb-csv")
            assert len(links) >= len(tables), name
            for link in links:
                with ((html / name).parent / link["href"]).open(encoding="utf-8-sig") as file:
                    rows = list(csv.reader(file))
                assert len(rows) > 1 and len({len(row) for row in rows}) == 1, name
                found += 1
    assert found > 30


def test_each_table_of_results_has_a_number_and_a_caption(html):
    found = 0
    for name, page in executed(html).items():
        for table in page.select(RESULTS):
            found += 1
            assert table.caption, f"{name}: {table.get_text()[:80]}"
            assert re.match(r"Table [\d.]+", table.select_one(".caption-number").get_text()), name
            assert len(table.select_one(".caption-text").get_text().split()) > 3, name
    assert found > 60


def test_long_tables_are_sorted_by_their_titles(visit):
    page = visit("reference/provenance.html")
    table = page.locator(".cell_output table:has(.nnb-sort)").first
    title = table.locator(".nnb-sort", has_text="runs").first

    def numbers():
        column = table.locator("tbody tr td:nth-child(3)").all_inner_texts()
        return [float(text.replace(",", "")) for text in column]

    before = numbers()
    assert len(before) > 5 and before != sorted(before)
    for order, expected in (
        ("ascending", sorted(before)),
        ("descending", sorted(before, reverse=True)),
        (None, before),
    ):
        title.press("Enter")
        assert numbers() == expected
        assert table.locator("th", has_text="runs").first.get_attribute("aria-sort") == order


def test_powers_of_ten_are_sorted_by_their_size(html, visit):
    name, place, column = next(
        (name, place, column)
        for name, page in executed(html).items()
        for place, table in enumerate(page.select(".cell_output table"))
        for cells in table.select("tbody tr:nth-child(6)")
        for column, cell in enumerate(cells.select("th, td"))
        if re.search(r"\d\s·\s10⁻", cell.get_text())
    )
    table = visit(name).locator("article .cell_output table").nth(place)

    def numbers():
        texts = table.locator(f"tbody tr > :nth-child({column + 1})").all_inner_texts()
        return [float(safe(text.replace(" ", " "))) for text in texts]

    before = numbers()
    assert before != sorted(before) and min(before) < 1e-3
    table.locator(".nnb-sort").nth(column).press("Enter")
    assert numbers() == sorted(before)


def test_rows_of_long_tables_are_those_with_the_words_typed(html, visit):
    name = next(name for name, page in executed(html).items() if page.select_one(".nnb-filter"))
    page = visit(name)
    line = page.locator(".nnb-filter").first
    table = page.locator(".nnb-filter + * table").first
    rows = table.locator("tbody tr")
    texts = [" ".join(row.split()).lower() for row in rows.all_text_contents()]
    words = texts[0].split()[0], texts[-1].split()[-1]
    line.get_by_role("searchbox", name="Rows with").press_sequentially(" ".join(words).upper())
    expected = [text for text in texts if all(word in text for word in words)]
    shown = [row for row in rows.all() if row.is_visible()]
    assert [" ".join(row.text_content().split()).lower() for row in shown] == expected
    assert line.get_by_role("status").inner_text() == f"{len(expected)} of {len(texts)} rows"
    table.locator(".nnb-sort").first.press("Enter")
    assert sum(row.is_visible() for row in rows.all()) == len(expected) < len(texts)
    line.get_by_role("searchbox").fill("no row has this")
    assert line.get_by_role("status").inner_text() == f"0 of {len(texts)} rows"
    line.get_by_role("searchbox").fill("")
    assert all(row.is_visible() for row in rows.all())
    assert line.get_by_role("status").inner_text() == f"{len(texts)} rows"


def test_a_table_that_one_sees_at_once_has_no_filter(html):
    filtered = set()
    for name, page in executed(html).items():
        for table in page.select(RESULTS):
            rows = len(table.select("tbody tr"))
            has_filter = table.parent.find_previous_sibling(class_="nnb-filter") is not None
            assert has_filter == (rows >= MANY_ROWS), f"{name}: {rows} rows"
            filtered |= {has_filter}
    assert filtered == {True, False}


@pytest.fixture
def phone(browser, site):
    context = browser.new_context(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{site}/digits/baseline.html")
    yield page
    context.close()


def test_code_opens_below_its_figure_and_widens_nothing(phone):
    line = phone.locator(".nnb-below:has(details)").first
    line.locator("summary").press("Enter")
    assert line.locator("pre").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_data_are_saved_under_a_name(phone):
    with phone.expect_download() as download:
        phone.locator("a.nnb-csv").first.click()
    assert download.value.suggested_filename == "baseline-1.csv"


def test_what_stands_below_figures_is_large_enough_for_a_finger(phone):
    sides = phone.locator(".nnb-below :is(a, summary)").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).filter(box => box.width)"
        ".map(box => Math.min(box.width, box.height))"
    )
    assert len(sides) > 5
    assert min(sides) >= 24  # WCAG 2.2, 2.5.8
