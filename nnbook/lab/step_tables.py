"""The tables of a step by hand as LaTeX: what the lab gives, and what the student entered."""

# ruff: noqa: E741 - l is the number of a layer, as in the equations

from nnbook.lab.backpropagation import Step, entrywise
from nnbook.lab.entered import ByHand
from nnbook.lab.entries import Entry, Typed
from nnbook.metrics import Marks
from nnbook.publishing.tables import latex
from nnbook.theory.arrays import Array

MathRows = list[list[str]]
"""A table whose cells are LaTeX."""

GAP = r"\text{–}"


class StepTables:
    """Tables of what was computed by hand.

    Parameters
    ----------
    step : Step
        The network, the examples, and what is asked for.
    by_hand : ByHand
        What the student entered.
    marks : Marks
        How numbers are written.
    """

    def __init__(self, step: Step, by_hand: ByHand, marks: Marks) -> None:
        self._step = step
        self._values = by_hand.values
        self._marks = marks

    @property
    def _layers(self) -> range:
        return range(1, len(self._step.network.layers) + 1)

    def forward(self) -> tuple[list[str], MathRows]:
        """Return header and rows of the forward pass, a row for each example."""
        step, last = self._step, len(self._layers)
        columns = [(f"z^{l}", f"forward.z{l}") for l in self._layers]
        activations = [(f"a^{l}", f"forward.a{l}") for l in self._layers]
        activations[-1] = (rf"\hat y = a^{last}", "forward.y")
        asked = [
            column
            for pair in zip(columns, activations, strict=True)
            for column in pair
            if column[1] in self._values
        ]
        rows = [
            [
                f"{k + 1}",
                latex(step.inputs[:, [k]]),
                *(self._matrix(self._values[name][k][:, None]) for _, name in asked),
                latex(step.targets[:, [k]]),
            ]
            for k in range(step.inputs.shape[1])
        ]
        return ["k", "a^0", *(title for title, _ in asked), "y"], rows

    def backward(self) -> tuple[list[str], MathRows]:
        """Return header and rows of error signals and gradients, last layer first."""
        titles = {
            r"\delta^l": "backward.delta",
            r"\partial L / \partial W^l": "gradients.W",
            r"\partial L / \partial b^l": "gradients.b",
        }
        asked = {title: name for title, name in titles.items() if f"{name}1" in self._values}
        rows = [
            [f"{l}", *(self._of_layer(name, l) for name in asked.values())]
            for l in reversed(self._layers)
        ]
        return ["l", *asked], rows if asked else []

    def after(self) -> tuple[list[str], MathRows]:
        """Return header and rows of the parameters before and after the step."""
        rows = []
        for l in self._layers:
            for letter, kind in (("W", "weights"), ("b", "biases")):
                if f"after.{letter}{l}" in self._values:
                    before = latex(getattr(self._step.network[l], kind))
                    rows.append([f"{letter}^{l}", before, self._of_layer(f"after.{letter}", l)])
        return ["", "t = 0", "t = 1"], rows

    def _of_layer(self, name: str, l: int) -> str:
        values = self._values[f"{name}{l}"]
        if values.ndim == 1:
            return self._matrix(values[:, None])
        return self._matrix(values.T if name == "backward.delta" else values)

    def _matrix(self, values: Array) -> str:
        cells: list[list[str]] = entrywise(self._cell, values).tolist()
        if values.size == 1:
            return cells[0][0]
        rows = [" & ".join(row) for row in cells]
        separator = r" \\[0.5ex] " if any(r"\frac" in row for row in rows) else r" \\ "
        return rf"\begin{{bmatrix}}{separator.join(rows)}\end{{bmatrix}}"

    def _cell(self, entry: Entry | None) -> str:
        if entry is None:
            return GAP
        constant, slope = entry.constant, entry.slope
        if not slope.value:
            return self._signed(constant)
        size = "" if slope.text == "1" else f"{self._number(slope)} "
        parts = [(constant, self._number(constant)), (slope, rf"{size}\eta")]
        parts = [part for part in parts if part[0].value]
        (first, begin), *rest = reversed(parts) if entry.slope_first else parts
        text = f"-{begin}" if first.value < 0 else begin
        for number, then in rest:
            text += f" {'-' if number.value < 0 else '+'} {then}"
        return text

    def _signed(self, number: Typed) -> str:
        return f"-{self._number(number)}" if number.value < 0 else self._number(number)

    def _number(self, number: Typed) -> str:
        """Return a number as it was typed, without its sign."""
        text, power = number.text, ""
        if "/" in text:
            over, below = text.split("/")
            return rf"\frac{{{over}}}{{{below}}}"
        if "e" in text:
            text, exponent = text.split("e")
            power = rf" \cdot 10^{{{exponent}}}"
        return text.replace(".", f"{{{self._marks.decimal}}}") + power
