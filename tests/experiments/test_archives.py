"""Recorded runs in one file: packed for a page, found beside a notebook or at an address."""

import functools
import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnbook import RecordError, get_records
from nnbook.experiments.archives import pack
from nnbook.project import REPOSITORY

ARCHIVE = "page-records.tar.gz"


@pytest.fixture
def packed(tmp_path: Path) -> bytes:
    source = REPOSITORY / "data/experiments/eckerle4-sheet.toml"
    return pack({"nnbook-results/objects/ab/one.json": source})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the empty folder in which the notebook runs."""
    path = tmp_path / "empty"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Yield a folder, and the address at which it is published."""
    path = tmp_path / "site"
    path.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(path))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield path, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def unpacked(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_equal_files_make_equal_archives(packed: bytes, tmp_path: Path) -> None:
    source = tmp_path / "copy"
    source.write_bytes((REPOSITORY / "data/experiments/eckerle4-sheet.toml").read_bytes())
    assert pack({"nnbook-results/objects/ab/one.json": source}) == packed


def test_an_archive_beside_the_notebook_needs_no_network(folder: Path, packed: bytes) -> None:
    (folder / ARCHIVE).write_bytes(packed)
    get_records(ARCHIVE, "http://127.0.0.1:9/nowhere", sha256=digest(packed))
    source = REPOSITORY / "data/experiments/eckerle4-sheet.toml"
    one = folder / "nnbook-results/objects/ab/one.json"
    assert one.read_bytes() == source.read_bytes()
    one.write_text("mine")
    get_records(ARCHIVE, sha256=digest(packed))
    assert one.read_text() == "mine", "what is there stays"
    assert unpacked(folder) == ["nnbook-results/objects/ab/one.json", ARCHIVE]


def test_an_archive_that_is_not_there_is_downloaded_and_kept(
    folder: Path, packed: bytes, site: tuple[Path, str]
) -> None:
    place, address = site
    (place / ARCHIVE).write_bytes(packed)
    (folder / ARCHIVE).write_bytes(b"of an older notebook")
    get_records(ARCHIVE, f"{address}/{ARCHIVE}", sha256=digest(packed))
    assert (folder / ARCHIVE).read_bytes() == packed
    assert "nnbook-results/objects/ab/one.json" in unpacked(folder)


def test_another_archive_is_not_opened(folder: Path, packed: bytes, site: tuple[Path, str]) -> None:
    place, address = site
    (place / ARCHIVE).write_bytes(packed)
    with pytest.raises(RecordError, match=r"is another. Download the notebook again"):
        get_records(ARCHIVE, f"{address}/{ARCHIVE}", sha256=digest(b"other"))
    with pytest.raises(RecordError, match=r"cannot be reached \(.*404.*put the file beside"):
        get_records(ARCHIVE, f"{address}/absent", sha256=digest(packed))
    with pytest.raises(RecordError, match=r"put that file beside the notebook"):
        get_records(ARCHIVE, "file:///etc/passwd", sha256=digest(packed))
    assert unpacked(folder) == []


def test_nothing_is_written_outside_the_folder(folder: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("../outside")
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    (folder / ARCHIVE).write_bytes(packed.getvalue())
    with pytest.raises(RecordError, match="leads out of the folder"):
        get_records(ARCHIVE, sha256=digest(packed.getvalue()))
    assert not (folder.parent / "outside").exists()
