"""Values by hand in what a team hands in: verdicts, and points by rule."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from nnbook.errors import NNBookError
from nnbook.lab import Report, manifest
from nnbook.lab.confined import Limits
from nnbook.lab.definition import Definition
from nnbook.lab.marking import marker, overview
from nnbook.lab.marking.marker import Options, Team
from nnbook.lab.starter import write_starter
from tests.lab.conftest import DATE, record_runs
from tests.lab.marking.teams import forged, key_of
from tests.lab.marking.test_marking import here
from tests.lab.test_second_lab import make_course

pytestmark = pytest.mark.thorough

STEP = """
[[exercise]]
number = "B1"
shows = "backpropagation"
[[exercise.rubric]]
points = 3
says = { de = "Vorwärts." }
rule = "step"
quantities = ["z", "a"]
[[exercise.rubric]]
points = 4
says = { de = "Rückwärts und Schritt." }
rule = "step"
quantities = ["gradients", "parameters"]

[backpropagation]
layers = [{ weights = [[1, 2]], biases = [-1], activation = "relu" }]
inputs = [[1, 1], [1, -1]]
targets = [[1], [0]]
loss = "sse"
learning_rate = "1/10"
"""

GAPS = """
[forward]
z1 = [[""], [""]]
y = [[""], [""]]
[gradients]
W1 = [["", ""]]
b1 = [""]
[after]
W1 = [["", ""]]
b1 = [""]
"""

# By hand: z = 2 and -2, y = 2 and 0; the gradients 2 (2 - 1) (1, 1) and 2; W = 1 - 0.2, 2 - 0.2.
RIGHT = """
[forward]
z1 = [[2], [-2]]
y = [[2], [0]]
[gradients]
W1 = [[2, 2]]
b1 = [2]
[after]
W1 = [["4/5", "1,8"]]
b1 = [-1.2]
"""

# Without the factor 2 of this loss, and without a last value.
WITHOUT_FACTOR = RIGHT.replace("[[2, 2]]\nb1 = [2]", "[[1, 1]]\nb1 = [1]")
WITHOUT_FACTOR = WITHOUT_FACTOR.replace(
    '[["4/5", "1,8"]]\nb1 = [-1.2]', '[[0.9, "1,9"]]\nb1 = [""]'
)


def course(folder: Path) -> Path:
    """Write the second lab with a step by hand."""
    make_course(folder)
    path = folder / "definition.toml"
    start, end = path.read_text("utf-8").split("\n[data.feder]", 1)
    path.write_text(f"{start}{STEP}\n[data.feder]{end}", "utf-8")
    statements = folder / "de" / "statements.md"
    statements.write_text(statements.read_text("utf-8") + "\n# B1 Schritt\n\nVon Hand.\n", "utf-8")
    (folder / "de" / "step.toml").write_text(GAPS, "utf-8")
    return folder


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what was found about teams that entered different values."""
    tmp = tmp_path_factory.mktemp("by-hand")
    definition = course(tmp / "werkstatt")
    handed_in = tmp / "in"
    handed_in.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NNBOOK_RECORDED_ONLY", raising=False)
        write_starter(tmp / "lab", "de", DATE, str(definition))
        record_runs(tmp / "lab")
        for team, text in (("right", RIGHT), ("factor", WITHOUT_FACTOR), ("gaps", GAPS)):
            (tmp / "lab" / "step.toml").write_text(text, "utf-8")
            Report(tmp / "lab").write(handed_in / f"{team}.pdf")
        pdf = (handed_in / "right.pdf").read_bytes()
        said = json.loads(manifest.attached(handed_in / "right.pdf", pdf))
        old = forged(pdf, said, lambda content: content.pop("step"))
        (handed_in / "old.pdf").write_bytes(old)
        huge = {"forward": {"z1": [["1e999999999"], [["7" * 10**6]]], "y": {"a": None}}}
        broken = forged(pdf, said, lambda content: content.update(step=huge))
        (handed_in / "broken.pdf").write_bytes(broken)
        shutil.copytree(tmp / "lab", handed_in / "folder")
        answers = tmp / "lab" / "answers.md"
        text = answers.read_text("utf-8").replace("{{ figure:fit:feder }}", "").split("# A3")[0]
        text = text.replace(
            " und {{ ref:figure:fit:feder }}", ", dazu eine Genauigkeit von 0,9987,"
        )
        answers.write_text(f"{text}\n# A3\n\nx\n", "utf-8")
        Report(tmp / "lab").write(handed_in / "wrong-numbers.pdf")
        (handed_in / "folder" / "step.toml").write_text(RIGHT, "utf-8")
        patch.setenv("NNBOOK_DATA", str(definition))
        options = Options(
            Definition.find(str(definition)),
            tmp / "out",
            1,
            7,
            1,
            Limits(60, 2**34, 2**28),
            None,
            here,
        )
        teams = marker.submissions(handed_in, tmp / "out")
        marker.inspect_all(teams, options, lambda line: None)
        marker.conclude(teams, options)
        overview.write(teams, options)
    return {key_of(team.name): team for team in teams}, options


