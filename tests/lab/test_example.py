from pathlib import Path

import pytest
from pypdf import PdfReader

from nnbook.lab import example
from nnbook.lab.example import PICTURE, PRINTED, REPORT, write_example
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


def test_the_page_that_is_shown_is_one_of_it(folder: Path) -> None:
    [page] = PdfReader(folder / PRINTED).pages
    assert page.extract_text() == PdfReader(folder / REPORT).pages[example.PAGE - 1].extract_text()
    assert (folder / PICTURE).read_bytes().startswith(b"\x89PNG")


def test_it_is_made_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not write_example(folder)
    (folder / PICTURE).rename(folder / "moved")
    assert not example.is_fresh(folder)
    (folder / "moved").rename(folder / PICTURE)
    assert example.is_fresh(folder)
    monkeypatch.setattr(example, "version", lambda library: "99")
    assert not example.is_fresh(folder), "another version of a library"
