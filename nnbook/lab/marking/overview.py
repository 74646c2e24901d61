"""What was found, for a person who marks: a table (CSV), all of it (JSON), and a page (HTML)."""

import csv
import html
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nnbook.lab import files
from nnbook.lab.judged import VERDICTS
from nnbook.lab.marking.marker import Options, Team

COLUMNS = (
    *("team", "file", "said_team", "authors", "integrity", "runs", "repeated", "identical"),
    *("close", "different", "by_hand", "findings", "points", "most_points", "to_decide"),
    *("signed", "shared"),
)

SHOWN = (
    *("team", "integrity", "runs", "repeated", "identical", "close", "different", "by_hand"),
    *("findings", "points", "most_points", "to_decide", "said_team", "authors"),
)
"""On the page, in this order: what is wrong is seen first. The rest is below, by team."""

HEADS = {
    "said_team": "names itself",
    "most_points": "points of",
    "to_decide": "for you to decide",
    "by_hand": "by hand",
}
LEGEND = (
    "Repeated: runs that were trained again here. Identical: the same numbers; close: among those "
    "of other runs of ours; different: neither. Findings: what nnbook lab check says. The name of "
    "a team leads to all that was found, and to its report."
)

STYLE = """
:root { color-scheme: light dark; --line: #ddd; --bad: #a00020; --soft: #f4f4f4 }
@media (prefers-color-scheme: dark) { :root { --line: #444; --bad: #ff8a98; --soft: #262626 } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; margin: .5rem 0 }
th, td { padding: .2rem .6rem; text-align: left; vertical-align: top }
th { white-space: nowrap }
td { max-width: 26rem; overflow-wrap: break-word; min-width: 2rem }
td.said { min-width: min(19rem, 50vw); max-width: min(26rem, 55vw) }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
tr { border-bottom: 1px solid var(--line) }
li, h1, h2, p { overflow-wrap: anywhere }
.bad { color: var(--bad); font-weight: 600 }
.pages img { width: 15rem; max-width: 100%; border: 1px solid var(--line); margin: 0 .5rem .5rem 0 }
section { margin-top: 2.5rem }
.says { background: var(--soft); padding: .6rem 1rem; max-width: 60rem }
"""


def cell(value: Any) -> str:
    """Return a cell of a table which no program takes for a formula.

    >>> cell("=1+1"), cell(-2.5), cell("@me")
    ("'=1+1", '-2.5', "'@me")
    """
    if isinstance(value, int | float):
        return f"{value:g}"
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in str(value)).split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def row(team: Team) -> dict[str, Any]:
    """Return the line of a team."""
    found, verdicts = team.inspection, team.verdicts()
    given = [point.given for point in team.points if point.given is not None]
    signed = found.get("signed")
    return {
        "team": team.name,
        "file": team.submission.name,
        "said_team": found.get("team", ""),
        "authors": "; ".join(author["name"] for author in found.get("authors", [])),
        "integrity": "; ".join(_without_folders(team, team.doubts)[:3]) or "ok",
        "runs": found.get("runs", 0),
        "repeated": sum(verdicts.values()),
        **verdicts,
        "by_hand": _by_hand(found.get("step", [])),
        "findings": len(found["findings"]) if found.get("findings") is not None else "",
        "points": sum(given),
        "most_points": sum(point.most for point in team.points),
        "to_decide": sum(point.most for point in team.points if point.given is None),
        "signed": f"{signed['signed']} of {found['runs']}" if signed else "",
        "shared": "; ".join(team.facts[:5]),
    }


