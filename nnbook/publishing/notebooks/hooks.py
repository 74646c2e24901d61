"""What Sphinx calls: when a page is written, its notebooks are written, too, and offered on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import partial
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from sphinx.transforms.post_transforms import SphinxPostTransform

from nnbook import project
from nnbook.publishing.notebooks.cells import figures
from nnbook.publishing.notebooks.first_cell import first_cell
from nnbook.publishing.notebooks.pages import PageReader, drawn, notebook
from nnbook.publishing.notebooks.pictures import as_png
from nnbook.publishing.site.history import head
from nnbook.publishing.site.repository import repository_of

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

FOLDER = "_notebooks"
"""The folder of the site."""

NOTEBOOK, WITHOUT_SOLUTIONS, RECORDS = ".ipynb", "-without-solutions.ipynb", "-records.tar.gz"
"""How the names of a page's files end."""

_OFFERED = {
    NOTEBOOK: ("Notebook", "fas fa-code"),
    WITHOUT_SOLUTIONS: ("Notebook without solutions", "fas fa-code"),
    RECORDS: ("Recorded runs for the notebook", "fas fa-file"),
}
"""What a page offers: words and icon."""
_LABEL = "download-notebook-button"  # of the theme
_LAB = "nnbook/lab/"
_PICTURES = "pictures-of-notebooks"


def setup(app: Sphinx) -> None:
    """Connect to Sphinx. All pages are written again when this package changes."""
    own = sorted(path for path in files(__package__).iterdir() if path.is_file())  # type: ignore[type-var]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in own)).hexdigest()
    app.add_config_value("nnbook_notebooks", digest, "html")
    app.add_post_transform(TakenAway)
    app.connect("builder-inited", start)
    app.connect("env-get-outdated", take_away_removed)
    app.connect("html-page-context", offer, priority=850)  # after the theme's buttons


def start(app: Sphinx) -> None:
    """Ask git once which commit the notebooks belong to."""
    app.nnbook_commit = head(Path(app.srcdir))  # type: ignore[attr-defined]


class TakenAway(SphinxPostTransform):
    """Write the notebooks of a page, when references are filled in and before code is folded."""

    default_priority = 150
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Write the files of the page, or none for a page without code."""
        if self.app.builder.name != "html":
            return
        page: str = self.env.docname
        progress: Any = getattr(self.app, "nnbook_progress", None)
        outputs = progress.outputs.get(page) if progress else None
        written: dict[str, bytes] = {}
        if outputs is not None:
            executed = progress.cache.executed(outputs)
            written = self._files(page, executed, outputs.files)
        for ending in _OFFERED:
            write(_path(self.app, page, ending), written.get(ending))

    def _files(self, page: str, executed: NotebookNode, read: Iterable[str]) -> dict[str, bytes]:
        """Return the content of the page's files by the endings of their names."""
        read = list(read)
        records = archive(read)
        place = _path(self.app, page, RECORDS)
        reader = PageReader(self.app.builder, page, self.document)
        first = first_cell(
            package=self._package(),
            extra="lab" if any(path.startswith(_LAB) for path in read) else "",
            records=place.name if records else "",
            address=f"{reader.base}{FOLDER}/{page}{RECORDS}" if reader.base else "",
            sha256=hashlib.sha256(records).hexdigest(),
        )
        memory = Path(self.app.doctreedir) / _PICTURES / f"{page}.json"
        pictures = as_png([*figures(executed), *drawn(reader.pieces)], memory)
        made = partial(notebook, reader.pieces, executed, pictures, first)
        content = {NOTEBOOK: _text(made(solutions=True))}
        if any(piece.in_solution for piece in reader.pieces):
            content[WITHOUT_SOLUTIONS] = _text(made(solutions=False))
        return content | ({RECORDS: records} if records else {})

    def _package(self) -> str:
        """Return where pip finds the package: the sources of which the book was built."""
        repository = repository_of(self.config)
        commit: str = self.app.nnbook_commit  # type: ignore[attr-defined]
        return repository.archive(commit) if repository else "nnbook"


def archive(read: Iterable[str]) -> bytes:
    """Return an archive of what a page read that the installed package lacks; empty if nothing.

    Parameters
    ----------
    read : iterable of str
        Paths of files in the repository. The records are packed under the path at which an
        installed package looks for them, other files under their own.
    """
    from nnbook.experiments.archives import pack

    results = PurePosixPath("data", "results")
    packed = {}
    for name in map(PurePosixPath, read):
        path = project.REPOSITORY / name
        if name.parts[0] in {"nnbook", "book"} or not path.is_file():
            continue
        if name.is_relative_to(results):
            packed[str(project.RESULTS / name.relative_to(results))] = path
        elif name.parts[0] != "data":  # those are in the package
            packed[str(name)] = path
    return pack(packed) if packed else b""


def _text(content: NotebookNode) -> bytes:
    import nbformat

    nbformat.validate(content)
    text: str = nbformat.writes(content)  # type: ignore[no-untyped-call]
    return f"{text}\n".encode()


def write(path: Path, content: bytes | None) -> None:
    """Write a file unless it is there already; for no content, take it away."""
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _path(app: Sphinx, page: str, ending: str) -> Path:
    return Path(app.outdir) / FOLDER / f"{page}{ending}"


def take_away_removed(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Take away the notebooks of pages that are no more."""
    for page in removed:
        for ending in _OFFERED:
            _path(app, page, ending).unlink(missing_ok=True)
    return []


def offer(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Offer the page's notebooks where the theme offers downloads, in place of the theme's own."""
    (Path(app.outdir) / "_sources" / f"{pagename}.ipynb").unlink(missing_ok=True)
    root = "../" * pagename.count("/")
    links = [
        {
            "type": "link",
            "url": f"{root}{FOLDER}/{pagename}{ending}",
            "text": text,
            "icon": icon,
            "label": _LABEL,
        }
        for ending, (text, icon) in _OFFERED.items()
        if app.builder.name == "html" and _path(app, pagename, ending).is_file()
    ]
    for group in context.get("header_buttons", []):
        if links and group.get("label") == "download-buttons":
            others = [button for button in group["buttons"] if button["label"] != _LABEL]
            group["buttons"] = [*links, *others]
