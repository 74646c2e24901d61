"""Claims in the book: the role ``claim`` shows their numbers, the directive ``claims`` lists them.

The role's text ``NAME.VALUE`` shows a number of a claim, ``NAME.VALUE:FORMAT`` shows it in another
format (see `nnbook.evidence.estimates.Estimate`), and ``NAME`` is a check mark for a statement
without a number. Each leads to the claim in the list, which leads back. In print, a number that was
compared has its interval beside it. A false claim is a warning, so that it stops a build that
treats warnings as errors.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from nnbook import project
from nnbook.errors import NNBookError
from nnbook.publishing import claim_sources as where
from nnbook.publishing.claim_entries import Entry, claim_place, complete, entry, label
from nnbook.publishing.dependencies import stamp
from nnbook.publishing.site.repository import files_of
from nnbook.schema import canonical_digest

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from nnbook.evidence.claims import Claims

logger = logging.getLogger(__name__)

CARDS = "claims.json"
CHECKED_FROM = (project.data(), project.REPOSITORY / "nnbook")
"""The folders of what the check of a claim depends on: data, records and this package."""

CHECK_MARK = "\N{CHECK MARK}"
KEPT = "checked-claims.json"
"""Beside Sphinx's own notes of the last build: what was found when the claims were checked."""


class claim_number(nodes.inline):  # noqa: N801 - docutils names nodes in this way
    """What a chapter shows of a claim; it has an anchor, to which the list leads back."""


def setup(app: Sphinx) -> None:
    """Register role, directive and node."""
    app.add_node(claim_number, html=(_visit_html, _depart_html))
    app.add_role("claim", ClaimRole())
    app.add_directive("claims", ListOfClaims)
    # Late, when the order of the pages is known.
    app.connect("env-get-outdated", outdated_pages, priority=900)
    app.connect("doctree-resolved", link_numbers)
    app.connect("build-finished", write_cards)


