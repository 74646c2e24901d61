"""Figures of the data, and of what networks predict, as placeholders."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from nnbook.errors import DataError, LabError
from nnbook.experiments import Configuration, Runs
from nnbook.experiments.record import Record
from nnbook.lab import Report, data_pictures, pictures
from nnbook.lab.folder import Lab
from nnbook.lab.language import Words
from tests.lab.conftest import record_runs, text_of
from tests.lab.test_folder import change

REPOSITORY = Path(__file__).parents[2]
WORDS = Words("en")

DIGITS = """
[experiments.digits]
title = "Digits"
question = "Does width help?"
seeds = 4
[experiments.digits.base]
data = "digits"
loss = "categorical_cross_entropy"
learning_rate = 0.1
epochs = 3
batch_size = 10
probes = true
[[experiments.digits.configuration]]
name = "narrow"
hidden_layers = [5]
[[experiments.digits.configuration]]
name = "wide"
hidden_layers = [20]
"""


@pytest.fixture
def answer(lab: Path) -> Callable[[str], Report]:
    """Return a function that answers exercise 3 of a lab on digits, too, and returns its report."""
    settings = lab / "lab.toml"
    settings.write_text(settings.read_text("utf-8") + DIGITS, "utf-8")
    record_runs(lab)

    def write(text: str) -> Report:
        (lab / "answers.md").write_text(f"# 3\n\n{text}\n", "utf-8")
        return Report(lab)

    return write


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Return a list that figures are put into when they are drawn, which then stay open."""
    figures: list[Figure] = []
    monkeypatch.setattr(plt, "close", figures.append)
    return figures


@pytest.fixture(scope="module")
def example() -> Lab:
    return Lab.read(REPOSITORY / "examples/lab4")


def test_predictions_against_targets_have_the_loss_on_record(
    example: Lab, drawn: list[Figure]
) -> None:
    runs = dict(example.chosen("eckerle4"))
    picture = data_pictures.predicted(runs, WORDS, ["wavelength", "transmittance"])
    [axes] = drawn[0].axes
    assert axes.get_xlabel() == "target: transmittance"
    assert axes.get_ylabel() == "prediction: transmittance"
    marks = {line.get_label(): line.get_xydata() for line in axes.lines[1:]}
    curve = runs["eckerle4-a"].configuration.run(0).data.curve(0)
    assert curve
    for name, some in runs.items():
        target, prediction = (curve.scalings[1].scale(x) for x in np.asarray(marks[name]).T)
        losses = np.mean(((prediction - target) ** 2).reshape(5, 14), axis=1)
        assert losses == pytest.approx(some.final("test_loss"), rel=1e-3)
    assert re.search(r"eckerle4-b: n = 70, RMSE 0\.0\d+", picture.alt)


