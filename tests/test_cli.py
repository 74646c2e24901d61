import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from nnbook.cli import main, parser
from nnbook.experiments import experiment, experiment_names, plan, recorded
from nnbook.experiments.store import State
from nnbook.training import datasets
from tests.experiments.outcomes import diverging, failing, quick, record_of

COMMANDS = ("run", "status", "results", "claims", "lab")


@pytest.fixture
def trained(small_experiment: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("nnbook.training.engine.train", diverging)
    assert main(["run", str(small_experiment)]) == 0
    return small_experiment


def test_help_says_what_each_command_does_with_an_example() -> None:
    text = parser().format_help()
    for command in COMMANDS:
        assert re.search(rf"^  nnbook {command} .*  +\w+", text, re.MULTILINE)
        output = subprocess.run(
            [sys.executable, "-m", "nnbook.cli", command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert f"example: nnbook {command} " in " ".join(output.split())


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys\nfrom nnbook.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'keras', 'tensorflow', 'pandas', 'scipy', 'matplotlib', 'sympy', 'joblib',"
        " 'numpy', 'pydantic'}\n"
        "print('loaded', sorted(heavy & set(sys.modules)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "loaded []" in output.stdout


def test_run_records_and_a_second_run_has_nothing_to_do(
    small_experiment: Path,
    results_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nnbook.training.engine.train", diverging)
    assert main(["run", str(small_experiment)]) == 0
    place, before, after = capsys.readouterr().err.splitlines()
    assert place == f"small: results go to {results_folder}"
    assert before == "small: 6 missing; 6 to run"
    assert re.fullmatch(r"\d\d:\d\d:\d\d 6 runs in 00:\d\d", after)
    monkeypatch.setattr("nnbook.training.engine.train", failing)
    assert main(["run", str(small_experiment)]) == 0
    captured = capsys.readouterr()
    assert captured.err.endswith("\nsmall: 2 diverged, 4 recorded; 0 to run\n")
    assert captured.out == ""


def test_status_counts(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", str(trained)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "experiment   recorded   diverged    missing      stale    damaged incomplete",
        "small               4          2          0          0          0          0",
    ]
    assert main(["status", str(trained), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "small": {
            "recorded": 4,
            "diverged": 2,
            "missing": 0,
            "stale": 0,
            "damaged": 0,
            "incomplete": 0,
        }
    }


def test_status_without_a_name_is_of_all_experiments_with_their_total(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["status", "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert list(counts) == experiment_names()
    assert counts["eckerle4-sheet"]["recorded"] == 60
    assert main(["status"]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    sums = [sum(count[state] for count in counts.values()) for state in get_args(State)]
    assert last.split() == ["total", *map(str, sums)]


def test_repetitions_go_on_after_the_files_own_and_leave_these_alone(
    trained: Path, results_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["run", str(trained), "--repetitions", "5"]) == 0
    assert "2 diverged, 4 missing, 4 recorded; 4 to run" in capsys.readouterr().err
    assert all(record_of(trained, "three", seed).is_file() for seed in range(3))
    assert len(list(results_folder.rglob("*.json"))) == 10
    assert main(["run", str(trained), "--repetitions", "2"]) == 0
    assert "2 diverged, 2 recorded; 0 to run" in capsys.readouterr().err
    assert main(["status", str(trained), "--json"]) == 0
    assert sum(json.loads(capsys.readouterr().out)["small"].values()) == 6
    assert main(["results", str(trained), "--json"]) == 0
    assert {row["n"] for row in json.loads(capsys.readouterr().out)} == {2}


def test_quick_trains_in_little_prints_the_table_and_keeps_nothing(
    small_experiment: Path,
    results_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []

    def train(spec: Any, progress: Any = None, *, optimized: bool = True) -> Any:
        made.append((spec.epochs, spec.seed, optimized))
        return quick(spec)

    monkeypatch.setattr("nnbook.training.engine.train", train)
    assert main(["run", str(small_experiment), "--quick"]) == 0
    assert made == [(2, 0, False), (2, 0, False)]
    captured = capsys.readouterr()
    title, header, _, *rows = captured.out.rstrip().splitlines()
    assert title == "small:"
    assert header.split() == ["metric", "training", "loss", "test", "loss"]
    assert [row.split() for row in rows] == [
        ["batch_size-8", "0.333", "0.333"],
        ["three", "0.333", "0.333"],
    ]
    assert captured.err.startswith("quick: 1 repetition, at most 2 epochs, scikit-learn's digits ")
    assert not results_folder.exists()


def test_quick_shows_that_an_experiment_on_mnist_works_without_mnist(
    tmp_path: Path,
    results_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nnbook.training.datasets.mnist_data.mnist", failing)
    path = tmp_path / "images.toml"
    path.write_text(
        'title = ""\nquestion = ""\nseeds = 3\n[base]\ndata = "mnist"\nhidden_layers = [30]\n'
        'loss = "categorical_cross_entropy"\nlearning_rate = 0.1\nepochs = 90\n'
        'batch_size = 5000\n[[configuration]]\nname = "plain"\n'
        '[[configuration]]\nname = "penalized"\nl2 = 1e-3\n',
        encoding="utf-8",
    )
    assert main(["run", str(path), "--quick"]) == 0
    header, _, penalized, plain = capsys.readouterr().out.splitlines()[1:5]
    columns = re.split(r" (?=training|validation|test|running|penalty)", header)
    assert {"validation accuracy (%)", "test accuracy (%)", "penalty"} < {
        c.strip() for c in columns
    }
    assert "–" not in penalized and plain.count("–") == 1
    end = header.index("penalty") + len("penalty")
    assert plain[:end].endswith("–"), "in the column of the penalty"
    assert not results_folder.exists()


OWN_TABLE = "width,height,kind\n" + "".join(
    f"{i % 7},{i % 5},{'large' if i % 7 + i % 5 > 5 else 'small'}\n" for i in range(70)
)
OWN_EXPERIMENT = """
title = "Sizes"
question = "Can sizes be told?"
seeds = 2
split = "seed"
[base]
data = {name = "csv", path = "sizes.csv", columns = ["width", "height"], target = "kind",
        kind = "classes"}
loss = "categorical_cross_entropy"
hidden_layers = [6, 6]
optimizer = {name = "adam", learning_rate = 0.05, beta_2 = 0.99}
early_stopping = {patience = 3}
epochs = 60
batch_size = 10
[[configuration]]
name = "plain"
[[configuration]]
name = "residual"
shortcuts = 1
normalization = "layer"
[[configuration]]
name = "height"
"data.target" = "height"
"data.columns" = ["width"]
"""


def test_a_table_of_ones_own_is_trained_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "sizes.csv").write_text(OWN_TABLE, encoding="utf-8")
    path = folder / "sizes.toml"
    path.write_text(OWN_EXPERIMENT.replace("\n        kind", " kind"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(path)]) == 0
    assert main(["status", str(path)]) == 0
    assert capsys.readouterr().out.split()[-7:] == ["sizes", "6", *"00000"]
    results = recorded(experiment(str(path)))
    for runs in results.values():
        for seed, record in runs.records.items():
            assert record.spec.split == seed
            assert record.content["last_epoch"] == record.content["history"]["epoch"][-1] <= 60
    assert main(["results", str(path)]) == 0
    assert {"best epoch", "last epoch"} <= set(re.split(r"\s{2,}", capsys.readouterr().out))
    accuracies = {name: runs.final("test_accuracy").mean() for name, runs in results.items()}
    assert accuracies["plain"] > 0.9
    assert accuracies["height"] < 0.5
    # Where the file lies is not on record, and what was trained is found without it.
    (folder / "sizes.csv").rename(tmp_path / "sizes.csv")
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path))
    capsys.readouterr()
    assert main(["status", str(path)]) == 0
    assert capsys.readouterr().out.split()[-7:] == ["sizes", "6", *"00000"]
    written = "".join(file.read_text("utf-8") for file in folder.rglob("*.json"))
    assert '"sizes.csv"' in written
    assert str(tmp_path) not in written


def test_a_quick_run_that_fails_gets_status_1_and_no_table(
    small_experiment: Path,
    results_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(spec: Any, progress: Any = None, **options: Any) -> Any:
        raise MemoryError("no room")

    monkeypatch.setattr("nnbook.training.engine.train", never)
    assert main(["run", str(small_experiment), "--quick"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("failed: MemoryError: no room") == 2


def test_results_are_a_table_csv_or_json(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["results", str(trained)]) == 0
    output = capsys.readouterr().out
    assert re.search(r"n +mean +sd +95 % interval .* diverged\n", output)
    assert re.search(r"three +training loss +2 .* 1\n +test loss +2 .* 1\n", output)
    assert main(["results", str(trained), "--csv"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.startswith("configuration,metric,n,mean,sd,ci_low,ci_high,")
    assert len(lines) == 4
    assert main(["results", str(trained), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    row = next(
        row for row in rows if (row["configuration"], row["metric"]) == ("three", "test_loss")
    )
    assert row["n"] == 2
    assert row["diverged"] == 1
    assert row["mean"] == pytest.approx((1 / 6 + 1 / 8) / 2, rel=1e-6)


def test_claims_are_shown_with_their_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", "what-to-report"]) == 0
    shown = capsys.readouterr().out
    assert "what-to-report-mixture: holds\nThe chain of ReLU units" in shown
    assert "  mean ? 0.3: undecided: " in shown
    assert "by Holm in a family of" in shown
    assert main(["claims", "what-to-report-loss", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["claims"]) == ["what-to-report-loss"]
    text = '[too-bold]\nsays = "It is {x}."\nholds = ["x > 1"]\n'
    (tmp_path / "own.toml").write_text(
        text + 'x = { runs = "mnist-linear/learning_rate-0.03", metric = "test_accuracy" }\n'
    )
    monkeypatch.setattr("nnbook.evidence.claims.CLAIMS", tmp_path)
    assert main(["claims"]) == 1
    shown = capsys.readouterr().out
    assert "too-bold: DOES NOT HOLD" in shown
    assert "  ! x > 1 does not hold: not shown to be above 1: 92.2" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "eckerle4-shet"], "unknown experiment 'eckerle4-shet', did you mean 'eckerle4-s"),
        (
            ["results", "{small}"],
            "of 3 runs of 'three' are not on record; run: nnbook run {small}",
        ),
        (["run", "{small}", "--scheduler", "here"], "expected an address such as tcp://localhost"),
        (["status", "{broken}"], "unknown key 'bach_size', did you mean 'batch_size'?"),
        (["claims", "momentun"], "no file of claims 'momentun', did you mean 'momentum'?"),
    ],
)
def test_bad_input_gets_status_2_and_one_message(
    arguments: list[str],
    message: str,
    small_experiment: Path,
    results_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = small_experiment.with_name("broken.toml")
    text = small_experiment.read_text(encoding="utf-8")
    broken.write_text(text.replace("batch_size = 21", "batch_size = 21\nbach_size = 3"))
    places = {"small": small_experiment, "broken": broken}
    assert main([argument.format(**places) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("nnbook: ") == 1
    assert message.format(**places) in captured.err
    assert "Traceback" not in captured.err


def test_an_unwritable_folder_gets_status_2_before_any_training(
    small_experiment: Path,
    results_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("nnbook.training.engine.train", failing)
    results_folder.write_text("a file in the place of the folder", encoding="utf-8")
    assert main(["run", str(small_experiment)]) == 2
    assert "nnbook: results cannot be written to" in capsys.readouterr().err


def test_damaged_data_get_status_2_before_any_training(
    small_experiment: Path,
    results_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = datasets.data_file("eckerle4.csv").read_text(encoding="utf-8")
    (tmp_path / "eckerle4.csv").write_text(text.replace("0.0001575,", ","), encoding="utf-8")
    monkeypatch.setenv("NNBOOK_DATA", str(tmp_path))
    monkeypatch.setattr("nnbook.training.engine.train", failing)
    datasets.eckerle4.cache_clear()
    assert main(["run", str(small_experiment)]) == 2
    assert "row 1, column transmittance: the cell is missing" in capsys.readouterr().err
    assert not results_folder.exists()


def test_a_damaged_record_is_reported_and_made_anew(
    trained: Path,
    results_folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = record_of(trained, "three", 2)
    path.write_text(path.read_text(encoding="utf-8").replace("0.125", "0.025"), encoding="utf-8")
    assert main(["results", str(trained)]) == 2
    assert f"{path}: the record was edited after the run; `nnbook run {trained}`" in (
        capsys.readouterr().err
    )
    assert main(["status", str(trained)]) == 0
    named = f"small, three, seed 2: {path} is damaged\n"
    assert capsys.readouterr().err == named
    monkeypatch.setattr("nnbook.training.engine.train", quick)
    assert main(["run", str(trained)]) == 0
    said = capsys.readouterr().err
    assert "1 damaged, 2 diverged, 3 recorded; 1 to run" in said
    assert named in said
    assert main(["results", str(trained)]) == 0


def test_of_many_damaged_records_some_are_named(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(trained), "--repetitions", "7"]) == 0
    for path in (trained.parent / "results").rglob("*.json"):
        path.write_text("[" * 10**5)
    capsys.readouterr()
    assert main(["status", str(trained)]) == 0
    assert len(capsys.readouterr().err.splitlines()) == 6
    trained.write_text(trained.read_text().replace("seeds = 3", "seeds = 7"))
    assert main(["status", str(trained)]) == 0
    *named, last = capsys.readouterr().err.splitlines()
    assert len(named) == 10
    assert last == "small: and 4 more records are damaged"


def test_settings_changed_in_one_file_cost_another_file_no_record(
    trained: Path, results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = trained.read_text(encoding="utf-8")
    again = trained.with_name("again.toml")
    again.write_text(text, encoding="utf-8")
    monkeypatch.setattr("nnbook.training.engine.train", failing)
    assert main(["run", str(again)]) == 0  # all on record under the other name
    assert len((results_folder / "index" / "again.csv").read_text("utf-8").splitlines()) == 7
    monkeypatch.setattr("nnbook.training.engine.train", diverging)
    trained.write_text(text.replace("epochs = 5", "epochs = 6"), encoding="utf-8")
    assert main(["run", str(trained)]) == 0
    states = plan.states(experiment(str(again)))
    assert set(states.values()) == {"recorded", "diverged"}


def test_a_failed_run_gets_status_1(
    small_experiment: Path,
    results_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("nnbook.training.engine.train", failing)
    assert main(["run", str(small_experiment)]) == 1
    assert "nnbook: small, three, seed 1: failed: MemoryError: no room" in capsys.readouterr().err
    assert len(list(results_folder.rglob("*.json"))) == 4


@pytest.mark.parametrize("option", ["--jobs", "--repetitions"])
def test_jobs_and_repetitions_are_positive_numbers(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in ("0", "-1", "two"):
        with pytest.raises(SystemExit) as exit_status:
            main(["run", "eckerle4-sheet", f"{option}={wrong}"])
        assert exit_status.value.code == 2
        assert f"expected a whole number from 1, received '{wrong}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [["--quick", "--repetitions=2"], ["--jobs=2", "--scheduler=tcp://localhost:8786"]]
)
def test_options_that_exclude_each_other_get_status_2(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_status:
        main(["run", "eckerle4-sheet", *options])
    assert exit_status.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err


def hear_ctrl_c() -> None:
    """Undo what a shell does to its background jobs, which the tests may be part of."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def long_run(tmp_path: Path, results_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a real run of 40 trainings in two processes, and wait for its first records."""
    path = tmp_path / "long.toml"
    path.write_text(
        'title = ""\nquestion = ""\nseeds = 40\n[base]\nhidden_layers = [20, 20]\n'
        'learning_rate = 0.1\nepochs = 4000\nbatch_size = 4\n[[configuration]]\nname = "long"\n',
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "nnbook.cli", "run", str(path), "--jobs", "2"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_ctrl_c,  # noqa: PLW1509 - no threads are running yet
    )
    deadline = time.monotonic() + 120
    while not list(results_folder.rglob("*.json")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield process
    assert process.stderr is not None
    process.stderr.close()
    wait_for_the_end_of(process.pid)


def wait_for_the_end_of(session: int) -> None:
    """Wait until no process of `session` is left."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.killpg(session, signal.SIGKILL)
    raise AssertionError("worker processes outlived the run")


def check_that_it_can_be_continued(results_folder: Path, session: int) -> None:
    wait_for_the_end_of(session)
    finished = {path: path.read_bytes() for path in results_folder.rglob("*.json")}
    assert 1 <= len(finished) < 40
    file = str(results_folder.parent / "long.toml")
    text = Path(file).read_text(encoding="utf-8")
    Path(file).write_text(text.replace("seeds = 40", f"seeds = {len(finished) + 1}"), "utf-8")
    assert main(["run", file]) == 0
    assert main(["results", file]) == 0
    assert {path: path.read_bytes() for path in finished} == finished
    assert not list(results_folder.rglob(".*.tmp"))


def test_after_ctrl_c_finished_runs_stay_and_the_next_call_continues(
    long_run: subprocess.Popen[str], results_folder: Path
) -> None:
    os.killpg(long_run.pid, signal.SIGINT)
    _, stderr = long_run.communicate(timeout=60)
    assert long_run.returncode == 130
    assert stderr.endswith(
        "nnbook: interrupted; finished runs are on record, the same command continues\n"
    )
    assert "Traceback" not in stderr
    check_that_it_can_be_continued(results_folder, long_run.pid)
