"""What metrics are, and how numbers are written."""

import math

import pytest

from nnbook import metrics
from nnbook.errors import SpecError
from nnbook.metrics import METRICS, Marks, Metric, metric, register, show, write

LOSS, ACCURACY = metric("test_loss"), metric("test_accuracy")


def test_a_share_is_what_has_percent_as_its_unit() -> None:
    assert {name for name in metrics.RECORDED if METRICS[name].is_share} == {
        "training_accuracy",
        "validation_accuracy",
        "test_accuracy",
        "running_accuracy",
    }
    assert ACCURACY.scale == 100
    assert LOSS.scale == 1
    assert (ACCURACY.better, LOSS.better, metric("penalty").better) == ("higher", "lower", None)


def test_a_difference_of_shares_is_no_share_but_has_its_scale() -> None:
    difference = ACCURACY.difference
    assert (difference.is_share, difference.scale) == (False, 100)
    assert str(show(difference, 0.0123, 0.011, 0.0136)) == "1.23\xa0percentage points"
    assert LOSS.difference.unit == LOSS.unit
    assert (ACCURACY.ratio.scale, ACCURACY.ratio.unit) == (1, "")


def test_an_unknown_metric_is_named_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="unknown metric 'test_acuracy', did you mean"):
        metric("test_acuracy")


def test_two_metrics_cannot_have_one_name() -> None:
    assert register(LOSS) is LOSS, "the same one may be declared again, by a module read again"
    with pytest.raises(SpecError, match="metric 'test_loss': expected a new name"):
        register(Metric("test_loss", "another"))
    assert metric("test_loss") is LOSS


@pytest.mark.parametrize(
    ("low", "high", "value", "shown_low", "shown_high"),
    [
        (0.1, 0.17, "0.135", "0.100", "0.170"),  # half of it is 0.035: two digits
        (0.1, 0.172, "0.14", "0.10", "0.17"),  # 0.036: one
        (0.0, 0.2, "0.10", "0.00", "0.20"),
        (0.02, 1.92, "1.0", "0.0", "1.9"),  # 0.95 rounds to 1.0
        (1000.0, 1500.0, "1,250", "1,000", "1,500"),
        (100000.0, 180000.0, "140,000", "100,000", "180,000"),
        # An interval so wide that it supports no digit: whole numbers stay, up to the metric's.
        (-24.2, 215.8, "96", "−24", "216"),
        (-9000.0, 33690.0, "12,300", "−9,000", "33,700"),
    ],
)
def test_a_number_has_the_digits_that_its_interval_supports(
    low: float, high: float, value: str, shown_low: str, shown_high: str
) -> None:
    shown = show(LOSS, (low + high) / 2, low, high)
    assert (shown.value, shown.low, shown.high) == (value, shown_low, shown_high)


@pytest.mark.parametrize("ends", [(math.nan, math.nan), (0.4, 0.4), (0.4, 0.4 + 1e-13)])
def test_without_an_interval_a_metric_says_how_many_digits(ends: tuple[float, float]) -> None:
    assert str(show(LOSS, 0.4, *ends)) == "0.400"
    assert str(show(ACCURACY, 0.41234, *ends)) == "41.23\xa0%"
    assert str(show(LOSS, 3.0)) == "3"
    assert str(show(Metric("x", "x", digits=5), 1234.567)) == "1,234.6"


def test_a_share_is_not_rounded_to_tens_of_percent() -> None:
    shown = show(ACCURACY, 0.958, 0.45, 1.466)  # of two runs
    assert (shown.value, shown.low, shown.high) == ("96", "45", "100")


def test_no_end_of_the_interval_of_a_share_lies_outside_it() -> None:
    shown = show(ACCURACY, 0.995, 0.985, 1.005)
    assert (shown.low, shown.high) == ("98.5", "100.0")
    assert show(ACCURACY.difference, 0.0, -1.2, 1.2).high == "120"
    assert show(ACCURACY, 0.005, -0.005, 0.015).low == "0.0"


def test_decimals_can_be_chosen() -> None:
    shown = show(ACCURACY, 0.95123, 0.94, 0.96, places=3)
    assert (shown.value, shown.low, shown.places) == ("95.123", "94.000", 3)


@pytest.mark.parametrize(
    ("number", "places", "english", "german"),
    [
        (-1234.5, 1, "−1,234.5", "−1\xa0234,5"),
        (1.5e-6, 7, "1.5\xa0·\xa010⁻⁶", "1,5\xa0·\xa010⁻⁶"),
        (8e-9, 8, "8\xa0·\xa010⁻⁹", "8\xa0·\xa010⁻⁹"),  # a digit, even if it is not sure,
        (0.12345678, 8, "0.12345678", "0,12345678"),
        (2.5e17, -15, "2.50\xa0·\xa010¹⁷", "2,50\xa0·\xa010¹⁷"),
        (-0.001, 2, "0.00", "0,00"),
        (math.inf, 2, "–", "–"),
        (0.0, 9, "0.000000000", "0,000000000"),
        (5e-324, 326, "4.94\xa0·\xa010⁻³²⁴", "4,94\xa0·\xa010⁻³²⁴"),
        (1.7e308, -307, "1.7\xa0·\xa010³⁰⁸", "1,7\xa0·\xa010³⁰⁸"),
    ],
)
def test_numbers_are_written_in_each_language(
    number: float, places: int, english: str, german: str
) -> None:
    assert write(number, places) == english
    assert write(number, places, Marks(",", "\xa0")) == german


def test_from_a_billion_on_numbers_are_powers_of_ten() -> None:
    assert write(999_999_999, 0) == "999,999,999"
    assert write(1_234_567_890, -6) == "1.235\xa0·\xa010⁹"