def points(team: Team) -> list[float | None]:
    return [point.given for point in team.points if point.exercise == "B1"]


def verdicts(team: Team) -> list[str]:
    return [row["verdict"] for row in team.inspection["step"]]


def test_what_a_check_would_say_is_said_of_a_pdf_too(marked: Any) -> None:
    teams, _ = marked
    found = teams["wrong-numbers"].inspection["findings"]
    assert "unanswered: exercise A3 has no word of two letters" in found
    assert "required: exercise 1.1 asks for a figure:fit" in found
    [number] = [line for line in found if line.startswith("unsupported")]
    assert number.startswith("unsupported: exercise 1.1: 0,9987 is in a sentence about results")
    assert "entered: gradients.W1: missing values: 2 of 2" in teams["gaps"].inspection["findings"]
    honest = teams["right"].inspection["findings"]
    assert honest == ["unanswered: exercise B1 has no word of two letters"]


def test_right_values_get_all_points(marked: Any) -> None:
    teams, _ = marked
    for name in ("right", "folder"):
        assert verdicts(teams[name]) == ["right"] * 6
        assert points(teams[name]) == [3, 4]


def test_a_mistake_is_charged_once(marked: Any) -> None:
    teams, _ = marked
    assert verdicts(teams["factor"]) == [
        *("right", "right", "wrong", "wrong", "follows", "missing")
    ]
    assert points(teams["factor"]) == [3, pytest.approx(4 * 2 / 6)]
    [why] = [p.why for p in teams["factor"].points if p.exercise == "B1" and p.most == 4]
    assert why == "0 of 6 values are right, 2 follow from earlier wrong ones, 1 missing"


def test_who_entered_nothing_gets_nothing(marked: Any) -> None:
    teams, _ = marked
    for name in ("gaps", "old", "broken"):
        assert set(verdicts(teams[name])) == {"missing"}, teams[name].problems
        assert points(teams[name]) == [0, 0]


def test_the_overview_has_entered_and_right_values(marked: Any) -> None:
    _, options = marked
    table = (options.out / "overview.csv").read_text("utf-8-sig")
    by_hand = {row["team"]: row["by_hand"] for row in csv.DictReader(table.splitlines())}
    assert by_hand["right"] == "10 of 10 right, 0 follow"
    assert by_hand["factor"] == "4 of 10 right, 2 follow"
    page = (options.out / "overview.html").read_text("utf-8")
    assert "<td>0.9 | 1,9</td><td>4/5 | 9/5</td>" in page
    assert "By hand, with the loss sse" in page and "That a value is right does not show" in page


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('quantities = ["z", "a"]', 'quantities = ["deltas"]', "quantities: not entered: deltas"),
        ("[backpropagation]", "[other]", "rubric: step: there is no table"),
    ],
)
def test_rules_that_cannot_be_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = course(tmp_path / "course") / "definition.toml"
    text = path.read_text("utf-8")
    assert old in text
    if new == "[other]":
        start, end = text.index("[backpropagation]"), text.index("[data.feder]")
        text = text[:start] + text[end:]
    text = text.replace('shows = "backpropagation"\n', "")
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(NNBookError, match=message):
        Definition.read(path)
