"""What a person wrote, or a stranger handed in, is read within bounds."""

import os
import tracemalloc
from pathlib import Path

import pytest

from nnbook.cli import main
from nnbook.errors import LabError, NNBookError, SpecError
from nnbook.experiments import experiment
from nnbook.schema import MOST_BYTES, read_file, read_toml

BAD = {
    "not UTF-8": (b'title = "\xe4"', "expected text in UTF-8, received byte 0xe4 at position 9"),
    "a byte-order mark": (b"\xef\xbb\xbftitle = 1", "byte-order mark"),
    "no TOML": (b"title", "not a TOML file"),
    "nested": (b"a = " + b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "long": (b"#" * (MOST_BYTES + 1), "expected at most 1,000,000 bytes"),
    "a huge number": (b"a = " + b"9" * 10_000, "not a usable TOML file"),
    "a long key": (b"a." * 200_000 + b"b = 1", "nested too deeply"),
    "a long key with spaces": (b"[a" + b" .\ta-1" * 99_999 + b"]", "nested too deeply"),
    "a long key in a table": (b"x = {a" + b".'b.b'" * 20_000 + b" = 1}", "nested too deeply"),
    "a long key of quotes": (b"a" + b'."\\"."' * 20_000 + b" = 1", "nested too deeply"),
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


LONG = 'title = "T"\nquestion = "Q?"\nseeds = 3\n[base]\n[[configuration]]\nname = "a{}"\n{} = 1\n'


@pytest.mark.parametrize(("name", "key"), [("/" * 10**5, "epochs"), ("", "y" * 10**5)])
def test_of_what_is_endless_a_message_shows_the_beginning(
    tmp_path: Path, name: str, key: str
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(LONG.format(name, key))
    with pytest.raises(SpecError, match=r"received 'a/////|unknown key 'yyyyy") as error:
        experiment(str(path))
    assert max(map(len, str(error.value).splitlines())) < 1000


def test_sentences_and_dots_are_no_long_key(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    said = "Well done. " * 300 + "." * 300
    path.write_text(f'# {said}\na = \'{said}\'\nb = """\n{said}"""\n', "utf-8")
    assert read_toml(path) == {"a": said, "b": said}


@pytest.mark.parametrize("error", [SpecError, LabError])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, error: type[NNBookError]) -> None:
    pipe, endless = tmp_path / "pipe", tmp_path / "endless"
    os.mkfifo(pipe)
    endless.symlink_to("/dev/zero")
    for path in (pipe, endless):
        with pytest.raises(error, match=f"{path}: expected a file, this is none"):
            read_file(path, error=error)
    with pytest.raises(error, match=f"{str(tmp_path)!r}: cannot be read: Is a directory"):
        read_file(tmp_path, error=error)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "absent", error=error)


def test_a_file_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.md"
    path.write_bytes(b"x" * 1000)
    assert len(read_file(path, 1000)) == 1000
    os.truncate(path, 2**33)
    tracemalloc.start()
    with pytest.raises(LabError, match="expected at most 1,000 bytes, received more"):
        read_file(path, 1000, LabError)
    assert tracemalloc.get_traced_memory()[1] < 10**5
    tracemalloc.stop()


def test_what_is_no_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(SpecError, match=r"folder\.toml': cannot be read: Is a directory"):
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