def _without_folders(team: Team, messages: Sequence[str]) -> list[str]:
    """Return what is said of a team without the folders in which its files are."""
    folders = {f"{path}/" for path in (team.folder, team.submission.parent)}
    folders |= {f"{path.resolve()}/" for path in (team.folder, team.submission.parent)}
    longest_first = sorted(folders, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return [pattern.sub("", message) for message in messages]


def _by_hand(rows: Sequence[Mapping[str, Any]]) -> str:
    asked = [row for row in rows if row["asked"]]
    count = {key: sum(row[key] for row in asked) for key in ("right", "rounded", "follows", "of")}
    rounded = f", {count['rounded']} rounded" if count["rounded"] else ""
    said = f"{count['right']} of {count['of']} right{rounded}, {count['follows']} follow"
    return said if rows else ""


def write(teams: Sequence[Team], options: Options) -> list[Path]:
    """Write the table, the whole and the page, and return their paths."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([[cell(row(team)[key]) for key in COLUMNS] for team in teams])
    whole = [
        {
            **row(team),
            "problems": team.problems,
            "repeats": team.repeats.get("lines", []),
            "check": team.inspection.get("findings"),
            "reference": team.inspection.get("reference", []),
            "step": team.inspection.get("step", []),
            "rubric": [asdict(point) for point in team.points],
            "notes": team.inspection.get("notes", []),
            "facts": team.facts,
        }
        for team in teams
    ]
    content = {
        "proved": list(proved(options)),
        "definition": {"name": options.definition.name, "digest": options.definition.digest},
        "seed": options.seed,
        "teams": whole,
    }
    outputs = {
        "overview.csv": "\ufeff" + table.getvalue(),
        "overview.json": files.visible_json(content, indent=1) + "\n",
        "overview.html": page(teams, options),
    }
    for name, text in outputs.items():
        files.write(options.out / name, text.encode("utf-8", "replace"))
    return [options.out / name for name in outputs]


def proved(options: Options) -> Iterator[str]:
    """Yield what the marks rest on, and what they do not show."""
    how_many = "All runs" if not options.repeats else f"{options.repeats} runs"
    yield (
        "Results of a team's own code are not among the runs: nobody can repeat them, and none was "
        "repeated. The notes of a team say how many there are."
    )
    yield (
        f"{how_many} of each team were repeated here (sample {options.seed}). A run that was not "
        f"repeated may be false in a way that its numbers do not show: with 1 false run of n, k "
        f"random runs find it with a chance of about k/n."
    )
    yield (
        "On equal versions and an equal kind of machine a result must be identical. A report that "
        "names other versions is compared with runs of our own: a false value that lies among "
        "them passes as close. Processors of one name may round differently; look at the size of "
        "a difference before you judge it."
    )
    yield (
        "What is identical shows that the settings give these numbers, not who ran them. Texts, "
        "drawings and conclusions are not proved by any run. What teams share is a fact, not a "
        "verdict: runs of equal settings and seeds have equal results, but not equal moments."
    )
    if options.key:
        yield (
            "Signatures were checked with the course's key: a signed run was made by "
            "`nnbook lab run --key` on a machine that has the key. Unsigned runs may be honest. A "
            "signature names no team: a signed run that was copied whole from another team is "
            "signed, too, and stands under what the two share."
        )
    else:
        yield (
            "No key was given: that a run was made before the report, by whom, and on which "
            "machine, is only said by the report. Digests show damage, not forgery: whoever "
            "changes a number can compute them anew."
        )
    yield (
        "Findings of check are complete where a folder was handed in. Of a PDF they are what its "
        "pages and its manifest show: exercises without an answer or without what they ask for, "
        "too few repetitions, values by hand that are missing, and numbers in sentences about "
        "results that the manifest does not have. Not to be seen in a PDF: numbers that were typed "
        "although they are on record, what no text refers to, formulas that were printed as they "
        "were typed, headings and pictures without words, and characters that no font has."
    )
    if options.definition.step:
        entered = options.definition.step.declared.entered
        yield (
            "Values by hand are those of the manifest, as they were entered; compare them with the "
            "page where it matters. Follows: what comes out when one goes on with the team's own "
            "earlier value, a wrong one among them; rounded: when one goes on with right values as "
            "they were rounded. Where all that was entered of a quantity is 0, or parameters as "
            "they were, nothing is earned unless all of it is right. Of what follows, at most "
            f"{entered.follows_per_right:g} count for each right value that had to be computed, so "
            "that a systematic mistake at the very beginning can cost more than it should: look at "
            "teams of which much follows. That a value is right does not show who computed it."
        )
    yield (
        "What a team handed in was read, and its runs repeated, in processes of their own: on "
        "Linux with limits of time, memory and file size and, where the kernel allows it, without "
        "a network; on macOS with those of time and file size, with no limit of memory and with a "
        "network; on Windows with a limit of time only."
    )


def page(teams: Sequence[Team], options: Options) -> str:
    """Return the page."""
    rows = [row(team) for team in teams]
    columns = _columns(rows)
    kinds = {key: _kind(rows, key) for key in columns}
    head = "".join(
        f"<th{kind}>{_text(HEADS.get(key, key.replace('_', ' ')))}</th>"
        for key, kind in kinds.items()
    )
    lines = "".join(_line(values, kinds) for values in rows)
    says = "".join(f"<p>{_text(said)}</p>" for said in proved(options))
    parts = "".join(_section(team) for team in teams)
    count = "1 team" if len(teams) == 1 else f"{len(teams)} teams"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src 'self' file:; style-src 'unsafe-inline'\">"
        f"<title>{_text(options.definition.name)}</title><style>{STYLE}</style></head><body>"
        f'<h1 id="top">{_text(options.definition.name)}: {count}</h1>'
        f'<p>{_text(_summary(teams))} <a href="#says">What this shows, and what it does not</a></p>'
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div><p>{_text(LEGEND)}</p>"
        f'<div class="says" id="says"><h2>What this shows, and what it does not</h2>{says}</div>'
        f"{parts}</body></html>"
    )


def _summary(teams: Sequence[Team]) -> str:
    unread = sum("runs" not in team.inspection for team in teams)
    doubtful = sum(bool(team.doubts) for team in teams) - unread
    return (
        f"{len(teams) - unread - doubtful} without a contradiction, {doubtful} with one, {unread} "
        f"refused: read what stands beside them."
    )


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the columns that say something: a lab may have no points, and nothing by hand."""
    points = ("points", "most_points", "to_decide")
    left_out = set() if any(values["most_points"] for values in rows) else set(points)
    return [
        key
        for key in SHOWN
        if key not in left_out and any(values[key] not in ("", None) for values in rows)
    ]


def _kind(rows: Sequence[Mapping[str, Any]], key: str) -> str:
    is_number = all(isinstance(values[key], int | float) or values[key] == "" for values in rows)
    return ' class="number"' if is_number else ""


def _text(value: Any) -> str:
    text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in str(value))
    return html.escape(text)


