"""What pages show of each other is never stale: titles, numbers, order.

Sphinx writes a page again when its own text has changed. The sidebar of each page lists all
chapters, and references show titles and numbers of other pages. So when one of these changes, all
pages are written again (none is read or executed).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.schema import canonical_digest

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def setup(app: Sphinx) -> None:
    """Connect to Sphinx, after what numbers sections and figures."""
    app.connect("env-get-outdated", take_away)
    app.connect("env-get-updated", pages_to_write, priority=900)


def take_away(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Take away what was written of pages that are no more."""
    if app.builder.name == "html":
        for page in removed:
            (Path(app.outdir) / f"{page}.html").unlink(missing_ok=True)
    return []


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> set[str]:
    """Name all pages if something has changed that they may show of another one."""
    before, now = getattr(env, "nnbook_navigation", None), canonical_digest(_shown(env))
    env.nnbook_navigation = now  # type: ignore[attr-defined]
    return set() if before == now else set(env.found_docs)


def _shown(env: BuildEnvironment) -> list[Any]:
    """Return what pages may show of others: titles, order, and of pages with labels the numbers."""
    standard = env.domaindata["std"]
    labels = {**standard["anonlabels"], **standard["labels"]}  # the latter with titles
    labeled = {place[0] for place in labels.values()}
    parts = getattr(env, "external_site_map", None)
    numbers = {
        page: of_page if page in labeled else of_page.get("")
        for page, of_page in env.toc_secnumbers.items()
    }
    equations = env.domaindata.get("math", {}).get("objects", {})
    shown = [labels, numbers, env.toc_fignumbers, equations, env.toctree_includes]
    return [
        sorted((page, title.astext()) for page, title in env.titles.items()),
        *(sorted(map(str, part.items())) for part in shown),
        str(parts.as_json()) if parts is not None else "",
    ]
