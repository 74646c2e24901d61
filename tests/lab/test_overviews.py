"""Tables that put many configurations beside each other, and the best value of a setting."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnbook.errors import LabError
from nnbook.lab import Report
from nnbook.lab.language import Words
from nnbook.lab.overviews import best, overview
from tests.lab.conftest import record_runs, text_of, trained
from tests.lab.test_folder import change

RATES = """
[experiments.rates]
title = "Rates"
question = "Which rate?"
seeds = 4
[experiments.rates.base]
data = "digits"
loss = "categorical_cross_entropy"
hidden_layers = [9]
epochs = 3
batch_size = 10
[[experiments.rates.grid]]
optimizer = ["sgd", "adam"]
learning_rate = [0.01, 0.1, 0.3]
"""

BEST = {"sgd": 0.1, "adam": 0.01}


@pytest.fixture
def answer(lab: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Report]:
    """Return a function that answers exercise 3 of a lab with rates, and returns its report."""

    def outcome(spec: object, progress: object = None) -> object:
        made = trained(spec)  # type: ignore[arg-type]
        name, rate = spec.optimizer.name, spec.learning_rate  # type: ignore[attr-defined]
        if spec.data.facts.classes:  # type: ignore[attr-defined]
            distance = abs(np.log10(rate / BEST[name]))
            loss = made.final["validation_loss"]
            made.final["validation_accuracy"] = 0.95 - 0.1 * distance - loss / 10
            made.final["test_accuracy"] = 0.5 + 0.1 * distance  # would choose otherwise
        return made

    settings = lab / "lab.toml"
    settings.write_text(settings.read_text("utf-8") + RATES, "utf-8")
    monkeypatch.setattr("tests.lab.conftest.trained", outcome)
    record_runs(lab)

    def write(text: str) -> Report:
        (lab / "answers.md").write_text(f"# 3\n\n{text}\n", "utf-8")
        return Report(lab)

    return write


def test_the_best_value_is_that_of_the_validation_set(answer: Callable[[str], Report]) -> None:
    lab = answer("x").lab
    table = best(dict(lab.chosen("rates")), "learning_rate", Words("en"))
    assert table.header[:4] == ["optimizer", "tried", "best", "configuration"]
    assert table.header[4:] == ["validation\naccuracy\xa0(%)", "test\naccuracy\xa0(%)"]
    rows = {row[0]: row for row in table.rows}
    assert rows["sgd"][1:4] == ["0.01, 0.1, 0.3", "0.1", "optimizer-sgd_learning_rate-0.1"]
    assert rows["adam"][1:4] == ["0.01, 0.1, 0.3", "0.01 *", "optimizer-adam_learning_rate-0.01"]
    assert table.note and table.note[0] == "*"
    german = best(dict(lab.chosen("rates")), "learning_rate", Words("de"))
    assert "0,01; 0,1; 0,3" in german.rows[0]  # a comma belongs to a number
    expected = 100 * lab.results["optimizer-sgd_learning_rate-0.1"].final("validation_accuracy")
    mean, spread = rows["sgd"][4].replace("\xa0", " ").split(" ± ")
    assert float(mean) == pytest.approx(expected.mean(), abs=0.01)
    assert float(spread) == pytest.approx(expected.std(ddof=1), abs=0.01)


def test_an_overview_has_all_configurations_of_several_experiments(
    answer: Callable[[str], Report],
) -> None:
    lab = answer("x").lab
    runs = dict(lab.chosen("eckerle4, rates"))
    table = overview(runs, Words("de"))
    assert [row[0] for row in table.rows] == list(runs) and len(runs) == 8
    assert table.header[:3] == ["Konfiguration", "n", "Trainingsverlust"]
    [small, *_] = table.rows
    assert small[1:3] == ["5", "0,1025\xa0±\xa00,0019"]
    place = table.header.index("Testgenauigkeit\xa0(%)")
    assert small[place] == "–" and "±" in table.rows[-1][place]
    turned = overview(runs, Words("de"), transposed=True)
    assert turned.header == ["Größe", *runs]
    assert [row[0] for row in turned.rows] == table.header[1:]
    assert [row[1] for row in turned.rows] == small[1:]


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_report_prints_them(answer: Callable[[str], Report], lab: Path, language: str) -> None:
    change(lab, 'language = "en"', f'language = "{language}"')
    report = answer(
        "{{ overview:eckerle4, rates }}\n\n{{ ref:overview:eckerle4,rates }} and\n"
        "{{ show:best:learning_rate:rates }}, {{ show:overview-transposed:eckerle4 }}."
    )
    text = text_of(report.pdf())
    word = {"en": "Table", "de": "Tabelle"}[language]
    assert f"{word} 4 and {word} 5, {word} 6." in text
    assert {
        "en": "Overview of “Two networks for Eckerle4”, “Rates”",
        "de": "Übersicht über „Two networks for Eckerle4“, „Rates“",
    }[language] in text
    assert {"en": "one may lie beyond", "de": "jenseits davon"}[language] in text
    assert not [f for f in report.findings if f.kind == "unreferenced"]
    assert {"overview", "best", "overview-transposed"} <= report.answers.contents["3"]


@pytest.mark.parametrize(
    ("placeholder", "message"),
    [
        ("best:learning_rat:rates", "did you mean 'learning_rate'"),
        ("best:batch_size:rates", "batch_size is the same in all configurations"),
        ("best:hidden_layers:eckerle4", "has no validation set"),
        ("best:rates", "unknown setting 'rates'"),
        ("overview:eckerle4, ratse", "did you mean 'rates'"),
        ("overview:eckerle4,", "no experiment or configuration ''"),
        ("table:", "no experiment or configuration ''"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_line(
    answer: Callable[[str], Report], placeholder: str, message: str
) -> None:
    with pytest.raises(LabError, match=rf"answers\.md: line 3: \{{\{{ {placeholder}.*{message}"):
        answer(f"{{{{ {placeholder} }}}}").check()


def test_names_together_are_found_by_checks_and_references(
    answer: Callable[[str], Report],
) -> None:
    report = answer("See {{ ref:table:eckerle4-a , rates }}.\n\n{{ table:eckerle4-a,rates }}")
    [message] = [f.message for f in report.check() if f.kind == "unreferenced"]
    assert message.endswith("no answer shows or mentions the results of eckerle4-b")
    with pytest.raises(LabError, match="no such table or figure, did you mean 'table:eckerle4-a"):
        answer("See {{ ref:table:eckerle4-a,rate }}.\n\n{{ table:eckerle4-a,rates }}").check()
