"""Declarations: reading what a person wrote, and saying in one line what is wrong with it."""

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from nnbook.errors import SpecError, nearest

Model = TypeVar("Model", bound=BaseModel)

MOST_BYTES = 1_000_000
"""Longest file that a person is expected to have written."""

LONGEST_SHOWN = 200
"""Characters of what was received that an error message shows."""


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds.

    Raises
    ------
    SpecError
        With one line that names the file, however it cannot be read.
    FileNotFoundError
        If it does not exist, so that the caller can say where else to look.
    """
    content = _content(path)
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SpecError(
            f"{path}: expected text in UTF-8, received byte {content[error.start]:#04x} at "
            f"position {error.start}"
        ) from None
    except tomllib.TOMLDecodeError as error:
        if content.startswith(b"\xef\xbb\xbf"):
            raise SpecError(f"{path}: expected no byte-order mark; save as UTF-8 without") from None
        raise SpecError(f"{path}: not a TOML file: {error}") from None
    except (RecursionError, ValueError) as error:  # ValueError: a number of too many digits
        reason = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise SpecError(f"{path}: not a usable TOML file: {reason}") from None


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SpecError(f"{path}: expected a TOML file, this is no regular file")
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise SpecError(f"{str(path)!r}: expected a TOML file, cannot be read: {reason}") from None
    if len(content) > MOST_BYTES:
        raise SpecError(f"{path}: expected at most {MOST_BYTES:,} bytes, received more")
    return content


def _without_waiting(path: str, flags: int) -> int:
    # Without this, opening a pipe waits until somebody writes to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def canonical_json(content: object) -> str:
    """Return `content` as JSON with sorted keys and no spaces, the form that is digested."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


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
        problems = [_explain(dict(problem), model) for problem in error.errors()]
        raise SpecError("\n".join(f"{owner}: {problem}" for problem in problems)) from None


def _explain(problem: dict[str, Any], model: type[BaseModel]) -> str:
    path = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"unknown key {path!r}, {nearest(path, model.model_fields)}"
    if problem["type"] == "missing":
        return f"{path}: missing"
    if problem["type"] == "value_error":
        return f"{path}: {problem['ctx']['error']}".removeprefix(": ")
    expected = problem["msg"].replace("Input should be", "expected").replace("tuple", "list")
    received = repr(problem["input"])
    if len(received) > LONGEST_SHOWN:
        received = received[:LONGEST_SHOWN] + " ..."
    return f"{path}: {expected}, received {received}"
