"""What a sentence may say, given its verdicts."""

import pytest

from nnbook.evidence.wording import problems


def found(
    says: str, *, undecided: bool = False, equivalent: bool = False, has_because: bool = False
) -> str:
    return "; ".join(
        problems(says, undecided=undecided, equivalent=equivalent, has_because=has_because)
    )


@pytest.mark.parametrize(
    "says",
    [
        "A is as good as B.",
        "It has no effect.",
        "Dropout does nothing.",
        "They are the same.",
        "They are alike.",
        "Not distinguishable.",
        "The two cannot be told apart.",
        "They are equal.",
        "It adds nothing.",
        "The accuracy stays unchanged.",
    ],
)
def test_undecided_is_not_equal(says: str) -> None:
    assert "the runs leave it undecided" in found(says, undecided=True)
    assert found(says) == ""
    assert "without the margin" in found(says, equivalent=True)


def test_equal_within_a_margin_is_said_so() -> None:
    assert found("They are equal within half a point.", equivalent=True) == ""
    assert found("Which is larger stays open.", undecided=True) == ""


@pytest.mark.parametrize(
    "word", ["because", "due to", "The reason", "causes", "therefore", "explains"]
)
def test_a_cause_is_shown_or_a_conjecture(word: str) -> None:
    assert "expected because = " in found(f"A {word} B.")
    assert found(f"A {word} B.", has_because=True) == ""
