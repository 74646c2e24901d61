"""Formulas made at build time, from the engine to a small book."""

import json
import re

import pytest
from bs4 import BeautifulSoup

from nnbook.publishing.formulas import engine, stylesheet
from nnbook.publishing.formulas.engine import FormulaError, Formulas, tex_of
from nnbook.publishing.formulas.text import plain
from tests.publishing import small_book

BOOK = r"""# Title

Inline $\frac{1}{2} < \eta$ and {eq}`step`.

$$
w &\leftarrow w - \eta\, g \\
u &\leftarrow 0
$$ (step)

And $a < W^1$.
"""


def build(folder, source):
    (folder / "conf.py").write_text(small_book.CONF)
    (folder / "index.md").write_text(source)
    return small_book.build(folder)


def test_what_is_seen_and_what_is_heard():
    made = Formulas().html(r"\frac{\partial L}{\partial w}", display=True)
    soup = BeautifulSoup(made, "html.parser")
    assert soup.select_one(".katex-display .katex-mathml math mfrac")
    assert soup.select_one(".katex-html")["aria-hidden"] == "true"
    assert "\\" not in soup.get_text()
    assert not soup.select("[tabindex]")


def test_mathml_is_valid():
    made = Formulas().html(
        r"\begin{split} \lambda_{\max} &= 1 \\ x_1 &= 2 \end{split}", display=True
    )
    soup = BeautifulSoup(made, "html.parser")
    assert [len(s.find_all(recursive=False)) for s in soup.find_all("msub")] == [2, 2]
    one = BeautifulSoup(Formulas().html(r"\begin{array}{r} 1 \end{array}"), "html.parser").mtable
    assert one.get("columnspacing") != ""


def test_equal_formulas_are_made_once_also_in_the_next_build(tmp_path, monkeypatch):
    memory = tmp_path / "formulas.json"
    formulas = Formulas(memory)
    first = formulas.html("x^2")
    formulas.save()
    monkeypatch.setattr(engine, "_make", lambda *_: pytest.fail("made again"))
    assert formulas.html("x^2") == Formulas(memory).html("x^2") == first
    # Another version of the library has made none of them.
    kept = json.loads(memory.read_text())
    memory.write_text(json.dumps({**kept, "version": "older"}))
    assert Formulas(memory).made == {}


@pytest.mark.parametrize("tex", [r"a\undefined b", r"\frac{1}{", "ü"])
def test_what_latex_does_not_know_is_refused(tex):
    with pytest.raises(FormulaError, match="cannot be set"):
        Formulas().html(tex)


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"W^l a^{l-1} + b^l", "Wˡaˡ⁻¹+bˡ"),
        (r"\frac{\partial L}{\partial z}", "∂L/∂z"),
        (r"\frac{a + 1}{2b}", "(a+1)/(2b)"),
        (r"\hat y = \sqrt{\log 2}", "ŷ = √(log 2)"),
        (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "[1 2; 3 4]"),
        (r"L_{\text{printed}} \le \max(0, -x)", "L_(printed) ≤ max(0,−x)"),
        (r"f'^2 + {f'}^{l\prime} (W^2)^\top \delta^2", "f′²+f′ˡ′(W²)ᵀδ²"),
        (r"w^{*2} + \frac{\partial}{\partial w}", "w*²+∂/∂w"),
        (r"\hat{z_k} = \overline{f'} + \overline{ab}", "ẑₖ = f̄′+(ab)̄"),
        (
            r"\underbrace{a + b}_{\text{entropy of }q} = \overbrace{c}^{2}",
            "a+b (entropy of q) = c (2)",
        ),
        (r"\min_{w, b} L", "min_(w,b) L"),
    ],
)
def test_formulas_as_text(tex, text):
    assert plain(Formulas().mathml(tex)) == text


