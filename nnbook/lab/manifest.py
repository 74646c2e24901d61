"""The manifest of a report: every run with all that it takes to make it again.

It is attached to the PDF as ``manifest.json``. A marker (see `nnbook.lab.repeats`) did not
write what is read here: it is parsed strictly, and no run is repeated that would take for ever.
"""

import hashlib
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from nnbook.errors import LabError, SpecError
from nnbook.lab import confined, own_results, signing
from nnbook.lab.folder import Lab
from nnbook.lab.own_results import Entered
from nnbook.lab.pandoc import INSTALL
from nnbook.lab.tasks import Bounded
from nnbook.schema import canonical_digest, parse, read_file
from nnbook.training.flat import PATH, without_folders
from nnbook.training.spec import RunSpec, run_spec

NAME = "manifest.json"
FORMAT = 3
LARGEST_FILE = 200 * 2**20  # bytes
LIMITS = confined.Limits(seconds=20, memory=3 * 2**30, written=300 * 2**20)

MOST_LAYERS = 200
MOST_WEIGHTS = 10**8
MOST_STEPS = 10**8
MOST_PRODUCTS = 10**14
"""Of weights and examples: like the steps, about an hour on two cores."""


def text(lab: Lab) -> str:
    """Return the manifest of a lab as JSON: the same for the same records."""
    import nnbook

    content: dict[str, Any] = {
        "format": FORMAT,
        "nnbook": nnbook.__version__,
        "course": lab.cover.course,
        "title": lab.cover.title,
        "team": lab.cover.team,
        "authors": [
            {"name": author.name, "matriculation": author.matriculation} for author in lab.authors
        ],
        "language": lab.cover.language,
        "definition": {"name": lab.definition.name, "digest": lab.definition.digest},
        "date": lab.cover.date.isoformat(),
        "answers_sha256": hashlib.sha256(lab.answers_text().encode()).hexdigest(),
        "compare": {
            name: f"{other.experiment}/{other.name}" for name, other in lab.compare.items()
        },
        "declared": [
            {
                "experiment": configuration.experiment,
                "configuration": name,
                "seeds": list(configuration.seeds),
            }
            for name, configuration in lab.configurations.items()
        ],
        "runs": list(_runs(lab)),
    }
    if lab.by_hand:
        content["step"] = lab.by_hand.content()
    if lab.own:
        content["own"] = own_results.entries(lab.own)
    content["digest"] = _digest(content)
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _runs(lab: Lab) -> Iterator[dict[str, Any]]:
    signatures = signing.read(lab.folder)
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
                "signature": signatures.get(content["key"], ""),
                "data_sha256": runs.configuration.run(seed).data.digest,
            }


def _digest(content: dict[str, Any]) -> str:
    rest = {key: value for key, value in content.items() if key != "digest"}
    return canonical_digest(rest)


class Entry(BaseModel):
    """A run as the manifest has it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    experiment: str
    configuration: str
    seed: int
    key: str
    spec: dict[str, Any]
    status: Literal["finished", "diverged"]
    final: dict[str, Bounded] | None
    date: str
    versions: dict[str, str]
    machine: dict[str, Any]
    seconds: Bounded
    data_sha256: str = ""  # not said by the first reports
    signature: str = ""


class Declared(BaseModel):
    """The runs that a configuration ought to have."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    experiment: str
    configuration: str
    seeds: list[int]


class Named(BaseModel):
    """What the manifest says of a report as a whole."""

    model_config = ConfigDict(frozen=True, strict=True)

    course: str
    title: str
    team: str
    authors: list[dict[str, str]]
    language: str
    definition: dict[str, str]
    compare: dict[str, str]
    answers_sha256: str
    own: list[Entered] = []
    step: dict[str, Any] = {}


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
    machine : dict
        The kind of machine.
    entry : dict
        All that the manifest says of it.
    """

    configuration: str
    spec: RunSpec
    final: Mapping[str, float] | None
    versions: Mapping[str, str]
    machine: Mapping[str, Any]
    entry: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return what a message calls it."""
        return f"{self.configuration}, seed {self.spec.seed}, key {self.spec.key[:16]}"


@dataclass(frozen=True)
class Manifest:
    """What a report says that was run.

    Attributes
    ----------
    runs : list of Run
    missing : dict of str to list of int
        By configuration: seeds that the lab declares and the report has no run of.
    named : Named
        Whose report it is, and of which lab.
    """

    runs: list[Run]
    missing: Mapping[str, list[int]]
    named: Named


