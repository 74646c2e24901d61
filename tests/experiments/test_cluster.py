"""Runs on a Dask cluster of real processes: a scheduler, and workers without nannies."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from distributed import Client, versions

from nnbook.errors import NNBookError
from nnbook.experiments import experiment, plan, session
from nnbook.experiments.record import Record
from tests.experiments.outcomes import dying, failing, quick, waiting
from tests.experiments.test_session import kill_the_process_named_in

pytestmark = pytest.mark.thorough

ENVIRONMENT = {
    **os.environ,
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "null",
}


class Cluster:
    """A scheduler and its workers."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start("scheduler", "--host=127.0.0.1", "--port=0")
        deadline = time.monotonic() + 60
        while not self._file.is_file():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.address = json.loads(self._file.read_text(encoding="utf-8"))["address"]

    def add_workers(self, number: int) -> None:
        for _ in range(number):
            self._start("worker", "--nthreads=1", "--no-nanny")
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=60)

    def _start(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        module = f"distributed.cli.dask_{role}"
        options += (f"--scheduler-file={self._file}",)
        process = subprocess.Popen(
            [sys.executable, "-m", module, *options, "--no-dashboard"],
            env=ENVIRONMENT,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    running = Cluster(tmp_path)
    yield running
    running.end()


@pytest.fixture
def jobs(small_experiment: Path, results_folder: Path) -> list[plan.Job]:
    return list(plan.states(experiment(str(small_experiment))))


def test_a_run_whose_worker_was_killed_is_made_again(
    cluster: Cluster, jobs: list[plan.Job], tmp_path: Path
) -> None:
    cluster.add_workers(2)
    train = partial(waiting, tmp_path)
    results = session.train_all(jobs, scheduler=cluster.address, train=train)
    first, _ = next(results)
    assert first.spec.seed != 1
    kill_the_process_named_in(tmp_path)
    others = list(results)
    assert len(others) == 5
    assert all(isinstance(result, Record) for _, result in others)
    states = plan.states(experiment(str(tmp_path / "small.toml")))
    assert set(states.values()) == {"recorded"}


def test_a_run_that_kills_its_workers_is_reported(cluster: Cluster, jobs: list[plan.Job]) -> None:
    cluster.add_workers(5)  # Dask makes it twice, and so does the runner
    results = dict(session.train_all(jobs[:3], scheduler=cluster.address, train=dying))
    assert results.pop(jobs[1]) == "its process died twice (out of memory?)"
    assert all(isinstance(result, Record) for result in results.values())


def test_a_run_that_fails_is_reported(cluster: Cluster, jobs: list[plan.Job]) -> None:
    cluster.add_workers(1)
    results = dict(session.train_all(jobs[:3], scheduler=cluster.address, train=failing))
    assert results.pop(jobs[1]) == "MemoryError: no room"
    assert len(results) == 2
    assert all(isinstance(result, Record) for result in results.values())


def test_what_was_recorded_stays_when_the_scheduler_is_lost(
    cluster: Cluster, jobs: list[plan.Job], tmp_path: Path
) -> None:
    cluster.add_workers(2)
    train = partial(waiting, tmp_path)
    results = session.train_all(jobs, scheduler=cluster.address, train=train)
    _, result = next(results)
    cluster.scheduler.kill()
    with pytest.raises(NNBookError, match="gone; finished runs are on record"):
        list(results)
    assert isinstance(result, Record)
    assert result.path.is_file()


def test_a_cluster_without_workers_is_refused(
    cluster: Cluster, jobs: list[plan.Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnbook.experiments.workers.SECONDS_TO_CONNECT", 1)
    with pytest.raises(NNBookError, match=r"has no workers; start some: dask worker tcp://"):
        next(session.train_all(jobs, scheduler=cluster.address, train=quick))


def test_a_worker_with_another_version_is_refused(
    cluster: Cluster, jobs: list[plan.Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.add_workers(1)
    real = versions._version_cached
    monkeypatch.setattr(versions, "_version_cached", lambda p: "9" if p == "nnbook" else real(p))
    with pytest.raises(NNBookError, match=r"worker tcp://\S+ has nnbook \S+; expected 9, as here"):
        next(session.train_all(jobs, scheduler=cluster.address, train=quick))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://127.0.0.1:9; start one with"),
        ("localhost", "expected an address such as tcp://localhost:8786"),
    ],
)
def test_a_wrong_address_is_refused(
    address: str,
    message: str,
    jobs: list[plan.Job],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nnbook.experiments.workers.SECONDS_TO_CONNECT", 0.5)
    with pytest.raises(NNBookError, match=message):
        next(session.train_all(jobs, scheduler=address, train=quick))


def test_without_dask_the_message_says_what_to_install(
    jobs: list[plan.Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NNBookError, match=r"install it: pip install 'nnbook\[dask\]'"):
        next(session.train_all(jobs, scheduler="tcp://localhost:8786", train=quick))
