import json
from dataclasses import replace
from pathlib import Path

import pytest

from nnbook.errors import LabError
from nnbook.lab import Report, manifest
from nnbook.lab.folder import Lab
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec
from tests.lab.conftest import trained


@pytest.fixture
def report(lab: Path) -> Path:
    return Report(lab).write()


def worse(spec: RunSpec) -> Outcome:
    outcome = trained(spec)
    assert outcome.final
    return replace(outcome, final={key: 1.01 * value for key, value in outcome.final.items()})


def wrong(spec: RunSpec) -> Outcome:
    return replace(trained(spec), final={"training_loss": 0.9, "test_loss": 0.9})


def diverged(spec: RunSpec) -> Outcome:
    return replace(trained(spec), diverged_at=(1, 2))


def test_a_report_carries_every_run(report: Path, lab: Path) -> None:
    runs = manifest.read(report)
    assert len(runs) == 10
    record = Lab.read(lab).results["eckerle4-a"].records[0]
    assert runs[0].spec.key == record.key and runs[0].final == record.content["final"]


def test_the_manifest_alone_does_as_well(report: Path, lab: Path, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(manifest.text(Lab.read(lab)), encoding="utf-8")
    assert manifest.read(path) == manifest.read(report)


@pytest.mark.parametrize(
    ("train", "verdict"),
    [(trained, "identical"), (worse, "close"), (wrong, "different"), (diverged, "different")],
)
def test_a_repeated_run_is_compared(report: Path, train: object, verdict: str) -> None:
    runs = manifest.read(report)
    found = manifest.verify(runs[0], runs, train)  # type: ignore[arg-type]
    assert {line.verdict for line in found} == {verdict}


def test_a_sample_is_always_the_same(report: Path) -> None:
    runs = manifest.read(report)
    assert manifest.sample(runs, 3) == manifest.sample(runs, 3)
    assert len(manifest.sample(runs, 3)) == 3
    assert manifest.sample(runs, 99) == runs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content["runs"][0]["final"].update(test_loss=0.0001), "was edited"),
        (lambda content: content.update(format=99), "another format"),
        (lambda content: content.pop("runs"), "was edited"),
    ],
)
def test_a_manifest_that_was_edited_is_refused(
    lab: Path, tmp_path: Path, change: object, message: str
) -> None:
    content = json.loads(manifest.text(Lab.read(lab)))
    change(content)  # type: ignore[operator]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(LabError, match=message):
        manifest.read(path)


def test_settings_that_do_not_belong_to_their_key_are_refused(lab: Path, tmp_path: Path) -> None:
    content = json.loads(manifest.text(Lab.read(lab)))
    content["runs"][0]["spec"]["epochs"] += 1
    content["digest"] = manifest._digest(content)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(LabError, match="key does not belong"):
        manifest.read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7\nbroken", "damaged"),
        (b"{}", "this is neither"),
        (b"[1, 2]", "this is neither"),
        (b"\xff\x00", "this is neither"),
        (b"", "this is neither"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(content)
    with pytest.raises(LabError, match=message):
        manifest.read(path)


def test_a_pdf_without_manifest_is_refused(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(tmp_path / "other.pdf")
    with pytest.raises(LabError, match=r"no manifest\.json is attached"):
        manifest.read(tmp_path / "other.pdf")


def test_no_e_mail_address_is_in_the_manifest(lab: Path) -> None:
    assert "@" not in manifest.text(Lab.read(lab))
