"""A step of backpropagation that a student computes by hand: entered, printed, checked, marked."""

import re
import shutil
import time
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from nnbook import project
from nnbook.cli import main
from nnbook.errors import NNBookError
from nnbook.lab import Report, entered, judged
from nnbook.lab.backpropagation import Step, solution
from nnbook.lab.definition import Definition
from nnbook.lab.entries import read_entry
from nnbook.lab.toml_lines import TomlLines
from tests.lab.conftest import text_of
from tests.lab.test_checks import messages
from tests.lab.test_folder import change

SOLVED = """\
loss = "half_sse"

[forward]
z1 = [[-1, 1, -2, 2], [-2, 3, 1, -8]]
a1 = [[0, 1, 0, 2], [0, 3, 1, 0]]
z2 = [[2], [-3]]
y = [[2], [-3]]

[gradients]
W2 = [[0, -5, -2, 2]]
b2 = [-1]
W1 = [[0, 0], [0, 0], [4, -2], [-2, 2]]
b1 = [0, 0, 2, 2]

[after]
W1 = [[1, 2], [0, -1], ["-1 - 4 eta", "-3 + 2 eta"], ["-2 + 2 eta", "2 - 2 eta"]]
b1 = [-2, 2, "-2 eta", "-2 - 2 eta"]
W2 = [[1, "5 eta", "-1 + 2 eta", "2 - 2 eta"]]
b2 = ["-2 + eta"]
"""
"""By hand, as in the chapter on one step of backpropagation."""


def lab4() -> Step:
    step = Definition.find("lab4").step
    assert step
    return step


def entry(text: str) -> tuple[Fraction, int | None, Fraction, int | None] | None:
    found = read_entry(text)
    return found and (
        found.constant.value,
        found.constant.places,
        found.slope.value,
        found.slope.places,
    )


def judge(text: str, step: Step | None = None) -> dict[str, str]:
    step = step or lab4()
    return {row.name: row.verdict for row in judged.judge(step, entered.of(text, step))}


def own_definition(lab: Path, old: str = "", new: str = "") -> Path:
    """Give a lab a definition of its own, with something else in it."""
    shutil.copytree(project.labs() / "lab4", lab / "definition")
    path = lab / "definition" / "definition.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    change(lab, 'definition = "lab4"', 'definition = "definition"')
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", (3, None, 0, None)),
        ("\N{MINUS SIGN}1/8", (Fraction(-1, 8), None, 0, None)),
        ("0,125", (Fraction(1, 8), 3, 0, None)),
        ("0.10", (Fraction(1, 10), 2, 0, None)),
        ("1.5e-2", (Fraction(15, 1000), 3, 0, None)),
        ("2 - 1/2 eta", (2, None, Fraction(-1, 2), None)),
        ("-\\eta", (0, None, -1, None)),
        ("2η + 1", (1, None, 2, None)),
        ("1 - 0,5·eta", (1, None, Fraction(-1, 2), 1)),
        ("1 + 3 eta/2", (1, None, Fraction(3, 2), None)),
    ],
)
def test_what_a_value_may_look_like(
    text: str, expected: tuple[Fraction, int | None, Fraction, int | None]
) -> None:
    assert entry(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("x", "1 2", "1/0", "0.5/3", "1e400", "1e999999999", "nan", "inf", "--1", "1 eta eta"),
        *("1 + 2", "eta + eta", "1 -", "7" * 41, "1/", "e", "0x10", "1_000", "²", "1 + 2 eta 3"),
    ],
)
def test_what_no_value_looks_like(text: str) -> None:
    assert read_entry(text) is None


def test_what_is_right_is_right_however_it_is_written() -> None:
    assert set(judge(SOLVED).values()) == {"right"}
    other = SOLVED.replace("[[2], [-3]]", '[["4/2"], ["-3,00"]]').replace("eta", "η")
    assert set(judge(other).values()) == {"right"}
    assert len(judge(SOLVED)) == 12


def test_both_definitions_of_the_loss_are_known() -> None:
    doubled = SOLVED.replace("half_sse", "sse")
    verdicts = judge(doubled)
    assert verdicts["forward.y"] == "right" and verdicts["gradients.b2"] == "wrong"
    assert verdicts["after.b2"] == "follows"
    step = lab4()
    text = solution(step, "sse")
    assert "-2 + 2 eta" in text and set(judge(text).values()) == {"right"}


