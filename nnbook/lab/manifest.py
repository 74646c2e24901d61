"""The manifest of a report: every run with all that it takes to make it again.

It is attached to the PDF as ``manifest.json``. `verify` repeats runs and compares.
"""

import hashlib
import io
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnbook.errors import LabError, SpecError
from nnbook.experiments.statistics import summarize
from nnbook.lab.folder import Lab
from nnbook.lab.pandoc import INSTALL
from nnbook.schema import canonical_json
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec, run_spec

NAME = "manifest.json"
FORMAT = 1
LARGEST_FILE = 200 * 2**20  # bytes

IDENTICAL = 1e-6
"""Relative difference up to which two results are the same, as they are rounded in records."""

CLOSE_IN_DEVIATIONS = 4.0
"""Another machine adds up in another order; its result is one of the same distribution."""

CLOSE = 0.05
"""Relative difference that passes where there is no standard deviation to compare with."""


def text(lab: Lab) -> str:
    """Return the manifest of a lab as JSON: the same for the same records."""
    import nnbook

    content: dict[str, Any] = {
        "format": FORMAT,
        "nnbook": nnbook.__version__,
        "course": lab.cover.course,
        "title": lab.cover.title,
        "team": lab.cover.team,
        "date": lab.cover.date.isoformat(),
        "answers_sha256": hashlib.sha256(lab.answers_text().encode()).hexdigest(),
        "runs": list(_runs(lab)),
    }
    content["digest"] = _digest(content)
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _runs(lab: Lab) -> Iterator[dict[str, Any]]:
    for name, runs in lab.results.items():
        for seed, record in runs.records.items():
            content = record.content
            yield {
                "experiment": runs.configuration.experiment,
                "configuration": name,
                "seed": seed,
                **{
                    key: content[key]
                    for key in ("key", "spec", "status", "final", "date", "versions", "machine")
                },
                "seconds": content["seconds"],
            }


def _digest(content: dict[str, Any]) -> str:
    rest = {key: value for key, value in content.items() if key != "digest"}
    return hashlib.sha256(canonical_json(rest).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """A run that a report rests on.

    Attributes
    ----------
    configuration : str
        Name of its configuration.
    spec : RunSpec
        What was trained.
    final : dict of str to float
        What the report says came out; None if it diverged.
    versions : dict of str to str
        Of Python and the libraries.
    """

    configuration: str
    spec: RunSpec
    final: dict[str, float] | None
    versions: dict[str, str]

    def __str__(self) -> str:
        """Return what a message calls it."""
        return f"{self.configuration}, seed {self.spec.seed}, key {self.spec.key[:16]}"


def read(path: Path) -> list[Run]:
    """Return the runs of a report, from its PDF or from its manifest.

    Raises
    ------
    LabError
        If the file is neither, was edited, or names runs that cannot be.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise LabError(f"{path}: expected at most {LARGEST_FILE // 2**20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise LabError(f"{path}: cannot be read ({error.strerror})") from None
    if content.startswith(b"%PDF"):
        content = _attached(path, content)
    try:
        manifest = json.loads(content)
        if manifest["format"] != FORMAT:
            raise LabError(f"{path}: its manifest has another format; update nnbook")
        if manifest["digest"] != _digest(manifest):
            raise LabError(f"{path}: its manifest was edited after the report was made")
        return [_run(entry, path) for entry in manifest["runs"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise LabError(
            f"{path}: expected a report of nnbook, or its manifest.json; this is neither"
        ) from None


def _attached(path: Path, content: bytes) -> bytes:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise LabError(INSTALL) from None
    try:
        attachments = PdfReader(io.BytesIO(content)).attachments
        return bytes(attachments[NAME][0])
    except KeyError:
        raise LabError(f"{path}: no {NAME} is attached to it; was it made by nnbook?") from None
    except (PyPdfError, ValueError, TypeError, AttributeError, RecursionError, OSError):
        raise LabError(f"{path}: the PDF is damaged") from None


def _run(entry: dict[str, Any], path: Path) -> Run:
    name = str(entry["configuration"])
    try:
        spec = run_spec(entry["spec"], f"{path}: {name}")
    except SpecError as error:
        raise LabError(str(error)) from None
    if spec.key != entry["key"]:
        raise LabError(
            f"{path}: {name}, seed {spec.seed}: the key does not belong to its settings; "
            f"the record was edited, or made by another version of nnbook"
        )
    final = entry["final"] and {str(k): float(v) for k, v in entry["final"].items()}
    return Run(name, spec, final, dict(entry["versions"]))


def sample(runs: Sequence[Run], count: int) -> list[Run]:
    """Return `count` of the runs, drawn at random but always the same."""
    if count >= len(runs):
        return list(runs)
    chosen = random.Random(0).sample(range(len(runs)), count)
    return [runs[index] for index in sorted(chosen)]


@dataclass(frozen=True)
class Comparison:
    """A metric as the report has it, and as the repeated run has it.

    Attributes
    ----------
    metric : str
    reported, repeated : float
    verdict : {"identical", "close", "different"}
        Close: as near as another run of the same configuration may be.
    """

    metric: str
    reported: float
    repeated: float
    verdict: str


def verify(
    run: Run, siblings: Sequence[Run], train: Callable[[RunSpec], Outcome] | None = None
) -> list[Comparison]:
    """Repeat a run and compare what comes out with what the report says.

    Parameters
    ----------
    run : Run
    siblings : sequence of Run
        All runs of the report; those of the same configuration say how much runs differ.
    train : callable, optional
        In place of `nnbook.training.engine.train`.

    Returns
    -------
    list of Comparison
        One for each metric; one called ``diverged`` if one of the two diverged.
    """
    if train is None:
        from nnbook.training import engine

        train = engine.train
    outcome = train(run.spec)
    diverged = bool(outcome.diverged_at)
    if diverged or run.final is None:
        same = diverged == (run.final is None)
        verdict = "identical" if same else "different"
        return [Comparison("diverged", float(run.final is None), float(diverged), verdict)]
    repeated = outcome.final or {
        column: values[-1] for column, values in outcome.history.items() if column != "epoch"
    }
    others = [
        other.final
        for other in siblings
        if other.configuration == run.configuration and other.final is not None
    ]
    comparisons = []
    for metric, reported in run.final.items():
        if metric in repeated:
            spread = summarize([final[metric] for final in others if metric in final]).sd
            value = float(repeated[metric])
            comparisons.append(
                Comparison(metric, reported, value, _verdict(reported, value, spread))
            )
    return comparisons


def _verdict(reported: float, repeated: float, spread: float) -> str:
    difference = abs(reported - repeated)
    size = max(abs(reported), abs(repeated))
    if difference <= IDENTICAL * size:
        return "identical"
    allowed = CLOSE_IN_DEVIATIONS * spread if spread > 0 else CLOSE * size  # nan: a single run
    return "close" if difference <= allowed else "different"
