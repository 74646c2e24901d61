"""A lab of another course, in another language, made from files alone: `werkstatt`."""

import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnbook.cli import main
from nnbook.errors import NNBookError
from nnbook.experiments import plan
from nnbook.lab import Report, manifest
from nnbook.lab.definition import Definition
from nnbook.lab.folder import Lab
from nnbook.lab.language import known_language
from tests.lab.conftest import record_runs, text_of, trained
from tests.lab.test_folder import change

WERKSTATT = Path(__file__).parent / "werkstatt"


def clothes() -> bytes:
    """Return 90 pictures of three kinds of clothes, 8 x 8 pixels, as an archive."""
    random = np.random.default_rng(0)
    labels = np.arange(90) % 3
    shapes = np.zeros((3, 8, 8))
    shapes[0, 1:4, :] = shapes[0, 4:, 2:6] = 200  # a shirt
    shapes[1, :, 1:3] = shapes[1, :, 5:7] = 200  # trousers
    shapes[2, 4:7, 1:] = 200  # a shoe
    pictures = np.clip(shapes[labels] + random.normal(20, 15, (90, 8, 8)), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=pictures, y=labels)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the definition as the course has it."""
    return make_course(tmp_path_factory.mktemp("course") / "werkstatt")


def make_course(folder: Path) -> Path:
    """Write the definition with its pictures, and its references' results."""
    shutil.copytree(WERKSTATT, folder)
    (folder / "kleidung.npz").write_bytes(clothes())
    path = folder / "definition.toml"
    digest = hashlib.sha256(clothes()).hexdigest()
    path.write_text(path.read_text("utf-8").replace("KLEIDUNG_SHA256", digest), "utf-8")
    record_runs_of(folder)
    return folder


def record_runs_of(definition: Path) -> None:
    """Put the runs of a definition's references on record, without training."""
    with plan.Names() as names:
        for item in Definition.read(definition).references.values():
            for job in plan.states(item):
                job.record(trained(job.spec))
                names.add(job)


