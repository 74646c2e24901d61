"""Labs that are changed to see what the commands make of them."""

import json
import random
import shutil
import tomllib
from pathlib import Path

import pytest

from benchmarks import mutated, mutations


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
