"""Pandoc, from its wheel: Markdown to a syntax tree, and a syntax tree to Typst.

It runs in its own sandbox (``--sandbox``: it reads and writes no file) on what it is given.
"""

import json
import subprocess
from typing import Any

from nnbook.errors import LabError

Node = dict[str, Any]
"""A block or an inline of pandoc's syntax tree: ``t`` is its kind, ``c`` its content."""

MARKDOWN = (
    "markdown"
    "-auto_identifiers"
    "-citations"
    "-latex_macros"  # a macro that calls a macro ... takes forever
    "-pandoc_title_block"
    "-yaml_metadata_block"
    "+lists_without_preceding_blankline"
    "+tex_math_single_backslash"
)
LONGEST_SECONDS = 120
INSTALL = 'the report needs pandoc and Typst: pip install "nnbook[lab]"'


def read_markdown(text: str) -> list[Node]:
    """Return the blocks of a Markdown text.

    Raises
    ------
    LabError
        If pandoc is not installed, or the text cannot be read.
    """
    output, _ = _run(["--from", MARKDOWN, "--to", "json"], text)
    try:
        return list(json.loads(output)["blocks"])
    except RecursionError:
        raise LabError("the answers are nested too deeply") from None


def write_typst(blocks: list[Node]) -> tuple[str, list[str]]:
    """Return blocks as Typst, and the formulas that pandoc does not understand."""
    document = {"pandoc-api-version": [1, 23], "meta": {}, "blocks": blocks}
    try:
        text = json.dumps(document)
    except RecursionError:
        raise LabError("the answers are nested too deeply") from None
    output, warnings = _run(["--from", "json", "--to", "typst", "--wrap", "none"], text)
    start = "[WARNING] Could not convert TeX math "
    formulas = [
        part.partition(", rendering as TeX:")[0] for part in ("\n" + warnings).split("\n" + start)
    ]
    return output, formulas[1:]


def _run(options: list[str], text: str) -> tuple[str, str]:
    try:
        import pypandoc
    except ImportError:
        raise LabError(INSTALL) from None
    try:
        done = subprocess.run(
            [pypandoc.get_pandoc_path(), "--sandbox", *options],
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LabError(
            f"pandoc did not read the answers within {LONGEST_SECONDS} s; "
            f"look for long runs of brackets or asterisks"
        ) from None
    except OSError as error:
        raise LabError(f"{INSTALL} ({error})") from None
    warnings = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        raise LabError(f"pandoc cannot read the answers: {warnings.strip()}")
    return done.stdout.decode("utf-8"), warnings


def raw(code: str) -> Node:
    """Return Typst code as a block of its own."""
    return {"t": "RawBlock", "c": ["typst", code]}


def raw_inline(code: str) -> Node:
    """Return Typst code inside a paragraph."""
    return {"t": "RawInline", "c": ["typst", code]}


def string(text: str) -> Node:
    """Return a text inside a paragraph."""
    return {"t": "Str", "c": text}
