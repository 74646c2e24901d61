"""Files of a lab, read and written with care: a marker's machine opens what strangers hand in.

Nothing is read or written through a link that leads out of the lab's folder, nothing that is no
regular file is opened (a pipe would wait for ever), and nothing is read that is larger than it can
be.
"""

import os
import secrets
import stat
from pathlib import Path

from nnbook.errors import LabError

LARGEST_TEXT = 5 * 2**20  # bytes


def read(path: Path, most: int = LARGEST_TEXT) -> bytes:
    """Return the content of a regular file of at most `most` bytes.

    Raises
    ------
    FileNotFoundError
        If there is none.
    LabError
        If it is no regular file, larger, or cannot be read.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise LabError(f"{path}: expected a file, this is none")
            content = file.read(most + 1)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LabError(f"{path}: cannot be read ({reason})") from None
    if len(content) > most:
        raise LabError(f"{path}: expected at most {most // 2**20} MiB")
    return content


def _without_waiting(path: str, flags: int) -> int:
    # Without this, opening a pipe waits until somebody writes to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_text(path: Path) -> str:
    """Return a text of the lab's folder.

    Raises
    ------
    FileNotFoundError
        If there is none.
    LabError
        If it lies outside, cannot be read, or is no text in UTF-8.
    """
    refuse_outside(path)
    content = read(path)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LabError(f"{path}: line {line}: expected text in UTF-8") from None


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole, or not at all, in place of one that is there.

    Raises
    ------
    LabError
        If `path` is a link or anything else that is no regular file, or cannot be written.
    """
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise LabError(f"{path}: expected a file or nothing there; this is a link or a folder")
        temporary = path.with_name(f".nnbook-{secrets.token_hex(8)}")
        try:
            with temporary.open("xb") as file:
                file.write(content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LabError(f"{path}: cannot be written ({reason})") from None


def refuse_outside(path: Path) -> None:
    """Refuse a link that leads out of the lab's folder, to what its owner may not read.

    Raises
    ------
    LabError
        If `path`, which is in the folder by name, is not there.
    """
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise LabError(f"{path}: expected a file in the lab's folder; this link leads outside")


def refuse_links(folder: Path) -> None:
    """Refuse links in a folder: what is read or written there would lie elsewhere.

    Raises
    ------
    LabError
        Naming the first link.
    """
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            raise LabError(f"{path}: expected no link here; put the file itself in its place")
