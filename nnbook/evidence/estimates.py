"""Estimates: numbers that rest on runs, with their intervals, how they are shown and compared."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from nnbook.errors import ClaimError
from nnbook.experiments.statistics import (
    Comparison,
    paired_difference,
    paired_ratio,
    unpaired_difference,
)

Key = tuple[int, int]
"""Names a run among those of an estimate: number of its configuration, seed."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A value as the records give it.

    Attributes
    ----------
    value : float
    low, high : float
        Ends of the 95 % interval; both are `value` where there is none.
    n : int
        Number of runs, or of pairs of runs; 0 for a figure that comes from no run of ours.
    kind : {"share", "points", "ratio", "number"}
        A share is shown in percent, a difference of shares in percentage points.
    what : str
        Which records it rests on, in words.
    samples : dict of (int, int) to float
        The value of each run, by configuration and seed, of a mean; else empty.
    logarithmic : bool
        Whether it is a geometric mean.
    records : tuple of Path
        Files that it was read from.
    """

    value: float
    low: float
    high: float
    n: int
    kind: str
    what: str
    samples: Mapping[Key, float] = field(default_factory=dict)
    logarithmic: bool = False
    records: tuple[Path, ...] = ()

    @property
    def has_interval(self) -> bool:
        """Whether runs that differ stand behind it."""
        return self.low < self.high

    def __format__(self, specification: str) -> str:
        """Return the number with its unit, rounded to what the interval supports.

        Parameters
        ----------
        specification : str
            ``""``; ``".2f"`` for two decimals (of the percentage); ``"full"`` adds number of runs
            and interval, and may be followed by ``".2f"``; ``"bare"`` leaves out the unit.
        """
        full = specification.startswith("full")
        bare = specification.startswith("bare")
        decimals = specification.removeprefix("full").removeprefix("bare").strip()
        if decimals and not re.fullmatch(r"\.\d+f", decimals):
            raise ClaimError(
                f"unknown format {specification!r}: expected '', '.2f', 'bare', 'full' or 'full.2f'"
            )
        places = int(decimals[1:-1]) if decimals else self._places()
        text = self._text(self.value, places)
        unit = "" if bare else self._unit()
        if not (full and self.n):
            return text + unit
        inside = f"n = {self.n}"
        if self.has_interval:
            ends = (self.low, self.high)
            if self.kind == "share":  # no share lies outside 0 to 1
                ends = (max(ends[0], 0.0), min(ends[1], 1.0))
            low, high = (self._text(end, places) for end in ends)
            inside += f", 95\N{NO-BREAK SPACE}% interval {low} to {high}{unit}"
        return f"{text}{unit} ({inside})"

    def _scale(self) -> float:
        return 100.0 if self.kind in ("share", "points") else 1.0

    def _unit(self) -> str:
        match self.kind:
            case "share":
                return "\N{NO-BREAK SPACE}%"
            case "points":
                return "\N{NO-BREAK SPACE}percentage points"
            case _:
                return ""

    def _places(self) -> int:
        """Return to how many decimals the value is known.

        Two digits of the uncertainty are kept if they are at most 35, else one (Particle Data
        Group, *Review of Particle Physics*, introduction, section on rounding).
        """
        size = (self.high - self.low) / 2 * self._scale()
        if size > 0:
            return -math.floor(math.log10(size / 3.55))
        value = self.value * self._scale()
        if value == round(value):
            return 0
        # A share is a count of examples; other numbers are shown with three digits.
        return 2 if self.kind == "share" else 2 - math.floor(math.log10(abs(value)))

    def _text(self, value: float, places: int) -> str:
        scaled = value * self._scale()
        if places > 5 and scaled:
            exponent = math.floor(math.log10(abs(scaled)))
            digits = f"{scaled / 10**exponent:.{max(places + exponent, 0)}f}"
            power = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
            return f"{digits} · 10{power}".replace("-", "\N{MINUS SIGN}")
        text = f"{round(scaled, places):,.{max(places, 0)}f}"
        zero = not any(digit in text for digit in "123456789")
        return (text.lstrip("-") if zero else text).replace("-", "\N{MINUS SIGN}")

    def __str__(self) -> str:
        """Return the number with its interval and where it is from."""
        return f"{self:full} ({self.what})"


def exact(value: float, n: int, kind: str, what: str, records: tuple[Path, ...]) -> Estimate:
    """Return the estimate of a number without an interval, such as a minimum over `n` runs."""
    return Estimate(value, value, value, n, kind, what, records=records)


def _compare(a: Estimate, b: Estimate, *, ratio: bool) -> Comparison:
    """Compare two means: over the seeds that they share, or else as two independent samples."""
    shared = [key for key in a.samples if key in b.samples]
    if len(shared) >= 2:
        first, second = ([x.samples[key] for key in shared] for x in (a, b))
        return paired_ratio(first, second) if ratio else paired_difference(first, second)
    all_a, all_b = (np.array(list(x.samples.values())) for x in (a, b))
    if not ratio:
        return unpaired_difference(all_a, all_b)
    return unpaired_difference(np.log(all_a), np.log(all_b)).exponential()


def _both_means(a: Estimate, b: Estimate) -> bool:
    return len(a.samples) >= 2 and len(b.samples) >= 2


def difference(a: Estimate, b: Estimate) -> Estimate:
    """Return a - b: of two means with the interval of their comparison."""
    kind = "points" if a.kind == "share" else "number"
    what = f"({a.what}) minus ({b.what})"
    records = a.records + b.records
    if not _both_means(a, b):
        low, high = a.low - b.high, a.high - b.low
        return Estimate(a.value - b.value, low, high, min(a.n, b.n), kind, what, records=records)
    c = _compare(a, b, ratio=False)
    return Estimate(c.effect, c.low, c.high, c.n, kind, what, records=records)


def ratio(a: Estimate, b: Estimate) -> Estimate:
    """Return a / b: of two means of positive numbers, the ratio of geometric means."""
    what = f"({a.what}) divided by ({b.what})"
    records = a.records + b.records
    positive = all(value > 0 for x in (a, b) for value in x.samples.values())
    if not (_both_means(a, b) and positive):
        if b.value == 0:
            raise ClaimError(f"{what}: a division by zero")
        return exact(a.value / b.value, min(a.n, b.n), "ratio", what, records)
    c = _compare(a, b, ratio=True)
    return Estimate(c.effect, c.low, c.high, c.n, "ratio", what, records=records)


def is_less(a: Estimate | str, b: Estimate | str) -> bool:
    """Say whether `a` is significantly less than `b`; a typed number is given as text."""
    if isinstance(a, Estimate) and isinstance(b, Estimate) and _both_means(a, b):
        comparison = _compare(a, b, ratio=a.logarithmic and b.logarithmic)
        return comparison.high < comparison.neutral
    return _end(a, "high") < _end(b, "low")


def _end(side: Estimate | str, which: Literal["low", "high"]) -> float:
    return float(side) if isinstance(side, str) else float(getattr(side, which))


def is_equal(a: Estimate | str, b: Estimate | str) -> bool:
    """Say whether every run of `a` has the value `b`, to the decimals of a typed number."""
    if isinstance(a, str):
        a, b = b, a
    if isinstance(a, str):
        raise ClaimError(f"{a} = {b}: expected at least one value")
    values = list(a.samples.values()) or [a.value]
    if isinstance(b, str):
        return all(round(value, len(b.partition(".")[2])) == float(b) for value in values)
    others = list(b.samples.values()) or [b.value]
    return len({*values, *others}) == 1
