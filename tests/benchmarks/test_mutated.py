"""Labs that are changed to see what the commands make of them."""

import json
import random
import shutil
import tomllib
from pathlib import Path

import pytest
from pypdf import PdfWriter

from benchmarks import copied, mutated, mutations

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("is_wild", [False, True])
def test_changed_labs_can_still_be_parsed(tmp_path: Path, is_wild: bool) -> None:
    refused, texts = 0, set()
    for number in range(60):
        folder = tmp_path / str(number)
        shutil.copytree(mutations.EXAMPLE, folder, ignore=shutil.ignore_patterns("results"))
        chance = random.Random(number)
        for _ in range(4):
            mutated.mutate(folder, chance, is_wild=is_wild)
        (folder / "answers.md").read_text("utf-8")
        texts.add("".join((folder / name).read_text("utf-8") for name in mutations.TEXTS))
        try:
            tomllib.loads((folder / "lab.toml").read_text("utf-8"))
            tomllib.loads((folder / "step.toml").read_text("utf-8"))
        except tomllib.TOMLDecodeError:
            refused += 1
    assert len(texts) == 60
    # A key that is there twice is no TOML; only wild changes write one.
    assert refused <= (20 if is_wild else 0)


def test_what_is_in_the_log_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[str] = []

    def try_lab(name: str, place: Path, chance: random.Random) -> mutations.Tried:
        tried.append(name)
        faults = ["Traceback"] if name.endswith("1") else []
        return mutations.Tried(name, ["parsed", "refused"], "lab.toml: no", faults)

    monkeypatch.setattr(mutations, "_try_lab", try_lab)
    log = tmp_path / "log.jsonl"
    assert mutations.main(1, 0, 7, log)
    assert not mutations.main(3, 0, 7, log)
    assert tried == ["lab 7 0", "lab 7 1", "lab 7 2"]
    assert len([json.loads(line) for line in log.read_text("utf-8").splitlines()]) == 3
    said = capsys.readouterr().out
    assert "3 labs: 3 parsed, 3 refused" in said and "lab 7 1: Traceback" in said


@pytest.mark.parametrize(
    ("statuses", "said", "faults"),
    [
        ({"check": 0, "report": 0}, "", []),
        ({"check": 1, "report": 0}, "", []),
        ({"check": 2, "report": 2}, "nnbook: {folder}/lab.toml: lab: missing", []),
        (
            {"check": 2, "report": 2},
            "nnbook: the report cannot be set",
            ["it does not say where"] * 2,
        ),
        (
            {"check": 0, "report": 2},
            "nnbook: {folder}/answers.md: no",
            ["it refuses what `check` reads"],
        ),
        (
            {"check": 1, "report": 2},
            "nnbook: no",
            ["it refuses what `check` reads", "it does not say where"],
        ),
        (
            {"check": 2, "report": 0},
            "nnbook: {folder}/answers.md: no",
            ["it refuses what `report` sets"],
        ),
    ],
)
def test_check_and_report_refuse_the_same_and_say_where(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    statuses: dict[str, int],
    said: str,
    faults: list[str],
) -> None:
    def run(arguments: list[str], seconds: float) -> copied.Ended:
        _, command, folder = arguments
        status = statuses[command]
        if command == "report" and status == 0:
            writer = PdfWriter()
            writer.add_blank_page(9, 9)
            writer.write(Path(folder) / "report.pdf")
        errors = said.format(folder=folder) if status == 2 else ""
        return copied.Ended(status, b"", errors.encode())

    monkeypatch.setattr(copied, "run", run)
    tried = mutations._try_lab("lab 1 1", tmp_path, random.Random(1))
    found = [fault.partition(": ")[2] for fault in tried.faults]
    assert sorted(found) == sorted(faults)


def test_a_change_goes_through_no_link_to_what_is_outside(tmp_path: Path) -> None:
    outside = tmp_path / "mine.txt"
    outside.write_text("mine", "utf-8")
    folder = tmp_path / "lab"
    folder.mkdir()
    for name, link in zip(
        mutations.TEXTS, ("hardlink_to", "symlink_to", "hardlink_to"), strict=True
    ):
        getattr(folder / name, link)(outside)
    for number in range(30):
        mutations._mutate_text(folder, tmp_path, random.Random(number))
    assert outside.read_text("utf-8") == "mine"
