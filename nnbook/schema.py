"""Declarations: reading what a person wrote, and saying in one line what is wrong with it."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from nnbook.errors import SpecError, nearest

Model = TypeVar("Model", bound=BaseModel)


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
    return f"{path}: {expected}, received {problem['input']!r}"
