"""The benchmark of training: what it says when a limit is kept, missed, or cannot be measured."""

import sys

import pytest

from benchmarks import training
from benchmarks.cases import CASES
from benchmarks.comparison import EngineTimes, Row, Worker
from benchmarks.engines import ENGINES, WHOLE


def comparison(**changes: Row) -> EngineTimes:
    """Return an exercise 3 in which nnbook keeps its limits, but for what is changed."""
    rows = {name: Row(turns=[9e-3, 8e-3], peak_mib=900) for name in ENGINES}
    rows["nnbook"] = Row(turns=[1e-3, 2e-3], peak_mib=1000)
    rows["products"] = Row(turns=[5e-4], peak_mib=300)
    rows |= {name: Row(peak_mib=1200) for name in WHOLE}
    return EngineTimes(CASES[2], rows | changes)


def test_ratios_are_those_of_the_fastest_turns() -> None:
    measured = comparison()
    assert measured.times_as_fast_as_fit("nnbook") == pytest.approx(8)
    assert measured.times_as_fast_as_fit("fit") == 1
    assert measured.times_products("nnbook") == pytest.approx(2)
    assert measured.noise() == pytest.approx(0.5)
    assert [limit.kept for limit in measured.limits()] == [True, True, True]


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"nnbook": Row(turns=[2e-3], peak_mib=1000)}, [0, 1]),
        ({"fit": Row(turns=[4e-3])}, [0]),
        ({"products": Row(turns=[3e-4])}, [1]),
        ({"training": Row(peak_mib=1600)}, [2]),
        ({"nnbook": Row(turns=[1e-3], peak_mib=1600)}, [2]),
        ({"nnbook": Row(unavailable="ended", turns=[1e-3], peak_mib=1000)}, [0, 1]),
        ({"fit": Row(unavailable="ended")}, [0]),
    ],
)
def test_a_limit_that_is_missed_is_seen(changes: dict[str, Row], missed: list[int]) -> None:
    measured = comparison(**changes)
    assert [n for n, limit in enumerate(measured.limits()) if not limit.kept] == missed
    assert training.text(measured).count("MISSED") == len(missed)


def test_the_table_says_what_was_not_measured_and_what_an_engine_lacks() -> None:
    text = training.text(comparison(torch=Row(unavailable="No module named 'torch'")))
    assert "not measured: No module named 'torch'" in text
    assert "no dropout" in text
    table = training.markdown([comparison()])
    assert "| nnbook on TensorFlow | 8.00 |" in table
    assert "peak memory, MiB | 1200 |" in table


def test_an_engine_in_its_process_takes_turns() -> None:
    worker = Worker("numpy", CASES[0], 20, sys.executable, "random")
    for counts in (False, True, True):
        worker.take_turn(counts=counts)
    row = worker.finish()
    assert row.unavailable == ""
    assert len(row.turns) == 2
    assert row.step is not None
    assert 1e-6 < row.step < 1
    assert row.peak_mib > 70_000 * 784 * 4 / 2**20
    assert "numpy" in row.versions


def test_a_process_that_fails_costs_one_row(capfd: pytest.CaptureFixture[str]) -> None:
    worker = Worker("numpy", CASES[0], 20, sys.executable, "random")
    worker._turn = "many"  # type: ignore[assignment]  # which it cannot read as a number
    worker.take_turn(counts=True)
    row = worker.finish()
    assert row.unavailable.startswith("ValueError: invalid literal")
    assert row.step is None
    assert capfd.readouterr().err == ""