def test_what_sphinx_calls_a_displayed_formula():
    assert tex_of("a = b") == "a = b"
    assert tex_of("a &= b \\\\\nc &= d") == "\\begin{split}a &= b \\\\\nc &= d\\end{split}"
    assert tex_of("a\n\nb") == r"\begin{aligned}a \\ b\end{aligned}"
    starred = tex_of(r"\begin{align}a\end{align}", aligned=False)
    assert starred == r"\begin{align*}a\end{align*}"


def test_fonts_are_those_that_are_used():
    formulas = Formulas()
    formulas.html(r"x + 1")
    small = stylesheet.stylesheet(formulas.made.values())
    assert set(re.findall(r'url\("([^?"]+)', small.text)) == set(small.fonts)
    assert set(small.fonts) == {
        "fonts/KaTeX_Main-Regular.woff2",
        "fonts/KaTeX_Math-Italic.woff2",
    }
    before = stylesheet.key(formulas.made.values())
    formulas.html(r"\mathcal{N}")
    assert stylesheet.key(formulas.made.values()) != before
    used = formulas.made.values()
    assert "fonts/KaTeX_Caligraphic-Regular.woff2" in stylesheet.stylesheet(used).fonts


def test_a_small_book(tmp_path):
    built = build(tmp_path, BOOK)
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "html" / "index.html").read_text()
    soup = BeautifulSoup(page, "html.parser")
    assert len(soup.select(".math .katex-mathml math")) == len(soup.select(".math")) == 3
    assert not [s["src"] for s in soup.select("script[src]") if "mathjax" in s["src"].lower()]
    assert not re.search(r"\\[(\[]", page)
    equation = soup.select_one("div.math")
    assert equation["id"] == "equation-step"
    assert equation.select_one(".eqno").get_text().startswith("(1)")
    assert soup.select_one('a[href="#equation-step"]')
    assert equation.select_one(".nnb-scroll")["data-label"] == "Equation (1)"
    assert soup.select("span.math")[1]["data-tex"] == "a < W^1"
    static = tmp_path / "html" / "_static"
    fonts = re.findall(r'url\("([^?"]+)', (static / "formulas.css").read_text())
    assert fonts and all((static / font).is_file() for font in fonts)
    index = (tmp_path / "html" / "_static" / "search.js").read_text().rpartition("fill(")[2]
    assert "leftarrow" not in index
    assert "frac" not in index


def test_punctuation_stays_with_its_formula(tmp_path):
    text = "A $a$, (the $b$-axis), ($d$), *so “$c$”*, *so $e$ too*, and **$f$**."
    built = build(tmp_path, f"# Title\n\n{text}\n")
    assert built.returncode == 0, built.stderr
    soup = BeautifulSoup((tmp_path / "html" / "index.html").read_text(), "html.parser")
    for formula in soup.select(".math"):
        formula.string = formula["data-tex"]
    assert soup.p.get_text() == "A a, (the b-axis), (d), so “c”, so e too, and f."
    wholes = [whole.get_text() for whole in soup.select(".nnb-whole")]
    assert wholes == ["a,", "b-", "(d),", "“c”,", "f."]


def test_punctuation_elsewhere_stays_where_it_is(tmp_path):
    text = "Some *words*.\nA formula $a$.\nOther *words*.\n"  # three texts that are one point
    built = build(tmp_path, f"# Title\n\n{text}")
    assert built.returncode == 0, built.stderr
    soup = BeautifulSoup((tmp_path / "html" / "index.html").read_text(), "html.parser")
    soup.select_one(".math").string = "a"
    assert soup.p.get_text() == "Some words.\nA formula a.\nOther words."


def test_a_formula_that_cannot_be_set_fails_the_build(tmp_path):
    built = build(tmp_path, "# Title\n\nText\n\nA formula $a\\undefined b$.\n")
    assert built.returncode != 0
    assert re.search(r"index\.md:5: ERROR: .*Undefined control sequence: \\undefined", built.stderr)
