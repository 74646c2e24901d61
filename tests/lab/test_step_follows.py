"""Who goes on correctly from a mistake is charged once, and who enters what needs no computing."""

from typing import Any

import pytest

from nnbook.errors import NNBookError
from nnbook.lab import entered, judged
from nnbook.lab.backpropagation import Step
from nnbook.lab.entries import read_entry
from nnbook.lab.marking.rubric import share_by_hand
from nnbook.lab.step_tables import StepTables
from nnbook.lab.tasks import DefinitionFile, Rule
from nnbook.metrics import Marks
from tests.lab.test_step import SOLVED, judge, lab4, step_of

NOTHING_COMPUTED = """
loss = "half_sse"
[forward]
z1 = [[0, 0, 0, 0], [0, 0, 0, 0]]
a1 = [[0, 0, 0, 0], [0, 0, 0, 0]]
z2 = [[-2], [-2]]
y = [[1], [-1]]
[gradients]
W2 = [[0, 0, 0, 0]]
b2 = [0]
W1 = [[0, 0], [0, 0], [0, 0], [0, 0]]
b1 = [0, 0, 0, 0]
[after]
W1 = [[1, 2], [0, -1], [-1, -3], [-2, 2]]
b1 = [-2, 2, 0, -2]
W2 = [[1, 0, -1, 2]]
b2 = [-2]
"""
"""Zeros, the targets as predictions, so that no gradient is left, parameters as they were."""

EASY_NUMBERS = """
loss = "half_sse"
[forward]
z1 = [[1, 1, 1, 1], [1, 1, 1, 1]]
a1 = [[1, 1, 1, 1], [1, 1, 1, 1]]
z2 = [[0], [0]]
y = [[2], [0]]
[gradients]
W2 = [[2, 2, 2, 2]]
b2 = [2]
W1 = [[1, 0], [0, 0], [-1, 0], [2, 0]]
b1 = [2, 0, -2, 4]
[after]
W1 = [["1 - eta", 2], [0, -1], ["-1 + eta", -3], ["-2 - 2 eta", 2]]
b1 = ["-2 - 2 eta", 2, "2 eta", "-2 - 4 eta"]
W2 = [["1 - 2 eta", "-2 eta", "-1 - 2 eta", "2 - 2 eta"]]
b2 = ["-2 - 2 eta"]
"""
"""Ones, and predictions that are 1 too large: the rest follows by small whole numbers."""

RULE = Rule(points=10, says={"en": "By hand."}, rule="step")


def share(text: str, step: Step | None = None, rule: Rule = RULE) -> float:
    step = step or lab4()
    rows = judged.rows(step, entered.of(text, step))
    return share_by_hand(rule, rows, step.declared.entered.follows_per_right)[0]


def test_what_is_there_without_any_computing_earns_nothing() -> None:
    rows = judged.judge(lab4(), entered.of(NOTHING_COMPUTED, lab4()))
    right, follows = (sum(row.count(what) for row in rows) for what in ("right", "follows"))
    assert (right, follows) == (18, 26)
    assert share(NOTHING_COMPUTED) == 0
    # Where all of it is right, zeros are as good as any number.
    assert share(SOLVED) == 1


def test_what_follows_from_numbers_at_will_earns_little() -> None:
    rows = judged.judge(lab4(), entered.of(EASY_NUMBERS, lab4()))
    count = {what: sum(row.count(what) for row in rows) for what in ("right", "follows", "wrong")}
    assert (count["right"] + count["follows"]) / 54 > 0.7
    computed = sum(row.computed for row in rows)
    assert computed < count["right"] / 2
    assert share(EASY_NUMBERS) == pytest.approx((count["right"] + 2 * computed) / 54)
    assert share(EASY_NUMBERS) < 0.55


def test_an_honest_mistake_costs_little() -> None:
    # As in test_step: one activation is wrong, and all that depends on it follows.
    wrong = SOLVED.replace("[-2, 3, 1, -8]", "[-2, 4, 1, -8]")
    wrong = wrong.replace("[0, 3, 1, 0]", "[0, 4, 1, 0]").replace("-5, -2, 2]]", "-7, -2, 2]]")
    assert share(wrong.replace("5 eta", "7 eta")) == pytest.approx(53 / 54)
    # The bias of the output was forgotten: predictions 4 and -1 in place of 2 and -3.
    bias = """
        loss = "half_sse"
        [forward]
        z1 = [[-1, 1, -2, 2], [-2, 3, 1, -8]]
        a1 = [[0, 1, 0, 2], [0, 3, 1, 0]]
        z2 = [[4], [-1]]
        y = [[4], [-1]]
        [gradients]
        W2 = [[0, 3, 0, 6]]
        b2 = [3]
        W1 = [[0, 0], [0, 0], [0, 0], [-6, 6]]
        b1 = [0, 0, 0, 6]
        [after]
        W1 = [[1, 2], [0, -1], [-1, -3], ["-2 + 6 eta", "2 - 6 eta"]]
        b1 = [-2, 2, 0, "-2 - 6 eta"]
        W2 = [[1, "-3 eta", -1, "2 - 6 eta"]]
        b2 = ["-2 - 3 eta"]
    """
    assert share(bias) == pytest.approx(52 / 54)


