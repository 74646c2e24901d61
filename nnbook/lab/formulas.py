r"""The formulas of answers: LaTeX as students write it, with numbers and definitions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nnbook.errors import LabError, nearest
from nnbook.publishing.formulas.engine import FormulaError
from nnbook.publishing.formulas.tree import Reader
from nnbook.publishing.paper.code import Code, call
from nnbook.publishing.paper.formula_code import tagged, typst

ENVIRONMENT = re.compile(
    r"\s*\\begin\{((?:align|alignat|flalign|gather|equation|multline|eqnarray|displaymath|math)\*?)\}"
    r"(?:(?!\\begin\{\1\}).)*\\end\{\1\}\s*",
    re.DOTALL,
)
"""What is a formula without dollars."""

DEFINITION = re.compile(
    r"\s*\\(?:newcommand|renewcommand|providecommand|def|DeclareMathOperator)\b"
)
LABEL = re.compile(r"\\label\s*\{([^{}]{1,100})\}")
REFERENCE = re.compile(r"\\(eqref|ref)\s*\{([^{}]{1,100})\}")
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]{0,100})\}")
_ROW_END = re.compile(r"\\\\")
_OTHERS = {
    "multline": "gather",
    "flalign": "align",
    "eqnarray": "align",
    "displaymath": "",
    "math": "",
}
WORDS = {"Str", "Space", "SoftBreak"}
"""Nodes of a syntax tree with nothing in them."""

_RELATION = re.compile(r"&\s*([^&\\{}]{1,20}|\\[A-Za-z]{1,20})\s*&")
"""The middle one of the three columns of an `eqnarray`."""


@dataclass
class Numbers:
    """The numbers of the equations that have a label, in the order of the text.

    Attributes
    ----------
    of : dict of str to str
        Numbers by label.
    """

    of: dict[str, str] = field(default_factory=dict)

    def add(self, latex: str) -> None:
        """Give a number to each label of a formula.

        Raises
        ------
        LabError
            If a label is there twice.
        """
        for row in _ROW_END.split(latex):
            tag = _TAG.search(row)
            for label in LABEL.findall(row):
                if label in self.of:
                    raise LabError(f"two equations have the label {label!r}")
                self.of[label] = tag[1] if tag else str(self._next())

    def _next(self) -> int:
        return 1 + sum(number.isdigit() for number in self.of.values())

    def number(self, label: str) -> str:
        """Return the number of the equation with a label.

        Raises
        ------
        LabError
            If there is none.
        """
        if label not in self.of:
            known = nearest(label, self.of) if self.of else "no equation has a label"
            raise LabError(f"no equation has the label {label!r}, {known}")
        return self.of[label]

    def written(self, latex: str) -> str:
        r"""Return a formula with numbers in place of labels and references.

        >>> Numbers({"a": "1"}).written(r"x \label{a} = y")
        'x \\tag{1} = y'
        """
        rows = _ROW_END.split(latex)
        return r"\\".join(self._row(row) for row in rows)

    def _row(self, row: str) -> str:
        has_tag = bool(_TAG.search(row))
        row = LABEL.sub(lambda m: "" if has_tag else rf"\tag{{{self.number(m[1])}}}", row)
        return REFERENCE.sub(lambda m: rf"\text{{{self.shown(m)}}}", row)

    def shown(self, reference: re.Match[str]) -> str:
        r"""Return what a reference says: of ``\eqref`` in parentheses."""
        number = self.number(reference[2])
        return f"({number})" if reference[1] == "eqref" else number


def definitions_in(text: str) -> str:
    """Return a text that begins with a definition, for the formulas that follow."""
    return text if DEFINITION.match(text) else ""


class Converter:
    """Turns formulas into Typst, one after the other.

    Parameters
    ----------
    definitions : str
        Of commands, that all formulas may use.
    """

    def __init__(self, definitions: str = "") -> None:
        self._reader = Reader()
        self.problem = ""
        if definitions.strip():
            try:
                self._reader.read(definitions)
            except FormulaError as error:
                self.problem = str(error)

    def content(self, latex: str, *, display: bool) -> str:
        """Return a formula as Typst content.

        Raises
        ------
        FormulaError
            If it is not understood, or has something that cannot be printed.
        """
        tree = self._reader.read(_usual(latex))
        found = tagged(tree) if display else None
        if found is None:
            return f"$ {typst(tree)} $" if display else f"${typst(tree)}$"
        rows = [[Code(f"${cell}$") if cell else "" for cell in row] for row in found.rows]
        tags = [Code(f"${tag}$") if tag else "" for tag in found.tags]
        return call("numbered-rows", list(map(Code, found.columns)), rows, tags)


def _usual(latex: str) -> str:
    r"""Return LaTeX in which environments that KaTeX lacks are others.

    >>> print(_usual(r"\begin{multline} a \\ b \end{multline}"))
    \begin{gather} a \\ b \end{gather}
    """
    for name, other in _OTHERS.items():
        for star in ("", "*"):
            begin, end = rf"\begin{{{name}{star}}}", rf"\end{{{name}{star}}}"
            if begin in latex:
                latex = _RELATION.sub(r"&\1 ", latex) if name == "eqnarray" else latex
                latex = latex.replace(begin, rf"\begin{{{other}{star}}}" if other else "")
                latex = latex.replace(end, rf"\end{{{other}{star}}}" if other else "")
    return latex


def formulas_in(nodes: Any) -> Iterator[str]:
    """Yield the displayed formulas of a syntax tree."""
    for node in walk(nodes):
        match node:
            case {"t": "Math", "c": [{"t": "DisplayMath"}, latex]}:
                yield latex
            case {"t": "RawBlock" | "RawInline", "c": [_, text]} if ENVIRONMENT.fullmatch(text):
                yield text


def has_formula(nodes: Any) -> bool:
    """Say whether there is mathematics in a part of a syntax tree."""
    return any(
        node["t"] == "Math"
        or (node["t"] in ("RawBlock", "RawInline") and bool(ENVIRONMENT.fullmatch(node["c"][1])))
        for node in walk(nodes)
    )


def walk(nodes: Any) -> Iterator[dict[str, Any]]:
    """Yield the nodes in a part of a syntax tree, in their order, but no words and blanks.

    These are nine of ten nodes of a long text.
    """
    left = [nodes]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += reversed(node)
        elif isinstance(node, dict) and node["t"] not in WORDS:
            yield node
            if node["t"] != "Math" and "c" in node:
                left.append(node["c"])
