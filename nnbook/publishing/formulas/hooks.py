"""What Sphinx calls: formulas on pages, their style and text."""

from __future__ import annotations

import base64
import html
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from nnbook.publishing.formulas import stylesheet
from nnbook.publishing.formulas.engine import FormulaError, Formulas, tex_of, version
from nnbook.publishing.formulas.text import plain
from nnbook.publishing.side_by_side import share

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_STYLE, _SCRIPT = "formulas.css", "formulas.js"
# What stands before or after a formula without a space that may end a line: brackets, "th", " %".
_ENDS, _BEGINS = re.compile(r"[^\w\s,.;:]+$"), re.compile(r"\xa0?[^\w\s]+|\w{1,2}\b")
_MARKS = re.compile(r"[^\w\s]+")

_formulas: Formulas | None = None


def setup(app: Sphinx) -> None:
    """Connect to Sphinx. All pages are written again when formulas come out differently."""
    app.add_config_value("nnbook_formulas", version(), "html")
    app.add_html_math_renderer("nnbook", (visit_inline, None), (visit_display, None))
    app.connect("builder-inited", start)
    app.connect("doctree-resolved", prepare)
    app.connect("build-finished", finish, priority=400)  # before pages are delivered
    app.add_css_file(_STYLE)
    app.add_js_file(_SCRIPT)


def start(app: Sphinx) -> None:
    """Remember the formulas of the last build."""
    global _formulas  # noqa: PLW0603 - Sphinx's writers have no place for it
    _formulas = Formulas(Path(app.doctreedir) / "formulas.json")
    share(app, _formulas.made)


def text_of(tex: str, display: bool = False) -> str:
    r"""Return a formula as plain text; TeX that cannot be set stands as it is.

    Examples
    --------
    >>> text_of(r"W^l a^{l-1} \le \hat y")
    'Wˡaˡ⁻¹ ≤ ŷ'
    """
    try:
        return plain(_all().mathml(tex, display))
    except FormulaError:  # reported where it stands
        return tex


def plain_text(node: nodes.Node) -> str:
    r"""Return the text of a node, with the mathematics in it as text: ``\eta`` becomes η."""
    copy = node.deepcopy()
    for formula in list(copy.findall(nodes.math)):
        formula.replace_self(nodes.Text(text_of(formula.astext())))
    return " ".join(copy.astext().split())


def prepare(app: Sphinx, doctree: Any, docname: str) -> None:
    """Let search find the formulas as text."""
    from docutils import nodes

    if app.builder.format != "html":
        return
    for node in list(doctree.findall(nodes.math)):
        node["tex"] = node.astext()
        _put_text(node, text_of(node["tex"]))
        _keep_together(node)
    for node in doctree.findall(nodes.math_block):
        node["tex"] = node.astext()
        _put_text(node, text_of(tex_of(node["tex"], not node.get("nowrap")), display=True))


def _put_text(node: Any, text: str) -> None:
    from docutils import nodes

    node.children = []
    node.append(nodes.Text(text))


def _keep_together(node: Any) -> None:
    """Let no line end between a formula and the marks that follow or precede it without a space.

    Browsers may break lines on either side of a formula, also where a comma follows.
    """
    from docutils import nodes

    parent, place = node.parent, node.parent.index(node)
    if isinstance(parent, (nodes.emphasis, nodes.strong)):
        _take_in(parent, place)
    before, after = parent[:place][-1:], parent[place + 1 :][:1]
    left = _ENDS.search(before[0]) if before and isinstance(before[0], nodes.Text) else None
    right = _BEGINS.match(after[0]) if after and isinstance(after[0], nodes.Text) else None
    if left is None and right is None:
        return
    whole = nodes.inline(classes=["nnb-whole"])
    parent[place] = whole
    if left:  # by their places: other texts may be equal
        parent[place - 1] = nodes.Text(before[0][: left.start()])
        whole += nodes.Text(left[0])
    whole += node
    if right:
        parent[place + 1] = nodes.Text(after[0][right.end() :])
        whole += nodes.Text(right[0])


