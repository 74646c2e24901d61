"""What comes before the body of a report: title page, list of runs as attachment, settings."""

from nnbook.lab import manifest
from nnbook.lab.folder import Lab
from nnbook.lab.typst import breakable
from nnbook.publishing.paper.code import call, literal


def preamble(lab: Lab, lacking: str = "") -> str:
    """Return Typst code for the title page.

    Parameters
    ----------
    lab : Lab
    lacking : str
        Characters that no font has.
    """
    words, cover = lab.words, lab.cover
    columns = {
        "author": [author.name for author in lab.authors],
        "matriculation": [author.matriculation for author in lab.authors],
        "email": [author.email for author in lab.authors],
    }
    shown = {key: column for key, column in columns.items() if any(column)}
    runs = sum(len(runs.records) for runs in lab.results.values())
    data = {
        "course": cover.course,
        "title": cover.title,
        "team": cover.team,
        "date": _date(lab),
        "day": {"year": cover.date.year, "month": cover.date.month, "day": cover.date.day},
        "language": cover.language,
        "unprintable": lacking,
        "names": columns["author"],
        "author-header": [words[key] for key in shown],
        "authors": [[breakable(cell) for cell in row] for row in zip(*shown.values(), strict=True)],
        "provenance": words.fill("provenance", runs=runs) if runs else "",
        "words": {
            "team": words["team"],
            "contents": words["contents"],
            "page-of": words["page_of"],
        },
    }
    attachment = call(
        "pdf.attach",
        manifest.NAME,
        relationship="data",
        mime_type="application/json",
        description=words["attachment"],
    )
    return f'#import "template.typ": *\n#show: report.with({literal(data)})\n{attachment}\n\n'


def _date(lab: Lab) -> str:
    date = lab.cover.date
    month = lab.words["months"].split()[date.month - 1]
    return lab.words.fill("date_format", day=date.day, month=month, year=date.year)
