r"""Formulas as Typst code, from the tree in which KaTeX reads them.

What is seen on the book's pages and what is printed have been understood by the same program. What
Typst has nothing for is refused; nothing is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nnbook.publishing.formulas.engine import FormulaError
from nnbook.publishing.formulas.tree import Tree, symbol

Node = Mapping[str, Any]

_FONTS = {
    "mathbf": "bold(upright({}))",
    "boldsymbol": "bold({})",
    "mathrm": "upright({})",
    "mathit": "italic({})",
    "mathbb": "bb({})",
    "mathcal": "cal({})",
    "mathscr": "scr({})",
    "mathfrak": "frak({})",
    "mathsf": "sans(upright({}))",
    "mathtt": "mono({})",
    "mathnormal": "{}",
    "\\textbf": "bold({})",
    "\\textit": "italic({})",
    "\\emph": "italic({})",
    "\\texttt": "mono({})",
    "\\textsf": "sans({})",
}
_STYLES = {
    "display": "display({})",
    "text": "inline({})",
    "script": "script({})",
    "scriptscript": "sscript({})",
}
_CLASSES = {
    "mbin": "binary",
    "mrel": "relation",
    "mopen": "opening",
    "mclose": "closing",
    "mpunct": "punctuation",
}
_FAMILIES = {
    "bin": "binary",
    "rel": "relation",
    "punct": "punctuation",
    "open": "opening",
    "close": "closing",
}
_ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "vec": "\u20d7",
    "overrightarrow": "\u20d7",
    "overleftarrow": "\u20d6",
    "overleftrightarrow": "\u20e1",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "widecheck": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
    "mathring": "\u030a",
}
_ARROWS = {
    "xrightarrow": "→",
    "xleftarrow": "←",
    "xleftrightarrow": "↔",
    "xRightarrow": "⇒",
    "xLeftarrow": "⇐",
    "xLeftrightarrow": "⇔",
    "xmapsto": "↦",
    "xlongequal": "=",
}
_BRACES = {"overbrace", "underbrace", "overbracket", "underbracket"}
_DELIMITERS = {"∥": "‖", "∣": "|", "\\|": "‖", "<": "⟨", ">": "⟩"}
_SIZES = {1: 1.2, 2: 1.8, 3: 2.4, 4: 3.0}  # em, of \big and so on
_COLORS = (
    *("black", "gray", "silver", "white", "navy", "blue", "aqua", "teal", "purple", "fuchsia"),
    *("maroon", "red", "orange", "yellow", "olive", "green", "lime"),
)
_UNITS = {"pt": 1.0, "em": 1.0, "ex": 0.43, "mu": 1 / 18, "mm": 1.0, "cm": 1.0, "in": 1.0}
_SPACES = {"\\ ", "~", " ", "\\space", "\\nobreakspace"}
_TOO_NARROW = {"bin": "0.2222em", "rel": "0.2778em"}
"""What stands at the left of a sign that begins a cell, where there is something before it."""


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
            columns = [_SIDES[column["align"]] for column in _aligned(array)]
            gaps = [column.get("pregap") or 0 for column in _aligned(array)]
            rows = [
                [
                    f"#h({2 * gap}em){_cell(cell)}" if gap else _cell(cell)
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
            elif _is_empty(node) and place < len(nodes) and _family(nodes[place]) in _TOO_NARROW:
                part = f"#h({_TOO_NARROW[_family(nodes[place])]})"
            else:
                part = _code(node)
        code = _joined(code, part)
    return code


def _joined(code: str, part: str) -> str:
    """Return code and a part after it; letters that stand apart are no name."""
    if code and part and _is_letter(code[-1]) and _is_letter(part[0]):
        return f"{code} {part}"
    return code + part


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


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
    return f"cancel({_code(node)})" if len(whole) > 1 or not text else _escaped(whole)


def _escaped(character: str) -> str:
    character = {"-": "−", "*": "∗"}.get(character, character)
    is_sign = character.isascii() and not character.isalnum()
    return f"\\{character}" if is_sign else character


def _character(node: Node) -> str:
    text = node["text"]
    return symbol(text) if text.startswith("\\") and len(text) > 1 else text


def _letter(node: Node) -> str:
    character = _character(node)
    if node["mode"] == "text":
        return _text(character)
    if len(character) > 1:
        return _text(character)
    code = _escaped({"∥": "‖", "∣": "|"}.get(character, character))
    return f'class("normal", {code})' if character in "|/∥∣.:!?" else code


def _atom(node: Node) -> str:
    character = _character(node)
    family = node["family"]
    if family in ("open", "close"):
        character = _DELIMITERS.get(character, character)
    code = _escaped(character) if len(character) == 1 else _text(character)
    unusual = character in ":/|.?!‖"
    return f'class("{_FAMILIES[family]}", {code})' if unusual and family in _FAMILIES else code


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _group(node: Node) -> str:
    match node["body"]:
        case [{"type": "atom"} as atom]:
            return f'class("normal", {_atom(atom)})'
        case body:
            return _body(body)


def _words(node: Node) -> str:
    r"""Return what stands in ``\text``: words, and formulas among them."""
    parts: list[str] = []
    words = ""
    for inner in [*node["body"], None]:
        letters = None if inner is None else _plain(inner)
        if letters is not None:
            words += letters
            continue
        parts += _spaced(words)
        words = ""
        if inner is not None:
            parts.append(_code(inner))
    code = ""
    for part in parts:
        code = _joined(code, part)
    return _FONTS.get(node.get("font") or "", "{}").format(code) if code else ""


def _spaced(words: str) -> list[str]:
    inner = words.strip(" ")
    if not inner:
        return [f"#h({0.25 * len(words):g}em)"] if words else []
    begin, end = (
        ("#h(0.25em)" if words.startswith(" ") else ""),
        ("#h(0.25em)" if words.endswith(" ") else ""),
    )
    return [part for part in (begin, _text(inner), end) if part]


def _plain(node: Node) -> str | None:
    """Return the words of a part of a text; None if it is no plain text."""
    match node:
        case {"type": "textord" | "mathord" | "atom", "mode": "text"}:
            return _character(node)
        case {"type": "spacing"}:
            return " " if node["text"] in _SPACES else ""
        case {"type": "ordgroup", "body": body}:
            parts = [_plain(part) for part in body]
            return None if None in parts else "".join(part or "" for part in parts)
        case _:
            return None


def _font(node: Node) -> str:
    form = _FONTS.get(node["font"])
    if form is None:
        raise FormulaError(f"\\{node['font']}", "this font is not there in print")
    letters = _letters(node["body"])
    if letters is not None and len(letters) > 1 and node["font"] in ("mathrm", "mathbf", "mathtt"):
        return form.format(_text(letters))
    return form.format(_argument(node["body"]))


def _letters(node: Tree) -> str | None:
    """Return the word that letters and digits make; None if there is anything else."""
    word: str | None = None
    match node:
        case {"type": "mathord" | "textord", "text": text} if text.isalnum() or text in "-.":
            word = str(text)
        case {"type": "atom", "text": "-" | "." as text}:
            word = str(text)
        case {"type": "kern"}:
            word = "\u2009"
        case {"type": "spacing", "text": text} if text in _SPACES:
            word = " "
        case {"type": "ordgroup", "body": body} | list(body):
            parts = [_letters(part) for part in body]
            word = None if None in parts else "".join(part or "" for part in parts)
        case {"type": "font", "font": "mathrm", "body": body}:
            word = _letters(body)
    return word


def _operator(node: Node) -> str:
    with_limits = node.get("limits") or (
        node["type"] == "operatorname" and node.get("alwaysHandleSupSub")
    )
    limits = "true" if with_limits else "false"
    if node["type"] == "op" and node.get("symbol"):
        character = symbol(node["name"])
        code = _escaped(character)
        usual = character not in "∫∬∭∮∯∰"
        if node.get("alwaysHandleSupSub"):
            return f"{'limits' if node['limits'] else 'scripts'}({code})"
        return code if bool(node.get("limits")) == usual else f"scripts({code})"
    body = node.get("body")
    name = node["name"][1:] if body is None else _letters(body)
    code = f"op({_text(name) if name else _argument(body)}, limits: #{limits})"
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
    if name not in _BRACES:
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


def _delimiter(text: str | None) -> str:
    if not text or text == ".":
        return ""
    found = _DELIMITERS.get(text)
    if found is None:
        character = text[1:] if text in ("\\{", "\\}") else text
        character = symbol(text) if len(character) > 1 else character
        found = _DELIMITERS.get(character, character)
    return _escaped(found)


def _enclosed(left: str | None, code: str, right: str | None) -> str:
    opening, closing = _delimiter(left), _delimiter(right)
    return f"lr({opening} {code} {closing})" if opening or closing else code


def _sized(node: Node) -> str:
    code = _delimiter(node["delim"])
    if not code:
        return ""
    wanted = _CLASSES.get(node["mclass"], "normal")
    return f'class("{wanted}", lr(size: #{_SIZES[node["size"]]}em, {code}))'


def _accent(node: Node) -> str:
    name = node["label"].removeprefix("\\")
    mark = _ACCENTS.get(name)
    if mark is None:
        raise FormulaError(f"\\{name}", "this accent is not there in print")
    return f'accent({_argument(node["base"])}, #"\\u{{{ord(mark):x}}}")'


def _length(dimension: Mapping[str, Any]) -> str:
    unit = dimension["unit"]
    if unit not in _UNITS:
        raise FormulaError(f"{dimension['number']}{unit}", "expected a length in em, mu, pt or cm")
    printed = unit if unit in ("pt", "mm", "cm", "in") else "em"
    number = max(-1000.0, min(1000.0, float(dimension["number"]) * _UNITS[unit]))
    return f"{number:.5f}".rstrip("0").rstrip(".") + printed


def _space(node: Node) -> str:
    return "#h(0.25em)" if node["text"] in _SPACES else ""


def _rule(node: Node) -> str:
    width, height = _length(node["width"]), _length(node["height"])
    if not node["width"]["number"] or not node["height"]["number"]:
        return ""  # a strut
    below = f", baseline: -{_length(node['shift'])}" if node.get("shift") else ""
    return f"#box(fill: black, width: {width}, height: {height}{below})"


def _color(node: Node) -> str:
    color = node["color"]
    known = color if color in _COLORS else f'rgb("{color}")'
    if color not in _COLORS and not re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", color):
        raise FormulaError(color, f"expected one of the colors {', '.join(_COLORS)}, or #rrggbb")
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
    if name not in _ARROWS:
        raise FormulaError(f"\\{name}", "there is nothing like it in print")
    below = f", b: {_argument(node['below'])}" if node.get("below") else ""
    return f"attach(stretch({_escaped(_ARROWS[name])}), t: {_argument(node['body'])}{below})"


def _class(node: Node) -> str:
    wanted = _CLASSES.get(node["mclass"])
    if wanted in ("binary", "relation") and _letters(node["body"]):  # texts have no class
        space = f"#h({_TOO_NARROW[node['mclass'][1:]]})"
        return f"{space}{_body(node['body'])}{space}"
    return f'class("{wanted}", {_argument(node["body"])})' if wanted else _body(node["body"])


_SIDES = {"l": "left", "c": "center", "r": "right"}


def _aligned(array: Node) -> list[Node]:
    """Return the columns of an array without the lines between them."""
    found = [column for column in array.get("cols") or () if column["type"] == "align"]
    width = max((len(row) for row in array["body"]), default=0)
    return [*found, *[{"type": "align", "align": "c"}] * (width - len(found))]


def _cell(cell: Node) -> str:
    form = _STYLES[cell["style"]] if cell["type"] == "styling" else "{}"
    body = _body(cell["body"] if cell["type"] == "styling" else cell)
    return form.format(body) if body else ""


def _array(node: Node) -> str:
    columns = _aligned(node)
    rows = []
    for number, row in enumerate(node["body"]):
        cells = [
            _placed(_cell(row[place]) if place < len(row) else "", column, bool(place))
            for place, column in enumerate(columns)
        ]
        gap = (node.get("rowGaps") or [])[number : number + 1]
        if gap and gap[0] and gap[0]["number"] > 0:
            depth = f"{_length(gap[0])} + 0.25em"
            cells[0] += f"#box(width: 0pt, height: {depth}, baseline: {depth})"
        rows.append(", ".join(cells))
    height = _row_gap(node)
    rules = [number for number, rule in enumerate(node.get("hLinesBeforeRow") or []) if rule]
    inner = [number for number in rules if 0 < number < len(rows)]
    code = f"mat({', '.join(_form(node, columns, inner))}, {'; '.join(rows)})"
    outer = {0: "top", len(rows): "bottom"}
    sides = [outer[number] for number in rules if number in outer] + _outer_bars(node)
    if not sides:
        return code
    strokes = "".join(f"{side}: 0.5pt, " for side in sides)
    outset = f"outset: (x: 0.5em, y: {height / 2}em)"
    # Without leading, what is high is as high as it is.
    return f"#box(stroke: ({strokes}), {outset}, {{ set par(leading: 0pt); ${code}$ }})"


def _outer_bars(node: Node) -> list[str]:
    columns = node.get("cols") or [{"type": "align"}]
    ends = {"left": columns[0], "right": columns[-1]}
    return [side for side, column in ends.items() if column["type"] == "separator"]


def _row_gap(node: Node) -> float:
    if node.get("addJot"):
        return 0.45
    return 0.1 if node.get("arraystretch", 1) < 1 else 0.3


def _placed(cell: str, column: Node, follows: bool) -> str:
    gap = column.get("pregap") or 0
    space = f"#h({2 * gap}em)" if gap and follows else ""
    match column["align"]:
        case "l":
            return f"&{space}{cell}" if cell else '&""'
        case "r":
            return f"{space}{cell}&" if cell else '""&'
        case _:
            return cell or '""'


def _form(node: Node, columns: Sequence[Node], rules: Sequence[int]) -> list[str]:
    bars, count = [], 0
    for column in node.get("cols") or ():
        if column["type"] == "align":
            count += 1
        elif 0 < count < len(columns):
            bars.append(count)
    is_aligned = any(column.get("postgap") == 0 for column in columns) and node.get("addJot")
    is_narrow = node.get("arraystretch", 1) < 1
    gap = 0 if is_aligned else 0.5 if is_narrow else 1
    parts = ["delim: #none", f"column-gap: #{gap}em", f"row-gap: #{_row_gap(node)}em"]
    lines = {"hline": rules, "vline": bars}
    offsets = [
        f"{key}: ({''.join(f'{number}, ' for number in numbers)}), "
        for key, numbers in lines.items()
        if numbers
    ]
    if offsets:
        parts.append(f"augment: #({''.join(offsets)}stroke: 0.5pt)")
    return parts


_MAKERS: dict[str, Callable[[Node], str]] = {
    "mathord": _letter,
    "textord": _letter,
    "atom": _atom,
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
    "middle": lambda node: f"mid({_delimiter(node['delim'])})",
    "delimsizing": _sized,
    "accent": _accent,
    "overline": lambda node: f"overline({_argument(node['body'])})",
    "underline": lambda node: f"underline({_argument(node['body'])})",
    "horizBrace": _brace,
    "kern": lambda node: f"#h({_length(node['dimension'])})",
    "spacing": _space,
    "styling": lambda node: _STYLES[node["style"]].format(_argument(node["body"])),
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
    "verb": lambda node: f"mono({_text(node['body'])})",
    "array": _array,
    "rule": _rule,
    "internal": lambda node: "",
    "cr": lambda node: "",
}