def _take_in(emphasized: Any, place: int) -> None:
    """Emphasize what follows without a space as well, if a formula ends what is emphasized."""
    outer = emphasized.parent
    at, rest = outer.index(emphasized), "".join(map(str, emphasized[place + 1 :]))
    after = outer[at + 1 :][:1]
    marks = _MARKS.match(after[0]) if after and isinstance(after[0], nodes.Text) else None
    if marks and re.fullmatch(_MARKS, rest or marks[0]):
        outer[at + 1] = nodes.Text(after[0][marks.end() :])
        emphasized[place + 1 :] = [nodes.Text(rest + marks[0])]


def visit_inline(writer: Any, node: Any) -> None:
    """Write a formula in the text."""
    from docutils import nodes

    tex = node.get("tex", node.astext())
    tag = writer.starttag(
        node, "span", "", CLASS="math notranslate nohighlight", **{"data-tex": tex}
    )
    writer.body.append(f"{tag}{_set(writer, tex, node)}</span>")
    raise nodes.SkipNode


def visit_display(writer: Any, node: Any) -> None:
    """Write a formula on a line of its own, with its number, in a box that scrolls if it must."""
    from docutils import nodes
    from sphinx.locale import _
    from sphinx.util.math import get_node_equation_number

    # The theme makes each output of a cell a stop of the tab key.
    node["classes"] = [name for name in node["classes"] if name != "output"]
    source = node.get("tex", node.astext())
    tex = tex_of(source, not node.get("nowrap"))
    tag = writer.starttag(
        node,
        "div",
        "",
        CLASS="math nnb-equation notranslate nohighlight",
        **{"data-tex": source.strip()},
    )
    number = f"({get_node_equation_number(writer, node)})" if node.get("number") else ""
    label = html.escape(f"Equation {number}".strip())
    made = _set(writer, tex, node, display=True)
    writer.body.append(f'{tag}<div class="nnb-scroll" data-label="{label}">{made}</div>')
    if number:
        writer.body.append(f'<span class="eqno">{number}')
        writer.add_permalink_ref(node, _("Link to this equation"))
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the style of all formulas and the script; keep what has been made."""
    if app.builder.format != "html" or exception is not None:
        return
    formulas = _all()
    formulas.save()
    target = Path(app.outdir) / "_static"
    target.mkdir(exist_ok=True)
    style = _stylesheet(Path(app.doctreedir) / "formulas-style.json", list(formulas.made.values()))
    (target / _STYLE).write_text(style.text, encoding="utf-8")
    for path, font in style.fonts.items():
        (target / path).parent.mkdir(exist_ok=True)
        (target / path).write_bytes(font)
    script = files(__package__).joinpath(_SCRIPT).read_text(encoding="utf-8")
    (target / _SCRIPT).write_text(script, encoding="utf-8")


def _stylesheet(memory: Path, formulas: list[str]) -> stylesheet.Stylesheet:
    """Return the style of formulas and its fonts: those of the last build, if they are the same."""
    key = stylesheet.key(formulas)
    kept = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
    if kept.get("key") == key:
        fonts = {path: base64.b64decode(font) for path, font in kept["fonts"].items()}
        return stylesheet.Stylesheet(kept["text"], fonts)
    made = stylesheet.stylesheet(formulas)
    texts = {path: base64.b64encode(font).decode() for path, font in made.fonts.items()}
    content = {"key": key, "text": made.text, "fonts": texts}
    memory.write_text(json.dumps(content), encoding="utf-8")
    return made


def _all() -> Formulas:
    global _formulas  # noqa: PLW0603
    if _formulas is None:
        _formulas = Formulas()
    return _formulas


def _set(writer: Any, tex: str, node: Any, display: bool = False) -> str:
    """Return a formula as the builder wants it; complain about one that cannot be set."""
    from sphinx.util import logging

    try:
        if writer is not None and writer.builder.name == "epub":
            return _all().mathml(tex, display)
        return _all().html(tex, display)
    except FormulaError as error:
        logging.getLogger(__name__).error("%s", error, location=_place(node), type="formula")
        return f'<code class="nnb-formula-error">{html.escape(tex)}</code>'


def _place(node: Any) -> tuple[str, int | None] | None:
    """Return file and line of a node, or of the nearest one around it that knows them."""
    while node is not None and node.line is None:
        node = node.parent
    return None if node is None else node
