"""What comes out of a run."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.theory.network import Network


def versions(backend: str) -> dict[str, str]:
    """Return the versions of Python, the package, and what it computes with.

    Parameters
    ----------
    backend : {"tensorflow", "jax"}
        What Keras computes with.
    """
    found = {name: version(name) for name in ("nnbook", "keras", "numpy")}
    try:
        found[backend] = version(backend)
    except PackageNotFoundError:
        found[backend] = version(f"{backend}-cpu")
    return {"python": platform.python_version(), **found}


def machine() -> dict[str, Any]:
    """Return system, processor and number of cores of this machine."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cpus": os.cpu_count(),
    }


@dataclass(frozen=True)
class Outcome:
    """What came out of one run. Losses are dimensionless, accuracies are shares of 1.

    Attributes
    ----------
    history : dict of str to list
        Columns of equal length. Of a regression: ``epoch`` (0 is before training), and
        ``training_loss`` and ``test_loss`` at the end of that epoch: without dropout, with the
        moving averages of batch normalization, without penalty; where some examples are held out,
        also ``validation_loss``. Of a classification: ``epoch``;
        ``running_loss`` and ``running_accuracy``, the means over the steps of that epoch, with
        dropout on and the penalty included, as Keras prints them; ``validation_loss`` and
        ``validation_accuracy`` at its end, measured as the losses of a regression; and with
        regularization ``penalty``, the value of the penalties at its end.
    diverged_at : tuple of int, optional
        Epoch and step (both from 1, the step within the epoch) at which the loss ceased to be a
        finite number; None for a run that finished.
    network : Network, optional
        The trained network; None if the run diverged.
    seconds : float
        Wall-clock time, compilation included where this run caused it.
    final : dict of str to float, optional
        What was measured at the end, or in the best epoch where its weights came back: entries of
        the history, and for a classification also ``training_loss``, ``training_accuracy``,
        ``test_loss`` and ``test_accuracy``, measured as the validation's. By default the last
        entries of the history.
    fits : list of dict
        Of a run that is `continued`: ``learning_rate`` and what was measured at the end of each of
        its trainings.
    measures : dict
        Of a classification that finished: ``confusion``, how many test examples of each class (row)
        were given each class (column); ``dead_units``, for each hidden layer the number of units
        whose output is the same for all of 1,000 validation examples. Of a run that could stop
        early: ``best_epoch``, and ``last_epoch`` after which it ended.
    arrays : dict of str to array
        What the probes measured (see `nnbook.training.probes`).
    versions : dict of str to str
        Of Python, the package and what it computed with, in the process that trained.
    machine : dict
        System, processor and number of cores of the machine that trained.
    first_layer : dict of str to array
        With probes: weights and biases of the first layer before and after training.
    misread : dict of str to array
        Of a classification that finished: ``test``, of shape (2, misread), which examples of the
        test set (counted from 0, in its order) were given another class than theirs, and which; and
        ``validation`` likewise.
    """

    history: dict[str, list[float]]
    diverged_at: tuple[int, int] | None
    network: Network | None
    seconds: float
    final: Mapping[str, float] | None = None
    fits: list[dict[str, float]] = field(default_factory=list)
    measures: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=lambda: versions("tensorflow"))
    machine: Mapping[str, Any] = field(default_factory=machine)
    first_layer: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    misread: Mapping[str, NDArray[np.unsignedinteger]] = field(default_factory=dict)
