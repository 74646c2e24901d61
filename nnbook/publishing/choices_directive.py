"""The directive that documents the members of a registry: optimizers, data sets and the like."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Register the directive with Sphinx."""
    from docutils import nodes
    from docutils.statemachine import StringList
    from sphinx.util.docutils import SphinxDirective

    class Choices(SphinxDirective):
        """``.. choices:: nnbook.training.optimizers.OPTIMIZERS`` shows each of them."""

        required_arguments = 1

        def run(self) -> list[Any]:
            """Return what autodoc makes of the classes."""
            registry = self.arguments[0]
            module = importlib.import_module(registry.rpartition(".")[0])
            self.env.note_dependency(str(module.__file__))  # of the members, autodoc does it
            holder = nodes.container()
            self.state.nested_parse(StringList(described(registry), registry), 0, holder)
            return list(holder.children)

    app.add_directive("choices", Choices)


def described(registry: str) -> list[str]:
    """Return reStructuredText that documents the members of a registry.

    Parameters
    ----------
    registry : str
        Module and name of a mapping of names to classes.
    """
    module, _, name = registry.rpartition(".")
    members: Mapping[str, type] = getattr(importlib.import_module(module), name)
    lines = []
    for label, member in members.items():
        lines += [
            f"``{label}``",
            f"   .. autoclass:: {member.__module__}.{member.__qualname__}",
            "",
        ]
    return lines
