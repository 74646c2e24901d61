"""A Sphinx extension with the formulas only, for the test of a small book."""

from nnbook.publishing.formulas import hooks


def setup(app):
    hooks.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
