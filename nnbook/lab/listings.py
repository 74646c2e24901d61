"""Listings: code of the lab's folder, as a report prints it."""

import re
from dataclasses import dataclass
from pathlib import Path

from nnbook.errors import LabError, nearest
from nnbook.lab import files

LANGUAGES = {
    ".py": "python",
    ".ipynb": "json",
    ".toml": "toml",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".sh": "bash",
    ".m": "matlab",
    ".r": "r",
    ".jl": "julia",
    ".c": "c",
    ".cpp": "cpp",
    ".java": "java",
    ".js": "js",
    ".md": "markdown",
    ".txt": "",
    ".csv": "",
}
"""By the end of a file's name: the language in which it is highlighted."""

LARGEST = 2**20  # bytes
MOST_LINES = 300


@dataclass(frozen=True)
class Listing:
    """Lines of a file.

    Attributes
    ----------
    path : str
        Relative to the lab's folder.
    lines : str
        First and last line, with a dash between them; empty if all are shown.
    text : str
    language : str
    """

    path: str
    lines: str
    text: str
    language: str

    @property
    def name(self) -> str:
        """What a placeholder calls it."""
        return f"{self.path}:{self.lines}" if self.lines else self.path


def _is_inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # a name that cannot be one, links in a circle
        return False


def read_listing(folder: Path, asked: str) -> Listing:
    """Return a listing.

    Parameters
    ----------
    folder : Path
        Of the lab.
    asked : str
        Such as ``"train.py"`` or ``"train.py:10-40"``.

    Raises
    ------
    LabError
        If there is no such file in the folder, or not these lines, or they are too many.
    """
    match = re.fullmatch(r"(.*?)(?::\s*(\d{1,6})\s*-\s*(\d{1,6}))?", asked)
    assert match
    name = match[1].strip()
    path = folder / name
    if not name or not _is_inside(path, folder):
        raise LabError(f"listing: expected a file in the lab's folder, received {name!r}")
    if path.suffix.lower() not in LANGUAGES:
        raise LabError(
            f"listing: expected a file of code ({', '.join(LANGUAGES)}), received {name!r}"
        )
    try:
        lines = files.read_text(path, LARGEST).rstrip().split("\n")
    except FileNotFoundError:
        known = sorted(
            other.relative_to(folder).as_posix()
            for other in folder.rglob(f"*{path.suffix}")
            if "results" not in other.relative_to(folder).parts
        )
        hint = nearest(name, known) if known else "the folder holds none"
        raise LabError(f"listing: no file {name!r}, {hint}") from None
    first, last = (int(match[2]), int(match[3])) if match[2] else (1, len(lines))
    if not 1 <= first <= last <= len(lines):
        raise LabError(f"listing: {name!r} has the lines 1-{len(lines)}, received {first}-{last}")
    if last - first >= MOST_LINES:
        raise LabError(
            f"listing: expected at most {MOST_LINES} lines, received {last - first + 1}; "
            f"name some, such as {name}:{first}-{first + 39}"
        )
    shown = f"{first}-{last}" if match[2] else ""
    text = "\n".join(lines[first - 1 : last]).expandtabs(4)
    return Listing(name, shown, text, LANGUAGES[path.suffix.lower()])
