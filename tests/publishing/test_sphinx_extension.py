"""Links to the glossary explain themselves."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.util.docutils import docutils_namespace

import nnbook.publishing
from nnbook.publishing import sphinx_extension

Sphinx = pytest.importorskip("sphinx.application").Sphinx

CONF = """\
from nnbook.publishing.sphinx_extension import collect_definitions, explain_terms

def setup(app):
    app.connect("env-updated", collect_definitions)
    app.connect("doctree-resolved", explain_terms)
"""
INDEX = """\
Title
=====

A :term:`learning rate`, several :term:`paces <pace>`, a :ref:`search`.

.. toctree::

   glossary
"""
GLOSSARY = r"""
Glossary
========

.. glossary::

   learning rate
   pace
      The factor :math:`\eta` that makes
      a "step"; see :term:`norm`.

   norm
      The numbers :math:`\operatorname{Im} \delta^l` and :math:`-\log \hat{y}`.
"""


def build(folder: Path) -> dict[str, str]:
    """Build the book of a folder; return its pages by name."""
    with docutils_namespace():  # as on the command line: a build leaves nothing registered
        app = Sphinx(folder, folder, folder / "html", folder / "doctrees", "html", status=None)
        app.build()
    return {page.stem: page.read_text(encoding="utf-8") for page in Path(app.outdir).glob("*.html")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    for name, text in (("conf.py", CONF), ("index.rst", INDEX), ("glossary.rst", GLOSSARY)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def pages(folder) -> dict[str, str]:
    return build(folder)


def titles(page: str) -> list[str]:
    return re.findall(r'<a class="reference internal"[^>]*title="([^"]*)"[^>]*><span', page)


def test_a_link_to_a_term_has_its_definition_as_title(pages):
    definition = "The factor η that makes a “step”; see norm."
    assert titles(pages["index"]) == [definition, definition]


def test_mathematics_becomes_plain_text(pages):
    assert titles(pages["glossary"]) == ["The numbers Im δˡ and −log ŷ."]


def test_other_links_have_no_definition(pages):
    assert 'href="search.html"' in pages["index"]
    assert pages["index"].count('title="The factor') == 2


def test_an_edited_definition_reaches_the_pages_that_link_to_it(folder, pages):
    (folder / "glossary.rst").write_text(GLOSSARY.replace("factor", "number"), encoding="utf-8")
    definition = "The number η that makes a “step”; see norm."
    assert titles(build(folder)["index"]) == [definition, definition]


def test_a_module_that_is_imported_meanwhile_stops_no_build(monkeypatch):
    class Importing(str):
        """The name of a module at which another is imported, as in a thread of its own."""

        __slots__ = ()

        def startswith(self, *arguments):
            modules["imported meanwhile"] = None
            return False

    modules = {Importing("sphinx"): None, "nnbook.publishing": nnbook.publishing}
    monkeypatch.setattr(sphinx_extension, "sys", SimpleNamespace(modules=modules))
    env = SimpleNamespace(found_docs={"page"})
    sphinx_extension.pages_of_changed_code(None, env, set(), set(), set())
    assert "imported meanwhile" in modules
    assert any(path.endswith("__init__.py") for path in env.nnbook_code["files"])
