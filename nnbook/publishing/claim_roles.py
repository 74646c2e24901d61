"""Claims in the book: the role ``claim`` shows their numbers, the directive ``claims`` lists them.

The role's text ``NAME.VALUE`` shows a number of a claim, ``NAME.VALUE:FORMAT`` shows it in another
format (see `nnbook.evidence.estimates.Estimate`), and ``NAME`` is a check mark for a statement
without a number. Each leads to the claim in the list. A false claim is a warning, so that it stops
a build that treats warnings as errors.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from nnbook import project
from nnbook.errors import NNBookError
from nnbook.publishing.dependencies import stamp
from nnbook.schema import canonical_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from nnbook.evidence.claims import Checked, Claims

logger = logging.getLogger(__name__)

CARDS = "claims.json"
CHECKED_FROM = (project.data(), project.REPOSITORY / "nnbook")
"""The folders of what the check of a claim depends on: data, records and this package."""

CHECK_MARK = "\N{CHECK MARK}"
KEPT = "checked-claims.json"
"""Beside Sphinx's own notes of the last build: what was found when the claims were checked."""

ROLE = re.compile(r"\{claim\}`([^`]+)`")
LIST = re.compile(r"^[`:]{3,}\{claims\}", flags=re.M)


class claim_number(nodes.inline):  # noqa: N801 - docutils names nodes in this way
    """What a chapter shows of a claim, with a description on hover."""


def setup(app: Sphinx) -> None:
    """Register role, directive and node."""
    app.add_node(claim_number, html=(_visit_html, _depart_html), latex=(_nothing, _nothing))
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
    app.nnbook_found = found = _found(app, env)  # type: ignore[attr-defined]
    before: Any = getattr(env, "nnbook_claims", {})
    env.nnbook_claims = found["pages"]  # type: ignore[attr-defined]
    return [page for page, shown in found["pages"].items() if shown != before.get(page)]


def _found(app: Sphinx, env: BuildEnvironment) -> dict[str, Any]:
    """Return what checking all claims gives, or what it gave if nothing has changed since.

    ``"cards"`` is the content of ``claims.json``, ``"pages"`` tells what each page shows, as a
    digest, and ``"new"`` whether it has just been found.
    """
    sources = _sources(env)
    roles = {page: ROLE.findall(source) for page, source in sources.items()}
    configurations = sorted(getattr(env, "nnbook_shown", ()))  # see `nnbook.publishing.accounts`
    key = canonical_digest([stamp(*CHECKED_FROM), roles, _by_chapter(sources), configurations])
    try:
        kept = json.loads((Path(app.doctreedir) / KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    if kept.get("key") == key:
        return {**kept, "new": False}

    from nnbook.evidence import cards

    claims = _claims(app)
    listed = [
        (title, [_lines(claims, n) for n in names]) for _, title, names in _by_chapter(sources)
    ]
    pages = {
        page: canonical_digest(
            [[_shown(claims, role) for role in roles[page]], LIST.search(source) and listed]
        )
        for page, source in sources.items()
    }
    content = cards.cards(claims, _pages(sources))
    return {"key": key, "cards": content, "pages": pages, "new": True}


def _claims(app: Sphinx) -> Claims:
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
    if found["new"] and not app._warncount:  # a warning must come again
        (Path(app.doctreedir) / KEPT).write_text(json.dumps(found), encoding="utf-8")
    if app.builder.format != "html":
        return

    from nnbook.evidence import cards

    text = cards.text(found["cards"])
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
        text, title, problem = _shown(_claims(self.env.app), self.text)
        if problem:
            logger.warning("%s", problem, location=self.get_location())
            return [nodes.inline(self.text, self.text)], []
        return [claim_number("", text, title=title, claim=_name(self.text))], []


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


def _name(role: str) -> str:
    """Return the name of the claim of which a role shows something."""
    return role.partition(".")[0]


def _shown(claims: Claims, role: str) -> tuple[str, str, str]:
    """Return the text and the title that a role shows, or else what is wrong with it."""
    name, _, rest = role.partition(".")
    value, _, form = rest.partition(":")
    try:
        checked = claims.check(name)
        checked.raise_if_false()
        if not value:
            return CHECK_MARK, checked.sentence, ""
        estimate = checked.estimate(value)
        return format(estimate, form), str(estimate), ""
    except NNBookError as error:
        return "", "", str(error)


def _label(name: str) -> str:
    return f"claim-{name}"


class ListOfClaims(SphinxDirective):
    """The claims of the chapters in the folders that it names, or of all, with their records."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a section for each chapter that makes claims."""
        sections: list[nodes.Node] = []
        folders = self.arguments[0].split() if self.arguments else []
        for docname, title, names in _by_chapter(_sources(self.env)):
            if folders and docname.split("/")[0] not in folders:
                continue
            section = nodes.section("", nodes.title(title, title), ids=[nodes.make_id(title)])
            self.state.document.note_implicit_target(section)
            for name in names:
                section += self._entry(name)
            sections.append(section)
        return sections

    def _entry(self, name: str) -> list[nodes.Node]:
        lines, problem = _lines(_claims(self.env.app), name)
        if problem:
            logger.warning("%s", problem, location=self.get_location())
            return [nodes.paragraph("", problem)]
        label = _label(name)
        # A target of its own: in print, a container is none.
        target = nodes.target("", "", ids=[label], names=[label])
        self.state.document.note_explicit_target(target)
        entry = nodes.container(classes=["nnb-claim-entry"])
        entry += self.parse_text_to_nodes("\n".join(lines))
        return [target, entry]


def _lines(claims: Claims, name: str) -> tuple[list[str], str]:
    """Return the entry of a claim as lines of Markdown, or else why it cannot be checked."""
    try:
        checked = claims.check(name)
    except NNBookError as error:
        return [], str(error)
    lines = [checked.sentence, ""]
    for key, estimate in checked.estimates.items():
        lines.append(f"- *{key}*: {estimate:full}; {_plain(estimate.what)}")
    for verdict in checked.verdicts:
        lines.append(f"- `{verdict.relation}`: {_plain(str(verdict))}")
    return [*lines, *(f"- {note}" for note in _notes(checked))], ""


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


def _names(source: str) -> list[str]:
    """Return the claims that a page shows something of, in the order of the page."""
    return list(dict.fromkeys(_name(role) for role in ROLE.findall(source)))


def _pages(sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Return which pages use each claim."""
    pages: dict[str, list[str]] = {}
    for docname, source in sources.items():
        for name in _names(source):
            pages.setdefault(name, []).append(docname)
    return pages


def _by_chapter(sources: Mapping[str, str]) -> list[tuple[str, str, list[str]]]:
    """Return name and title of each chapter that makes claims, and the names of these claims."""
    seen: set[str] = set()
    chapters = []
    for docname, source in sources.items():
        names = [name for name in _names(source) if name not in seen]
        seen.update(names)
        if names:
            title = re.search(r"^# (.+)$", source, flags=re.M)
            chapters.append((docname, title[1] if title else docname, names))
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