def test_many_marks_are_drawn_as_pixels(example: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = dict(example.chosen("eckerle4-b"))
    assert b"<image" not in data_pictures.predicted(runs, WORDS).svg
    monkeypatch.setattr(data_pictures, "MOST_MARKS", 10)
    assert b"<image" in data_pictures.predicted(runs, WORDS).svg


def bars(axes: Any) -> list[tuple[Any, Any]]:
    return [(patch.get_data().values, patch.get_data().edges) for patch in axes.patches]


def empty(name: str, **data: object) -> dict[str, Runs]:
    settings = {"hidden_layers": [4], "learning_rate": 0.1, "epochs": 1, "batch_size": 8, **data}
    return {name: Runs(Configuration(name, settings, (3,), "seed", "own"), {})}


def test_inputs_are_those_of_training_and_test_set_in_their_units(drawn: list[Figure]) -> None:
    picture = data_pictures.inputs(empty("a", data="eckerle4"), WORDS, ["nm", "transmittance"])
    first, second, *_ = drawn[0].axes
    assert [first.get_xlabel(), second.get_xlabel()] == ["nm", "transmittance"]
    for axes in (first, second):
        assert [values.sum() for values, _ in bars(axes)] == [21, 14]
    assert bars(first)[0][1][[0, -1]].tolist() == [400, 500]
    assert picture.alt == "nm, transmittance; training set: 21; test set: 14"


def test_inputs_of_images_are_gray_values_and_classes(drawn: list[Figure]) -> None:
    data_pictures.inputs(empty("a", data="digits"), Words("de"))
    grays, classes, *_ = drawn[0].axes
    assert (grays.get_xlabel(), grays.get_ylabel()) == ("Grauwert", "Zahl der Werte")
    assert [values.sum() for values, _ in bars(grays)] == [1197 * 64, 300 * 64]
    assert classes.get_xlabel() == "Klasse" and len(bars(classes)[0][0]) == 10
    assert [values.sum() for values, _ in bars(classes)] == [1197, 300]


def test_each_input_of_a_table_has_its_panel(drawn: list[Figure], tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(40, 3)) * [1, 10, 100]
    text = "width,height,mass\n" + "\n".join(",".join(map(str, row)) for row in rows)
    (tmp_path / "table.csv").write_text(text, "utf-8")
    data = {
        "name": "csv",
        "path": str(tmp_path / "table.csv"),
        "columns": ["width", "height"],
        "target": "mass",
    }
    data_pictures.inputs(empty("a", data=data), WORDS)
    labels = [axes.get_xlabel() for axes in drawn[0].axes]
    assert labels == ["width, scaled", "height, scaled", "mass, scaled", ""]


def test_images_stand_in_rows_of_one_class(drawn: list[Figure]) -> None:
    runs = empty("a", data="digits")
    picture = data_pictures.images(runs, WORDS)
    [axes] = drawn[0].axes
    [image] = axes.images
    block = np.asarray(image.get_array())
    assert block.shape == (10 * 10, 12 * 10)
    spec = runs["a"].configuration.run(3)
    parts = spec.data.load(spec.split)
    for row, column in ((0, 0), (7, 3), (9, 11)):
        tile = block[row * 10 + 1 : row * 10 + 9, column * 10 + 1 : column * 10 + 9].reshape(-1)
        shown = np.flatnonzero((parts.training_x == tile).all(axis=1))
        assert parts.training_y[shown[0]] == row
    assert picture.alt == "10 × 12 images of 8 × 8 pixels"


def test_loss_and_accuracy_stand_beside_each_other(
    answer: Callable[[str], Report], drawn: list[Figure]
) -> None:
    results = answer("x").lab.chosen("digits")
    pictures.loss_and_accuracy(dict(results), WORDS)
    pictures.loss_and_accuracy({"wide": results["wide"]}, Words("de"))
    both, one = (figure.axes for figure in drawn)
    assert [axes.get_ylabel() for axes in both] == ["running loss", "running accuracy (%)"]
    assert [len(axes.lines) for axes in both] == [2, 2]
    expected = 100 * results["wide"].history("running_accuracy")[1].mean(axis=0)
    assert np.asarray(both[1].lines[1].get_ydata()) == pytest.approx(expected)
    assert [axes.get_ylabel() for axes in one] == ["Verlust", "Genauigkeit (%)"]
    assert [line.get_label() for line in one[0].lines] == [
        "laufender Verlust",
        "Validierungsverlust",
    ]


def test_curves_of_one_epoch_are_marks(
    answer: Callable[[str], Report], drawn: list[Figure]
) -> None:
    settings = answer("x").lab.folder / "lab.toml"
    settings.write_text(settings.read_text("utf-8").replace("epochs = 3", "epochs = 1"), "utf-8")
    record_runs(settings.parent)
    results = Lab.read(settings.parent).chosen("digits")
    for some in results.values():
        for record in some.finished.values():
            for values in record.content["history"].values():
                del values[0]
    pictures.learning_curves(dict(results), WORDS)
    pictures.loss_and_accuracy(dict(results), WORDS)
    for axes in [axes for figure in drawn for axes in figure.axes]:
        for line in axes.lines:
            assert line.get_marker() == "o"
            assert np.asarray(line.get_xdata()).tolist() == [1]
        assert axes.get_xlim() == (0, 2)


def test_a_gap_leaves_no_point_unseen(drawn: list[Figure]) -> None:
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3, 4, 5, 6], [1, np.nan, 2, np.nan, 3, 4])
    axes.plot([1, 2, 3], [1, 2, 3])
    pictures.svg(figure, WORDS)
    assert axes.lines[0].get_markevery().tolist() == [True, False, True, False, False, False]
    assert axes.lines[1].get_marker() == "None"


def test_the_curves_of_many_networks_can_be_told_apart(example: Lab, drawn: list[Figure]) -> None:
    some = example.results["eckerle4-a"]
    pictures.learning_curves({f"network-{number}": some for number in range(18)}, WORDS)
    pictures.learning_curves({"one": some, "other": some}, WORDS)
    many, few = drawn
    looks = {
        (line.get_color(), line.get_linestyle())
        for line in many.axes[0].lines
        if not line.get_label().startswith("_")  # of each network the first
    }
    assert len(looks) == 18
    assert many.axes[0].get_legend() is None, "it would hide curves"
    [below] = many.legends
    assert len(below.get_texts()) == 18
    assert few.axes[0].get_legend() is not None


def test_biases_before_and_after_training(example: Lab, drawn: list[Figure]) -> None:
    pictures.biases(example.results["relu-6"], WORDS)
    [axes] = drawn[0].axes
    after, before = (values for values, _ in bars(axes))
    assert after.sum() == before.sum() == 15
    assert before.max() == 15  # all are 0 at first, and in one bin


