"""Work of Sphinx and its extensions that is the same each time, done once in a build."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

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


def _find_plugins_once(app: Sphinx, config: Any) -> None:
    """Let pybtex not read the metadata of all libraries for each citation."""
    styles = ("pybtex.style.formatting", config.bibtex_default_style)
    for group, name in (styles, ("pybtex.backends", "plaintext")):
        register_plugin(group, name, find_plugin(group, name), force=True)


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
