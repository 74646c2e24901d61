"""The builder ``epub``: pages that stand on their own, with formulas as MathML."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.builders.epub3 import Epub3Builder

from nnbook.publishing.drawing.svg import alone

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_STYLE = "_static/ebook.css"
_CODE_STYLE = "_static/pygments.css"
# What works in a browser only, or leads out of the book to what is no part of it.
_ON_THE_WEB = (
    "script, link[rel=stylesheet], link[rel~=icon], .nnb-below, .nnb-checks, .nnb-needed, "
    "details.hide, .headerlink, button, style, .citation > .label, .nnb-claim-entry svg"
)
_ITEM = re.compile(r'<item [^>]*href="(?P<path>[^"]+\.xhtml)"')
# What stores and readers say about a book to those who choose it by this.
_ACCESSIBLE = {
    "accessMode": ("textual", "visual"),
    "accessModeSufficient": ("textual", "textual,visual"),
    "accessibilityFeature": (
        "alternativeText", "MathML", "readingOrder", "structuralNavigation", "tableOfContents",
    ),
    "accessibilityHazard": ("none",),
    "accessibilitySummary": (
        "Every figure has a text alternative, every formula is MathML, all text can be enlarged.",
    ),
}  # fmt: skip


def setup(app: Sphinx) -> None:
    """Register the builder in place of Sphinx's."""
    app.add_builder(EpubBuilder, override=True)
    app.connect("config-inited", complete)


def complete(app: Sphinx, config: Any) -> None:
    """Set what the book's settings say elsewhere."""
    config.version = config.version or version("nnbook")
    config.epub_title = config.html_title
    config.epub_basename = "nnbook"
    config.epub_show_urls = "no"
    config.epub_tocscope = "includehidden"
    config.epub_tocdup = False
    config.epub_tocdepth = 4  # parts, chapters, their sections and subsections
    config.epub_contributor = config.author
    config.epub_use_index = False
    config.epub_css_files = []
    address = (config.html_theme_options or {}).get("repository_url", "")
    if address:
        config.epub_identifier, config.epub_scheme = address, "URL"
        config.epub_uid = "address"


