"""Tables that cells show have a caption and a number."""

from types import SimpleNamespace

from docutils import nodes
from docutils.utils import new_document

from nnbook.publishing.table_captions import Captions


def page(**options: str) -> nodes.document:
    document = new_document("page")
    shown = nodes.container(
        "", nodes.table("", nodes.tgroup(cols=1)), nb_element="cell_code_output"
    )
    cell = nodes.container("", shown, nb_element="cell_code", cell_index=3, cell_metadata=options)
    document += nodes.section("", cell, nodes.table("", nodes.tgroup(cols=1)))
    document.settings.env = SimpleNamespace(docname="part/page")
    Captions(document).apply()
    return document


def test_a_cell_says_what_its_table_shows_and_what_it_is_called() -> None:
    table, other = page(table="The rate $r$.", **{"table-name": "tab-rate"}).findall(nodes.table)
    assert isinstance(table[0], nodes.title)
    assert table[0].astext() == "The rate r."
    assert [type(part) for part in table[0].children] == [nodes.Text, nodes.math, nodes.Text]
    assert table["ids"] == ["tab-rate"]
    assert not isinstance(other[0], nodes.title)


def test_a_table_without_a_name_has_one_of_its_page_and_cell() -> None:
    assert next(page(table="A").findall(nodes.table))["ids"] == ["tab-page-3"]


def test_a_table_without_a_caption_is_left_alone() -> None:
    assert not any(isinstance(table[0], nodes.title) for table in page().findall(nodes.table))
