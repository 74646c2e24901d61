"""What Sphinx calls to have the pages executed: in the background, while it does its own work."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from nnbook.errors import NNBookError
from nnbook.publishing import accounts
from nnbook.publishing.dependencies import digest
from nnbook.publishing.execution import Outputs, Page, PageCache

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_FIRST, _LAST = 100, 950  # of the handlers of an event


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("env-get-outdated", start, priority=_FIRST)
    app.connect("env-get-outdated", pages_with_new_outputs, priority=_LAST)
    app.connect("env-before-read-docs", read_as_executed)
    app.connect("source-read", wait_for_page, priority=_FIRST)
    app.connect("env-updated", remember, priority=_FIRST)
    app.connect("build-finished", stop, priority=_FIRST)


class _Progress:
    """What is known of the executed pages while a build goes on.

    Attributes
    ----------
    cache : PageCache
    sources : dict of str to str
        Digests of the pages in Markdown.
    outputs : dict of str to Outputs
        Of the pages of which they are known, by name.
    pages : dict of str to Page
        The notebooks that had to be read, by name.
    execution : Execution
        Those of them that are executed.
    """

    def __init__(self, app: Sphinx, env: BuildEnvironment) -> None:
        from sphinx.util import logging

        logger = logging.getLogger(__name__)
        self.cache = PageCache(Path(env.mystnb_config.execution_cache_path))  # type: ignore[attr-defined]
        self.sources = _source_digests(env)
        known: dict[str, tuple[str, str]] = getattr(env, "nnbook_known", {})
        fresh = self.cache.fresh()
        # Reading a page as MyST-NB does takes its time; not needed while its text is the same.
        self.outputs = {
            name: fresh[key]
            for name, (text, key) in known.items()
            if key in fresh and self.sources.get(name) == text
        }
        self.pages = {page.name: page for page in _pages(env, self.sources.keys() - self.outputs)}
        self._refuse_alike()
        stale = [page for page in self.pages.values() if not self.cache.is_fresh(page)]
        if stale:
            logger.info("%d pages to execute", len(stale))  # on what is left of Sphinx's own line
        self.execution = self.cache.start(
            stale,
            app.config.nb_execution_timeout,
            report=lambda page, seconds: logger.info("executed %s (%.1f s)", page.name, seconds),
        )

    def _refuse_alike(self) -> None:
        from sphinx.errors import ExtensionError

        try:
            self.cache.refuse_alike(self.pages.values(), self.outputs)
        except NNBookError as error:
            raise ExtensionError(str(error)) from error

    def wait(self, names: Collection[str]) -> dict[str, Outputs]:
        """Return the outputs of those of these pages that have any."""
        from sphinx.errors import ExtensionError

        try:
            self.execution.wait(names)
        except NNBookError as error:
            raise ExtensionError(str(error)) from error
        for name in (self.pages.keys() & set(names)) - self.outputs.keys():
            self.outputs[name] = self.cache.find(self.pages[name])
        return {name: self.outputs[name] for name in self.outputs.keys() & set(names)}


def start(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Begin to execute what is stale."""
    app.nnbook_progress = _Progress(app, env)  # type: ignore[attr-defined]
    return []


def pages_with_new_outputs(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the pages whose outputs are others than those last read."""
    progress = _progress(app)
    before: dict[str, str] = getattr(env, "nnbook_outputs", {})
    # The others are read in any case.
    now = progress.wait(progress.sources.keys() - added - changed)
    return [name for name, outputs in now.items() if outputs.digest != before.get(name)]


def read_as_executed(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Let Sphinx read the pages that are still being executed last, in the order of that."""
    waiting = {name: place for place, name in enumerate(_progress(app).execution.waiting, 1)}
    docnames.sort(key=lambda name: waiting.get(name, 0))


def wait_for_page(app: Sphinx, docname: str, source: list[str]) -> None:
    """Wait until a page that is about to be read has been executed."""
    _progress(app).wait({docname})


def remember(app: Sphinx, env: BuildEnvironment) -> None:
    """Keep for the next build what the pages gave."""
    progress = _progress(app)
    outputs = progress.wait(progress.sources)
    accounts.remember(env, (found.shown for found in outputs.values()))
    env.nnbook_outputs = {  # type: ignore[attr-defined]
        name: found.digest for name, found in outputs.items()
    }
    env.nnbook_known = {  # type: ignore[attr-defined]
        name: (progress.sources[name], found.key) for name, found in outputs.items()
    }


def stop(app: Sphinx, exception: Exception | None) -> None:
    """End the kernels, also of a build that failed while they ran."""
    if hasattr(app, "nnbook_progress"):
        _progress(app).execution.close()


def _progress(app: Sphinx) -> _Progress:
    progress: _Progress = app.nnbook_progress  # type: ignore[attr-defined]
    return progress


def _source_digests(env: BuildEnvironment) -> dict[str, str]:
    """Return digests of the pages in Markdown and of the libraries that read them."""
    libraries = digest("installed", "libraries")
    paths = {name: Path(env.doc2path(name)) for name in env.found_docs}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest() + libraries
        for name, path in paths.items()
        if path.suffix == ".md"
    }


def _pages(env: BuildEnvironment, docnames: Iterable[str]) -> list[Page]:
    """Read those documents that are notebooks, just as MyST-NB does."""
    from myst_nb.core.read import create_nb_reader

    pages = []
    for name in sorted(docnames):
        path = Path(env.doc2path(name))
        source = path.read_text(encoding="utf-8")
        reader = create_nb_reader(
            str(path),
            env.myst_config,  # type: ignore[attr-defined]
            env.mystnb_config,  # type: ignore[attr-defined]
            source,
        )
        if reader is not None:
            pages.append(Page(name, path, reader.read(source)))
    return pages
