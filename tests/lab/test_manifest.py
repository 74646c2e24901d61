import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nnbook.errors import LabError
from nnbook.experiments import experiment
from nnbook.lab import manifest
from nnbook.lab.confined import Limits
from nnbook.lab.folder import Lab
from nnbook.lab.manifest import Run
from nnbook.training.spec import RunSpec, run_spec
from tests.lab.test_folder import change


@pytest.fixture(scope="module")
def runs(report: Path) -> list[Run]:
    return manifest.read(report).runs


@pytest.fixture
def edited(recorded: Path, tmp_path: Path) -> Callable[[Callable[[Any], object]], Path]:
    """Return a function that writes a manifest which was changed, with the digest that fits."""

    def write(change: Callable[[Any], object]) -> Path:
        content = json.loads(manifest.text(Lab.read(recorded)))
        change(content)
        content["digest"] = manifest._digest(content)
        path = tmp_path / "manifest.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def test_a_report_carries_every_run(report: Path, recorded: Path) -> None:
    read = manifest.read(report)
    assert len(read.runs) == 10 and not read.missing
    record = Lab.read(recorded).results["eckerle4-a"].records[0]
    assert read.runs[0].spec.key == record.key
    assert read.runs[0].final == record.content["final"]


def test_the_manifest_alone_does_as_well(report: Path, recorded: Path, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(manifest.text(Lab.read(recorded)), encoding="utf-8")
    assert manifest.read(path) == manifest.read(report)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content["runs"][0]["final"].update(test_loss=0.0001), "was edited"),
        (lambda content: content.update(format=99), "another format"),
        (lambda content: content.pop("runs"), "was edited"),
    ],
)
def test_a_manifest_that_was_edited_is_refused(
    recorded: Path, tmp_path: Path, change: Callable[[Any], object], message: str
) -> None:
    content = json.loads(manifest.text(Lab.read(recorded)))
    change(content)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(LabError, match=message):
        manifest.read(path)


def test_a_data_file_that_changed_is_named(
    edited: Callable[[Callable[[Any], object]], Path], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path))
    data = tmp_path / "sizes.csv"
    data.write_text("width,height\n" + "1,2\n2,3\n" * 20, encoding="utf-8")
    table = {"name": "csv", "path": str(data), "columns": ["width"], "target": "height"}

    def on_own_data(content: Any) -> None:
        spec = run_spec(content["runs"][0]["spec"])
        spec = spec.vary(data=table, training_fraction=0.5, batch_size=2)
        content["runs"][0] |= {
            "spec": spec.model_dump(mode="json"),
            "key": spec.key,
            "data_sha256": spec.data.digest,
        }
        del content["runs"][1:]

    path = edited(on_own_data)
    assert manifest.read(path).runs[0].spec.data.name == "csv"
    data.write_text("width,height\n" + "1,2\n2,4\n" * 20, encoding="utf-8")
    with pytest.raises(LabError, match=r"sizes\.csv is not what the run was trained on"):
        manifest.read(path)


def test_a_run_under_another_name_is_refused(
    edited: Callable[[Callable[[Any], object]], Path],
) -> None:
    def swap(content: Any) -> None:
        one, other = content["runs"][0], content["runs"][5]
        assert one["configuration"] != other["configuration"] and one["seed"] == other["seed"]
        one["configuration"], other["configuration"] = other["configuration"], one["configuration"]

    with pytest.raises(LabError, match="its settings are those of another configuration"):
        manifest.read(edited(swap))


def test_authors_and_team_are_in_it(report: Path) -> None:
    named = manifest.read(report).named
    assert named.team == "1" and named.authors[0]["name"] == "Your Name"
    assert named.definition["name"] == "lab4" and len(named.definition["digest"]) == 64


