import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from nnbook.experiments import experiment, run
from nnbook.publishing.drawing.palette import COLORS
from nnbook.publishing.figures import (
    in_percent,
    plot_confusion,
    plot_differences,
    plot_factor,
    plot_learning_curves,
    plot_ratios,
    plot_weight_images,
)

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


def test_ratios_are_filled_only_where_they_stand_among_all_configurations(axes):
    marks = {
        line.get_ydata()[0]: (to_hex(line.get_color()).upper(), line.get_markerfacecolor())
        for line in axes.lines
        if line.get_marker() in ("o", "s")
    }
    blue, orange = COLORS[:2]
    assert marks[0] == (orange, orange)
    assert marks[1][1] == "white"
    assert marks[2] == (blue, "white"), "by itself its interval excludes 1, among 54 it does not"
    assert 3 not in marks


def test_rows_are_labeled_from_the_top_with_the_diverged_runs(axes):
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["worse", "alike", "better", "gone (20 of 20 diverged)"]
    assert axes.yaxis_inverted()
    assert axes.get_xscale() == "log"


@pytest.fixture(scope="module")
def study():
    return run(experiment("mnist-parameters"))


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


def test_an_error_is_what_an_accuracy_lacks(study):
    accuracy = in_percent(study["baseline"], "validation_accuracy")
    error = in_percent(study["baseline"], "validation_error")
    assert accuracy + error == pytest.approx(100)
    assert (accuracy > 97).all()
    assert (in_percent(study["baseline"], "test_loss") < 1).all()


def test_a_factor_is_drawn_with_its_intervals_and_runs(study):
    settings = {
        0.1: "activation-identity_learning_rate-0.1",
        0.3: "activation-identity_learning_rate-0.3",
        0.03: "baseline",
    }
    plot_factor(study, settings, label="identity")
    axes = plt.gca()
    line, *runs = axes.lines
    assert list(line.get_xdata()) == [0.1, 0.03], "the diverged runs have no mean"
    row = study.table("validation_accuracy").loc["baseline"]
    assert line.get_ydata()[1] == pytest.approx(100 * row["mean"])
    ends = axes.collections[0].get_segments()[1][:, 1]
    assert ends == pytest.approx(100 * row[["ci_low", "ci_high"]].to_numpy())
    assert [len(marks.get_ydata()) for marks in runs] == [5, 5]


def test_differences_are_filled_only_where_they_can_be_told_from_zero(study):
    rows = {
        "more": "hidden_layers-500",
        "alike": "dropout-0.1",
        "less": "hidden_layers-5",
        "gone": "activation-identity_learning_rate-0.3",
    }
    plot_differences(study, "baseline", rows)
    marks = {
        line.get_ydata()[0]: (to_hex(line.get_color()).upper(), line.get_markerfacecolor())
        for line in plt.gca().lines
        if line.get_marker() == "o"
    }
    blue, orange = COLORS[:2]
    assert marks[0] == (blue, blue)
    assert marks[1][1] == "white"
    assert marks[2] == (orange, orange)
    assert 3 not in marks


def test_learning_curves_are_means_within_the_range_of_the_runs(study):
    plot_learning_curves({"baseline": study["baseline"]})
    axes = plt.gca()
    (line,) = axes.lines
    _, accuracy = study["baseline"].history("validation_accuracy")
    assert line.get_ydata() == pytest.approx(100 * accuracy.mean(axis=0))
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(100 * accuracy.min())
    assert band.max() == pytest.approx(100 * accuracy.max())


def test_a_confusion_matrix_shows_counts_and_shades_the_mistakes_only():
    plot_confusion([[90, 4], [0, 100]])
    axes = plt.gca()
    assert [text.get_text() for text in axes.texts] == ["90", "4", "0", "100"]
    assert axes.images[0].get_array().tolist() == [[0, 4], [0, 0]]


def test_the_weights_of_few_units_fill_no_page() -> None:
    weights = np.random.default_rng(0).normal(size=(16, 784))
    for units in (1, 3, 5, 16):
        plot_weight_images({"before": weights[:units], "after": weights[:units]})
        figure = plt.gcf()
        assert figure.get_figheight() < 5
        for axes in figure.axes:
            assert axes.get_position().height * figure.get_figheight() < 1.7 * (1 + (units > 8))
        plt.close(figure)


def test_weights_are_drawn_as_framed_pictures_of_one_scale() -> None:
    weights = np.arange(12.0).reshape(3, 4) - 4
    plot_weight_images({"before": weights, "after": 2 * weights}, units=3, across=2)
    axes = plt.gcf().axes
    assert [ax.get_title(loc="left") for ax in axes] == [
        "before (scale to ±7)",
        "after (scale to ±14)",
    ]
    image = axes[1].images[0]
    assert image.get_clim() == (-14, 14)
    drawn = np.ma.filled(image.get_array(), np.nan)
    assert drawn.shape == (8, 8), "two in the first row, one in the second"
    np.testing.assert_array_equal(drawn[1:3, 5:7], 2 * weights[1].reshape(2, 2))
    np.testing.assert_array_equal(drawn[5:7, 1:3], 2 * weights[2].reshape(2, 2))
    assert np.isnan(drawn[:, 0]).all() and np.isnan(drawn[0]).all()
    assert np.isnan(drawn[4:, 4:]).all()
