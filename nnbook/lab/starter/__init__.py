"""The folder that a lab begins with."""

import datetime
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from nnbook.errors import LabError


def write_starter(
    folder: Path, language: str = "en", date: datetime.date | None = None
) -> list[Path]:
    """Write ``lab.toml`` and ``answers.md`` into a new or empty folder.

    Parameters
    ----------
    folder : Path
        Made if need be.
    language : {"en", "de"}
        Of the files and of the report.
    date : datetime.date, optional
        Of the report; by default today.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    LabError
        If the folder has files already, or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise LabError(f"{folder}: expected a new or an empty folder; this one has files")
        return list(_write(folder, language, date or datetime.date.today()))
    except OSError as error:
        raise LabError(f"{folder}: cannot be written ({error.strerror})") from None


def _write(folder: Path, language: str, date: datetime.date) -> Iterator[Path]:
    for name, ending in (("lab", "toml"), ("answers", "md")):
        text = files(__package__).joinpath(f"{name}.{language}.{ending}").read_text("utf-8")
        path = folder / f"{name}.{ending}"
        path.write_text(text.replace("= DATE\n", f"= {date.isoformat()}\n"), "utf-8")
        yield path
