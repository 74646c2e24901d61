import tomllib
from pathlib import Path

import pytest

from nnbook.errors import LabError
from nnbook.lab import Report
from nnbook.lab.starter import write_starter
from tests.lab.conftest import DATE, record_runs, text_of


@pytest.mark.parametrize(("language", "word"), [("en", "Contents"), ("de", "Inhalt")])
def test_a_new_lab_can_be_set_at_once(tmp_path: Path, language: str, word: str) -> None:
    write_starter(tmp_path / "lab", language, DATE)
    assert word in text_of(Report(tmp_path / "lab").pdf())


def test_both_languages_declare_the_same(tmp_path: Path) -> None:
    def numbers(language: str) -> list[object]:
        write_starter(tmp_path / language, language, DATE)
        content = tomllib.loads((tmp_path / language / "lab.toml").read_text(encoding="utf-8"))
        experiment = content["experiments"]["eckerle4"]
        step = tomllib.loads((tmp_path / language / "step.toml").read_text(encoding="utf-8"))
        return [step, experiment["base"], experiment["configuration"]]

    assert numbers("en") == numbers("de")


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_commented_out_works(tmp_path: Path, language: str) -> None:
    folder = tmp_path / "lab"
    write_starter(folder, language, DATE)
    path = folder / "lab.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("# [experiments.mnist]"))
    uncommented = [
        line.removeprefix("# ")
        if n >= start and not line.startswith(("# Exercise", "# Aufgabe", "# Your", "# Ihre"))
        else line
        for n, line in enumerate(lines)
    ]
    path.write_text("\n".join(uncommented), encoding="utf-8")
    record_runs(folder)
    report = Report(folder)
    assert list(report.lab.experiments) == ["eckerle4", "mnist", "vanishing"]
    assert "dropout-0.2" in text_of(report.pdf())


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(LabError, match="this one has files"):
        write_starter(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("a file")
    with pytest.raises(LabError, match="cannot be written"):
        write_starter(tmp_path / "lab")


@pytest.mark.parametrize("there", [True, False])
def test_a_new_lab_is_not_written_through_a_link(tmp_path: Path, there: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    if there:
        elsewhere.mkdir()
    (tmp_path / "lab").symlink_to(elsewhere)
    with pytest.raises(LabError, match="expected a new or an empty folder; this is a link"):
        write_starter(tmp_path / "lab")
    assert not there or not list(elsewhere.iterdir())
    assert there or not elsewhere.exists()
