r"""Formulas of labs: each is set with all that is in it, or refused with its place."""

import html
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from nnbook.errors import LabError
from nnbook.lab import Report, typst
from nnbook.lab.formulas import Converter, Numbers, _usual
from nnbook.publishing.formulas import tree
from nnbook.publishing.formulas.engine import FormulaError
from tests.lab.conftest import text_of

Answer = Callable[[str], Report]

CORPUS = Path(__file__).with_name("formulas.txt").read_text("utf-8").splitlines()
TEMPLATE = '#import "template.typ": *\n'


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the text of each formula of the corpus as it is printed."""
    folder = tmp_path_factory.mktemp("corpus")
    template = Path(typst.__file__).with_name("template.typ").read_text("utf-8")
    (folder / "template.typ").write_text(template, "utf-8")
    shown = [Converter().content(latex, display=True) for latex in CORPUS]
    (folder / "main.typ").write_text(TEMPLATE + "\n#pagebreak()\n".join(shown), "utf-8")
    assert typst._set(folder, standards=["1.7"], moment=0) == {"warnings": []}
    pages = PdfReader(io.BytesIO((folder / "main.pdf").read_bytes())).pages
    return [page.extract_text() for page in pages]


def _in_katex(latex: str) -> str:
    """Return the text of a formula as the pages of the book have it, but what is a phantom."""
    context = tree._context()
    context.eval(
        "function mathml(tex) { return JSON.stringify(katex.renderToString(tex,"
        " {output: 'mathml', displayMode: true, strict: 'ignore'})); } 0"
    )
    without = re.sub(r"\\phantom\{[^}]*\}", "", latex)
    made = json.loads(context.get("mathml")(tree._with_definitions(_usual(without))))
    return html.unescape(re.sub(r"<annotation\b.*?</annotation>|<[^>]*>", "", made, flags=re.S))


def _signs(text: str) -> Counter[str]:
    """Return the letters, digits and main signs of a text, without accents and styles."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    plain = plain.translate({0x2212: "-", 0x2217: "*", 0x2032: "'", 0x3F5: "ε", 0x3D5: "φ"})
    kept = (c for c in plain if c.isalnum() or c in "+-=<>∑∏∫∂∇*'")
    return Counter(c for c in kept if unicodedata.category(c) != "Lm")  # such as ˉ, an accent


@pytest.mark.parametrize("number", range(len(CORPUS)), ids=[tex[:30] for tex in CORPUS])
def test_all_of_a_formula_is_printed(number: int, printed: list[str]) -> None:
    assert len(printed) == len(CORPUS) >= 148
    lacking = _signs(_in_katex(CORPUS[number])) - _signs(printed[number])
    assert not lacking


@pytest.mark.parametrize(
    ("latex", "code"),
    [
        ("0{,}01", r'0 class("normal", \,)01'),
        ("f'^2", "attach(f, t: #math.primes(1)2)"),
        (r"a\!b", "a#h(-0.16667em)b"),
        (r"\left\| W \right\|", "lr(‖ W ‖)"),
        (r"|x|", r'class("normal", \|)x class("normal", \|)'),
        (r"\text{ if }", '#h(0.25em)"if"#h(0.25em)'),
        (r"\text{für Größe, Ångström}", '"für Größe, Ångström"'),
        (r"x_\text{prüf}", 'attach(x, b: "prüf")'),
        (r"\text{f\"ur \'e \c{c} \v{s}}", '"für é ç š"'),
        (r"\not\in", "∉"),
        (r"\begin{array}{l|r}a&b\end{array}", "vline: (1, )"),
        (r"\begin{array}{c}a\\\hline b\end{array}", "hline: (1, )"),
        (r"\begin{array}{|c|}\hline a\end{array}", "stroke: (top: 0.5pt, left: 0.5pt, right"),
        (r"\begin{aligned}a&=b\end{aligned}", r"a)&, &display(#h(0.2778em)\=b)"),
        # Nothing stands in the third column, but the gap before it.
        (r"\begin{aligned}a&=b&&c\end{aligned}", "=b), #h(2em)&, &display(c))"),
        (r'x" #panic() $', None),
        (r"\text{\"} #panic()", None),
    ],
)
def test_a_formula_is_code_that_cannot_be_more(latex: str, code: str | None) -> None:
    try:
        made = Converter().content(latex, display=False)
    except FormulaError:
        assert code is None
    else:
        assert code is not None and code in made


