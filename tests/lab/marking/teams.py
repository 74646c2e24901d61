"""Thirty-six teams: honest ones, copies, forgeries of each kind, and broken files."""

import copy
import io
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter

from nnbook.lab import Report, manifest
from nnbook.schema import canonical_digest
from nnbook.training.spec import run_spec
from tests.lab.conftest import record_runs

Change = Callable[[Any], object]

SEEDS = {"feder": "seeds = 3\n[experiments.feder.base]", "kleidung": "seeds = 2\n[experiments"}


def write_team(new: Callable[[Path], None], folder: Path, team: str, first: int) -> None:
    """Write the lab of a team with its own seeds, and put its runs on record."""
    new(folder)
    path = folder / "lab.toml"
    text = path.read_text("utf-8").replace('team = "1"', f'team = "{team}"')
    text = text.replace("Ihr Name", f"Mitglied von {team}")
    text = text.replace("seeds = 3", f"seeds = {{first = {first}, count = 3}}")
    text = text.replace("seeds = 2", f"seeds = {{first = {first}, count = 2}}")
    path.write_text(text, "utf-8")
    answers = folder / "answers.md"
    said = answers.read_text("utf-8").replace("Einstellungen", f"Einstellungen von {team}")
    answers.write_text(said, "utf-8")
    record_runs(folder)


def with_manifest(pdf: bytes, content: Any) -> bytes:
    """Return a PDF with another manifest attached to it."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf)), import_outline=False)
    writer.add_attachment(manifest.NAME, json.dumps(content).encode())
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def manifest_of(pdf: bytes, tmp: Path) -> Any:
    """Return the manifest of a PDF."""
    path = tmp / "some.pdf"
    path.write_bytes(pdf)
    return json.loads(manifest.attached(path, pdf))


def forged(pdf: bytes, said: Any, change: Change, *, digest: bool = True) -> bytes:
    """Return a PDF whose manifest was changed, with the digest that then fits."""
    content = copy.deepcopy(said)
    change(content)
    if digest:
        rest = {key: value for key, value in content.items() if key != "digest"}
        content["digest"] = canonical_digest(rest)
    return with_manifest(pdf, content)


def first(content: Any) -> Any:
    return content["runs"][0]


def swap(content: Any) -> None:
    one, other = content["runs"][0], content["runs"][3]
    one["configuration"], other["configuration"] = other["configuration"], one["configuration"]


def respecified(content: Any, **changes: Any) -> None:
    """Give a run other settings, with the key that belongs to them."""
    run = first(content)
    spec = run_spec(run["spec"]).vary(**changes)
    run |= {"spec": spec.model_dump(mode="json"), "key": spec.key}


def other_libraries(content: Any, **final: float) -> None:
    for run in content["runs"]:
        run["versions"] = {**run["versions"], "keras": "2.9"}
    first(content)["final"].update(final)


MANIFESTS: dict[str, tuple[Change, str]] = {
    "value-better": (lambda c: first(c)["final"].update(test_loss=0.001), "other numbers|no table"),
    "value-huge": (lambda c: first(c)["final"].update(test_loss=1e6), "other numbers|no table"),
    "value-huge-elsewhere": (lambda c: other_libraries(c, test_loss=1e6), "did not come out"),
    "run-missing": (lambda c: c["runs"].pop(1), "no run of the seeds"),
    "run-empty": (lambda c: first(c).update(final={}), "the run is empty"),
    "run-twice": (lambda c: c["runs"].append(first(c)), "is there twice"),
    "run-misnamed": (swap, "those of another configuration"),
    "run-undeclared": (lambda c: c["declared"].pop(), "is not declared"),
    "no-runs": (lambda c: c.update(runs=[], declared=[]), "there is no run in it"),
    "other-settings": (lambda c: first(c)["spec"].update(epochs=7), "key does not belong"),
    "settings-and-key": (lambda c: respecified(c, epochs=7), "those of another configuration"),
    "diverged": (
        lambda c: first(c).update(status="diverged", final=None),
        "other numbers|no table|did not come out",
    ),
    "metric-added": (
        lambda c: first(c)["final"].update(penalty=0.1),
        "penalty in it, or in the others, only",
    ),
    "metric-left-out": (
        lambda c: first(c)["final"].pop("test_loss"),
        "test_loss in it, or in the others, only",
    ),
    "data-changed": (lambda c: first(c).update(data_sha256="0" * 64), "is not what the run was"),
    "team-renamed": (lambda c: c.update(team="anders"), "the team on the title page"),
    "author-added": (
        lambda c: c["authors"].append({"name": "Niemand", "matriculation": ""}),
        "an author of the manifest",
    ),
    "too-large": (
        lambda c: [
            run.update(
                spec=(spec := run_spec(run["spec"]).vary(epochs=10**7, batch_size=1)).model_dump(
                    mode="json"
                ),
                key=spec.key,
            )
            for run in c["runs"]
        ],
        "too large|not in the list",
    ),
    "signature-forged": (
        lambda c: first(c).update(signature="ab" * 32),
        "^1 run has a signature that is not the course's",
    ),
}
"""Forgeries of a manifest in a PDF: the change, and what the overview says of it."""


def twice(pdf: bytes) -> bytes:
    """Return a PDF with two manifests."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf)))
    for _ in range(2):
        writer.add_attachment(manifest.NAME, b"{}")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut-off": (lambda pdf: pdf[: len(pdf) // 2], "the PDF is damaged|expected one manifest"),
    "no-pdf": (lambda pdf: b"%PDF-1.7\n" + bytes(range(256)) * 20, "damaged|expected one manifest"),
    "empty": (lambda pdf: b"", "neither"),
    "text": (lambda pdf: b"our report", "neither"),
    "two-manifests": (twice, "expected one manifest.json attached to it, found 2"),
}
"""Files that are no reports."""


