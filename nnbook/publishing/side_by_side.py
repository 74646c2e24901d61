"""The builder ``html`` on all cores: pages are resolved and written side by side.

Sphinx leaves one core out and resolves all references in its main process, which then has most of
the work: formulas, notebooks and data are made with the tree of a page. Here the processes that
write pages resolve them, too. What else they find out about a page, the main process is told.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from inspect import signature
from multiprocessing import get_context
from pathlib import Path
from traceback import format_exc
from typing import TYPE_CHECKING, Any

from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.errors import SphinxParallelError
from sphinx.util import logging

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence
    from logging import LogRecord

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

_Told = tuple["list[LogRecord]", list[dict[Any, Any]]]
"""What a process tells of a page: its messages, and what is new in each shared mapping."""

_builder: HtmlBuilder  # of a process that writes


def setup(app: Sphinx) -> None:
    """Register the builder in place of Sphinx's."""
    app.add_builder(HtmlBuilder, override=True)
    app.connect("env-check-consistency", use_all_cores)


def use_all_cores(app: Sphinx, env: BuildEnvironment) -> None:
    """Let Sphinx write with as many processes as there are cores; Jupyter Book has no option."""
    app.parallel = max(app.parallel, os.cpu_count() or 1)


def share(app: Sphinx, found: MutableMapping[Any, Any]) -> None:
    """Let the main process know what is put into a mapping while a page is resolved or written.

    Parameters
    ----------
    app : Sphinx
    found : mutable mapping
        Its values can be pickled, and are replaced and not changed.
    """
    _shared(app).append(found)


def _shared(app: Sphinx) -> list[MutableMapping[Any, Any]]:
    if not hasattr(app, "nnbook_shared"):
        app.nnbook_shared = []  # type: ignore[attr-defined]
    shared: list[MutableMapping[Any, Any]] = app.nnbook_shared  # type: ignore[attr-defined]
    return shared


class HtmlBuilder(StandaloneHTMLBuilder):
    """Sphinx's, which resolves pages where it writes them."""

    def _write_parallel(self, docnames: Sequence[str], nproc: int) -> None:
        first, *others = sorted(docnames, key=self._size)
        self.write_page(first)  # fills caches that the processes then have
        processes = ProcessPoolExecutor(
            nproc + 1, get_context("fork"), initializer=_remember, initargs=(self,)
        )
        with processes, logging.pending_warnings():
            for messages, news in processes.map(_write, reversed(others)):
                for message in messages:
                    logger.handle(message)
                for found, new in zip(self.shared, news, strict=True):
                    found.update(new)

    def write_page(self, docname: str) -> None:
        """Resolve and write a page."""
        doctree = self.env.get_and_resolve_doctree(docname, self, **self._tags())
        self.write_doc_serialized(docname, doctree)
        self.write_doc(docname, doctree)

    def _tags(self) -> dict[str, Any]:
        """Return what Sphinx from version 8.2 on wants to know, too."""
        wanted = signature(self.env.get_and_resolve_doctree).parameters
        return {"tags": self.tags} if "tags" in wanted else {}

    def _size(self, docname: str) -> tuple[int, str]:
        """Return what the time depends on that a page takes."""
        return (Path(self.doctreedir) / f"{docname}.doctree").stat().st_size, docname

    @property
    def shared(self) -> list[MutableMapping[Any, Any]]:
        """What is found out about pages."""
        return [self.images, *_shared(self.app)]


def _remember(builder: HtmlBuilder) -> None:
    global _builder  # noqa: PLW0603 - the function of a process has no other place for it
    _builder = builder


def _write(docname: str) -> _Told:
    """Write a page in a process of its own."""
    before = [dict(found) for found in _builder.shared]
    collector = logging.LogCollector()
    try:
        with collector.collect():
            _builder.write_page(docname)
    except Exception as error:  # not all of them can be sent
        raise SphinxParallelError(f"{docname}: {error}", format_exc()) from None
    logging.convert_serializable(collector.logs)
    return collector.logs, list(map(_new, before, _builder.shared))


def _new(before: Mapping[Any, Any], now: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: now[key] for key in now if key not in before or before[key] is not now[key]}
