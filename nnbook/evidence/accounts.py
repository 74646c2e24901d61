"""Complete accounts: every configuration that was run is shown, counted, or has a reason why not.

A configuration is accounted for if a claim names it, if an executed page looks it up (by name, or
among all of its experiment), or if its experiment file gives a reason under ``[unused]``.
"""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from nnbook.evidence.claim_files import Claim, RunsValue
from nnbook.experiments.catalogue import experiment, experiment_names
from nnbook.experiments.configurations import Experiment


def claimed(claims: Iterable[Claim]) -> set[str]:
    """Return the patterns of the configurations that claims name, as ``"experiment/pattern"``."""
    values = (value for claim in claims for value in claim.values.values())
    return {pattern for value in values if isinstance(value, RunsValue) for pattern in value.runs}


def problems(shown: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with the accounts of the book's experiments.

    Parameters
    ----------
    shown : iterable of str
        Configurations that pages look up and claims name, as ``"experiment/configuration"``,
        where ``*`` stands for any characters.

    Yields
    ------
    str
        One message for each configuration that is left out, or that has a reason although it is
        shown.
    """
    for name in experiment_names():
        patterns = [p.partition("/")[2] for p in shown if p.partition("/")[0] == name]
        yield from _of_experiment(experiment(name), patterns)


def _of_experiment(declared: Experiment, patterns: list[str]) -> Iterator[str]:
    seen = {name for name in declared.configurations if _matches(name, patterns)}
    excused = {name for name in declared.configurations if _matches(name, declared.unused)}
    for name in declared.configurations:
        if name not in seen | excused:
            yield (
                f"{declared.name}/{name} was run and no page shows it: show or count it, or give "
                f"the reason under [unused] in its experiment file"
            )
    for pattern in declared.unused:
        if all(name in seen for name in declared.configurations if fnmatchcase(name, pattern)):
            yield f"{declared.name}: unused: {pattern!r} is shown; take the reason away"


def _matches(name: str, patterns: Iterable[str] | Mapping[str, str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
