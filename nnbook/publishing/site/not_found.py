"""The page that servers show where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAME = "404"
_PAGE = """
<section id="not-found">
<h1>This page does not exist</h1>
<p>It may have been renamed, or the address may have a mistake. Search for what you were looking
for, or begin at the <a href="{root}.html">front page</a>. All chapters are in the list of contents.
</p>
<noscript><p>Search needs JavaScript, which is switched off or not available.</p></noscript>
<div class="nnb-search" data-count="10"></div>
</section>
"""
# Addresses that depend on where the page is, and lists of them.
_ADDRESSES = re.compile(
    r'(?<=\s)(?P<name>href|src|action|data-(?:script|search|cards|fonts|content_root))="(?P<value>[^"]*)"'
)
_IN_STYLES = re.compile(r"""url\((["']?)(?!["']|data:|https?:|#|/)""")
_STYLE = re.compile(r'<link rel="stylesheet" href="(?P<path>_static/page\.css)[^"]*"\s*/>')
_SCRIPT = re.compile(r' data-script="(?P<address>[^"]*)"')
_FIXED = re.compile(r"#|/|[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def add(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Have the page written."""
    if app.builder.name == "html":
        body = _PAGE.format(root=app.config.root_doc)
        yield NAME, {"title": "Page not found", "body": body}, "page.html"


def finish(site: Path, base: str) -> None:
    """Let the page be whole wherever a server shows it.

    It stands in the place of others, so that no address may depend on where it is: all begin at
    the root of the server. A copy of the book may lie elsewhere on another one; so the style is
    in the page, and a script finds the book.

    Parameters
    ----------
    site : Path
    base : str
        The address of the book, or nothing if it is not known: it is then taken to be all that
        its server has.
    """
    path = site / f"{NAME}.html"
    if path.is_file():
        folder = urlsplit(base).path.rstrip("/") + "/"
        text = with_style(path.read_text(encoding="utf-8"), site, folder)
        path.write_text(with_script(absolute(text, folder)), encoding="utf-8")


def with_style(text: str, site: Path, folder: str) -> str:
    """Return a page with its stylesheet in it."""

    def put(found: re.Match[str]) -> str:
        sheet = (site / found["path"]).read_text(encoding="utf-8")
        moved = _IN_STYLES.sub(lambda start: f"url({start[1]}{folder}_static/", sheet)
        return f"<style>{moved}</style>"

    return _STYLE.sub(put, text)


def with_script(text: str) -> str:
    """Return a page whose script is loaded by the one that finds it."""
    found = _SCRIPT.search(text)
    if not found:
        return text
    own = files(__package__).joinpath("not_found.js").read_text(encoding="utf-8")
    first, last = text[: found.start()] + text[found.end() :], "</body>"
    return first.replace(last, f'<script data-begins="{found["address"]}">{own}</script>\n{last}')


def absolute(text: str, folder: str) -> str:
    """Return a page of the root of a site with addresses that hold at any place.

    Examples
    --------
    >>> absolute('<a href="a.html"><a href="#b"><a href="https://c.org">', "/book/")
    '<a href="/book/a.html"><a href="#b"><a href="https://c.org">'
    """

    def change(found: re.Match[str]) -> str:
        return f'{found["name"]}="{" ".join(map(moved, found["value"].split()))}"'

    def moved(address: str) -> str:
        return address if _FIXED.match(address) else folder + address.removeprefix("./")

    return _ADDRESSES.sub(change, text)
