"""Selection: settings that were chosen by the figures that a claim reports.

The best of several settings looks better on the data that it was chosen on than it is: part of its
lead is luck. An experiment file says which configurations were chosen, by which metric and among
which (`nnbook.experiments.experiment_file.Choice`); a claim that reports the same part of the data
for such a configuration has to say so with ``selected_on``, and its card shows it.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from nnbook.errors import ClaimError
from nnbook.evidence.claim_files import Claim, RunsValue
from nnbook.evidence.measures import measured
from nnbook.evidence.values import Records
from nnbook.experiments.configurations import Experiment
from nnbook.experiments.experiment_file import Choice
from nnbook.metrics import METRICS

_PARTS = {"running": "training"}


def part_of(metric: str) -> str:
    """Return the part of the data that a metric is measured on.

    >>> part_of("test_accuracy"), part_of("running_loss")
    ('test', 'training')
    """
    first = metric.partition("_")[0]
    return _PARTS.get(first, first)


def selected_on(claim: Claim, records: Records) -> set[str]:
    """Return the parts of the data that the claim reports of settings chosen on them.

    Raises
    ------
    ClaimError
        If a choice that an experiment file declares is not what the records say.
    """
    parts = set()
    for value in claim.values.values():
        if not isinstance(value, RunsValue):
            continue
        for pattern in value.runs:
            for item in records.configurations(pattern):
                declared = records.experiment(pattern.rpartition("/")[0])
                for choice in _of(item.name, declared.chosen):
                    _check(choice, declared, records)
                    if part_of(choice.by) == part_of(value.metric):
                        parts.add(part_of(value.metric))
    return parts


def problem(claim: Claim, records: Records) -> str | None:
    """Return what the claim should say of selection and does not, or says in vain."""
    found, said = selected_on(claim, records), set(claim.heading.selected_on)
    if found == said:
        return None
    if found - said:
        parts = ", ".join(sorted(found - said))
        return (
            f"reports {parts} figures of a setting that was chosen on them: expected "
            f"selected_on = {sorted(found)}, or figures of other data"
        )
    return f"selected_on: no setting in it was chosen on {', '.join(sorted(said - found))} figures"


def _of(configuration: str, choices: Iterable[Choice]) -> list[Choice]:
    return [choice for choice in choices if choice.configuration == configuration]


def _check(choice: Choice, declared: Experiment, records: Records) -> None:
    """Refuse a choice that is not the best of those that it is said to be chosen from."""
    means = {}
    for name, item in declared.configurations.items():
        if name == choice.configuration or any(fnmatchcase(name, p) for p in choice.among):
            runs = records.runs(item)
            if runs.finished and not runs.diverged:
                numbers = [measured(record, choice.by) for record in runs.finished.values()]
                means[name] = sum(numbers) / len(numbers)
    best = (max if METRICS[choice.by].better == "higher" else min)(means, key=means.__getitem__)
    if best != choice.configuration:
        raise ClaimError(
            f"experiment {declared.name!r}: chosen: {choice.configuration!r} is not the best by "
            f"{choice.by}, {best!r} is"
        )
