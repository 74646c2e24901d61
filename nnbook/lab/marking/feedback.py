"""What a person says to a team: a file with room for it, and the PDF that the team gets."""

import datetime
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from pydantic import Field

from nnbook.errors import LabError
from nnbook.lab import files
from nnbook.lab.characters import characters_of, lines_of, messages_of
from nnbook.lab.definition import Definition
from nnbook.lab.language import Words
from nnbook.lab.marking.marker import Team
from nnbook.lab.tasks import Points, Table
from nnbook.lab.typst import breakable, compile_pdf, unprintable
from nnbook.publishing.paper.code import literal
from nnbook.schema import parse, parse_toml

FILE = "feedback.toml"
PDF = "feedback.pdf"


class Feedback(Table):
    """What a person fills in.

    Attributes
    ----------
    comment : str
        To the team, about the whole.
    points : list of Given
        One for each row of the rubric.
    """

    class Given(Table):
        """The points of a row, and what is said of it."""

        exercise: str
        for_: Annotated[str, Field(alias="for")]
        of: Points
        given: Points | str
        comment: str = ""

    comment: str = ""
    points: list[Given] = Field(default_factory=list)


def begin(team: Team) -> Path:
    """Write the file to fill in, unless it is there; points that a rule gave are in it."""
    path = team.folder / FILE
    if path.exists():
        return path
    lines = [
        "# What the team gets to read. Points that no rule gave are empty: write a number.",
        'comment = """',
        '"""',
    ]
    for point in team.points:
        given = '""' if point.given is None else f"{point.given:g}"
        lines += [
            "",
            f"# {_one_line(point.why)}",
            "[[points]]",
            f"exercise = {_quoted(point.exercise)}",
            f"for = {_quoted(point.says)}",
            f"of = {point.most:g}",
            f"given = {given}",
            'comment = ""',
        ]
    files.write(path, ("\n".join(lines) + "\n").encode())
    return path


def write(
    team: Team,
    definition: Definition,
    date: datetime.date,
    warn: Callable[[str], object] = lambda warning: None,
) -> Path:
    """Write the PDF for a team from what a person filled in, and return its path.

    What no font can print is told to `warn`.

    Raises
    ------
    LabError, SpecError
        If the file is missing, or cannot be what it says: file and key.
    """
    path = team.folder / FILE
    try:
        text = files.read_text(path)
    except FileNotFoundError:
        raise LabError(f"{path}: missing; `nnbook lab mark` writes it") from None
    said = parse(Feedback, parse_toml(text, path, LabError), str(path))
    for row in said.points:
        if isinstance(row.given, str) and row.given:
            raise LabError(f"{path}: points: given: expected a number, received {row.given!r}")
    spoken = definition.file.languages
    language = team.inspection.get("language", spoken[0])
    words = definition.words(language if language in spoken else spoken[0])
    given = [float(row.given) for row in said.points if not isinstance(row.given, str)]
    title = str(team.inspection.get("title", definition.name))
    rows = [_row(row, words) for row in said.points]
    most = sum(row.of for row in said.points)
    data = {
        "title": breakable(f"{words['feedback']}: {title}"),
        "team": breakable(f"{words['team']} {team.inspection.get('team', team.name)}"),
        "names": [author["name"] for author in team.inspection.get("authors", [])],
        "language": words.language,
        "comment": [breakable(part) for part in said.comment.strip().split("\n\n") if part],
        "header": [words["exercise"], "", "", words["maximum"], words["comment"]],
        "rows": [[breakable(cell) for cell in row] for row in rows],
        "total": f"{_points(sum(given), words)} / {_points(most, words)}" if rows else "",
    }
    template = resources.files(__package__).joinpath("feedback.typ").read_text("utf-8")
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "feedback.typ").write_text(template, "utf-8")
        source = f'#import "feedback.typ": feedback\n#feedback({literal(data)})\n'
        (folder / "main.typ").write_text(source, "utf-8")
        pdf = compile_pdf(folder, date).pdf
        lacking = unprintable(characters_of(source), folder)
    for message in messages_of(list(lines_of(path, text)), lacking):
        warn(message)
    target = team.folder / PDF
    files.write(target, pdf)
    return target


def _row(row: Feedback.Given, words: Words) -> list[str]:
    given = "–" if isinstance(row.given, str) else _points(row.given, words)
    return [row.exercise, row.for_, given, _points(row.of, words), row.comment]


def _points(number: float, words: Words) -> str:
    return f"{number:g}".replace(".", words.marks.decimal)


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _quoted(text: str) -> str:
    escaped = _one_line(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
