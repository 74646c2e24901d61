"""A Sphinx extension with formulas and what makes a site of pages, for tests of small books."""

from nnbook.publishing.formulas import hooks as formulas
from nnbook.publishing.site import editions, hooks, terms


def setup(app):
    for part in (formulas, hooks, terms, editions):
        part.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