@pytest.mark.parametrize(
    ("latex", "problem"),
    [
        (r"\foo{x}", r"Undefined control sequence: \\foo"),
        (r"\frac{a}{", "expected '}'"),
        (r"\utilde{x}", "there is nothing like it in print"),
        (r"\mathllap{x}", "there is nothing like it in print"),
        (r"\textcolor{chartreuse}{x}", "expected one of the colors"),
        (r"\def\a{\a\a}\a", "Too many expansions"),
    ],
)
def test_what_cannot_be_printed_is_refused(latex: str, problem: str) -> None:
    with pytest.raises(FormulaError, match=problem):
        Converter().content(latex, display=True)


BRACKETS = [
    *("lfloor", "rfloor", "lceil", "rceil", "langle", "rangle", "lgroup", "rgroup"),
    *("lmoustache", "rmoustache", "lvert", "rVert", "lbrace", "rbrack", "uparrow", "backslash"),
]


def test_brackets_of_any_size_stand_alone(tmp_path: Path) -> None:
    template = Path(typst.__file__).with_name("template.typ").read_text("utf-8")
    (tmp_path / "template.typ").write_text(template, "utf-8")
    made = {
        latex: TEMPLATE + Converter().content(latex, display=True)
        for name in BRACKETS
        for latex in (
            rf"\{name} x",
            *(rf"\{size}\{name} x" for size in ("bigl", "Bigr", "biggm", "Bigg")),
            rf"\left\{name} \frac{{x}}{{y}} \right.",
            rf"\left. \frac{{x}}{{y}} \right\{name}",
            rf"\left( x \middle\{name} \frac{{x}}{{y}} \right]",
        )
    }
    problems = zip(made, typst.problems_of(list(made.values()), tmp_path), strict=True)
    assert {latex: problem for latex, problem in problems if problem} == {}


def test_labels_are_numbers_in_the_order_of_the_text() -> None:
    numbers = Numbers()
    for latex in (r"a \label{x}", r"b \tag{*} \label{y} \\ c \label{z}"):
        numbers.add(latex)
    assert numbers.of == {"x": "1", "y": "*", "z": "2"}
    assert numbers.written(r"c \label{z} = \eqref{x}") == r"c \tag{2} = \text{(1)}"
    with pytest.raises(LabError, match="no equation has the label 'w', known are 'x', 'y', 'z'"):
        numbers.number("w")
    with pytest.raises(LabError, match="two equations have the label 'x'"):
        numbers.add(r"\label{x}")


def test_equations_are_referred_to_and_commands_defined(answer: Answer) -> None:
    text = (
        "\\newcommand{\\R}{\\mathbb{R}}\n\nSee \\eqref{b}, $x \\in \\R$.\n\n"
        "\\begin{align} a &= b \\\\ c &= d \\label{b} \\end{align}\n"
    )
    printed = text_of(answer(text).pdf())
    assert "See (1), 𝑥 ∈ ℝ." in printed
    assert "(1)" in printed.partition("See (1)")[2]
    with pytest.raises(LabError, match="no equation has the label 'c'"):
        answer(text.replace("eqref{b}", "eqref{c}")).check()


def test_a_formula_that_cannot_be_set_is_a_finding_with_its_line(answer: Answer) -> None:
    report = answer("Words.\n\nMore $\\foo{x}$ and $x^2$.")
    (finding,) = [str(item) for item in report.check() if item.kind == "formula"]
    start = f"formula: {report.lab.answers_path}: line 5: printed as it was typed: \\foo{{x}}: "
    assert finding.startswith(f"{start}Undefined")
    assert "$\\foo{x}$" in text_of(report.pdf())


@pytest.mark.parametrize(
    "columns", ["{} \\\\{} \\frac12 \\\\{} 3", "{} & 1 \\\\{} \\frac12 & 2 \\\\{} 3 & 4"]
)
def test_rows_with_a_gap_between_them_stay_rows(tmp_path: Path, columns: str) -> None:
    template = Path(typst.__file__).with_name("template.typ").read_text("utf-8")
    (tmp_path / "template.typ").write_text(template, "utf-8")
    matrices = [
        rf"\begin{{bmatrix}}{columns.format('1', gap, gap)}\end{{bmatrix}}"
        for gap in ("", "[0.5ex]")
    ]
    shown = [Converter().content(latex, display=True) for latex in matrices]
    start = TEMPLATE + "#set page(height: auto)\n"
    (tmp_path / "main.typ").write_text(start + "\n#pagebreak()\n".join(shown), "utf-8")
    assert typst._set(tmp_path, standards=["1.7"], moment=0) == {"warnings": []}
    pages = PdfReader(io.BytesIO((tmp_path / "main.pdf").read_bytes())).pages
    close, apart = (float(page.mediabox.height) for page in pages)
    assert apart > close
