"""What strangers hand in is opened with care."""

import os
from pathlib import Path

import pytest

from nnbook.errors import LabError
from nnbook.lab import files


def test_a_file_is_written_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    files.write(path, b"one")
    files.write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [other.name for other in tmp_path.iterdir()] == ["report.pdf"]
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    for target in (other, tmp_path / "nothing"):
        link = tmp_path / "report.pdf"
        link.symlink_to(target)
        with pytest.raises(LabError, match=r"report\.pdf: expected a file or nothing there"):
            files.write(link, b"theirs")
        link.unlink()
    assert other.read_bytes() == b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]


def test_nothing_is_read_through_a_link_that_leads_outside(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the marker", encoding="utf-8")
    lab = tmp_path / "lab"
    lab.mkdir()
    (lab / "answers.md").symlink_to(tmp_path / "secret")
    with pytest.raises(LabError, match=r"answers\.md: .*this link leads outside"):
        files.read_text(lab / "answers.md")


def test_what_is_no_file_is_neither_written_nor_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(LabError, match="expected a file or nothing there"):
            files.write(path, b"x")
    with pytest.raises(LabError, match="pipe: expected a file, this is none"):
        files.read_text(pipe)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "such.pdf", tmp_path / ("x" * 300)):
        with pytest.raises(LabError, match="cannot be written"):
            files.write(path, b"x")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.md"
    path.write_bytes(b"x" * 2**20)
    assert len(files.read_text(path, 2**20)) == 2**20
    path.write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(LabError, match="expected at most 1,048,576 bytes"):
        files.read_text(path, 2**20)


def test_lines_end_as_they_do_in_python(tmp_path: Path) -> None:
    path = tmp_path / "answers.md"
    path.write_bytes(b"\xef\xbb\xbfa\r\nb\rc\n")
    assert files.read_text(path) == "a\nb\nc\n"


def test_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    files.refuse_links(folder)
    (folder / "a" / "b").mkdir(parents=True)
    files.refuse_links(folder)
    (folder / "a" / "b" / "c").symlink_to(tmp_path)
    with pytest.raises(LabError, match=r"results/a/b/c: expected no link here"):
        files.refuse_links(folder)
    (tmp_path / "linked").symlink_to(folder)
    with pytest.raises(LabError, match=r"linked: expected no link here"):
        files.refuse_links(tmp_path / "linked")


def test_hard_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"of the marker")
    locks = tmp_path / "results" / ".private" / "locks"
    locks.mkdir(parents=True)
    (locks / "index.lock").hardlink_to(other)
    with pytest.raises(LabError, match=r"index\.lock: expected no link here"):
        files.refuse_links(tmp_path / "results")


def test_pipes_in_a_folder_are_refused(tmp_path: Path) -> None:
    index = tmp_path / "results" / "index"
    index.mkdir(parents=True)
    os.mkfifo(index / "mine.csv")
    with pytest.raises(LabError, match=r"mine\.csv: expected a file or a folder, this is neither"):
        files.refuse_links(tmp_path / "results")


def test_a_folder_that_is_not_there_has_nothing_to_refuse(tmp_path: Path) -> None:
    files.refuse_links(tmp_path / "results")
