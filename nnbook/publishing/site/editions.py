"""The row of the front page: the book in other forms, how it is cited, its license, its sources."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from nnbook.publishing.site.pages import CITE
from nnbook.publishing.site.repository import repository_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_LICENSE = "https://creativecommons.org/licenses/by/4.0/"


class editions(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in this way
    """The place of the row."""


class Editions(SphinxDirective):
    """The row: only what is there is offered."""

    def run(self) -> list[nodes.Node]:
        """Return the place, which is filled when the page is written."""
        return [editions()]


def setup(app: Sphinx) -> None:
    """Connect to Sphinx.

    The setting ``nnbook_editions`` holds the other forms of the book: their names, and their files
    beside the folder of the pages.
    """
    app.add_config_value("nnbook_editions", {}, "html")
    app.add_node(editions)
    app.add_directive("editions", Editions)
    app.connect("env-updated", find)
    app.connect("doctree-resolved", show)
    app.connect("build-finished", copy)


def found(app: Sphinx) -> dict[str, Path]:
    """Return the other forms of the book that have been made, by their names."""
    paths = {name: Path(app.outdir).parent / p for name, p in app.config.nnbook_editions.items()}
    return {name: path for name, path in paths.items() if path.is_file()}


def find(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the front page written again when another form of the book has been made, or is gone."""
    before, now = getattr(env, "nnbook_found_editions", None), sorted(found(app))
    env.nnbook_found_editions = now  # type: ignore[attr-defined]
    return [] if before == now or app.builder.name != "html" else [app.config.root_doc]


def show(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fill the row; print has nothing to offer."""
    for place in list(doctree.findall(editions)):
        if app.builder.name != "html":
            place.parent.remove(place)
            continue
        links = [(name, path.name, {"internal": True}) for name, path in found(app).items()]
        links += [("Cite", f"#{CITE}", {"internal": True}), ("License: CC BY 4.0", _LICENSE, {})]
        if repository := repository_of(app.config):
            links.append(("Source", repository.url, {}))
        items = nodes.bullet_list(classes=["nnb-row"])
        for text, uri, more in links:
            link: Any = nodes.reference("", text, refuri=uri, **more)
            items += nodes.list_item("", nodes.paragraph("", "", link))
        place.replace_self(items)


def copy(app: Sphinx, exception: Exception | None) -> None:
    """Put the other forms of the book beside its pages."""
    if exception is not None or app.builder.name != "html":
        return
    for path in found(app).values():
        target = Path(app.outdir) / path.name
        if not target.is_file() or target.stat().st_mtime < path.stat().st_mtime:
            shutil.copy2(path, target)
