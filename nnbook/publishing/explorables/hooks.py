"""What Sphinx calls: the directive that declares an explorable, and the files that it needs.

On the web an explorable is a box that holds a figure, until its scripts have come and put the
moving figure in its place; in print and in e-books the figure stays.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import directives

from nnbook.errors import NNBookError
from nnbook.publishing.drawing.palette import theme
from nnbook.publishing.explorables import bundle, facts, presets, stills
from nnbook.publishing.formulas.hooks import plain_text

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_FOLDER = "_static/explorables"
_STYLE, _SHARED = "style.css", "shared.js"
_LOADER, _BOX = "explorables-loader.js", "explorables-box.css"
_ELSEWHERE = " This figure is interactive on the web."
_WITHOUT = "Where JavaScript is on, this figure is interactive."


class explorable(nodes.General, nodes.Element):  # noqa: N801 - as docutils names nodes
    """The box of an explorable; its child is the figure that is seen where nothing moves."""


def setup(app: Sphinx) -> None:
    """Register the directive with Sphinx. All pages are written again when a script changes."""
    from sphinx.util.docutils import SphinxDirective

    class Explorable(SphinxDirective):
        """``{explorable} one-step`` with a caption, presets as a list in YAML, and options."""

        required_arguments = 1
        has_content = True
        option_spec = {  # noqa: RUF012 - as docutils declares it
            "name": directives.unchanged_required,
            "alt": directives.unchanged_required,
            "caption": directives.unchanged_required,
            "heights": directives.unchanged_required,
        }

        def run(self) -> list[nodes.Node]:
            """Return a figure that holds the box."""
            name = self.arguments[0]
            if missing := {"name", "alt", "caption", "heights"} - self.options.keys():
                raise self.error(f"the explorable {name!r}: expected {', '.join(sorted(missing))}")
            try:
                found = presets.read(name, "\n".join(self.content))
                picture = _picture(self.env, name, stills.still(name, found[0].state))
            except NNBookError as error:
                raise self.error(str(error)) from error
            box = explorable("", nodes.image(uri=picture, alt=self.options["alt"]), explorable=name)
            box["presets"] = json.dumps([preset.as_data() for preset in found], ensure_ascii=False)
            box["heights"] = self.options["heights"].split()
            box["facts"] = _facts(self.env, name)
            inline, messages = self.state.inline_text(self.options["caption"], self.lineno)
            caption = nodes.caption("", "", *inline)
            figure = nodes.figure("", box, caption)
            self.set_source_info(figure)
            self.add_name(figure)
            return [figure, *messages]

    app.add_directive("explorable", Explorable)
    app.add_node(explorable, html=(visit_box, depart_box))
    app.add_config_value("nnbook_explorables", _digest(_all_files()), "html")
    app.connect("doctree-read", name_boxes, priority=400)  # before their names are listed
    app.connect("doctree-resolved", leave_figures)
    app.connect("build-finished", write_files, priority=400)  # before pages are delivered
    app.add_js_file(_LOADER)
    app.add_css_file(_BOX)


def _picture(env: Any, name: str, svg: str) -> str:
    """Write a figure, and return where it is, as seen from the page."""
    path = _kept(env, name, "svg", svg)
    page = Path(env.doc2path(env.docname)).parent
    return Path(os.path.relpath(path, page)).as_posix()


def _facts(env: Any, name: str) -> str:
    """Write the data of an explorable as a script, and return its name; empty if it needs none."""
    if name not in facts.FACTS:
        return ""
    data = json.dumps(facts.FACTS[name](), separators=(",", ":"))
    return _kept(env, f"{name}-facts", "js", f"nnbookExplorables.know({name!r}, {data});\n").name


def _kept(env: Any, name: str, kind: str, text: str) -> Path:
    """Write a file under a name that follows its content, unless it is there."""
    folder = Path(env.doctreedir).parent / "explorables"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.{kind}"
    if not path.is_file():
        path.write_text(text, encoding="utf-8")
    return path


def name_boxes(app: Sphinx, doctree: Any) -> None:
    """Call each box what its caption says first, once its apostrophes are those of a page."""
    for box in doctree.findall(explorable):
        caption = next(iter(box.parent.findall(nodes.caption)))
        box["title"] = plain_text(caption).partition(".")[0]


def visit_box(self: Any, node: explorable) -> None:
    """Write the start of the box, with what the scripts need to know."""
    root = "../" * self.builder.current_docname.count("/")
    name = node["explorable"]
    addresses = [_address(file) for file in (_STYLE, _SHARED, f"{name}.js")]
    if node["facts"]:
        addresses.append(f"{_FOLDER}/{node['facts']}")
    attributes = {
        "class": "nnx",
        "id": name,
        "data-explorable": name,
        "data-title": node["title"],
        "data-presets": node["presets"],
        "data-files": " ".join(root + address for address in addresses),
        "style": "--nnx-wide:{};--nnx-narrow:{}".format(*node["heights"]),
    }
    written = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())
    self.body.append(f"<div {written}>\n")


def depart_box(self: Any, node: explorable) -> None:
    """Write the end of the box."""
    self.body.append(f"<noscript><p>{_WITHOUT}</p></noscript></div>\n")


def leave_figures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Keep the figures alone where no scripts run, and say that more can be had."""
    if app.builder.name == "html":
        return
    for box in list(doctree.findall(explorable)):
        for caption in box.parent.findall(nodes.caption):
            caption.append(nodes.Text(_ELSEWHERE))
        box.replace_self(box.children)


def write_files(app: Sphinx, exception: Exception | None) -> None:
    """Write the scripts and the styles of the explorables."""
    if app.builder.name != "html" or exception is not None:
        return
    site = Path(app.outdir)
    (site / _FOLDER).mkdir(parents=True, exist_ok=True)
    for name, text in _all_files().items():
        path = site / ("_static" if name in {_LOADER, _BOX} else _FOLDER) / name
        path.write_text(text, encoding="utf-8")
    for path in (Path(app.doctreedir).parent / "explorables").glob("*-facts-*.js"):
        shutil.copy(path, site / _FOLDER)


def _all_files() -> dict[str, str]:
    return {
        _LOADER: _own("loader.js"),
        _BOX: _own("box.css"),
        _STYLE: theme("nnx-") + _own("explorables.css"),
        _SHARED: bundle.shared_script(),
        **{f"{name}.js": bundle.script(name) for name in bundle.names()},
    }


def _address(file: str) -> str:
    return f"{_FOLDER}/{file}?v={_digest({file: _all_files()[file]})[:8]}"


def _digest(texts: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
