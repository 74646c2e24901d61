r"""Formulas as Typst code, from the tree in which KaTeX reads them.

What is seen on the book's pages and what is printed have been understood by the same program. What
Typst has nothing for is refused; nothing is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from nnbook.publishing.formulas.engine import FormulaError
from nnbook.publishing.formulas.tree import Tree, symbol
from nnbook.publishing.paper.formula_arrays import SIDES, aligned, array_code, cell_code
from nnbook.publishing.paper.formula_signs import (
    ACCENTS,
    ARROWS,
    BRACES,
    CLASSES,
    COLORS,
    FONTS,
    SIZES,
    STYLES,
    TOO_NARROW,
    Node,
    atom_code,
    delimiter,
    escaped,
    joined,
    length,
    letter_code,
    plain_words,
    quoted,
    space_code,
    spaced,
    word_of,
)


@dataclass(frozen=True)
class Tagged:
    """A formula with numbers of its own.

    Attributes
    ----------
    rows : list of list of str
        Its cells, as Typst code.
    columns : list of str
        How each column is aligned: ``left``, ``center`` or ``right``.
    tags : list of str
        What stands beside each row, as Typst code; nothing beside some.
    """

    rows: list[list[str]]
    columns: list[str]
    tags: list[str]


def typst(tree: Tree) -> str:
    """Return a formula as Typst code, without dollar signs and without its numbers.

    Raises
    ------
    FormulaError
        If there is something in it that Typst has nothing for.
    """
    return _body(tree) or '""'


def tagged(tree: Tree) -> Tagged | None:
    """Return a formula by its rows, if it has numbers of its own; else None."""
    match tree:
        case [{"type": "tag", "body": body, "tag": tag}]:
            return Tagged([[f"display({typst(body)})"]], ["center"], [_body(tag)])
        case [{"type": "array", "tags": tags} as array] if any(isinstance(t, list) for t in tags):
            columns = [SIDES[column["align"]] for column in aligned(array)]
            gaps = [column.get("pregap") or 0 for column in aligned(array)]
            rows = [
                [
                    f"#h({2 * gap}em){cell_code(cell, _body)}" if gap else cell_code(cell, _body)
                    for cell, gap in zip(row, gaps, strict=False)
                ]
                for row in array["body"]
            ]
            found = [_body(tag) if isinstance(tag, list) else "" for tag in tags]
            return Tagged(rows, columns, [*found, *[""] * (len(rows) - len(found))])
        case _:
            return None


def _body(nodes: Tree) -> str:
    """Return the code of nodes, one after the other."""
    if not isinstance(nodes, list):
        nodes = [nodes]
    code, place = "", 0
    while place < len(nodes):
        node = nodes[place]
        place += 1
        part = ""
        while node.get("type") == "textord" and node["text"].isascii() and node["text"].isdigit():
            part += node["text"]
            if place == len(nodes):
                break
            node = nodes[place]
            if node.get("type") == "textord" and node["text"].isdigit():
                place += 1
            else:
                break
        if not part:
            if _is_stroke(node) and place < len(nodes):
                part = _struck(nodes[place])
                place += 1
            elif _is_empty(node) and place < len(nodes) and _family(nodes[place]) in TOO_NARROW:
                part = f"#h({TOO_NARROW[_family(nodes[place])]})"
            else:
                part = _code(node)
        code = joined(code, part)
    return code


def _code(node: Node) -> str:
    make = _MAKERS.get(node["type"])
    if make is None:
        raise FormulaError(node["type"], "there is nothing like it in print")
    return make(node)


def _argument(nodes: Tree) -> str:
    """Return the code of nodes as the argument of a function."""
    return _body(nodes) or '""'


def _is_empty(node: Node) -> bool:
    return bool(node.get("type") == "ordgroup" and not node["body"])


def _family(node: Node) -> str:
    return str(node.get("family", "")) if node.get("type") == "atom" else ""


def _is_stroke(node: Node) -> bool:
    r"""Return whether this is the stroke of ``\not``."""
    match node:
        case {"type": "htmlmathml", "mathml": [{"type": "textord", "text": "\u0338"}]}:
            return True
        case _:
            return False


def _struck(node: Node) -> str:
    text = node.get("text", "")
    character = symbol(text) if text.startswith("\\") else text
    whole = unicodedata.normalize("NFC", character + "\u0338")
    return f"cancel({_code(node)})" if len(whole) > 1 or not text else escaped(whole)


def _group(node: Node) -> str:
    match node["body"]:
        case [{"type": "atom"} as atom]:
            return f'class("normal", {atom_code(atom)})'
        case body:
            return _body(body)


def _words(node: Node) -> str:
    r"""Return what stands in ``\text``: words, and formulas among them."""
    parts: list[str] = []
    words = ""
    for inner in [*node["body"], None]:
        letters = None if inner is None else plain_words(inner)
        if letters is not None:
            words += letters
            continue
        parts += spaced(words)
        words = ""
        if inner is not None:
            parts.append(_code(inner))
    code = ""
    for part in parts:
        code = joined(code, part)
    return FONTS.get(node.get("font") or "", "{}").format(code) if code else ""


def _font(node: Node) -> str:
    form = FONTS.get(node["font"])
    if form is None:
        raise FormulaError(f"\\{node['font']}", "this font is not there in print")
    letters = word_of(node["body"])
    if letters is not None and len(letters) > 1 and node["font"] in ("mathrm", "mathbf", "mathtt"):
        return form.format(quoted(letters))
    return form.format(_argument(node["body"]))


def _operator(node: Node) -> str:
    with_limits = node.get("limits") or (
        node["type"] == "operatorname" and node.get("alwaysHandleSupSub")
    )
    limits = "true" if with_limits else "false"
    if node["type"] == "op" and node.get("symbol"):
        character = symbol(node["name"])
        code = escaped(character)
        usual = character not in "∫∬∭∮∯∰"
        if node.get("alwaysHandleSupSub"):
            return f"{'limits' if node['limits'] else 'scripts'}({code})"
        return code if bool(node.get("limits")) == usual else f"scripts({code})"
    body = node.get("body")
    name = node["name"][1:] if body is None else word_of(body)
    code = f"op({quoted(name) if name else _argument(body)}, limits: #{limits})"
    if node["type"] == "op" and body is not None and name is None and node.get("limits"):
        code = _argument(body)  # such as \stackrel's, which is no operator
    if node["type"] == "op" and node.get("alwaysHandleSupSub") and node.get("limits"):
        return f"limits({code})"
    return code


def _scripts(node: Node) -> str:
    base, sup, sub = node.get("base"), node.get("sup"), node.get("sub")
    if base and base["type"] == "horizBrace":
        label = sup if base["isOver"] else sub
        if label and not (sub if base["isOver"] else sup):
            return f"{_brace_name(base)}({_argument(base['base'])}, {_argument(label)})"
    parts = [_argument(base) if base else '""']
    if sup:
        parts.append(f"t: {_raised(sup)}")
    if sub:
        parts.append(f"b: {_argument(sub)}")
    return f"attach({', '.join(parts)})"


def _raised(node: Node) -> str:
    body = node["body"] if node["type"] == "ordgroup" else [node]
    primes = 0
    while primes < len(body) and body[primes].get("text") == "\\prime":
        primes += 1
    if not primes:
        return _argument(node)
    return f"#math.primes({primes}){_body(body[primes:])}"


def _brace_name(node: Node) -> str:
    name = str(node["label"][1:])
    if name not in BRACES:
        raise FormulaError(f"\\{name}", "there is nothing like it in print")
    return name


def _brace(node: Node) -> str:
    return f"{_brace_name(node)}({_argument(node['base'])})"


def _fraction(node: Node) -> str:
    numerator, denominator = _argument(node["numer"]), _argument(node["denom"])
    left, right = node.get("leftDelim"), node.get("rightDelim")
    if node["hasBarLine"]:
        code = f"frac({numerator}, {denominator})"
    elif left == "(" and right == ")":
        return f"binom({numerator}, {denominator})"
    else:
        code = f"mat(delim: #none, {numerator}; {denominator})"
    return _enclosed(left, code, right) if left or right else code


def _enclosed(left: str | None, code: str, right: str | None) -> str:
    opening, closing = delimiter(left), delimiter(right)
    return f"lr({opening} {code} {closing})" if opening or closing else code


def _sized(node: Node) -> str:
    code = delimiter(node["delim"])
    if not code:
        return ""
    wanted = CLASSES.get(node["mclass"], "normal")
    return f'class("{wanted}", lr(size: #{SIZES[node["size"]]}em, {code}))'


def _accent(node: Node) -> str:
    name = node["label"].removeprefix("\\")
    mark = ACCENTS.get(name)
    if mark is None:
        raise FormulaError(f"\\{name}", "this accent is not there in print")
    return f'accent({_argument(node["base"])}, #"\\u{{{ord(mark):x}}}")'


def _rule(node: Node) -> str:
    width, height = length(node["width"]), length(node["height"])
    if not node["width"]["number"] or not node["height"]["number"]:
        return ""  # a strut
    below = f", baseline: -{length(node['shift'])}" if node.get("shift") else ""
    return f"#box(fill: black, width: {width}, height: {height}{below})"


def _color(node: Node) -> str:
    color = node["color"]
    known = color if color in COLORS else f'rgb("{color}")'
    if color not in COLORS and not re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", color):
        raise FormulaError(color, f"expected one of the colors {', '.join(COLORS)}, or #rrggbb")
    return f"#text(fill: {known})[${_argument(node['body'])}$]"


def _enclosure(node: Node) -> str:
    body = _argument(node["body"])
    match node["label"]:
        case "\\fbox":
            return f"#box(stroke: 0.5pt, inset: 3pt, {{ set par(leading: 0pt); ${body}$ }})"
        case "\\cancel":
            return f"cancel({body})"
        case "\\bcancel":
            return f"cancel({body}, inverted: #true)"
        case "\\xcancel":
            return f"cancel({body}, cross: #true)"
        case label:
            raise FormulaError(label, "there is nothing like it in print")


def _arrow(node: Node) -> str:
    name = node["label"][1:]
    if name not in ARROWS:
        raise FormulaError(f"\\{name}", "there is nothing like it in print")
    below = f", b: {_argument(node['below'])}" if node.get("below") else ""
    return f"attach(stretch({escaped(ARROWS[name])}), t: {_argument(node['body'])}{below})"


def _class(node: Node) -> str:
    wanted = CLASSES.get(node["mclass"])
    if wanted in ("binary", "relation") and word_of(node["body"]):  # texts have no class
        space = f"#h({TOO_NARROW[node['mclass'][1:]]})"
        return f"{space}{_body(node['body'])}{space}"
    return f'class("{wanted}", {_argument(node["body"])})' if wanted else _body(node["body"])


_MAKERS: dict[str, Callable[[Node], str]] = {
    "mathord": letter_code,
    "textord": letter_code,
    "atom": atom_code,
    "ordgroup": _group,
    "text": _words,
    "font": _font,
    "op": _operator,
    "operatorname": _operator,
    "supsub": _scripts,
    "genfrac": _fraction,
    "sqrt": lambda node: (
        f"root({_argument(node['index'])}, {_argument(node['body'])})"
        if node.get("index")
        else f"sqrt({_argument(node['body'])})"
    ),
    "leftright": lambda node: _enclosed(node["left"], _body(node["body"]), node["right"]),
    "middle": lambda node: f"mid({delimiter(node['delim'])})",
    "delimsizing": _sized,
    "accent": _accent,
    "overline": lambda node: f"overline({_argument(node['body'])})",
    "underline": lambda node: f"underline({_argument(node['body'])})",
    "horizBrace": _brace,
    "kern": lambda node: f"#h({length(node['dimension'])})",
    "spacing": space_code,
    "styling": lambda node: STYLES[node["style"]].format(_argument(node["body"])),
    "sizing": lambda node: _body(node["body"]),
    "color": _color,
    "enclose": _enclosure,
    "xArrow": _arrow,
    "mclass": _class,
    "htmlmathml": lambda node: _body(node["mathml"]),
    "phantom": lambda node: f"#hide[${_argument(node['body'])}$]",
    "smash": lambda node: _body(node["body"]),
    "vcenter": lambda node: _body(node["body"]),
    "pmb": lambda node: f"bold({_argument(node['body'])})",
    "mathchoice": lambda node: _body(node["text"]),
    "verb": lambda node: f"mono({quoted(node['body'])})",
    "array": lambda node: array_code(node, _body),
    "rule": _rule,
    "internal": lambda node: "",
    "cr": lambda node: "",
}
