"""The data of a table as a file: CSV that opens in any spreadsheet, and is no formula there."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from docutils import nodes

from nnbook.publishing.formulas.hooks import plain_text

_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(table: nodes.table) -> str:
    """Return a table as CSV, a line for each row, with mathematics as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in table.findall(nodes.row):
        writer.writerow(safe(plain_text(cell)) for cell in row.findall(nodes.entry))
    return text.getvalue()


def safe(cell: str) -> str:
    """Return a cell with the minus sign of programs; one that would be a formula becomes text.

    Examples
    --------
    >>> safe("\N{MINUS SIGN}0.5"), safe("=1+1"), safe("@here"), safe("-x")
    ('-0.5', "'=1+1", "'@here", "'-x")
    """
    cell = cell.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")
    is_formula = cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def write(table: nodes.table, site: Path, page: str, number: int) -> str:
    """Write the data of a table of a page as a file of the site; return its path there."""
    path = f"_data/{page}-{number}.csv"
    target = site / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # The mark at the start tells spreadsheets that it is UTF-8.
    target.write_text(csv_of(table), encoding="utf-8-sig")
    return path