FIGURES = [
    "biases:wide",
    "inputs:digits",
    "images:digits",
    "loss-and-accuracy:digits",
    "predicted:eckerle4",
]


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_report_has_the_figures_with_their_captions(
    answer: Callable[[str], Report], lab: Path, language: str
) -> None:
    change(lab, 'language = "en"', f'language = "{language}"')
    report = answer("\n\n".join(f"See {{{{ show:figure:{name} }}}}." for name in FIGURES))
    text = text_of(report.pdf())
    words = report.lab.words
    figure = {"en": "Figure", "de": "Abbildung"}[language]
    for number, kind in enumerate(
        ("biases", "inputs", "images_by_class", "loss_accuracy", "predicted"), start=1
    ):
        start = words[f"{kind}_caption"].partition("{")[0].strip()
        assert f"See {figure} {number}." in text and f"{figure} {number}: {start}" in text
    assert "unreferenced" not in {
        finding.kind for finding in report.findings if "figure:" in finding.message
    }


def test_what_is_shown_stands_after_its_paragraph(answer: Callable[[str], Report]) -> None:
    text = "First, {{ show:table:eckerle4 }} and\n{{ show:settings:eckerle4 }}.\n\nThen more."
    printed = text_of(answer("- " + text.replace("\n\n", "\n\n  ")).pdf())
    order = ["First, Table", "Then more.", "Results of", "Settings of"]
    places = [printed.index(part) for part in order]
    assert places == sorted(places)
    printed = text_of(answer(text).pdf())
    assert printed.index("Settings of") < printed.index("Then more.")


def test_what_is_shown_counts_as_contained_and_may_be_missing(
    answer: Callable[[str], Report], lab: Path
) -> None:
    report = answer("The results are in {{ show:table:eckerle4 }}.")
    assert not any("exercise 2b asks for a table" in str(item) for item in report.check())
    change(lab, "hidden_layers = [8]", "hidden_layers = [9]")
    change(lab, "hidden_layers = [20, 20]", "hidden_layers = [21]")
    printed = text_of(Report(lab).pdf())
    assert "missing: table:eckerle4" in printed


@pytest.mark.parametrize(
    ("placeholder", "message"),
    [
        ("show:ref:table:eckerle4", "show: expected a table or a figure"),
        ("show:tabel:eckerle4", "did you mean 'table'"),
        ("show:figure:fit:eckerle5", "did you mean 'eckerle4'"),
        ("figure:predicted:digits", "figure:predicted: only with a quantity .* has classes"),
        ("figure:images:eckerle4", "figure:images: the data of 'eckerle4' are no images"),
        ("figure:biases:digits", "figure:biases: expected a configuration, received 'digits'"),
        ("figure:biases:eckerle4-a", "give it probes = true"),
        ("figure:loss-and-accuracy:eckerle4", "'eckerle4-a' predicts a quantity"),
        ("figure:learning-curves:eckerle4, digits", "some predict a quantity and some classes"),
        ("figure:inptus:digits", "did you mean 'inputs'"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_line(
    answer: Callable[[str], Report], placeholder: str, message: str
) -> None:
    with pytest.raises(LabError, match=rf"answers\.md: line 5: \{{\{{ {placeholder} .*{message}"):
        answer(f"A first line.\n\n{{{{ {placeholder} }}}}").check()


def test_a_figure_that_is_there_twice_is_refused_with_its_line(
    answer: Callable[[str], Report],
) -> None:
    text = "{{ show:table:eckerle4 }} and\n{{ show:table:eckerle4 }}."
    with pytest.raises(LabError, match=r"line 4: .* it is there twice; refer to it with \{\{ ref:"):
        answer(text).check()


@pytest.mark.parametrize("figure", ["fit", "predicted"])
def test_weights_that_were_not_kept_are_named_with_the_line(
    answer: Callable[[str], Report],
    lab: Path,
    monkeypatch: pytest.MonkeyPatch,
    figure: str,
) -> None:
    report = answer(f"{{{{ figure:{figure}:eckerle4 }}}}")
    report.check()
    monkeypatch.setattr(Record, "lacks", lambda record, need: "weights" in need)
    with pytest.raises(LabError, match=r"line 3: .* no weights of 'eckerle4-a' on record"):
        Report(lab).check()
    monkeypatch.undo()
    change(lab, "epochs = 500", "epochs = 501")
    change(lab, 'title = "Two networks', 'keep_weights = false\ntitle = "Two networks')
    with pytest.raises(LabError, match=r"line 3: .* no weights of 'eckerle4-a' on record"):
        Report(lab).check()


def test_data_that_cannot_be_read_are_named_with_the_line(
    answer: Callable[[str], Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise DataError("digits.npz: not there")

    monkeypatch.setitem(data_pictures.DRAWN, "images", lost)
    with pytest.raises(LabError, match=r"line 3: .*digits\.npz: not there"):
        answer("{{ figure:images:digits }}").pdf()
