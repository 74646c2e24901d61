"""Search in the built book: what is found first, how the dialog is used, what a result shows."""

import json
import re
from collections import Counter

import pytest

from tests.book.accessibility import violations
from tests.book.conftest import CHAPTER, HTML, parsed, wait_for_scripts

# The page that is to be found first.
FIRST = {
    "dropout": "learning/dropout",
    "batch normalization": "learning/batch-normalization",
    "gradient descent": "learning/gradient-descent",
    "momentum": "learning/momentum",
    "batch size": "digits/parameters",
    "learning rate schedule": "learning/gradient-descent",
    "eckerle4": "regression/certified-fit",
    "vanishing gradient": "vanishing/seen",
    "droput": "learning/dropout",
    "minibatch": "learning/gradient-descent",
    "mini-batch": "learning/gradient-descent",
    "softmax": "learning/outputs-and-losses",
    "cross entropy": "learning/loss-functions",
    "early stopping": "learning/regularization",
    "overfitting": "regression/under-and-overfitting",
    "backprop": "backpropagation/forward-and-backward",
    "chain rule": "backpropagation/forward-and-backward",
    "weight decay": "learning/adaptive-optimizers",
    "He initialization": "vanishing/measured",
    "dead relu": "digits/failures",
    "(8.4)": "learning/dropout",
    "exercise 8.1": "learning/dropout",
    "figure 8.2": "learning/dropout",
    "table 23.1": "digits/optimizers",
    "Fig. 8.2": "learning/dropout",
    "what is the momentum": "learning/momentum",
    "W^l": "reference/notation",
    "$W^{l}$": "reference/notation",
    "δ": "reference/notation",
    "delta": "backpropagation/forward-and-backward",
    "nesterov momentm": "learning/momentum",
    "vanishing gradeint": "vanishing/seen",
    "overfiting": "regression/under-and-overfitting",
    "plot_factor": "reference/api-publishing",
    "GLOSSARY": "reference/glossary",
}


def opened(page, key="/"):
    """Open the search and wait until it can search."""
    page.keyboard.press(key)
    page.wait_for_function("!!window.nnbookSearch?.find")
    return page.locator("#pst-search-dialog")


@pytest.fixture(params=["server", "file"])
def address(request, html):
    return request.getfixturevalue("site") if request.param == "server" else html.as_uri()


def test_the_expected_page_is_found_first(browser, address, html):
    page = browser.new_page()
    problems = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{address}/{CHAPTER}", wait_until="load")
    wait_for_scripts(page)
    opened(page)
    found = page.evaluate(
        "queries => queries.map(query => nnbookSearch.find(query, 12))", list(FIRST)
    )
    first = {query: results[:1] for query, results in zip(FIRST, found, strict=True)}
    page.close()
    assert not problems
    addresses = {query: [r["address"] for r in results] for query, results in first.items()}
    assert addresses == {query: [f"{name}.html"] for query, name in FIRST.items()}
    # A figure or table is led to itself, before exercises of the same number.
    (figure,), (table,) = first["figure 8.2"], first["table 23.1"]
    for one, name in ((figure, "fig. 8.2"), (table, "table 23.1")):
        soup, *_ = parsed(html / one["address"])
        number = soup.find(id=one["anchor"]).find(class_="caption-number")
        assert number.text.lower().startswith(name)
    # Excerpts hold no TeX and none of the bars of code.
    texts = ["".join(p["text"] for p in r["excerpt"]) for results in found for r in results]
    assert len(texts) > 100
    assert not [text for text in texts if "\\" in text or "Show code" in text]


def test_what_is_nowhere_is_not_found(visit):
    page = visit()
    dialog = opened(page)
    page.keyboard.type("zzyzxqq")
    dialog.get_by_text("Nothing found for “zzyzxqq”.").wait_for()
    assert dialog.locator("a").count() == 0


def find(page, *queries):
    """Return what is found for each query, when the search is open."""
    return page.evaluate("all => all.map(one => nnbookSearch.find(one, 100))", queries)


def test_exercises_and_solutions_are_found_by_their_text(visit):
    page = visit()
    opened(page)
    text = (HTML / "_static" / "search.js").read_text(encoding="utf-8")
    content = json.loads(text.rpartition("nnbookSearch.fill(")[2].removesuffix(");\n"))
    boxes = [place for place in content["places"] if place[7]]
    assert sum(title.startswith("Solution") for _, _, title, *_ in boxes) > 100
    for number, anchor, title, words, *_ in boxes:
        if words.strip():
            continue
        soup = parsed(HTML / content["pages"][number][0])[0]
        holds = soup.find(id=anchor).find("section").find_all(["p", "li", "table"])
        assert not holds, f"{title} has text, which is not found"
    texts = [place[3] for place in content["places"]]
    assert not [text for text in texts if re.search(r"[⏟⏞]|\^\(?[′⊤∗]", text)]

    # A word that only a solution says: it is led to, is open there, and shown in the excerpt.
    said = page.evaluate(
        """texts => texts.map(text => nnbookSearch.wordsIn(text)
          .filter(word => /^[a-z]+$/i.test(word.text)).map(word => word.terms[0]))""",
        [" ".join(map(str, place[2:4])) for place in content["places"]],
    )
    count = Counter(word for words in said for word in set(words))
    place, word = next(
        (place, word)
        for place, words in zip(content["places"], said, strict=True)
        for word in words
        if place[2].startswith("Solution") and count[word] == 1 and re.fullmatch("[a-z]{8,}", word)
    )
    (result,) = (one for one in find(page, word)[0] if one["anchor"] == place[1])
    assert word in {part["text"].lower() for part in result["excerpt"] if part.get("hit")}
    page = visit(f"{result['address']}?marks={word}#{result['anchor']}")
    assert page.locator(f"[id='{result['anchor']}'][open]").is_visible()


