"""Data of tables and figures as files: CSV for any spreadsheet, and no formula there."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes

from nnbook.publishing.drawing.intervals import ENDS
from nnbook.publishing.drawing.svg import carried
from nnbook.publishing.formulas.hooks import plain_text

_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?")
_POWER = re.compile(r"(?<=\d) · 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(table: nodes.table) -> str:
    """Return a table as CSV, a line for each row, with mathematics as text."""
    rows = table.findall(nodes.row)
    return _csv([plain_text(cell) for cell in row.findall(nodes.entry)] for row in rows)


def csv_of_figure(path: Path) -> str:
    """Return what an SVG of the book's style shows as CSV: a line for each point, or nothing.

    The ends of intervals have columns where the figure has intervals.
    """
    things = carried(path.read_text(encoding="utf-8"))[1]
    series = [(panel, one) for panel in things.get("panels", []) for one in panel["series"]]
    ends = [end for end in ENDS if any(end in one for _, one in series)]
    rows = [
        [panel["title"], panel["x"], panel["y"], one["label"], *map(str, numbers)]
        for panel, one in series
        for numbers in _numbers(panel, one, ends)
    ]
    if not rows:
        return ""
    kept = "" if things["every"] == 1 else f" (one point in {things['every']})"
    names = ["panel", "horizontal axis", "vertical axis", "series", f"x{kept}", f"y{kept}"]
    return _csv([[*names, *ends], *rows])


def _numbers(
    panel: dict[str, Any], one: dict[str, Any], ends: Sequence[str]
) -> Iterator[tuple[object, ...]]:
    across, up = panel["words"]
    none = [None] * len(one["x"])
    lists = [one["x"], one["y"], *(one.get(end, none) for end in ends)]
    for x, y, *others in zip(*lists, strict=True):
        around = ("" if end is None else end for end in others)
        yield across.get(f"{x:g}", x), up.get(f"{y:g}", y), *around


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow(map(safe, row))
    return text.getvalue()


def safe(cell: str) -> str:
    """Return a cell with the numbers of programs; one that would be a formula becomes text.

    Examples
    --------
    >>> safe("\N{MINUS SIGN}0.5"), safe("=1+1"), safe("@here"), safe("-x"), safe("1.8 · 10⁻⁴")
    ('-0.5', "'=1+1", "'@here", "'-x", '1.8e-4')
    """
    cell = cell.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")
    cell = _POWER.sub(lambda power: f"e{power[1].translate(_LOWERED)}", cell)
    is_formula = cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def write(text: str, site: Path | None, name: str) -> str:
    """Write data as a file of the site, if there is one; return its path there."""
    path = f"_data/{name}.csv"
    if site is None:
        return path
    target = site / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # The mark at the start tells spreadsheets that it is UTF-8.
    target.write_text(text, encoding="utf-8-sig")
    return path
