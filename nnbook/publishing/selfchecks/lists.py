"""Lists of what there is to do in the chapters: of a reader's answers, and for a lecture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from docutils import nodes

from nnbook.publishing.claim_sources import in_order
from nnbook.publishing.formulas.hooks import plain_text
from nnbook.publishing.selfchecks.reading import KINDS
from nnbook.schema import canonical_digest

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_Found = dict[str, list[dict[str, Any]]]


class list_of_checks(nodes.General, nodes.Element):  # noqa: N801 - as docutils names nodes
    """The place of a list, which is filled when all pages have been read."""


# What the script fills stands there from the start, so that nothing moves when it does.
_SUMMARY = """<div class="nnq-summary">
<p class="nnq-total" role="status" tabindex="-1">0 right, 0 not right yet, {} open.</p>
<div class="nnq-buttons"><button type="button" disabled>Forget all answers</button></div>
</div>"""


def setup(app: Sphinx) -> None:
    """Register the directives, and watch what the lists show."""
    from sphinx.util.docutils import SphinxDirective

    class Listed(SphinxDirective):
        """``{self-checks} answered`` or ``{self-checks} teaching``."""

        required_arguments = 1

        def run(self) -> list[nodes.Node]:
            """Return the place of the list."""
            kind = self.arguments[0]
            if kind not in _LISTS:
                raise self.error(f"expected one of {', '.join(_LISTS)}, received {kind!r}")
            self.env.metadata[self.env.docname]["nnbook_list"] = kind
            return [list_of_checks(kind=kind)]

    app.add_directive("self-checks", Listed)
    app.add_node(list_of_checks)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-get-updated", pages_to_write)
    app.connect("doctree-resolved", fill, priority=400)


def _kept(env: BuildEnvironment) -> dict[str, _Found]:
    if not hasattr(env, "nnbook_taught"):
        env.nnbook_taught = {}  # type: ignore[attr-defined]
    kept: dict[str, _Found] = env.nnbook_taught  # type: ignore[attr-defined]
    return kept


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Keep what a page has."""
    from nnbook.publishing.explorables.hooks import explorable
    from nnbook.publishing.selfchecks.hooks import self_check

    found: _Found = {
        "explorables": [_explorable(node) for node in doctree.findall(explorable)],
        "checks": [_check(node) for node in doctree.findall(self_check)],
    }
    if any(found.values()):
        _kept(app.env)[app.env.docname] = found


def _explorable(node: Any) -> dict[str, Any]:
    presets = json.loads(node["presets"])
    caption = next(iter(node.parent.findall(nodes.caption)))
    return {
        "anchor": node["explorable"],
        "figure": node.parent["ids"][0],
        "title": node["title"],
        "shows": plain_text(caption).removeprefix(node["title"]).lstrip(". "),
        "presets": [{"name": preset["name"], "ask": preset.get("ask", "")} for preset in presets],
    }


def _check(node: Any) -> dict[str, Any]:
    question = next(iter(node[1].findall(nodes.paragraph)))
    return {
        "anchor": node["ids"][0],
        "number": node["number"],
        "title": node["title"],
        "kind": node["kind"],
        "version": node["data"]["version"],
        "question": plain_text(question),
    }


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget what a page had that is read again, or is no more."""
    _kept(env).pop(docname, None)


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> set[str]:
    """Name the pages with lists if what they show has changed."""
    titles = {page: env.titles[page].astext() for page in _kept(env)}
    before, now = getattr(env, "nnbook_listed", None), canonical_digest([_kept(env), titles])
    env.nnbook_listed = now  # type: ignore[attr-defined]
    listing = {page for page, facts in env.metadata.items() if "nnbook_list" in facts}
    return set() if before == now else listing


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the lists where they are asked for."""
    for place in list(doctree.findall(list_of_checks)):
        place.replace_self(list(_sections(app, docname, place["kind"])))


def _sections(app: Sphinx, docname: str, kind: str) -> Iterator[nodes.Node]:
    kept = _kept(app.env)
    if kind == "answered" and app.builder.name == "html":
        count = sum(len(found["checks"]) for found in kept.values())
        yield nodes.raw("", _SUMMARY.format(count), format="html")
    for page in in_order(app.env):
        if page not in kept:
            continue
        address = app.builder.get_relative_uri(docname, page)
        title = app.env.titles[page]
        link = _link(address, plain_text(title))
        name = f"of-{nodes.make_id(page)}"
        section = nodes.section("", nodes.title("", "", link), ids=[name])
        # Its title has the number of the chapter, not that of this page.
        numbers = app.env.toc_secnumbers
        numbers.setdefault(docname, {})[f"#{name}"] = numbers.get(page, {}).get("", ())
        section += list(_LISTS[kind](kept[page], address, app.builder.name == "html"))
        if len(section) > 1:
            yield section


def _answered(found: _Found, address: str, scripts: bool) -> Iterator[nodes.Node]:
    """Yield the self-checks of a page; the script says beside each how it was answered."""
    if found["checks"]:
        whole = nodes.bullet_list(classes=["nnq-answered"])
        for check in found["checks"]:
            item = _item(_link_of(check, address))
            item["classes"].append(f"nnq-of-{check['version']}")
            whole += item
        yield whole


def _teaching(found: _Found, address: str, scripts: bool) -> Iterator[nodes.Node]:
    """Yield the explorables of a page with their presets, and its self-checks."""
    for one in found["explorables"]:
        anchor = one["anchor" if scripts else "figure"]  # without scripts there is no box
        yield nodes.paragraph(
            "",
            "",
            nodes.strong("", "", _link(f"{address}#{anchor}", one["title"])),
            nodes.Text(f" (explorable). {one['shows']}".rstrip()),
        )
        whole = nodes.bullet_list()
        place = f"{address}?{{}}#{one['anchor']}" if scripts else ""
        whole += [_item(*_preset(preset, one["anchor"], place)) for preset in one["presets"]]
        yield whole
    if found["checks"]:
        whole = nodes.bullet_list()
        for check in found["checks"]:
            words = nodes.Text(f" ({KINDS[check['kind']]}). {check['question']}")
            whole += _item(_link_of(check, address), words)
        yield whole


def _preset(preset: dict[str, Any], anchor: str, place: str) -> list[nodes.Node]:
    """Return the name of a preset, which leads to it, and what it asks before it shows anything."""
    name = preset["name"]
    query = f"{anchor}.preset={quote(name)}"
    shown = _link(place.format(query), name) if place else nodes.Text(_in_print(name))
    return [shown, nodes.Text(_in_print(f": {preset['ask']}"))] if preset["ask"] else [shown]


def _link_of(check: dict[str, Any], address: str) -> nodes.Node:
    return _link(f"{address}#{check['anchor']}", f"{check['number']}. {check['title']}")


def _link(address: str, text: str) -> nodes.reference:
    return nodes.reference("", _in_print(text), internal=True, refuri=address)


def _in_print(text: str) -> str:
    """Return a text that Sphinx has not read with the apostrophes that it would have set."""
    return re.sub(r"(?<=\w)'(?=\w)", "\N{RIGHT SINGLE QUOTATION MARK}", text)


def _item(*words: nodes.Node) -> nodes.list_item:
    return nodes.list_item("", nodes.paragraph("", "", *words))


_LISTS = {"answered": _answered, "teaching": _teaching}
