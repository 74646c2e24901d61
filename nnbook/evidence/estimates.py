"""Estimates: the values of a claim as the records give them, and how they are shown."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nnbook.errors import ClaimError
from nnbook.evidence.designs import Design, compare, mean_of, population_of
from nnbook.evidence.samples import Label, Sample
from nnbook.experiments.statistics import Effect
from nnbook.metrics import NO_BREAK, Metric, Shown, show


@dataclass(frozen=True, eq=False)
class Estimate:
    """A value as the records give it.

    Attributes
    ----------
    value : float
    n : int
        Number of runs, or of pairs of runs; 0 for a figure that comes from no run of ours.
    metric : Metric
        What it is, and so how it is written.
    what : str
        Which records it rests on, in words.
    identity : str
        The same for values that are declared alike, in whatever claim.
    effect : Effect, optional
        Its error, if it is a mean, a difference or ratio of two, and its runs scatter.
    sample : Sample, optional
        Its runs, if it is the mean of one sample.
    between : tuple of str
        The identities of the two means that it compares, if it is their difference or ratio.
    population : str
        What the error speaks of, a key of `nnbook.evidence.designs.POPULATIONS`; else empty.
    records : tuple of Path
        Files that it was read from.
    runs : dict of Label to float
        The number of each run, if it is their mean or lies among them.
    """

    value: float
    n: int
    metric: Metric
    what: str
    identity: str
    effect: Effect | None = None
    sample: Sample | None = None
    between: tuple[str, ...] = ()
    population: str = ""
    records: tuple[Path, ...] = ()
    runs: Mapping[Label, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no number: no relation with it is true or false."""
        if not math.isfinite(self.value):
            raise ClaimError(f"{self.what}: expected a finite number, received {self.value}")

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval; NaN where there is none."""
        return self.effect.low if self.effect else math.nan

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval; NaN where there is none."""
        return self.effect.high if self.effect else math.nan

    @property
    def logarithmic(self) -> bool:
        """Whether it is a geometric mean or a ratio of two."""
        return self.effect is not None and self.effect.logarithmic

    def __format__(self, specification: str) -> str:
        """Return the number with its unit, rounded to what the interval supports.

        Parameters
        ----------
        specification : str
            ``""``; ``".2f"`` for two decimals (of the percentage); ``"full"`` adds number of runs
            and interval, and may be followed by ``".2f"``; ``"bare"`` leaves out the unit.
        """
        kind, shown = self._shown(specification)
        text = shown.value if kind == "bare" else str(shown)
        if kind != "full" or not self.n:
            return text
        return f"{text} ({self._basis(shown)})"

    def _basis(self, shown: Shown) -> str:
        text = f"n = {self.n}"
        if self.effect:
            text += f", 95{NO_BREAK}% interval {shown.low} to {shown.high}{shown.unit}"
        return text

    @property
    def behind(self) -> str:
        """What stands behind the number: runs and interval if there are any, and what it is."""
        _, shown = self._shown("")
        return f"{self._basis(shown)}; {self.what}" if self.n else self.what

    def interval(self, specification: str = "") -> str:
        """Return the ends of the interval, written as the number is; empty where there is none."""
        _, shown = self._shown(specification)
        return f"{shown.low} to {shown.high}" if self.effect else ""

    def _shown(self, specification: str) -> tuple[str, Shown]:
        """Return what a format asks for beside the number, and the number as text."""
        form = re.fullmatch(r"(full|bare)?\s*(?:\.(\d+)f)?", specification)
        if form is None:
            raise ClaimError(
                f"unknown format {specification!r}: expected '', '.2f', 'bare', 'full' or 'full.2f'"
            )
        places = int(form[2]) if form[2] else None
        return form[1] or "", show(self.metric, self.value, self.low, self.high, places=places)

    def __str__(self) -> str:
        """Return the number with its interval and where it is from."""
        return f"{self:full} ({self.what})"


def exact(
    value: float,
    n: int,
    metric: Metric,
    what: str,
    identity: str,
    *,
    records: tuple[Path, ...] = (),
    runs: Mapping[Label, float] | None = None,
) -> Estimate:
    """Return the estimate of a number without an interval, such as a minimum over `n` runs."""
    return Estimate(value, n, metric, what, identity, records=records, runs=runs or {})


def mean(
    sample: Sample,
    metric: Metric,
    identity: str,
    records: tuple[Path, ...],
    *,
    geometric: bool = False,
    population: str | None = None,
) -> Estimate:
    """Return the mean of a sample, or its geometric mean."""
    n, what = len(sample.values), sample.what
    if len(sample.cells) == 1:
        value = float(sample.numbers.mean())
        return Estimate(
            value,
            n,
            metric,
            what,
            identity,
            sample=sample,
            records=records,
            runs=sample.values,
        )
    effect = mean_of(sample, ratio=geometric, population=population)
    return Estimate(
        value=_typical(sample) if not effect.error > 0 else effect.effect,
        n=n,
        metric=metric,
        what=what,
        identity=identity,
        effect=effect if effect.error > 0 else None,
        sample=sample,
        population=population or population_of(sample),
        records=records,
        runs=sample.values,
    )


def _typical(sample: Sample) -> float:
    """Return the one value of a sample without scatter: its mean could differ by rounding."""
    return float(sample.numbers[0])


def difference(
    a: Estimate, b: Estimate, *, population: str | None = None, design: Design | None = None
) -> Estimate:
    """Return a - b: of two means with the interval of their comparison."""
    what = f"({a.what}) minus ({b.what})"
    identity = f"{a.identity} - {b.identity}"
    records = a.records + b.records
    if not (a.sample and b.sample):
        if a.effect or b.effect:
            raise ClaimError(f"{what}: expected two means, or two numbers without an interval")
        n = min(a.n, b.n)
        return exact(a.value - b.value, n, a.metric.difference, what, identity, records=records)
    effect = compare(a.sample, b.sample, population=population, design=design)
    return Estimate(
        value=effect.effect,
        n=effect.n,
        metric=a.metric.difference,
        what=what,
        identity=identity,
        effect=effect if effect.error > 0 else None,
        between=(a.identity, b.identity),
        population=population or population_of(a.sample, b.sample),
        records=records,
    )


def ratio(
    a: Estimate, b: Estimate, *, population: str | None = None, design: Design | None = None
) -> Estimate:
    """Return a / b: of two means of positive numbers, the ratio of geometric means."""
    what = f"({a.what}) divided by ({b.what})"
    identity = f"{a.identity} / {b.identity}"
    records = a.records + b.records
    if not (a.sample and b.sample):
        if a.effect or b.effect:
            raise ClaimError(f"{what}: expected two means, or two numbers without an interval")
        if b.value == 0:
            raise ClaimError(f"{what}: a division by zero")
        return exact(
            a.value / b.value, min(a.n, b.n), a.metric.ratio, what, identity, records=records
        )
    effect = compare(a.sample, b.sample, ratio=True, population=population, design=design)
    return Estimate(
        value=effect.effect,
        n=effect.n,
        metric=a.metric.ratio,
        what=what,
        identity=identity,
        effect=effect if effect.error > 0 else None,
        between=(a.identity, b.identity),
        population=population or population_of(a.sample, b.sample),
        records=records,
    )
