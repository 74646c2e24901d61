"""Output that is closed, full, or read by somebody who has gone: nothing fails without a word."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnbook.experiments import experiment, plan

pytestmark = pytest.mark.thorough

WITHOUT_KERAS = """
import sys, types
import nnbook.training
from tests.experiments.outcomes import failing
from nnbook.cli import main
engine = types.SimpleNamespace(train=failing)
sys.modules["nnbook.training.engine"] = nnbook.training.engine = engine
sys.exit(main(sys.argv[1:]))
"""
"""The command line with trainings that take no time; those of seed 1 fail."""

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Carry out a command of a shell in which `nnbook` is as above."""
    return subprocess.run(
        ["bash", "-c", f'nnbook() {{ "$PYTHON" -c "$PROGRAM" "$@"; }}; set -o pipefail; {command}'],
        env={**os.environ, "PYTHON": sys.executable, "PROGRAM": WITHOUT_KERAS},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def states_of(file: Path) -> set[str]:
    return set(plan.states(experiment(str(file))).values())


@pytest.mark.parametrize(
    "redirected", ["2>&-", "1>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-", "2>&1 | head -c 1"]
)
def test_a_training_needs_nobody_who_watches(
    small_experiment: Path, results_folder: Path, redirected: str
) -> None:
    done = shell(f"nnbook run {small_experiment} {redirected}")
    assert done.returncode == 1, "seed 1 failed"
    assert "Traceback" not in done.stderr
    assert len(list(results_folder.rglob("*.json"))) == 4
    assert states_of(small_experiment) == {"recorded", "missing"}


@needs_full
@pytest.mark.parametrize("redirected", ["2>/dev/full", ">/dev/full", ">/dev/full 2>&1"])
def test_a_training_goes_on_where_its_messages_find_no_room(
    small_experiment: Path, results_folder: Path, redirected: str
) -> None:
    done = shell(f"nnbook run {small_experiment} {redirected}")
    assert done.returncode == 1
    assert done.stdout == ""
    assert states_of(small_experiment) == {"recorded", "missing"}


@pytest.mark.parametrize(
    "redirected", [pytest.param("2>/dev/full", marks=needs_full), "0<&- 1>&- 2>&-"]
)
def test_processes_that_nobody_watches_train_all_the_same(
    small_experiment: Path, results_folder: Path, redirected: str
) -> None:
    program = f"{sys.executable} -m tests.experiments.command"  # needs no Keras
    command = f"{program} run {small_experiment} --jobs 2 {redirected}"
    assert shell(command).returncode == 0
    assert states_of(small_experiment) == {"recorded"}


COMMANDS = [
    "--help",
    "run --help",
    "status eckerle4-sheet",
    "status eckerle4-sheet --json",
    "results eckerle4-sheet",
    "results eckerle4-sheet --csv",
    "claims what-to-report",
    "lab --help",
    "lab new {folder}/lab",
    "run {folder}/one.toml --quick",
]


@needs_full
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("redirected", "reason"),
    [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")],
)
def test_results_that_cannot_be_written_are_an_error_of_one_line(
    tmp_path: Path, small_experiment: Path, command: str, redirected: str, reason: str
) -> None:
    text = small_experiment.read_text("utf-8").replace("seeds = 3", "seeds = [0]")
    (tmp_path / "one.toml").write_text(text, "utf-8")
    done = shell(f"nnbook {command.format(folder=tmp_path)} {redirected}")
    assert done.returncode == 2
    *progress, last = done.stderr.splitlines()
    assert last == f"nnbook: the output cannot be written ({reason})"
    assert not progress or "--quick" in command


@pytest.mark.parametrize("command", ["results mnist-parameters --csv", "claims", "lab --help"])
def test_a_reader_may_stop_reading(command: str) -> None:
    done = shell(f"nnbook {command} | head -c 1")
    assert done.stderr == ""
    assert len(done.stdout) == 1
    assert done.returncode in (0, 141), "all was written, or the reader had gone"


def test_an_error_finds_no_room_either() -> None:
    for command in ("status no-such-experiment", "no-such-command"):
        for redirected in ("2>&-", "2>/dev/full"):
            done = shell(f"nnbook {command} {redirected}")
            assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_files_do_not_take_the_place_of_closed_streams(
    small_experiment: Path, results_folder: Path
) -> None:
    done = shell(
        "PROGRAM='import os, sys; from nnbook import streams; streams.prepare()\n"
        'new = open(sys.argv[1]); assert new.fileno() > 2; os.write(2, b"lost")\'\n'
        f"nnbook {small_experiment} 0<&- 1>&- 2>&-"
    )
    assert done.returncode == 0


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_what_an_encoding_lacks_is_written_as_its_number(encoding: str) -> None:
    made = shell(f"PYTHONIOENCODING={encoding} nnbook claims momentum | iconv -f cp1252 -t utf-8")
    assert made.returncode == 0, made.stderr
    assert r"\u2212" in made.stdout
    failed = shell(f"PYTHONIOENCODING={encoding} nnbook status 中")
    assert failed.stderr.startswith(r"nnbook: unknown experiment '\u4e2d'"), failed.stderr


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        (r"\x1b[2J", r"\x1b[2J"),
        (r"a\rb", r"a\x0db"),
        (r"\u009b", r"\x9b"),
        (r"\u202e", r"\u202e"),
    ],
)
def test_a_name_gives_a_terminal_no_commands(character: str, shown: str) -> None:
    made = shell(f"PYTHONIOENCODING=utf-8 nnbook lab check $'{character}'")
    assert made.returncode == 2
    assert made.stderr.startswith(f"nnbook: {shown}: no lab here"), repr(made.stderr)
