"""What there is to do for one team, in a process of its own: what it reads was made by strangers.

Started by `nnbook.lab.marking.marker` as a program, with the path of a file that says what to do.
It leaves ``inspection.json`` and ``repeats.json`` in the team's folder.
"""

import hashlib
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from nnbook.errors import LabError, NNBookError
from nnbook.experiments import experiment, runner
from nnbook.experiments.statistics import Summary, summarize, unpaired_difference
from nnbook.lab import entered, files, judged, manifest, signing
from nnbook.lab.definition import Definition
from nnbook.lab.manifest import Manifest, Run
from nnbook.lab.marking import pages
from nnbook.lab.marking.rubric import Written
from nnbook.lab.own_results import not_repeated
from nnbook.lab.repeats import Repeater, Train, sample
from nnbook.metrics import METRICS
from nnbook.schema import read_file

INSPECTION, REPEATS, REPORT = "inspection.json", "repeats.json", "report.pdf"
PAGES = "pages.txt"
MOST_PICTURES = 3


@dataclass(frozen=True)
class Job:
    """What to do.

    Attributes
    ----------
    stage : {"inspect", "repeat"}
    submission : str
        A PDF, or the folder of a lab.
    out : str
        The team's folder, for what is found.
    definition : str
        Folder of the lab's definition.
    key : str
        File of the course's key; empty for none.
    repeats : int
        How many runs to repeat; 0 for all of them.
    seed : int
        Of the sample.
    """

    stage: Literal["inspect", "repeat"]
    submission: str
    out: str
    definition: str
    key: str
    repeats: int
    seed: int


def inspect(job: Job) -> dict[str, Any]:
    """Return what a submission says, and what does not fit together in it."""
    definition, out = Definition.read(Path(job.definition)), Path(job.out)
    found: dict[str, Any] = {"problems": [], "notes": [], "findings": None}
    submission = Path(job.submission)
    if submission.is_dir():
        pdf, answers, traces = _from_folder(submission, definition, found)
    else:
        pdf, answers, traces = _read(submission), None, {}
    (out / REPORT).write_bytes(pdf)
    if pdf.startswith(b"%PDF"):
        # From here on, and in other processes, no program that reads PDFs is needed.
        (out / manifest.NAME).write_bytes(manifest.attached(submission, pdf))
    else:
        (out / manifest.NAME).write_bytes(pdf)
    read = manifest.read(out / manifest.NAME, definition.data_files)
    texts = pages.read_pages(pdf, submission.name)
    text = "\n".join(texts)
    text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    (out / PAGES).write_text(text, "utf-8")
    said = read.named
    found |= {"team": said.team, "title": said.title, "authors": said.authors}
    found |= {"language": said.language, "runs": len(read.runs)}
    found["data"] = sorted({run.spec.data.digest for run in read.runs})
    if said.definition.get("digest") != definition.digest:
        found["notes"].append(f"made with another definition of the lab ({said.definition})")
    found["problems"] += [
        f"{name}: no run of the seeds {', '.join(map(str, seeds[:5]))}"
        for name, seeds in read.missing.items()
    ]
    found["problems"] += _other_metrics(read.runs)
    if note := not_repeated(said.own):
        found["notes"].append(note)
    if not read.runs:
        found["problems"].append("there is no run in it")
    words = definition.words(
        said.language
        if said.language in definition.file.languages
        else definition.file.languages[0]
    )
    printed = pages.compare(read.runs, texts, words)
    found["problems"] += printed.differ[:20]
    found["printed"] = {"agree": printed.agree, "absent": printed.absent}
    if count := len(printed.absent):
        runs = "1 run is" if count == 1 else f"{count} runs are"
        found["problems"].append(f"{runs} not in the list on the pages")
    if said.team and bare_missing(said.team, texts[:1]):
        found["problems"].append("the team on the title page is not that of the manifest")
    for author in said.authors:
        if bare_missing(author["name"], texts[:1]):
            found["problems"].append("an author of the manifest is not on the title page")
    sections = pages.sections(texts, definition, words)
    found |= _by_hand(read, definition)
    found["answers"] = answers or _written(sections, definition, words, job)
    found["reference"] = list(_reference(read, definition))
    if found["findings"] is None:  # of a PDF
        found["findings"] = pages.findings(read, sections, found, definition, words)
    found["signed"] = _signed(read, job.key)
    found["traces"] = traces | {
        "runs": [_trace(run) for run in read.runs if run.final is not None],
        "own": [one.sha256 for one in said.own],
        "answers": said.answers_sha256,
        "text": "\n".join(sections.values()),
        "people": sorted({author["name"] for author in said.authors} - _examples(definition)),
    }
    _draw(out, len(texts))
    return found


