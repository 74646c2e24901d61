"""Results of a student's own Keras code: shown, marked, and never counted as repeated."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

import nnbook.lab
from nnbook.cli import main
from nnbook.errors import NNBookError
from nnbook.lab import Report, manifest
from nnbook.lab.folder import Lab
from nnbook.lab.language import Words
from nnbook.lab.marking import pages, team
from nnbook.lab.marking.copies import Traces
from nnbook.lab.marking.copies import facts as shared_facts
from nnbook.lab.own_shown import curves, facts, table
from tests.lab.conftest import text_of
from tests.lab.test_folder import change

MODEL = SimpleNamespace(
    layers=[SimpleNamespace(units=15), SimpleNamespace(units=10)],
    count_params=lambda: 11935,
    optimizer=SimpleNamespace(),
)


def history(loss: float) -> dict[str, list[float]]:
    return {
        "loss": [2.0, 1.5, loss],
        "accuracy": [0.2, 0.5, 0.75],
        "val_loss": [2.1, 1.7, loss + 0.1],
        "val_accuracy": [0.2, 0.4, 0.6],
    }


@pytest.fixture
def own(lab: Path) -> Path:
    """Return a lab with three results of own code, and answers that show them."""
    for loss in (1.0, 1.1, 1.2):
        nnbook.lab.record(history(loss), MODEL, "mine", lab)
    (lab / "answers.md").write_text(
        "# 2b\n\nOurs: {{ show:own:mine }}, {{ show:own-curves:mine }}.\n", "utf-8"
    )
    return lab


def test_what_keras_returns_is_written_down(new_lab: Path) -> None:
    import keras

    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile("sgd", "mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(20, 3))
    trained = model.fit(x, x[:, :1], epochs=2, validation_split=0.2, verbose=0)
    path = nnbook.lab.record(trained, model, "mine", new_lab)
    assert path == new_lab / "own" / "mine-1.json"
    [result] = Lab.read(new_lab).own["mine"]
    assert result.layers == ["Dense(4, relu)", "Dense(1, linear)"]
    assert (result.parameters, result.optimizer, result.epochs) == (21, "SGD", 2)
    assert result.history == {
        name: pytest.approx(values) for name, values in trained.history.items()
    }
    assert result.versions["keras"] == keras.__version__


def test_a_table_has_the_spread_over_repetitions(own: Path) -> None:
    shown = table(Lab.read(own).own["mine"], Words("de"))
    assert [row[0] for row in shown.rows] == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert shown.rows[0][1:4] == ["3", "1,10", "0,10"]
    said = facts(Lab.read(own).own["mine"], Words("de"))
    assert said.endswith("11\xa0935 Parameter; SimpleNamespace; 3 Epochen")


def test_a_loss_that_is_no_number_is_left_out(own: Path) -> None:
    nnbook.lab.record(history(float("nan")), MODEL, "mine", own)
    results = Lab.read(own).own["mine"]
    assert results[3].final["loss"] is None
    assert table(results, Words("en")).rows[0][1:3] == ["3", "1.10"]
    assert curves(results, Words("en")).alt.startswith("loss: 1.100; val_loss: 1.200; accuracy")


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_report_says_that_they_cannot_be_repeated(own: Path, language: str) -> None:
    change(own, 'language = "en"', f'language = "{language}"')
    report = Report(own)
    pdf = report.pdf()
    text = text_of(pdf).replace("\u200b", "")
    words = report.lab.words
    assert text.count({"en": "cannot be repeated.", "de": "nicht wiederholbar."}[language]) == 2
    assert pages.bare(words["own_intro"]) in pages.bare(text)
    for result in report.lab.own["mine"]:
        assert result.digest[:16] in text
    assert "unreferenced" not in {f.kind for f in report.findings if "own" in f.message}
    assert report.pdf() == pdf


def test_the_manifest_marks_them_and_its_digest_covers_them(own: Path) -> None:
    content = json.loads(manifest.text(Lab.read(own)))
    assert [one["rerunnable"] for one in content["own"]] == [False] * 3
    assert not {"mine"} & {run["configuration"] for run in content["runs"]}
    path = own / "manifest.json"
    path.write_text(json.dumps(content), "utf-8")
    assert [one.final["loss"] for one in manifest.read(path).named.own] == [1.0, 1.1, 1.2]
    content["own"][0]["final"]["loss"] = 0.1
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(NNBookError, match="was edited"):
        manifest.read(path)


@pytest.mark.parametrize(
    "change", [{"rerunnable": True}, {"name": "\x1b[31mred"}, {"sha256": "x"}, {"more": 1}]
)
def test_a_manifest_that_says_otherwise_is_refused(own: Path, change: dict[str, Any]) -> None:
    content = json.loads(manifest.text(Lab.read(own)))
    content["own"][0] |= change
    content["digest"] = manifest._digest(content)
    (own / "manifest.json").write_text(json.dumps(content), "utf-8")
    with pytest.raises(NNBookError, match="this is neither"):
        manifest.read(own / "manifest.json")


def test_numbers_that_no_training_has_are_left_out_or_refused(own: Path) -> None:
    path = nnbook.lab.record(history(1e200), MODEL, "mine", own)
    assert Lab.read(own).own["mine"][-1].final["loss"] is None
    assert Report(own).pdf()
    path.write_text(path.read_text("utf-8").replace("1.5", "1e308"), "utf-8")
    with pytest.raises(NNBookError) as refused:
        Report(own).check()
    assert str(refused.value).endswith(
        "mine-4.json: history.loss.1: expected less than or equal to 1e+100, received 1e+308"
    )


def test_a_lab_without_them_has_the_manifest_that_it_had(lab: Path) -> None:
    assert "own" not in json.loads(manifest.text(Lab.read(lab)))


def test_verify_and_mark_never_count_them_as_repeated(
    own: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "3 results of own code (mine): not rerunnable, none was repeated"
    pdf = Report(own).write(tmp_path / "report.pdf")
    monkeypatch.setattr("nnbook.lab.repeats.Repeater.repeat", lambda repeater, run: [])
    assert main(["lab", "verify", str(pdf), "--all"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith(said)
    assert "10 runs, 10 of them are repeated" in printed.err
    lab = Lab.read(own)
    job = team.Job("inspect", str(pdf), str(tmp_path), str(lab.definition.folder), "", 0, 0)
    found = team.inspect(job)
    assert said in found["notes"] and found["runs"] == 10
    assert len(found["traces"]["own"]) == 3
    assert found["answers"]["2b"]["contains"] == {"table": False}


def test_what_is_recorded_must_be_shown(own: Path) -> None:
    (own / "answers.md").write_text("# 2b\n\nNothing.\n", "utf-8")
    messages = {finding.message for finding in Report(own).check()}
    path = own / "own" / "mine-1.json"
    assert f"{path}: no answer shows the results of own code: {{{{ own:mine }}}}" in messages


@pytest.mark.parametrize(
    ("placeholder", "message"),
    [("own:mien", "no results of own code 'mien', did you mean 'mine'"), ("own-curves:", "''")],
)
def test_an_unknown_name_is_refused_with_its_line(
    own: Path, answer: Callable[[str], Report], placeholder: str, message: str
) -> None:
    with pytest.raises(NNBookError, match=rf"answers\.md: line 3: .*{message}"):
        answer(f"{{{{ {placeholder} }}}}").check()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.update(history={}), "history"),
        (lambda content: content["history"].update(loss=[]), "loss"),
        (lambda content: content["history"].update(loss=["a"]), "loss"),
        (lambda content: content.update(repetition=2), "expected mine-2.json as its name"),
        (lambda content: content.update(name="../x"), "name"),
        (lambda content: content.update(more=1), "more"),
    ],
)
def test_files_that_record_did_not_write_are_named(
    own: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    path = own / "own" / "mine-1.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(NNBookError, match=rf"mine-1\.json(.|\n)*{re.escape(message)}"):
        Report(own).check()


def test_nothing_is_read_or_written_through_links(own: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for path in sorted((own / "own").iterdir()):
        path.rename(tmp_path / "elsewhere" / path.name)
    (own / "own").rmdir()
    (own / "own").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NNBookError, match="expected no link"):
        Report(own).check()
    with pytest.raises(NNBookError, match="expected no link"):
        nnbook.lab.record(history(1.0), MODEL, "mine", own)
    assert len(list((tmp_path / "elsewhere").iterdir())) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], MODEL, "mine"), "expected what model.fit returns"),
        (({}, MODEL, "mine"), "history"),
        ((history(1.0), MODEL, "a/b"), "name"),
        ((history(1.0), MODEL, ""), "name"),
    ],
)
def test_what_cannot_be_recorded_is_refused(
    new_lab: Path, arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(NNBookError, match=message):
        nnbook.lab.record(*arguments, folder=new_lab)
    assert not list(new_lab.rglob("*.json"))


def test_a_folder_without_a_lab_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NNBookError, match="no lab here"):
        nnbook.lab.record(history(1.0), MODEL, folder=tmp_path)


def test_the_pages_are_tagged(own: Path) -> None:
    root: Any = PdfReader(Report(own).write()).trailer["/Root"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_equal_results_of_own_code_are_facts_of_both_teams() -> None:
    teams = {name: Traces(own=frozenset({"a", name})) for name in ("1", "2")}
    assert shared_facts(teams)["1"] == ["2: 1 results of own code are equal to the last byte"]
