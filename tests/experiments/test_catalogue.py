import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nnbook.errors import SpecError
from nnbook.experiments import experiment, experiment_names
from nnbook.training.spec import run_spec


def test_every_experiment_of_the_book_can_be_read_and_its_runs_can_be_made() -> None:
    for name in experiment_names():
        chosen = experiment(name)
        assert chosen.name == name
        for configuration in chosen.configurations.values():
            assert len(configuration.runs) == len(configuration.seeds)
            trainings = sum(1 + len(spec.continued) for spec in configuration.runs.values())
            assert trainings >= 4


def test_the_sheet_is_the_answer_sheets_exercise() -> None:
    sheet = experiment("eckerle4-sheet")
    second = sheet["ex2b-2"]
    assert second.seeds == tuple(range(20))
    assert second.runs[7] == run_spec(
        {
            "hidden_layers": [20, 11, 7],
            "activation": "relu",
            "optimizer": "sgd",
            "learning_rate": 0.1,
            "epochs": 215,
            "batch_size": 5,
            "seed": 7,
            "split": 0,
        }
    )
    assert experiment("eckerle4-sheet-resampled")["ex2b-2"].runs[7].split == 7


def test_base_grid_and_entries_are_combined(small_experiment: Path) -> None:
    small = experiment(str(small_experiment))
    assert list(small.configurations) == ["three", "batch_size-8"]
    assert small["batch_size-8"].runs[2].model_dump(include={"batch_size", "seed", "split"}) == {
        "batch_size": 8,
        "seed": 2,
        "split": 2,
    }


def test_grids_are_products_and_seeds_may_be_listed_or_a_range(small_experiment: Path) -> None:
    text = small_experiment.read_text(encoding="utf-8")
    grid = '[[grid]]\nactivation = ["tanh", "relu"]\nhidden_layers = [[2], [3, 4]]\n'
    for seeds, expected in (("[7, 3]", (7, 3)), ("{first = 5, count = 2}", (5, 6))):
        small_experiment.write_text(
            text.replace("seeds = 3", f"seeds = {seeds}") + grid, encoding="utf-8"
        )
        small = experiment(str(small_experiment))
        assert list(small.configurations)[2:] == [
            "activation-tanh_hidden_layers-2",
            "activation-tanh_hidden_layers-3-4",
            "activation-relu_hidden_layers-2",
            "activation-relu_hidden_layers-3-4",
        ]
        assert small["three"].seeds == expected


def test_a_configuration_may_have_a_split_of_its_own(small_experiment: Path) -> None:
    text = small_experiment.read_text(encoding="utf-8")
    small_experiment.write_text(text + "[[grid]]\nsplit = [7, 8]\n", encoding="utf-8")
    small = experiment(str(small_experiment))
    assert [run.split for run in small["split-8"].runs.values()] == [8, 8, 8]
    assert [run.split for run in small["three"].runs.values()] == [0, 1, 2]
    small_experiment.write_text(text + "[[grid]]\nsplit = [-7]\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"split: expected greater than or equal to 0"):
        experiment(str(small_experiment))


def test_unknown_names_come_with_the_nearest(small_experiment: Path) -> None:
    with pytest.raises(SpecError, match=r"'eckerle4-shet', did you mean 'eckerle4-sheet'?"):
        experiment("eckerle4-shet")
    with pytest.raises(SpecError, match=r"unknown experiment 'nowhere.toml', no such file"):
        experiment("nowhere.toml")
    small = experiment(str(small_experiment))
    with pytest.raises(SpecError, match=r"no configuration 'tree', did you mean 'three'?"):
        small["tree"]
    with pytest.raises(SpecError, match=r"unknown key 'bach_size', did you mean 'batch_size'?"):
        small["three"].vary(bach_size=7)
    with pytest.raises(SpecError, match="batch_size: expected 1 to 21"):
        small["three"].vary(batch_size=70)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds = 3", "seeds = 0", r"small.toml: seeds: expected .* received 0"),
        ("seeds = 3", "seeds = []", r"small.toml: seeds: expected .* received \[\]"),
        ("seeds = 3", "seeds = [1, 1]", r"seeds: expected .* different .* received \[1, 1\]"),
        ("seeds = 3", "seeds = true", r"seeds: expected .* received True"),
        ("seeds = 3", "seeds = {first = 1, count = 2, step = 3}", r"seeds: expected"),
        ("[3]", "3", "hidden_layers: expected a valid list, received 3"),
        ("batch_size = [8]", "batch_size = []", "grid.0.batch_size: List should have at least 1"),
        ("seeds = 3", "seeds = {first = 1}", r"seeds: expected .* received {'first': 1}"),
        ("seeds = 3", "seed = 3", "unknown key 'seed', did you mean 'seeds'"),
        ('split = "seed"', 'split = "random"', "split: expected .* received 'random'"),
        ("learning_rate = 0.1", "learning_rat = 0.1", "did you mean 'learning_rate'"),
        ("learning_rate = 0.1", "learning_rate = 0", "learning_rate: expected greater than 0"),
        (
            "learning_rate = 0.1",
            "learning_rate = 0.1\noptimizer = {learning_rate = 0.2}",
            "small.toml: configuration 'three': learning_rate = 0.1 and optimizer.learning_rate = "
            "0.2 contradict each other",
        ),
        ("learning_rate = 0.1", "learning_rate = ", r"not a TOML file: .*line 8, column"),
        (
            'name = "three"',
            'name = "../up"',
            "expected every configuration to have a name .* received '../up'",
        ),
        ('name = "three"', 'name = "batch_size-8"', "two configurations are called 'batch_size-8'"),
        (
            'name = "three"',
            "epochs = 3",
            "expected every configuration to have a name .* received None",
        ),
        ('name = "three"', 'name = "three"\nseed = 3', "seed: expected `seeds` at the top"),
        ("batch_size = [8]", "batch_size = 8", "grid.0.batch_size: expected a valid list"),
        ("[base]", "[bas]", "base: missing"),
        ("batch_size = 21", "batch_size = -2", "configuration 'three': batch_size: expected"),
        ("batch_size = 21", "batch_sizes = 2", "configuration 'three': unknown .*batch_sizes"),
    ],
)
def test_a_file_that_cannot_be_is_refused(
    small_experiment: Path, old: str, new: str, message: str
) -> None:
    text = small_experiment.read_text(encoding="utf-8")
    assert old in text
    small_experiment.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SpecError, match=message) as refused:
        experiment(str(small_experiment))
    assert str(refused.value).startswith(str(small_experiment))


