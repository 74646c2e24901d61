"""What Sphinx calls: what can be found on each page is kept, and written as one script.

The script holds the library that searches and the texts that it searches in. It is loaded when
the search is opened, by a script tag: that works from a file as well as from a server.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.search.en import SearchEnglish

from nnbook.publishing.search.sections import sections
from nnbook.publishing.side_by_side import share

if TYPE_CHECKING:
    from sphinx.application import Sphinx

INDEX = "search.js"
_DIALOG = ("search-dialog.js", "search-dialog.css")
_PAGE = """
<section id="search">
<h1>Search</h1>
<noscript><p>Search needs JavaScript, which is switched off or not available. Each
page lists all chapters.</p></noscript>
<div class="nnb-search" data-count="100"></div>
</section>
"""

# Words that say nothing of what is looked for, beside those that Sphinx knows.
_COMMON = {
    "about", "am", "an", "any", "can", "could", "do", "does", "from", "had", "has", "have", "how",
    "its", "me", "my", "our", "should", "so", "than", "them", "we", "were", "what", "when",
    "where", "which", "who", "why", "would", "you", "your",
}  # fmt: skip

_found: dict[str, list[dict[str, Any]]] = {}


def setup(app: Sphinx) -> None:
    """Connect to Sphinx, whose own search is not made.

    All pages are written again when it changes what is found on them.
    """
    reader = files(__package__).joinpath("sections.py").read_bytes()
    app.add_config_value("nnbook_search", hashlib.sha256(reader).hexdigest(), "html")
    app.add_config_value("nnbook_search_weights", {}, "html")
    app.add_config_value("nnbook_search_titles_only", [], "html")
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", collect)
    app.connect("html-collect-pages", add_page)
    app.connect("build-finished", finish, priority=400)  # before pages are delivered
    app.add_js_file(_DIALOG[0])
    app.add_css_file(_DIALOG[1])


def start(app: Sphinx) -> None:
    """Remember what the last build has found; make no index of Sphinx's own."""
    _found.clear()
    if app.builder.name != "html":
        return
    share(app, _found)
    app.builder.search = False  # type: ignore[attr-defined]
    memory = _memory(app)
    if memory.is_file():
        _found.update(json.loads(memory.read_text(encoding="utf-8")))


def collect(app: Sphinx, doctree: Any, docname: str) -> None:
    """Keep what can be found on a page."""
    if app.builder.name != "html":
        return
    found = sections(doctree, app.env.toc_fignumbers.get(docname, {}))
    if any(fnmatch(docname, pattern) for pattern in app.config.nnbook_search_titles_only):
        for one in found:
            one.text = ""
    _found[docname] = [asdict(one) for one in found]


def add_page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the page of the search, which shows more than the dialog does."""
    if app.builder.name == "html":
        yield "search", {"title": "Search", "body": _PAGE}, "page.html"


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the script that searches, and what opens it."""
    if app.builder.name != "html" or exception is not None:
        return
    for gone in _found.keys() - app.env.found_docs:
        del _found[gone]
    _memory(app).write_text(json.dumps(_found, ensure_ascii=False), encoding="utf-8")
    target = Path(app.outdir) / "_static"
    target.mkdir(exist_ok=True)
    for name in _DIALOG:
        (target / name).write_text(_own(name), encoding="utf-8")
    content = json.dumps(_index(app), ensure_ascii=False, separators=(",", ":"))
    library = _own("minisearch/minisearch.min.js")
    engine = _own("search-engine.js")
    script = f"{library}\n{engine}\nnnbookSearch.fill({content});\n"
    (target / INDEX).write_text(script, encoding="utf-8")


def _index(app: Sphinx) -> dict[str, Any]:
    """Return pages as (address, title, weight), sections as (page, anchor, title, ...), words."""
    pages: list[tuple[str, str, float]] = []
    places: list[tuple[Any, ...]] = []
    for docname, found in sorted(_found.items()):
        address = app.builder.get_target_uri(docname)
        title = app.env.titles[docname].astext()
        pages.append((address, title, _weight(app, docname)))
        number = len(pages) - 1
        for one in found:
            lists = (" ".join(one[name]) for name in ("marks", "labels", "numbers"))
            words = (one["title"], one["text"], *lists)
            places.append((number, one["anchor"], *words, int(one["is_box"]), one["figures"]))
    common = sorted(SearchEnglish.stopwords | _COMMON)
    return {"pages": pages, "places": places, "common": common}


def _weight(app: Sphinx, docname: str) -> float:
    weights: dict[str, float] = app.config.nnbook_search_weights
    return next((w for pattern, w in weights.items() if fnmatch(docname, pattern)), 1.0)


def _memory(app: Sphinx) -> Path:
    return Path(app.doctreedir) / "search.json"


def _own(name: str) -> str:
    return files(__package__).joinpath(*name.split("/")).read_text(encoding="utf-8")
