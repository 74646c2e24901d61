"""Arrays, matrices and aligned equations of formulas as Typst code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nnbook.publishing.formulas.tree import Tree
from nnbook.publishing.paper.formula_signs import STYLES, Node, length

SIDES = {"l": "left", "c": "center", "r": "right"}


def aligned(array: Node) -> list[Node]:
    """Return the columns of an array without the lines between them."""
    found = [column for column in array.get("cols") or () if column["type"] == "align"]
    width = max((len(row) for row in array["body"]), default=0)
    return [*found, *[{"type": "align", "align": "c"}] * (width - len(found))]


def cell_code(cell: Node, code_of: Callable[[Tree], str]) -> str:
    """Return a cell in its style; `code_of` makes the code of what is in it."""
    form = STYLES[cell["style"]] if cell["type"] == "styling" else "{}"
    body = code_of(cell["body"] if cell["type"] == "styling" else cell)
    return form.format(body) if body else ""


def array_code(node: Node, code_of: Callable[[Tree], str]) -> str:
    """Return an array with its rules; `code_of` makes the code of what is in a cell."""
    columns = aligned(node)
    rows = []
    for number, row in enumerate(node["body"]):
        cells = [
            _placed(cell_code(row[place], code_of) if place < len(row) else "", column, bool(place))
            for place, column in enumerate(columns)
        ]
        gap = (node.get("rowGaps") or [])[number : number + 1]
        if gap and gap[0] and gap[0]["number"] > 0:
            depth = f"{length(gap[0])} + 0.25em"
            cells[0] += f"#box(width: 0pt, height: {depth}, baseline: {depth})"
        rows.append(", ".join(cells))
    height = _row_gap(node)
    rules = [number for number, rule in enumerate(node.get("hLinesBeforeRow") or []) if rule]
    inner = [number for number in rules if 0 < number < len(rows)]
    # A semicolon right after code would end that, and not the row.
    code = f"mat({', '.join(_form(node, columns, inner))}, {' ; '.join(rows)})"
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
            return f"&{space}{cell}" if cell or space else '&""'
        case "r":
            return f"{space}{cell}&" if cell or space else '""&'
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
