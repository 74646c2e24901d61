"""Which chapters explain the terms of the glossary: told there, and on an index of all terms.

A chapter explains a term where it links to it; the pages that readers look things up in count only
where no other does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from nnbook.publishing.claim_sources import in_order
from nnbook.publishing.formulas.hooks import plain_text

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


class Explanation(NamedTuple):
    """A section that explains a term.

    Attributes
    ----------
    page, anchor : str
        The anchor is empty for the beginning of a page.
    chapter, section : str
        What they are called; the section may be the chapter itself.
    """

    page: str
    anchor: str
    chapter: str
    section: str


class terms_index(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in this way
    """The place of the index of terms."""


class IndexOfTerms(SphinxDirective):
    """All terms of the glossary, each with the chapters that explain it."""

    def run(self) -> list[nodes.Node]:
        """Return the place, which is filled when all pages have been read."""
        return [terms_index()]


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.add_node(terms_index)
    app.add_directive("index-of-terms", IndexOfTerms)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", collect)
    app.connect("env-updated", find_explanations)
    app.connect("doctree-resolved", show, priority=700)  # after search has read the page


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what a page explains."""
    _uses(env).pop(docname, None)
    _indexes(env).discard(docname)


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the terms to which a page links, with the sections in which it does."""
    env = app.env
    _uses(env)[env.docname] = [
        (link["reftarget"], *_section(link))
        for link in doctree.findall(addnodes.pending_xref)
        if link.get("reftype") == "term"
    ]
    if next(iter(doctree.findall(terms_index)), None) is not None:
        _indexes(env).add(env.docname)


def find_explanations(app: Sphinx, env: BuildEnvironment) -> set[str]:
    """Put together who explains what; name the pages that tell it if it has changed."""
    before, now = getattr(env, "nnbook_explanations", None), _explanations(app, env)
    env.nnbook_explanations = now  # type: ignore[attr-defined]
    glossaries = {page for page, _ in _labels(env).values()}
    return set() if before == now else (glossaries | _indexes(env)) & env.found_docs


def _explanations(app: Sphinx, env: BuildEnvironment) -> dict[str, list[Explanation]]:
    """Return the sections that explain each term, by its label; of each page the first."""
    labels = _labels(env)
    found: dict[str, dict[str, Explanation]] = {}
    for page in in_order(env):
        for target, anchor, section in _uses(env).get(page, []):
            glossary, label = labels.get(target.lower(), ("", ""))
            if label and page != glossary:
                chapter = plain_text(env.titles[page])
                place = Explanation(page, anchor, chapter, section or chapter)
                found.setdefault(label, {}).setdefault(page, place)
    patterns = app.config.nnbook_looked_up

    def chapters(places: Iterable[Explanation]) -> list[Explanation]:
        read = [p for p in places if not any(fnmatch(p.page, pattern) for pattern in patterns)]
        return read or list(places)

    return {label: chapters(places.values()) for label, places in found.items()}


def show(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Tell in the glossary and on the index who explains what."""
    if app.builder.format != "html":
        return
    known: dict[str, list[Explanation]] = app.env.nnbook_explanations  # type: ignore[attr-defined]
    for item in _entries(doctree):
        places = [place for label in _ids(item) for place in known.get(label, [])]
        if places:
            text = nodes.paragraph("", "Explained in ", classes=["nnb-explained"])
            text += list(_listed(app, docname, places))
            definition: Any = item[-1]
            definition += text
    for place in list(doctree.findall(terms_index)):
        place.replace_self(_index(app, docname, known))


def _index(app: Sphinx, docname: str, known: dict[str, list[Explanation]]) -> list[nodes.Node]:
    """Return a list of the terms for each letter, and links to these lists."""
    env = app.env
    entries = []  # of term, place in the glossary, labels of all that share its definition
    for page in sorted({page for page, _ in _labels(env).values()}):
        for item in _entries(env.get_doctree(page)):
            entries += [
                (plain_text(term), page, label, _ids(item))
                for term in item.findall(nodes.term)
                for label in term["ids"][:1]
            ]
    entries.sort(key=lambda entry: entry[0].casefold())
    letters = nodes.paragraph(classes=["nnb-letters"])
    lists: list[nodes.Node] = []
    for letter, group in groupby(entries, key=lambda entry: entry[0][0].upper()):
        anchor = f"terms-{letter.lower()}"
        letters += [nodes.reference("", letter, internal=True, refid=anchor), nodes.Text(" ")]
        items = nodes.bullet_list(classes=["nnb-terms"])
        for term, page, label, shared in group:
            line = nodes.paragraph("", "", _link(app, docname, page, label, term))
            if places := [place for one in shared for place in known.get(one, [])]:
                line += [nodes.Text(": "), *_listed(app, docname, places)]
            items += nodes.list_item("", line)
        lists += [nodes.rubric("", letter, ids=[anchor]), items]
    return [letters, *lists]


def _listed(app: Sphinx, docname: str, places: list[Explanation]) -> Iterator[nodes.Node]:
    for number, place in enumerate(places):
        if number:
            yield nodes.Text("; ")
        section = "" if place.section == place.chapter else f", “{place.section}”"
        yield _link(app, docname, place.page, place.anchor, f"{place.chapter}{section}")


def _link(app: Sphinx, docname: str, page: str, anchor: str, text: str) -> nodes.reference:
    uri = app.builder.get_relative_uri(docname, page) + (f"#{anchor}" if anchor else "")
    return nodes.reference("", text, internal=True, refuri=uri)


def _section(node: nodes.Node) -> tuple[str, str]:
    """Return anchor and title of the section around a node; nothing for the page itself."""
    sections = []
    while (node := node.parent) is not None:
        if isinstance(node, nodes.section):
            sections.append(node)
    if len(sections) < 2:
        return "", ""
    # Boxes that are folded have sections of their own in some themes; a heading is enough.
    inner = sections[-2]
    return inner["ids"][0], plain_text(inner[0])


def _entries(doctree: nodes.document) -> Iterator[nodes.definition_list_item]:
    for glossary in doctree.findall(addnodes.glossary):
        yield from glossary.findall(nodes.definition_list_item)


def _ids(item: nodes.definition_list_item) -> list[str]:
    return [label for term in item.findall(nodes.term) for label in term["ids"]]


def _labels(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """Return page and label of each term, by its name in small letters."""
    objects: dict[tuple[str, str], Any] = env.domaindata["std"]["objects"]
    return {
        name.lower(): (page, label)
        for (kind, name), (page, label) in objects.items()
        if kind == "term"
    }


def _uses(env: BuildEnvironment) -> dict[str, list[tuple[str, str, str]]]:
    uses: dict[str, list[tuple[str, str, str]]] = _kept(env, "nnbook_term_uses", {})
    return uses


def _indexes(env: BuildEnvironment) -> set[str]:
    indexes: set[str] = _kept(env, "nnbook_term_indexes", set())
    return indexes


def _kept(env: BuildEnvironment, name: str, empty: Any) -> Any:
    if not hasattr(env, name):
        setattr(env, name, empty)
    return getattr(env, name)
