"""Which of the values that a student computed by hand are right, and which follow from wrong ones.

A value is right if it is the exact one, or rounds it: typed with k decimals it may differ by half
a unit of the last one. One that is not right is *rounded* if it comes out when one goes on with the
student's right but rounded values, and *follows* if it comes out when one goes on with the
student's own values, wrong ones among them: whoever makes a mistake once is not charged for it
again.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from nnbook.lab.backpropagation import Linear, Quantity, Step, entrywise, is_gap
from nnbook.lab.entered import ByHand
from nnbook.lab.entries import Entry, Typed
from nnbook.theory.arrays import Array

Verdict = Literal["right", "rounded", "follows", "wrong", "missing"]
VERDICTS: tuple[Verdict, ...] = ("right", "rounded", "follows", "missing", "wrong")
"""From the best to the worst: a quantity has that of its worst value."""

RELATIVE = 1e-9
"""How far a value may be from one that is no fraction, such as a sigmoid's, relative to it."""


@dataclass(frozen=True)
class Judged:
    """A quantity, and how its values are.

    Attributes
    ----------
    quantity : Quantity
    verdicts : array of str
        One for each value.
    entered : array of Entry
        None in each gap.
    solution : array of Linear
    is_asked : bool
        Whether the lab asks for it.
    idle : array of bool
        Which of the entered values are there without any computing: 0, or a parameter as it was.
    """

    quantity: Quantity
    verdicts: Array
    entered: Array
    solution: Array
    is_asked: bool
    idle: Array

    @property
    def name(self) -> str:
        """Of the quantity."""
        return self.quantity.name

    @property
    def verdict(self) -> Verdict:
        """That of its worst value."""
        there = {str(verdict) for verdict in self.verdicts.flat}
        return next(verdict for verdict in reversed(VERDICTS) if verdict in there)

    @property
    def is_idle(self) -> bool:
        """Whether it has no value that was computed."""
        return bool((self.idle | is_gap(self.entered)).all())

    @property
    def computed(self) -> int:
        """How many values are right, or came from rounded ones, and had to be computed."""
        good = (self.verdicts == "right") | (self.verdicts == "rounded")
        return int((good & ~self.idle).sum())

    def count(self, verdict: Verdict) -> int:
        """Return how many values have a verdict."""
        return int((self.verdicts == verdict).sum())


def judge(step: Step, by_hand: ByHand) -> list[Judged]:
    """Return how the values of each quantity are, in the order of computing.

    Parameters
    ----------
    step : Step
        The step that the lab asks for.
    by_hand : ByHand
        What was entered; it is judged with the loss that it names.
    """
    solution = step.follow(by_hand.loss)
    fewest = step.declared.entered.decimals

    def agree(name: str, values: Array) -> Array:
        return _agree(by_hand.values[name], values, fewest)

    right = {name: agree(name, solution[name]) for name in by_hand.values}
    # Whoever rounds may go on with the rounded value or with the one before.
    typed = {name: _constants(entries) for name, entries in by_hand.values.items()}
    followed = [step.follow(by_hand.loss, typed), step.follow(by_hand.loss, typed, agree)]
    rounded = _rounded(step, by_hand, right, agree)
    found = []
    for name, entries in by_hand.values.items():
        follows = np.logical_or(*(agree(name, way[name]) for way in followed))
        verdicts = np.full(entries.shape, "wrong", dtype=object)
        kinds = (("follows", follows), ("rounded", rounded[name]), ("right", right[name]))
        for verdict, where in kinds:
            verdicts[where] = verdict
        verdicts[is_gap(entries)] = "missing"
        found.append(
            Judged(
                step.quantities[name],
                verdicts,
                entries,
                solution[name],
                name in step.asked,
                _idle(step, name, entries),
            )
        )
    return found


def _rounded(
    step: Step,
    by_hand: ByHand,
    right: Mapping[str, Array],
    agree: Callable[[str, Array], Array],
) -> Mapping[str, Array]:
    """Return where values come out of right ones as they were rounded, and of such values again."""
    found = right
    typed = {name: _constants(entries) for name, entries in by_hand.values.items()}
    for _ in by_hand.values:  # each round reaches at least one quantity further
        given = {
            name: entrywise(lambda there, value: value if there else None, found[name], values)
            for name, values in typed.items()
        }
        followed = step.follow(by_hand.loss, given)
        more = {name: where | agree(name, followed[name]) for name, where in found.items()}
        if all((more[name] == found[name]).all() for name in found):
            return found
        found = more
    return found


