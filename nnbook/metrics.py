"""What is measured, and how it is written: the one list of metrics, and the one way to show them.

A metric has a name, which is its key in a record. Those that training measures are declared here;
those that follow from a record are declared beside the function that computes them (see
`nnbook.evidence.measures`). Whatever shows a number asks here what it is: claims, figures, tables,
the student's report and the command line.
"""

import math
import re
from dataclasses import dataclass, replace
from typing import Literal

from nnbook.errors import SpecError, nearest

Better = Literal["higher", "lower"]

PERCENT = "%"
POINTS = "percentage points"
NO_BREAK = "\N{NO-BREAK SPACE}"

SMALLEST_MARGIN = 1e-9
"""Relative margin below which runs differ by rounding errors only."""


@dataclass(frozen=True)
class Metric:
    r"""A number that is measured.

    Parameters
    ----------
    name : str
        Its key in records and in files of claims, such as ``"test_accuracy"``.
    label : str
        What it is, in words: ``"test accuracy"``.
    symbol : str
        What an equation calls it, in LaTeX: ``r"L_\mathrm{test}"``. Empty if there is none.
    unit : str
        Empty for a dimensionless number; ``"%"`` for a share, which is a number from 0 to 1 on
        record and is shown in percent.
    better : {"higher", "lower"}, optional
        Which way is better; None where neither is.
    digits : int
        Significant digits of a value without an interval; of a share, decimals of the percentage.

    Examples
    --------
    >>> metric("test_accuracy").axis_label
    'test accuracy (%)'
    >>> metric("test_accuracy").difference.unit
    'percentage points'
    """

    name: str
    label: str
    symbol: str = ""
    unit: str = ""
    better: Better | None = None
    digits: int = 3

    @property
    def is_share(self) -> bool:
        """Whether it is a share of a whole, between 0 and 1."""
        return self.unit == PERCENT

    @property
    def scale(self) -> float:
        """By what a value is multiplied before it is shown."""
        return 100.0 if self.unit in (PERCENT, POINTS) else 1.0

    @property
    def axis_label(self) -> str:
        """Label with unit, for an axis or the head of a column."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def difference(self) -> "Metric":
        """What a difference of two values is, or their standard deviation: no share of a whole."""
        unit, digits = (POINTS, 3) if self.is_share else (self.unit, self.digits)
        label = f"difference of {self.label}"
        return replace(self, label=label, symbol="", unit=unit, digits=digits)

    @property
    def ratio(self) -> "Metric":
        """What a ratio of two values is."""
        return replace(self, label=f"ratio of {self.label}", symbol="", unit="", digits=3)


@dataclass(frozen=True)
class Marks:
    """How a language writes numbers: what stands before decimals, and between groups of digits."""

    decimal: str = "."
    group: str = ","


ENGLISH = Marks()

NUMBER = Metric("number", "number")
"""Any number of which no more is known."""

SHARE = Metric("share", "share", unit=PERCENT, digits=2)
"""Any share, such as that of the runs which meet a condition."""

METRICS: dict[str, Metric] = {}
"""All metrics by name, in the order in which a table shows them."""


def register(added: Metric) -> Metric:
    """Add a metric to `METRICS`, and return it.

    Raises
    ------
    SpecError
        If another one has its name.
    """
    if METRICS.setdefault(added.name, added) != added:
        raise SpecError(f"metric {added.name!r}: expected a new name, it is {METRICS[added.name]}")
    return added


def metric(name: str) -> Metric:
    """Return the metric called `name`.

    Raises
    ------
    SpecError
        If there is none, with the nearest that is known.
    """
    if name not in METRICS:
        raise SpecError(f"unknown metric {name!r}, {nearest(name, METRICS)}")
    return METRICS[name]


for _part in ("training", "validation", "test", "running"):
    register(Metric(f"{_part}_loss", f"{_part} loss", rf"L_\mathrm{{{_part}}}", better="lower"))
    register(
        Metric(f"{_part}_accuracy", f"{_part} accuracy", unit=PERCENT, better="higher", digits=2)
    )
register(Metric("penalty", "penalty"))
EPOCHS = ("best_epoch", "last_epoch")
"""Names of the metrics of a run that could stop early."""
for _epoch in EPOCHS:
    register(Metric(_epoch, _epoch.replace("_", " ")))

RECORDED = tuple(METRICS)
"""Names of the metrics that training records; the others follow from a record."""


@dataclass(frozen=True)
class Shown:
    """A number with its interval as text.

    Attributes
    ----------
    value, low, high : str
        Without unit.
    unit : str
        What follows a number in a text: a no-break space and the sign of percent, or the words
        "percentage points"; else nothing, as a sentence names other units itself.
    places : int
        Decimals of all of them.
    """

    value: str
    low: str
    high: str
    unit: str
    places: int

    def __str__(self) -> str:
        """Return the value with its unit."""
        return self.value + self.unit


def show(
    what: Metric,
    value: float,
    low: float = math.nan,
    high: float = math.nan,
    *,
    places: int | None = None,
    marks: Marks = ENGLISH,
) -> Shown:
    r"""Return a number and the ends of its interval as text.

    They are rounded to what the interval supports: of the distance to its nearer end two digits are
    kept if they are at most 35, else one (Particle Data Group, *Review of Particle Physics*,
    introduction, section on rounding). However wide it is, no digit before the decimal point is
    lost that the metric has. No end of the interval of a share is shown outside 0 to 100 %.

    Parameters
    ----------
    what : Metric
    value, low, high : float
        As on record: shares between 0 and 1. No interval where `low` and `high` are nan or equal.
    places : int, optional
        Decimals of what is shown, in place of those that the interval supports.
    marks : Marks
        How the language writes numbers.

    Examples
    --------
    >>> shown = show(metric("test_accuracy"), 0.95123, 0.94711, 0.95535)
    >>> str(shown), shown.low, shown.high
    ('95.1\xa0%', '94.7', '95.5')
    >>> str(show(metric("test_loss"), 0.0123456, marks=Marks(",", " ")))
    '0,0123'
    >>> ratio = show(metric("test_loss").ratio, 2.1, 0.55, 8.0)
    >>> str(ratio), ratio.low, ratio.high
    ('2.1', '0.6', '8.0')
    """
    value, low, high = what.scale * value, what.scale * low, what.scale * high
    if places is None:
        # The interval of a ratio or of a geometric mean is longer on its upper side.
        places = _supported(what, value, min(value - low, high - value))
    if what.is_share:
        low, high = max(low, 0.0), min(high, 100.0)
    unit = NO_BREAK + what.unit if what.unit in (PERCENT, POINTS) else ""
    texts = [write(number, places, marks) for number in (value, low, high)]
    return Shown(texts[0], texts[1], texts[2], unit, places)


def _supported(what: Metric, value: float, margin: float) -> int:
    """Return to how many decimals a value is known."""
    if margin > SMALLEST_MARGIN * abs(value):  # not for nan
        places = -math.floor(math.log10(margin / 3.55))
        # Before the decimal point, no digit is lost that the metric has.
        return max(places, 0 if what.is_share else min(0, significant_places(value, what.digits)))
    if not math.isfinite(value) or value == round(value):
        return 0
    # A share is a count of examples: its decimals matter, not its digits.
    return what.digits if what.is_share else significant_places(value, what.digits)


def significant_places(number: float, digits: int) -> int:
    """Return how many decimals show `digits` significant digits of a number; negative for tens.

    >>> significant_places(0.0123, 3), significant_places(12345, 2)
    (4, -3)
    """
    if not number or not math.isfinite(number):
        return digits
    return digits - 1 - math.floor(math.log10(abs(number)))


_FORMATTED = re.compile(r"([-+]?)([\d,]+(?:\.\d*)?|inf)(?:e([-+]?\d+))?([\s%]*)")
"""What `format` makes of a number: its sign, its digits, the power of ten and the unit."""


def in_print(text: str) -> str:
    r"""Return a number that Python has formatted in the notation of mathematics.

    It has a true minus sign, which zero has not, a power of ten for ``e-04`` and a symbol for
    ``inf``; a dash stands where there is no number. Other text stays as it is.

    Examples
    --------
    >>> in_print("1.8e-04"), in_print("-2e+10"), in_print("-1,250.5 %"), in_print("2-1")
    ('1.8\xa0·\xa010⁻⁴', '−2\xa0·\xa010¹⁰', '−1,250.5 %', '2-1')
    >>> in_print("+inf"), in_print("-inf"), in_print("nan")
    ('+∞', '−∞', '–')
    >>> in_print("-0.0"), in_print("+0.0"), in_print("-0.02")
    ('0.0', '+0.0', '−0.02')
    """
    if text.lstrip("+") == "nan":
        return "–"
    number = _FORMATTED.fullmatch(text)
    if not number:
        return text
    sign, digits, power, unit = number.groups(default="")
    if sign == "-" and not digits.strip("0.,"):
        sign = ""
    digits = digits.replace("inf", "∞")
    if power:
        exponent = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        digits += f"\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}10{exponent}"
    return sign.replace("-", "\N{MINUS SIGN}") + digits + unit


def write(number: float, places: int, marks: Marks = ENGLISH) -> str:
    r"""Return a number with `places` decimals; a tiny or huge one with a power of ten.

    A true minus sign; groups of three digits; decimal and grouping mark are those of a language.
    What is no finite number is a dash, and zero has no sign.

    Examples
    --------
    >>> write(-0.0123, 3), write(-0.0123, 1), write(1234567.8, 0), write(math.nan, 2)
    ('−0.012', '0.0', '1,234,568', '–')
    >>> write(1.234e-7, 10), write(0.0123, 3, Marks(",", " "))
    ('1.234\xa0·\xa010⁻⁷', '0,012')
    """
    if not math.isfinite(number):
        return "–"
    size = abs(number)
    if size >= 1e9 or (places > 5 and 0 < size < 1e-3):
        digits = max(places + math.floor(math.log10(size)), 0)
        text = in_print(f"{number:.{digits}e}")
    else:
        text = f"{round(number, places):,.{max(places, 0)}f}"
        if not any(digit in text for digit in "123456789"):
            text = text.lstrip("-")
    if marks != ENGLISH:
        text = text.translate({ord(","): marks.group, ord("."): marks.decimal})
    return text.replace("-", "\N{MINUS SIGN}")