def _other_metrics(runs: Sequence[Run]) -> Iterator[str]:
    """Yield what is odd about runs that measured other things than most of their configuration."""
    by_name: dict[str, list[Run]] = {}
    for run in runs:
        if run.final is not None:
            by_name.setdefault(run.configuration, []).append(run)
    for name, some in by_name.items():
        [(usual, _)] = Counter(frozenset(run.final or ()) for run in some).most_common(1)
        for run in some:
            if odd := sorted(usual ^ set(run.final or ())):
                what = ", ".join(odd)
                yield f"{name}, seed {run.spec.seed}: {what} in it, or in the others, only"


def _by_hand(read: Manifest, definition: Definition) -> dict[str, Any]:
    """Return how the values by hand are, and with which loss they were computed."""
    if definition.step is None:
        return {}
    by_hand = entered.of_manifest(read.named.step, definition.step)
    loss = by_hand.loss if by_hand.states_loss else f"{by_hand.loss} (none is stated)"
    return {"step": judged.rows(definition.step, by_hand), "step_loss": loss}


def _examples(definition: Definition) -> set[str]:
    """Return the names that a lab begins with, which say nothing if they are still there."""
    starters = [definition.folder / language / "lab.toml" for language in definition.file.languages]
    texts = [files.read_text(path) for path in starters if path.is_file()]
    return {name for text in texts for name in re.findall(r'^name = "([^"\n]*)"', text, re.M)}


def bare_missing(text: str, texts: list[str]) -> bool:
    """Say whether a text is not on pages."""
    return pages.bare(text) not in pages.bare(" ".join(texts))


def _read(path: Path) -> bytes:
    return read_file(path, manifest.LARGEST_FILE, LabError)


def _from_folder(
    folder: Path, definition: Definition, found: dict[str, Any]
) -> tuple[bytes, dict[str, Any], dict[str, Any]]:
    """Return the report that a folder makes, its answers and its own pictures."""
    from nnbook.lab.report import Report

    files.refuse_links(folder)
    report = Report(folder)
    own = report.lab.definition
    if set(own.exercises) == set(definition.exercises):
        report.lab = replace(report.lab, definition=definition)
    pdf = report.pdf()
    found["findings"] = [str(finding) for finding in report.findings]
    text = report.lab.answers_text()
    answers = report.answers
    written = {
        number: asdict(
            Written(
                answers.words[number],
                {str(need): need in answers.contents[number] for need in exercise.needs},
            )
        )
        for number, exercise in definition.exercises.items()
    }
    handed_in = folder / REPORT
    if handed_in.is_file():
        before = manifest.read(handed_in, definition.data_files)
        now = {run.spec.key: run.final for run in _runs_of(pdf, definition)}
        if {run.spec.key: run.final for run in before.runs} != now:
            found["problems"].append("report.pdf in the folder has other results than the folder")
    found["bytes_of_answers"] = len(text)
    return pdf, written, {"pictures": answers.picture_digests}


def _runs_of(pdf: bytes, definition: Definition) -> list[Run]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / REPORT
        path.write_bytes(pdf)
        return manifest.read(path, definition.data_files).runs


def _written(
    sections: dict[str, str], definition: Definition, words: Any, job: Job
) -> dict[str, Any]:
    """Return what the pages show of the answers."""
    statements = definition.statements(words.language)
    answers = {}
    for number, exercise in definition.exercises.items():
        section = sections[number]
        written = pages.words_written(section, statements[number][1])
        if pages.bare(words["unanswered"]) in pages.bare(section):
            written = 0
        shown = pages.contents(section, words)
        contains = {str(need): shown[need] for need in exercise.needs if need in shown}
        answers[number] = asdict(Written(written, contains))
    return answers


def _reference(read: Manifest, definition: Definition) -> Any:
    """Yield the values of a team beside those of the reference."""
    for name, reference in read.named.compare.items():
        own, _, configuration = reference.partition("/")
        try:
            if own in definition.references:
                other = definition.references[own][configuration]
            elif definition.file.book:
                other = experiment(own)[configuration]
            else:
                continue
            recorded = runner.recorded(other, missing="left out")
        except NNBookError:
            continue
        finals = [run.final for run in read.runs if run.configuration == name and run.final]
        if not finals or not recorded.finished:
            continue
        for metric in finals[0]:
            if metric.startswith(("test", "training")) and all(metric in f for f in finals):
                mine = np.array([final[metric] for final in finals])
                theirs = recorded.final(metric)
                yield {
                    "configuration": name,
                    "reference": reference,
                    "metric": metric,
                    **_beside(mine, theirs, metric),
                }


