import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nnbook.cli import main
from nnbook.lab import manifest, signing
from nnbook.lab.folder import Lab
from tests.lab.conftest import record_runs, trained
from tests.lab.test_folder import change

STEPS = ("new", "run", "check", "report", "verify", "mark")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NNBOOK_RECORDED_ONLY", raising=False)
    monkeypatch.setattr("nnbook.training.engine.train", trained)
    assert main(["lab", "new", str(tmp_path / "lab")]) == 0
    return tmp_path / "lab"


@pytest.mark.parametrize("step", STEPS)
def test_help_has_an_example(step: str) -> None:
    output = subprocess.run(
        [sys.executable, "-m", "nnbook.cli", "lab", step, "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"example: nnbook lab {step} " in " ".join(output.split())


def test_from_a_new_folder_to_a_report_and_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["lab", "run", str(folder)]) == 0
    assert "eckerle4: 10 missing; 10 to run" in capsys.readouterr().err
    assert main(["lab", "run", str(folder)]) == 0
    assert "10 recorded; 0 to run" in capsys.readouterr().err

    assert main(["lab", "check", str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(re.match(r"unanswered: .*answers\.md: line \d+: exercise 1a$", s) for s in lines)

    assert main(["lab", "report", str(folder), "-o", str(folder / "our report.pdf")]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{folder / 'our report.pdf'}\n"
    assert re.search(r"not complete yet: `nnbook lab check .*` has \d+ findings", captured.err)
    assert (folder / "our report.pdf").read_bytes().startswith(b"%PDF-1.7")

    assert main(["lab", "verify", str(folder / "our report.pdf"), "--sample", "2"]) == 0
    captured = capsys.readouterr()
    assert "10 runs, 2 of them are repeated" in captured.err
    assert captured.out.count("identical") == 4
    [seed] = re.findall(r"repeated \(--seed (\d+)\)", captured.err)
    arguments = ["lab", "verify", str(folder / "our report.pdf"), "--sample", "2", "--seed", seed]
    assert main(arguments) == 0
    assert capsys.readouterr().out == captured.out


def test_nothing_is_missing_from_the_worked_example(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[2] / "examples" / "lab4"
    assert main(["lab", "check", str(example)]) == 0
    assert capsys.readouterr().out == "nothing is missing\n"


def test_quick_keeps_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "run", str(folder), "--quick"]) == 0
    assert "eckerle4-b" in capsys.readouterr().out
    assert not (folder / "results").exists()


def test_runs_are_signed_that_were_made_with_the_key(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key"
    assert main(["lab", "run", str(folder), "--key", str(key)]) == 2
    assert "no such key; make one" in capsys.readouterr().err
    key.write_text("short")
    assert main(["lab", "run", str(folder), "--key", str(key)]) == 2
    key.write_text("a secret of the course" * 2)
    assert main(["lab", "run", str(folder)]) == 0
    runs = [job.path for job in Lab.read(folder).states]
    runs[0].unlink()
    assert main(["lab", "run", str(folder), "--key", str(key)]) == 0
    entries = json.loads(manifest.text(Lab.read(folder)))["runs"]
    secret = signing.read_key(key)
    assert [signing.is_signed(entry, secret) for entry in entries] == [True] + [False] * 9
    assert not signing.is_signed(entries[0], b"another" * 9)
    assert not signing.is_signed({**entries[0], "final": {"test_loss": 0.0}}, secret)


def test_a_run_is_found_by_its_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record_runs(folder)
    assert main(["lab", "report", str(folder)]) == 0
    report = str(folder / "report.pdf")
    assert main(["lab", "verify", report, "--sample", "1"]) == 0
    key = re.search(r"key (\w+)", capsys.readouterr().out)
    assert key
    assert main(["lab", "verify", report, "--run", key[1]]) == 0
    assert main(["lab", "verify", report, "--run", "zzz"]) == 2


def test_what_was_not_measured_again_fails(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(manifest.text(Lab.read(recorded)))
    for run in content["runs"]:
        run["final"] = {f"best_{name}": 0.001 for name in run["final"]}
    content["digest"] = manifest._digest(content)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nnbook.training.engine.train", trained)
        assert main(["lab", "verify", str(path)]) == 1
    assert re.search(
        r"best_test_loss +reported 0.001 +repeated nan +different", capsys.readouterr().out
    )


def test_runs_that_are_left_out_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record_runs(folder)
    declared = {str(job): job.path for job in Lab.read(folder).states}
    declared["eckerle4-b, seed 3"].unlink()
    assert main(["lab", "report", str(folder)]) == 0
    capsys.readouterr()
    assert main(["lab", "verify", str(folder / "report.pdf")]) == 1
    assert "eckerle4-b: 1 declared runs are not in the report (seed 3)" in capsys.readouterr().out


def test_large_runs_are_repeated_only_if_one_insists(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, "epochs = 500\nbatch_size = 7", f"epochs = {10**7}\nbatch_size = 1")
    record_runs(folder)
    path = tmp_path / "manifest.json"
    path.write_text(manifest.text(Lab.read(folder)), encoding="utf-8")
    assert main(["lab", "verify", str(path)]) == 2
    assert "too large to be repeated" in capsys.readouterr().err
    assert main(["lab", "verify", str(path), "--large"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["new", "{folder}"],
        ["run", "{folder}/nothing"],
        ["check", "{folder}/nothing"],
        ["report", "{folder}", "-o", "{folder}/no/such/folder.pdf"],
        ["verify", "{folder}/lab.toml"],
        ["verify", "{folder}/nothing.pdf"],
        ["verify", "{folder}"],
    ],
)
def test_bad_input_is_one_message(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    capsys.readouterr()
    assert main(["lab", *(argument.format(folder=folder) for argument in arguments)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1 and captured.err.startswith("nnbook: ")


def test_bad_settings_are_one_message(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, 'team = "1"', "team = 1\nteam = 2")
    capsys.readouterr()
    for step in ("run", "check", "report"):
        assert main(["lab", step, str(folder)]) == 2
        assert re.match(r"nnbook: .*lab.toml: not a TOML file: .*line 7", capsys.readouterr().err)


@pytest.mark.parametrize("there", [True, False])
def test_no_output_is_written_through_a_link(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], there: bool
) -> None:
    other = tmp_path / "thesis.pdf"
    if there:
        other.write_bytes(b"mine")
    (tmp_path / "out.pdf").symlink_to(other)
    assert main(["lab", "report", str(folder), "-o", str(tmp_path / "out.pdf")]) == 2
    assert "expected a file or nothing there; this is a link" in capsys.readouterr().err
    assert (other.read_bytes() == b"mine") if there else not other.exists()
