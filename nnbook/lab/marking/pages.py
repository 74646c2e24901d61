"""What is printed on the pages of a report, and whether the manifest says the same."""

import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nnbook.errors import LabError
from nnbook.experiments.statistics import summarize
from nnbook.lab.definition import Definition
from nnbook.lab.language import Words
from nnbook.lab.manifest import Manifest, Run
from nnbook.lab.tables import DIGITS_OF_KEY
from nnbook.lab.unsupported import Supported, numbers_in, unsupported
from nnbook.metrics import RECORDED

MOST_PAGES = 500
WORD = re.compile(r"[^\W\d_]{2,}")
FEWEST_WORDS = 4
"""Of a line that is part of a sentence."""

CAPTIONS = {
    "table": "results_caption",
    "settings": "settings_caption",
    "layers": "layers_caption",
    "overview": "overview_caption",
    "overview-transposed": "overview_caption",
    "best": "best_caption",
    "figure:learning-curves": "curves_caption",
    "figure:loss-and-accuracy": "loss_accuracy_caption",
    "figure:weights": "weights_caption",
    "figure:histograms": "histograms_caption",
    "figure:biases": "biases_caption",
    "figure:fit": "fit_caption",
    "figure:predicted": "predicted_caption",
    "figure:inputs": "inputs_caption",
    "figure:images": "images_caption",
    "listing": "listing_caption",
    "own": "own_caption",
    "own-curves": "own_curves_caption",
    "comparison": "comparison_caption",
    "backpropagation": "forward_caption",
}
"""By what a page shows: the caption that says so."""


def read_pages(pdf: bytes, name: str) -> list[str]:
    """Return the text of each page of a PDF.

    Raises
    ------
    LabError
        If it cannot be read, or has too many pages.
    """
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        pages = PdfReader(io.BytesIO(pdf)).pages
        if len(pages) > MOST_PAGES:
            raise LabError(f"{name}: expected at most {MOST_PAGES} pages, received {len(pages)}")
        return [page.extract_text() for page in pages]
    except LabError:
        raise
    except Exception:  # whatever a reader of PDF meets in a file that a stranger made
        raise LabError(f"{name}: the PDF is damaged") from None


def bare(text: str) -> str:
    """Return a text as it is compared: without blanks, hyphens, and places where it may break."""
    return re.sub(r"[\s\u200b\u00ad-]", "", text)


@dataclass(frozen=True)
class Printed:
    """How the pages agree with the manifest.

    Attributes
    ----------
    agree : int
        Rows of tables in which all numbers are those of the manifest.
    differ : list of str
        Rows with other numbers.
    absent : list of str
        Rows that are not on the pages, or cannot be read there.
    """

    agree: int
    differ: list[str]
    absent: list[str]


def compare(runs: Sequence[Run], pages: Sequence[str], words: Words) -> Printed:
    """Compare the list of runs and the tables of results on the pages with the manifest."""
    text = bare("\n".join(pages))
    agree, differ, absent = 0, [], []
    for run in runs:
        key = run.spec.key[:DIGITS_OF_KEY]
        expected = bare("".join(_numbers(run, runs, words)))
        starts = [match.end() for match in re.finditer(rf"{key}\d{{8}}", text)]
        if not starts:
            absent.append(f"{run.configuration}, seed {run.spec.seed}: not in the list of runs")
        elif any(text.startswith(expected, start) for start in starts):
            agree += 1
        else:
            differ.append(f"{run.configuration}, seed {run.spec.seed}: other numbers in the list")
    for label, row in _rows(runs, words):
        if bare(row) in text:
            agree += 1
        else:
            differ.append(f"{label}: no table has the mean of its runs")
    return Printed(agree, differ, absent)


def _shared(run: Run, runs: Sequence[Run]) -> list[str]:
    """Return the metrics that a table shows of the configuration of a run."""
    finals = [
        other.final for other in runs if other.configuration == run.configuration and other.final
    ]
    return [
        metric
        for metric in RECORDED
        if not metric.startswith("running") and finals and all(metric in f for f in finals)
    ]


def _numbers(run: Run, runs: Sequence[Run], words: Words) -> list[str]:
    """Return the numbers that the list of runs prints of a run."""
    if run.final is None:
        return []
    metrics = [name for name in _shared(run, runs) if not name.startswith("validation")]
    return [words.number(run.final[metric], 6) for metric in metrics]


def _rows(runs: Sequence[Run], words: Words) -> Iterator[tuple[str, str]]:
    """Yield the rows of the tables of results: what they are about, and their text."""
    for name in dict.fromkeys(run.configuration for run in runs):
        finished = [run for run in runs if run.configuration == name and run.final]
        for metric in _shared(finished[0], finished) if finished else []:
            summary = summarize([(run.final or {})[metric] for run in finished])
            shown = words.show(metric, summary.mean, summary.low, summary.high)
            yield f"{name}, {metric}", f"{words[metric]}{summary.n}{shown}"


