r"""Each formula of the corpus as a picture, beside LaTeX's own result (see `formula_pictures`)."""

import pytest

from tests.lab.formula_pictures import CORPUS, left_alone, of_typst, recorded

pytestmark = pytest.mark.thorough

KNOWN = {
    r"\begin{array}{|c|c|} \hline a & b": "a rule between rows ends before the frame",
    r"\begin{array}{|l|c|} \hline \text{unit}": "a rule between rows ends before the frame",
    r"\begin{array}{|l|r|} \hline \textbf{Netz}": "so it does, and a double rule is a single one",
    r"\begin{array}{l|r} \text{configuration}": "a double rule is a single one",
    r"\begin{align} a &= b \tag{*} & c &= d": "LaTeX spreads columns over the width of the page",
    r"\begin{align} a &= b \tag{1} \\ c + d": "rows with a fraction lie closer to each other",
    r"\begin{align} a &= b + c \tag{A1}": "so they do",
    r"\left(\begin{smallmatrix}": "its rows lie farther from each other",
    r"\left( \frac{\partial^2 L}": "the index of a large bracket lies lower",
    r"\begin{multline}": "lines of a multline are centered",
    r"\hat{y} \quad \widehat{abc}": "the arrow above AB is in one piece with it, in LaTeX in two",
    r"\mathrm{d}x \quad \mathit{diff}": "the script font was not installed where LaTeX ran",
    r"\color{red}{x} +": "a light color counts as no ink",
}
"""By how a formula begins: in what it may differ."""


def test_each_sign_is_where_latex_has_it() -> None:
    assert len(CORPUS) >= 180
    expected = recorded()
    differ = {}
    for latex, found in zip(CORPUS, of_typst(CORPUS), strict=True):
        alone = left_alone(expected[latex], found)
        if alone and not any(latex.startswith(start) for start in KNOWN):
            differ[latex] = alone
    assert not differ


DAMAGED = {
    r"f'(z) = f(z)\,(1 - f(z)) \le \tfrac14": r"f(z) = f(z)\,(1 - f(z)) \le \tfrac14",
    r"L = -\sum_k y_k \ln \hat{y}_k": r"L = -\sum_k y_k \ln y_k",
    r"\left| \frac{a}{b} \right|": r"\left. \frac{a}{b} \right|",
    r"\left\| W \right\|_F": r"\left| W \right|_F",
    r"\begin{vmatrix} a & b \\ c & d \end{vmatrix} = ad - bc": (
        r"\begin{matrix} a & b \\ c & d \end{matrix} = ad - bc"
    ),
    r"E = mc^2 \tag{42}": "E = mc^2",
    r"\eta = 10^{-3},\ \beta = 0.9": r"\eta = 10^{3},\ \beta = 0.9",
    r"y_i = \gamma \hat{x}_i + \beta \equiv \mathrm{BN}_{\gamma,\beta}(x_i)": (
        r"y_i = \gamma \hat{x}_i + \beta \equiv \mathrm{BN}{\gamma,\beta}(x_i)"
    ),
    r"\begin{array}{c|cc} & x_1 & x_2 \\ \hline 1 & -1 & 1 \\ 2 & 2 & -1 \end{array}": (
        r"\begin{array}{ccc} & x_1 & x_2 \\ 1 & -1 & 1 \\ 2 & 2 & -1 \end{array}"
    ),
    r"\sum_{\substack{1 \le i \le n \\ i \ne j}} w_{ij} a_i": r"\sum_{1 \le i \le n} w_{ij} a_i",
    r"\text{Größe der Überanpassung} = L_\text{Prüfung} - L_\text{Übung}": (
        r"\text{Grosse der Überanpassung} = L_\text{Prufung} - L_\text{Übung}"
    ),
}
"""Formulas with something dropped, misprinted or put elsewhere."""


@pytest.mark.parametrize("latex", DAMAGED, ids=[latex[:30] for latex in DAMAGED])
def test_what_is_not_where_latex_has_it_is_seen(latex: str) -> None:
    [right, wrong] = of_typst([latex, DAMAGED[latex]])
    expected = recorded()[latex]
    assert left_alone(expected, right) == 0 < left_alone(expected, wrong)


def test_what_may_differ_does() -> None:
    formulas = [latex for latex in CORPUS if any(latex.startswith(start) for start in KNOWN)]
    expected = recorded()
    for latex, found in zip(formulas, of_typst(formulas), strict=True):
        assert left_alone(expected[latex], found), f"remove it from what may differ: {latex}"
