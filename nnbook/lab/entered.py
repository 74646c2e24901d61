"""What a student computed by hand: ``step.toml``, read with care, and shown as it was typed.

::

    loss = "half_sse"                          # which of the losses that the lab allows

    [forward]                                  # a list for each example
    z1 = [[-1, "1/8", 0.125, "0,125"], ...]    # also a1, z2, ...; y is what the network predicts
    [backward]
    delta1 = ...                               # error signals: asked for or not, as all the others
    [gradients]
    W1 = [[...], ...]                          # a list for each unit
    b1 = [...]
    [after]
    W1 = [["2 - 1/2 eta", ...], ...]           # where the learning rate is a symbol

An empty text is a gap. What cannot be read is a gap, too, and named with its line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nnbook.errors import LabError, nearest
from nnbook.lab import files
from nnbook.lab.backpropagation import (
    MOST_CHARACTERS,
    Quantity,
    Step,
    entrywise,
    is_gap,
    refuse_large_fractions,
)
from nnbook.lab.entries import Entry, read_entry
from nnbook.lab.toml_lines import Place, TomlLines
from nnbook.schema import parse_toml
from nnbook.theory.arrays import Array

FILE = "step.toml"
MOST_CHARACTERS_IN_ALL, LONGEST_LINE = 100_000, 2000
MOST_UNKNOWN = 10
"""Keys of one table that are named; of more, their number is."""


@dataclass(frozen=True)
class ByHand:
    """What a student entered.

    Attributes
    ----------
    loss : str
        With which was computed; where the student does not say it, the first that the lab allows.
    values : dict of str to array of Entry
        By quantity, in its shape; None in each gap. Those that the lab asks for, and others of
        which there are values.
    problems : list of str
        What cannot be read, and what is missing, with lines.
    places : dict of str to str
        By quantity: what a message calls the place where it is.
    states_loss : bool
        Whether the student says with which loss, or the lab allows one only.
    """

    loss: str
    values: Mapping[str, Array]
    problems: list[str] = field(default_factory=list)
    places: Mapping[str, str] = field(default_factory=dict)
    states_loss: bool = True

    def content(self) -> dict[str, Any]:
        """Return it as the manifest has it: what can be read, in the form of the file."""
        found: dict[str, Any] = {"loss": self.loss} if self.states_loss else {}
        for name, values in self.values.items():
            table, _, key = name.partition(".")
            texts = entrywise(lambda entry: entry.text if entry else "", values)
            found.setdefault(table, {})[key] = texts.tolist()
        return found


def read(folder: Path, step: Step) -> ByHand:
    """Return what the file in the folder of a lab holds; nothing but gaps if there is none.

    Raises
    ------
    LabError
        If the file is outside, too large, or no TOML.
    """
    path = folder / FILE
    try:
        text = files.read_text(path)
    except FileNotFoundError:
        gaps = {name: _gaps(quantity) for name, quantity in step.asked.items()}
        missing = f"{path}: missing; it holds what you computed by hand"
        return ByHand(step.losses[0], gaps, [missing])
    return of(text, step, path)


def of(text: str, step: Step, path: Path = Path(FILE)) -> ByHand:
    """Return what the text of such a file holds.

    Raises
    ------
    LabError
        If it is no TOML.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LONGEST_LINE:
            raise LabError(
                f"{path}: line {number}: expected at most {LONGEST_LINE:,} characters in a line"
            )
    if len(text) > MOST_CHARACTERS_IN_ALL:
        raise LabError(f"{path}: expected at most {MOST_CHARACTERS_IN_ALL:,} characters")
    # As texts, decimals stay as they were typed: 0.10 has two.
    content = parse_toml(text, path, LabError, parse_float=str)
    return _Reader(step, f"{path}: ", text).read(content)


def of_manifest(content: Mapping[str, Any], step: Step) -> ByHand:
    """Return what the manifest of a report says of it."""
    return _Reader(step, "", "").read(content)


