import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pypdf import PdfReader

from nnbook.errors import LabError
from nnbook.lab import example
from nnbook.lab.example import DEPENDENCIES, EXAMPLE, PICTURE, REPORT, write_example
from nnbook.lab.folder import Lab
from nnbook.publishing import dependencies
from tests.lab.conftest import text_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hand-in")
    assert write_example(folder)
    return folder


def test_the_example_is_complete(folder: Path) -> None:
    text = text_of((folder / REPORT).read_bytes())
    assert "missing:" not in text and "No answer." not in text
    assert 10 <= len(PdfReader(folder / REPORT).pages) <= 20


def test_a_page_of_it_is_there_as_a_picture(folder: Path) -> None:
    assert len(PdfReader(folder / REPORT).pages) >= example.PAGE
    assert (folder / PICTURE).read_bytes().startswith(b"\x89PNG")


def test_it_is_made_once(folder: Path) -> None:
    assert not write_example(folder)
    (folder / PICTURE).rename(folder / "moved")
    assert not example.is_fresh(folder)
    (folder / "moved").rename(folder / PICTURE)
    assert example.is_fresh(folder)


def test_what_comes_out_the_same_is_not_written_again(folder: Path) -> None:
    (folder / DEPENDENCIES).unlink()
    (folder / PICTURE).write_bytes(b"another picture")
    before = (folder / REPORT).stat().st_mtime_ns
    assert write_example(folder)
    assert (folder / PICTURE).read_bytes().startswith(b"\x89PNG")
    assert (folder / REPORT).stat().st_mtime_ns == before
    (folder / DEPENDENCIES).unlink()
    assert not write_example(folder)
    assert example.is_fresh(folder)


def test_it_depends_on_all_that_it_is_made_from(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_from = json.loads((folder / DEPENDENCIES).read_text("utf-8"))
    compared = next(iter(Lab.read(EXAMPLE).compare.values()))
    assert set(made_from["files"]) >= {
        "examples/lab4/answers.md",
        "nnbook/lab/template.typ",
        "nnbook/publishing/drawing/style.py",
        f"data/experiments/{compared.experiment}.toml",
    }
    assert not any("book/hand-in" in path for path in made_from["files"])
    monkeypatch.setattr(dependencies, "_installed", lambda: ["typst-99"])
    assert not example.is_fresh(folder), "another version of a library"


def test_why_it_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(LabError, match=r"lab4 cannot be made"):
        write_example(tmp_path)


@pytest.mark.parametrize(("is_another", "read_again"), [(True, ["hand-in/report"]), (False, [])])
def test_pages_that_show_another_example_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_another: bool, read_again: list[str]
) -> None:
    (tmp_path / example.FOLDER).mkdir()
    monkeypatch.setattr(example, "write_example", lambda folder: is_another)
    app: Any = SimpleNamespace(srcdir=tmp_path)
    shown = {"hand-in/report": {f"{example.FOLDER}/{PICTURE}"}, "index": {"other.png"}}
    env: Any = SimpleNamespace(dependencies=shown)
    example.begin_example(app)
    assert example.pages_with_new_example(app, env, set(), set(), set()) == read_again
