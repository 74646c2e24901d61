"""What Sphinx calls: after a build, the pages that it has written are made ready for readers."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.errors import NNBookError
from nnbook.publishing.delivery import cards, stylesheet
from nnbook.publishing.delivery.markup import Assets, Page, Part, words

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_MANY = 16  # pages, for which it pays to start processes
_Seen = dict[str, Any]  # what a page loads, and the names that occur in it

_STYLE, _SCRIPT, _SEARCH = "_static/page.css", "_static/page.js", "_static/search.js"
_SCRIPTS, _STYLES = (
    ("menus.js", "page.js", "cards.js", "values.js", "tables.js"),
    ("page.css", "cards.css"),
)
_ADDRESS = re.compile(r"""url\((["']?)(?!["']|data:|https?:|#|/)([^"')]+)\1\)""")
_IMPORT = re.compile(r"""@import\s+["']([^"':?]+)["']\s*;""")
# Icons are drawn, boxes folded, menus opened, tabs shown, pages searched without these.
_NEEDLESS = re.compile(
    r"(?:fontawesome(?:\.min)?|togglebutton|bootstrap|design-tabs"
    r"|searchtools|language_data|searchindex|sphinx_highlight)\.js$"
)
# The theme makes all that scrolls a stop of the tab key, one by one; `page.js` does it at once.
_TAB_STOPS = re.compile(
    r'"complete"===document\.readyState\?(\w+)\(\):window\.addEventListener\("load",\1\)'
)
_REMARKS = re.compile(r"\bconsole\.(?:log|debug|info)\(")  # of the theme, for its authors
_READY = 'document.documentElement.dataset.ready = "";'  # what tests wait for
# What most formulas are set in, to be loaded at once where a page begins with formulas.
_FIRST_FONTS = re.compile(r'url\("(fonts/KaTeX_(?:Main-Regular|Math-Italic)\.[^"]+)"\)')


def setup(app: Sphinx) -> None:
    """Connect to Sphinx. All pages are written again when this package changes."""
    own = sorted(path for path in files(__package__).iterdir() if path.is_file())  # type: ignore[type-var]
    digest = _digest(path.read_bytes() for path in own)
    app.add_config_value("nnbook_delivery", digest, "html")
    # Last: the theme writes its colors of code at the end, too.
    app.connect("build-finished", deliver, priority=900)


def deliver(app: Sphinx, exception: Exception | None) -> None:
    """Rewrite the pages that have been written; make the style and the script of all pages."""
    from sphinx.errors import ExtensionError

    if exception is not None or app.builder.name != "html":
        return
    try:
        _deliver(Path(app.outdir), Path(app.doctreedir) / "delivery.json")
    except NNBookError as error:
        raise ExtensionError(str(error)) from error


def _deliver(site: Path, memory: Path) -> None:
    for template in site.glob("_static/*webpack-macros.html"):  # the theme's, and no pages
        template.unlink()
    pages = _pages(site)
    before = {page.name: page.text for page in pages}
    known = _read(memory)
    new = [page for page in pages if not page.is_delivered]
    seen = known | _prepared(new, site)
    seen = {page.name: seen[page.name] for page in pages if page.name in seen}
    _write_cards(site, pages, {page.name for page in new}, seen)
    assets = _make_assets(site, memory.with_name("delivery-key"), seen)
    first = _own("first.js")
    for page in pages:
        if page in new:
            page.put_assets(first, assets)
        else:
            page.point_to(first, assets)
        if page.text != before[page.name]:
            (site / page.name).write_text(page.text, encoding="utf-8")
    memory.write_text(json.dumps(seen), encoding="utf-8")


def _write_cards(site: Path, pages: list[Page], new: set[str], seen: dict[str, _Seen]) -> None:
    """Write the cards of each page that is new, or leads to one that is."""
    known = cards.Cards(site, {page.name: page.text for page in pages})
    for page in pages:
        links = seen.get(page.name, {}).get("links", [])
        targets = {cards.leads_to(page.name, link)[0] for link in links}
        if page.name in new or targets & new:
            page.put_cards(found := known.of(page.name, links), known.write(page.name, found))


def _pages(site: Path) -> list[Page]:
    paths = {path.relative_to(site).as_posix(): path for path in site.rglob("*.html")}
    return [
        Page(name, path.read_text(encoding="utf-8"))
        for name, path in sorted(paths.items())
        if not name.startswith("_")
    ]


def _prepared(pages: Sequence[Page], site: Path) -> dict[str, _Seen]:
    """Rewrite pages, side by side where it pays, and return what each loads and names."""
    if len(pages) < _MANY or sys.platform != "linux":
        return {page.name: _prepare(page, site) for page in pages}
    seen = {}
    with ProcessPoolExecutor(mp_context=get_context("fork")) as processes:
        prepared = processes.map(partial(_prepare_apart, site=site), pages)
        for page, (text, found) in zip(pages, prepared, strict=True):
            page.text, seen[page.name] = text, found
    return seen


def _prepare_apart(page: Page, site: Path) -> tuple[str, _Seen]:
    """Rewrite a page in a process of its own; return its text, and what it loads and names."""
    try:
        found = _prepare(page, site)
    except NNBookError as error:  # not all kinds of them can be sent
        raise NNBookError(str(error)) from None
    return page.text, found


def _prepare(page: Page, site: Path) -> _Seen:
    """Rewrite a page, and return what it loads and names."""
    loaded = page.take_assets(lambda path: bool(_NEEDLESS.search(path)))
    page.draw_icons()
    page.fold_solutions()
    page.name_parts()
    page.arrange_header()
    page.drop_second_contents()
    page.keep_files()
    page.mend_ids()
    page.break_names()
    page.size_images(site)
    tags, names = words(page.text)
    return {
        "tags": sorted(tags),
        "names": sorted(names),
        "styles": loaded.styles,
        "scripts": loaded.scripts,
        "links": cards.links(page.text),
    }


def _in_order(lists: Sequence[Sequence[Part]]) -> tuple[Part, ...]:
    """Merge lists: what one of them has more comes after what it follows there."""
    merged: list[Part] = []
    for parts in lists:
        place = 0
        for part in parts:
            if part in merged:
                place = merged.index(part) + 1
            else:
                merged.insert(place, part)
                place += 1
    return tuple(merged)


def _make_assets(site: Path, memory: Path, seen: dict[str, _Seen]) -> Assets:
    """Write the style and the script, unless they are there; return their addresses."""
    styles, scripts = (
        _in_order([[Part(*part) for part in page[kind]] for page in seen.values()])
        for kind in ("styles", "scripts")
    )
    # Settings first: a deferred script starts at once, and does not wait for those after it.
    parts = sorted(scripts, key=lambda part: part.file is not None)
    theirs = "\n;\n".join(["", *(_content(site, part) for part in parts)])
    theirs = re.sub(r"//# sourceMappingURL=.*", "", theirs)
    theirs = _REMARKS.sub("void(", _TAB_STOPS.sub("0", theirs))
    text = "\n;\n".join([theirs, *map(_own, _SCRIPTS), _READY])
    sheets = [_content(site, part) for part in styles] + [*map(_own, _STYLES)]
    used = stylesheet.Used(
        frozenset(tag for page in seen.values() for tag in page["tags"]),
        frozenset(name for page in seen.values() for name in page["names"]),
        frozenset(re.findall(r"[A-Za-z_-][\w-]*", text)),
    )
    key = _digest(text.encode() for text in [*sheets, *map(str, map(sorted, used))])
    target = site / _STYLE
    made = json.loads(memory.read_text()) if memory.is_file() else {}
    if made.get("key") != key or not target.is_file():
        target.write_text(stylesheet.combine(sheets, used), encoding="utf-8")
        memory.write_text(json.dumps({"key": key}))
    (site / _SCRIPT).write_text(text, encoding="utf-8")
    fonts = _FIRST_FONTS.findall(target.read_text(encoding="utf-8"))
    addresses = tuple(f"_static/{font}" for font in fonts)
    style, script, search = (_versioned(site, path) for path in (_STYLE, _SCRIPT, _SEARCH))
    return Assets(style, script, search, addresses)


def _versioned(site: Path, path: str) -> str:
    return f"{path}?v={_digest([(site / path).read_bytes()])[:8]}"


def _content(site: Path, part: Part) -> str:
    """Return what a page loads, with what a stylesheet imports; addresses as in ``_static``."""
    if part.file is None:
        return part.text
    text = (site / part.file).read_text(encoding="utf-8")
    if not part.file.endswith(".css"):
        return text
    folder = posixpath.dirname(part.file)

    def move(found: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, found[2]))
        return f"url({found[1]}{posixpath.relpath(path, '_static')}{found[1]})"

    def insert(found: re.Match[str]) -> str:
        return _content(site, Part(posixpath.normpath(posixpath.join(folder, found[1])), ""))

    text = _ADDRESS.sub(move, text)
    return _IMPORT.sub(insert, text)


def _read(memory: Path) -> dict[str, _Seen]:
    if not memory.is_file():
        return {}
    content: dict[str, _Seen] = json.loads(memory.read_text(encoding="utf-8"))
    return content


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8").strip()


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