MANY = ", ".join(map(str, range(1, 101)))


UNBOUNDED = {
    "seeds = 10**6": ("at most 10,000 seeds below 2", {"3": "1_000_000"}),
    "seeds = 10**9": ("at most 10,000 seeds", {"3": "1_000_000_000"}),
    "seeds = 10**30": ("at most 10,000 seeds", {"3": f"1{'0' * 30}"}),
    "first = 10**30": ("seeds below 2", {"3": f"{{first = 1{'0' * 30}, count = 1}}"}),
    "count = 10**30": ("seeds below 2", {"3": f"{{first = 0, count = 1{'0' * 30}}}"}),
    "a seed of 10**30": ("seeds below 2", {"3": f"[1{'0' * 30}]"}),
    "one large seed of several": ("seeds below 2", {"3": "[3, 5_000_000_000, 4]"}),
    "seeds = [[1]]": (r"received \[\[1\]\]", {"3": "[[1]]"}),
    "a long list": (r"received \[1, 1, 1.*\.\.\.$", {"3": f"[{'1, ' * 20_000}]"}),
    "a grid of 10**8": (
        "received 100,000,001 configurations with 3 seeds",
        {"[8]": f"[{MANY}]\nepochs = [{MANY}]\nl2 = [{MANY}]\nmomentum = [{MANY}]"},
    ),
    "a grid of 10**60": (
        "at most 10,000 configurations",
        {"[8]": f"[{MANY}]\n" + "\n".join(f"s{n} = [{MANY}]" for n in range(29))},
    ),
    "10**6 runs": ("at most .* 100,000 runs", {"3": "9000", "[8]": f"[{MANY}]"}),
}
"""What the message says, and what seeds or batch sizes of the small experiment are replaced by."""


@pytest.mark.parametrize("what", UNBOUNDED)
def test_what_has_no_bounds_is_refused_before_it_is_expanded(
    small_experiment: Path, what: str
) -> None:
    message, replaced = UNBOUNDED[what]
    text = small_experiment.read_text(encoding="utf-8")
    for old, new in replaced.items():
        assert f" = {old}\n" in text
        text = text.replace(f" = {old}\n", f" = {new}\n")
    small_experiment.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nnbook.cli", "status", small_experiment],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=with_a_gibibyte,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"nnbook: {small_experiment}: ")
    assert re.search(message, line)
    assert len(line) < 500


def with_a_gibibyte() -> None:
    """Let this process have no more memory."""
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))


def test_an_experiment_without_configurations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    content: Any = 'title = ""\nquestion = ""\nseeds = 3\nbase = {}\n'
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SpecError, match=r"at least one \[\[configuration\]\]"):
        experiment(str(path))


def test_a_grid_of_tables_names_its_configurations_by_their_values(tmp_path: Path) -> None:
    path = tmp_path / "tables.toml"
    path.write_text(
        'title = ""\nquestion = ""\nseeds = 1\n[base]\nhidden_layers = [4]\nepochs = 1\n'
        "batch_size = 7\n[[grid]]\noptimizer = [{name = 'adam', learning_rate = 0.1}, "
        "{name = 'adamw', learning_rate = 0.1, weight_decay = 0.01}]\n",
        encoding="utf-8",
    )
    declared = experiment(str(path)).configurations
    assert list(declared) == ["optimizer-adam-0.1", "optimizer-adamw-0.1-0.01"]
    assert [item.run(0).optimizer.name for item in declared.values()] == ["adam", "adamw"]