def _idle(step: Step, name: str, entries: Array) -> Array:
    """Return which values are there without any computing."""
    quantity = step.quantities[name]
    before = np.zeros(quantity.shape, dtype=object)
    if quantity.sort == "parameters":
        layer = step.network[quantity.layer]
        before = layer.weights if len(quantity.shape) == 2 else layer.biases[:, 0]
    return entrywise(_as_before, entries, before).astype(bool)


def _as_before(entry: Entry | None, value: Any) -> bool:
    return entry is not None and not entry.slope.value and _is_close(entry.constant, value, 1)


def rows(step: Step, by_hand: ByHand) -> list[dict[str, Any]]:
    """Return what a marker is told, quantity by quantity, as JSON has it."""
    return [
        {
            "quantity": row.name,
            "sort": row.quantity.sort,
            "asked": row.is_asked,
            "idle": row.is_idle,
            "computed": row.computed,
            "verdict": row.verdict,
            "of": row.verdicts.size,
            **{verdict: row.count(verdict) for verdict in VERDICTS},
            "entered": _text(row.entered, lambda entry: entry.text if entry else "–"),
            "solution": _text(row.solution, str),
        }
        for row in judge(step, by_hand)
    ]


def _text(values: Array, shown: Callable[[Any], str]) -> str:
    """Return values in a line: bars between those of a row, semicolons between rows."""
    lists = entrywise(shown, values).tolist()
    if values.ndim == 1:
        return "; ".join(lists)
    return "; ".join(" | ".join(row) for row in lists)


def wrong(step: Step, by_hand: ByHand) -> Iterator[str]:
    """Yield what is to be said of wrong values, with the line of their quantity."""
    for row in judge(step, by_hand):
        place, size = by_hand.places.get(row.name, row.name), row.verdicts.size
        values = "values" if size > 1 else "value"
        if count := row.count("wrong"):
            index = np.argwhere(row.verdicts == "wrong")[0] + 1
            first = ("list {}, value {}" if len(index) == 2 else "value {}").format(*index)
            are, more = ("is", "") if count == 1 else ("are", "the first: ")
            yield f"{place}: {count} of {size} {values} {are} wrong: {more}{first}"
        if count := row.count("follows"):
            follow = "follows" if count == 1 else "follow"
            yield f"{place}: {count} of {size} {values} {follow} from earlier wrong ones"
        if count := row.count("rounded"):
            were = "was" if count == 1 else "were"
            yield (
                f"{place}: {count} of {size} {values} {were} computed from rounded ones: go on "
                f"with more decimals"
            )


def _constants(array: Array) -> Array:
    """Return the numbers of values, None of each gap; later quantities need no learning rate."""

    def number(value: Entry | Linear | None) -> Any:
        if value is None:
            return None
        return value.constant.value if isinstance(value, Entry) else value.constant

    return entrywise(number, array)


def _agree(entries: Array, values: Array, fewest: int) -> Array:
    def agrees(entry: Entry | None, value: Linear) -> bool:
        return (
            entry is not None
            and _is_close(entry.constant, value.constant, fewest)
            and _is_close(entry.slope, value.slope, fewest)
        )

    return entrywise(agrees, entries, values).astype(bool)


def _is_close(typed: Typed, value: Any, fewest: int) -> bool:
    """Return whether a typed number is a value, or rounds it.

    >>> third, typed = Fraction(1, 3), Typed(Fraction(33, 100), 2, "0.33")
    >>> _is_close(typed, third, 1), _is_close(typed, third, 3), _is_close(typed, 0.339, 1)
    (True, False, False)
    """
    half_a_unit = Fraction(0)
    if typed.places is not None and typed.places >= fewest:
        half_a_unit = Fraction(1, 2 * 10**typed.places)
    if isinstance(value, Fraction | int):
        return abs(typed.value - value) <= half_a_unit
    if not math.isfinite(value):
        return False
    margin = float(half_a_unit) + RELATIVE * max(1.0, abs(value))
    return bool(abs(float(typed.value) - value) <= margin)
