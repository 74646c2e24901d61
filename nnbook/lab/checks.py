"""What a lab still lacks before it is handed in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nnbook.experiments import Runs
from nnbook.experiments.statistics import summarize
from nnbook.experiments.store import ON_RECORD
from nnbook.lab import characters, judged
from nnbook.lab.answered import Answers
from nnbook.lab.elements import ReportElements
from nnbook.lab.folder import Lab, listed
from nnbook.lab.pandoc import plain_text
from nnbook.lab.placeholders import KINDS, OF_OWN_CODE
from nnbook.lab.typed import prose
from nnbook.lab.unheard import line_of
from nnbook.lab.unsupported import Supported, numbers_in, typed_numbers, unsupported
from nnbook.metrics import METRICS, NUMBER

LONGEST_FORMULA = 80
WORD = re.compile(r"[^\W\d_]{2}")


OPEN_BRACES = re.compile(rf"\{{\{{\s{{0,9}}((?:{'|'.join(KINDS)})(?![\w-])[^\s{{}}]{{0,60}})")
"""Of a placeholder without an end; those with one are no prose."""


@dataclass(frozen=True)
class Finding:
    """Something that a marker would ask about.

    Attributes
    ----------
    kind : str
        ``unanswered``, ``required``, ``missing``, ``repetitions``, ``unreferenced``,
        ``typed``, ``unsupported``, ``entered``, ``wrong``, ``formula``, ``picture``, ``heading``,
        ``braces`` or ``characters``.
    message : str
        What it is, and what to do.
    """

    kind: str
    message: str

    def __str__(self) -> str:
        """Return both as one line."""
        return f"{self.kind}: {self.message}"


def findings(
    lab: Lab,
    answers: Answers,
    elements: ReportElements,
    formulas: Mapping[str, str] | None = None,
    unprintable: str = "",
) -> list[Finding]:
    """Return what a lab lacks.

    Parameters
    ----------
    lab : Lab
    answers : Answers
        Its answers, as read.
    elements : ReportElements
        What its report holds.
    formulas : mapping of str to str, optional
        Those that cannot be set, and why.
    unprintable : str
        Characters that no font has.
    """
    return [
        *_unanswered(lab, answers),
        *_missing(lab, elements),
        *_repetitions(lab),
        *_unreferenced(lab, answers, elements),
        *_open_braces(lab),
        *_typed(lab),
        *_unsupported(lab),
        *_by_hand(lab),
        *_formulas(lab, formulas or {}),
        *(Finding(kind, f"{lab.place()}{text}") for kind, text in answers.unheard),
        *(Finding("characters", message) for message in characters.messages(lab, unprintable)),
    ]


def _formulas(lab: Lab, problems: Mapping[str, str]) -> Iterator[Finding]:
    text = lab.answers_text()
    for latex, problem in problems.items():
        place = text.find(latex)
        line = text.count("\n", 0, place) + 1 if place >= 0 else None
        typed = " ".join(latex.split())
        shown = typed if len(typed) <= LONGEST_FORMULA else typed[:LONGEST_FORMULA] + " ..."
        said = f"printed as it was typed: {shown}: {problem}"
        yield Finding("formula", f"{lab.place(line)}{said}")


def _unanswered(lab: Lab, answers: Answers) -> Iterator[Finding]:
    lines = _first_lines(lab, answers)
    for number, exercise in lab.definition.exercises.items():
        words = answers.words[number]
        one = f"{lab.place(lines.get(number))}exercise {number}"
        if not answers.sections[number]:
            yield Finding("unanswered", one)
            continue
        if not words:
            yield Finding("unanswered", f"{one} has tables or figures, but no words")
        elif not WORD.search(plain_text(answers.sections[number])):
            yield Finding("unanswered", f"{one} has no word of two letters")
        elif words < exercise.words:
            yield Finding(
                "unanswered", f"{one} has {words} words, the lab asks for {exercise.words}"
            )
        for needed in exercise.needs:
            if needed not in answers.contents[number]:
                yield Finding("required", f"{one} asks for a {needed}")


def _first_lines(lab: Lab, answers: Answers) -> dict[str, int]:
    """Return where the sections of exercises begin, as far as their headings begin with a #."""
    typed: dict[str, int] = {}
    for number, line in enumerate(prose(lab.answers_text()), start=1):
        if line.lstrip().startswith("# "):
            words = line.split(maxsplit=3)[1:3]
            for text in (words[:1], words):
                typed.setdefault(" ".join(text), number)
    starts = {number: " ".join(text.split()[:2]) for number, text in answers.headings.items()}
    return {number: typed[start] for number, start in starts.items() if start in typed}


def _missing(lab: Lab, elements: ReportElements) -> Iterator[Finding]:
    again = f"`nnbook lab run {lab.folder}`"
    for name, configuration in lab.configurations.items():
        states = [
            state
            for job, state in lab.states.items()
            if job.configuration == name and state not in ON_RECORD
        ]
        if states:
            stale = ", recorded with other settings" if "stale" in states else ""
            yield Finding(
                "missing",
                f"{lab.declared(name)}{len(states)} of {len(configuration.seeds)} runs of {name}"
                f"{stale}; {again}",
            )
    for what in elements.missing:
        yield Finding("missing", f"{what} has no runs on record; {again}")