def test_what_follows_from_an_earlier_wrong_value_is_told_from_what_is_wrong() -> None:
    # The second hidden unit gets 4 in place of 3 for the second example; its outgoing weight is 0.
    wrong = SOLVED.replace("[-2, 3, 1, -8]", "[-2, 4, 1, -8]")
    wrong = wrong.replace("[0, 3, 1, 0]", "[0, 4, 1, 0]").replace(
        "[0, -5, -2, 2]", "[0, -7, -2, 2]"
    )
    wrong = wrong.replace("5 eta", "7 eta")
    verdicts = judge(wrong)
    assert verdicts.pop("forward.z1") == "wrong"
    follow = {"forward.a1", "gradients.W2", "after.W2"}
    assert {name for name, verdict in verdicts.items() if verdict == "follows"} == follow
    assert {verdicts[name] for name in verdicts.keys() - follow} == {"right"}
    # Whoever then goes on with the right value contradicts what is written above.
    assert judge(wrong.replace("7 eta", "6 eta"))["after.W2"] == "wrong"


def test_missing_values_are_followed_through() -> None:
    start, end = SOLVED.index("[gradients]"), SOLVED.index("[after]")
    verdicts = judge(SOLVED[:start] + SOLVED[end:])
    assert verdicts["gradients.W1"] == "missing" and verdicts["after.W1"] == "right"
    assert set(judge('loss = "half_sse"').values()) == {"missing"}


def thirds() -> Step:
    """Return a step in which thirds come up: z = x/3, and W after it is 1/3 - (x/3 - y) x/10."""
    declared = Definition.find("lab4").file.backpropagation
    assert declared
    layer = {"weights": [["1/3"]], "biases": [0], "activation": "identity"}
    content = declared.model_dump() | {"layers": [layer], "inputs": [[1]], "targets": [[0]]}
    return Step(type(declared).model_validate(content | {"learning_rate": 0.1}))


@pytest.mark.parametrize(
    ("z", "y", "verdicts"),
    [
        ("0.33", "0.33", ("right", "right")),
        ("0.3", "0.33", ("right", "right")),
        ("0.34", "0.34", ("wrong", "follows")),
        ("0.33", "0.330", ("right", "rounded")),  # went on with the rounded value
        ("0", "1/3", ("wrong", "right")),  # a whole number is not rounded
        ("1/3", "0.3334", ("right", "wrong")),
    ],
)
def test_decimals_are_right_if_they_round_so(z: str, y: str, verdicts: tuple[str, str]) -> None:
    found = judge(f'[forward]\nz1 = [["{z}"]]\ny = [["{y}"]]', thirds())
    assert (found["forward.z1"], found["forward.y"]) == verdicts


def test_a_learning_rate_that_is_a_number() -> None:
    found = judge('[after]\nW1 = [["3/10"]]\nb1 = ["-0.033"]', thirds())
    assert found["after.W1"] == found["after.b1"] == "right"
    problems = entered.of('[after]\nW1 = [["1/3 - 1/3 eta"]]', thirds()).problems
    assert any("expected a number without eta" in problem for problem in problems)


