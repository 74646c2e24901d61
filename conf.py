"""The book on the newest Sphinx, without Jupyter Book: the same settings, read from _config.yml.

Build with ``make book-newest``. Only what Jupyter Book would translate itself is translated here;
everything under ``sphinx.config`` holds as it stands.
"""

from pathlib import Path

import yaml

_root = Path(__file__).parent
_config = yaml.safe_load((_root / "_config.yml").read_text(encoding="utf-8"))

project = html_title = _config["title"]
author = _config["author"]
copyright = _config["copyright"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]

extensions = [
    "myst_nb",
    "sphinx_book_theme",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_external_toc",
    "sphinx_togglebutton",
    "sphinxcontrib.bibtex",
    *_config["sphinx"]["extra_extensions"],
]
external_toc_path = str(_root / "_toc.yml")

myst_enable_extensions = _config["parse"]["myst_enable_extensions"]
nb_execution_mode = _config["execute"]["execute_notebooks"]
nb_execution_cache_path = str(_root / "_build" / ".jupyter_cache-newest")
nb_execution_timeout = _config["execute"]["timeout"]
nb_execution_raise_on_error = _config["execute"]["raise_on_error"]
nb_output_stderr = _config["execute"]["stderr_output"]

html_theme = "sphinx_book_theme"
html_baseurl = _config["html"]["baseurl"] or ""
_sphinx = _config["sphinx"]["config"]
globals().update(_sphinx)
html_theme_options = {
    **_sphinx["html_theme_options"],
    "repository_url": _config["repository"]["url"],
    "repository_branch": _config["repository"]["branch"],
    "path_to_docs": _config["repository"]["path_to_book"],
    "launch_buttons": _config["launch_buttons"],
    "use_repository_button": _config["html"]["use_repository_button"],
    "use_issues_button": _config["html"]["use_issues_button"],
    "use_edit_page_button": _config["html"]["use_edit_page_button"],
    "home_page_in_toc": _config["html"]["home_page_in_navbar"],
}

# Paths are relative to the folder of conf.py here, and to the folder of the pages in Jupyter Book.
_book = _root / _config["repository"]["path_to_book"]
bibtex_bibfiles = [str(_book / path) for path in _config["bibtex_bibfiles"]]
html_favicon = str(_book / _config["html"]["favicon"])
html_static_path = [str(_book / path) for path in _sphinx["html_static_path"]]
