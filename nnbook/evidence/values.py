"""Values of claims, read from the records: each declared value becomes an estimate."""

import operator
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import ClaimError, nearest
from nnbook.evidence.claim_files import (
    Claim,
    DifferenceValue,
    RatioValue,
    RunsValue,
    SheetValue,
    Value,
)
from nnbook.evidence.comparisons import labelled, points
from nnbook.evidence.estimates import Estimate, difference, exact, mean, ratio
from nnbook.evidence.measures import measured
from nnbook.evidence.reproduction.sheet import EXERCISES, file_of_sheet, rows
from nnbook.evidence.samples import Label, Sample
from nnbook.experiments.catalogue import experiment
from nnbook.experiments.configurations import Configuration, Experiment
from nnbook.experiments.record import Record
from nnbook.experiments.results import Runs
from nnbook.experiments.runner import recorded
from nnbook.metrics import METRICS, NUMBER, SHARE, in_print


class Records:
    """The experiments, records and figures of the sheet that claims have asked for so far."""

    def __init__(self) -> None:
        self._experiments: dict[str, Experiment] = {}
        self._runs: dict[tuple[str, str], Runs] = {}

    def experiment(self, name: str) -> Experiment:
        """Return an experiment of the book."""
        if name not in self._experiments:
            self._experiments[name] = experiment(name)
        return self._experiments[name]

    def configurations(self, pattern: str) -> list[Configuration]:
        """Return the configurations that ``"experiment/configuration"`` stands for."""
        name, _, configuration = pattern.rpartition("/")
        declared = self.experiment(name)
        if configuration in declared.configurations:
            return [declared[configuration]]
        found = [
            item
            for label, item in declared.configurations.items()
            if fnmatchcase(label, configuration)
        ]
        return found or [declared[configuration]]  # which says what there is

    def runs(self, configuration: Configuration) -> Runs:
        """Return the recorded runs of a configuration."""
        key = (configuration.experiment, configuration.name)
        if key not in self._runs:
            self._runs[key] = recorded(configuration)
        return self._runs[key]

    @cached_property
    def sheet(self) -> dict[str, dict[str, Any]]:
        """The rows of the answer sheet by their names."""
        return {name: row for part in EXERCISES for name, row in rows(part).items()}


def estimates(claim: Claim, records: Records) -> dict[str, Estimate]:
    """Return the values of a claim as the records give them.

    Raises
    ------
    ClaimError
        If one cannot be computed.
    """
    found: dict[str, Estimate] = {}
    # Differences and ratios refer to the others.
    for name in sorted(claim.values, key=lambda name: _refers(claim.values[name])):
        found[name] = _estimate(claim, claim.values[name], found, records)
    return {name: found[name] for name in claim.values}


def sources(claim: Claim, records: Records) -> dict[tuple[str, str], Runs]:
    """Return the runs that a claim rests on, by experiment and configuration."""
    patterns = [p for v in claim.values.values() if isinstance(v, RunsValue) for p in v.runs]
    found = [item for pattern in patterns for item in records.configurations(pattern)]
    return {(item.experiment, item.name): records.runs(item) for item in found}


def _refers(value: Value) -> bool:
    return isinstance(value, DifferenceValue | RatioValue)


def _estimate(
    claim: Claim, value: Value, others: Mapping[str, Estimate], records: Records
) -> Estimate:
    population, design = claim.heading.population, claim.heading.design
    match value:
        case RunsValue():
            return _of_runs(value, records, population)
        case SheetValue():
            return _of_sheet(value, records)
        case DifferenceValue(difference=names):
            a, b = (_known(name, others) for name in names)
            return difference(a, b, population=population, design=design)
        case RatioValue(ratio=names):
            a, b = (_known(name, others) for name in names)
            return ratio(a, b, population=population, design=design)
        case _:
            raise TypeError(value)


def _known(name: str, estimates: Mapping[str, Estimate]) -> Estimate:
    if name not in estimates:
        raise ClaimError(f"unknown value {name!r}, {nearest(name, estimates)}")
    return estimates[name]


def _of_runs(value: RunsValue, records: Records, population: str | None) -> Estimate:
    numbers: dict[Label, float] = {}
    paths: list[Path] = []
    spec = None
    for pattern in value.runs:
        for configuration in records.configurations(pattern):
            runs = records.runs(configuration)
            found = labelled(runs, value.metric, lambda record: _number(record, value))
            numbers |= found
            spec = configuration.runs[next(iter(found)).seed] if found else spec
            paths += [record.path for record in runs.records.values()]
    what = _description(value)
    if spec is None:
        raise ClaimError(f"{what}: every run diverged")
    sample = Sample(numbers, what, *points(spec, value.metric))
    metric = METRICS.get(value.metric, NUMBER)
    identity = value.model_dump_json(exclude_defaults=True)
    if value.of in ("mean", "geometric mean"):
        return mean(
            sample,
            metric,
            identity,
            tuple(paths),
            geometric=value.of == "geometric mean",
            population=population,
        )
    result = _reduced(sample.numbers, value)
    metric = {"count": NUMBER, "share": SHARE, "sd": metric.difference}.get(value.of, metric)
    among = numbers if value.of in ("median", "min", "max") else {}
    return exact(result, len(numbers), metric, what, identity, records=tuple(paths), runs=among)


def _description(value: RunsValue) -> str:
    where = {"epoch": value.epoch, "fit": value.fit}
    details = [f"{key} {number}" for key, number in where.items() if number is not None]
    sign, bound = (value.where or " ")[0], (value.where or " ")[1:].strip()
    statistic = f"{value.of} {sign} {in_print(bound)}" if bound else value.of
    return ", ".join([f"{statistic} of {value.metric}", *details, *value.runs])


def _number(record: Record, value: RunsValue) -> float:
    if value.epoch is not None:
        history = record.content["history"]
        source = dict(zip(history["epoch"], history.get(value.metric, []), strict=False))
        if value.epoch not in source:
            raise ClaimError(f"{record.path}: no {value.metric!r} after epoch {value.epoch}")
        return float(source[value.epoch])
    if value.fit is not None:
        fits = record.content.get("fits", [])
        if value.fit > len(fits) or value.metric not in fits[value.fit - 1]:
            raise ClaimError(f"{record.path}: no {value.metric!r} after fit {value.fit}")
        return float(fits[value.fit - 1][value.metric])
    return measured(record, value.metric)


def _reduced(x: NDArray[np.float64], value: RunsValue) -> float:
    if value.where is not None:
        below_or_above = operator.lt if value.where[0] == "<" else operator.gt
        counted = below_or_above(x, float(value.where[1:]))
        return float(counted.sum() if value.of == "count" else counted.mean())
    if value.of == "sd":
        return float(x.std(ddof=1))
    functions: dict[str, Callable[..., Any]] = {
        "median": np.median,
        "min": np.min,
        "max": np.max,
        "sum": np.sum,
    }
    return float(functions[value.of](x))


def _of_sheet(value: SheetValue, records: Records) -> Estimate:
    if value.sheet not in records.sheet:
        raise ClaimError(f"no row {value.sheet!r}, {nearest(value.sheet, records.sheet)}")
    row = records.sheet[value.sheet]
    figure = row.get(value.metric)
    if not isinstance(figure, int | float):
        raise ClaimError(
            f"row {value.sheet!r} has no figure {value.metric!r}, {nearest(value.metric, row)}"
        )
    what = f"{value.metric} of row {value.sheet} of the answer sheet"
    metric = METRICS.get(value.metric, NUMBER)
    paths = (file_of_sheet(),)
    return exact(float(figure), 0, metric, what, value.model_dump_json(), records=paths)