def test_networks_that_are_not_exact() -> None:
    declared = Definition.find("lab4").file.backpropagation
    assert declared
    layer = {"weights": [["1/3"]], "biases": [1], "activation": "sigmoid"}
    content = declared.model_dump() | {"layers": [layer], "inputs": [[1]], "targets": [[0]]}
    step = Step(type(declared).model_validate(content))
    # By hand: sigmoid(4/3) = 0.79139, and 0.79139 (1 - 0.79139) 0.79139 = 0.13065.
    text = '[forward]\nz1 = [["4/3"]]\ny = [["0,7914"]]\n[gradients]\nb1 = ["0.1307"]\n'
    found = judge(text, step)
    assert (found["forward.z1"], found["forward.y"], found["gradients.b1"]) == ("right",) * 3
    assert judge('[forward]\nz1 = [["1e99"]]', step)["forward.z1"] == "wrong"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[-1, 1, -2, 2]", '[-1, "x", -2, 2]', r"line 4: forward\.z1: list 1, value 2: expected a"),
        ("[-1, 1, -2, 2]", "[-1, 1e999999, -2, 2]", r"line 4: .*value 2: .*received '1e999999'"),
        ("[-1, 1, -2, 2]", "[-1, true, -2, 2]", r"line 4: .*value 2: .*received True"),
        (
            "[-1, 1, -2, 2]",
            f"[{'7' * 300}, 1, -2, 2]",
            r"line 4: .*value 1: .*received '7{40}\.\.\.'",
        ),
        ("[-1, 1, -2, 2]", "[-1, 1, -2]", "line 4: .*expected 2 lists of 4 values, one list for"),
        (
            "b2 = [-1]",
            "b2 = -1",
            r"line 11: gradients\.b2: expected a list of 1 value, received '-1'",
        ),
        ("b2 = [-1]", 'b2 = ["-1 eta"]', r"line 11: .*expected a number without eta"),
        ("b2 = [-1]", "b3 = [-1]", r"line 11: gradients\.b3: unknown, known are 'W1'"),
        ("[after]", "[aftr]", r"line 15: \[aftr\]: unknown, did you mean 'after'"),
        ('"half_sse"', '"mse"', "line 1: loss: expected 'half_sse' or 'sse', received 'mse'"),
        ("[2], [-3]]", "[2], []]", r"line 6: forward\.z2: expected 2 lists of 1 value"),
        ('"5 eta"', '""', r"line 18: after\.W2: 1 of 4 values is missing"),
        ("b2 = [-1]\n", "", r"gradients\.b2: 1 of 1 value is missing"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(old: str, new: str, message: str) -> None:
    assert old in SOLVED
    found = entered.of(SOLVED.replace(old, new, 1), lab4()).problems
    assert any(re.search(f"step.toml: {message}", line) for line in found), found


def test_a_report_is_made_although_a_value_cannot_be_read(lab: Path) -> None:
    (lab / "step.toml").write_text(SOLVED.replace("-8", '"many"'), "utf-8")
    report = Report(lab)
    assert "–" in text_of(report.pdf())
    [message] = messages(report, "entered")
    assert "step.toml: line 4: forward.z1: list 2, value 4: expected a number" in message
    (lab / "step.toml").unlink()
    [message] = messages(Report(lab), "entered")
    assert message.endswith("step.toml: missing; it holds what you computed by hand")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[forward\n", r"step\.toml: not a TOML file: .*line 1"),
        (
            f"loss = 'sse'\n[forward]\nz1 = [[{'7' * 10**6}]]",
            r"step\.toml: line 3: expected at most",
        ),
        ("[forward]\nz1 = " + "[" * 900 + "]" * 900, r"step\.toml: .*(nested too deeply|expected)"),
        ("x = 1\n" * 100_000, r"step\.toml: expected at most 100,000 characters"),
    ],
)
def test_files_that_are_refused(lab: Path, text: str, message: str) -> None:
    (lab / "step.toml").write_text(text, "utf-8")
    started = time.process_time()
    with pytest.raises(NNBookError, match=rf"\A\S*{message}"):
        Report(lab).check()
    assert time.process_time() - started < 10


def test_no_file_takes_for_ever_to_read() -> None:
    keys = "\n".join(f"k{n}=1" for n in range(9000))
    started = time.process_time()
    for text in (f"[forward]\n{keys}", keys, "\n".join(f"[t{n}]" for n in range(9000))):
        assert len(entered.of(text, lab4()).problems) < 50
    assert time.process_time() - started < 10