def test_a_course_sets_how_many_that_follow_earn_points() -> None:
    rows = judged.rows(lab4(), entered.of(EASY_NUMBERS, lab4()))
    shares = [share_by_hand(RULE, rows, per_right)[0] for per_right in (0, 1, 2, 100)]
    assert shares == sorted(shares) and shares[0] < shares[1] < shares[3]
    right, computed = (sum(row[what] for row in rows) for what in ("right", "computed"))
    assert shares[0] == right / 54
    why = share_by_hand(RULE, rows, 1)[1]
    assert f"that follow {computed} count, 1 for each right one that was computed" in why


# Quantities that the lab does not ask for


DELTAS = SOLVED.replace("[gradients]", "[backward]\ndelta2 = [[-1], [2]]\n\n[gradients]")
"""The sign of the error signals is wrong, and so are all gradients."""
TURNED = (
    DELTAS.replace("[[0, -5, -2, 2]]", "[[0, 5, 2, -2]]")
    .replace("b2 = [-1]", "b2 = [1]")
    .replace("[[0, 0], [0, 0], [4, -2], [-2, 2]]", "[[0, 0], [0, 0], [-4, 2], [2, -2]]")
    .replace("b1 = [0, 0, 2, 2]", "b1 = [0, 0, -2, -2]")
    .replace('["-1 - 4 eta", "-3 + 2 eta"]', '["-1 + 4 eta", "-3 - 2 eta"]')
    .replace('["-2 + 2 eta", "2 - 2 eta"]]', '["-2 - 2 eta", "2 + 2 eta"]]')
    .replace('"-2 eta", "-2 - 2 eta"]', '"2 eta", "-2 + 2 eta"]')
    .replace('"5 eta", "-1 + 2 eta", "2 - 2 eta"', '"-5 eta", "-1 - 2 eta", "2 + 2 eta"')
    .replace('"-2 + eta"', '"-2 - eta"')
)


def test_a_wrong_error_signal_that_was_entered_is_charged_once() -> None:
    verdicts = judge(TURNED)
    assert verdicts["backward.delta2"] == "wrong"
    assert verdicts["gradients.W2"] == verdicts["gradients.b1"] == "follows"
    assert "wrong" not in [v for name, v in verdicts.items() if name != "backward.delta2"]
    assert share(TURNED) == pytest.approx(52 / 54)
    gradients = RULE.model_copy(update={"quantities": ["gradients"]})
    assert share(TURNED, rule=gradients) == pytest.approx(15 / 17)
    forward = RULE.model_copy(update={"quantities": ["z", "a"]})
    assert share(TURNED, rule=forward) == 1
    without = TURNED.replace("delta2 = [[-1], [2]]", "")
    assert judge(without)["gradients.W2"] == "wrong"


def test_what_is_not_asked_for_is_read_printed_and_kept() -> None:
    step = lab4()
    found = entered.of(TURNED, step)
    assert found.problems == []
    assert entered.of_manifest(found.content(), step).values.keys() == found.values.keys()
    _, rows = StepTables(step, found, Marks(".", ",")).backward()
    assert r"\begin{bmatrix}-1 & 2\end{bmatrix}" in rows[0][1]
    assert not any(name.startswith("backward") for name in entered.of(SOLVED, step).values)
    problems = entered.of(TURNED.replace("[[-1], [2]]", "[[-1, 2]]"), step).problems
    assert "backward.delta2: expected 2 lists of 1 value" in problems[0]


def test_what_is_not_asked_for_gives_no_points() -> None:
    right = SOLVED.replace("[gradients]", "[backward]\ndelta2 = [[1], [-2]]\n\n[gradients]")
    assert share(right) == 1
    rows = judged.rows(lab4(), entered.of(right, lab4()))
    assert sum(row["of"] for row in rows if row["asked"]) == 54


# Rounded values


def test_who_goes_on_with_rounded_values_made_no_mistake() -> None:
    step = step_of(entered={"losses": ["half_sse"], "decimals": 2, "follows_per_right": 0})
    # z1 = a1 = 1/3 and z2 = y = 1/9; 0.33 * 1/3 = 0.11, which is typed with too many decimals.
    text = '[forward]\nz1 = [[0.33]]\na1 = [[0.33]]\nz2 = [["0.1100"]]\ny = [["0.1100"]]\n'
    found = judge(text, step)
    assert (found["forward.a1"], found["forward.z2"]) == ("right", "rounded")
    assert found["forward.y"] == "rounded"
    rows = judged.rows(step, entered.of(text, step))
    some = [row for row in rows if row["right"] or row["rounded"]]
    assert share_by_hand(RULE, some, 0)[0] == 1
    [first, _] = [line for line in judged.wrong(step, entered.of(text, step)) if "rounded" in line]
    assert first.endswith(
        "z2: 1 of 1 value was computed from rounded ones: go on with more decimals"
    )