def _repetitions(lab: Lab) -> Iterator[Finding]:
    fewest = lab.definition.file.repetitions
    for name, configuration in lab.configurations.items():
        finished, declared = len(lab.results[name].finished), len(configuration.seeds)
        if declared < fewest:
            yield Finding(
                "repetitions",
                f"{lab.declared(name)}{name} is declared with {declared}, the lab asks for at "
                f"least {fewest}; raise seeds in lab.toml",
            )
        elif lab.results[name].diverged and finished < fewest:
            yield Finding(
                "repetitions",
                f"{lab.declared(name)}{name}: only {finished} of {declared} runs finished",
            )


def _unreferenced(lab: Lab, answers: Answers, elements: ReportElements) -> Iterator[Finding]:
    used = {name for placed in answers.placed for name in _members(lab, placed.name)}
    for reference in elements.references:
        used.update(_members(lab, reference.rpartition(":")[2]))
    for name in lab.configurations:
        if name not in used:
            yield Finding(
                "unreferenced",
                f"{lab.declared(name)}no answer shows or mentions the results of {name}",
            )
    shown = {item.name for item in answers.placed if item.kind in OF_OWN_CODE}
    for name in sorted(lab.own.keys() - shown):
        path = lab.own[name][0].path_in(lab.folder)
        yield Finding(
            "unreferenced", f"{path}: no answer shows the results of own code: {{{{ own:{name} }}}}"
        )
    for item in answers.placed:
        if item.needs_own_paragraph and not set(item.labels) & set(elements.references):
            yield _not_referred_to(lab.place(item.line), item.labels[0])
    for label in answers.pictures:
        if label not in elements.references:
            target = label.partition(":")[2]
            yield _not_referred_to(f"{lab.place()}{line_of(lab, f'({target}', target)}", label)


def _not_referred_to(place: str, label: str) -> Finding:
    return Finding("unreferenced", f"{place}no text refers to it: {{{{ ref:{label} }}}}")


def _members(lab: Lab, name: str) -> list[str]:
    return list(lab.members(name)) if set(listed(name)) <= set(lab.names) else []


def _open_braces(lab: Lab) -> Iterator[Finding]:
    """Yield placeholders that do not end on their line, and are printed as they were typed."""
    for number, line in enumerate(prose(lab.answers_text()), start=1):
        for match in OPEN_BRACES.finditer(line):
            yield Finding(
                "braces",
                f"{lab.place(number)}{{{{ {match[1]} is printed as it was typed; end it with "
                f"}}}} on the same line",
            )


def _typed(lab: Lab) -> Iterator[Finding]:
    """Yield the numbers in the answers that are on record, to the digits typed."""
    values = list(_recorded_values(lab))
    known: dict[int, dict[str, str]] = {}  # by decimals: placeholders by text
    for number, line in enumerate(prose(lab.answers_text()), start=1):
        for shown, typed in typed_numbers(line, lab.words.marks):
            places = len(typed.partition(".")[2])
            if places not in known:
                known[places] = {f"{value:.{places}f}": name for name, value in reversed(values)}
            if placeholder := known[places].get(typed):
                yield Finding(
                    "typed",
                    f"{lab.place(number)}{shown} is on record; write {{{{ value:{placeholder} }}}}",
                )


def _unsupported(lab: Lab) -> Iterator[Finding]:
    """Yield the numbers in sentences about results that are neither on record nor a setting."""
    finals = [
        [record.final for record in runs.finished.values()]
        for runs in (*lab.results.values(), *lab.of_the_book.values())
    ]
    finals += [[one.measured for one in results] for results in lab.own.values()]
    specifications = [one.run(one.seeds[0]) for one in lab.configurations.values()]
    numbers = [n for spec in specifications for n in numbers_in(spec.settings(defaults=True))]
    lines = prose(lab.answers_text())
    for number, typed in unsupported(lines, Supported(finals, numbers), lab.words):
        yield Finding(
            "unsupported",
            f"{lab.place(number)}{typed} is on no record and no setting; if it was measured here, "
            f"a placeholder says it, if not, say where it comes from",
        )


def _by_hand(lab: Lab) -> Iterator[Finding]:
    """Yield what is missing of the values by hand, and what is wrong if the course tells it."""
    step, by_hand = lab.definition.step, lab.by_hand
    if step is None or by_hand is None:
        return
    yield from (Finding("entered", problem) for problem in by_hand.problems)
    if step.declared.entered.tells:
        yield from (Finding("wrong", message) for message in judged.wrong(step, by_hand))


def _recorded_values(lab: Lab) -> Iterator[tuple[str, float]]:
    """Yield the values that a placeholder gives; shares also in percent."""
    for name, runs in lab.results.items():
        for metric in _metrics(runs):
            values = runs.final(metric)
            summary = summarize(values)
            statistics = {
                "": summary.mean,
                ".sd": summary.sd,
                ".min": float(values.min()),
                ".max": float(values.max()),
                ".interval": summary.low,
                ".full": summary.high,
            }
            for ending, value in statistics.items():
                yield f"{name}.{metric}{ending}", value
                if (scale := METRICS.get(metric, NUMBER).scale) != 1:
                    yield f"{name}.{metric}{ending}", scale * value


def _metrics(runs: Runs) -> list[str]:
    finals = [record.final for record in runs.finished.values()]
    return [metric for metric in (finals[0] if finals else {}) if all(metric in f for f in finals)]
