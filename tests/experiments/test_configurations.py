from pathlib import Path

import pytest

from nnbook.errors import SpecError
from nnbook.experiments import experiment, experiment_names


def test_a_variation_changes_settings_and_seeds(small_experiment: Path) -> None:
    three = experiment(str(small_experiment))["three"]
    varied = three.vary(batch_size=7, activation="tanh", seeds=2, split=5)
    assert varied.name == "three with batch_size=7, activation=tanh"
    assert varied.seeds == (0, 1)
    assert varied.runs[1].batch_size == 7
    assert varied.runs[1].split == 5
    assert varied.runs[1].epochs == three.runs[1].epochs
    assert three.vary(seeds=[4]).runs == {4: three.run(4)}


def test_repetitions_end_with_the_largest_seed(small_experiment: Path) -> None:
    three = experiment(str(small_experiment))["three"].vary(seeds=[2**32 - 2])
    assert three.repeated(2).seeds == (2**32 - 2, 2**32 - 1)
    with pytest.raises(SpecError, match=r"'three': expected .*4294967295.*, received 3"):
        three.repeated(3)


@pytest.mark.parametrize("count", [10_001, 10**30])
def test_repetitions_have_the_same_bounds(small_experiment: Path, count: int) -> None:
    small = experiment(str(small_experiment))
    assert len(small.repeated(10_000)["three"].seeds) == 10_000
    with pytest.raises(SpecError, match=f"expected at most 10,000 seeds, received {count:,}"):
        small.repeated(count)


@pytest.mark.parametrize(
    ("declared", "count", "expected"),
    [
        ("3", 2, (0, 1)),
        ("3", 5, (0, 1, 2, 3, 4)),
        ("[7, 3]", 4, (7, 3, 8, 9)),
        ("{first = 100, count = 2}", 3, (100, 101, 102)),
    ],
)
def test_repetitions_are_the_files_own_seeds_and_those_after_the_last(
    declared: str, count: int, expected: tuple[int, ...], small_experiment: Path
) -> None:
    text = small_experiment.read_text(encoding="utf-8")
    small_experiment.write_text(text.replace("seeds = 3", f"seeds = {declared}"), encoding="utf-8")
    repeated = experiment(str(small_experiment)).repeated(count)
    assert {name: item.seeds for name, item in repeated.configurations.items()} == {
        "three": expected,
        "batch_size-8": expected,
    }


@pytest.mark.parametrize("name", experiment_names())
def test_the_quick_version_of_every_experiment_of_the_book_is_small(name: str) -> None:
    for configuration in experiment(name).quick().configurations.values():
        (spec,) = configuration.runs.values()
        assert spec.epochs <= 2
        assert spec.pretraining_epochs <= 2
        assert spec.data.name != "mnist"
        assert spec.examples <= 1197


def test_the_quick_version_keeps_all_else(tmp_path: Path) -> None:
    path = tmp_path / "images.toml"
    path.write_text(
        'title = ""\nquestion = ""\nseeds = [4, 2]\n[base]\ndata = "mnist"\nl2 = 0.1\n'
        "hidden_layers = [50]\nlearning_rate = 0.1\nepochs = 1\ndropout = 0.2\n"
        'loss = "categorical_cross_entropy"\npretraining_epochs = 8\nbatch_size = 1000\n'
        '[[configuration]]\nname = "all"\n'
        '[[configuration]]\nname = "few"\ntraining_size = 600\nbatch_size = 600\n',
        encoding="utf-8",
    )
    declared = experiment(str(path))
    quick = declared.quick()
    assert quick["all"].run(4) == declared["all"].run(4).vary(
        data="digits", training_size=1197, pretraining_epochs=2
    )
    assert quick["few"].run(4) == declared["few"].run(4).vary(data="digits", pretraining_epochs=2)
    assert quick["all"].seeds == (4,)


def test_runs_differ_in_seed_and_split_alone(small_experiment: Path) -> None:
    configuration = experiment(str(small_experiment))["three"]
    for split in ("seed", 7):
        runs = configuration.vary(split=split, seeds=[3, 8]).runs  # type: ignore[arg-type]
        for seed, spec in runs.items():
            expected = configuration.run(seed).vary(split=seed if split == "seed" else 7)
            assert (spec, spec.key) == (expected, expected.key)


def test_the_quick_version_of_a_warm_up_is_quick(small_experiment: Path) -> None:
    warm = {"schedule.warm_up": 2.0, "epochs": 20}
    quick = experiment(str(small_experiment))["three"].vary(**warm).quick()
    assert quick.run(0).schedule.warm_up == 1.0
