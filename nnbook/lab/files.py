"""Files of a lab, read and written with care: a marker's machine opens what strangers hand in.

Nothing is read or written through a link that leads out of the lab's folder, nothing that is no
regular file is opened (a pipe would wait for ever), and nothing is read that is larger than it can
be.
"""

import contextlib
import json
import secrets
import stat
from pathlib import Path
from typing import Any

from nnbook.errors import LabError
from nnbook.schema import read_file

LARGEST_TEXT = 5 * 2**20  # bytes


def read_text(path: Path, most: int = LARGEST_TEXT) -> str:
    """Return a text of the lab's folder, of at most so many bytes.

    Raises
    ------
    FileNotFoundError
        If there is none.
    LabError
        If it lies outside, is larger, cannot be read, or is no text in UTF-8.
    """
    content = read(path, most)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise LabError(f"{path}: line {line}: expected text in UTF-8") from None


def read(path: Path, most: int) -> bytes:
    """Return the content of a file of the lab's folder, of at most so many bytes.

    Raises
    ------
    FileNotFoundError
        If there is none.
    LabError
        If it lies outside, is larger, or cannot be read.
    """
    refuse_outside(path)
    return read_file(path, most, LabError)


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

    A hard link may do so, too: it is another name of a file, and nobody knows where the first is.

    Raises
    ------
    LabError
        If `path`, which is in the folder by name, is not there.
    """
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise LabError(f"{path}: expected a file in the lab's folder; this link leads outside")
    with contextlib.suppress(OSError, ValueError):  # what cannot be read says so when it is read
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
            raise LabError(
                f"{path}: expected a file of its own; this one has another name somewhere (a hard "
                f"link); put a copy in its place"
            )


def refuse_links(folder: Path) -> None:
    """Refuse what is neither a folder nor a file of its own.

    What is read or written through a link would lie elsewhere, be it a name of another place or
    (a hard link) another name of a file there; a pipe would be waited for.

    Raises
    ------
    LabError
        Naming the first one.
    """
    for path in (folder, *folder.rglob("*")):
        try:
            status = path.lstat()
        except FileNotFoundError:  # such as a temporary file of a command that runs meanwhile
            continue
        if stat.S_ISLNK(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_nlink > 1):
            raise LabError(f"{path}: expected no link here; put the file itself in its place")
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise LabError(f"{path}: expected a file or a folder, this is neither; remove it")


def visible_json(content: Any, *, indent: int | None = None) -> str:
    r"""Return content as JSON of signs that can be printed: a terminal takes none for an order.

    >>> print(visible_json({"ä": "\x1b\x9b\u202e"}))
    {"ä": "\u001b\u009b\u202e"}
    """
    text = json.dumps(content, indent=indent, ensure_ascii=False, allow_nan=False)
    return "".join(
        sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text
    )
