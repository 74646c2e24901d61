"""No line ends before a percent sign or a unit, within a short equation, or in a short cell."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document

from nnbook.publishing.line_ends import held, hold
from tests.publishing.small_book import CONF, build


def resolved(*blocks: nodes.Node) -> nodes.document:
    document = new_document("page")
    document += blocks
    hold(None, document, "page")
    return document


def text_of(*parts: nodes.Node) -> str:
    return resolved(nodes.paragraph("", "", *parts)).astext()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("means with 95 % intervals, 5\n% more", "means with 95~% intervals, 5~% more"),
        ("between 10 and 20 nm, in 3 h", "between 10 and 20~nm, in 3~h"),
        ("Welch, n = 5 and 5; p < 0.001)", "Welch, n~=~5 and 5; p~<~0.001)"),
        ("of δ = ∂L/∂z with", "of δ~=~∂L/∂z with"),
        ("0 <= count <= n and n >= 1.", "0~<=~count~<=~n and n~>=~1."),
        ("mean · 10⁴", "mean~·~10⁴"),
        ("Adadelta − RMSprop", "Adadelta~− RMSprop"),
        ("784 – 200 – 10, or so – 5", "784~– 200~– 10, or so – 5"),
        ("error = something_rather_long", "error~= something_rather_long"),
    ],
)
def test_spaces_where_no_line_ends(text: str, shown: str) -> None:
    assert held(text) == shown.replace("~", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    "text",
    ["a 5 and 6 sample", "it falls by −3 percentage points", "well-known - or not", "runs %s %d"],
)
def test_other_spaces_stay(text: str) -> None:
    assert held(text) == text


def test_a_number_that_was_pasted_keeps_its_sign() -> None:
    pasted = (
        nodes.inline("", "95"),
        nodes.Text(" % of "),
        nodes.emphasis("", "z"),
        nodes.Text(" = 0"),
    )
    assert text_of(*pasted) == "95\xa0% of z\xa0=\xa00"


def test_equal_texts_are_held_where_they_stand() -> None:
    parts = nodes.Text(" = 1"), nodes.emphasis("", "z"), nodes.Text(" = 1")
    assert text_of(*parts) == "\xa0=\xa01z\xa0=\xa01"


@pytest.mark.parametrize("kind", [nodes.literal, nodes.math])
def test_code_in_the_text_stays(kind: type[nodes.TextElement]) -> None:
    assert text_of(nodes.Text("Set "), kind("", "x = 1 % 2")) == "Set x = 1 % 2"


@pytest.mark.parametrize("kind", [nodes.literal_block, nodes.raw, nodes.doctest_block])
def test_blocks_of_code_stay(kind: type[nodes.TextElement]) -> None:
    assert resolved(kind("x = 1 % 2", "x = 1 % 2")).astext() == "x = 1 % 2"


def test_an_option_is_not_broken_at_its_hyphens() -> None:
    codes = [nodes.literal("", text) for text in ("--quick", "nnbook run --quick", "a-b")]
    resolved(nodes.paragraph("", "", *codes))
    assert [code["classes"] for code in codes] == [["nnb-short"], [], []]


@pytest.mark.parametrize(
    ("text", "in_columns"),
    [
        ("class      0    1\nnetworks  12  480", True),
        ("It took  3 s.\nAnd that was all.", False),
        ("   indented\n   twice", False),
        ("one  line", False),
        ("", False),
        ("a  column, and a long sentence\n" * 2, True),
        (f"a  column, and a {'very ' * 20} long sentence\n" * 2, False),
    ],
)
def test_what_is_printed_in_columns_is_known(text: str, in_columns: bool) -> None:
    printed = nodes.literal_block(text, text, classes=["output", "stream"])
    code = nodes.literal_block(text, text)
    resolved(printed, code)
    assert ("nnb-columns" in printed["classes"]) == in_columns
    assert not code["classes"]


PAGE = """\
# Title

A $a$ % share of 95 % (n = 5).

| name of a day | day |
|---|---|
| the last day of a run | 2026-11-24 |
| another | $a$ |
| short | a day that was longer |
"""


def test_a_built_page_holds_together_and_is_found(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.md").write_text(PAGE)
    built = build(tmp_path)
    assert built.returncode == 0, built.stderr
    soup = BeautifulSoup((tmp_path / "html" / "index.html").read_text(), "html.parser")
    soup.select_one("p .math").string = "a"
    assert soup.p.get_text() == "A a\xa0% share of 95\xa0% (n\xa0=\xa05)."
    assert [whole.get_text() for whole in soup.select(".nnb-whole")] == ["a\xa0%"]
    assert [cell.get_text() for cell in soup.select(".nnb-short")] == [
        "2026-11-24",
        "another",
        "short",
    ]
    index = (tmp_path / "html" / "_static" / "search.js").read_text().rpartition("fill(")[2]
    assert "95 % (n = 5)" in index
