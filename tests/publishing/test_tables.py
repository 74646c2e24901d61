from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import sympy

from nnbook.publishing.tables import DataTable, MathTable, latex

ETA = sympy.Symbol("eta", positive=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(3), "3"),
        (Fraction(-5, 2), r"-\frac{5}{2}"),
        (2 * ETA - 1, r"-1 + 2 \eta"),
        (2.5, "2.5"),
        (-1.25e-7, r"-1.25 \cdot 10^{-7}"),
        (float("inf"), r"\infty"),
        (np.array([[7]], dtype=object), "7"),
        ([[Fraction(1, 3)], [2]], r"\begin{bmatrix}\frac{1}{3} \\[0.5ex] 2\end{bmatrix}"),
        ([Fraction(1, 3), ETA], r"\begin{bmatrix}\frac{1}{3} & \eta\end{bmatrix}"),
        (np.array([[1.0], [-2.0]]), r"\begin{bmatrix}1 \\ -2\end{bmatrix}"),
    ],
)
def test_values_as_latex(value, expected):
    assert latex(value) == expected


def test_math_table_is_markdown_with_formulas():
    rows = [["$t < 1$", 1 - ETA], [r"a | $\|x\|$ or $|x|$", [[1, 2]]]]
    assert MathTable(["step & $x_1$ more", "$W^1$"], rows)._repr_markdown_().splitlines() == [
        "| step & $x_1$ more | $W^1$ |",
        "| :-- | :-: |",
        r"| $t < 1$ | $1 - \eta$ |",
        r"| a \| $\Vert x\Vert $ or $\vert x\vert $ | $\begin{bmatrix}1 & 2\end{bmatrix}$ |",
    ]


def test_a_table_with_holes_is_refused():
    with pytest.raises(ValueError, match="expected 2 cells, received 1"):
        MathTable(["a", "b"], [["only one"]])


def test_data_table_is_markdown_with_formatted_numbers():
    frame = pd.DataFrame(
        {"n": [20, 3], "mean": [-0.12345, 7.0], "verdict": ["lower", "higher"]}, index=["a", "b"]
    )
    columns = {"n": ("runs", "d"), "verdict": ("$p$", ""), "mean": ("mean", ".2f")}
    assert DataTable(frame, columns, index="name")._repr_markdown_().splitlines() == [
        "| name | runs | $p$ | mean |",
        "| :-- | --: | :-- | --: |",
        "| a | 20 | lower | −0.12 |",
        "| b | 3 | higher | 7.00 |",
    ]


def test_numbers_that_are_not_finite_are_shown_as_in_mathematics():
    frame = pd.DataFrame({"distance": [np.inf, -np.inf, np.nan]}, index=["a", "b", "c"])
    table = DataTable(frame, {"distance": ("distance", "+.1f")})._repr_markdown_()
    assert table.splitlines()[2:] == ["| a | +∞ |", "| b | −∞ |", "| c | – |"]