def read(path: Path, data_files: Mapping[str, Path] | None = None) -> Manifest:
    """Return the runs of a report, from its PDF or from its manifest.

    Parameters
    ----------
    path : Path
    data_files : mapping of str to Path, optional
        Where files of data are, by name.

    Raises
    ------
    LabError
        If the file is neither, was edited, or names runs that cannot be, are there twice, or are
        not declared.
    """
    try:
        content = read_file(path, LARGEST_FILE, LabError)
    except FileNotFoundError:
        raise LabError(f"{path}: no such file") from None
    if content.startswith(b"%PDF"):
        content = attached(path, content)
    try:
        manifest = json.loads(content)
        if manifest["format"] != FORMAT:
            raise LabError(f"{path}: its manifest has another format; update nnbook")
        if manifest["digest"] != _digest(manifest):
            raise LabError(f"{path}: its manifest was edited after the report was made")
        declared = [parse(Declared, entry, "declared") for entry in manifest["declared"]]
        entries = [parse(Entry, entry, "runs") for entry in manifest["runs"]]
        named = parse(Named, manifest, "manifest")
    except (SpecError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise LabError(
            f"{path}: expected a report of nnbook, or its manifest.json; this is neither"
        ) from None
    missing = _missing(declared, entries, path)
    runs = [_run(entry, path, data_files or {}) for entry in entries]
    _refuse_misnamed(runs, path)
    return Manifest(runs, missing, named)


def _missing(
    declared: Sequence[Declared], entries: Sequence[Entry], path: Path
) -> dict[str, list[int]]:
    """Return the seeds of which there is no run; refuse runs that are there twice or too many."""
    there = Counter((entry.experiment, entry.configuration, entry.seed) for entry in entries)
    expected = {
        (item.experiment, item.configuration, seed): item.configuration
        for item in declared
        for seed in item.seeds
    }
    for run, count in there.items():
        if count > 1 or run not in expected:
            what = "is there twice" if count > 1 else "is not declared"
            raise LabError(f"{path}: {run[1]}: the run of seed {run[2]} {what}")
    missing: dict[str, list[int]] = {}
    for run, configuration in expected.items():
        if run not in there:
            missing.setdefault(configuration, []).append(run[2])
    return missing


def attached(path: Path, content: bytes) -> bytes:
    """Return the manifest that is attached to a PDF, as it is.

    Raises
    ------
    LabError
        If there is not one.
    """
    if importlib.util.find_spec("pypdf") is None:
        raise LabError(INSTALL)
    program = str(Path(__file__).with_name("attachments.py"))
    try:
        done = confined.run([sys.executable, "-I", program, NAME], LIMITS, content)
    except confined.LimitError as error:
        raise LabError(f"{path}: the PDF cannot be read: {error}") from None
    if done.status:  # whatever a reader of PDF meets in a file that a stranger made
        raise LabError(f"{path}: the PDF is damaged")
    lengths, _, contents = done.output.partition(b"contents\n")
    count = len(lengths.split())
    if count != 1:
        raise LabError(
            f"{path}: expected one {NAME} attached to it, found {count or 'none'}; was it "
            f"made by nnbook?"
        )
    return contents


def _run(entry: Entry, path: Path, data_files: Mapping[str, Path]) -> Run:
    name = entry.configuration
    try:
        # What a stranger hands in names no folder of this machine.
        settings = without_folders(entry.spec)
        if (file := data_files.get(str(settings.get(PATH)))) is not None:
            settings[PATH] = str(file)
        spec = run_spec(settings, f"{path}: {name}")
    except SpecError as error:
        raise LabError(str(error)) from None
    if entry.data_sha256 not in ("", spec.data.digest):
        data = getattr(spec.data, "path", spec.data.name)
        raise LabError(
            f"{path}: {name}, seed {spec.seed}: {data} is not what the run was trained on: "
            f"expected the SHA-256 {entry.data_sha256[:16]}, received {spec.data.digest[:16]}"
        )
    if spec.key != entry.key:
        raise LabError(
            f"{path}: {name}, seed {spec.seed}: the key does not belong to its settings; "
            f"the record was edited, or made by another version of nnbook"
        )
    if entry.seed != spec.seed or (entry.status == "diverged") != (entry.final is None):
        raise LabError(f"{path}: {name}, seed {entry.seed}: the run contradicts itself")
    if entry.final is not None and not entry.final:
        raise LabError(f"{path}: {name}, seed {entry.seed}: the run is empty")
    return Run(name, spec, entry.final, entry.versions, entry.machine, entry.model_dump())


def _refuse_misnamed(runs: Sequence[Run], path: Path) -> None:
    """Refuse runs of one configuration that differ in more than seed and split."""
    first: dict[str, RunSpec] = {}
    for run in runs:
        spec = first.setdefault(run.configuration, run.spec)
        if run.spec != spec.model_copy(update={"seed": run.spec.seed, "split": run.spec.split}):
            raise LabError(
                f"{path}: {run.configuration}, seed {run.spec.seed}: its settings are those of "
                f"another configuration"
            )


def refuse_large(run: Run) -> None:
    """Refuse a run that would take hours, or more memory than there is.

    Raises
    ------
    LabError
        Saying what is too large.
    """
    spec = run.spec
    epochs = spec.epochs * (1 + len(spec.continued)) + spec.pretraining_epochs
    received = {
        **_network_size(spec),
        "steps": (epochs * spec.steps, MOST_STEPS),
        "products": (epochs * spec.data.facts.examples * _weights(spec), MOST_PRODUCTS),
    }
    for what, (number, most) in received.items():
        if number > most:
            raise LabError(
                f"{run}: too large to be repeated: expected at most {most:g} {what}, received "
                f"{number:.3g}; nnbook lab verify --large repeats it all the same"
            )


def refuse_large_networks(lab: Lab) -> None:
    """Refuse a lab with a network that needs more memory than there is.

    Raises
    ------
    LabError
        Saying which configuration it is.
    """
    for name, configuration in lab.configurations.items():
        spec = configuration.run(configuration.seeds[0])
        for what, (number, most) in _network_size(spec).items():
            if number > most:
                raise LabError(
                    f"{name}: the network is too large: expected at most {most:g} {what}, "
                    f"received {number:.3g}"
                )


def _network_size(spec: RunSpec) -> dict[str, tuple[int, int]]:
    return {
        "hidden layers": (len(spec.hidden_layers), MOST_LAYERS),
        "weights": (_weights(spec), MOST_WEIGHTS),
    }


def _weights(spec: RunSpec) -> int:
    facts = spec.data.facts
    sizes = [facts.inputs, *spec.hidden_layers, facts.outputs]
    return sum(inputs * outputs for inputs, outputs in pairwise(sizes))
