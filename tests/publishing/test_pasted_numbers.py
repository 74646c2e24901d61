"""Numbers that are pasted into the text are written as all others are."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

from nnbook.publishing.pasted_numbers import PastedNumbers


def read(*parts: nodes.Node) -> str:
    document = new_document("page")
    document += nodes.paragraph("", "", *parts)
    document.settings.env = SimpleNamespace(docname="page")
    PastedNumbers(document).apply()
    return document.astext()


def pasted(text: str) -> nodes.inline:
    return nodes.inline(text, text, classes=["pasted-text"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-1.01", "−1.01"),
        ("-1,250", "−1,250"),
        ("+0.5", "+0.5"),
        ("-3.0 %", "−3.0 %"),
        ("1e-05", "1\xa0·\xa010⁻⁵"),
        ("-2.5e+20", "−2.5\xa0·\xa010²⁰"),
        ("12,345.6", "12,345.6"),
        ("well-known", "well-known"),
        ("1-2", "1-2"),
    ],
)
def test_a_pasted_number_is_written_as_in_mathematics(text: str, shown: str) -> None:
    assert read(pasted(text)) == shown


def test_what_is_not_pasted_stays() -> None:
    assert read(nodes.inline("", "-1.01"), nodes.Text(" to "), pasted("-0.99")) == "-1.01 to −0.99"
