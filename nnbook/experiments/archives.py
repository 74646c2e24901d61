"""Recorded runs in one file: what a page of the book looks up, for notebooks that are taken away.

The installed package holds no results. A notebook's first cell calls `get_records`, which takes the
archive of its page from beside the notebook, or from the address of the book, and puts the records
where experiments look for them.
"""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from nnbook.errors import RecordError
from nnbook.experiments.disk import temporary, write_whole

_MOST = 2**28  # bytes that are downloaded
_SECONDS = 60
_LEVEL = 4  # of compression: half the time of 6 for a twentieth more bytes


def pack(files: Mapping[str, Path]) -> bytes:
    """Return an archive of files, the same bytes for the same content.

    Parameters
    ----------
    files : mapping of str to Path
        The files by the paths that they shall have.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in sorted(files):
            content = files[name].read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), _LEVEL, mtime=0)


def get_records(name: str, address: str = "", *, sha256: str) -> None:
    """Get recorded runs from an archive into the working folder, unless they are there.

    Parameters
    ----------
    name : str
        The archive: a file in the working folder, where it is kept for the next time.
    address : str
        Where it is downloaded from if it is not there.
    sha256 : str
        The digest of the archive, in hex.

    Raises
    ------
    RecordError
        If the archive is neither there nor at the address, or is not the one that is meant.
    """
    path = Path(name)
    content = path.read_bytes() if path.is_file() else b""
    if _digest(content) != sha256:
        content = _downloaded(name, address, sha256)
        write_whole(path, content)
    _unpack(content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _downloaded(name: str, address: str, sha256: str) -> bytes:
    """Return the archive at an address."""
    wanted = f"expected the recorded runs in {name}, with the digest {sha256[:12]}…"
    if not address.startswith(("https://", "http://")):
        raise RecordError(f"{wanted}; put that file beside the notebook")
    try:
        with urlopen(address, timeout=_SECONDS) as answer:
            content: bytes = answer.read(_MOST)
    except (OSError, HTTPException) as error:
        raise RecordError(
            f"{wanted}, and {address} cannot be reached ({error}); "
            f"put the file beside the notebook, or try again"
        ) from None
    if _digest(content) != sha256:
        raise RecordError(
            f"{wanted}; what is at {address} is another. "
            f"Download the notebook again: the book has changed since"
        )
    return content


def _unpack(content: bytes) -> None:
    """Write the files of an archive that are not there."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for entry in archive:
            path = Path(entry.name)
            if path.is_absolute() or ".." in path.parts:
                raise RecordError(f"{entry.name} in the archive leads out of the folder")
            if entry.isfile() and not path.exists():
                file = archive.extractfile(entry)
                assert file is not None, "it is a file"
                path.parent.mkdir(parents=True, exist_ok=True)
                unfinished = temporary(path)
                unfinished.write_bytes(file.read())
                unfinished.replace(path)
