"""The book's Sphinx extension: fresh outputs, and what the pages of this book have of their own."""

from __future__ import annotations

import atexit
import gc
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.publishing import (
    accounts,
    bibliography,
    choices_directive,
    claim_roles,
    execution_hooks,
    line_ends,
    navigation,
    once,
    open_code,
    pasted_numbers,
    side_by_side,
    table_captions,
)
from nnbook.publishing.delivery import hooks as delivery
from nnbook.publishing.dependencies import Digests, digests, unchanged
from nnbook.publishing.ebook import builder as ebook
from nnbook.publishing.explorables import hooks as explorables
from nnbook.publishing.formulas import hooks as formulas
from nnbook.publishing.notebooks import hooks as notebooks
from nnbook.publishing.paper import builder as paper
from nnbook.publishing.recorder import dependency
from nnbook.publishing.search import hooks as search
from nnbook.publishing.selfchecks import hooks as selfchecks
from nnbook.publishing.site import editions, terms
from nnbook.publishing.site import hooks as site

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


_START = time.time()
_CLAIM = re.compile(r'(<div class="nnb-claim-entry[^>]*>\s*)<p>')
_WRITERS = tuple(f"{__package__}.{room}." for room in ("delivery", "ebook", "notebooks", "paper"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    # Sphinx loads large trees, in which the collector's default thresholds find only work.
    gc.set_threshold(200_000, 30, 30)
    atexit.register(gc.freeze)  # nor need the process go through them all when it ends
    once.setup(app)
    bibliography.setup(app)
    side_by_side.setup(app)
    claim_roles.setup(app)
    accounts.setup(app)
    choices_directive.setup(app)
    table_captions.setup(app)
    pasted_numbers.setup(app)
    open_code.setup(app)
    explorables.setup(app)
    selfchecks.setup(app)
    navigation.setup(app)
    line_ends.setup(app)
    formulas.setup(app)
    search.setup(app)  # after the formulas, which it finds as text
    site.setup(app)
    terms.setup(app)
    editions.setup(app)
    delivery.setup(app)
    notebooks.setup(app)
    paper.setup(app)
    ebook.setup(app)
    execution_hooks.setup(app)
    app.connect("env-get-outdated", pages_of_changed_code)
    app.connect("env-updated", collect_definitions)
    app.connect("doctree-resolved", explain_terms)
    app.connect("html-page-context", drop_thebe)
    app.connect("html-page-context", mend_roles)
    app.connect("build-finished", forget_failed_build)
    return {
        "env_version": 6,  # raise it when what is kept in the environment changes its form
        "parallel_read_safe": False,
        "parallel_write_safe": True,
    }


def pages_of_changed_code(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name all pages if the code that takes part in reading them has changed: of this room.

    Of all other code Sphinx or this room know what it makes: docstrings, outputs and claims. What
    only writes, another form of the book or what becomes of pages, takes no part in reading.
    """
    before: Digests = getattr(env, "nnbook_code", {})
    # A copy: what runs in the background (the example's report) imports modules meanwhile.
    loaded = list(sys.modules.items())
    modules = [module for name, module in loaded if takes_part_in_reading(name)]
    paths = sorted(path for module in modules if (path := dependency(module.__file__ or "")))
    env.nnbook_code = digests({"files": paths}, _START)  # type: ignore[attr-defined]
    return [] if unchanged(before) else sorted(env.found_docs - added - changed)


def takes_part_in_reading(module: str) -> bool:
    """Say whether a module can change what is read of the text of a page.

    Examples
    --------
    >>> [takes_part_in_reading(f"nnbook.publishing.{name}") for name in ("tables", "paper.code")]
    [True, False]
    """
    return module.startswith(__package__) and not f"{module}.".startswith(_WRITERS)


def collect_definitions(app: Sphinx, env: BuildEnvironment) -> set[str]:
    """Keep the definitions of terms; name all pages to be written again if one has changed."""
    before, now = getattr(env, "nnbook_definitions", None), definitions(env)
    env.nnbook_definitions = now  # type: ignore[attr-defined]
    return set() if before == now else set(env.found_docs)


def explain_terms(app: Sphinx, doctree: Any, docname: str) -> None:
    """Give each link to a term its definition as title, which browsers show and read out."""
    from docutils import nodes

    links = [
        link
        for link in doctree.findall(nodes.reference)
        if link.children and isinstance(link[0], nodes.inline) and "std-term" in link[0]["classes"]
    ]
    for link in links:
        label = link.get("refid") or link["refuri"].partition("#")[2]
        link["reftitle"] = app.env.nnbook_definitions[label]  # type: ignore[attr-defined]


def definitions(env: BuildEnvironment) -> dict[str, str]:
    """Return the definitions in the glossaries of the book as plain text, by their labels."""
    from docutils import nodes
    from sphinx import addnodes

    objects = env.domaindata["std"]["objects"]
    pages = {page for (kind, _), (page, _) in objects.items() if kind == "term"}
    return {
        label: formulas.plain_text(item[-1])
        for page in pages
        for glossary in env.get_doctree(page).findall(addnodes.glossary)
        for item in glossary.findall(nodes.definition_list_item)
        for term in item.findall(nodes.term)
        for label in term["ids"]
    }


def drop_thebe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Take sphinx-thebe's scripts out of a page: Jupyter Book adds them whether used or not."""
    context["script_files"] = [
        script
        for script in context["script_files"]
        if "thebe" not in f"{script}{getattr(script, 'attributes', '')}".lower()
    ]


def mend_roles(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give entries their roles: of a bibliography (WAI-ARIA 1.2), and of claims as headings.

    By headings who hears a page goes from one claim to the next.
    """
    if "body" in context:
        body = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
        context["body"] = _CLAIM.sub(r'\1<p role="heading" aria-level="2">', body)


def forget_failed_build(app: Sphinx, exception: Exception | None) -> None:
    """Let the next build read every page again after warnings: Sphinx would not repeat them."""
    from sphinx.application import ENV_PICKLE_FILENAME

    if app._warncount:
        (Path(app.doctreedir) / ENV_PICKLE_FILENAME).unlink(missing_ok=True)
