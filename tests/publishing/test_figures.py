import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex

from nnbook.experiments import experiment, run
from nnbook.publishing.figures import COLORS, plot_ratios, use_style

mpl.use("Agg")


@pytest.fixture
def axes():
    results = run(experiment("eckerle4-study"))
    rows = {
        "worse": "activation-relu",
        "alike": "batch_size-3",
        "better": "epochs-20000",
        "gone": "optimizer-sgd_learning_rate-1.0",
    }
    plot_ratios(results, "baseline", rows)
    yield plt.gca()
    plt.close("all")


def test_ratios_are_filled_only_where_they_can_be_told_from_one(axes):
    marks = {
        line.get_ydata()[0]: (to_hex(line.get_color()).upper(), line.get_markerfacecolor())
        for line in axes.lines
        if line.get_marker() == "o"
    }
    blue, orange = COLORS[:2]
    assert marks[0] == (orange, orange)
    assert marks[1][1] == "white"
    assert marks[2] == (blue, blue)
    assert 3 not in marks


def test_rows_are_labeled_from_the_top_with_the_diverged_runs(axes):
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["worse", "alike", "better", "gone (20 of 20 diverged)"]
    assert axes.yaxis_inverted()
    assert axes.get_xscale() == "log"


def test_the_style_keeps_text_as_text_and_colors_apart():
    with mpl.rc_context():
        use_style()
        assert mpl.rcParams["svg.fonttype"] == "none"
        cycle = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle == list(COLORS)
    assert len(set(cycle)) == len(cycle)
