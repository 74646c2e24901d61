"""Claims in the book: the role ``claim`` shows their numbers, the directive ``claims`` lists them.

The role's text ``NAME.VALUE`` shows a number of a claim, ``NAME.VALUE:FORMAT`` shows it in another
format (see `nnbook.evidence.estimates.Estimate`), and ``NAME`` is a check mark for a statement
without a number. Each leads to the claim in the list. A false claim is a warning, so that it stops
a build that treats warnings as errors.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from nnbook.errors import NNBookError
from nnbook.evidence import cards
from nnbook.evidence.claims import Checked, Claims
from nnbook.schema import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

CARDS = "claims.json"
CHECK_MARK = "\N{CHECK MARK}"
ROLE = re.compile(r"\{claim\}`([a-z0-9-]+)")
LIST = re.compile(r"^[`:]{3,}\{claims\}", flags=re.M)


class claim_number(nodes.inline):  # noqa: N801 - docutils names nodes in this way
    """What a chapter shows of a claim, with a description on hover."""


def setup(app: Sphinx) -> None:
    """Register role, directive and node."""
    app.add_node(claim_number, html=(_visit_html, _depart_html), latex=(_nothing, _nothing))
    app.add_role("claim", ClaimRole())
    app.add_directive("claims", ListOfClaims)
    app.connect("builder-inited", _read_claims)
    # Late, when the order of the pages is known.
    app.connect("env-get-outdated", outdated_pages, priority=900)
    app.connect("doctree-resolved", link_numbers)
    app.connect("build-finished", write_cards)


def _read_claims(app: Sphinx) -> None:
    # Anew for each build: claims, experiments and records may have changed.
    app.nnbook_claims = Claims()  # type: ignore[attr-defined]


def outdated_pages(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the unchanged pages that show a claim which is not what it was in the last build."""
    sources = _sources(env)
    content = cards.cards(_claims(app), _pages(sources))
    app.nnbook_cards = content  # type: ignore[attr-defined]
    digests = {name: _digest(entry) for name, entry in content["claims"].items()}
    now = digests, _by_chapter(sources)
    before: Any = getattr(env, "nnbook_claims", ({}, []))
    env.nnbook_claims = now  # type: ignore[attr-defined]
    different = {name for name, _ in before[0].items() ^ now[0].items()}
    return [
        name
        for name, source in sources.items()
        if not different.isdisjoint(ROLE.findall(source)) or (now != before and LIST.search(source))
    ]


def _claims(app: Sphinx) -> Claims:
    claims: Claims = app.nnbook_claims  # type: ignore[attr-defined]
    return claims


def _digest(entry: cards.Card) -> str:
    """Return the SHA-256 digest, in hex, of the card of a claim."""
    return hashlib.sha256(canonical_json(entry).encode()).hexdigest()


def write_cards(app: Sphinx, exception: Exception | None) -> None:
    """Write ``claims.json`` beside the pages, where they can link it, and above, for programs."""
    if exception or app.builder.format != "html":
        return
    text = cards.text(app.nnbook_cards)  # type: ignore[attr-defined]
    for folder in (Path(app.outdir), Path(app.outdir).parent):
        path = folder / CARDS
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _visit_html(translator: Any, node: nodes.Element) -> None:
    translator.body.append(translator.starttag(node, "span", "", title=node["title"]))


def _depart_html(translator: Any, node: nodes.Element) -> None:
    translator.body.append("</span>")


def _nothing(translator: Any, node: nodes.Element) -> None:
    """Print the content as it is."""


class ClaimRole(SphinxRole):
    """A number of a claim, or the check mark of one."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return what is shown, and complain if the claim is false."""
        name, _, rest = self.text.partition(".")
        value, _, form = rest.partition(":")
        try:
            checked = _claims(self.env.app).check(name)
            checked.raise_if_false()
            text, title = _shown(checked, value, form)
        except NNBookError as error:
            logger.warning("%s", error, location=self.get_location())
            return [nodes.inline(self.text, self.text)], []
        return [claim_number("", text, title=title, claim=name)], []


