import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnbook.errors import RecordError, SpecError
from nnbook.experiments import Results, experiment, plan, run, runner, session
from tests.experiments.outcomes import diverging, quick, record_of


@pytest.fixture
def results(small_experiment: Path, results_folder: Path) -> Results:
    return recorded(small_experiment, quick)


def recorded(file: Path, train: Callable[..., Any]) -> Results:
    small = experiment(str(file))
    list(session.train_all(list(plan.states(small)), 1, train=train))
    return runner.recorded(small)


def test_a_table_has_a_row_per_configuration(results: Results) -> None:
    table = results.table()
    assert list(table.index) == ["three", "batch_size-8"]
    values = np.array([1 / 6, 1 / 7, 1 / 8])
    row = table.loc["three"]
    assert row["n"] == 3
    assert row["mean"] == pytest.approx(values.mean(), rel=1e-6)
    assert row["sd"] == pytest.approx(values.std(ddof=1), rel=1e-5)
    assert row["geometric_mean"] == pytest.approx(values.prod() ** (1 / 3), rel=1e-6)
    assert row["ci_low"] < row["mean"] < row["ci_high"]
    assert row["gm_low"] < row["geometric_mean"] < row["gm_high"]
    assert results.table("training_loss").equals(table)


def test_arrays_by_configuration(results: Results) -> None:
    assert list(results) == ["three", "batch_size-8"]
    np.testing.assert_allclose(results.final()["three"], [1 / 6, 1 / 7, 1 / 8], rtol=1e-6)
    epochs, losses = results["three"].history("training_loss")
    assert epochs.tolist() == [0, 1, 5]
    np.testing.assert_allclose(losses[2], [1 / 3, 1 / 4, 1 / 8], rtol=1e-6)


def test_prediction_needs_recorded_weights_only(results: Results) -> None:
    # The stand-in for training has three units of weight 1 and output weights equal to the seed.
    prediction = results["three"].predict([0.5, 2.0, -1.0])
    np.testing.assert_allclose(prediction, [[1, 1, 1], [2.5, 7, 1], [4, 13, 1]])


def test_diverged_runs_are_counted_and_never_averaged(
    small_experiment: Path, results_folder: Path
) -> None:
    results = recorded(small_experiment, diverging)
    row = results.table().loc["three"]
    assert (row["n"], row["diverged"]) == (2, 1)
    assert row["mean"] == pytest.approx((1 / 6 + 1 / 8) / 2, rel=1e-6)
    assert results["three"].predict([0.5]).shape == (2, 1)
    assert results["three"].history()[1].shape == (2, 3)


def test_provenance_adds_up(results: Results) -> None:
    provenance = results.provenance
    assert provenance.runs == 6
    assert provenance.seconds == 3.0
    assert provenance.dates[0] <= provenance.dates[1]
    assert len(provenance.versions["keras"]) == 1


def test_unknown_names_come_with_the_nearest(results: Results) -> None:
    with pytest.raises(SpecError, match="unknown metric 'test_los', did you mean 'test_loss'"):
        results.table("test_los")
    with pytest.raises(SpecError, match="unknown metric 'epoch'"):
        results["three"].history("epoch")
    with pytest.raises(SpecError, match=r"no configuration 'threee' .* did you mean 'three'"):
        results["threee"]


def test_damaged_weights_are_reported_where_they_are_used(
    results: Results, small_experiment: Path
) -> None:
    record = record_of(small_experiment, "three", 1)
    (weights,) = record.parent.glob(f"{record.stem}.weights-*.npz")
    weights.write_bytes(b"")
    assert results.table().loc["three", "n"] == 3
    with pytest.raises(RecordError, match=r"\.weights-.*\.npz: the weights are missing or not"):
        results["three"].predict([0.5])


def test_results_answer_like_a_mapping(results: Results) -> None:
    assert "three" in results
    assert "four" not in results
    assert results.get("four") is None


def test_what_is_taken_out_is_looked_up(results: Results) -> None:
    found: list[str] = []
    listening = True

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event == "nnbook.looked_up":
            found.append(str(arguments[0]))

    sys.addaudithook(hear)  # it cannot be taken away again
    results.table()
    results.final()
    _ = results.provenance
    assert found == []
    results.table(names=["three"])
    assert found == ["small/three"]
    list(results.values())
    assert found == ["small/three", *(f"small/{name}" for name in results)]
    listening = False


def test_a_table_of_some(results: Results) -> None:
    assert results.table(names=["three"]).index.tolist() == ["three"]
    with pytest.raises(SpecError, match="no configuration 'tree'"):
        results.table(names=["tree"])


def test_a_run_that_stopped_early_keeps_its_last_value(tmp_path: Path) -> None:
    path = tmp_path / "early.toml"
    path.write_text(
        'title = ""\nquestion = ""\nseeds = 4\nsplit = "seed"\n[base]\nhidden_layers = [5]\n'
        "activation = 'tanh'\nlearning_rate = 0.2\nbatch_size = 5\nepochs = 300\nprobes = true\n"
        'early_stopping = {patience = 4}\n[[configuration]]\nname = "early"\n',
        encoding="utf-8",
    )
    runs = run(experiment(str(path)))["early"]
    ends = [record.content["last_epoch"] for record in runs.records.values()]
    assert len(set(ends)) > 1
    assert runs.final("last_epoch").tolist() == ends
    best = runs.final("best_epoch")
    assert (best <= ends).all() and (best >= 1).all()
    epochs, losses = runs.history("test_loss")
    assert epochs[-1] == max(ends)
    steps, slopes = runs.probes("slope")
    assert steps[-1] == max(ends) * runs.configuration.run(0).steps
    assert slopes.shape == (4, len(steps), 1)
    for row, (record, end) in enumerate(zip(runs.records.values(), ends, strict=True)):
        history = record.content["history"]
        recorded = dict(zip(history["epoch"], history["test_loss"], strict=True))
        assert set(losses[row, epochs > end]) <= {recorded[end]}
        for epoch, loss in zip(epochs[epochs <= end], losses[row], strict=False):
            assert loss == recorded[epoch]
