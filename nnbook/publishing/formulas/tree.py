r"""Formulas as KaTeX reads them: the tree behind its HTML."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from nnbook.publishing.formulas.engine import FormulaError, katex

Tree = Any
"""A node (a dict with ``type``), or a list of nodes."""

_MOST_BYTES, _MOST_SECONDS = 2**28, 20
"""What KaTeX may use: formulas may be those of strangers."""

_DEFINITION = re.compile(r"\\(?:re)?newcommand\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?")
_OPERATOR = re.compile(r"\\DeclareMathOperator(\*?)\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*(?=\{)")
_FUNCTIONS = """
var definitions = {};
const left_out = new Set(["loc", "lexer"]);
function forget() { definitions = {}; return "0"; }
function read(tex) {
  const options = {
    displayMode: true, strict: "ignore", maxExpand: 1000, globalGroup: true, macros: definitions,
  };
  return JSON.stringify(katex.__parse(tex, options), (k, v) => left_out.has(k) ? undefined : v);
}
function shown(tex) {
  return JSON.stringify(katex.renderToString(tex, {output: "mathml", strict: "ignore"}));
}
0
"""


class Reader:
    """Reads formulas one after the other: what one of them defines, the next ones know."""

    def __init__(self) -> None:
        _function("forget")()

    def read(self, tex: str) -> Tree:
        """Return the tree of a formula.

        Parameters
        ----------
        tex : str
            The formula, without delimiters.

        Raises
        ------
        FormulaError
            KaTeX does not understand it.
        """
        import quickjs

        try:
            return json.loads(_function("read")(_with_definitions(tex)))
        except quickjs.JSException as error:
            raise FormulaError(tex, _problem(error)) from None
        except RecursionError:
            raise FormulaError(tex, "it is nested too deeply") from None


def _with_definitions(tex: str) -> str:
    r"""Return TeX in which commands are defined, whether KaTeX knows them already or not."""
    tex = _OPERATOR.sub(r"\\newcommand{\2}{\\operatorname\1", tex) if "Declare" in tex else tex
    if r"\operatorname" in tex and r"\newcommand" in tex:
        tex = _closed(tex)
    return _DEFINITION.sub(r"\\providecommand{\1}{}\\renewcommand{\1}", tex)


def _closed(tex: str) -> str:
    """Close the group that `_OPERATOR` opened: after the group that follows it."""
    start = re.compile(r"\\newcommand\{\\[A-Za-z]+\}\{\\operatorname\*?\s*(?=\{)")
    parts, place = [], 0
    for found in start.finditer(tex):
        end, depth = found.end(), 0
        for end in range(found.end(), len(tex)):
            depth += (tex[end] == "{") - (tex[end] == "}")
            if depth == 0:
                break
        if tex[end + 1 : end + 2] != "}" or tex.count("{") != tex.count("}"):
            parts += [tex[place : end + 1], "}"]
            place = end + 1
    return "".join([*parts, tex[place:]])


def _problem(error: Exception) -> str:
    text = str(error).splitlines()[0]
    text = re.sub(r"^\w*Error: |KaTeX parse error: ", "", text)
    return re.sub("[\u0300-\u036f]", "", re.sub(r"^KaTeX parse error: ", "", text))


@cache
def symbol(command: str) -> str:
    r"""Return the character of a command: of ``\alpha``, α.

    Raises
    ------
    FormulaError
        If it has none.
    """
    import quickjs

    try:
        made: str = json.loads(_function("shown")(command))
    except quickjs.JSException as error:
        raise FormulaError(command, _problem(error)) from None
    text = re.sub(r"<annotation\b.*?</annotation>|<[^>]*>", "", made, flags=re.DOTALL)
    return html.unescape(text).strip("\u2061\u200b")


@cache
def _context() -> Any:
    import quickjs

    context = quickjs.Context()
    context.set_memory_limit(_MOST_BYTES)
    context.eval("globalThis.self = globalThis; 0")
    context.eval(katex("katex.min.js").decode() + "; 0")
    context.eval(_FUNCTIONS)
    context.set_time_limit(_MOST_SECONDS)
    return context


def _function(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = _context().get(name)
    return found