def _beside(mine: Any, theirs: Any, metric: str) -> dict[str, Any]:
    one, other = summarize(mine), summarize(theirs)
    row: dict[str, Any] = {"own": _mean(one, metric), "book": _mean(other, metric)}
    if min(one.n, other.n) > 1:
        effect = unpaired_difference(mine, theirs)
        row["difference"] = [effect.effect, effect.low, effect.high]
    return row


def _mean(summary: Summary, metric: str) -> list[float]:
    """Return a mean, an interval that keeps to what the metric can be, and how many there are."""
    most = 1.0 if metric in METRICS and METRICS[metric].is_share else math.inf
    low, high = np.clip([summary.low, summary.high], 0.0, most).tolist()  # nan stays
    return [summary.mean, low, high, summary.n]


def _signed(read: Manifest, key: str) -> dict[str, int] | None:
    """Return how many runs carry the course's signature; None without a key."""
    if not key:
        return None
    secret = signing.read_key(Path(key))
    said = [run for run in read.runs if run.entry.get("signature")]
    good = sum(signing.is_signed(run.entry, secret) for run in said)
    return {"signed": good, "forged": len(said) - good, "unsigned": len(read.runs) - len(said)}


def _trace(run: Run) -> str:
    entry = run.entry
    what = json.dumps([entry["key"], entry["final"], entry["date"], entry["seconds"]])
    return hashlib.sha256(what.encode()).hexdigest()[:32]


def _draw(out: Path, count: int) -> None:
    """Draw the first pages, to be looked at."""
    import typst

    numbers = range(1, min(count, MOST_PICTURES) + 1)
    body = "\n#pagebreak()\n".join(
        f'#image("{REPORT}", page: {number}, width: 100%)' for number in numbers
    )
    source = out / "pages.typ"
    source.write_text(f"#set page(width: 90mm, height: auto, margin: 0pt)\n{body}\n", "utf-8")
    try:
        drawn: Any = typst.compile(str(source), format="png", ppi=110)
    except Exception:  # pages that cannot be drawn are not shown
        drawn = []
    for number, picture in enumerate(drawn if isinstance(drawn, list) else [drawn], start=1):
        (out / f"page-{number}.png").write_bytes(picture)
    source.unlink()


def repeat(job: Job, train: Train | None = None) -> dict[str, Any]:
    """Return how repeated runs of a team compare with what it reports."""
    definition, out = Definition.read(Path(job.definition)), Path(job.out)
    read = manifest.read(out / manifest.NAME, definition.data_files)
    text = _read(out / PAGES).decode("utf-8", "replace")
    chosen = sample(read.runs, job.repeats or len(read.runs), job.seed, text)
    lines: list[dict[str, Any]] = []
    repeater = Repeater(train)
    for run in chosen:
        manifest.refuse_large(run)
        for line in repeater.repeat(run):
            lines.append(
                {
                    "configuration": run.configuration,
                    "seed": run.spec.seed,
                    "key": run.spec.key,
                    **asdict(line),
                }
            )
        _write(out / REPEATS, {"done": False, "asked": len(chosen), "lines": lines})
    return {"done": True, "asked": len(chosen), "lines": lines}


def _write(path: Path, content: Any) -> None:
    files.write(path, files.visible_json(_plain(content), indent=1).encode())


def _plain(content: Any) -> Any:
    """Return what JSON has: None for numbers that it has not."""
    match content:
        case dict():
            return {key: _plain(value) for key, value in content.items()}
        case list() | tuple():
            return [_plain(value) for value in content]
        case float() if not math.isfinite(content):
            return None
        case _:
            return content


def carry_out(job: Job, train: Train | None = None) -> None:
    """Do a job, and leave what was found, or what went wrong."""
    name = INSPECTION if job.stage == "inspect" else REPEATS
    try:
        found = inspect(job) if job.stage == "inspect" else repeat(job, train)
    except NNBookError as error:
        found = {"error": str(error)}
    _write(Path(job.out) / name, found)


if __name__ == "__main__":
    carry_out(Job(**json.loads(Path(sys.argv[1]).read_text("utf-8"))))
