"""The builder ``typst``: the pages in their order as one PDF."""

from __future__ import annotations

import datetime
import fnmatch
import os
import shutil
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.builders import Builder
from sphinx.errors import ExtensionError
from sphinx.util import logging

from nnbook.errors import NNBookError
from nnbook.publishing.drawing.svg import alone
from nnbook.publishing.paper.code import call, literal
from nnbook.publishing.paper.mathematics import as_typst
from nnbook.publishing.paper.printed import Printed, formulas_of
from nnbook.publishing.paper.translator import PageTranslator

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

_MAIN = "main.typ"
# Typst can only set fonts that it is given: its own, and the one of matplotlib's figures.
_FIGURE_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf")


def setup(app: Sphinx) -> None:
    """Register the builder, and what it can be told."""
    app.add_builder(TypstBuilder)
    app.add_config_value("nnbook_not_printed", [], "", list)


class TypstBuilder(Builder):
    """All pages as Typst code, and what Typst makes of it."""

    name = "typst"
    format = "typst"
    epilog = "The PDF is %(outdir)s/main.pdf."
    supported_image_types = [  # noqa: RUF012 - as Sphinx declares it
        "image/svg+xml",
        "image/png",
        "image/jpeg",
    ]
    default_translator_class = PageTranslator
    allow_parallel = False

    def get_outdated_docs(self) -> str:
        """Say that all is made anew."""
        return "all pages"

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return what stands for a page in links."""
        return f"%{docname}"

    def get_relative_uri(self, from_: str, to: str, typ: str | None = None) -> str:
        """Return what stands for a page in links: the same from everywhere."""
        return self.get_target_uri(to, typ)

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Do nothing: `write` does all."""

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Do nothing: `write` does all."""

    def write(self, *ignored: Any) -> None:
        """Write the Typst code of the book, and the pictures."""
        pages = list(self._pages())
        trees = {name: self.env.get_and_resolve_doctree(name, self) for _, name in pages}
        for tree in trees.values():
            self.post_process_images(tree)
        try:
            formulas = as_typst(tex for tree in trees.values() for tex in formulas_of(tree))
        except NNBookError as error:
            raise ExtensionError(str(error)) from error
        code = self._code(pages, Printed(self, trees, formulas))
        folder = Path(self.outdir)
        self._copy_pictures(folder)
        (folder / "template.typ").write_text(_template(), encoding="utf-8")
        (folder / _MAIN).write_text(self._head() + code, encoding="utf-8")

    def _code(self, pages: list[tuple[str | None, str]], printed: Printed) -> str:
        """Return the code of all pages; the solutions stand at the end."""
        part, body, solutions = None, [], []
        for caption, name in pages:
            if caption != part:
                part = caption
                body.append(call("part", caption))
            self.fignumbers = self.env.toc_fignumbers.get(name, {})  # where Sphinx looks for them
            tree = printed.trees[name]
            translator = PageTranslator(tree, self, printed)
            tree.walkabout(translator)
            body.append(translator.text)
            if answers := [*translator.keys, *translator.solutions]:
                solutions += [printed.heading(name), *answers]
        return "\n".join([*body, f"#solutions[\n{''.join(solutions)}\n]", "#term-index()", ""])

    def finish(self) -> None:
        """Have the code set."""
        (Path(self.outdir) / "main.pdf").write_bytes(self._set())

    def _pages(self) -> Iterator[tuple[str | None, str]]:
        """Yield the part and the name of each page that is printed, in order."""
        sitemap = self.config.external_site_map
        yield None, sitemap.root.docname
        for subtree in sitemap.root.subtrees:
            for item in subtree.items:
                yield from ((subtree.caption, name) for name in self._below(sitemap, str(item)))

    def _below(self, sitemap: Any, name: str) -> Iterator[str]:
        if any(fnmatch.fnmatch(name, pattern) for pattern in self.config.nnbook_not_printed):
            return
        yield name
        for subtree in sitemap[name].subtrees:
            for item in subtree.items:
                yield from self._below(sitemap, str(item))

    def _head(self) -> str:
        facts = {
            "title": self.config.html_title,
            "author": self.config.author,
            "language": self.config.language or "en",
            "address": self.config.html_baseurl,
            "rights": self.config.epub_copyright,
        }
        named = "".join(f"{key}: {literal(str(value))}, " for key, value in facts.items())
        return f'#import "template.typ": *\n#show: book.with({named})\n'

    def _copy_pictures(self, folder: Path) -> None:
        target = folder / "pictures"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for source, name in self.images.items():
            path = Path(self.srcdir) / source
            if path.suffix == ".svg":
                svg = alone(path.read_text(encoding="utf-8"))
                (target / name).write_text(svg, encoding="utf-8")
            else:
                shutil.copyfile(path, target / name)

    def _set(self) -> bytes:
        import matplotlib as mpl
        import typst

        folder = Path(self.outdir)
        for name in _FIGURE_FONTS:
            shutil.copy(Path(mpl.get_data_path()) / "fonts" / "ttf" / name, folder)
        compiler = typst.Compiler(
            str(folder / _MAIN),
            root=str(folder),
            font_paths=[str(folder)],
            ignore_system_fonts=True,
            package_path=str(folder / "none"),
            package_cache_path=str(folder / "none"),
        )
        try:
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_standards=["ua-1"], timestamp=_moment()
            )
        except typst.TypstError as error:
            hints = "".join(f"; {hint}" for hint in error.hints or [])
            raise ExtensionError(f"Typst cannot set the book: {error.message}{hints}") from error
        for warning in warnings:
            logger.warning("Typst: %s", warning.message)
        assert isinstance(pdf, bytes)
        return pdf


def _moment() -> datetime.datetime:
    """Return now, or the moment that reproducible builds name."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC) if seconds else now


def _template() -> str:
    return files(__package__).joinpath("template.typ").read_text(encoding="utf-8")
