"""A Sphinx extension with formulas and search only, for tests of small books."""

from nnbook.publishing.formulas import hooks as formulas
from nnbook.publishing.search import hooks as search


def setup(app):
    formulas.setup(app)
    search.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
