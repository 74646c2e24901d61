"""Dot plots of claims: a dot for each run, a bar for the interval, one axis for each metric.

They are small SVG images for pages, which take their colors from the style of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from nnbook.metrics import significant_places, write

if TYPE_CHECKING:
    from nnbook.evidence.estimates import Estimate

_WIDTH, _MARGIN = 264.0, 6.0  # of the drawing; letters have 11 of these units
_RADIUS = 3.0
_ROWS = (8.0, 3.5, 12.5)  # where dots stand that would cover each other
_BAR, _AXIS = 20.0, 27.0
_MOST_RUNS = 100
_DECADES = 1.3  # from which range on an axis is logarithmic


def plots(estimates: Mapping[str, Estimate]) -> dict[str, str]:
    """Return the plot of each value whose runs scatter, or that has an interval, as SVG.

    The values of a metric have one scale, and each has its axis: on a card they stand apart.

    Parameters
    ----------
    estimates : dict of str to Estimate
        The values of one claim.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for name, estimate in estimates.items():
        if _can_be_drawn(estimate):
            metric = estimate.metric
            groups.setdefault((metric.label, metric.unit), []).append(name)
    return {
        name: _plot(estimates[name], axis)
        for group in groups.values()
        for axis in [_axis([estimates[name] for name in group])]
        for name in group
    }


def _can_be_drawn(estimate: Estimate) -> bool:
    runs = estimate.runs.values()
    if not runs:
        return estimate.effect is not None
    return len(runs) <= _MOST_RUNS and min(runs) < max(runs)


@dataclass(frozen=True)
class _Axis:
    """A scale from the smallest to the largest number that is drawn."""

    low: float
    high: float
    logarithmic: bool

    def x(self, number: float) -> str:
        low, high, at = (
            math.log(max(n, self.low)) if self.logarithmic else n
            for n in (self.low, self.high, number)
        )
        share = min(max((at - low) / (high - low), 0.0), 1.0)
        return f"{_MARGIN + share * (_WIDTH - 2 * _MARGIN):.1f}"

    def ticks(self, scale: float) -> dict[float, str]:
        """Return the first and the last round number, and how they are written."""
        if self.logarithmic:
            powers = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            found = {10.0**power: write(10.0**power * scale, max(-power, 0)) for power in powers}
        else:
            step = _step(self.high - self.low)
            places = max(0, -math.floor(math.log10(step * scale) + 1e-9))
            multiples = range(
                math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1
            )
            found = {n * step: write(n * step * scale, places) for n in multiples}
        ends = list(found)
        return {end: found[end] for end in dict.fromkeys([*ends[:1], *ends[-1:]])}


def _step(length: float) -> float:
    """Return a round step, at least two of which fit."""
    size = 10.0 ** math.floor(math.log10(length / 2))
    return max(step * size for step in (1, 2, 5) if 2 * step * size <= length * (1 + 1e-9))


def _axis(estimates: list[Estimate]) -> _Axis:
    numbers = [number for estimate in estimates for number in _numbers(estimate)]
    low, high = min(numbers), max(numbers)
    if low > 0 and math.log10(high / low) > _DECADES:
        return _Axis(low, high, logarithmic=True)
    return _Axis(low, high, logarithmic=False)


def _numbers(estimate: Estimate) -> list[float]:
    ends = [end for end in (estimate.low, estimate.high) if math.isfinite(end)]
    if estimate.metric.is_share:  # no share is outside 0 to 1, whatever its interval
        ends = [min(max(end, 0.0), 1.0) for end in ends]
    neutral = [estimate.effect.neutral] if estimate.effect and not estimate.runs else []
    if estimate.logarithmic:
        ends = [end for end in ends if end > 0]
    return [*estimate.runs.values(), estimate.value, *ends, *neutral]


def _plot(estimate: Estimate, axis: _Axis) -> str:
    marks = []
    if estimate.runs:
        dots = "".join(f"M{x} {y:g}h0" for x, y in _places(estimate, axis))
        marks.append(f'<path class="nnb-run" d="{dots}"/>')
    elif estimate.effect:
        marks.append(f'<path class="nnb-neutral" d="M{axis.x(estimate.effect.neutral)} 0V24"/>')
    ends = (estimate.low, estimate.high) if estimate.effect else (estimate.value,) * 2
    low, high, middle = map(axis.x, (*ends, estimate.value))
    marks.append(f'<path class="nnb-mean" d="M{low} {_BAR:g}H{high}M{middle} {_BAR - 4:g}v8"/>')
    marks += _drawn_axis(axis, estimate)
    return (
        f'<svg class="nnb-dots" viewBox="0 0 {_WIDTH:g} {_AXIS + 15:g}" role="img" '
        f'aria-label="{escape(_in_words(estimate))}">{"".join(marks)}</svg>'
    )


def _places(estimate: Estimate, axis: _Axis) -> Iterator[tuple[str, float]]:
    """Yield where the dots are; those that would cover each other stand in several rows."""
    last = [-math.inf] * len(_ROWS)
    for number in sorted(estimate.runs.values()):
        x = axis.x(number)
        free = [row for row, at in enumerate(last) if float(x) - at >= 2 * _RADIUS]
        row = free[0] if free else last.index(min(last))
        last[row] = float(x)
        yield x, _ROWS[row]


def _drawn_axis(axis: _Axis, estimate: Estimate) -> Iterator[str]:
    ticks = axis.ticks(estimate.metric.scale)
    lines = "".join(f"M{axis.x(tick)} {_AXIS:g}v3" for tick in ticks)
    yield f'<path class="nnb-axis" d="M0 {_AXIS:g}H{_WIDTH:g}{lines}"/>'
    for tick, text in ticks.items():
        x = float(axis.x(tick))
        side = "start" if x < 0.2 * _WIDTH else "end" if x > 0.8 * _WIDTH else "middle"
        yield f'<text x="{x:g}" y="{_AXIS + 13:g}" text-anchor="{side}">{text}</text>'


def _in_words(estimate: Estimate) -> str:
    """Return what the plot shows, for readers who hear it."""
    if not estimate.runs:
        return f"Interval from {estimate.interval()}"
    scale = estimate.metric.scale
    spread = (max(estimate.runs.values()) - min(estimate.runs.values())) * scale
    places = max(significant_places(spread, 2), 0)
    runs = ", ".join(write(number * scale, places) for number in sorted(estimate.runs.values()))
    return f"{len(estimate.runs)} runs: {runs}"
