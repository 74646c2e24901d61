"""What Sphinx calls: formulas on pages and in outputs of cells, their style and text."""

from __future__ import annotations

import html
import re
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from nnbook.publishing.formulas import stylesheet
from nnbook.publishing.formulas.engine import FormulaError, Formulas, marked, tex_of, version
from nnbook.publishing.formulas.text import plain

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_STYLE, _SCRIPT = "formulas.css", "formulas.js"
# What tables and explorables write, for notebooks as well: see `nnbook.publishing.tables`.
_IN_OUTPUT = re.compile(r'<span class="math notranslate nohighlight">\\\((.*?)\\\)</span>', re.S)

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
    """Set the formulas in what cells show; let search find the others as text."""
    from docutils import nodes

    if app.builder.format != "html":
        return
    for node in list(doctree.findall(nodes.raw)):
        if "html" in node.get("format", "").split() and _IN_OUTPUT.search(node.astext()):
            _put_text(node, _IN_OUTPUT.sub(partial(_in_output, node), node.astext()))
    for node in doctree.findall(nodes.math):
        node["tex"] = node.astext()
        _put_text(node, text_of(node["tex"]))
    for node in doctree.findall(nodes.math_block):
        node["tex"] = node.astext()
        _put_text(node, text_of(tex_of(node["tex"], not node.get("nowrap")), display=True))


def _put_text(node: Any, text: str) -> None:
    from docutils import nodes

    node.children = []
    node.append(nodes.Text(text))


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
    key = f"/* {stylesheet.key(formulas.made)} */\n"
    memory = Path(app.doctreedir) / _STYLE
    if not memory.is_file() or not memory.read_text(encoding="utf-8").startswith(key):
        memory.write_text(key + stylesheet.stylesheet(formulas.made), encoding="utf-8")
    text = memory.read_text(encoding="utf-8").removeprefix(key)
    (target / _STYLE).write_text(text, encoding="utf-8")
    script = files(__package__).joinpath(_SCRIPT).read_text(encoding="utf-8")
    (target / _SCRIPT).write_text(script, encoding="utf-8")


def _all() -> Formulas:
    global _formulas  # noqa: PLW0603
    if _formulas is None:
        _formulas = Formulas()
    return _formulas


def _in_output(node: Any, found: re.Match[str]) -> str:
    tex = html.unescape(found[1])
    return marked(tex, _set(None, tex, node))


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
