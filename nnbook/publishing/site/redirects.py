"""Pages that have moved: where they were stands a page that leads to where they are."""

from __future__ import annotations

import html
import posixpath
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from nnbook.errors import NNBookError

_MOVED = "<title>This page has moved</title>"
# The page is of no theme, and none is put on: see `nnbook.publishing.delivery`.
_PAGE = """<!DOCTYPE html>
<html data-delivered lang="en">
  <head>
    <meta charset="utf-8" />
    <title>This page has moved</title>
    <script>location.replace("{way}" + location.hash)</script>
    <meta http-equiv="refresh" content="0; url={way}" />
    <meta name="robots" content="noindex" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
  </head>
  <body>
    <main><h1>This page has moved</h1><p>It is <a href="{way}">here</a> now.</p></main>
  </body>
</html>
"""


class RedirectError(NNBookError):
    """A redirect leads nowhere, or away from a page that exists."""


def read(path: Path, pages: Collection[str]) -> dict[str, str]:
    """Return where the pages that have moved are now.

    Parameters
    ----------
    path : Path
        A TOML file of names of pages: ``"old/name" = "new/name"``.
    pages : collection of str
        The pages of the book.

    Raises
    ------
    RedirectError
        If the file is missing or damaged, a page that is led to is not in the book, or one that
        leads away is.
    """
    try:
        redirects = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RedirectError(f"the redirects in {path} cannot be read: {error}") from None
    for old, new in redirects.items():
        if old in pages:
            raise RedirectError(f'{path.name}: "{old}" is a page; take its redirect out')
        if new not in pages:
            raise RedirectError(f'{path.name}: "{old}" leads to "{new}", which is not a page')
    return redirects


def write(site: Path, redirects: Mapping[str, str], memory: Path) -> None:
    """Write a page for each that has moved; take away those of the last build that are no more.

    Parameters
    ----------
    site : Path
    redirects : mapping of str to str
        Where pages that have moved are now.
    memory : Path
        The file that keeps which there are.
    """
    before = memory.read_text(encoding="utf-8").splitlines() if memory.is_file() else []
    for gone in set(before) - redirects.keys():
        path = site / f"{gone}.html"
        if path.is_file() and _MOVED in path.read_text(encoding="utf-8"):  # and no page by now
            path.unlink()
    memory.write_text("".join(f"{old}\n" for old in redirects), encoding="utf-8")
    for old, new in redirects.items():
        way = posixpath.relpath(f"{new}.html", posixpath.dirname(old) or ".")
        target = site / f"{old}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_PAGE.format(way=html.escape(way)), encoding="utf-8")