# As it was typed


def test_a_value_is_printed_in_the_order_in_which_it_was_typed() -> None:
    text = SOLVED.replace('"-1 - 4 eta"', '"-4η - 1"').replace('"-3 + 2 eta"', '"2η - 3"')
    tables = StepTables(lab4(), entered.of(text, lab4()), Marks(".", ","))
    printed = "".join(cell for row in tables.after()[1] for cell in row)
    assert r"-4 \eta - 1 & 2 \eta - 3" in printed
    assert r"2 - 2 \eta" in printed
    assert judge(text)["after.W1"] == "right"
    for typed in ("eta", "2 eta", "3"):
        entry = read_entry(typed)
        assert entry and not entry.slope_first


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ('[\n  [-1, "x", -2, 2], # "x"\n  [-2, 3, 1,\n   "x"],\n]', [5, 7]),
        ('[[-1, 1, -2, 2],\n["x", "x", 1,\n-8]]', [5, 5]),
        ("[[-1, 1, -2, 'x'], [-2, 3, 1,\n\n'x']]", [4, 6]),
        ('[["1", 1, -2, "ex,[]x"],\n[-2, "x", 1, -8]]', [4, 5]),
        ('[["""x""", 1, -2, 2],\n[-2, "x", 1, -8]]', [4, 5]),
        ('[["\\"x", 1, -2, 2],\n[-2, "x", 1, -8]]', [4, 5]),
    ],
)
def test_equal_values_have_lines_of_their_own(rows: str, lines: list[int]) -> None:
    text = SOLVED.replace("[[-1, 1, -2, 2], [-2, 3, 1, -8]]", rows, 1)
    found = [problem for problem in entered.of(text, lab4()).problems if "z1" in problem]
    assert [int(problem.split("line ")[1].split(":")[0]) for problem in found] == lines, found


def test_a_dotted_key_has_its_line() -> None:
    text = 'loss = "half_sse"\nforward.z1 = [\n[-1, 1, -2, "x"],\n[-2, 3, 1, -8]]\n'
    assert "line 3: forward.z1: list 1, value 4" in entered.of(text, lab4()).problems[0]


# Definitions


def declared(**changes: Any) -> Any:
    """Return what a definition has with a rubric and a step."""
    backpropagation = lab4().declared.model_dump(exclude={"entered"})
    rule = {"points": 3, "says": {"en": "x"}, "rule": "value", "metric": "m", "at_least": 1}
    exercise = {"number": "1", "points": 3, "rubric": [rule | changes.pop("rule", {})]}
    return {
        "languages": ["en"],
        "exercise": [exercise | changes.pop("exercise", {})],
        "backpropagation": backpropagation | changes,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rule": {"points": True}}, "points"),
        ({"rule": {"points": "3"}}, "points"),
        ({"rule": {"points": float("nan")}}, "points"),
        ({"rule": {"at_least": True}}, "at_least"),
        ({"rule": {"at_most": float("inf")}}, "at_most"),
        ({"exercise": {"points": True}}, "points"),
        ({"entered": {"follows_per_right": True}}, "follows_per_right"),
        ({"entered": {"follows_per_right": -1}}, "follows_per_right"),
        ({"learning_rate": True}, "learning_rate"),
        ({"inputs": [[True, 1], [2, -1]]}, "inputs"),
    ],
)
def test_definitions_with_other_than_numbers_are_refused(
    changes: dict[str, Any], message: str
) -> None:
    DefinitionFile.model_validate(declared())
    with pytest.raises(ValueError, match=message):
        DefinitionFile.model_validate(declared(**changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"learning_rate": -0.1},
            r"learning_rate: expected a positive number or 'eta', received -0",
        ),
        ({"learning_rate": 0}, r"learning_rate: expected a positive number or 'eta', received 0"),
        ({"learning_rate": "alpha"}, r"learning_rate: .* or 'eta', received 'alpha'"),
        ({"learning_rate": "1/0"}, r"learning_rate: expected a positive number"),
        ({"learning_rate": float("nan")}, r"learning_rate: expected a positive number"),
        ({"inputs": [["x"]]}, r"inputs: expected .*'x'"),
        ({"targets": [[1], []]}, r"targets: .*of equal length"),
    ],
)
def test_what_is_wrong_with_a_step_is_named_with_its_key(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(NNBookError, match=rf"\[backpropagation\]: {message}"):
        step_of(**changes)
