"""Where things are."""

import json
import re
from pathlib import Path

import pytest

from nnbook import __version__, project
from nnbook.cli import main
from nnbook.evidence.reproduction import rows
from nnbook.evidence.values import Records
from nnbook.training.datasets import data_file


def test_one_module_only_knows_where_the_sources_are() -> None:
    package = project.REPOSITORY / "nnbook"
    own_place = re.compile(r"\b__file__\b.*\.parents?\b")
    found = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if own_place.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["project.py"]


def test_the_data_of_an_installed_package_are_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert project.IN_CHECKOUT
    assert project.data("eckerle4.csv").is_file()
    monkeypatch.setattr(project, "IN_CHECKOUT", False)
    assert project.data("eckerle4.csv").parts[-3:] == ("nnbook", "data", "eckerle4.csv")
    assert project.book_results() == Path.cwd() / "nnbook-results"


def test_data_files_of_ones_own_folder_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NNBOOK_DATA", "~/own")
    folder = tmp_path / "own"
    folder.mkdir()
    of_the_book = [path for path in project.data().iterdir() if path.suffix in (".csv", ".json")]
    names = {path.name for path in of_the_book}
    assert names == {"answer_sheet.json", "eckerle4.csv", "mnist-batch.json"}
    assert all(path == data_file(path.name) for path in of_the_book)
    for path in of_the_book:
        (folder / path.name).write_bytes(path.read_bytes())
        assert data_file(path.name) == folder / path.name
    sheet = json.loads((folder / "answer_sheet.json").read_text(encoding="utf-8"))
    row = sheet["exercise_2b"]["rows"][0]
    row["mean"] = 123.0
    (folder / "answer_sheet.json").write_text(json.dumps(sheet), encoding="utf-8")
    assert rows("2b")[row["id"]] == row
    assert Records().sheet[row["id"]] == row


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"nnbook {__version__}\n"
