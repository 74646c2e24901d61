"""Dot plots of claims: dots and intervals at their places, on an axis with round numbers."""

import re

import pytest
from bs4 import BeautifulSoup

from nnbook.evidence.estimates import Estimate, difference, exact, mean
from nnbook.evidence.samples import Label, Sample
from nnbook.metrics import metric
from nnbook.publishing.claim_dots import plots


def estimate(*numbers: float, name: str = "test_accuracy") -> Estimate:
    runs = {Label("e", str(numbers), n, 0, False): number for n, number in enumerate(numbers)}
    return mean(Sample(runs, "some runs"), metric(name), str(numbers), ())


def dots(svg: str) -> list[tuple[float, float]]:
    path = re.search(r'class="nnb-run" d="([^"]*)"', svg)
    assert path is not None
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)h0", path[1])]


def texts(svg: str) -> list[str]:
    return [text.string for text in BeautifulSoup(svg, "html.parser").find_all("text")]


def test_each_run_is_a_dot_in_its_place() -> None:
    svg = plots({"a": estimate(0.90, 0.91, 0.94)})["a"]
    (first, _), (second, _), (third, _) = dots(svg)
    assert third - second == pytest.approx(3 * (second - first), abs=0.3)
    assert 'aria-label="3 runs: 90.0, 91.0, 94.0"' in svg


def test_values_of_one_metric_share_a_scale_which_each_shows() -> None:
    drawn = plots(
        {
            "a": estimate(0.90, 0.92),
            "b": estimate(0.90, 0.96),
            "c": estimate(1.0, 2.0, name="test_loss"),
        }
    )
    assert dots(drawn["a"])[0] == dots(drawn["b"])[0]
    assert texts(drawn["a"]) == texts(drawn["b"]) != texts(drawn["c"])
    assert all(len(texts(svg)) == 2 for svg in drawn.values())


def test_dots_do_not_cover_each_other() -> None:
    places = dots(plots({"a": estimate(0.9, 0.9, 0.9, 0.95)})["a"])
    assert len(set(places)) == 4


@pytest.mark.parametrize(
    ("numbers", "name", "ends"),
    [
        ((0.797, 0.85, 0.902), "test_accuracy", ["80", "90"]),
        ((0.9012, 0.9013, 0.9019), "test_accuracy", ["90.12", "90.18"]),
        ((0.2, 0.25, 0.3), "test_loss", ["0.20", "0.30"]),
        ((80.0, 81.0, 90.0), "best_epoch", ["80", "90"]),
        ((2e-4, 0.5), "test_loss", ["0.001", "0.1"]),  # over orders of magnitude: logarithmic
    ],
)
def test_the_axis_has_round_numbers(numbers: tuple[float, ...], name: str, ends: list[str]) -> None:
    runs = {Label("e", "c", n, 0, False): number for n, number in enumerate(numbers)}
    least = exact(min(numbers), len(numbers), metric(name), "least", "least", runs=runs)
    assert texts(plots({"a": least})["a"]) == ends


def test_a_difference_is_an_interval_beside_zero() -> None:
    a, b = estimate(0.90, 0.91, 0.92), estimate(0.95, 0.96, 0.98)
    svg = plots({"d": difference(a, b)})["d"]
    assert "nnb-neutral" in svg and "nnb-run" not in svg
    assert "Interval from −" in svg


def test_what_does_not_scatter_is_not_drawn() -> None:
    same = estimate(0.9, 0.9)
    number = exact(3.0, 5, metric("test_loss"), "a count", "count")
    assert plots({"a": same, "b": number}) == {}