def sections(pages: Sequence[str], definition: Definition, words: Words) -> dict[str, str]:
    """Return the text of each exercise; an empty one where none is found."""
    text = "\n".join(pages)
    lines = text.splitlines()
    titles = {
        number: bare(f"{words['exercise']} {number}:{title}")
        for number, (title, _) in definition.statements(words.language).items()
    }
    ends = bare(words["experiments"])
    found: dict[str, list[str]] = {number: [] for number in titles}
    current: str | None = None
    for line in lines:
        if "....." in line or ". . . ." in line:  # a line of the contents
            continue
        plain = bare(line)
        number = next((number for number in titles if plain and plain == titles[number]), None)
        number = number or next(
            (n for n, title in titles.items() if plain and plain.startswith(title)), None
        )
        if number:
            current = number
        elif plain == ends:
            current = None
        elif current:
            found[current].append(line)
    return {number: "\n".join(lines) for number, lines in found.items()}


def findings(
    read: Manifest,
    sections: Mapping[str, str],
    found: Mapping[str, Any],
    definition: Definition,
    words: Words,
) -> list[str]:
    """Return what a check would say of a report, as far as pages and manifest show it.

    Parameters
    ----------
    read : Manifest
    sections : mapping of str to str
        The text of each exercise.
    found : mapping
        What has been found about the team: answers, reference values, values by hand.
    definition : Definition
    words : Words
        Of the report's language.
    """
    fewest = definition.file.repetitions
    return [
        *_answered(sections, found["answers"], definition),
        *(
            f"repetitions: {name}: {count} of its runs finished, the lab asks for at least {fewest}"
            for name, count in _finished(read.runs).items()
            if count < fewest
        ),
        *_unsupported(read, sections, found["reference"], words),
        *(
            f"entered: {row['quantity']}: missing values: {row['missing']} of {row['of']}"
            for row in found.get("step", [])
            if row["missing"]
        ),
    ]


def _answered(
    sections: Mapping[str, str], answers: Mapping[str, Mapping[str, Any]], definition: Definition
) -> Iterator[str]:
    for number, exercise in definition.exercises.items():
        written = answers[number]
        if not sections[number].strip():
            yield f"unanswered: exercise {number} is not on the pages"
        elif not written["words"]:
            yield f"unanswered: exercise {number} has no word of two letters"
        elif written["words"] < exercise.words:
            yield (
                f"unanswered: exercise {number} has about {written['words']} words, the lab asks "
                f"for {exercise.words}"
            )
        for need, there in written["contains"].items():
            if not there:
                yield f"required: exercise {number} asks for a {need}"


def _finished(runs: Sequence[Run]) -> dict[str, int]:
    count = dict.fromkeys((run.configuration for run in runs), 0)
    for run in runs:
        count[run.configuration] += run.final is not None
    return count


def _unsupported(
    read: Manifest,
    sections: Mapping[str, str],
    reference: Sequence[Mapping[str, Any]],
    words: Words,
) -> Iterator[str]:
    """Yield numbers in sentences about results; lines of tables and figures are no sentences."""
    by_name: dict[str, list[Mapping[str, float]]] = {name: [] for name in _finished(read.runs)}
    for run in read.runs:
        by_name[run.configuration] += [run.final] if run.final else []
    others = [n for one in read.named.own for n in one.final.values() if n is not None]
    others += [n for run in read.runs for n in numbers_in(run.spec.settings(defaults=True))]
    for row in reference:
        others += [abs(n) for key in ("book", "difference") for n in row.get(key, []) if n]
    supported = Supported(by_name.values(), others)
    for exercise, section in sections.items():
        for _, typed in unsupported(_sentences(section), supported, words, by_metric=False):
            yield (
                f"unsupported: exercise {exercise}: {typed} is in a sentence about results, and "
                f"neither in the manifest nor a setting"
            )


def _sentences(section: str) -> Iterator[str]:
    """Yield the lines of sentences; an empty one in the place of each other line.

    A line of few words belongs to a sentence if the line before it does, and has not ended.
    """
    goes_on = False
    for line in section.splitlines():
        is_long = len(WORD.findall(line)) >= FEWEST_WORDS
        yield line if is_long or goes_on else ""
        goes_on = is_long and not line.rstrip().endswith((".", "!", "?", ":"))


def words_written(section: str, statement: str) -> int:
    """Return about how many words an exercise has beside what it asks."""
    asked = len(re.findall(r"[^\W\d]{2,}", statement))
    return max(0, len(re.findall(r"[^\W\d]{2,}", section)) - asked)


def contents(section: str, words: Words) -> Mapping[str, bool]:
    """Return what a section shows, by the beginnings of captions."""
    text = bare(section)
    starts = {kind: bare(re.split(r"[{]", words[key])[0]) for kind, key in CAPTIONS.items()}
    return {kind: start in text for kind, start in starts.items()}