class _Reader:
    """Goes through the content of a file, and says what is wrong with it."""

    def __init__(self, step: Step, owner: str, text: str) -> None:
        self._step = step
        self._owner = owner
        self._lines = TomlLines(text)
        self._problems: list[str] = []
        self._known: dict[str, list[str]] = {}
        for name in step.quantities:
            table, _, key = name.partition(".")
            self._known.setdefault(table, []).append(key)

    def read(self, content: Mapping[str, Any]) -> ByHand:
        loss = self._loss(content.get("loss"))
        others = [table for table in content if table != "loss"]
        for table in others[: len(self._known) + MOST_UNKNOWN]:
            entries = content[table]
            if table not in self._known or not isinstance(entries, dict):
                hint = nearest(table[:MOST_CHARACTERS], ["loss", *self._known])
                self._problem(f"[{table[:MOST_CHARACTERS]}]: unknown, {hint}", table)
                continue
            unknown = [key for key in entries if key not in self._known[table]]
            for key in unknown[:MOST_UNKNOWN]:
                hint = nearest(key[:MOST_CHARACTERS], self._known[table])
                self._problem(f"{table}.{key[:MOST_CHARACTERS]}: unknown, {hint}", table, key)
            if more := len(unknown[MOST_UNKNOWN:]):
                self._problem(f"[{table}]: {more} more are unknown", table)
        values, places = {}, {}
        for name, quantity in self._step.quantities.items():
            table, _, key = name.partition(".")
            entries = content.get(table)
            given = entries.get(key) if isinstance(entries, dict) else None
            values[name] = _gaps(quantity) if given is None else self._values(given, quantity)
            places[name] = f"{self._owner}{self._line(table, key)}{name}"
            if given is None and name in self._step.asked:
                count = values[name].size
                self._problems.append(f"{places[name]}: {_are(count, count)} missing")
        there = {
            self._step.quantities[name].sort for name, some in values.items() if not _is_empty(some)
        }
        values = {
            name: some
            for name, some in values.items()
            if name in self._step.asked or self._step.quantities[name].sort in there
        }
        values = self._of_bearable_size(values)
        return ByHand(
            loss or self._step.losses[0], values, self._problems, places, states_loss=bool(loss)
        )

    def _loss(self, loss: Any) -> str:
        """Return the loss that is stated; nothing if it is none of those that the lab allows."""
        losses = self._step.losses
        if loss in losses or (loss is None and len(losses) == 1):
            return loss or losses[0]
        expected = " or ".join(map(repr, losses))
        received = "nothing" if loss is None else _shown(loss)
        self._problem(f"loss: expected {expected}, received {received}", "", "loss")
        return ""

    def _values(self, given: Any, quantity: Quantity) -> Array:
        """Return the values of a quantity in its shape; gaps if what is given has another."""
        found = _gaps(quantity)
        table, _, key = quantity.name.partition(".")
        rows = given if len(quantity.shape) == 2 else [given]
        expected = (1, *quantity.shape)[-2:]
        if (
            not isinstance(rows, list)
            or not all(isinstance(row, list) for row in rows)
            or ([len(row) for row in rows] != [expected[1]] * expected[0])
        ):
            said = f"expected {_described(quantity)}, received {_received(given)}"
            self._problem(f"{quantity.name}: {said}", table, key)
            return found
        missing = 0
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                entry, problem = _entry(value, has_eta=self._has_eta(quantity))
                index = (i, j)[-len(quantity.shape) :]
                found[index] = entry
                missing += entry is None and not problem
                if problem:
                    place = f"list {i + 1}, value {j + 1}" if found.ndim == 2 else f"value {j + 1}"
                    self._problem(f"{quantity.name}: {place}: {problem}", table, key, index)
        if missing and quantity.name in self._step.asked:
            self._problem(f"{quantity.name}: {_are(missing, found.size)} missing", table, key)
        return found

    def _has_eta(self, quantity: Quantity) -> bool:
        return quantity.sort == "parameters" and self._step.rate is None

    def _of_bearable_size(self, values: dict[str, Array]) -> dict[str, Array]:
        """Return the values, or gaps if what is computed with them would have too many digits."""
        typed = [
            number.value
            for array in values.values()
            for entry in array.flat
            if entry
            for number in (entry.constant, entry.slope)
        ]
        try:
            refuse_large_fractions([np.array(typed, dtype=object)] * len(self._step.network.layers))
        except LabError as error:
            self._problem(str(error).removeprefix("[backpropagation]: "), "", "")
            return {name: _gaps(quantity) for name, quantity in self._step.asked.items()}
        return values

    def _problem(self, message: str, table: str, key: str = "", place: Place = ()) -> None:
        self._problems.append(f"{self._owner}{self._line(table, key, place)}{message}")

    def _line(self, table: str, key: str = "", place: Place = ()) -> str:
        """Return in which line a table, a key or one of its values is, or nothing."""
        line = self._lines.of(table, key, place)
        return f"line {line}: " if line else ""


def _is_empty(values: Array) -> bool:
    return bool(is_gap(values).all())


def _gaps(quantity: Quantity) -> Array:
    return np.full(quantity.shape, None, dtype=object)


def _entry(value: Any, *, has_eta: bool) -> tuple[Entry | None, str]:
    """Return what a value of the file is, and why it is none; an empty text is a gap."""
    if isinstance(value, str) and not value.strip():
        return None, ""
    is_number = isinstance(value, str | int) and not isinstance(value, bool)
    entry = read_entry(str(value)) if is_number else None
    if entry and (has_eta or not entry.slope.value):
        return entry, ""
    example = '3, "1/8", 0.125 or "0,125"' + (', or "2 - 1/2 eta"' if has_eta else "")
    kind = "a number without eta" if entry else "a number"
    return None, f"expected {kind}, such as {example}, received {_shown(value)}"


def _shown(value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return repr(value)[:MOST_CHARACTERS]
    text = str(value)
    return repr(text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}...")


def _are(count: int, of: int) -> str:
    return f"{count} of {of} value{'s' if of > 1 else ''} {'is' if count == 1 else 'are'}"


def _described(quantity: Quantity) -> str:
    if len(quantity.shape) == 1:
        return f"a list of {_count(quantity.shape[0], 'value')}"
    lists, values = quantity.shape
    each = "example" if quantity.by_example else "unit"
    return f"{_count(lists, 'list')} of {_count(values, 'value')}, one list for each {each}"


def _received(given: Any) -> str:
    if not isinstance(given, list):
        return _shown(given)
    lengths = [len(row) for row in given if isinstance(row, list)]
    if len(lengths) < len(given) or not lengths:
        return f"a list of {_count(len(given), 'value')}" + (" and lists" if lengths else "")
    sizes = sorted(set(lengths))
    return f"{_count(len(lengths), 'list')} of {' and '.join(map(str, sizes[:3]))} values"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
