"""The committed results: whole and of today's settings."""

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from nnbook.errors import DataError
from nnbook.experiments import experiment, experiment_names, plan
from nnbook.experiments.record import Record
from nnbook.experiments.store import Store
from nnbook.project import book_results
from nnbook.theory.losses import categorical_cross_entropy, one_hot

BEFORE = Path(__file__).with_name("data") / "before-content-addressing.csv"
"""What each run said when records were filed by name: digests of its numbers, by seed."""

OTHER_DOUBLE = {
    ("momentum-large-batch", "momentum-0.9_learning_rate-0.03"),
    ("momentum-large-batch", "momentum-0.9_learning_rate-0.3"),
    *(("pretraining", f"relu_{size}_0") for size in (100, 300, 1000, 5000)),
    ("vanishing-cures", "batch_size-4"),
}
"""Configurations that had been run twice under two names, on machines that round differently.

One of the two records stayed; these say what the other one says."""


@pytest.mark.parametrize("name", experiment_names())
def test_no_record_is_stale_damaged_or_incomplete(name: str) -> None:
    # Runs may be missing while an experiment is under way: a chapter that needs one does not build.
    states = Counter(plan.states(experiment(name)).values())
    bad = states["stale"] + states["damaged"] + states["incomplete"]
    assert not bad, f"nnbook run {name}: {dict(states)}"


def test_objects_and_index_are_those_of_the_declared_runs() -> None:
    place = Store(book_results())
    declared = {}
    for name in experiment_names():
        keys = {
            (job.configuration, job.spec.seed): job.spec.key
            for item in experiment(name).configurations.values()
            for job in plan.jobs(item)
        }
        assert place.index(name).items() <= keys.items()
        declared |= dict.fromkeys(keys.values(), name)
    assert {path.stem for path in (place.root / "index").iterdir()} <= set(experiment_names())
    objects = {path.stem for path in (place.root / "objects").rglob("*.json")}
    superseded = sorted(objects - set(declared))
    assert not superseded, "of settings that no file declares any more: remove them from git"
    assert place.indexed() == objects
    arrays = {path.name.partition(".")[0] for path in (place.root / "objects").rglob("*.npz")}
    assert arrays <= objects


def numbers(record: Record) -> str:
    """Return a digest of what a record says, but for times, versions and machine."""
    others = {"seconds", "date", "versions", "machine", "digest", "weights_sha256", "probes_sha256"}
    kept = {name: value for name, value in record.content.items() if name not in others}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:8]


def test_the_numbers_are_those_of_the_records_filed_by_name() -> None:
    place = Store(book_results())
    known = {name: place.index(name) for name in experiment_names()}
    with BEFORE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    different = set()
    compared = 0
    for row in rows:
        for entry in row["numbers"].split():
            seed, _, digest = entry.partition(":")
            key = known[row["experiment"]].get((row["configuration"], int(seed)))
            record = place.own(key) if key else None
            assert record, f"{row['experiment']}/{row['configuration']}, seed {seed} is gone"
            compared += 1
            if numbers(record) != digest:
                different.add((row["experiment"], row["configuration"]))
    assert compared == 4683
    assert different == OTHER_DOUBLE


@pytest.mark.parametrize("name", experiment_names())
def test_records_agree_with_their_weights(name: str) -> None:
    for configuration in experiment(name).configurations.values():
        job = plan.jobs(configuration)[0]
        record = job.store.own(job.spec.key)
        if record is None:
            continue
        assert record.spec == job.spec
        if record.diverged or configuration.keep_weights is not True:
            continue
        try:
            data = job.spec.load()
        except DataError:
            if record.spec.data.name != "mnist":
                raise
            pytest.skip("MNIST is not on this machine")
        prediction = record.network.forward(data.test_x.T.astype(float)).prediction
        if record.spec.loss == "categorical_cross_entropy":
            loss = categorical_cross_entropy(prediction, one_hot(data.test_y, len(prediction)))
            right = (prediction.argmax(axis=0) == data.test_y).mean()
            assert record.content["final"]["test_accuracy"] == pytest.approx(right, abs=1e-4)
        else:
            assert record.spec.loss == "mean_squared_error"
            loss = np.mean((prediction - data.test_y.T) ** 2)
        assert record.content["final"]["test_loss"] == pytest.approx(loss, rel=1e-3, abs=1e-9)
