"""Numbers that a page pastes into its text, in the notation of mathematics.

``{glue:text}`NAME:FORMAT` `` is MyST-NB's, which writes what Python's `format` makes of a value: a
hyphen for the minus sign, and ``e-05`` for a power of ten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

from nnbook.metrics import in_print

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(PastedNumbers)


class PastedNumbers(SphinxTransform):
    """Write pasted numbers as all others on a page are written."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Replace the text of what has been pasted."""
        for pasted in self.document.findall(nodes.inline):
            if "pasted-text" in pasted["classes"]:
                pasted.children = [nodes.Text(in_print(pasted.astext()))]
                pasted.setup_child(pasted[0])
