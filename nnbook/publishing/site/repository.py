"""Where the book's sources are shown, edited and discussed: all of it follows from one setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PLACEHOLDER = "{{ repository }}"
"""What stands for the address of the repository in the text and the code of a page."""


@dataclass(frozen=True)
class Repository:
    """The repository of the book, as GitHub shows it.

    Attributes
    ----------
    url : str
        Its address, without a slash at the end.
    branch : str
        Of the files that are shown.
    pages : str
        The folder of the pages in it.
    """

    url: str
    branch: str = "main"
    pages: str = ""

    @property
    def files(self) -> str:
        """The address below which files are shown."""
        return f"{self.url}/blob/{self.branch}"

    def archive(self, name: str) -> str:
        """Return the address of all files, packed, of a commit; of the branch for no name."""
        return f"{self.url}/archive/{name or f'refs/heads/{self.branch}'}.zip"

    def commit(self, name: str) -> str:
        """Return where a commit is shown."""
        return f"{self.url}/commit/{name}"

    def edit(self, source: str) -> str:
        """Return where the source of a page, given by its path below the pages, is edited."""
        path = "/".join(part for part in (self.pages, source) if part)
        return f"{self.url}/edit/{self.branch}/{path}"

    def report(self, page: str, title: str) -> str:
        """Return where an error on a page is reported, on a form that knows the page.

        Examples
        --------
        >>> Repository("https://example.org/book").report("learning/momentum", "Momentum")
        'https://example.org/book/issues/new?template=error.yml&title=Error+in+%E2%80%9CMomentum%E2%80%9D&page=learning%2Fmomentum'
        """
        fields = {"template": "error.yml", "title": f"Error in “{title}”", "page": page}
        return f"{self.url}/issues/new?{urlencode(fields)}"


def repository_of(config: Any) -> Repository | None:
    """Return the repository that the settings of the theme name, if they do."""
    options = getattr(config, "html_theme_options", {})
    url = options.get("repository_url")
    if not url:
        return None
    branch = options.get("repository_branch") or "main"
    return Repository(url.rstrip("/"), branch, options.get("path_to_docs", "").strip("/"))


def files_of(app: Sphinx) -> str:
    """Return the address below which the files of the repository are shown, or nothing."""
    repository = repository_of(app.config)
    return repository.files if repository else ""


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the address of the repository into the text of a page."""
    repository = repository_of(app.config)
    if repository is not None:
        source[0] = source[0].replace(PLACEHOLDER, repository.url)