@pytest.mark.parametrize("piece", ['\\"', '\\"""', "''''", "[", "\\"])
def test_no_text_takes_for_ever_to_find_lines_in(piece: str) -> None:
    line = piece * (1990 // len(piece)) + "\n"
    started = time.process_time()
    lines = TomlLines(f"[forward]\nz1 = [{line * (90_000 // len(line))}")
    assert lines.of("forward", "z1", (0, 10_000)) == 2
    assert time.process_time() - started < 2


def test_values_of_too_many_digits_are_refused_at_once(lab: Path) -> None:
    primes = [p for p in range(10**7, 10**7 + 3000) if all(p % d for d in range(2, 3300))][:90]
    assert len(primes) > 30
    numbers = iter(primes)
    text = SOLVED
    for old in ("[[-1, 1, -2, 2], [-2, 3, 1, -8]]", "[[0, 1, 0, 2], [0, 3, 1, 0]]"):
        rows = [[f"1/{next(numbers)}" for _ in range(4)] for _ in range(2)]
        text = text.replace(old, str(rows).replace("'", '"'))
    rows = [[f"1/{next(numbers)}" for _ in range(2)] for _ in range(4)]
    text = text.replace("[[0, 0], [0, 0], [4, -2], [-2, 2]]", str(rows).replace("'", '"'))
    (lab / "step.toml").write_text(text, "utf-8")
    started = time.process_time()
    found = messages(Report(lab), "entered")
    assert any("exact results have at most 300 digits" in message for message in found)
    assert time.process_time() - started < 20


def test_the_file_is_not_read_through_a_link(lab: Path, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(SOLVED, "utf-8")
    (lab / "step.toml").unlink()
    (lab / "step.toml").symlink_to(tmp_path / "other.toml")
    with pytest.raises(NNBookError, match="this link leads outside"):
        Report(lab).check()


def test_the_report_prints_what_was_entered_and_no_solution(lab: Path) -> None:
    empty = text_of(Report(lab).pdf())
    tables = empty[empty.index("Table 1: Forward pass by hand") : empty.index("Exercise 2b")]
    assert not any(number in tables for number in "3456789"), tables
    (lab / "step.toml").write_text(SOLVED.replace("-8", '"-8,25"'), "utf-8")
    assert "8.25" in text_of(Report(lab).pdf()), "as the report writes numbers"


def test_an_own_mistake_stays_in_the_report(lab: Path) -> None:
    (lab / "step.toml").write_text(SOLVED.replace("-8", '"-17/19"'), "utf-8")
    report = Report(lab)
    assert "17" in text_of(report.pdf()) and "19" in text_of(report.pdf())
    assert messages(report, "entered") == [] and messages(report, "wrong") == []


@pytest.mark.parametrize("line", ['loss = "mse"', "loss = [1]", ""])
def test_no_loss_is_ascribed_to_who_states_none(lab: Path, line: str) -> None:
    path = lab / "step.toml"
    path.write_text(path.read_text("utf-8").replace('loss = "half_sse"', line), "utf-8")
    report = Report(lab)
    found = [finding.message for finding in report.check()]
    assert any("loss: expected 'half_sse' or 'sse', received" in message for message in found)
    assert "gradients of the loss [?]" in " ".join(text_of(report.pdf()).split())
    assert not entered.of_manifest(report.lab.by_hand.content(), lab4()).states_loss


def test_check_says_what_is_wrong_only_where_the_course_lets_it(lab: Path) -> None:
    wrong = SOLVED.replace("[-2, 3, 1, -8]", "[-2, 4, 1, -8]").replace(
        "[0, 3, 1, 0]", "[0, 4, 1, 0]"
    )
    (lab / "step.toml").write_text(wrong, "utf-8")
    assert messages(Report(lab), "wrong") == []
    own_definition(lab, "tells = false", "tells = true")
    (lab / "step.toml").write_text(wrong.replace("[0, -5, -2, 2]", "[0, -6, -2, 2]"), "utf-8")
    found = messages(Report(lab), "wrong")
    assert len(found) == 3
    assert found[0].endswith(
        "step.toml: line 4: forward.z1: 1 of 8 values is wrong: list 2, value 2"
    )
    assert "line 5: forward.a1: 1 of 8 values follows from earlier wrong ones" in found[1]
    assert "gradients.W2: 1 of 4 values is wrong: list 1, value 2" in found[2]
    (lab / "step.toml").write_text(SOLVED, "utf-8")
    assert messages(Report(lab), "wrong") == []


def test_any_network_can_be_asked_for(lab: Path) -> None:
    own_definition(
        lab,
        '{ weights = [[1, 0, -1, 2]], biases = [-2], activation = "identity" },',
        '{ weights = [["1/3", 0, -1, 2], [0.1, 0, 1, 1]], biases = [-2, 1], activation = "tanh" },'
        '{ weights = [[1, 2]], biases = [0.5], activation = "sigmoid" },',
    )
    step = Definition.read(lab / "definition").step
    assert step
    text = solution(step)
    # By hand, of the first example: a = (0, 1, 0, 2) in the first hidden layer, so that z = (2, 3)
    # in the second one; then tanh; then the sigmoid of 0.964 + 2 * 0.9951 + 0.5.
    for number in ("0.96402", "0.99505", "3.4541", "0.96935"):
        assert number in text
    assert set(judge(text, step).values()) == {"right"}
    (lab / "step.toml").write_text(text, "utf-8")
    assert "0.964" in text_of(Report(lab).pdf())


def test_a_course_says_which_quantities_are_entered(lab: Path) -> None:
    path = own_definition(
        lab,
        'quantities = ["z", "a", "gradients", "parameters"]',
        'quantities = ["a", "deltas"]',
    )
    step = Definition.read(path).step
    assert step
    assert list(step.asked) == ["forward.a1", "forward.y", "backward.delta2", "backward.delta1"]
    (lab / "step.toml").write_text(
        "[forward]\na1 = [[0, 1, 0, 2], [0, 3, 1, 0]]\ny = [[2], [-3]]\n"
        "[backward]\ndelta2 = [[1], [-2]]\ndelta1 = [[0, 0, 0, 2], [0, 0, 2, 0]]\n",
        "utf-8",
    )
    rows = judged.judge(step, Report(lab).lab.by_hand)
    assert {row.verdict for row in rows} == {"right"}
    assert "Weights and biases" not in text_of(Report(lab).pdf())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('activation = "relu"', 'activation = "rellu"', "did you mean 'relu'"),
        ('loss = "half_sse"', 'loss = "half"', "unknown loss 'half'"),
        ('losses = ["half_sse", "sse"]', 'losses = ["half"]', "unknown loss 'half'"),
        ("[-1, -3], [-2, 2]]", "[-1, -3], [-2]]", "of equal length"),
        ("[[-1, 1], [2, -1]]", "[[-1, 1, 3], [2, -1, 3]]", "expected inputs of shape"),
        ("[[1], [-1]]", '[["x"], [-1]]', "expected rows of numbers"),
        (
            'learning_rate = "eta"',
            'learning_rate = "fast"',
            "learning_rate: expected a positive number",
        ),
        ("[[1], [-1]]", '[["1e300000000"], [-1]]', "an exponent from -99 to 99"),
        ("[[1], [-1]]", '[["1E-0300000000"], [-1]]', "an exponent from -99 to 99"),
        ("[[1], [-1]]", f'[["{"7" * 5000}"], [-1]]', "at most 40 characters"),
        ("[[1], [-1]]", f"[[{'7' * 4000}], [-1]]", "at most 40 characters"),
        ('learning_rate = "eta"', 'learning_rate = "1e300000000"', "an exponent from -99 to 99"),
        ("[[1], [-1]]", f"{[['1', '1'] * 11] * 2}", "at most 20 items"),
        ("[[1], [-1]]", f"{[['1']] * 60}", r"at most 50 items.{,300}\Z"),
        ('quantities = ["z"', 'quantities = ["zz"', "'z', 'a', 'deltas'"),
    ],
)
def test_networks_that_cannot_be_are_refused(lab: Path, old: str, new: str, message: str) -> None:
    own_definition(lab, old, new)
    with pytest.raises(NNBookError, match=message):
        Report(lab)


