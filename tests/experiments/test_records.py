"""The committed results: whole and of today's settings."""

from collections import Counter

import numpy as np
import pytest

from nnbook.experiments import experiment, experiment_names, runner
from nnbook.experiments.store import read
from nnbook.project import REPOSITORY
from nnbook.training.datasets import load_split
from nnbook.training.spec import RunSpec

RESULTS = REPOSITORY / "data" / "results"


@pytest.fixture(autouse=True)
def _committed_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNBOOK_RESULTS", raising=False)


@pytest.mark.parametrize("name", experiment_names())
def test_no_record_is_stale_or_damaged(name: str) -> None:
    # Runs may be missing while an experiment is under way: a chapter that needs one does not build.
    states = Counter(runner.states(experiment(name)).values())
    assert not states["stale"] + states["damaged"], f"nnbook run {name}: {dict(states)}"


def test_no_record_is_without_an_experiment() -> None:
    declared = {job.path for name in experiment_names() for job in runner.states(experiment(name))}
    assert set(RESULTS.glob("[!.]*/*/*.json")) <= declared


@pytest.mark.parametrize("name", experiment_names())
def test_records_agree_with_their_weights(name: str) -> None:
    for configuration in experiment(name).configurations.values():
        job = runner.jobs(configuration)[0]
        if not job.path.is_file():
            continue
        record = read(job.path)
        assert RunSpec(**record.content["spec"]) == job.spec
        if record.diverged or configuration.keep_weights is not True:
            continue
        data = load_split(job.spec.data, job.spec.training_fraction, job.spec.split)
        prediction = record.network.forward(data.test_x.T).prediction
        loss = np.mean((prediction - data.test_y.T) ** 2)
        assert record.content["final"]["test_loss"] == pytest.approx(loss, rel=1e-3, abs=1e-9)
