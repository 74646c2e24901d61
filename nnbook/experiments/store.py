"""Records: one JSON file per run, its weights in an .npz file beside it.

A record is complete when its JSON file is there: it is written under a temporary name, flushed to
the disk and renamed, after the weights. It carries a digest of its content, so that a truncated or
edited file is noticed when it is read.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from nnbook.errors import RecordError
from nnbook.theory.activations import get_activation
from nnbook.theory.network import Layer, Network
from nnbook.training.datasets import REPOSITORY
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec, canonical_json

SIGNIFICANT_DIGITS = 7
ABANDONED_AFTER_SECONDS = 60


def results_folder() -> Path:
    """Return the folder of all results: ``NNBOOK_RESULTS``, or ``data/results``."""
    return Path(os.environ.get("NNBOOK_RESULTS") or REPOSITORY / "data" / "results")


def recorded_path(experiment: str, configuration: str, seed: int) -> Path:
    """Return the path of the record of a run that an experiment file declares."""
    return results_folder() / experiment / configuration / f"{seed}.json"


def local_path(key: str) -> Path:
    """Return the path of the record of any other run, which git ignores."""
    return results_folder() / ".local" / f"{key}.json"


@dataclass(frozen=True)
class Record:
    """A run on record.

    Attributes
    ----------
    path : Path
        Its file.
    content : dict
        What the file says: spec, key, status, history, final, seconds, versions, machine, date.
    """

    path: Path
    content: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The key of the specification that was carried out."""
        return str(self.content["key"])

    @property
    def diverged(self) -> bool:
        """Whether the loss ceased to be a finite number."""
        return bool(self.content["status"] == "diverged")

    @property
    def network(self) -> Network:
        """The trained network.

        Raises
        ------
        RecordError
            If no weights were kept, or their file is missing or not the one recorded.
        """
        recorded = self.content.get("weights_sha256")
        if recorded is None:
            raise RecordError(
                f"{self.path}: no weights on record; set keep_weights in the experiment file"
                if not self.diverged
                else f"{self.path}: the run diverged and left no network"
            )
        path = self.path.with_suffix(".npz")
        if not path.is_file() or _sha256(path) != recorded:
            raise RecordError(
                f"{path}: the weights are missing or not those recorded; {repair(self.path)}"
            )
        spec = self.content["spec"]
        depth = len(spec["hidden_layers"]) + 1
        with np.load(path) as arrays:
            return Network(
                tuple(
                    Layer(
                        arrays[f"W{n}"],
                        arrays[f"b{n}"],
                        get_activation(spec["activation"] if n < depth else "identity"),
                    )
                    for n in range(1, depth + 1)
                )
            )


def repair(path: Path) -> str:
    """Return the words that say how to bring a damaged record back."""
    if path.parent.name == ".local":
        return f"delete {path.name} and run the cell again"
    return f"`nnbook run {path.parent.parent.name}` makes it anew"


def write(path: Path, spec: RunSpec, outcome: Outcome, keep_weights: bool) -> Record:
    """Put a run on record.

    Raises
    ------
    RecordError
        If the file cannot be written.
    """
    content = _content(spec, outcome)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if keep_weights and outcome.network:
            weights = path.with_suffix(".npz")
            temporary = _temporary(weights)
            with temporary.open("wb") as file:
                np.savez(file, allow_pickle=False, **_arrays(outcome.network))
                file.flush()
                os.fsync(file.fileno())
            content["weights_sha256"] = _sha256(temporary)
            temporary.replace(weights)
        content["digest"] = _digest(content)
        temporary = _temporary(path)
        with temporary.open("w", encoding="utf-8") as text:
            text.write(_layout(content))
            text.flush()
            os.fsync(text.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _cannot_write(path.parent, error) from None
    return Record(path, content)


def read(path: Path) -> Record:
    """Read a record and check that it is whole and unchanged.

    Raises
    ------
    RecordError
        If it is truncated, edited by hand, or not a record; the message says what to do.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        digest = content.pop("digest")
    except (ValueError, KeyError, AttributeError, TypeError):
        raise RecordError(f"{path}: the record is truncated or damaged; {repair(path)}") from None
    if digest != _digest(content):
        raise RecordError(f"{path}: the record was edited after the run; {repair(path)}")
    return Record(path, content)


def prepare(folder: Path) -> None:
    """Make sure that records can be written to `folder`, and remove abandoned temporary files.

    Raises
    ------
    RecordError
        If they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = _temporary(folder / "probe")
        probe.write_bytes(b"nnbook")
        probe.unlink()
    except OSError as error:
        raise _cannot_write(folder, error) from None
    for temporary in folder.rglob(".*.tmp"):
        # A younger one may belong to a run that is going on beside this one.
        if time.time() - temporary.stat().st_mtime > ABANDONED_AFTER_SECONDS:
            temporary.unlink(missing_ok=True)


def _cannot_write(folder: Path, error: OSError) -> RecordError:
    return RecordError(
        f"results cannot be written to {folder} ({error.strerror}); "
        f"make it a folder that you may write to, or name another in NNBOOK_RESULTS"
    )


def _content(spec: RunSpec, outcome: Outcome) -> dict[str, Any]:
    history = {
        column: values if column == "epoch" else [_rounded(value) for value in values]
        for column, values in outcome.history.items()
    }
    final = {column: values[-1] for column, values in history.items() if column != "epoch"}
    return {
        "key": spec.key,
        "spec": spec.model_dump(mode="json"),
        "status": "diverged" if outcome.diverged_at else "finished",
        "diverged_at": outcome.diverged_at
        and dict(zip(("epoch", "step"), outcome.diverged_at, strict=True)),
        "final": None if outcome.diverged_at else final,
        "history": history,
        "seconds": _rounded(outcome.seconds),
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in ("nnbook", "keras", "numpy")}
        | {"tensorflow": _tensorflow_version()},
        "machine": {
            "system": platform.system(),
            "processor": platform.machine(),
            "cpus": os.cpu_count(),
        },
    }


def _tensorflow_version() -> str:
    try:
        return version("tensorflow")
    except PackageNotFoundError:
        return version("tensorflow-cpu")


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def _arrays(network: Network) -> dict[str, Any]:
    arrays = {}
    for n, layer in enumerate(network.layers, start=1):
        arrays[f"W{n}"] = layer.weights.astype(np.float32)
        arrays[f"b{n}"] = layer.biases.astype(np.float32)
    return arrays


def _layout(content: Mapping[str, Any]) -> str:
    """One line per entry: a column of the history is a line, and a diff shows what changed."""
    lines = []
    for name, value in content.items():
        text = json.dumps(value)
        if name == "history":
            columns = [
                f"  {json.dumps(key)}: {json.dumps(column)}" for key, column in value.items()
            ]
            text = "{\n" + ",\n".join(columns) + "\n }"
        lines.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")