def test_exact_results_of_too_many_digits_are_refused_at_once(lab: Path) -> None:
    path = own_definition(lab)
    start, rest = path.read_text(encoding="utf-8").split("[backpropagation]")
    _, end = rest.split("[backpropagation.entered]")
    primes = iter([p for p in range(10**6, 10**6 + 30000) if all(p % d for d in range(2, 1100))])
    square = [[f"1/{next(primes)}" for _ in range(12)] for _ in range(12)]
    layer = {"weights": square, "biases": [0] * 12, "activation": "relu"}
    layers = ", ".join(
        f"{{ weights = {layer['weights']}, biases = {layer['biases']}, activation = 'relu' }}"
        for _ in range(10)
    )
    path.write_text(
        f"{start}[backpropagation]\nlayers = [{layers}]\ninputs = [{[1] * 12}]\n"
        f"targets = [{[1] * 12}]\n[backpropagation.entered]{end}",
        encoding="utf-8",
    )
    started = time.process_time()
    with pytest.raises(NNBookError, match="exact results have at most 300 digits"):
        Report(lab).check()
    assert time.process_time() - started < 10


def step_of(**changes: object) -> Step:
    """Return the step of a network of one unit in each of two layers, with what is changed."""
    declared = Definition.find("lab4").file.backpropagation
    assert declared
    layers = [
        {"weights": [["1/3"]], "biases": [0], "activation": "identity"},
        {"weights": [["1/3"]], "biases": [0], "activation": "identity"},
    ]
    content = declared.model_dump() | {"layers": layers, "inputs": [[1]], "targets": [[0]]}
    return Step(type(declared).model_validate(content | changes))


