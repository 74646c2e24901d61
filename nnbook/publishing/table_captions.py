"""Captions and numbers of tables that cells show: the cell says what its table shows.

A cell with ``table: What it shows.`` among its options gives its table a caption, and with it a
number. ``table-name: tab-...`` lets the text refer to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(Captions)


class Captions(SphinxTransform):
    """Put captions above the tables of cells, before Sphinx counts tables."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Give each table whose cell has a caption this caption."""
        page = self.env.docname.rpartition("/")[2]
        for cell in list(self.document.findall(nodes.container)):
            options = cell.get("cell_metadata") or {}
            if cell.get("nb_element") != "cell_code" or "table" not in options:
                continue
            for table in cell.findall(nodes.table):
                for column in list(table.findall(nodes.colspec))[:1]:
                    column["stub"] = 1  # each row begins with its name
                name = options.get("table-name", f"tab-{page}-{cell['cell_index']}")
                table.insert(0, nodes.title("", "", *_inline(options["table"])))
                table["names"].append(nodes.fully_normalize_name(name))
                self.document.note_explicit_target(table, table)
                break


def _inline(text: str) -> list[nodes.Node]:
    """Return a text with mathematics between dollars."""
    parts = text.split("$")
    return [nodes.math(p, p) if n % 2 else nodes.Text(p) for n, p in enumerate(parts) if p]
