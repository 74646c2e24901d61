import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnbook.experiments import experiment, recorded
from nnbook.publishing.field_figure import plot_field
from nnbook.publishing.figures import in_percent

mpl.use("Agg")


@pytest.fixture
def results():
    yield recorded(experiment("vanishing-gradient"))
    plt.close("all")


def test_each_run_is_a_bar_in_its_place_and_color(results):
    plot_field(results, ["a", "b", "c"], columns=4, row_label="depth", label="read")
    axes, scale = plt.gcf().axes
    bars = axes.patches
    shares = np.concatenate([in_percent(runs, "test_accuracy") for runs in results.values()])
    assert len(bars) == len(shares)
    rows = [round(bar.get_y() + bar.get_height() / 2) for bar in bars]
    assert rows == sorted(rows)
    assert (min(rows), max(rows)) == (1, len(results) // 12)
    places = {(round(bar.get_x(), 3), row) for bar, row in zip(bars, rows, strict=True)}
    assert len(places) == len(bars), "no bar covers another"
    opacity = np.array([bar.get_facecolor()[3] for bar in bars])
    assert opacity[shares > 90] == pytest.approx(1)
    assert (opacity[shares < 20] < 0.3).all()
    assert (np.diff(opacity[shares.argsort()]) >= 0).all()
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "row 1 is at the top"
    assert scale.get_xlabel() == "read"


def test_the_configurations_are_in_the_order_that_the_front_page_says(results):
    names = list(results)
    for block, activation in enumerate(("sigmoid", "tanh", "relu")):
        for depth in range(10):
            row = names[12 * depth + 4 * block :][:4]
            assert all(f"activation-{activation}_" in name for name in row)
            assert all(name.count("30") == depth + 1 for name in row)
