"""Work of Sphinx and its extensions that is the same each time, done once."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pybtex  # type: ignore[import-untyped]
from pybtex.plugin import find_plugin, register_plugin  # type: ignore[import-untyped]
from sphinx.domains.std import StandardDomain
from sphinx.environment.collectors.toctree import TocTreeCollector

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def setup(app: Sphinx) -> None:
    """Register what is kept with Sphinx."""
    app.add_domain(_StandardDomain, override=True)
    app.connect("env-before-read-docs", _keep_numbers)
    app.connect("config-inited", _find_plugins_once)
    app.connect("env-updated", _keep_entries, priority=900)  # after the bibliography's own


def _find_plugins_once(app: Sphinx, config: Any) -> None:
    """Let pybtex not read the metadata of all libraries for each citation."""
    group, name = "pybtex.style.formatting", config.bibtex_default_style
    style = _formatting_once(app, find_plugin(group, name))
    register_plugin(group, name, style, force=True)
    for backend in ("plaintext", "markdown"):  # of Sphinx, of notebooks
        backends = "pybtex.backends", backend
        register_plugin(*backends, find_plugin(*backends), force=True)


def _formatting_once(app: Sphinx, style: Any) -> Any:
    """Return a style of the bibliography that formats no entry again that is as it was."""
    app.nnbook_entries = {}  # type: ignore[attr-defined]

    style = getattr(style, "plain", style)  # that of another build in this process is one of these

    class Style(style):  # type: ignore[misc]
        plain = style

        def format_entry(self, label: str, entry: Any, bib_data: Any = None) -> Any:
            known = getattr(app.env, "nnbook_entries", {})
            now = app.nnbook_entries  # type: ignore[attr-defined]
            key = (style.__module__, pybtex.__version__, label, entry.key, repr(entry))
            if key not in now:
                now[key] = known.get(key) or super().format_entry(label, entry, bib_data)
            return now[key]

    return Style


def _keep_entries(app: Sphinx, env: BuildEnvironment) -> None:
    """Keep the formatted entries for the next build."""
    env.nnbook_entries = app.nnbook_entries  # type: ignore[attr-defined]


def _keep_numbers(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Let Sphinx not number everything again when no page is read: the last build did."""
    if docnames:
        return
    for listener in list(app.events.listeners["env-get-updated"]):
        collector = getattr(listener.handler, "__self__", None)
        if isinstance(collector, TocTreeCollector):
            collector.disable(app)


class _StandardDomain(StandardDomain):
    """Sphinx's own, which would read the pickled tree of a page again for each reference to it."""

    def resolve_xref(self, env: Any, *arguments: Any) -> Any:
        read = env.get_doctree
        env.get_doctree = self._tree
        try:
            return super().resolve_xref(env, *arguments)
        finally:
            env.get_doctree = read

    @functools.lru_cache(maxsize=64)  # noqa: B019 - one domain in a build
    def _tree(self, docname: str) -> Any:
        return type(self.env).get_doctree(self.env, docname)
