"""Where things are: the checkout, the data that come with the package, and where results go.

Whoever needs a file of the project asks here; no other module works out paths from its own. In a
checkout the data are those in ``data/``, and the results are those of the book. An installed wheel
carries the data but no results, and puts its own in the folder in which it is used.
"""

import os
from importlib.resources import files
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
"""The folder that holds the package: in a checkout the repository."""

IN_CHECKOUT = (REPOSITORY / "_toc.yml").is_file() and (REPOSITORY / "data").is_dir()
"""Whether the package is used from the repository, and not from an installed wheel."""


RESULTS = "nnbook-results"
"""The folder for results, below the one in which an installed wheel is used."""


def data(*parts: str) -> Path:
    """Return the path of data that come with the package.

    Parameters
    ----------
    *parts : str
        Such as ``"eckerle4.csv"``, or ``"experiments", "eckerle4-sheet.toml"``.

    Examples
    --------
    >>> data("eckerle4.csv").read_text()[:4]
    'tran'
    """
    folder = REPOSITORY / "data" if IN_CHECKOUT else Path(str(files("nnbook"))) / "data"
    return folder.joinpath(*parts)


def labs() -> Path:
    """Return the folder of the labs that come with the package."""
    return REPOSITORY / "labs" if IN_CHECKOUT else Path(str(files("nnbook"))) / "labs"


def relative(path: Path) -> str:
    """Return the path of a file in the repository, or the name of one that lies elsewhere.

    Examples
    --------
    >>> relative(REPOSITORY / "data" / "eckerle4.csv"), relative(Path("/elsewhere/notes.csv"))
    ('data/eckerle4.csv', 'notes.csv')
    """
    return path.relative_to(REPOSITORY).as_posix() if path.is_relative_to(REPOSITORY) else path.name


def data_folders() -> list[Path]:
    """Return the folders in which a data file is looked for, in this order.

    The environment variable ``NNBOOK_DATA`` may name one that comes first, for data that are not
    part of the project. What to run and what the book claims are no data in this sense: they are
    the project's.
    """
    extra = os.environ.get("NNBOOK_DATA")
    return [*([Path(extra).expanduser()] if extra else []), data()]


def downloads() -> Path:
    """Return the folder of the data sets that Keras downloads."""
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "datasets"


def book_results() -> Path:
    """Return where the results of the book's experiments are, and where new ones go."""
    return REPOSITORY / "data" / "results" if IN_CHECKOUT else Path.cwd() / RESULTS


def own_results(file: Path) -> Path:
    """Return where the results of a user's own experiment file are: in a folder beside it."""
    return file.resolve().parent / "results"
