"""Typst code from values and texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any


class Code(str):
    """Typst code, as opposed to a text."""

    __slots__ = ()


def literal(value: Any) -> str:
    r"""Return a value as Typst code: a text is quoted, whatever is in it.

    Examples
    --------
    >>> print(literal(["a\"b#c", 1, True, {"k": None}]))
    ("a\"b#c",1,true,(k: none,),)
    """
    match value:
        case Code():
            return str(value)
        case str():
            return _quoted(value)
        case bool() | None:
            return {True: "true", False: "false", None: "none"}[value]
        case int() | float():
            return str(value)
        case Mapping():
            return "(" + "".join(f"{key}: {literal(item)}," for key, item in value.items()) + ")"
        case Sequence():
            return "(" + "".join(f"{literal(item)}," for item in value) + ")"
        case _:
            raise TypeError(f"no Typst for {value!r}")


def call(function: str, *positional: Any, **named: Any) -> str:
    """Return the Typst code of a call, as it stands in text.

    >>> print(call("f", "x", wide=True))
    #f("x", wide: true);
    """
    arguments = [literal(value) for value in positional]
    arguments += [f"{key.replace('_', '-')}: {literal(value)}" for key, value in named.items()]
    return f"#{function}({', '.join(arguments)});"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    # Control characters other than tab and newline have no meaning in a text.
    visible = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", escaped)
    return '"' + visible.replace("\n", r"\n").replace("\t", r"\t") + '"'
