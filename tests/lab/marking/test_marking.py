import csv
import datetime
import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from nnbook.cli import main
from nnbook.errors import NNBookError
from nnbook.lab import manifest, signing
from nnbook.lab.confined import Limits
from nnbook.lab.definition import Definition
from nnbook.lab.marking import feedback, marker, overview
from nnbook.lab.marking.copies import Traces, facts
from nnbook.lab.marking.given import Given
from nnbook.lab.marking.marker import Options, Team
from nnbook.lab.marking.overview import cell
from nnbook.lab.marking.team import Job, carry_out
from nnbook.lab.starter import write_starter
from tests.lab.conftest import DATE, text_of, trained
from tests.lab.marking.teams import hand_in, key_of
from tests.lab.test_second_lab import make_course

pytestmark = pytest.mark.thorough

Marked = tuple[dict[str, Team], Options, dict[str, str]]


def here(job: Job, limits: Limits) -> str:
    """Carry out a job in this process, without training."""
    carry_out(job, trained)
    return "done"


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what was found about all teams, all of whose runs were repeated."""
    tmp = tmp_path_factory.mktemp("marking")
    course = make_course(tmp / "werkstatt")
    handed_in = tmp / "in"
    handed_in.mkdir()
    (tmp / "key").write_text("k" * 64)

    def new(folder: Path) -> None:
        write_starter(folder, "de", DATE, str(course))

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NNBOOK_RECORDED_ONLY", raising=False)
        (tmp / "teams").mkdir()
        patch.setenv("NNBOOK_DATA", str(course))  # where forgers have their data, too
        expected = hand_in(new, handed_in, tmp / "teams")
        patch.delenv("NNBOOK_DATA")
        out = tmp / "out"
        limits = Limits(60, 2**34, 2**28)
        definition = Definition.find(str(course))
        options = Options(definition, out, 0, 7, 1, limits, tmp / "key", here)
        teams = marker.submissions(handed_in, out)
        said: list[str] = []
        marker.inspect_all(teams, options, said.append)
        marker.repeat_all(teams, options, said.append)
        marker.conclude(teams, options)
        for team in teams:
            feedback.begin(team)
        overview.write(teams, options)
        assert len(said) >= len(teams) >= 30
        yield {key_of(team.name): team for team in teams}, options, expected


def test_honest_teams_have_nothing_wrong(marked: Marked) -> None:
    teams, _, expected = marked
    honest = [name for name, said in expected.items() if not said]
    assert len(honest) >= 5
    for name in honest:
        assert teams[name].doubts == [], name
        verdicts = teams[name].verdicts()
        assert verdicts == {"identical": 8, "close": 0, "different": 0}


def test_every_forgery_and_every_broken_file_is_found(marked: Marked) -> None:
    teams, _, expected = marked
    missed = {
        name: teams[name].doubts
        for name, said in expected.items()
        if said and not any(re.search(said, doubt) for doubt in teams[name].doubts)
    }
    assert not missed


def test_results_in_doubt_get_no_points_by_rule(marked: Marked) -> None:
    teams, _, _ = marked
    [value] = [p for p in teams["folder-forged"].points if p.most == 3]
    assert value.given is None and value.why.startswith("in doubt")
    [value] = [p for p in teams["honest-1"].points if p.most == 3]
    assert value.given == 0 and "mean test_loss" in value.why
    [there] = [p for p in teams["folder-honest"].points if p.most == 2]
    assert there.given == 2 and there.why == "all is there"


def test_copies_are_facts_and_no_verdict(marked: Marked) -> None:
    teams, _, _ = marked
    shared = " ".join(teams["copy"].facts)
    assert "honest-2: 8 runs of 8 with equal results, moment and duration" in shared
    assert "honest-2: the answers are equal to the last letter" in shared
    assert any("folder-honest" in fact and "runs" in fact for fact in teams["folder-copied"].facts)
    assert teams["copy"].doubts == []
    assert not any("honest-3" in fact and "runs" in fact for fact in teams["honest-2"].facts)


def test_the_overview_says_what_is_proved_and_breaks_in_no_program(marked: Marked) -> None:
    teams, options, _ = marked
    table = (options.out / "overview.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) == len(teams)
    assert not any(value[:1] in "=+@" for row in rows for value in row.values() if value)
    page = (options.out / "overview.html").read_text("utf-8")
    assert "<script" not in page and "passes as close" in page
    assert page.count("<img") >= 5
    # The table comes first, and a link in it leads on.
    assert page.index("<table>") < page.index("passes as close") and 'href="#honest-1"' in page
    assert f"{sum(not team.doubts for team in teams.values())} without a contradiction" in page
    # Whether something is wrong is seen before one scrolls to the right.
    assert re.findall("<th(?: [^>]*)?>([^<]*)", page)[:2] == ["team", "integrity"]
    [forged] = [row for row in rows if row["team"] == teams["folder-forged"].name]
    assert "did not come out again" in forged["integrity"] and forged["different"] != "0"
    # What is in a folder that was handed in is called as in that folder.
    lines = len((teams["folder-copied"].submission / "answers.md").read_text("utf-8").splitlines())
    assert f">unsupported: folder-copied/answers.md: line {lines}: 0,9987 is on no record" in page
    for folder in (options.out, teams["folder-copied"].submission.parent):
        assert str(folder) not in page
    assert '<a href="teams/honest-1/report.pdf">' in page
    assert 'name="viewport"' in page and "prefers-color-scheme: dark" in page
    assert ">signed<" not in page and ">points<" in page and ">by hand<" not in page
    content = json.loads((options.out / "overview.json").read_text("utf-8"))
    [honest] = [team for team in content["teams"] if team["team"] == "honest-1"]
    assert honest["reference"][0]["reference"] == "referenz/schmal"
    without = list(overview.proved(replace(options, key=None)))
    assert any("No key was given" in said for said in without)
    assert "<p>Signatures: 0 signed, 0 forged, 8 unsigned</p>" in page
    assert "signature names no team" in page and "signature" not in " ".join(without)
    assert "on macOS" in page and "a limit of time only" in page


def test_a_false_value_among_those_of_other_seeds_passes_as_close_and_the_page_says_so(
    marked: Marked,
) -> None:
    _, options, _ = marked
    assert any(
        "a false value that lies among them passes as close" in s for s in overview.proved(options)
    )


def test_what_was_done_is_not_done_again(marked: Marked) -> None:
    teams, options, _ = marked

    def never(job: Job, limits: Limits) -> str:
        raise AssertionError(job)

    again = [replace(team, inspection={}, repeats={}) for team in teams.values()]
    known = [team for team in again if "folder-linked" not in team.name]
    marker.inspect_all(known, replace(options, process=never), lambda line: None)
    assert known[0].inspection == next(iter(teams.values())).inspection
    with pytest.raises(AssertionError):
        marker.repeat_all(known[:9], replace(options, process=never, seed=8), lambda line: None)


def test_comments_and_points_come_back_as_a_pdf(marked: Marked) -> None:
    teams, options, _ = marked
    team = teams["honest-3"]
    path = feedback.begin(team)
    text = path.read_text("utf-8").replace(
        'comment = """\n', 'comment = """\nSchöne *Kurven* #1.\n'
    )
    path.write_text(text.replace('given = ""', "given = 1.5"), "utf-8")
    printed = text_of(
        feedback.write(team, options.definition, datetime.date(2026, 1, 2)).read_bytes()
    )
    assert "Rückmeldung: Werkstatt 2" in printed and "Schöne *Kurven* #1." in printed
    assert "6,5 / 17,5" in printed or "4,5 / 17,5" in printed
    path.write_text(text.replace('given = ""', 'given = "viel"'), "utf-8")
    with pytest.raises(NNBookError, match="points: given: expected a number, received 'viel'"):
        feedback.write(team, options.definition, datetime.date(2026, 1, 2))


def test_a_comment_keeps_to_its_page_and_what_no_font_has_is_said(marked: Marked) -> None:
    teams, options, _ = marked
    team = teams["value-better"]
    path = feedback.begin(team)
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('comment = """\n', f'comment = """\nA\u0378 {"wort" * 100}\n'), "utf-8"
    )
    said: list[str] = []
    pdf = feedback.write(team, options.definition, datetime.date(2026, 1, 2), said.append)
    printed = PdfReader(pdf).pages[0].extract_text().splitlines()
    lines = [line for line in printed if "wortwort" in line]
    assert len(lines) >= 4, "it is broken into lines"
    assert said == [
        f"{path}: line 3: U+0378 has no meaning that all agree on; write what it stands for"
    ]
    path.write_text(text, "utf-8")


def test_a_claim_of_endless_training_does_not_make_the_estimate_long(marked: Marked) -> None:
    teams, options, _ = marked
    some = replace(options, repeats=3)
    honest, _ = marker.estimate([teams["honest-1"]], some)
    large, _ = marker.estimate([teams["too-large"]], some)
    assert 0 < large <= honest
    fast = replace(some, limits=replace(some.limits, seconds=1))
    assert marker.estimate([teams["honest-1"]], fast)[0] == marker.START + 1


def test_feedback_repeats_nothing(
    marked: Marked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teams, options, _ = marked
    for name in ("honest-1", "honest-2"):
        shutil.copy(teams[name].submission, tmp_path / f"{name}.pdf")
        shutil.copytree(teams[name].folder, tmp_path / "marking" / "teams" / name)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert any(path.name == "repeats.json" for path in before)
    command = ["lab", "mark", str(tmp_path), "--lab", str(options.definition.folder), "--feedback"]
    assert main(command) == 0
    assert len(list(tmp_path.rglob("feedback.pdf"))) == 2
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == before
    assert main([*command, "--sample", "3"]) == 2
    assert "--feedback repeats no runs: leave out --sample" in capsys.readouterr().err
    # A team that came later, and one that handed in again, are named; the others get theirs.
    shutil.copy(teams["honest-3"].submission, tmp_path / "late.pdf")
    shutil.copy(teams["honest-3"].submission, tmp_path / "honest-2.pdf")
    assert main(command) == 1
    said = capsys.readouterr()
    assert "late: not marked yet" in said.err and "honest-2: changed since it was" in said.err
    assert said.out.count("feedback.pdf") == 1


def test_no_file_of_the_marking_has_control_characters(marked: Marked, tmp_path: Path) -> None:
    _, options, _ = marked
    odd = tmp_path / "\x1b[31m\x9b\u202e\u2028ä.pdf"
    odd.write_bytes(b"%PDF-1.7")
    carry_out(Job("inspect", str(odd), str(tmp_path), str(options.definition.path), "", 0, 0))
    found = [
        (path.name, sign)
        for path in [*options.out.rglob("*"), tmp_path / "inspection.json"]
        if path.is_file()
        and path.suffix in (".json", ".txt", ".csv", ".html", ".toml")
        and path.name not in (manifest.NAME, "overview.csv")
        for sign in path.read_text("utf-8")
        if not sign.isprintable() and sign != "\n"
    ]
    assert found == []
    said = json.loads((tmp_path / "inspection.json").read_text("utf-8"))
    assert "\x9b" in said["error"] and "ä" in said["error"]


def test_signed_runs_are_told_from_others(marked: Marked, tmp_path: Path) -> None:
    teams, _, _ = marked
    assert teams["honest-1"].inspection["signed"] == {"signed": 0, "forged": 0, "unsigned": 8}
    assert teams["signature-forged"].inspection["signed"]["forged"] == 1
    content = {name: name for name in signing.SIGNED}
    signed = {**content, "signature": signing.signature(content, b"k" * 64)}
    assert signing.is_signed(signed, b"k" * 64)
    # Of a run of another team it is none; with that whole run it is, which is a fact of both.
    assert not signing.is_signed({**signed, "key": "of another run"}, b"k" * 64)
    assert not signing.is_signed(signed, b"l" * 64)
    assert not signing.is_signed({**signed, "final": "better"}, b"k" * 64)
    for text in ("é" * 64, "\ud800", signed["signature"].upper(), "", None):
        assert not signing.is_signed({**signed, "signature": text}, b"k" * 64)


def test_limits_end_a_team_and_say_so(marked: Marked, tmp_path: Path) -> None:
    teams, options, _ = marked
    source = teams["honest-1"].submission
    shutil.copy(source, tmp_path / "slow.pdf")
    small = replace(options, process=marker.run_apart, limits=Limits(60, 2**34, 2000))
    [team] = marker.submissions(tmp_path, tmp_path / "out")
    marker.inspect_all([team], small, lambda line: None)
    [problem] = team.problems
    assert problem.startswith("stopped: ")


@pytest.mark.parametrize("text", ["=1+1", "+49", "-x", "@me", "\t=1", "\n=2"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


def test_common_sentences_are_no_copies() -> None:
    statement = " ".join(f"wort{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10]}" for n in range(60))
    letters = "abcdefghij"
    own = {
        f"t{n}": " ".join(f"{letters[n]}{letters[i % 10]}{letters[i // 10]}" for i in range(60))
        for n in range(5)
    }
    teams = {name: Traces(text=f"{statement} {text}") for name, text in own.items()}
    assert not any(facts(teams).values())
    teams["copy"] = Traces(text=own["t0"] + " und mehr")
    assert facts(teams)["copy"] == facts(teams)["copy"]
    assert facts(teams)["t0"][0].startswith("copy: ")


def test_what_the_lab_gives_to_all_is_no_fact() -> None:
    definition = Definition.find("lab4")
    begun = (definition.folder / "en" / "answers.md").read_text("utf-8")
    digest = hashlib.sha256(begun.encode()).hexdigest()
    asked = "\n".join(text for _, text in definition.statements("en").values())
    filled = re.sub(r"\{\{.*?\}\}", "0.01 (n = 5, 95 % interval 0.01 to 0.02)", begun)
    words = definition.words("en")
    table = " ".join(
        [words["mean"], words["sd"], words["interval"], *words.content.metrics.values()]
    )
    printed = f"{asked}\n{filled}\n{table}\n{words['experiments_intro']}"
    given = Given.of(definition)
    unanswered = {name: Traces(answers=digest, text=printed) for name in ("one", "other")}
    assert not any(facts(unanswered, given).values())
    assert any(facts(unanswered).values()), "the test would see it"
    letters = "abcdefghijklmnopqrstuvwxyz"
    for word in ("eins", "zwei"):  # an answer of one's own, and the rest as it was given
        own = " ".join(f"{word}{a}{b}" for a in letters[:8] for b in letters[:5])
        unanswered[word] = Traces(answers=word, text=f"{printed}\n{own}")
    assert not any(facts(unanswered, given).values())
    unanswered["copy"] = replace(unanswered["eins"], answers="another")
    assert facts(unanswered, given)["copy"] == ["eins: 100% of the text, in rows of 6 words"]
