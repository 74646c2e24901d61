"""The reproduction of the answer sheet, on the book's own records."""

import numpy as np
import pytest

from nnbook.errors import ShapeError
from nnbook.evidence.reproduction import (
    COLUMNS,
    WITHOUT_PENALTY,
    Exercise,
    Verdict,
    as_frame,
    as_printed,
    as_selected,
    beside,
    carried_over,
    constant_answers,
    counts,
    fresh_starts,
    identical_rows,
    is_a_count,
    listing,
    one_class_rows,
    prediction,
    printed,
    reproduction,
    resampled,
    rows,
    shared_figures,
)

FIGURES: dict[Exercise, int] = {"2b": 6, "3": 168, "4": 72}


@pytest.mark.parametrize("exercise", FIGURES)
def test_every_figure_of_the_sheet_has_a_verdict(exercise: Exercise) -> None:
    figures = reproduction(exercise)
    assert len(figures) == FIGURES[exercise]
    assert len({(figure.row, figure.metric) for figure in figures}) == len(figures)
    for figure in figures:
        assert figure.sheet == rows(exercise)[figure.row][figure.metric]
        assert figure.reason


@pytest.mark.parametrize("exercise", FIGURES)
def test_counts_add_up(exercise: Exercise) -> None:
    figures = reproduction(exercise)
    assert counts(figures)["figures"].tolist() == [FIGURES[exercise]]
    by_row = counts(figures, "row")
    assert by_row.index.tolist() == list(rows(exercise))
    assert by_row["figures"].sum() == len(as_frame(figures)) == len(listing(figures))


def test_distances_in_a_listing_are_written_as_in_mathematics() -> None:
    figures = reproduction("3")
    shown = listing(figures)["distance"].tolist()
    for text, figure in zip(shown, figures, strict=True):
        if np.isinf(figure.distance):
            assert text == ("+∞" if figure.distance > 0 else "−∞")
        elif np.isnan(figure.distance):
            assert text == "–"
        else:
            assert float(text.replace("−", "-")) == pytest.approx(figure.distance, abs=0.051)
    assert any("∞" in text for text in shown)
    assert not any("-" in text for text in shown)


def test_a_prediction_interval_holds_nearly_all_new_values() -> None:
    random = np.random.default_rng(0)
    inside = 0
    for _ in range(2000):
        *known, new = random.normal(10, 1, size=5)
        interval = prediction(known)
        inside += interval.low <= new <= interval.high
    assert inside / 2000 == pytest.approx(0.95, abs=0.015)


def test_a_prediction_by_hand() -> None:
    # Mean 2, sd 1, n 3: the margin is 4.303 times the root of 4/3.
    interval = prediction([1, 2, 3])
    assert interval.center == 2
    assert interval.high - 2 == pytest.approx(4.968, abs=1e-3)
    assert interval.half_width == pytest.approx(2.484, abs=1e-3)
    assert interval.distance(2) == 0
    assert interval.distance(2 + 3 * (4 / 3) ** 0.5) == pytest.approx(3)
    assert interval.verdict(6.9) is Verdict.WITHIN
    assert interval.verdict(7.0) is Verdict.FAILED
    narrow = prediction([1, 2, 3], sd=0.01)
    assert narrow.verdict(2.04) is Verdict.REPRODUCED


def test_equal_values_predict_themselves_up_to_rounding() -> None:
    interval = prediction([0.1064, 0.1064])
    assert interval.verdict(0.1064) is Verdict.REPRODUCED
    assert interval.verdict(0.10640049) is Verdict.REPRODUCED
    assert interval.verdict(0.1065) is Verdict.FAILED


def test_one_value_predicts_nothing() -> None:
    with pytest.raises(ShapeError, match="at least 2 values, received 1"):
        prediction([1.0])
    with pytest.raises(ShapeError, match="at least 2 values, received 1"):
        beside(1.0, [1.0])


def test_another_rerun_lies_beside_the_first_one() -> None:
    random = np.random.default_rng(0)
    inside = 0
    for _ in range(2000):
        first, new, *runs = random.normal(10, 1, size=6)
        interval = beside(first, runs)
        inside += interval.low <= new <= interval.high
    assert inside / 2000 == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("exercise", ["3", "4"])
def test_an_accuracy_and_its_error_have_one_verdict(exercise: Exercise) -> None:
    for figure in reproduction(exercise):
        if figure.metric.endswith("accuracy") and figure.verdict is not Verdict.COPY:
            wrong = [1 - share for share in figure.fresh]
            interval = beside(1 - figure.ours, wrong) if exercise == "3" else prediction(wrong)
            assert interval.verdict(1 - figure.sheet, "test_accuracy") is figure.verdict


