"""Pages that have moved: where they were stands a page that leads to where they are."""

from __future__ import annotations

import html
import posixpath
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from nnbook.errors import NNBookError

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


def write(site: Path, redirects: Mapping[str, str]) -> None:
    """Write a page for each that has moved."""
    for old, new in redirects.items():
        way = posixpath.relpath(f"{new}.html", posixpath.dirname(old) or ".")
        target = site / f"{old}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_PAGE.format(way=html.escape(way)), encoding="utf-8")