def _line(values: Mapping[str, Any], kinds: Mapping[str, str]) -> str:
    cells = []
    for key, usual in kinds.items():
        value, kind = values[key], usual
        bad = (key == "integrity" and value != "ok") or (key == "different" and value)
        text = f"{value:g}" if isinstance(value, int | float) else _text(value)
        if key == "team":
            text = f'<a href="#{_text(value)}">{text}</a>'
        if key == "integrity":
            kind = ' class="said bad"' if bad else ' class="said"'
        elif bad:
            kind = ' class="number bad"'
        cells.append(f"<td{kind}>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _section(team: Team) -> str:
    found = team.inspection
    blocks = [f'<section id="{_text(team.name)}"><h2>{_text(team.name)}</h2>']
    place = f"teams/{_text(team.name)}"
    pictures = sorted(team.folder.glob("page-*.png"))
    links = "".join(
        f'<a href="{place}/report.pdf">'
        f'<img src="{place}/{_text(path.name)}" alt="page {number}"></a>'
        for number, path in enumerate(pictures, start=1)
    )
    blocks += [f'<p class="pages">{links}</p>'] if links else []
    blocks.append(_list("Problems", _without_folders(team, team.problems), "bad"))
    blocks.append(_list("Shared with other teams", team.facts))
    blocks.append(_list("Notes", found.get("notes", [])))
    findings = _without_folders(team, found.get("findings") or [])
    blocks.append(_list("Findings of check", findings))
    titles = ["configuration", "seed", "metric", "reported", "repeated", "verdict"]
    repeated = [[line[title] for title in titles] for line in team.repeats.get("lines", [])]
    blocks.append(_table("Repeated", titles, repeated))
    titles = ["configuration", "metric", "own", "reference", "its value", "own − reference"]
    reference = [_compared(line) for line in found.get("reference", [])]
    blocks.append(_table("Beside the reference, with 95 % intervals", titles, reference))
    titles = ["quantity", "verdict", *VERDICTS, "of"]
    titles += ["entered", "solution"]
    step = [[row[title] for title in titles] for row in found.get("step", [])]
    blocks.append(_table(f"By hand, with the loss {found.get('step_loss')}", titles, step))
    titles = ["exercise", "for", "given", "of", "why"]
    points = [[p.exercise, p.says, p.given, p.most, p.why] for p in team.points]
    blocks.append(_table("Points", titles, points))
    if found.get("signed"):
        counts = ", ".join(f"{count} {kind}" for kind, count in found["signed"].items())
        blocks.append(f"<p>Signatures: {_text(counts)}</p>")
    blocks.append(
        f'<p>Comments and points by hand: <a href="{place}/feedback.toml">'
        f"{place}/feedback.toml</a></p>"
    )
    blocks.append('<p><a href="#top">Back to the table</a></p>')
    return "".join(blocks) + "</section>"


def _compared(line: Mapping[str, Any]) -> list[Any]:
    own, other = _interval(line["own"]), _interval(line["book"])
    difference = _interval(line.get("difference"))
    return [line["configuration"], line["metric"], own, line["reference"], other, difference]


def _list(title: str, items: Sequence[str], kind: str = "") -> str:
    if not items:
        return ""
    lines = "".join(f'<li class="{kind}">{_text(item)}</li>' for item in items)
    return f"<h3>{title}</h3><ul>{lines}</ul>"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return ""
    heads = "".join(f"<th>{_text(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{_number(value)}</td>" for value in cells) + "</tr>"
        for cells in rows
    )
    return f'<h3>{title}</h3><div class="wide"><table><tr>{heads}</tr>{body}</table></div>'


def _number(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, float) else _text("–" if value is None else value)


def _interval(values: Sequence[float | None] | None) -> str:
    if not values or values[0] is None:
        return "–"
    if values[1] is None or values[2] is None:
        return f"{values[0]:.4g}"
    return f"{values[0]:.4g} ({values[1]:.4g} to {values[2]:.4g})"