def test_after_what_is_no_probability_nothing_follows_and_judging_goes_on() -> None:
    layers = [{"weights": [[1]], "biases": [0], "activation": "sigmoid"}]
    step = step_of(
        layers=layers,
        targets=[[1]],
        loss="binary_cross_entropy",
        entered={"losses": ["binary_cross_entropy"], "decimals": 2},
    )
    # The sigmoid was forgotten; the gradients are right for the right output, 0.731 - 1.
    text = "[forward]\nz1 = [[1]]\ny = [[-2]]\n[gradients]\nW1 = [[-0.27]]\nb1 = [7]\n"
    found = judge(text, step)
    assert [found[name] for name in ("forward.z1", "forward.y")] == ["right", "wrong"]
    assert [found[name] for name in ("gradients.W1", "gradients.b1")] == ["right", "wrong"]


def test_who_rounds_what_follows_may_go_on_unrounded() -> None:
    step = step_of(entered={"losses": ["half_sse"], "decimals": 2})
    # z1 = 1/3, and 2/3 is the one mistake: a1 = 2/3, z2 = y = 2/9, gradient of W2 y a1 = 4/27.
    text = (
        '[forward]\nz1 = [["2/3"]]\na1 = [[0.67]]\nz2 = [[0.2222]]\ny = [["2/9"]]\n'
        '[gradients]\nW2 = [["4/27"]]\n'
    )
    found = judge(text, step)
    names = ("forward.z1", "forward.a1", "forward.z2", "forward.y", "gradients.W2")
    assert [found[name] for name in names] == ["wrong", *["follows"] * 4]


def test_a_solution_with_error_signals_can_be_read_again() -> None:
    sorts = ["z", "a", "deltas", "gradients", "parameters"]
    step = step_of(entered={"losses": ["half_sse"], "quantities": sorts})
    assert list(tomllib.loads(solution(step))) == [
        "loss",
        "forward",
        "backward",
        "gradients",
        "after",
    ]
    assert set(judge(solution(step), step).values()) == {"right"}


def test_a_loss_that_does_not_fit_the_network_is_refused_in_the_definition() -> None:
    with pytest.raises(NNBookError, match="binary_cross_entropy: expected probabilities"):
        step_of(
            entered={"losses": ["half_sse", "binary_cross_entropy"]}, targets=[[1]], inputs=[[27]]
        )


def test_a_teacher_gets_the_solution(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "solution", "--lab", "lab4"]) == 0
    printed = capsys.readouterr().out
    assert tomllib.loads(printed)["after"]["b2"] == ["-2 + eta"]
    assert set(judge(printed).values()) == {"right"}
    assert main(["lab", "solution", "--lab", "lab4", "--loss", "mae"]) == 2
    assert "expected 'half_sse' or 'sse'" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_student_begins_with_gaps_for_all_that_is_asked(
    tmp_path: Path, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lab", "new", str(tmp_path / "lab"), "--language", language])
    text = (tmp_path / "lab" / "step.toml").read_text("utf-8")
    step = lab4()
    assert set(judge(text).values()) == {"missing"}
    assert all(problem.endswith("missing") for problem in entered.of(text, step).problems)
    gaps = {f"{t}.{k}" for t, keys in tomllib.loads(text).items() if t != "loss" for k in keys}
    assert gaps == set(step.asked)


def test_the_example_is_right() -> None:
    lab = Report(Path("examples/lab4")).lab
    assert {row.verdict for row in judged.judge(lab4(), lab.by_hand)} == {"right"}
