"""What the store costs: looking up 1,000 runs, counting 10,000, recording a sweep of 1,000.

Seconds depend on the machine, so each measure stands beside a yardstick, taken a moment before: for
the first two, to read the same files once in plain Python (bytes, and JSON parsed); for the last,
to write the same bytes to files that are flushed to the disk.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from nnbook.experiments import Experiment, experiment, plan, recorded, session
from nnbook.experiments.record import Record
from nnbook.theory.network import Layer, Network
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

FILE = """
title = "Many short runs"
question = "What do they cost beside training?"
seeds = 1000
[base]
hidden_layers = [20, 20]
learning_rate = 0.1
batch_size = 21
[[grid]]
epochs = {epochs}
"""

RECORDED_EPOCHS = 100  # as many as a training records


@dataclass(frozen=True)
class Row:
    """A measure, its limit, and what the yardstick took (both in the unit of the label)."""

    label: str
    value: float
    limit: float
    yardstick: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the limit is kept."""
        return self.value <= self.limit

    def __str__(self) -> str:
        """Return the measure as a line of a table."""
        ratio = f"{self.value / self.yardstick:.1f}" if self.yardstick else ""
        missed = "" if self.kept else "  MISSED"
        return f"{self.label:58}{self.value:10.3g}{self.limit:8g}{ratio:>13}{missed}"


def outcome(spec: RunSpec, progress: Any = None) -> Outcome:
    """Return what a training of `spec` might, at once."""
    generator = np.random.default_rng(spec.seed)
    sizes = (1, *spec.hidden_layers, 1)
    layers = [
        Layer(generator.normal(size=(units, inputs)), np.zeros(units), "identity")  # type: ignore[arg-type]
        for inputs, units in pairwise(sizes)
    ]
    losses = generator.random(RECORDED_EPOCHS).tolist()
    history = {
        "epoch": list(range(RECORDED_EPOCHS)),
        "training_loss": losses,
        "test_loss": losses[::-1],
    }
    return Outcome(history, None, Network(tuple(layers)), 0.01)


def seconds(work: Callable[[], object], repetitions: int = 3) -> float:
    """Return the shortest time that `work` takes, in seconds."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak_mib() -> float:
    """Return the most memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def declared(file: Path, epochs: list[int]) -> Experiment:
    """Write an experiment of 1,000 runs for each number of epochs, and read it."""
    file.write_text(FILE.format(epochs=epochs), encoding="utf-8")
    return experiment(str(file))


def sweep(chosen: Experiment) -> tuple[float, float]:
    """Make all runs; return the seconds for each, and by how many MiB the last 900 grew memory."""
    to_train = [
        job for job, state in plan.states(chosen).items() if state not in ("recorded", "diverged")
    ]
    start = time.perf_counter()
    memory = 0.0
    for count, (_, result) in enumerate(session.train_all(to_train, train=outcome), start=1):
        assert isinstance(result, Record), result
        if count == 100:
            memory = peak_mib()
    return (time.perf_counter() - start) / len(to_train), peak_mib() - memory


def files_of(file: Path) -> list[Path]:
    """Return the files of all records of an experiment file."""
    return sorted((file.parent / "results" / "objects").rglob("*.*"))


def read_plainly(files: list[Path]) -> None:
    """Read files as plain Python does."""
    for file in files:
        content = file.read_bytes()
        if file.suffix == ".json":
            json.loads(content)


def written_plainly(files: list[Path], folder: Path) -> float:
    """Return the seconds that it takes to write the bytes of these files to the disk."""
    contents = [file.read_bytes() for file in files]
    start = time.perf_counter()
    for number, content in enumerate(contents):
        with (folder / str(number)).open("wb") as copy:
            copy.write(content)
            copy.flush()
            os.fsync(copy.fileno())
    return time.perf_counter() - start


def measure(folder: Path) -> list[Row]:
    """Measure everything in an empty folder."""
    file = folder / "sweep.toml"
    few = declared(file, [5])
    per_run, growth = sweep(few)
    files = files_of(file)
    copies = folder / "copies"
    copies.mkdir()
    writing = written_plainly(files, copies) / 1000
    plain = seconds(lambda: read_plainly([path for path in files if path.suffix == ".json"]))
    lookup = seconds(lambda: recorded(experiment(str(file))))
    sweep(declared(file, list(range(1, 11))))
    files = files_of(file)
    command = [sys.executable, "-m", "nnbook.cli", "status", str(file)]
    many = seconds(lambda: read_plainly(files))
    status = seconds(lambda: subprocess.run(command, check=True, capture_output=True))
    return [
        Row("page lookup of 1,000 runs, seconds", lookup, 0.3, plain),
        Row("nnbook status with 10,000 records, seconds", status, 2, many),
        Row("overhead of a run in a sweep of 1,000, ms", 1000 * per_run, 50, 1000 * writing),
        Row("growth of memory from run 100 to run 1,000, MiB", growth, 5),
    ]


def main() -> bool:
    """Print each measure beside its limit, and return whether all are kept."""
    print(f"{'':58}{'measured':>10}{'limit':>8}{'x yardstick':>13}", flush=True)
    with TemporaryDirectory() as folder:
        rows = measure(Path(folder))
    for row in rows:
        print(row)
    return all(row.kept for row in rows)