def test_marks_are_words_of_the_query_and_stand_in_no_control(visit):
    page = visit()
    opened(page)
    queries = {
        "choice of the learning rate": {"choice", "choices", "learning", "rate", "rates"},
        "dropout": {"dropout"},
        "in": {"in"},
        "constructor": {"constructor", "constructors"},
        "droput": {"dropout"},
        "early stop": {"early", "stop", "stops", "stopped", "stopping"},
        "network": {"network", "networks"},
    }
    for (query, expected), results in zip(queries.items(), find(page, *queries), strict=True):
        marks = {term for result in results for term in result["terms"]}
        assert marks and marks <= expected, query
    (solution,) = (
        r for r in find(page, "cross entropy on a sigmoid")[0] if "Solution" in r["title"]
    )
    assert solution["terms"]

    page = visit("learning/momentum.html?marks=rate+run+all+step+show+learning")
    inside = """() => [...CSS.highlights.get('nnb-hit')].filter(range => range.startContainer
      .parentElement
      .closest('button, summary:not(.admonition-title), select, label, [role=button]')).length"""
    assert page.evaluate("CSS.highlights.get('nnb-hit').size") > 10
    assert page.evaluate(inside) == 0


@pytest.mark.parametrize("again", [False, True])
def test_a_box_is_open_for_who_is_led_to_it(visit, again):
    page = visit("learning/outputs-and-losses.html#learning/outputs-and-losses-solution-7")
    box = page.locator("details[id='learning/outputs-and-losses-solution-7']")
    assert box.get_attribute("open") is not None
    assert page.locator("details.solution[open]").count() == 1
    if again:  # by a link on the page, also when it has been closed
        box.locator("summary").click()
        assert box.get_attribute("open") is None
        page.evaluate("""() => {
          const link = document.createElement("a");
          link.href = location.hash;
          document.querySelector("article").prepend(link);
          link.click();
        }""")
        assert box.get_attribute("open") is not None


@pytest.mark.parametrize(
    ("key", "size", "scheme"), [("/", "desk", "light"), ("Control+k", "phone", "dark")]
)
def test_search_is_used_from_the_keyboard(visit, key, size, scheme):
    page = visit(size=size, scheme=scheme)
    assert not [url for url in page.requested if "search.js" in url], "loaded when it is opened"
    dialog = opened(page, key)
    page.keyboard.type("early stop")
    result = dialog.locator(".nnb-results a").first
    result.wait_for()
    assert dialog.get_by_role("status").inner_text().endswith("places, the best first")
    assert dialog.get_attribute("aria-label") == "Search"
    assert dialog.locator("mark").first.inner_text().lower() in {"early", "stop", "stopping"}
    box = dialog.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    assert box["y"] + box["height"] <= page.viewport_size["height"]
    assert violations(page) == ""
    page.keyboard.press("ArrowDown")
    assert result.evaluate("e => e === document.activeElement")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/learning/regularization.html?marks=*#early-stopping*")
    assert not page.messages


def test_hits_are_marked_until_escape_and_boxes_open_for_what_is_only_in_them(visit):
    marked = "[...(CSS.highlights.get('nnb-hit') ?? [])].map(range => range.toString())"
    page = visit("learning/dropout.html?marks=penalty+dl#a-penalty-in-disguise")
    hits = page.evaluate(marked)
    assert len(hits) > 3
    assert {hit.lower() for hit in hits} == {"penalty"}
    assert page.locator("details.dropdown[open]").count() == 0
    # Closed boxes say that they hold hits, too.
    bars = page.locator("details.dropdown > summary", has_text=" found")
    assert bars.count() > 0
    assert bars.locator(".nnb-hits").first.is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(marked) == []
    assert page.locator(".nnb-hits").count() == 0
    assert page.url.endswith("dropout.html#a-penalty-in-disguise")

    # A formula, and a word that only a solution says.
    formulas = visit("backpropagation/forward-and-backward.html?marks=wl").locator(".math.nnb-hit")
    assert "W^l" in formulas.first.get_attribute("data-tex")
    words = """() => {
      const said = (all) => all.flatMap(element => {
        for (const part of element.querySelectorAll(".math, pre, script")) part.remove();
        return nnbookSearch.wordsIn(element.textContent).map(word => word.terms[0]);
      });
      const boxes = [...document.querySelectorAll("details.dropdown")];
      for (const box of boxes) box.remove();
      const outside = new Set(said([document.querySelector("article")]));
      return said(boxes).find(word => word.length > 6 && !outside.has(word)); }"""
    rare = visit("learning/dropout.html").evaluate(words)
    assert rare
    page = visit(f"learning/dropout.html?marks={rare}")
    assert page.locator("details.dropdown[open]").count() > 0


def test_the_page_of_the_search_shows_more_and_says_what_it_needs(visit):
    page = visit("search.html?q=dropout", size="phone")
    page.locator(".nnb-results a").first.wait_for()
    assert page.locator(".nnb-results a").count() > 12
    assert page.locator("input:focus").input_value() == "dropout"
    assert violations(page) == ""
    assert not page.messages
    bare = visit("search.html", scripts=False)
    assert "Search needs JavaScript" in bare.locator("article").inner_text()
