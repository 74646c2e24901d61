"""What Sphinx calls: the directive that declares a self-check, and how pages show it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import directives

from nnbook.errors import NNBookError
from nnbook.publishing.claim_roles import claims_of
from nnbook.publishing.selfchecks import lists
from nnbook.publishing.selfchecks.answers import Names, SelfCheckError
from nnbook.publishing.selfchecks.reading import Check, Settings, read
from nnbook.schema import canonical_digest

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FILES = ("self-checks.js", "self-checks.css", "stage.js")
KEY_TITLE = "Answers to the self-checks"
_SEVERAL = "Several are right."
_STEPS = "Put them in order."
_LINE = "One line is wrong. Which?"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class self_check(nodes.General, nodes.Element):  # noqa: N801 - as docutils names nodes
    """A question with the answers that are offered; its last child is the key."""


class self_check_key(nodes.General, nodes.Element):  # noqa: N801 - as docutils names nodes
    """The right answer, and what is said of the others."""


def setup(app: Sphinx) -> None:
    """Register the directive with Sphinx. All pages are written again when a script changes."""
    from sphinx.util.docutils import SphinxDirective

    class SelfCheck(SphinxDirective):
        """``{self-check} A title`` with a question, answers and an explanation."""

        required_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec = {  # noqa: RUF012 - as docutils declares it
            "kind": directives.unchanged_required,
            "answer": directives.unchanged_required,
            "tolerance": directives.unchanged_required,
            "format": directives.unchanged_required,
            "unit": directives.unchanged_required,
            "holds": directives.unchanged_required,
        }

        def run(self) -> list[nodes.Node]:
            """Return the self-check."""
            holder = nodes.container()
            self.state.nested_parse(self.content, self.content_offset, holder)
            title = self.arguments[0]
            names = Names(self._claim)
            try:
                check = read(holder.children, self._settings(), names, title)
            except NNBookError as error:
                raise self.error(f"the self-check {title!r}: {error}") from error
            for path in names.files:
                self.env.note_dependency(path)
            known: dict[str, int] = self.env.temp_data.setdefault("nnbook_checks", {})
            name = f"check-{nodes.make_id(title)}"
            if name in known:
                raise self.error(f"the self-check {title!r}: expected another title than before")
            known[name] = len(known) + 1
            node = tree(check, title, known[name], self.options.get("unit", ""))
            node["ids"], node["page"] = [name], self.env.docname
            self.set_source_info(node)
            self.state.document.note_explicit_target(node)
            return [node]

        def _settings(self) -> Settings:
            given = dict(self.options)
            given.pop("unit", None)
            if "format" in given:
                given["form"] = given.pop("format")
            return Settings(**{"kind": "choice", **given})

        def _claim(self, role: str) -> float:
            """Return the number of a claim, which the text has to show: see `claim_roles`."""
            if not any(f"{{claim}}`{role}" in line for line in self.content):
                raise SelfCheckError(f"expected {{claim}}`{role}` in the text of the self-check")
            name, _, value = role.partition(".")
            checked = claims_of(self.env.app).check(name)
            checked.raise_if_false()
            return float(checked.estimate(value).value)

    app.add_directive("self-check", SelfCheck)
    app.add_node(self_check, html=(visit_check, depart_check))
    app.add_node(self_check_key, html=(visit_key, depart_key))
    app.add_config_value("nnbook_self_checks", _digest(), "html")
    app.connect("doctree-resolved", keys_at_the_end)
    app.connect("build-finished", write_files, priority=400)  # before pages are delivered
    for name in FILES:
        app.add_css_file(name) if name.endswith(".css") else app.add_js_file(name)
    lists.setup(app)


def tree(check: Check, title: str, number: int, unit: str) -> self_check:
    """Return a self-check as nodes that all writers know.

    Parameters
    ----------
    check : Check
    title : str
    number : int
        Which of its page it is.
    unit : str
        Of a number: what stands behind it.
    """
    data = {**_data(check), "version": _version(check)}
    node = self_check(kind=check.kind, title=title, number=number, data=data)
    name = f"Self-check {number}"
    words = [nodes.strong(name, name), nodes.Text(f" {title}")]
    node += nodes.paragraph("", "", *words, classes=["nnq-title"])
    node += nodes.container("", *check.question, *_hint(check), classes=["nnq-question"])
    if check.kind == "numeric":
        node["data"]["unit"] = unit
    else:
        kind = "arabic" if check.kind == "error" else "loweralpha"
        node += _list(kind, "nnq-answers", (answer.says for answer in check.answers))
    node += _key(check, unit)
    return node


def _data(check: Check) -> dict[str, Any]:
    """Return what the script needs to know."""
    if check.kind == "numeric":
        wrong = [answer.value for answer in check.answers]
        return {"value": check.value, "room": check.room, "wrong": wrong}
    if check.kind == "order":
        return {"order": check.order}
    return {"right": [k for k, answer in enumerate(check.answers) if answer.right]}


def _version(check: Check) -> str:
    """Return a name for what is asked and what is right; an answer is kept while it is the same."""
    offered = [] if check.kind == "numeric" else check.answers
    parts = [*check.question, *(node for answer in offered for node in answer.says)]
    asked = [" ".join(node.astext().split()) for node in parts]
    right = [answer.right for answer in offered]
    return canonical_digest([check.kind, asked, right, check.order, check.shown])[:8]


def _hint(check: Check) -> list[nodes.Node]:
    """Return what readers need to know of a question who see no controls."""
    several = check.kind == "choice" and sum(answer.right for answer in check.answers) > 1
    hints = {"order": _STEPS, "error": _LINE, "choice": _SEVERAL if several else ""}
    text = hints.get(check.kind, "")
    return [nodes.paragraph("", text, classes=["nnq-hint"])] if text else []


def _key(check: Check, unit: str) -> self_check_key:
    key = self_check_key(classes=["nnq-key"])
    right = [k for k, answer in enumerate(check.answers) if answer.right]
    if check.kind == "choice":
        text = f"Right: {', '.join(_LETTERS[k] for k in right)}."
    elif check.kind == "error":
        text = f"Wrong is line {right[0] + 1}."
    elif check.kind == "order":
        shown = [_LETTERS[check.order.index(place)] for place in range(len(check.order))]
        text = f"The order: {', '.join(shown)}."
    else:
        text = f"{check.shown} {unit}".strip()
    key += nodes.paragraph("", "", nodes.strong(text, text))
    if check.kind == "numeric":
        key += nodes.container("", *check.explanation, classes=["nnq-after"])
        key += nodes.paragraph("", "Not right:", classes=["nnq-others"])
        key += _list("", "nnq-reasons", map(_wrong_number, check.answers))
        return key
    if check.kind != "order":
        kind = "arabic" if check.kind == "error" else "loweralpha"
        key += _list(kind, "nnq-reasons", (answer.explains for answer in check.answers))
    if check.explanation:
        key += nodes.container("", *check.explanation, classes=["nnq-after"])
    return key


def _wrong_number(answer: Any) -> list[nodes.Node]:
    first, *rest = answer.explains
    number = answer.says[0].astext()
    words = nodes.paragraph("", "", nodes.strong(number, number), nodes.Text(":"), *first.children)
    return [words, *rest]


def _list(kind: str, name: str, items: Iterable[list[nodes.Node]]) -> nodes.Element:
    whole: nodes.Element = nodes.bullet_list(classes=[name])
    if kind:
        whole = nodes.enumerated_list(enumtype=kind, prefix="", suffix=".", classes=[name])
    whole += [nodes.list_item("", *item) for item in items]
    return whole


def visit_check(self: Any, node: self_check) -> None:
    """Write the start of a self-check, with what the script needs to know."""
    told = {"kind": node["kind"], "page": node["page"], "title": node["title"]}
    data = json.dumps({**told, **node["data"]}, ensure_ascii=False)
    name = {"data-check": data}
    self.body.append(self.starttag(node, "div", "", CLASS="nnq", **name))


def depart_check(self: Any, node: self_check) -> None:
    """Write the end of a self-check."""
    self.body.append("</div>\n")


def visit_key(self: Any, node: self_check_key) -> None:
    """Fold the answer, without scripts; an e-book has it at the end of the chapter."""
    web = self.builder.name == "html"
    self.body.append("<details class='nnq-key'><summary>Answer</summary>\n" if web else "<div>")


def depart_key(self: Any, node: self_check_key) -> None:
    """Write the end of the answer."""
    self.body.append("</details>\n" if self.builder.name == "html" else "</div>")


def keys_at_the_end(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let an e-book have the answers at the end of the chapter."""
    checks = list(doctree.findall(self_check))
    if app.builder.name != "epub" or not checks:
        return
    section = nodes.section(ids=["answers-to-the-self-checks"])
    section += nodes.title(KEY_TITLE, KEY_TITLE)
    for check in checks:
        section += check[0].deepcopy()
        key = check[-1]
        check.remove(key)
        section += key
    next(iter(doctree.findall(nodes.section))).append(section)


def write_files(app: Sphinx, exception: Exception | None) -> None:
    """Write scripts and styles."""
    if app.builder.name != "html" or exception is not None:
        return
    folder = Path(app.outdir) / "_static"
    folder.mkdir(exist_ok=True)
    for name in FILES:
        (folder / name).write_text(_own(name), encoding="utf-8")


def _digest() -> str:
    return hashlib.sha256("".join(map(_own, FILES)).encode()).hexdigest()


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