def edited_record(folder: Path, *, digest: bool) -> None:
    """Make a result in a lab's folder better, perhaps with the digest that belongs to it."""
    for path in sorted((folder / "results" / "objects").rglob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        if content["spec"]["data"] == "csv":
            content["final"]["test_loss"] *= 0.5
            if digest:
                rest = {key: value for key, value in content.items() if key != "digest"}
                content["digest"] = canonical_digest(rest)
            path.write_text(json.dumps(content), "utf-8")


def hand_in(new: Callable[[Path], None], folder: Path, tmp: Path) -> dict[str, str]:
    """Hand in for all teams, and return what the overview has to say, by team."""
    expected: dict[str, str] = {}
    for number, team in enumerate(("honest-1", "honest-2", "honest-3")):
        write_team(new, tmp / team, team, 10 * number)
        Report(tmp / team).write(folder / f"{team}.pdf")
        expected[team] = ""
    pdf = (folder / "honest-1.pdf").read_bytes()
    content = manifest_of(pdf, tmp)
    for name, (change, said) in MANIFESTS.items():
        (folder / f"{name}.pdf").write_bytes(forged(pdf, content, change))
        expected[name] = said
    (folder / "digest-kept.pdf").write_bytes(
        forged(pdf, content, lambda c: first(c)["final"].update(test_loss=0.001), digest=False)
    )
    expected["digest-kept"] = "was edited"
    for name, (broken, said) in FILES.items():
        (folder / f"{name}.pdf").write_bytes(broken(pdf))
        expected[name] = said
    for name, said in (
        ("folder-honest", ""),
        ("folder-forged", "did not come out"),
        ("folder-damaged", "truncated or was edited"),
        ("folder-linked", "expected no link"),
        ("folder-broken", "not a TOML file"),
        ("folder-copied", ""),
    ):
        write_team(new, tmp / name, name, 50)
        if name == "folder-copied":
            shutil.copytree(folder / "folder-honest", tmp / name, dirs_exist_ok=True)
            answers = tmp / name / "answers.md"
            text = answers.read_text("utf-8").replace("beiden", "zwei")
            answers.write_text(f"{text}\nGenauigkeit: 0,9987.\n", "utf-8")
        shutil.move(tmp / name, folder / name)
        expected[name] = said
    edited_record(folder / "folder-forged", digest=True)
    edited_record(folder / "folder-damaged", digest=False)
    (folder / "folder-broken" / "lab.toml").write_text("[lab\n", "utf-8")
    (folder / "folder-linked" / "answers.md").unlink()
    (folder / "folder-linked" / "answers.md").symlink_to("/etc/passwd")
    (folder / "copy.pdf").write_bytes((folder / "honest-2.pdf").read_bytes())
    expected["copy"] = ""
    (folder / "=cmd.pdf").write_bytes(pdf)
    (folder / "notes.txt").write_text("Abgabe per Mail", "utf-8")
    (folder / "linked.pdf").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.pdf")
    expected |= dict.fromkeys(("notes.txt", "linked", "pipe"), "this is neither")
    return expected


def key_of(name: str) -> str:
    """Return what a team is called in the overview, without what makes it unique."""
    return re.sub(r"-[0-9a-f]{6}$", "", name)