def test_the_script_prints_the_training_with_the_best_validation_accuracy() -> None:
    for row in rows("3"):
        runs = fresh_starts(row) if row.endswith("rmsprop") else carried_over(row)
        accuracies = as_printed(runs, "validation_accuracy")
        assert as_selected(row)["validation_accuracy"] == accuracies.max()
    figures = {f.metric: f for f in reproduction("3") if f.row == "ex3-e2-adagrad"}
    assert figures["test_accuracy"].ours == max(figures["test_accuracy"].carried)


def test_rmsprop_has_the_momentum_of_the_script() -> None:
    for row in (name for name in rows("3") if name.endswith("rmsprop")):
        specs = fresh_starts(row).configuration.runs.values()
        assert {figure.carried for figure in reproduction("3") if figure.row == row} == {()}
        assert {spec.optimizer.momentum for spec in specs} == {0.9}


def test_resampled_means_scatter_less_than_the_values() -> None:
    values = np.linspace(0, 1, 20)
    interval = resampled(values, "mean")
    assert 0 < interval.low < interval.center < interval.high < 1
    assert interval.center == pytest.approx(0.5, abs=0.02)
    assert resampled([3.0, 3.0], "sd").high == 0


def test_a_loss_is_printed_with_its_penalty() -> None:
    measured = {"running_loss": 1.1, "validation_loss": 0.35, "penalty": 0.43}
    assert printed(measured, "training_loss") == 1.1
    assert printed(measured, "validation_loss") == 0.78
    assert printed(measured, "validation_loss", WITHOUT_PENALTY) == 0.35


def test_four_fits_and_four_fresh_runs_for_each_row() -> None:
    for row in rows("3"):
        assert len(carried_over(row)) == len(fresh_starts(row).records) == 4


def test_equal_settings_are_on_record_once() -> None:
    assert fresh_starts("ex3-e4-sgd").configuration.name == "ex3-e2-sgd_0.1"
    assert fresh_starts("ex3-e4-adam").configuration.name == "ex3-e4-adam_0.25"
    assert fresh_starts("ex3-e4-sgd", 0.2).configuration.name == "ex3-e2-sgd_0.2"


def test_the_first_of_the_fits_starts_fresh() -> None:
    chain = as_printed(carried_over("ex3-e2-sgd"), "test_loss")
    apart = as_printed(fresh_starts("ex3-e2-sgd"), "test_loss")
    assert chain[0] == apart[0]


def test_copies_are_flagged_by_their_row() -> None:
    assert identical_rows("2b") == [("ex2b-2", "ex2b-3")]
    assert identical_rows("3") == []
    assert identical_rows("4") == [("ex4-11", "ex4-12")]
    for exercise in FIGURES:
        for figure in reproduction(exercise):
            copied = figure.row in {"ex2b-3", "ex4-12"}
            assert (figure.verdict is Verdict.COPY) == copied
            assert not copied or figure.reason in {"of ex2b-2", "of ex4-11"}


def test_figures_that_rows_share() -> None:
    shared = {(metric, value): names for metric, value, names in shared_figures("4")}
    assert shared["training_loss", 0.315673] == ["ex4-11", "ex4-12"]
    assert len(shared["test_accuracy", 0.1135]) == 5
    assert not any("loss" in metric for metric, _, _ in shared_figures("3"))


def test_one_learning_rate_leaves_nothing_to_choose() -> None:
    open_questions = {f.row for f in reproduction("3") if f.verdict is Verdict.UNCHECKABLE}
    several = {f"ex3-e{number}-rmsprop" for number in (1, 2, 3, 4)}
    assert open_questions - several == {
        "ex3-e3-adam", "ex3-e3-nadam", "ex3-e4-adam", "ex3-e4-nadam",
    }  # fmt: skip


def test_a_rate_of_rmsprop_was_not_run_beside_others() -> None:
    reasons = {f.reason for f in reproduction("3") if f.row == "ex3-e1-rmsprop"}
    assert "fresh runs with momentum have one rate" in reasons


def test_a_choice_of_learning_rate_that_fresh_runs_confirm() -> None:
    choices = {f.row: f for f in reproduction("3") if f.metric == "best_learning_rate"}
    assert choices["ex3-e2-sgd"].verdict is Verdict.REPRODUCED
    assert choices["ex3-e4-adadelta"].verdict is Verdict.WITHIN


def test_the_sheets_accuracies_are_those_of_single_runs() -> None:
    for exercise in ("3", "4"):
        for row in rows(exercise).values():
            for metric in (name for name in COLUMNS if "accuracy" in name):
                assert is_a_count(row[metric], 50_000 if "training" in metric else 10_000)
    assert not is_a_count(0.12345, 10_000)


def test_one_answer_for_every_image() -> None:
    assert constant_answers()[1] == (0.1064, 0.1135)
    assert one_class_rows()["ex3-e3-rmsprop"] == 0
    assert set(one_class_rows().values()) == {0, 1, 7}
