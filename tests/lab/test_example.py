from pathlib import Path

from pypdf import PdfReader

from nnbook.lab.example import PICTURE, PRINTED, REPORT, write_example
from tests.lab.conftest import text_of


def test_the_example_is_made_once(tmp_path: Path) -> None:
    assert write_example(tmp_path)
    assert not write_example(tmp_path)
    assert (tmp_path / PICTURE).read_bytes().startswith(b"\x89PNG")
    assert len(PdfReader(tmp_path / PRINTED).pages) == 1
    (tmp_path / PICTURE).unlink()
    assert write_example(tmp_path)
    text = text_of((tmp_path / REPORT).read_bytes())
    assert "missing:" not in text and "No answer." not in text
    assert 10 <= len(PdfReader(tmp_path / REPORT).pages) <= 20
