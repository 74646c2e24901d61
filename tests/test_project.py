"""Where things are."""

import re
from pathlib import Path

import pytest

from nnbook import __version__, project
from nnbook.cli import main


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


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"nnbook {__version__}\n"
