"""What Sphinx calls: after a build, the pages that it has written are made ready for readers."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnbook.errors import NNBookError
from nnbook.publishing.delivery import stylesheet
from nnbook.publishing.delivery.markup import Loaded, Page, Part, words

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_STYLE, _SCRIPT = "_static/page.css", "_static/page.js"
_SEARCH = re.compile(r"(?:searchtools|language_data|searchindex)\.js$")
_STAYS = re.compile(r"mathjax/")
_ADDRESS = re.compile(r"""url\((["']?)(?!["']|data:|https?:|#|/)([^"')]+)\1\)""")
_IMPORT = re.compile(r"""@import\s+["']([^"':?]+)["']\s*;""")
_GOES = re.compile(r"fontawesome(?:\.min)?\.js$")


def setup(app: Sphinx) -> None:
    """Connect to Sphinx. All pages are written again when this package changes."""
    own = sorted(path for path in files(__package__).iterdir() if path.is_file())  # type: ignore[type-var]
    digest = _digest(path.read_bytes() for path in own)
    app.add_config_value("nnbook_delivery", digest, "html")
    app.connect("build-finished", deliver)


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
    known = _read(memory)
    pages = {}
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        if not name.startswith("_"):
            pages[name] = Page(name, path.read_text(encoding="utf-8"))
    seen: dict[str, dict[str, Any]] = {}
    new = {name for name, page in pages.items() if not page.is_delivered}
    for name, page in pages.items():
        if name in new:
            loaded = page.take_assets(*_rules_for(name))
            page.draw_icons()
            page.mend_ids()
            page.size_images(site)
            tags, names = words(page.text)
            seen[name] = {
                "tags": sorted(tags),
                "names": sorted(names),
                "styles": loaded.styles,
                "scripts": loaded.scripts,
            }
        elif name in known:
            seen[name] = known[name]
    loaded = Loaded(
        _in_order([[Part(*part) for part in page["styles"]] for page in seen.values()]),
        _in_order([[Part(*part) for part in page["scripts"]] for page in seen.values()]),
    )
    style, script = _make_assets(site, memory.with_name("delivery-key"), loaded, seen)
    first = _own("first.js")
    for name, page in pages.items():
        before = page.text
        if name in new:
            page.put_assets(first, style, script)
        else:
            page.point_to(style, script)
        if name in new or page.text != before:
            (site / name).write_text(page.text, encoding="utf-8")
    memory.write_text(json.dumps(seen), encoding="utf-8")


def _rules_for(name: str) -> tuple[Any, Any]:
    """Say which scripts of a page stay in it, and which go: the search's are for its page only."""
    if name == "search.html":
        return lambda path: bool(_STAYS.search(path) or _SEARCH.search(path)), _is_needless
    return lambda path: bool(_STAYS.search(path)), lambda path: bool(
        _SEARCH.search(path) or _is_needless(path)
    )


def _is_needless(path: str) -> bool:
    return bool(_GOES.search(path))


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


def _make_assets(
    site: Path, memory: Path, loaded: Loaded, seen: dict[str, dict[str, Any]]
) -> tuple[str, str]:
    """Write the style and the script, unless they are there; return their addresses."""
    # Settings first: a script that is deferred starts at once, and does not wait for those after it.
    parts = sorted(loaded.scripts, key=lambda part: part.file is not None)
    script = "\n;\n".join(["", *(_content(site, part) for part in parts), _own("page.js")])
    script = re.sub(r"//# sourceMappingURL=.*", "", script)
    script = script.replace("console.log(", "void(")  # remarks of the theme for its authors
    sheets = [_content(site, part) for part in loaded.styles] + [_own("page.css")]
    used = stylesheet.Used(
        frozenset(tag for page in seen.values() for tag in page["tags"]),
        frozenset(name for page in seen.values() for name in page["names"]),
        frozenset(re.findall(r"[A-Za-z_-][\w-]*", script)),
    )
    key = _digest(text.encode() for text in [*sheets, *map(str, map(sorted, used))])
    target = site / _STYLE
    made = json.loads(memory.read_text()) if memory.is_file() else {}
    if made.get("key") != key or not target.is_file():
        target.write_text(stylesheet.combine(sheets, used), encoding="utf-8")
        memory.write_text(json.dumps({"key": key}))
    (site / _SCRIPT).write_text(script, encoding="utf-8")
    return tuple(
        f"{path}?v={_digest([(site / path).read_bytes()])[:8]}" for path in (_STYLE, _SCRIPT)
    )  # type: ignore[return-value]


def _content(site: Path, part: Part) -> str:
    """Return what a page loads, with what a stylesheet imports; its addresses hold from the new place."""
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


def _read(memory: Path) -> dict[str, dict[str, Any]]:
    if not memory.is_file():
        return {}
    content: dict[str, dict[str, Any]] = json.loads(memory.read_text(encoding="utf-8"))
    return content


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8").strip()


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
