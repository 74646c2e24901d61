"""The right answers of self-checks, and the numbers that a reader may type."""

import json
from importlib.resources import files

import pytest

from nnbook.publishing.selfchecks import answers
from nnbook.publishing.selfchecks.answers import Names, SelfCheckError


def no_claim(role):
    raise SelfCheckError(f"no claim {role}")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0.02 / (1 - 0.9)", 0.2),
        ("float(sigmoid(np.array(0.0)))", 0.5),
        ("sympy.Rational(1, 4) ** 2", 0.0625),
        ("Fraction(1, 8)", 0.125),
        ("sqrt(max(4, 9)) + log(1)", 3),
        ('100 * claim("a.b")', 97),
    ],
)
def test_an_expression_uses_names_of_nnbook_and_claims(expression, expected):
    names = Names({"a.b": 0.97}.__getitem__)
    assert answers.number(expression, names) == pytest.approx(expected, rel=1e-14)


def test_the_modules_that_were_used_are_known():
    names = Names(no_claim)
    answers.number("float(sigmoid(0.0))", names)
    assert [path.rpartition("/")[2] for path in names.files] == ["activations.py"]


@pytest.mark.parametrize(
    "expression",
    ["1 /", "1 / 0", "unheard_of", "__import__('os')", "'text'", "1e999", "np", 'claim("x")', "1j"],
)
def test_what_is_no_number_is_refused(expression):
    with pytest.raises(SelfCheckError, match=r"received|no claim"):
        answers.number(expression, Names(no_claim))


@pytest.mark.parametrize(("text", "answer"), [("-1", 1), ("much", 1), ("1 %", 0), ("nan", 1)])
def test_a_tolerance_has_to_leave_room(text, answer):
    with pytest.raises(SelfCheckError, match="expected"):
        answers.tolerance(text, answer)


@pytest.fixture(scope="module")
def read():
    """Return the function of the page's script that reads numbers."""
    import quickjs

    context = quickjs.Context()
    context.eval("var self = globalThis, document = { querySelectorAll: () => [] }; 0")
    script = files(answers.__package__).joinpath("self-checks.js").read_text(encoding="utf-8")
    context.eval(f"{script}; 0")

    def numbers(text, unit=""):
        call = f"JSON.stringify(self.nnbookNumbers({json.dumps(text)}, {json.dumps(unit)}))"
        return json.loads(context.eval(call))

    return numbers


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        *((text, "", 0.1) for text in ("0.1", "0,1", "1/10", "1e-1", ".1", " 10 % ", "1 · 10^-1")),
        ("−2", "", -2),
        ("12 %", "%", 12),
        ("12", "%", 12),
        ("5 updates", "updates", 5),
        ("1,000", "", 1000),
        ("12,345.5", "", 12345.5),
        ("3 × 10^(-2)", "", 0.03),
        ("-1/4", "", -0.25),
        ("1 1/2", "", 1.5),
        ("−2 3/4", "", -2.75),
        *((text, "", 0.0028) for text in ("2.8·10⁻³", "2.8 × 10⁻³", "28*10^-4", "2.8 · 10^(-3)")),
        ("10⁻³", "", 0.001),
        ("-10^-3", "", -0.001),
        ("10⁶", "", 1e6),
        *((text, "", 3e4) for text in ("3 x 10^4", "3x10^4", "3 e4", "3e +4")),
        *((text, "", 6000) for text in ("6 000", "6.000", "6'000", "6\u202f000", "6\u2009000")),
        ("12.345,5", "", 12345.5),
        ("= 0.25", "", 0.25),
        ("≈ 0,33", "", 0.33),
        ("0.3 %", "percentage points", 0.3),
        ("0.3 percentage points", "percentage points", 0.3),
        ("60 percent", "%", 60),
        ("60 percent", "", 0.6),
        ("1 Step", "steps", 1),
        ("3⁄4", "", 0.75),
    ],
)
def test_a_number_is_read_in_any_notation(read, text, unit, value):
    assert any(found == pytest.approx(value, rel=1e-12) for found in read(text, unit))


def test_no_thousands_begin_with_zero(read):
    assert read("0.125") == read("0,125") == [0.125]
    assert read("1,000") == [1, 1000]


@pytest.mark.parametrize(
    "text",
    ["", "ten", "1/0", "1/2/3", "1..2", "0x10", "e5", "1e", "--1", "½", "3 4", "1 1/2/3", "10^"],
)
def test_what_is_no_number_is_none(read, text):
    assert read(text) == []
