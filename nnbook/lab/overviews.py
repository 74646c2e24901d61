"""Tables that put many configurations beside each other, and the best value of a setting."""

from collections.abc import Iterator, Mapping
from typing import Any

from nnbook.experiments import Configuration, Runs
from nnbook.experiments.statistics import summarize
from nnbook.lab.language import Words
from nnbook.lab.placeholders import setting_text
from nnbook.lab.tables import TextTable, metrics_of
from nnbook.metrics import METRICS, NO_BREAK, RECORDED, metric
from nnbook.training.spec import RunSpec

NOT_COMPARED = ("seed", "split", "probes")
"""Settings that make no other configuration."""


def overview(runs: Mapping[str, Runs], words: Words, *, transposed: bool = False) -> TextTable:
    """Return mean and standard deviation of each metric, a row for each configuration.

    Parameters
    ----------
    runs : mapping of str to Runs
    words : Words
    transposed : bool
        Whether there is a row for each metric instead, and a column for each configuration.
    """
    measured = {name: metrics_of(some) for name, some in runs.items()}
    shown = [name for name in RECORDED if any(name in found for found in measured.values())]
    header = [words["configuration"], "n", *(_with_unit(name, words) for name in shown)]
    rows = [
        [
            name,
            str(len(some.finished)),
            *(_cell(some, one, words) if one in measured[name] else "–" for one in shown),
        ]
        for name, some in runs.items()
    ]
    if transposed:
        first, *others = zip(header, *rows, strict=True)
        return TextTable([words["metric"], *first[1:]], [list(row) for row in others])
    return TextTable(list(map(_in_lines, header)), rows)


def _with_unit(name: str, words: Words) -> str:
    unit = METRICS[name].unit
    return f"{words[name]}{NO_BREAK}({unit})" if unit else words[name]


def _in_lines(label: str) -> str:
    """Return what a narrow column is called, one word in each line."""
    return label.replace(" ", "\n")


def _cell(runs: Runs, name: str, words: Words) -> str:
    summary = summarize(runs.final(name))
    mean = words.show(name, summary.mean, summary.low, summary.high)
    if summary.n < 2:
        return mean.value
    spread = words.show(name, summary.sd, places=mean.places)
    return f"{mean.value} ± {spread.value}".replace(" ", NO_BREAK)


def best(runs: Mapping[str, Runs], setting: str, words: Words) -> TextTable:
    """Return the best value of a setting for each group of configurations that differ in it alone.

    It is the one with the best mean on the validation set: the accuracy, or the loss where there is
    none. A star says of a number that it is the smallest or the largest that was tried.

    Parameters
    ----------
    runs : mapping of str to Runs
        Each with runs that finished.
    setting : str
        Such as ``learning_rate``.
    words : Words
    """
    [judge, tested] = _judges(runs)
    groups = list(_groups({name: some.configuration for name, some in runs.items()}, setting))
    differing = _differing([spec for spec, _ in groups], setting)
    header = [
        *map(words.setting, differing),
        words["tried"],
        words["best"],
        words["configuration"],
        *(_in_lines(_with_unit(name, words)) for name in (judge, tested)),
    ]
    rows, at_edge = [], False
    for spec, members in groups:
        settings = spec.settings(defaults=True)
        means = {name: float(runs[name].final(judge).mean()) for name in members}
        choose = min if metric(judge).better == "lower" else max
        chosen = choose(means, key=lambda name: means[name])
        tried = list(members.values())
        star = _is_edge(members[chosen], tried)
        at_edge |= star
        rows.append(
            [
                *(setting_text(settings.get(key), words, key) for key in differing),
                words.series(setting_text(value, words, setting) for value in tried),
                setting_text(members[chosen], words, setting) + (" *" if star else ""),
                chosen,
                *(_cell(runs[chosen], name, words) for name in (judge, tested)),
            ]
        )
    note = ("*", words["edge_note"]) if at_edge else None
    return TextTable(header, rows, words=len(differing) + 3, note=note)


def _judges(runs: Mapping[str, Runs]) -> tuple[str, str]:
    """Return what decides, and what is told of the one that is best."""
    shared = set.intersection(*(set(metrics_of(some)) for some in runs.values()))
    if {"validation_accuracy", "test_accuracy"} <= shared:
        return "validation_accuracy", "test_accuracy"
    return "validation_loss", "test_loss"


def _groups(
    configurations: Mapping[str, Configuration], setting: str
) -> Iterator[tuple[RunSpec, dict[str, Any]]]:
    """Yield the first specification of each group, and by configuration the value that differs."""
    groups: dict[str, tuple[RunSpec, dict[str, Any]]] = {}
    for name, configuration in configurations.items():
        spec = configuration.run(configuration.seeds[0])
        shared = {key: one for key, one in _settings(spec).items() if key != setting}
        _, members = groups.setdefault(repr(sorted(shared.items())), (spec, {}))
        members[name] = spec.setting(setting)
    yield from groups.values()


def _settings(spec: RunSpec) -> dict[str, Any]:
    return {key: one for key, one in spec.settings().items() if key not in NOT_COMPARED}


def _differing(specs: list[RunSpec], setting: str) -> list[str]:
    """Return the settings in which groups differ."""
    found = [_settings(spec) for spec in specs]
    keys = dict.fromkeys(key for settings in found for key in settings if key != setting)
    return [key for key in keys if len({repr(settings.get(key)) for settings in found}) > 1]


def _is_edge(value: Any, tried: list[Any]) -> bool:
    numbers = [one for one in tried if isinstance(one, int | float) and not isinstance(one, bool)]
    return len(numbers) == len(tried) > 2 and value in (min(numbers), max(numbers))