def first(content: Any) -> Any:
    return content["runs"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: first(c)["spec"].update(epochs=7), "key does not belong"),
        (lambda c: first(c).update(seed=1), "is there twice"),
        (lambda c: c["runs"].append(first(c)), "seed 0 is there twice"),
        (lambda c: c["declared"].pop(0), "eckerle4-a: the run of seed 0 is not declared"),
        (lambda c: first(c).update(configuration="other"), "other: .* is not declared"),
        (lambda c: first(c).update(final=None), "contradicts itself"),
        (lambda c: first(c).update(final={}), "the run is empty"),
        (lambda c: c.pop("authors"), "this is neither"),
        (lambda c: first(c).update(status="diverged"), "contradicts itself"),
        (lambda c: first(c)["final"].update(test_loss="0.1"), "this is neither"),
        (lambda c: first(c)["final"].update(test_loss=10**400), "this is neither"),
        (lambda c: first(c)["final"].update(test_loss=1e308), "this is neither"),
        (lambda c: first(c).update(seconds=-1e308), "this is neither"),
        (lambda c: first(c).update(final=[]), "this is neither"),
        (lambda c: first(c).update(final=0), "this is neither"),
        (lambda c: first(c).pop("versions"), "this is neither"),
        (lambda c: first(c).update(more=1), "this is neither"),
        (lambda c: c.update(runs={"a": 1}), "this is neither"),
        (lambda c: c.pop("declared"), "this is neither"),
    ],
)
def test_what_contradicts_itself_is_refused(
    edited: Callable[[Any], Path], change: Callable[[Any], object], message: str
) -> None:
    path = edited(change)
    with pytest.raises(LabError, match=message):
        manifest.read(path)


def test_runs_that_were_left_out_are_named(edited: Callable[[Any], Path]) -> None:
    read = manifest.read(edited(lambda content: content["runs"].__delitem__(slice(1, 3))))
    assert len(read.runs) == 8
    assert read.missing == {"eckerle4-a": [1, 2]}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 10**7, "batch_size": 1}, "at most 1e\\+08 steps, .*--large repeats it"),
        ({"hidden_layers": (10**4,) * 3}, "at most 1e\\+08 weights, received 2e\\+08"),
        ({"hidden_layers": (1,) * 300}, "at most 200 hidden layers, received 300"),
        ({"hidden_layers": (5000, 5000), "epochs": 10**6}, "products, received"),
        ({"epochs": 10**6, "batch_size": 1, "continued": (0.1,) * 9}, "steps, received"),
    ],
)
def test_runs_that_would_take_for_ever_are_refused(
    runs: list[Run], settings: dict[str, Any], message: str
) -> None:
    content = runs[0].spec.model_dump() | settings
    run = replace(runs[0], spec=RunSpec.model_validate(content))
    with pytest.raises(LabError, match=message):
        manifest.refuse_large(run)


def test_no_run_of_the_book_is_too_large(runs: list[Run]) -> None:
    for name in ("mnist-best", "mnist-parameters", "eckerle4-sheet"):
        for configuration in experiment(name).configurations.values():
            spec = configuration.run(configuration.seeds[0])
            manifest.refuse_large(replace(runs[0], spec=spec))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7\nbroken", "damaged"),
        (b"{}", "this is neither"),
        (b"[1, 2]", "this is neither"),
        (b"[" * 100000, "this is neither"),
        (b'{"format": ' + b"1" * 5000 + b"}", "this is neither"),
        (b"\xff\x00", "this is neither"),
        (b"", "this is neither"),
    ],
)
def test_other_files_are_refused(
    tmp_path: Path, content: bytes, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    with pytest.raises(LabError, match=message):
        manifest.read(path)
    assert not caplog.records, "the one line of the error says it all"


def test_a_pdf_that_takes_for_ever_to_read_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "LIMITS", Limits(1, 2**31, 2**20))
    objects = b"".join(b"%d 0 obj\n<<>>\nendobj\n" % number for number in range(1, 400_000))
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF-1.7\n" + objects + b"trailer<</Root 1 0 R>>")
    with pytest.raises(LabError, match=r"report\.pdf: the PDF cannot be read: it needs more time"):
        manifest.read(path)


def test_a_lab_with_a_network_of_many_gigabytes_is_refused(lab: Path) -> None:
    change(lab, "hidden_layers = [8]", "hidden_layers = [10000, 10000, 10000]")
    with pytest.raises(LabError, match=r"eckerle4-a: the network is too large: .* 1e\+08 weights"):
        manifest.refuse_large_networks(Lab.read(lab))


@pytest.mark.parametrize("attached", [0, 2])
def test_a_pdf_without_its_manifest_is_refused(tmp_path: Path, attached: int) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for _ in range(attached):
        writer.add_attachment("manifest.json", b"{}")
    writer.write(tmp_path / "other.pdf")
    with pytest.raises(
        LabError, match=rf"expected one manifest\.json .* found {attached or 'none'}"
    ):
        manifest.read(tmp_path / "other.pdf")


def test_no_e_mail_address_is_in_the_manifest(recorded: Path) -> None:
    assert "@" not in manifest.text(Lab.read(recorded))
