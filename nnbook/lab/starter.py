"""The folder that a lab begins with."""

import datetime
import shutil
from collections.abc import Iterator
from pathlib import Path

from nnbook.errors import LabError, nearest
from nnbook.lab import entered, files
from nnbook.lab.definition import Definition, known_labs

COPY = "definition"
"""Folder of a lab's definition in that of a student; those of nnbook are not copied."""


def write_starter(
    folder: Path,
    language: str | None = None,
    date: datetime.date | None = None,
    lab: str = "lab4",
) -> list[Path]:
    """Write ``lab.toml``, ``answers.md`` and, where it is asked for, ``step.toml`` into a folder.

    Parameters
    ----------
    folder : Path
        New or empty; made if need be.
    language : str, optional
        Of the files and of the report; by default the first that the lab speaks.
    date : datetime.date, optional
        Of the report; by default today.
    lab : str
        A lab that comes with nnbook, or the folder of a definition, which is copied.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    LabError, SpecError
        If the folder has files already, or cannot be written to, or the definition is at fault.
    """
    definition = Definition.find(lab)
    spoken = definition.file.languages
    language = language or spoken[0]
    if language not in spoken:
        raise LabError(
            f"{definition.path}: languages: no {language!r}, {nearest(language, spoken)}"
        )
    try:
        if folder.is_symlink():
            raise LabError(f"{folder}: expected a new or an empty folder; this is a link")
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise LabError(f"{folder}: expected a new or an empty folder; this one has files")
        if definition.folder.resolve() in (folder.resolve(), *folder.resolve().parents):
            raise LabError(f"{folder}: expected a folder outside {definition.folder}")
        name = lab if lab in known_labs() else COPY
        if name == COPY:
            files.refuse_links(definition.folder)
            shutil.copytree(definition.folder, folder / COPY)
        return list(_write(definition, folder, language, date or datetime.date.today(), name))
    except OSError as error:
        raise LabError(f"{folder}: cannot be written ({error.strerror})") from None


def _write(
    definition: Definition, folder: Path, language: str, date: datetime.date, name: str
) -> Iterator[Path]:
    for file in ("lab.toml", "answers.md", *([entered.FILE] if definition.step else [])):
        source = definition.folder / language / file
        try:
            text = files.read_text(source)
        except FileNotFoundError:
            raise LabError(f"{source}: missing; a student begins with it") from None
        filled = text.replace("= DATE\n", f"= {date.isoformat()}\n")
        path = folder / file
        files.write(path, filled.replace("= DEFINITION", f'= "{name}"').encode())
        yield path