@pytest.fixture
def student(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that a student begins with."""
    monkeypatch.delenv("NNBOOK_RECORDED_ONLY", raising=False)
    assert main(["lab", "new", str(tmp_path / "abgabe"), "--lab", str(course)]) == 0
    return tmp_path / "abgabe"


def test_from_files_alone_to_a_report_and_back(
    student: Path,
    course: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert main(["lab", "run", str(student), "--quick"]) == 0
    assert "kleidung-1" in capsys.readouterr().out
    monkeypatch.setattr("nnbook.training.engine.train", trained)
    assert main(["lab", "run", str(student)]) == 0
    capsys.readouterr()
    assert main(["lab", "check", str(student)]) == 0, capsys.readouterr().out
    assert main(["lab", "report", str(student)]) == 0
    pdf = student / "report.pdf"
    text = text_of(pdf.read_bytes())
    for said in (
        "Aufgabe 1.1: Eine Feder (7,5 Punkte)",
        "Aufgabe A3: Softmax und Kreuzentropie (6 Punkte)",
        "verdeckte Schichten",
        "mittlerer quadratischer Fehler",
        "referenz/schmal",
        "Lernrate 0,05",
    ):
        assert said in text
    assert "Eckerle4" not in text and "eckerle4" not in text
    read = manifest.read(pdf, Definition.read(course).data_files)
    data = {run.configuration: run.spec.data.name for run in read.runs}
    assert data == {"feder-schmal": "csv", "feder-breit": "csv", "kleidung-1": "npz"}
    assert main(["lab", "verify", str(pdf), "--all", "--lab", str(course)]) == 0
    assert "different" not in capsys.readouterr().out


def test_a_course_trains_its_references_by_the_command_of_a_lab(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NNBOOK_RECORDED_ONLY", raising=False)
    course = make_course(tmp_path / "werkstatt")
    shutil.rmtree(course / "results")
    assert main(["lab", "run", str(course), "--quick"]) == 0
    assert "schmal" in capsys.readouterr().out and not (course / "results").exists()
    [reference] = Definition.read(course).references.values()
    assert reference.command == f"nnbook lab run {course}"
    assert main(["lab", "run", str(course), "--key", str(course / "key")]) == 2
    assert "a key signs the runs of a team" in capsys.readouterr().err
    monkeypatch.setattr("nnbook.training.engine.train", trained)
    assert main(["lab", "run", str(course)]) == 0
    assert set(plan.states(reference).values()) == {"recorded"}
    assert main(["lab", "new", str(tmp_path / "abgabe"), "--lab", str(course)]) == 0
    record_runs(tmp_path / "abgabe")
    runs = Lab.read(tmp_path / "abgabe").of_the_book["feder-schmal"]
    assert len(runs.finished) == 3
    path = course / "definition.toml"
    path.write_text(path.read_text("utf-8").replace('"referenz.toml"', ""), "utf-8")
    assert main(["lab", "run", str(course)]) == 2
    assert "there are no references" in capsys.readouterr().err


def test_statements_have_their_mathematics(student: Path) -> None:
    text = text_of(Report(student).pdf())
    assert "Verglichen wird MSE = 1 𝑛" in text
    assert "\\frac" not in text and "$" not in text


def test_axes_have_the_words_of_the_lab(student: Path) -> None:
    record_runs(student)
    drawn = Report(student)
    pictures: dict[object, object] = drawn._drawn  # type: ignore[assignment]
    drawn.pdf()
    [fit] = [value for (kind, _), value in pictures.items() if kind == "fit"]  # type: ignore[misc]
    assert fit.alt.startswith("Länge (m) / Kraft (N): Daten")  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["eckerle4", "mnist", "keine"])
def test_unknown_data_are_refused_and_never_others(student: Path, name: str) -> None:
    change(student, 'data = "feder"', f'data = "{name}"')
    message = rf"data: expected one of the lab's \(feder, kleidung\) .*received '{name}'"
    with pytest.raises(NNBookError, match=message):
        Lab.read(student)


def test_an_experiment_without_data_is_refused(student: Path) -> None:
    change(student, 'data = "feder"\n', "")
    with pytest.raises(NNBookError, match=r"data: expected one of the lab's .*received none"):
        Lab.read(student)


def test_data_that_are_not_the_course_s_are_refused(student: Path) -> None:
    path = student / "definition" / "feder.csv"
    path.write_text(path.read_text("utf-8").replace("0.1", "0.2", 1), "utf-8")
    with pytest.raises(NNBookError, match=r"definition.toml: data.feder.sha256: expected"):
        Lab.read(student)


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "definition.toml",
            'number = "1.2"',
            'nummer = "1.2"',
            r"definition.toml: exercise.1.number: mis",
        ),
        (
            "definition.toml",
            'number = "1.2"',
            'number = "11"',
            "'1.1' and '11' are the same number",
        ),
        ("definition.toml", 'number = "1.2"', 'number = "1.1"', "exercise 1.1: is there twice"),
        ("definition.toml", "points = 4", 'points = "vier"', r"exercise.1.points: "),
        ("definition.toml", "points = 4", "points = -4", r"exercise.1.points: "),
        ("definition.toml", '"figure:fit"', '"figure:fitt"', r"exercise.0.needs.1: .*did you mean"),
        ("definition.toml", 'data = "feder"', 'data = "fader"', "rubric: no data 'fader', did you"),
        ("definition.toml", 'metric = "test_loss"\n', "", "rubric: value needs a metric"),
        ("definition.toml", "says = { de", "says = { en", "rubric: says: missing in de"),
        (
            "definition.toml",
            'languages = ["de"]',
            'languages = ["de", "fr"]',
            "fr/statements.md: missing|says: missing in fr",
        ),
        ("definition.toml", '"referenz.toml"', '"../referenz.toml"', "expected no file outside"),
        (
            "definition.toml",
            '"referenz.toml"',
            '"fehlt.toml"',
            "references: .*fehlt.toml is missing",
        ),
        (
            "definition.toml",
            '"feder.csv"',
            '"fehlt.csv"',
            r"data.feder.source: data file fehlt.csv",
        ),
        ("definition.toml", '"feder.csv"', '"/etc/hosts"', "data.feder.source: path: expected no"),
        ("definition.toml", '["kraft_n"]', '["kraft"]', r"data.feder.source|kraft"),
        ("definition.toml", "repetitions = 2", "repetitions = 0", "repetitions: "),
        ("de/statements.md", "# A3", "# A4", "statements.md: line 13: exercise 'A4'"),
        ("de/statements.md", "# 1.2", "# 1.1", "line 9: exercise '1.1': is there twice"),
        ("de/statements.md", "# A3 Softmax", "## A3 Softmax", "exercise 'A3' has no text"),
        ("referenz.toml", "epochs = 4", "epoch = 4", "referenz.toml: (.|\n)*did you mean 'epochs'"),
    ],
)
def test_a_definition_that_cannot_be_names_file_and_key(
    student: Path, file: str, old: str, new: str, message: str
) -> None:
    path = student / "definition" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(NNBookError, match=message):
        _ = Lab.read(student).results


def test_what_an_exercise_asks_for_is_a_finding(student: Path) -> None:
    answers = "# 1.1\n\nZu kurz.\n\n# 1.2\n\nOhne Bild.\n\n# A3\n\nGanz ohne eine Formel.\n"
    (student / "answers.md").write_text(answers, "utf-8")
    found = {str(finding) for finding in Report(student).check()}
    path = student / "answers.md"
    assert {
        f"unanswered: {path}: line 1: exercise 1.1 has 2 words, the lab asks for 8",
        f"required: {path}: line 1: exercise 1.1 asks for a table",
        f"required: {path}: line 1: exercise 1.1 asks for a figure:fit",
        f"required: {path}: line 5: exercise 1.2 asks for a figure:learning-curves",
        f"required: {path}: line 9: exercise A3 asks for a formula",
    } <= found


def test_another_language_is_a_file(student: Path) -> None:
    folder = student / "definition"
    shutil.move(folder / "de", folder / "nds")
    german = known_language("de")
    texts = {**german.texts, "contents": "Wat dor in steiht"}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in texts.items()]
    words = folder / "nds" / "words.toml"
    words.write_text('decimal = ","\ngroup = " "\n[texts]\n' + "\n".join(lines), "utf-8")
    for path in (folder / "definition.toml", student / "lab.toml"):
        text = path.read_text("utf-8").replace('"de"', '"nds"')
        path.write_text(re.sub(r"\{ de =", "{ nds =", text), "utf-8")
    assert "Wat dor in steiht" in text_of(Report(student).pdf())
    words.write_text(words.read_text("utf-8").replace("{title}", "{title.__class__}", 1), "utf-8")
    with pytest.raises(NNBookError, match=r"words.toml: \[texts\] settings_caption: expected the"):
        Lab.read(student)
