"""Claims: whether the records bear out what the book asserts (see `claim_files`)."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import ClaimError, SpecError, nearest
from nnbook.evidence.claim_files import (
    Claim,
    DifferenceValue,
    RatioValue,
    RunsValue,
    SheetValue,
    Value,
    read_claims,
)
from nnbook.evidence.estimates import Estimate, Key, difference, exact, is_equal, is_less, ratio
from nnbook.evidence.measures import measured, of_diverged_too
from nnbook.experiments.catalogue import Experiment, experiment
from nnbook.experiments.results import Runs
from nnbook.experiments.runner import recorded
from nnbook.experiments.statistics import summarize
from nnbook.experiments.store import Record
from nnbook.project import REPOSITORY

CLAIMS = REPOSITORY / "data" / "claims"
SHEET = REPOSITORY / "data" / "answer_sheet.json"


@dataclass(frozen=True)
class Checked:
    """A claim beside what the records say.

    Attributes
    ----------
    claim : Claim
    estimates : dict of str to Estimate
    failures : tuple of str
        The relations that do not hold, with their values; empty for a true claim.
    """

    claim: Claim
    estimates: Mapping[str, Estimate]
    failures: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The statement with its numbers."""
        return self.claim.says.format_map(self.estimates)

    def estimate(self, name: str) -> Estimate:
        """Return the value called `name`.

        Raises
        ------
        ClaimError
            If the claim has no such value.
        """
        return _known(name, self.estimates)

    def raise_if_false(self) -> None:
        """Raise unless the claim holds.

        Raises
        ------
        ClaimError
            Naming the statement, the relations that do not hold, the values and their records.
        """
        if self.failures:
            reasons = "\n".join(f"  {failure}" for failure in self.failures)
            raise ClaimError(
                f"claim {self.claim.name!r} ({self.claim.source.name}) is false: "
                f"{self.sentence}\n{reasons}"
            )


