"""Records: one JSON file per run, its weights in an .npz file beside it.

A record is complete when its JSON file is there: it is written under a temporary name, flushed to
the disk and renamed, after the weights. It carries a digest of its content, so that a truncated or
edited file is noticed when it is read.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import RecordError
from nnbook.project import REPOSITORY
from nnbook.schema import canonical_json
from nnbook.theory.activations import get_activation
from nnbook.theory.network import Layer, Network
from nnbook.training.outcome import Outcome
from nnbook.training.spec import CANONICAL_OUTPUT, RunSpec

KeepWeights = bool | Literal["first layer"]
"""Which trained weights go on record: all, none, or the first layer before and after training.

The first layer needs probes, and is on record with them for true, too."""

SIGNIFICANT_DIGITS = 7
ABANDONED_AFTER_SECONDS = 60


def results_folder() -> Path:
    """Return the folder of all results: ``NNBOOK_RESULTS``, or ``data/results``."""
    return Path(os.environ.get("NNBOOK_RESULTS") or REPOSITORY / "data" / "results")


@contextmanager
def results_in(folder: Path) -> Iterator[None]:
    """Let `folder` hold the results meanwhile, in this process and in those that it starts."""
    before = os.environ.get("NNBOOK_RESULTS")
    os.environ["NNBOOK_RESULTS"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["NNBOOK_RESULTS"]
        else:
            os.environ["NNBOOK_RESULTS"] = before


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
        if "weights_sha256" not in self.content:
            raise RecordError(
                f"{self.path}: no weights on record; set keep_weights in the experiment file"
                if not self.diverged
                else f"{self.path}: the run diverged and left no network"
            )
        arrays = self._arrays(self.path.with_suffix(".npz"), "weights")
        spec = self.content["spec"]
        depth = len(spec["hidden_layers"]) + 1
        # Records made before there was a choice do not name the output activation.
        output = spec.get("output_activation") or CANONICAL_OUTPUT[spec["loss"]]
        return Network(
            tuple(
                Layer(
                    arrays[f"W{n}"],
                    arrays[f"b{n}"],
                    get_activation(spec["activation"] if n < depth else output),
                )
                for n in range(1, depth + 1)
            )
        )

    @property
    def probes(self) -> dict[str, NDArray[Any]]:
        """What the probes measured, by name (see `nnbook.training.probes.Probes`).

        With kept weights also ``W1_before``, ``b1_before``, ``W1_after`` and ``b1_after``, weights
        and biases of the first layer in half precision.

        Raises
        ------
        RecordError
            If there were no probes, or their file is missing or not the one recorded.
        """
        if "probes_sha256" not in self.content:
            raise RecordError(f"{self.path}: the run was made without probes")
        return self._arrays(probes_path(self.path), "probes")

    def _arrays(self, path: Path, kind: str) -> dict[str, NDArray[Any]]:
        if not path.is_file() or _sha256(path) != self.content[f"{kind}_sha256"]:
            raise RecordError(
                f"{path}: the {kind} are missing or not those recorded; {repair(self.path)}"
            )
        with np.load(path) as arrays:
            return dict(arrays)


def repair(path: Path) -> str:
    """Return the words that say how to bring a damaged record back."""
    if path.parent.name == ".local":
        return f"delete {path.name} and run the cell again"
    return f"`nnbook run {path.parent.parent.name}` makes it anew"


def write(path: Path, spec: RunSpec, outcome: Outcome, keep_weights: KeepWeights) -> Record:
    """Put a run on record.

    Raises
    ------
    RecordError
        If the file cannot be written.
    """
    content = _content(spec, outcome)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if keep_weights is True and outcome.network:
            content["weights_sha256"] = _write_arrays(
                path.with_suffix(".npz"), _weights(outcome.network)
            )
        if probed := _probed(outcome, keep_weights):
            content["probes_sha256"] = _write_arrays(probes_path(path), probed)
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
    final = outcome.final or {
        column: values[-1] for column, values in history.items() if column != "epoch"
    }
    return {
        "key": spec.key,
        "spec": spec.model_dump(mode="json"),
        "status": "diverged" if outcome.diverged_at else "finished",
        "diverged_at": outcome.diverged_at
        and dict(zip(("epoch", "step"), outcome.diverged_at, strict=True)),
        "final": None if outcome.diverged_at else _all_rounded(final),
        **({"fits": [_all_rounded(fit) for fit in outcome.fits]} if outcome.fits else {}),
        **outcome.measures,
        "history": history,
        "seconds": _rounded(outcome.seconds),
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "versions": dict(outcome.versions),
        "machine": dict(outcome.machine),
    }


def _all_rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: _rounded(value) for name, value in values.items()}


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def _write_arrays(path: Path, arrays: Mapping[str, Any]) -> str:
    temporary = _temporary(path)
    with temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())
    digest = _sha256(temporary)
    temporary.replace(path)
    return digest


def probes_path(path: Path) -> Path:
    """Return the path of what the probes of a run measured, beside its record."""
    return path.with_suffix(".probes.npz")


def _probed(outcome: Outcome, keep_weights: KeepWeights) -> dict[str, Any]:
    first_layer = outcome.first_layer if keep_weights else {}
    # Half precision shows the pictures and histograms that these weights are for.
    with np.errstate(over="ignore"):  # of a network that diverged
        halves = {name: values.astype(np.float16) for name, values in first_layer.items()}
    return {**outcome.arrays, **halves}


def _weights(network: Network) -> dict[str, Any]:
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
