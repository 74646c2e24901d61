"""Figures and tables compare runs as claims do."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

from nnbook.cli import main
from nnbook.evidence.comparisons import compare, differences, sample_of, stands_in_family
from nnbook.experiments import experiment, run
from nnbook.experiments.results import Results, Runs
from nnbook.publishing.figures import plot_differences

WIDE = "hidden_layers-500"


@pytest.fixture(scope="module")
def digits() -> Results:
    return run(experiment("mnist-parameters"))


@pytest.fixture(scope="module")
def points() -> Results:
    return run(experiment("eckerle4-study"))


def test_on_one_split_runs_are_independent_and_the_interval_is_that_of_welch(
    digits: Results,
) -> None:
    found = compare(digits[WIDE], digits["baseline"], "test_accuracy", ratio=False)
    values = [digits[name].final("test_accuracy") for name in (WIDE, "baseline")]
    welch = stats.ttest_ind(*values, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((welch.low, welch.high))


def test_over_splits_runs_are_pairs_of_the_splits_at_which_both_finished(points: Results) -> None:
    first, second = (points[name] for name in list(points)[:2])
    assert len(sample_of(first, "test_loss").splits) > 2
    logs = np.log(first.final("test_loss")) - np.log(second.final("test_loss"))
    paired = stats.ttest_1samp(logs, 0).confidence_interval(0.95)
    found = compare(first, second)
    assert (found.low, found.high) == pytest.approx(tuple(np.exp(paired)))
    seeds = list(first.records)
    fewer = Runs(first.configuration, {seed: first.records[seed] for seed in seeds[1:]})
    others = Runs(second.configuration, {seed: second.records[seed] for seed in seeds[:-1]})
    assert compare(fewer, others).n == len(seeds) - 2


@pytest.mark.parametrize("metric", ["validation_accuracy", "test_accuracy"])
def test_figure_table_and_claim_on_a_comparison_have_the_same_interval(
    digits: Results,
    metric: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = {"wide": WIDE, "plain": "baseline"}
    values = "".join(
        f'{name} = {{ runs = "mnist-parameters/{run}", metric = "{metric}" }}\n'
        for name, run in runs.items()
    )
    (tmp_path / "own.toml").write_text(
        '[own]\nsays = "{gain}"\nholds = ["wide > plain"]\n'
        f'gain = {{ difference = ["wide", "plain"] }}\n{values}'
    )
    monkeypatch.setattr("nnbook.evidence.claims.CLAIMS", tmp_path)
    main(["claims", "own", "--json"])
    claim = json.loads(capsys.readouterr().out)["claims"]["own"]["values"]["gain"]["effect"]

    row = differences(digits, "baseline", {"wide": WIDE}, metric).loc["wide"]
    plot_differences(digits, "baseline", {"wide": WIDE}, metric)
    drawn = plt.gca().collections[0].get_segments()[0][:, 0]
    plt.close()
    assert [claim["low"], claim["high"]] == pytest.approx([row["low"], row["high"]])
    assert [100 * row["low"], 100 * row["high"]] == pytest.approx(list(drawn))


def test_differences_have_a_row_for_each_label(digits: Results) -> None:
    names = {"wide": WIDE, "itself": "baseline", "gone": "activation-identity_learning_rate-0.3"}
    table = differences(digits, "baseline", names)
    mean = digits[WIDE].final("validation_accuracy").mean()
    assert table.loc["wide", "mean"] == pytest.approx(mean)
    assert table.loc["wide", "verdict"] == "higher"
    assert table.loc["itself", "effect"] == 0
    assert np.isnan(table.loc["itself", "low"])
    assert len(digits["activation-identity_learning_rate-0.3"].finished) < 2
    assert table.loc["gone", ["effect", "low", "high"]].isna().all()
    assert table.loc["gone", "verdict"] == ""
    assert (table["seconds"] > 0).all()


def test_what_stands_among_all_configurations_is_found_step_down(points: Results) -> None:
    base = points["baseline"]
    few = [
        "baseline",
        "activation-relu",
        "epochs-20000",
        "batch_size-3",
        "optimizer-sgd_learning_rate-1.0",
    ]
    some = Results({name: points[name] for name in few})
    p = {
        name: stats.ttest_1samp(np.log(points[name].final() / base.final()), 0).pvalue
        for name in few[1:4]
    }
    assert p["activation-relu"] < 0.05 / 3
    assert p["epochs-20000"] < 0.05 / 2
    assert p["batch_size-3"] > 0.05
    assert stands_in_family(some, "baseline") == {
        "activation-relu": True, "epochs-20000": True, "batch_size-3": False,
    }  # fmt: skip
    assert not stands_in_family(points, "baseline")["epochs-20000"], "one of 54 comparisons"