class Claims(Mapping[str, Claim]):
    """All claims of a folder, by name; `check` compares one with the records.

    Parameters
    ----------
    folder : Path
        Where the files are; those of the book by default.

    Raises
    ------
    ClaimError
        If a file cannot be what it should be.
    """

    def __init__(self, folder: Path = CLAIMS) -> None:
        self._claims: dict[str, Claim] = {}
        for path in sorted(folder.glob("*.toml")):
            for claim in read_claims(path):
                if claim.name in self._claims:
                    raise ClaimError(f"{path.name}: there is another claim {claim.name!r}")
                self._claims[claim.name] = claim
        self._experiments: dict[str, Experiment] = {}
        self._runs: dict[tuple[str, str], Runs] = {}
        self._checked: dict[str, Checked] = {}

    def __getitem__(self, name: str) -> Claim:
        """Return the claim called `name`."""
        if name not in self._claims:
            raise ClaimError(f"unknown claim {name!r}, {nearest(name, self._claims)}")
        return self._claims[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the claims."""
        return iter(self._claims)

    def __len__(self) -> int:
        """Return the number of claims."""
        return len(self._claims)

    def check(self, name: str) -> Checked:
        """Return the claim `name` beside what the records say.

        Raises
        ------
        ClaimError
            If the claim does not exist or a value of it cannot be computed.
        """
        if name not in self._checked:
            self._checked[name] = self._check(self[name])
        return self._checked[name]

    def _check(self, claim: Claim) -> Checked:
        estimates: dict[str, Estimate] = {}
        try:
            # Differences and ratios refer to the others.
            for key in sorted(claim.values, key=lambda k: _refers(claim.values[k])):
                estimates[key] = self._estimate(claim.values[key], estimates)
            failures = [text for relation in claim.holds for text in _broken(relation, estimates)]
            checked = Checked(claim, estimates, tuple(failures))
            _ = checked.sentence
        except (ClaimError, SpecError) as error:
            raise ClaimError(f"claim {claim.name!r} ({claim.source.name}): {error}") from None
        except (KeyError, IndexError, ValueError) as error:
            raise ClaimError(
                f"claim {claim.name!r} ({claim.source.name}): {claim.says!r} cannot be filled in: "
                f"{error}"
            ) from None
        return checked

    def _estimate(self, value: Value, others: Mapping[str, Estimate]) -> Estimate:
        match value:
            case RunsValue():
                return self._of_runs(value)
            case SheetValue():
                return self._of_sheet(value)
            case DifferenceValue(difference=names):
                return difference(*(_known(name, others) for name in names))
            case RatioValue(ratio=names):
                return ratio(*(_known(name, others) for name in names))
            case _:
                raise TypeError(value)

    def _of_runs(self, value: RunsValue) -> Estimate:
        found = [runs for pattern in value.runs for runs in self._matching(pattern)]
        samples: dict[Key, float] = {}
        records: list[Path] = []
        for number, runs in enumerate(found):
            chosen = runs.records if of_diverged_too(value.metric) else runs.finished
            for seed, record in chosen.items():
                samples[number, seed] = _sample(record, value)
            records += [record.path for record in runs.records.values()]
        if not samples:
            raise ClaimError(f"{', '.join(value.runs)}: every run diverged")
        where = {"epoch": value.epoch, "fit": value.fit}
        details = [f"{key} {number}" for key, number in where.items() if number is not None]
        statistic = value.of + (f" {value.where}" if value.where else "")
        what = ", ".join([f"{statistic} of {value.metric}", *details, *value.runs])
        kind = "share" if value.metric.endswith(("accuracy", "error", "share")) else "number"
        return _statistic(samples, value, kind, what, tuple(records))

    def _matching(self, pattern: str) -> list[Runs]:
        name, _, configuration = pattern.rpartition("/")
        if name not in self._experiments:
            self._experiments[name] = experiment(name)
        declared = self._experiments[name]
        names = [item for item in declared.configurations if fnmatchcase(item, configuration)]
        for item in names or [declared[configuration].name]:
            if (name, item) not in self._runs:
                self._runs[name, item] = recorded(declared[item])
        return [self._runs[name, item] for item in names]

    def _of_sheet(self, value: SheetValue) -> Estimate:
        if value.sheet not in self._sheet:
            raise ClaimError(f"no row {value.sheet!r}, {nearest(value.sheet, self._sheet)}")
        row = self._sheet[value.sheet]
        figure = row.get(value.metric)
        if not isinstance(figure, int | float):
            raise ClaimError(
                f"row {value.sheet!r} has no figure {value.metric!r}, {nearest(value.metric, row)}"
            )
        kind = "share" if value.metric.endswith("accuracy") else "number"
        what = f"{value.metric} of row {value.sheet} of the answer sheet"
        return exact(float(figure), 0, kind, what, records=(SHEET,))

    @cached_property
    def _sheet(self) -> dict[str, dict[str, Any]]:
        import json

        content = json.loads(SHEET.read_text(encoding="utf-8"))
        exercises = [part for part in content.values() if isinstance(part, dict)]
        return {row["id"]: row for part in exercises for row in part["rows"]}


def _refers(value: Value) -> bool:
    return isinstance(value, DifferenceValue | RatioValue)


def _known(name: str, estimates: Mapping[str, Estimate]) -> Estimate:
    if name not in estimates:
        raise ClaimError(f"unknown value {name!r}, {nearest(name, estimates)}")
    return estimates[name]


def _sample(record: Record, value: RunsValue) -> float:
    content = record.content
    if value.epoch is not None:
        history = content["history"]
        source = dict(zip(history["epoch"], history.get(value.metric, []), strict=False))
        if value.epoch not in source:
            raise ClaimError(f"{record.path}: no {value.metric!r} after epoch {value.epoch}")
        return float(source[value.epoch])
    if value.fit is not None:
        fits = content.get("fits", [])
        if value.fit > len(fits) or value.metric not in fits[value.fit - 1]:
            raise ClaimError(f"{record.path}: no {value.metric!r} after fit {value.fit}")
        return float(fits[value.fit - 1][value.metric])
    return measured(record, value.metric)


def _statistic(
    samples: Mapping[Key, float], value: RunsValue, kind: str, what: str, records: tuple[Path, ...]
) -> Estimate:
    x: NDArray[np.float64] = np.array(list(samples.values()))
    if value.of in ("mean", "geometric mean"):
        logarithmic = value.of == "geometric mean"
        if logarithmic and not (x > 0).all():
            raise ClaimError(f"{what}: a geometric mean needs positive numbers")
        summary = summarize(np.log(x) if logarithmic else x)
        ends = [summary.mean, summary.low, summary.high]
        mean, low, high = np.exp(ends).tolist() if logarithmic else ends
        if math.isnan(low):
            low = high = mean
        return Estimate(mean, low, high, len(x), kind, what, samples, logarithmic, records)
    if value.of in ("count", "share"):
        if value.where is None:
            raise ClaimError(f'{what}: expected `where`, such as "< 0.2"')
        limit = float(value.where[1:])
        counted = x < limit if value.where[0] == "<" else x > limit
        if value.of == "count":
            return exact(float(counted.sum()), len(x), "number", what, records)
        return exact(float(counted.mean()), len(x), "share", what, records)
    if value.of == "sd":
        kind = "points" if kind == "share" else kind
        return exact(float(x.std(ddof=1)), len(x), kind, what, records)
    return exact(_reduced(x, value.of), len(x), kind, what, records)


def _reduced(x: NDArray[np.float64], statistic: str) -> float:
    match statistic:
        case "median":
            return float(np.median(x))
        case "min":
            return float(x.min())
        case "max":
            return float(x.max())
        case _:
            return float(x.sum())


def _broken(relation: str, estimates: Mapping[str, Estimate]) -> Iterator[str]:
    """Yield a message for each link of a chain that does not hold."""
    parts = re.split(r"\s*([<>=~])\s*", relation)
    if len(parts) < 3 or not all(parts):
        raise ClaimError(f"{relation!r}: expected a relation such as 'a < b' or '0.9 < a < 1'")
    for left, sign, right in zip(parts[:-2:2], parts[1::2], parts[2::2], strict=True):
        a, b = _operand(left, estimates), _operand(right, estimates)
        if not _holds(a, sign, b):
            sides = "; ".join(
                f"{name} is {side!s}"
                for name, side in ((left, a), (right, b))
                if isinstance(side, Estimate)
            )
            yield f"{left} {sign} {right} does not hold: {sides}"


def _operand(text: str, estimates: Mapping[str, Estimate]) -> "Estimate | str":
    if re.fullmatch(r"-?\d[\d.]*(e-?\d+)?", text):
        return text
    return _known(text, estimates)


def _holds(a: Estimate | str, sign: str, b: Estimate | str) -> bool:
    match sign:
        case "<":
            return is_less(a, b)
        case ">":
            return is_less(b, a)
        case "~":
            return not is_less(a, b) and not is_less(b, a)
        case _:
            return is_equal(a, b)
