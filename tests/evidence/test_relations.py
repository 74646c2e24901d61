"""Relations are read from text, with all true numbers."""

import pytest

from nnbook.errors import ClaimError
from nnbook.evidence.relations import Number, relations


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a<b", ["a < b"]),
        ("0.9 < a < b", ["0.9 < a", "a < b"]),
        ("a > b by 0.003", ["a > b by 0.003"]),
        ("ninety-nine ~ nine within accuracy", ["ninety-nine ~ nine within accuracy"]),
        ("one-nine ? x_1", ["one-nine ? x_1"]),
        ("-1 < a < +0.5 on record", ["-1 < a on record", "a < +0.5 on record"]),
    ],
)
def test_relations(text: str, parts: list[str]) -> None:
    assert [str(relation) for relation in relations(text)] == parts


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("1e-3", 0.001, 3),
        ("1.50E-2", 0.015, 4),
        ("1E5", 100_000, -5),
        ("+0.5", 0.5, 1),
        (".25", 0.25, 2),
        ("-3", -3, 0),
    ],
)
def test_numbers(text: str, value: float, decimals: int) -> None:
    number = relations(f"a = {text}")[0].right
    assert isinstance(number, Number)
    assert (number.value, number.decimals) == (value, decimals)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (3, "3: expected a relation such as"),
        ("", "expected a relation such as"),
        ("a <", "expected a relation such as"),
        ("1.2.3 < a", "expected a relation such as"),
        ("a <= b", "expected a relation such as"),
        ("a ~ b", "not shown to be equal"),
        ("a ~ b by 3", "not shown to be equal"),
        ("a ? b within m", "'within' after 'a ~ b' only"),
        ("a < b < c by 3", "not after a chain"),
        ("a = b by 3", "'by' after 'a < b' or 'a > b' only"),
        ("a = 3 on record", "'on record' after '<' and '>' only"),
        ("a ? 3 on record", "'on record' after '<' and '>' only"),
    ],
)
def test_what_is_none(text: object, message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        relations(text)