def outdated_pages(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the pages on which claims show another text than in the last build."""
    places = where.Places(where.texts(env))
    app.nnbook_places = places  # type: ignore[attr-defined]
    app.nnbook_found = found = _found(app, places)  # type: ignore[attr-defined]
    before: Any = getattr(env, "nnbook_claims", {})
    now = {}
    for page, shown in found["pages"].items():
        names = [name for chapter in places.on_list(page) for name in chapter.claims]
        now[page] = [shown, canonical_digest([places.uses[name] for name in names])]
    env.nnbook_claims = now  # type: ignore[attr-defined]
    return [page for page, shown in now.items() if shown != before.get(page)]


def _found(app: Sphinx, places: where.Places) -> dict[str, Any]:
    """Return what checking all claims gives, or what it gave if nothing has changed since.

    ``"cards"`` is the content of ``claims.json``, ``"pages"`` tells what each page shows, as a
    digest, and ``"new"`` whether it has just been found.
    """
    roles = {page: where.ROLE.findall(source) for page, source in places.sources.items()}
    lists = {page: places.on_list(page) for page in places.sources}
    state = [stamp(*CHECKED_FROM), roles, lists, files_of(app)]
    key = canonical_digest(state)
    try:
        kept = json.loads((Path(app.doctreedir) / KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    if kept.get("key") == key:
        return {**kept, "new": False}

    from nnbook.evidence import cards

    claims = claims_of(app)
    pages = {}
    for page, listed in lists.items():
        shown = [_shown(claims, role) for role in roles[page]]
        entries = [str(_entry(app, name)) for chapter in listed for name in chapter.claims]
        pages[page] = canonical_digest([shown, listed, entries])
    content = cards.cards(claims, places.pages)
    return {"key": key, "cards": content, "pages": pages, "new": True}


def claims_of(app: Sphinx) -> Claims:
    """Return the claims, read once in a build: they, experiments and records may have changed."""
    if not hasattr(app, "nnbook_claims"):
        from nnbook.evidence.claims import Claims

        app.nnbook_claims = Claims()  # type: ignore[attr-defined]
    claims: Claims = app.nnbook_claims  # type: ignore[attr-defined]
    return claims


def write_cards(app: Sphinx, exception: Exception | None) -> None:
    """Write ``claims.json`` beside the pages, where they can link it, and above, for programs."""
    if exception:
        return
    found = app.nnbook_found  # type: ignore[attr-defined]
    paths = [folder / CARDS for folder in (Path(app.outdir), Path(app.outdir).parent)]
    if app.builder.format == "html" and (found["new"] or not all(map(Path.is_file, paths))):
        from nnbook.evidence import cards

        text = cards.text(found["cards"])
        for path in paths:
            path.write_text(text, encoding="utf-8")
    if found["new"] and not app._warncount:  # a warning must come again
        (Path(app.doctreedir) / KEPT).write_text(json.dumps(found), encoding="utf-8")


def _visit_html(translator: Any, node: nodes.Element) -> None:
    names = {"value": "data-value", "interval": "data-interval"}
    attributes = {names[key]: node[key] for key in names if node[key]}
    translator.body.append(translator.starttag(node, "span", "", **attributes))


def _depart_html(translator: Any, node: nodes.Element) -> None:
    translator.body.append("</span>")


class ClaimRole(SphinxRole):
    """A number of a claim, or the check mark of one."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return what is shown, and complain if the claim is false."""
        shown = _shown(claims_of(self.env.app), self.text)
        if isinstance(shown, str):
            logger.warning("%s", shown, location=self.get_location())
            return [nodes.inline(self.text, self.text)], []
        name = where.claim_of(self.text)
        counts = self.env.temp_data.setdefault("nnbook_uses", Counter())
        counts[name] += 1
        anchor = where.anchor(name, counts[name])
        text = shown.pop("text")
        return [claim_number("", text, ids=[anchor], claim=name, **shown)], []


def link_numbers(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make each number lead to its claim in the list."""
    labels = app.env.get_domain("std").anonlabels  # type: ignore[attr-defined]

    def address(page: str, anchor: str) -> str:
        return f"{app.builder.get_relative_uri(docname, page)}#{anchor}"

    for number in list(doctree.findall(claim_number)):
        if (target := label(number["claim"])) not in labels:
            logger.warning("%s is on no list of claims", number["claim"], location=number)
            continue
        link = nodes.reference("", "", internal=True, refuri=address(*labels[target]))
        link["classes"], link["reftitle"] = ["nnb-claim"], number["title"]
        number.replace_self(link)  # which takes the anchor
        number["ids"] = []
        link += number
    for place in list(doctree.findall(claim_place)):
        uri = address(place["page"], place["anchor"])
        place.replace_self(nodes.reference("", place.astext(), internal=True, refuri=uri))


def _shown(claims: Claims, role: str) -> dict[str, str] | str:
    """Return what a role shows, and what is told of it, or else what is wrong with it."""
    name, _, rest = role.partition(".")
    value, _, form = rest.partition(":")
    try:
        checked = claims.check(name)
        checked.raise_if_false()
        if not value:
            return {"text": CHECK_MARK, "title": checked.sentence, "value": "", "interval": ""}
        estimate = checked.estimate(value)
        compared = checked.compares(value) and not form.startswith("full")
        return {
            "text": format(estimate, form),
            "title": estimate.behind,
            "value": value,
            "interval": estimate.interval(form) if compared else "",
        }
    except NNBookError as error:
        return str(error)


def _entry(app: Sphinx, name: str) -> Entry | str:
    """Return the entry of a claim in the list, or else why it cannot be checked."""
    try:
        return entry(claims_of(app).check(name), files_of(app))
    except NNBookError as error:
        return str(error)


class ListOfClaims(SphinxDirective):
    """The claims of the chapter, or of the chapters in the folders, that it names; or of all."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the entries of one chapter, or a section for each that makes claims."""
        places: where.Places = self.env.app.nnbook_places  # type: ignore[attr-defined]
        wanted = self.arguments[0].split() if self.arguments else []
        sections: list[nodes.Node] = []
        for docname, title, names in places.chosen(wanted):
            entries = [node for name in names for node in self._entry(name, places.uses[name])]
            if wanted == [docname]:
                return entries
            section = nodes.section("", nodes.title(title, title), ids=[nodes.make_id(title)])
            self.state.document.note_implicit_target(section)
            section += entries
            sections.append(section)
        return sections

    def _entry(self, name: str, uses: list[where.Use]) -> list[nodes.Node]:
        shown = _entry(self.env.app, name)
        if isinstance(shown, str):
            logger.warning("%s", shown, location=self.get_location())
            return [nodes.paragraph("", shown)]
        # A target of its own: in print, a container is none.
        target = nodes.target("", "", ids=[label(name)], names=[label(name)])
        self.state.document.note_explicit_target(target)
        container = nodes.container(classes=["nnb-claim-entry"])
        container += self.parse_text_to_nodes(shown.markdown)
        complete(container.children, shown, uses)
        return [target, container]
