"""Declarations: reading what a person wrote, and saying in one line what is wrong with it."""

import hashlib
import json
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from nnbook.errors import NNBookError, SpecError, nearest, perhaps

Model = TypeVar("Model", bound=BaseModel)

MOST_BYTES = 1_000_000
"""Longest file that a person is expected to have written."""

LONGEST_SHOWN = 200
"""Characters of what was received that an error message shows."""

_LONG_BOUND = re.compile(r"\d{20,300}")
"""A bound such as 1e100, which pydantic writes with all of its digits."""

_LONG_KEY = re.compile(r"""(?:\.[ \t]*(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*){100}""")
"""A key of so many parts: the standard library takes seconds for one of ten thousand.

Sentences with dots between them are none: a part is one word, or in quotation marks."""


def read_file(path: Path, most: int = MOST_BYTES, error: type[NNBookError] = SpecError) -> bytes:
    """Return the content of a regular file, which may be somebody else's.

    A pipe, which would be waited for, or a device, which has no end, is not read.

    Parameters
    ----------
    path : Path
    most : int
        The most bytes that it may have.
    error : type of NNBookError
        What to raise, in one line that names the file, if it is no regular file, larger, or cannot
        be read.

    Raises
    ------
    FileNotFoundError
        If it does not exist, so that the caller can say where else to look.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise error(f"{path}: expected a file, this is none")
            if status.st_size > most:
                raise error(f"{path}: expected at most {most:,} bytes, received more")
            return file.read(status.st_size)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the name
        reason = getattr(problem, "strerror", None) or problem
        raise error(f"{str(path)!r}: cannot be read: {reason}") from None


def _without_waiting(path: str, flags: int) -> int:
    # Without this, opening a pipe waits until somebody writes to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds.

    Raises
    ------
    SpecError
        With one line that names the file, however it cannot be read.
    FileNotFoundError
        If it does not exist, so that the caller can say where else to look.
    """
    content = read_file(path)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(
            f"{path}: expected text in UTF-8, received byte {content[error.start]:#04x} at "
            f"position {error.start}"
        ) from None
    if text.startswith("\ufeff"):
        raise SpecError(f"{path}: expected no byte-order mark; save as UTF-8 without")
    return parse_toml(text, path)


def parse_toml(
    text: str,
    path: Path,
    error: type[NNBookError] = SpecError,
    parse_float: Callable[[str], Any] = float,
) -> dict[str, Any]:
    """Return what the text of a TOML file holds.

    Parameters
    ----------
    text : str
    path : Path
        The file, for messages.
    error : type of NNBookError
        What to raise, in one line that names the file, if it is no TOML, or nested too deeply.
    parse_float : callable
        What becomes of the text of a number with decimals or an exponent.
    """
    deep = error(f"{path}: not a usable TOML file: is nested too deeply")
    if _LONG_KEY.search(text):
        raise deep
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError as problem:
        raise error(f"{path}: not a TOML file: {problem}") from None
    except RecursionError:
        raise deep from None
    except ValueError as problem:  # a number of too many digits
        raise error(f"{path}: not a usable TOML file: {problem}") from None


def canonical_json(content: object) -> str:
    """Return `content` as JSON with sorted keys and no spaces, the form that is digested."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_digest(content: object) -> str:
    """Return the SHA-256 digest, in hex, of `content` as canonical JSON."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def shown(received: object) -> str:
    """Return what was received as a message shows it: as far as one reads it."""
    text = repr(received)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + " ..."


def parse(model: type[Model], content: Mapping[str, Any], owner: str) -> Model:
    """Return `content` as `model`; explain what is wrong with it in the words of its `owner`.

    Raises
    ------
    SpecError
        With one line for each unknown or missing key and each impossible value.
    """
    try:
        return model.model_validate(dict(content))
    except ValidationError as error:
        problems = [
            explain(problem, ".".join(map(str, problem["loc"])), model.model_fields)
            for problem in error.errors()
        ]
        raise SpecError("\n".join(f"{owner}: {problem}" for problem in problems)) from None


def explain(problem: Mapping[str, Any], path: str, known: Iterable[str]) -> str:
    """Return what is wrong in one line.

    Parameters
    ----------
    problem : mapping
        One of those that pydantic's `ValidationError` lists.
    path : str
        What the reader calls the value.
    known : iterable of str
        The keys that would be accepted in its place.
    """
    if problem["type"] == "extra_forbidden":
        return f"unknown key {shown(path)}, {nearest(path[:LONGEST_SHOWN], known)}"
    if problem["type"] == "missing":
        return f"{path}: missing"
    if problem["type"] == "value_error":
        return f"{path}: {problem['ctx']['error']}".removeprefix(": ")
    expected = problem["msg"].replace("Input should be", "expected").replace("tuple", "list")
    expected = _LONG_BOUND.sub(lambda match: f"{float(match[0]):g}", expected)
    hint = ""
    if problem["type"] == "literal_error":
        hint = perhaps(problem["input"], re.findall(r"'([^']*)'", problem["ctx"]["expected"]))
    return f"{path}: {expected}, received {shown(problem['input'])}{hint}"
