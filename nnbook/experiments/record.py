"""A record: what came out of a run, as it is written, read and checked."""

import hashlib
import io
import json
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json

from nnbook.errors import RecordError
from nnbook.metrics import EPOCHS
from nnbook.schema import canonical_digest, canonical_json, read_file
from nnbook.theory.network import Network
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec, run_spec
from nnbook.training.weights import arrays_of, network_of

KeepWeights = bool | Literal["first layer"]
"""Which trained weights go on record: all, none, or the first layer before and after training.

The first layer needs probes, and is on record with them for true, too."""

Need = Literal["weights", "probes", "first layer", "misread"]
"""What a caller may need of a record beside its numbers."""

KINDS = ("weights", "probes", "misread")
"""The files of arrays that a record may have."""

SIGNIFICANT_DIGITS = 7

LARGEST_RECORD, LARGEST_ARRAYS = 2**26, 2**32
"""The most bytes of a file that is read: more is no record."""


def needs(spec: RunSpec, keep: KeepWeights, *, misread: bool = False) -> frozenset[Need]:
    """Return which arrays the record of a run that finishes must have."""
    wanted: set[Need] = {"weights"} if keep is True else set()
    if misread:
        wanted.add("misread")
    if spec.probes:
        wanted |= {"probes", "first layer"} if keep else {"probes"}
    return frozenset(wanted)


@dataclass(frozen=True)
class Record:
    """A run on record.

    Attributes
    ----------
    path : Path
        Its file.
    content : dict
        What the file says: spec, key, status, history, final, seconds, versions, machine, date.
    remedy : str
        What brings its arrays back if they are damaged, in words.
    """

    path: Path
    content: Mapping[str, Any]
    remedy: str = "run it again"

    @property
    def key(self) -> str:
        """The key of the specification that was carried out."""
        return str(self.content["key"])

    @cached_property
    def spec(self) -> RunSpec:
        """The specification that was carried out."""
        return run_spec(self.content["spec"], str(self.path), trained=True)

    @property
    def diverged(self) -> bool:
        """Whether the loss ceased to be a finite number."""
        return bool(self.content["status"] == "diverged")

    @cached_property
    def final(self) -> dict[str, float]:
        """What was measured at the end, by metric; empty if the run diverged.

        Of a run that could stop early this includes its best and its last epoch.
        """
        measured: Mapping[str, float] | None = self.content["final"]
        if measured is None:
            return {}
        epochs = {name: self.content[name] for name in EPOCHS if name in self.content}
        return {**measured, **epochs}

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
                f"{self.path}: no weights on record; set keep_weights in the experiment file, or "
                f"ask for them: run(..., need={{'weights'}})"
                if not self.diverged
                else f"{self.path}: the run diverged and left no network"
            )
        return network_of(self.spec, self._arrays("weights"))

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
        return self._arrays("probes")

    @property
    def misread(self) -> dict[str, NDArray[Any]]:
        """Which examples a classifier gave a wrong class (see `nnbook.training.outcome.Outcome`).

        Raises
        ------
        RecordError
            If it is not on record, or its file is missing or not the one recorded.
        """
        if "misread_sha256" not in self.content:
            raise RecordError(
                f"{self.path}: which examples were misread is not on record; set keep_misread in "
                f"the experiment file, or ask for it: run(..., need={{'misread'}})"
            )
        return self._arrays("misread")

    def lacks(self, need: Collection[Need]) -> bool:
        """Say whether something that is needed was not kept; a diverged run has no weights."""
        if "weights" in need and not self.diverged and "weights_sha256" not in self.content:
            return True
        if not {"probes", "first layer"}.isdisjoint(need) and "probes_sha256" not in self.content:
            return True
        classifies = "confusion" in self.content
        if "misread" in need and classifies and "misread_sha256" not in self.content:
            return True
        return "first layer" in need and "W1_before.npy" not in self._names("probes")

    def has_whole_arrays(self) -> bool:
        """Say whether all arrays that belong to it are there and unchanged."""
        kinds = [kind for kind in KINDS if f"{kind}_sha256" in self.content]
        return all(self._bytes(kind) is not None for kind in kinds)

    def arrays_path(self, kind: str) -> Path:
        """Return the file of its arrays, such as those of kind ``"weights"``."""
        digest: str = self.content[f"{kind}_sha256"]
        return self.path.with_name(f"{self.path.stem}.{kind}-{digest[:12]}.npz")

    def _bytes(self, kind: str) -> bytes | None:
        try:
            content = read_file(self.arrays_path(kind), LARGEST_ARRAYS, RecordError)
        except (OSError, RecordError):
            return None
        return content if _sha256(content) == self.content[f"{kind}_sha256"] else None

    def _names(self, kind: str) -> list[str]:
        content = self._bytes(kind)
        return zipfile.ZipFile(io.BytesIO(content)).namelist() if content is not None else []

    def _arrays(self, kind: str) -> dict[str, NDArray[Any]]:
        content = self._bytes(kind)
        if content is None:
            raise RecordError(
                f"{self.arrays_path(kind)}: the {kind} are missing or not those recorded; "
                f"{self.remedy}"
            )
        with np.load(io.BytesIO(content)) as arrays:
            return dict(arrays)


