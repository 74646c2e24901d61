"""Runs that take no time, in place of training."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nnbook.experiments import experiment, plan, session
from nnbook.experiments.record import Record
from nnbook.theory.network import Layer, Network
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec, run_spec

SPEC = run_spec(
    {"hidden_layers": [3], "learning_rate": 0.1, "epochs": 5, "batch_size": 21, "seed": 2}
)


def record_of(file: Path, configuration: str, seed: int) -> Path:
    """Return the file of the record of a run that an experiment file declares."""
    chosen = experiment(str(file))[configuration]
    return plan.store_of(chosen).path(chosen.run(seed).key)


def quick(spec: RunSpec, progress: Any = None, *, optimized: bool = True) -> Outcome:
    """Return what a training with loss 1 / (1 + epoch + seed) would, at once."""
    epochs = [0, 1, spec.epochs]
    losses = [1 / (1 + epoch + spec.seed) for epoch in epochs]
    weights = np.full((1, 1), spec.seed, dtype=np.float32)
    layers = [Layer(np.ones((3, 1)), np.zeros(3), spec.activation)]  # type: ignore[arg-type]
    output = Layer(weights @ np.ones((1, 3)), np.ones(1), "identity")  # type: ignore[arg-type]
    if progress:
        progress(spec.epochs)
    return Outcome(
        {"epoch": list(map(float, epochs)), "training_loss": losses, "test_loss": losses},
        None,
        Network((*layers, output)),
        0.5,
    )


def slow(spec: RunSpec, progress: Any = None, *, optimized: bool = True) -> Outcome:
    """Return what `quick` does, after a moment."""
    for epoch in range(5):
        time.sleep(0.02)
        if progress:
            progress(epoch)
    return quick(spec, progress)


def diverging(spec: RunSpec, progress: Any = None, *, optimized: bool = True) -> Outcome:
    """Diverge for seed 1."""
    if spec.seed != 1:
        return quick(spec)
    history: dict[str, list[float]] = {"epoch": [0], "training_loss": [1], "test_loss": [1]}
    return Outcome(history, (1, 2), None, 0.5)


def failing(spec: RunSpec, progress: Any = None, *, optimized: bool = True) -> Outcome:
    """Raise for seed 1."""
    if spec.seed == 1:
        raise MemoryError("no room")
    return quick(spec)


def dying(spec: RunSpec, progress: Any = None, *, optimized: bool = True) -> Outcome:
    """End the process for seed 1."""
    if spec.seed == 1:
        time.sleep(0.2)
        os._exit(3)
    return quick(spec)


def waiting(folder: Path, spec: RunSpec, progress: Any = None) -> Outcome:
    """For seed 1, tell the process in `folder` and wait for its end, unless one did so before."""
    if spec.seed == 1:
        try:
            with (folder / "process").open("x", encoding="utf-8") as file:
                file.write(f"{os.getpid()}\n")
            while True:
                time.sleep(1)
        except FileExistsError:
            pass
    return quick(spec)


def train_all(file: Path, train: Callable[..., Any], workers: int = 1) -> dict[str, Record | str]:
    """Train what a file declares; return what came out by the name of the run."""
    to_train = list(plan.states(experiment(str(file))))
    return {str(job): result for job, result in session.train_all(to_train, workers, train=train)}


def never(spec: Any, progress: Any = None) -> Any:
    """Fail: this run was not to be trained."""
    raise AssertionError(f"trained {spec}")
