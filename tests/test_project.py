"""Where things are, and what a person wrote badly."""

import os
import re
from pathlib import Path

import pytest

from nnbook import __version__, project
from nnbook.cli import main
from nnbook.errors import SpecError
from nnbook.experiments import experiment
from nnbook.schema import MOST_BYTES, read_toml


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


BAD = {
    "not UTF-8": (b'title = "\xe4"', "expected text in UTF-8, received byte 0xe4 at position 9"),
    "a byte-order mark": (b"\xef\xbb\xbftitle = 1", "byte-order mark"),
    "no TOML": (b"title", "not a TOML file"),
    "nested": (b"a = " + b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "long": (b"#" * (MOST_BYTES + 1), "expected at most 1,000,000 bytes"),
    "a huge number": (b"a = " + b"9" * 10_000, "not a usable TOML file"),
    "a NUL": (b"title = \x00", "not a TOML file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_toml_file_is_named_in_one_line(tmp_path: Path, kind: str) -> None:
    content, problem = BAD[kind]
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(SpecError) as error:
        read_toml(path)
    assert problem in str(error.value)
    assert "bad.toml" in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(SpecError, match=r"bad\.toml"):
        experiment(str(path))


def test_what_is_no_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(SpecError, match=r"folder\.toml.*cannot be read: Is a directory"):
        experiment(str(tmp_path / "folder.toml"))
    with pytest.raises(SpecError, match="cannot be read: embedded null"):
        experiment("a\0.toml")
    with pytest.raises(SpecError, match="no such file"):
        experiment(str(tmp_path / "absent.toml"))
    for name in ("folder.toml", "absent.toml"):
        assert main(["run", str(tmp_path / name)]) == 2
        message = capsys.readouterr().err
        assert message.startswith("nnbook: ")
        assert message.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "closed.toml"
    path.touch(mode=0o000)
    with pytest.raises(SpecError, match="Permission denied"):
        read_toml(path)