class EpubBuilder(Epub3Builder):
    """Sphinx's, whose pages are cleaned before they are packed."""

    def init(self) -> None:
        """Begin with an empty folder, and keep the theme of the web out: it writes for browsers."""
        shutil.rmtree(self.outdir, ignore_errors=True)
        Path(self.outdir).mkdir(parents=True)
        self.config.html_domain_indices = False
        super().init()
        listeners = self.app.events.listeners
        for event in ("html-page-context", "html-collect-pages"):
            listeners[event] = []

    def get_refnodes(self, doctree: Any, result: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the entries of the contents, with their numbers."""
        if isinstance(doctree, nodes.reference) and (number := doctree.get("secnumber")):
            doctree.insert(
                0, nodes.Text(".".join(map(str, number)) + self.config.html_secnumber_suffix)
            )
            doctree["secnumber"] = ()
        return super().get_refnodes(doctree, result)

    def get_toc(self) -> None:
        """Make the list of contents: chapters stand below their part, which leads to the first."""
        super().get_toc()
        root = self.env.get_doctree(self.config.root_doc)
        parts = {
            name + self.out_suffix: toctree.get("caption")
            for toctree in root.findall(addnodes.toctree)
            for name in toctree["includefiles"]
        }
        part: str | None = None
        entries: list[dict[str, Any]] = []
        for entry in self.refnodes:
            address = entry["refuri"]
            if entry["level"] == 1:
                last, part = part, parts.get(address)
                if part and part != last:
                    page = self.env.get_doctree(address.removesuffix(self.out_suffix))
                    title = next(page.findall(nodes.section))["ids"][0]
                    entries.append({**entry, "text": part})
                    address += f"#{title}"  # a page is packed once, for its entry without a place
            level = entry["level"] + bool(part)
            entries.append({**entry, "refuri": address, "level": level})
        self.refnodes = entries

    def handle_finish(self) -> None:
        """Clean the pages, drop what none of them shows, and pack them."""
        folder = Path(self.outdir)
        used = {_STYLE, _CODE_STYLE}
        self._with_formulas: set[str] = set()
        for path in sorted(folder.rglob(f"*{self.out_suffix}")):
            name = path.relative_to(folder).as_posix()
            page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
            clean(page, name, self._elsewhere())
            used |= {
                posixpath.normpath(posixpath.join(posixpath.dirname(name), str(image["src"])))
                for image in page.find_all("img")
            }
            if page.math:
                self._with_formulas.add(name)
            path.write_text(str(page), encoding="utf-8")
        style = files(__package__).joinpath("ebook.css").read_text(encoding="utf-8")
        (folder / _STYLE).write_text(style, encoding="utf-8")
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and path.suffix != self.out_suffix and name not in used:
                path.unlink()
            elif path.suffix == ".svg":
                path.write_text(alone(path.read_text(encoding="utf-8")), encoding="utf-8")
        for name in ("_sources", "_data", "_downloads"):
            shutil.rmtree(folder / name, ignore_errors=True)
        super().handle_finish()

    def _elsewhere(self) -> dict[str, str]:
        """Return the addresses of pages that are on the web only."""
        site = self.config.html_baseurl
        return {
            name: f"{site}{name.removesuffix(self.out_suffix)}.html" if site else ""
            for name in self.config.epub_exclude_files
        }

    def build_navigation_doc(self) -> None:
        """Write the list of contents, in the style of the book: it is read as a page, too."""
        super().build_navigation_doc()
        path = Path(self.outdir) / "nav.xhtml"
        style = f'<link rel="stylesheet" type="text/css" href="{_STYLE}" />'
        text = path.read_text(encoding="utf-8").replace("</head>", f"{style}</head>")
        path.write_text(text, encoding="utf-8")

    def build_content(self) -> None:
        """Write the list of all files; of a page, it says whether formulas are on it."""
        super().build_content()
        path = Path(self.outdir) / "content.opf"
        text = path.read_text(encoding="utf-8")
        told = "".join(
            f'<meta property="schema:{name}">{value}</meta>\n'
            for name, values in _ACCESSIBLE.items()
            for value in values
        )
        text = text.replace("</metadata>", told + "</metadata>")
        path.write_text(_ITEM.sub(self._told, text), encoding="utf-8")

    def _told(self, item: re.Match[str]) -> str:
        has_formulas = item["path"] in self._with_formulas
        return f'{item[0]} properties="mathml"' if has_formulas else item[0]

    def toc_metadata(self, *arguments: Any) -> dict[str, Any]:
        """Return what the contents for old readers say, with the book's own identifier."""
        return {**super().toc_metadata(*arguments), "uid": self.config.epub_identifier}


def clean(page: BeautifulSoup, name: str, elsewhere: Mapping[str, str] | None = None) -> None:
    """Take out of a page what only browsers need, and make it valid XHTML.

    Parameters
    ----------
    page
        The page; it is changed.
    name
        Its path in the book, from which that of its style follows.
    elsewhere
        Pages that the book does not hold, and where they are on the web, if anywhere.
    """
    for element in page.select(_ON_THE_WEB):
        element.decompose()
    up = "../" * name.count("/")
    for link in page.find_all("a", href=True):
        path, _, anchor = str(link["href"]).partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
        if elsewhere and target in elsewhere:
            link["href"] = elsewhere[target] + ("#" + anchor if anchor else "")
            if not elsewhere[target]:
                link.unwrap()
    assert page.head is not None, "Sphinx writes one"
    for style in (_CODE_STYLE, _STYLE):
        page.head.append(page.new_tag("link", rel="stylesheet", href=up + style, type="text/css"))
    for element in page.find_all(True):
        _mend(element)
    for table in page.select("mtable[columnalign]"):
        _align(table)
    for table in page.find_all("table"):  # what is wider than the screen scrolls
        table.wrap(page.new_tag("div", attrs={"class": "nnb-wide"}))
    _mend_ids(page)


def _mend(element: Any) -> None:
    if element.name == "a" and element.get("href", "").startswith("_downloads"):
        element.unwrap()
        return
    for attribute in ("align", "valign", "loading"):
        element.attrs.pop(attribute, None)
    if element.get("role") == "doc-biblioentry":  # deprecated
        element["role"] = "listitem"


def _align(table: Any) -> None:
    """Say in the style what readers no longer take from the attribute (MathML Core)."""
    sides = table["columnalign"].split()
    for row in table.find_all("mtr", recursive=False):
        for cell, side in zip(row.find_all("mtd", recursive=False), sides, strict=False):
            cell["style"] = f"text-align: {side}"


def _mend_ids(page: BeautifulSoup) -> None:
    """Let each name stand for one place only."""
    seen: set[str] = set()
    for element in page.find_all(id=True):
        if element["id"] in seen:
            del element["id"]
        else:
            seen.add(str(element["id"]))
