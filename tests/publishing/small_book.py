"""Small books for tests: an extension with formulas, search, print and e-book, and a build."""

import subprocess
import sys

from nnbook.publishing import line_ends, side_by_side
from nnbook.publishing.ebook import builder as ebook
from nnbook.publishing.formulas import hooks as formulas
from nnbook.publishing.paper import builder as paper
from nnbook.publishing.search import hooks as search

CONF = """
extensions = ["myst_parser", "tests.publishing.small_book"]
html_math_renderer = "nnbook"
myst_enable_extensions = ["dollarmath"]
html_theme = "basic"
"""


def build(folder, *options):
    """Build the pages of the book in a folder; warnings are errors."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", *options, ".", "html"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def setup(app):
    side_by_side.setup(app)
    line_ends.setup(app)
    formulas.setup(app)
    search.setup(app)
    paper.setup(app)
    ebook.setup(app)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
