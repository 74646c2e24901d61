r"""Formulas as HTML and MathML, made by KaTeX. Equal formulas are made once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from nnbook.errors import NNBookError

# KaTeX's options. What LaTeX would not understand is refused, as the book is also printed.
_OPTIONS = {"strict": "error", "maxExpand": 1000}
_ANNOTATION = re.compile(r"<annotation\b.*?</annotation>|</?semantics>", re.DOTALL)
# What KaTeX writes and HTML does not allow: a name and its "function of" as two children of an
# element that counts its children; an empty list of spaces; a strut of negative height.
_NAME = re.compile("<mi[^>]*>[^<]*</mi><mo>\u2061</mo>")
_INVALID = re.compile(r' columnspacing=""|(?<=["; ])height:-[\d.]+em;')
_MATHML = re.compile(r"<math\b.*?</math>", re.DOTALL)


class FormulaError(NNBookError):
    """A formula that cannot be set."""

    def __init__(self, tex: str, problem: str) -> None:
        super().__init__(f"The formula {tex.strip()!r} cannot be set: {problem}")
        self.problem = problem


def tex_of(text: str, aligned: bool = True) -> str:
    r"""Return what is to be set for a displayed formula, as Sphinx's own renderers understand it.

    Blank lines separate equations that stand below each other; lines may be broken with ``\\``
    outside of any environment, and are then aligned at ``&``.

    Parameters
    ----------
    text
        What stands in the source.
    aligned
        False for an environment of its own, such as ``align``, which stands as it is. Its numbers
        are Sphinx's, so that LaTeX's are dropped.
    """
    if not aligned:
        return re.sub(r"\\(begin|end)\{(align|alignat|equation|gather)\}", r"\\\1{\2*}", text)
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    if len(parts) > 1:
        return r"\begin{aligned}" + r" \\ ".join(map(_split, parts)) + r"\end{aligned}"
    return _split(parts[0]) if parts else ""


def _split(part: str) -> str:
    return rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part


class Formulas:
    """All formulas that have been made.

    Parameters
    ----------
    memory
        File that keeps them from one build to the next; none keeps them in this process only.

    Attributes
    ----------
    made : dict of str to str
        The HTML of all formulas, by their kind and TeX.
    """

    def __init__(self, memory: Path | None = None) -> None:
        self._memory = memory
        self.made: dict[str, str] = {}
        if memory is not None and memory.is_file():
            kept = json.loads(memory.read_text(encoding="utf-8"))
            if kept["version"] == version():
                self.made = kept["made"]
        self._saved = len(self.made)

    def html(self, tex: str, display: bool = False) -> str:
        r"""Return a formula as HTML: what is seen, and MathML for those who hear the page.

        Parameters
        ----------
        tex
            The formula, without delimiters.
        display
            Whether it stands on a line of its own.

        Raises
        ------
        FormulaError
            KaTeX does not understand it.
        """
        key = ("display " if display else "inline ") + tex
        if key not in self.made:
            self.made[key] = _make(tex, display)
        return self.made[key]

    def mathml(self, tex: str, display: bool = False) -> str:
        """Return a formula as MathML only; see `html`."""
        found = _MATHML.search(self.html(tex, display))
        assert found is not None, "KaTeX makes both"
        return found[0]

    def save(self) -> None:
        """Keep what has been made for the next build."""
        if self._memory is not None and self._saved < len(self.made):
            text = json.dumps({"version": version(), "made": self.made}, ensure_ascii=False)
            self._memory.write_text(text, encoding="utf-8")
            self._saved = len(self.made)


def katex(name: str) -> bytes:
    """Return the content of one of KaTeX's files."""
    return files(__package__).joinpath("katex", *name.split("/")).read_bytes()


@cache
def version() -> str:
    """Return the digest of all that decides what a formula looks like."""
    parts = (katex("katex.min.js"), katex("katex.min.css"), Path(__file__).read_bytes())
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _make(tex: str, display: bool) -> str:
    import quickjs

    options = json.dumps({**_OPTIONS, "displayMode": display})
    try:
        made: str = json.loads(_function()(tex, options))
    except quickjs.JSException as error:
        problem = str(error).splitlines()[0]
        raise FormulaError(tex, re.sub(r"^\w*Error: |KaTeX parse error: ", "", problem)) from None
    # The TeX is kept beside the formula where pages are written: it is no part of their text.
    made = _INVALID.sub("", _ANNOTATION.sub("", made))
    return _NAME.sub(r"<mrow>\g<0></mrow>", made)


@cache
def _function() -> Callable[[str, str], Any]:
    """Return KaTeX as a function of TeX and options."""
    import quickjs

    context = quickjs.Context()
    context.eval("globalThis.self = globalThis; 0")
    context.eval(katex("katex.min.js").decode() + "; 0")
    # As JSON, because the engine cannot hand over a string that it has made of many parts.
    context.eval(
        "function make(tex, options) {"
        " return JSON.stringify(katex.renderToString(tex, JSON.parse(options))); } 0"
    )
    make: Callable[[str, str], Any] = context.get("make")
    return make
