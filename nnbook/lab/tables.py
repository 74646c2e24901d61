"""Tables of recorded runs, as rows of texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nnbook.experiments import Configuration, Runs
from nnbook.experiments.statistics import Summary, summarize, unpaired_difference
from nnbook.lab.folder import Lab
from nnbook.lab.language import Words
from nnbook.lab.placeholders import setting_text
from nnbook.metrics import METRICS, NO_BREAK, RECORDED, show
from nnbook.training.spec import RunSpec

MOST_COLUMNS = 5
DIGITS_OF_KEY = 16


@dataclass(frozen=True)
class TextTable:
    """A table of texts.

    Attributes
    ----------
    header : list of str
    rows : list of list of str
        Each as long as the header.
    words : int
        How many of the first columns hold words, which are set to the left.
    lines : list of int
        Numbers of the rows (from 0) above which there is a thin line.
    note : pair of str, optional
        A last row: its first cell, and one cell across the others.
    """

    header: list[str]
    rows: list[list[str]]
    words: int = 1
    lines: tuple[int, ...] = ()
    note: tuple[str, str] | None = None


def metrics_of(runs: Runs) -> list[str]:
    """Return what was measured at the end of all finished runs: what a reader asks for first."""
    finals = [record.final for record in runs.finished.values()]
    return [
        metric
        for metric in RECORDED
        if not metric.startswith("running") and finals and all(metric in final for final in finals)
    ]


def results(runs: Mapping[str, Runs], words: Words) -> TextTable:
    """Return n, mean, standard deviation and interval of each metric of each configuration."""
    rows: list[list[str]] = []
    lines = []
    for name, some in runs.items():
        lines.append(len(rows))
        label = name
        if some.diverged:
            label += f" ({words.fill('diverged', count=some.diverged)})"
        metrics = metrics_of(some)
        if not metrics:
            rows.append([label, words["not_run"] if not some.records else "–", "0", "–", "–", "–"])
        for metric in metrics:
            values = some.final(metric)
            summary = summarize(values)
            rows.append([label, words[metric], str(summary.n), *_columns(summary, metric, words)])
            label = ""
    header = [words[key] for key in ("configuration", "metric")]
    header += ["n", words["mean"], words["sd"], words["interval"]]
    return TextTable(header, rows, words=2, lines=tuple(lines[1:]))


def _columns(summary: Summary, metric: str, words: Words) -> list[str]:
    shown = words.show(metric, summary.mean, summary.low, summary.high)
    if summary.n < 2:
        return [str(shown), "–", "–"]
    spread = words.show(metric, summary.sd, places=shown.places)
    return [str(shown), str(spread), words.interval(shown)]


def settings(configurations: Mapping[str, Configuration], words: Words) -> TextTable:
    """Return the settings that are not their defaults: first those that all share."""
    specifications = {name: item.run(item.seeds[0]) for name, item in configurations.items()}
    rows = {
        name: {key: setting_text(value, words, key) for key, value in _not_default(spec).items()}
        | {"seeds": seeds_text(configurations[name])}
        for name, spec in specifications.items()
    }
    keys = list(dict.fromkeys(key for row in rows.values() for key in row))
    keys.sort(key=_order)
    full = {
        name: {key: row.get(key) or _unsaid(specifications[name], key, words) for key in keys}
        for name, row in rows.items()
    }
    differing = [key for key in keys if len({row[key] for row in full.values()}) > 1]
    shared = [key for key in keys if key not in differing]
    first = next(iter(full.values()))
    if len(full) == 1:
        pairs = [[words.setting(key), first[key]] for key in keys]
        return TextTable([words["settings"], next(iter(full))], pairs, words=2)
    common = "; ".join(f"{words.setting(key)} {first[key]}" for key in shared)
    if len(differing) <= MOST_COLUMNS and differing:
        header = [words["configuration"], *map(words.setting, differing)]
        body = [[name, *(row[key] for key in differing)] for name, row in full.items()]
        return TextTable(header, body, len(header), note=(words["all"], common))
    body = [
        [name, "; ".join(f"{words.setting(key)} {row[key]}" for key in differing)]
        for name, row in full.items()
    ]
    header = [words["configuration"], words["settings"]]
    return TextTable(header, body, words=2, note=(words["all"], common))


def layers(configurations: Mapping[str, Configuration], words: Words) -> TextTable:
    """Return the layers of networks, and how many numbers training changes in each."""
    specifications = {name: item.run(item.seeds[0]) for name, item in configurations.items()}
    normalized = any(spec.normalization for spec in specifications.values())
    header = [words[key] for key in ("configuration", "layer", "units", "weights", "biases")]
    header += [words.setting("normalization")] * normalized + [words["parameters"]]
    rows: list[list[str]] = []
    lines = []
    for name, spec in specifications.items():
        lines.append(len(rows))
        counts = list(_counts(spec))
        for number, (units, *parts) in enumerate(counts, start=1):
            hidden = words.fill("hidden_layer", number=number)
            label = hidden if number < len(counts) else words["output_layer"]
            shown = [words.count(n) for n in (units, *parts[: 2 + normalized], sum(parts))]
            rows.append([name if number == 1 else "", label, *shown])
        sums = [sum(column) for column in zip(*counts, strict=True)][1:]
        shown = [words.count(n) for n in (*sums[: 2 + normalized], sum(sums))]
        rows.append(["", words["all"], "", *shown])
    return TextTable(header, rows, words=2, lines=tuple(lines[1:]))


def parameters(configuration: Configuration) -> int:
    """Return how many numbers training changes in a network."""
    counts = _counts(configuration.run(configuration.seeds[0]))
    return sum(sum(parts) for _, *parts in counts)


def _counts(spec: RunSpec) -> Iterator[tuple[int, int, int, int]]:
    """Yield units, weights, biases, and scales and shifts of a normalization, of each layer."""
    facts = spec.data.facts
    inputs = facts.inputs
    for units in spec.hidden_layers:
        yield units, inputs * units, units, 2 * units if spec.normalization else 0
        inputs = units
    yield facts.outputs, inputs * facts.outputs, facts.outputs, 0


def _not_default(spec: RunSpec) -> dict[str, Any]:
    """Return what a reader needs to know: always the data, the network and how it was trained."""
    always = ("data", "hidden_layers", "activation", "optimizer", "loss")
    hidden = ("seed", "split", "probes")  # which change nothing, or stand elsewhere
    shown = {key: spec.setting(key) for key in always} | spec.settings()
    return {key: value for key, value in shown.items() if key not in hidden}


def _unsaid(spec: RunSpec, key: str, words: Words) -> str:
    """Return the text of a setting that others have and this run does not name."""
    values = spec.settings(defaults=True)
    return setting_text(values.get(key), words, key)


ORDER = (
    *("data", "hidden_layers", "activation", "dropout", "batch_normalization", "initializer"),
    *("optimizer", "learning_rate", "momentum", "nesterov", "schedule", "loss"),
    *("epochs", "batch_size", "l1", "l2"),
)


def _order(key: str) -> int:
    if key == "seeds":
        return 1000
    return ORDER.index(key) if key in ORDER else 100


def seeds_text(configuration: Configuration) -> str:
    """Return the seeds of a configuration: 0–4, or one after another."""
    seeds = configuration.seeds
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"{seeds[0]}–{seeds[-1]}"
    return ", ".join(map(str, seeds))


def comparison(lab: Lab) -> TextTable:
    """Return own results beside those of the book."""
    words = lab.words
    rows: list[list[str]] = []
    lines = []
    for name, book in lab.of_the_book.items():
        own = lab.results[name]
        lines.append(len(rows))
        label = f"{name} / {book.configuration.experiment}/{book.configuration.name}"
        shared = [metric for metric in metrics_of(own) if metric in metrics_of(book)]
        if not shared:
            rows.append([label, words["not_run"], "–", "–", "–"])
        for metric in shared:
            rows.append([label, words[metric], *_beside(own, book, metric, words)])
            label = ""
    header = [words[key] for key in ("configuration", "metric", "own", "book", "difference")]
    return TextTable(header, rows, words=2, lines=tuple(lines[1:]))


def _beside(own: Runs, book: Runs, metric: str, words: Words) -> list[str]:
    first, second = own.final(metric), book.final(metric)
    cells = []
    for summary in (summarize(first), summarize(second)):
        shown = words.show(metric, summary.mean, summary.low, summary.high)
        text = f"{shown} (n = {summary.n})".replace(" ", NO_BREAK)
        cells.append(text + (f"\n{words.interval(shown)}" if summary.n > 1 else ""))
    if min(len(first), len(second)) < 2:
        return [*cells, "–"]
    c = unpaired_difference(first, second)
    shown = show(METRICS[metric].difference, c.effect, c.low, c.high, marks=words.marks)
    without_unit = replace(shown, unit="")  # the caption says it
    interval = f"\n{words.interval(without_unit)}" if c.error > 0 else ""
    return [*cells, f"{shown.value}{interval}"]


def run_blocks(lab: Lab) -> Iterator[tuple[str, str, str, TextTable]]:
    """Yield name, settings, versions and table of the runs of each configuration on record."""
    words = lab.words
    for name, runs in lab.results.items():
        if not runs.records:
            continue
        spec = runs.configuration.run(runs.configuration.seeds[0])
        facts = "; ".join(
            f"{words.setting(key)} {setting_text(value, words, key)}"
            for key, value in sorted(_not_default(spec).items(), key=lambda item: _order(item[0]))
        )
        versions: dict[str, None] = {}
        for record in runs.records.values():
            items = record.content["versions"].items()
            versions[", ".join(f"{library} {version}" for library, version in items)] = None
        yield name, facts, "; ".join(versions), _runs_table(runs, words)


def _runs_table(runs: Runs, words: Words) -> TextTable:
    metrics = [metric for metric in metrics_of(runs) if not metric.startswith("validation")]
    header = [words[key] for key in ("seed", "split", "key", "date")]
    header += [words[metric] for metric in metrics]
    rows = []
    for seed, record in runs.records.items():
        final = record.final
        numbers = [words.number(final[metric], 6) if metric in final else "–" for metric in metrics]
        if record.diverged and numbers:
            numbers[0] = words.fill("diverged", count="")
        split = str(record.content["spec"]["split"])
        key = record.key[:DIGITS_OF_KEY]
        rows.append([str(seed), split, key, record.content["date"][:10], *numbers])
    return TextTable(header, rows, words=0)