def read(path: Path, remedy: str = "run it again") -> Record:
    """Read a record and check that it is whole and unchanged.

    Raises
    ------
    RecordError
        If it cannot be read, is truncated, edited by hand, or not a record; the message says what
        to do.
    FileNotFoundError
        If it is not there.
    """
    try:
        text = read_file(path, LARGEST_RECORD, RecordError).decode()
        content = from_json(text)  # three times as fast as the standard library's
        digest = content.pop("digest")
        whole = digest == _digest_of_layout(text, content) or digest == canonical_digest(content)
    except RecordError as error:
        raise RecordError(f"{error}; {remedy}") from None
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise RecordError(f"{path}: the record is truncated or damaged; {remedy}") from None
    if not whole:
        raise RecordError(f"{path}: the record was edited after the run; {remedy}")
    if content.get("key") != path.stem:
        raise RecordError(f"{path}: the record is that of another run; {remedy}")
    return Record(path, content, remedy)


def contents(
    spec: RunSpec, outcome: Outcome, keep: KeepWeights
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return what goes on record of a run: its content, and the bytes of each file of arrays."""
    arrays = {}
    if keep is True and outcome.network:
        arrays["weights"] = _packed(arrays_of(outcome.network))
    if probed := _probed(outcome, keep):
        arrays["probes"] = _packed(probed)
    if outcome.misread:
        arrays["misread"] = _packed(outcome.misread)
    digests = {f"{kind}_sha256": _sha256(data) for kind, data in arrays.items()}
    return {**_content(spec, outcome), **digests}, arrays


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


def _packed(arrays: Mapping[str, Any]) -> bytes:
    """Return arrays as the content of an .npz file; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _probed(outcome: Outcome, keep_weights: KeepWeights) -> dict[str, Any]:
    first_layer = outcome.first_layer if keep_weights else {}
    # Half precision shows the pictures and histograms that these weights are for.
    with np.errstate(over="ignore"):  # of a network that diverged
        halves = {name: values.astype(np.float16) for name, values in first_layer.items()}
    return {**outcome.arrays, **halves}


def as_text(content: Mapping[str, Any]) -> str:
    """Return the text of a record, which ends with its digest.

    There is one line per entry: a column of the history is a line, and a diff shows what changed.
    """
    lines = []
    for name, value in {**content, "digest": canonical_digest(content)}.items():
        text = json.dumps(value)
        if name == "history":
            columns = [
                f"  {json.dumps(key)}: {json.dumps(column)}" for key, column in value.items()
            ]
            text = "{\n" + ",\n".join(columns) + "\n }"
        lines.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _digest_of_layout(text: str, content: Mapping[str, Any]) -> str:
    """Return what `canonical_digest` does of `content`, if `text` is its layout, in less time.

    For another text it returns another digest.
    """
    _, _, rest = text.partition('\n "history": {\n')
    columns, _, _ = rest.partition("\n }")
    lines = sorted(line.strip(" ,") for line in columns.split("\n"))
    history = '"history":{' + ",".join(lines).replace(" ", "") + "}"
    others = canonical_json({**content, "history": None})
    return _sha256(others.replace('"history":null', history, 1).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
