import os
from pathlib import Path

import pytest

from nnbook.errors import NNBookError
from nnbook.lab import Report
from nnbook.lab.folder import Lab


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "lab.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_lab_knows_its_experiments_and_configurations(new_lab: Path) -> None:
    lab = Lab.read(new_lab)
    assert lab.names == ["eckerle4", "eckerle4-a", "eckerle4-b"]
    assert list(lab.members("eckerle4")) == ["eckerle4-a", "eckerle4-b"]
    assert list(lab.members("eckerle4-b")) == ["eckerle4-b"]
    assert lab.compare["eckerle4-a"].name == "ex2b-1"
    assert set(lab.states.values()) == {"missing"}
    assert all(not runs.records for runs in lab.results.values())


def test_records_are_in_the_folder_of_the_lab(lab: Path) -> None:
    index = (lab / "results" / "index" / "eckerle4.csv").read_text("utf-8").splitlines()
    assert len(index) == 1 + 10
    assert len(list((lab / "results" / "objects").rglob("*.json"))) >= 10
    assert len(Lab.read(lab).results["eckerle4-a"].finished) == 5


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('course = "Neural', 'course "Neural', r"lab.toml: not a TOML file: .*line 4, column 8"),
        ("course =", "curse =", r"\[lab\]: unknown key 'curse', did you mean 'course'\?"),
        ("[lab]", "[lap]", r"lab: missing\n.*unknown key 'lap', did you mean 'lab'\?"),
        ("[[author]]", "[[autor]]", "unknown key 'autor', did you mean 'author'"),
        ('name = "Your Name"', "", r"\[\[author\]\]: name: missing"),
        ("date = 2026-11-24", 'date = "today"', r"date: .*received 'today'"),
        ('language = "en"', 'language = "fr"', r"language: expected 'en' or 'de', received 'fr'"),
        ("hidden_layers = [8]", "hiden_layers = [8]", "did you mean 'hidden_layers'"),
        ("seeds = 5", "seeds = 0", "expected a number of seeds"),
        ('name = "eckerle4-b"', 'name = "eckerle4-a"', "two configurations are called"),
        ('name = "eckerle4-b"', 'name = "eckerle4"', "'eckerle4' 2 times"),
        ('name = "eckerle4-b"', 'name = "../b"', "letters, digits"),
        ("[experiments.eckerle4]", '[experiments."../x"]', "letters, digits"),
        ("eckerle4-a = ", "eckerle4-x = ", r"\[compare\]: no own configuration 'eckerle4-x'"),
        (
            "resampled/ex2b-1",
            "resampled",
            "expected an experiment .* and one of its configurations",
        ),
        (
            'definition = "lab4"',
            'definition = "lab5"',
            r"definition: no lab 'lab5', did you mean 'lab4'",
        ),
        ('definition = "lab4"', 'definition = "/tmp"', r"definition: no lab '/tmp'"),
        ('data = "eckerle4"', "", r"data: expected one of the lab's .*, received none"),
        ('data = "eckerle4"', 'data = "eckerle"', r"data: .*received 'eckerle'"),
        ("hidden_layers = [8]", 'network = "seven"', r"network: the lab has no 'seven'"),
        ("sheet-resampled/ex2b-1", "sheet-resampeld/x", "did you mean 'eckerle4-sheet-resampled'"),
        ("resampled/ex2b-1", "resampled/ex2b-9", "did you mean 'ex2b-"),
        ("learning_rate = 0.02", "learning_rate = nan", "learning_rate"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_message(
    new_lab: Path, old: str, new: str, message: str
) -> None:
    change(new_lab, old, new)
    with pytest.raises(NNBookError, match=message):
        Lab.read(new_lab)


def test_a_folder_without_a_lab_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(NNBookError, match="nnbook lab new"):
        Lab.read(tmp_path)


@pytest.mark.parametrize("name", ["lab.toml", "answers.md"])
def test_other_encodings_are_refused_with_the_line(new_lab: Path, name: str) -> None:
    (new_lab / name).write_bytes("# 1a\n\nÜber".encode("latin-1"))
    with pytest.raises(NNBookError, match="line 3: expected text in UTF-8"):
        Lab.read(new_lab).answers_text()


def test_a_record_that_was_edited_is_refused(lab: Path) -> None:
    path = next((lab / "results").rglob("*.json"))
    path.write_text(path.read_text().replace('"test_loss": 0.', '"test_loss": 0.00'))
    with pytest.raises(NNBookError, match="edited after the run; `nnbook lab run"):
        _ = Lab.read(lab).results


def test_runs_of_other_settings_do_not_count(lab: Path) -> None:
    change(lab, "hidden_layers = [8]", "hidden_layers = [9]")
    read = Lab.read(lab)
    assert not read.results["eckerle4-a"].records
    assert len(read.results["eckerle4-b"].records) == 5


def test_names_of_any_script_are_possible(new_lab: Path) -> None:
    change(new_lab, '"Your Name"', r'"Zoë “Ω” O\"Neil #1 \\input $x$ @me 山田 太郎"')
    assert Lab.read(new_lab).authors[0].name == 'Zoë “Ω” O"Neil #1 \\input $x$ @me 山田 太郎'


@pytest.mark.parametrize("name", ["results", "results/eckerle4", "results/eckerle4/eckerle4-a"])
def test_no_run_is_recorded_through_a_link(new_lab: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (new_lab / name).parent.mkdir(parents=True, exist_ok=True)
    (new_lab / name).symlink_to(elsewhere)
    with pytest.raises(NNBookError, match=f"lab/{name}: expected no link here"):
        Report(new_lab).run()
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("name", ["lab.toml", "answers.md"])
def test_a_pipe_in_the_way_is_not_waited_for(new_lab: Path, name: str) -> None:
    (new_lab / name).unlink()
    os.mkfifo(new_lab / name)
    with pytest.raises(NNBookError, match=f"{name}: expected a file, this is none"):
        Lab.read(new_lab).answers_text()


def test_a_number_of_too_many_digits_is_no_toml(new_lab: Path) -> None:
    change(new_lab, "seeds = 5", f"seeds = {'9' * 5000}")
    with pytest.raises(NNBookError, match=r"lab\.toml: not a usable TOML file: .*4300"):
        Lab.read(new_lab)
