"""A Sphinx extension with formulas, search, print and e-book only, for tests of small books."""

from nnbook.publishing.ebook import builder as ebook
from nnbook.publishing.formulas import hooks as formulas
from nnbook.publishing.paper import builder as paper
from nnbook.publishing.search import hooks as search


def setup(app):
    formulas.setup(app)
    search.setup(app)
    paper.setup(app)
    ebook.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