def link_numbers(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make each number lead to its claim in the list."""
    labels = app.env.get_domain("std").anonlabels  # type: ignore[attr-defined]
    for number in list(doctree.findall(claim_number)):
        if (label := _label(number["claim"])) not in labels:
            logger.warning("%s is on no list of claims", number["claim"], location=number)
            continue
        page, anchor = labels[label]
        uri = f"{app.builder.get_relative_uri(docname, page)}#{anchor}"
        link = nodes.reference("", "", internal=True, refuri=uri, classes=["nnb-claim"])
        number.replace_self(link)
        link += number


def _shown(checked: Checked, value: str, form: str) -> tuple[str, str]:
    if not value:
        return CHECK_MARK, checked.sentence
    estimate = checked.estimate(value)
    return format(estimate, form), str(estimate)


def _label(name: str) -> str:
    return f"claim-{name}"


class ListOfClaims(SphinxDirective):
    """All claims, chapter by chapter, with their values, intervals and records."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each chapter that makes claims."""
        sections: list[nodes.Node] = []
        for title, names in _by_chapter(_sources(self.env)):
            section = nodes.section("", nodes.title(title, title), ids=[nodes.make_id(title)])
            self.state.document.note_implicit_target(section)
            for name in names:
                section += self._entry(name)
            sections.append(section)
        return sections

    def _entry(self, name: str) -> list[nodes.Node]:
        try:
            checked = _claims(self.env.app).check(name)
        except NNBookError as error:
            logger.warning("%s", error, location=self.get_location())
            return [nodes.paragraph("", str(error))]
        lines = [checked.sentence, ""]
        for key, estimate in checked.estimates.items():
            lines.append(f"- *{key}*: {estimate:full}; {_plain(estimate.what)}")
        for verdict in checked.verdicts:
            lines.append(f"- `{verdict.relation}`: {_plain(str(verdict))}")
        lines += [f"- {note}" for note in _notes(checked)]
        label = _label(name)
        # A target of its own: in print, a container is none.
        target = nodes.target("", "", ids=[label], names=[label])
        self.state.document.note_explicit_target(target)
        entry = nodes.container(classes=["nnb-claim-entry"])
        entry += self.parse_text_to_nodes("\n".join(lines))
        return [target, entry]


def _plain(text: str) -> str:
    return text.replace("*", r"\*")  # a wildcard, no emphasis


def _notes(checked: Checked) -> Iterator[str]:
    """Yield what else a reader should know of a claim."""
    heading = checked.claim.heading
    yield f"speaks of: {'; '.join(checked.populations)}"
    if heading.exploratory:
        yield "**exploratory**: a comparison holds alone, but not among all of its family"
    if heading.selected_on:
        parts = " and ".join(heading.selected_on)
        yield f"**selected**: a setting was chosen on these {parts} figures, which flatters it"
    if heading.because == "conjecture":
        yield "the cause that it names is a **conjecture**"
    elif heading.because is not None:
        name = heading.because.measured
        yield f"the cause that it names is measured in [](#{_label(name)})"
    if heading.family:
        yield f"family *{heading.family}*: {checked.claim.families[heading.family].reason}"
    for relation in checked.claim.holds:
        if relation.sign == "~" and isinstance(relation.by, str):
            yield f"margin *{relation.by}*: {checked.claim.margins[relation.by].reason}"
            break


def _pages(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Return which pages use each claim."""
    pages: dict[str, list[str]] = {}
    for docname, source in sources.items():
        for name in dict.fromkeys(ROLE.findall(source)):
            pages.setdefault(name, []).append(docname)
    return pages


def _by_chapter(sources: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Return the title of each chapter that makes claims, and the names of these claims."""
    seen: set[str] = set()
    chapters = []
    for docname, source in sources.items():
        names = [name for name in dict.fromkeys(ROLE.findall(source)) if name not in seen]
        seen.update(names)
        if names:
            title = re.search(r"^# (.+)$", source, flags=re.M)
            chapters.append((title[1] if title else docname, names))
    return chapters


def _sources(env: BuildEnvironment) -> dict[str, str]:
    """Return the text of each page in Markdown, in the order of the book."""
    paths = {name: Path(env.doc2path(name)) for name in _in_order(env)}
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in paths.items()
        if path.suffix == ".md"
    }


def _in_order(env: BuildEnvironment) -> list[str]:
    """Return the pages in the order of the table of contents."""
    order: list[str] = []
    site_map = getattr(env, "external_site_map", None)
    if site_map is not None:
        for item in site_map.values():
            for subtree in item.subtrees:
                order += [str(entry) for entry in subtree.items]
    return [*order, *sorted(env.found_docs - set(order))]
