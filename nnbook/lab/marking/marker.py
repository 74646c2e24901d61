"""Goes through what many teams handed in: each in processes with limits, some at a time.

What was done stays in the folder of the results, so that marking can be stopped and resumed. A team
whose file or folder changed meanwhile is done again.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from nnbook.errors import LabError
from nnbook.lab import confined, files, manifest
from nnbook.lab.confined import Limits
from nnbook.lab.definition import Definition
from nnbook.lab.marking import copies, rubric
from nnbook.lab.marking.copies import Traces
from nnbook.lab.marking.given import Given
from nnbook.lab.marking.rubric import Awarded, Written
from nnbook.lab.marking.team import INSPECTION, REPEATS, Job
from nnbook.schema import read_file

MOST_SUBMISSIONS = 2000
LARGEST_SUBMISSION = 2 * 2**30  # bytes
LARGEST_FOUND = 100 * 2**20
STATE = "state.json"
FORM = 2
"""Of what is found: what another version of the package found is found again."""
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}

START = 9.0
"""Seconds that a process takes before its first run."""
COMPILE = 4.0
"""Seconds to compile what a new configuration trains with."""
PER_STEP, PER_PRODUCT = 3e-5, 5e-11
"""Seconds per step, and per weight and example, as an estimate."""


def run_apart(job: Job, limits: Limits) -> str:
    """Carry out a job in a process of its own with limits, and return how it ended."""
    order = Path(job.out) / f"{job.stage}.json"
    files.write(order, json.dumps(asdict(job)).encode())
    command = [sys.executable, "-m", "nnbook.lab.marking.team", str(order)]
    try:
        done = confined.run(command, limits, environment={**os.environ, **QUIET})
        return f"its process ended with status {done.status}"
    except LabError as error:
        return str(error)
    finally:
        order.unlink(missing_ok=True)


@dataclass(frozen=True)
class Options:
    """How to mark.

    Attributes
    ----------
    definition : Definition
    out : Path
        Folder of the results.
    repeats : int
        Runs of each team to repeat; 0 for all.
    seed : int
        Of the samples.
    jobs : int
        Teams at a time.
    limits : Limits
        Of each process.
    key : Path, optional
        The course's key.
    process : callable
        Carries out a job with limits and returns how it ended.
    """

    definition: Definition
    out: Path
    repeats: int
    seed: int
    jobs: int
    limits: Limits
    key: Path | None = None
    process: "Callable[[Job, Limits], str]" = run_apart


@dataclass
class Team:
    """What was found about one team."""

    name: str
    submission: Path
    folder: Path
    inspection: dict[str, Any] = field(default_factory=dict)
    repeats: dict[str, Any] = field(default_factory=dict)
    facts: list[str] = field(default_factory=list)
    points: list[Awarded] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What is wrong with the report, or kept it from being inspected."""
        said = [str(part["error"]) for part in (self.inspection, self.repeats) if "error" in part]
        problems = [*said, *self.inspection.get("problems", [])]
        if forged := (self.inspection.get("signed") or {}).get("forged"):
            runs = "1 run has" if forged == 1 else f"{forged} runs have"
            problems.append(f"{runs} a signature that is not the course's")
        return problems

    @property
    def different(self) -> list[dict[str, Any]]:
        """The results that did not come out again."""
        return [line for line in self.repeats.get("lines", []) if line["verdict"] == "different"]

    @property
    def doubts(self) -> list[str]:
        """Why results may not be what they seem."""
        lines = [
            f"{line['configuration']}, seed {line['seed']}: {line['metric']} did not come out again"
            for line in self.different
        ]
        return self.problems + lines

    def verdicts(self) -> dict[str, int]:
        """Return how many runs came out in which way: as the worst of their metrics."""
        worst: dict[str, str] = {}
        order = ("identical", "close", "different")
        for line in self.repeats.get("lines", []):
            before = worst.get(line["key"], "identical")
            worst[line["key"]] = max(before, line["verdict"], key=order.index)
        return {verdict: list(worst.values()).count(verdict) for verdict in order}


def submissions(folder: Path, out: Path) -> list[Team]:
    """Return what is in a folder to be marked: PDFs, and folders with a lab.

    Whatever else is there has a line, too, which says that it is neither.

    Raises
    ------
    LabError
        If there is nothing, or too much.
    """
    if not folder.is_dir():
        raise LabError(f"{folder}: expected a folder with what was handed in")
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.resolve() == out.resolve():
            continue
        found.append(_inside(path) if path.is_dir() and not path.is_symlink() else path)
    if not found or len(found) > MOST_SUBMISSIONS:
        raise LabError(
            f"{folder}: expected 1 to {MOST_SUBMISSIONS} PDFs and folders of labs, received "
            f"{len(found) or 'none'}"
        )
    names = [_safe(path.relative_to(folder).parts[0], folder) for path in found]
    return [Team(name, path, out / "teams" / name) for name, path in zip(names, found, strict=True)]


def _inside(folder: Path) -> Path:
    """Return the lab in a folder: itself, the one folder with a lab, or the one PDF in it."""
    if (folder / "lab.toml").exists():
        return folder
    inner = [path for path in sorted(folder.iterdir()) if not path.is_symlink()]
    labs = [path for path in inner if path.is_dir() and (path / "lab.toml").exists()]
    pdfs = [path for path in inner if path.is_file() and path.suffix.lower() == ".pdf"]
    candidates = labs or pdfs
    return candidates[0] if len(candidates) == 1 else folder


def _safe(name: str, folder: Path) -> str:
    """Return a name for files that no other submission has, whatever it was handed in as."""
    plain = re.sub(r"[^\w.-]+", "_", name.removesuffix(".pdf")).strip("._")[:60]
    if plain == name.removesuffix(".pdf") and not (folder / plain).is_dir():
        return plain
    return f"{plain or 'team'}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def digest(path: Path) -> str:
    """Return what changes when a submission does; refuses what is too large.

    Raises
    ------
    LabError
        If it is larger than a submission may be, or holds links.
    """
    found = hashlib.sha256()
    total = 0
    if path.is_dir():
        files.refuse_links(path)
        parts = sorted(part for part in path.rglob("*") if part.is_file())
    elif path.is_symlink() or not path.is_file() or path.suffix.lower() != ".pdf":
        raise LabError(f"{path}: expected a PDF or the folder of a lab, this is neither")
    else:
        parts = [path]
    for part in parts:
        total += part.stat().st_size
        if total > LARGEST_SUBMISSION:
            raise LabError(f"{path}: expected at most {LARGEST_SUBMISSION:,} bytes")
        found.update(str(part.relative_to(path.parent)).encode())
        found.update(hashlib.sha256(read_file(part, LARGEST_SUBMISSION, LabError)).digest())
    return found.hexdigest()


def inspect_all(teams: Sequence[Team], options: Options, said: Callable[[str], None]) -> None:
    """Inspect all teams, some at a time."""
    _stage(teams, options, "inspect", said)


def repeat_all(teams: Sequence[Team], options: Options, said: Callable[[str], None]) -> None:
    """Repeat runs of all teams that could be inspected.

    Raises
    ------
    DataError
        If data of the lab are not on this machine: that is no fault of any team.
    """
    used = {data for team in teams for data in team.inspection.get("data", [])}
    for name in options.definition.file.data:
        if options.definition.digest_of(name) in used:
            options.definition.load(name)  # with a network, which the teams' processes lack
    _stage([team for team in teams if "runs" in team.inspection], options, "repeat", said)


def _stage(
    teams: Sequence[Team], options: Options, stage: Any, said: Callable[[str], None]
) -> None:
    def carry_out(team: Team) -> str:
        found = _done_or_do(team, options, stage)
        setattr(team, "inspection" if stage == "inspect" else "repeats", found)
        return f"{stage}: {team.name}: {found.get('error', 'done')}"

    with ThreadPoolExecutor(options.jobs) as pool:
        for number, line in enumerate(pool.map(carry_out, teams), start=1):
            said(f"{number} of {len(teams)}: {line}")


def _done_or_do(team: Team, options: Options, stage: Any) -> dict[str, Any]:
    """Return what was found before, if all is as it was, or what is found now."""
    name = INSPECTION if stage == "inspect" else REPEATS
    path, state_path = team.folder / name, team.folder / f"{stage}-{STATE}"
    try:
        team.folder.mkdir(parents=True, exist_ok=True)
        key = str(options.key.resolve()) if options.key else ""
        job = Job(
            stage,
            str(team.submission.resolve()),
            str(team.folder.resolve()),
            str(options.definition.folder.resolve()),
            key,
            options.repeats,
            options.seed,
        )
        state = {
            **asdict(job),
            "digest": digest(team.submission),
            "lab": options.definition.digest,
            "form": FORM,
        }
        if path.is_file() and state_path.is_file() and _read(state_path) == state:
            return _read(path)
        path.unlink(missing_ok=True)
        found = _run(job, path, options)
        files.write(state_path, json.dumps(state).encode())
    except (LabError, OSError) as error:
        return {"error": str(error)}
    return found


def already_found(team: Team) -> None:
    """Fill in what was found about a team when it was marked; nothing is inspected or repeated.

    Raises
    ------
    LabError
        If it was not marked, or handed in something else since.
    """
    state_path = team.folder / f"inspect-{STATE}"
    again = f"{team.name}: {{}}; run `nnbook lab mark` without --feedback"
    now = digest(team.submission)
    if not state_path.is_file():
        raise LabError(again.format("not marked yet"))
    state = _read(state_path)
    if state.get("form") != FORM or state.get("digest") != now:
        raise LabError(again.format("changed since it was marked"))
    team.inspection = _read(team.folder / INSPECTION)
    if (path := team.folder / REPEATS).is_file():
        team.repeats = _read(path)


def _run(job: Job, path: Path, options: Options) -> dict[str, Any]:
    """Carry out a job and return what it found; what it had when it was stopped counts, too."""
    reason = options.process(job, options.limits)
    found = _read(path) if path.is_file() else {}
    if not found or found.get("done") is False:
        found["error"] = f"stopped: {reason}"
        files.write(path, json.dumps(found).encode())
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_file(path, LARGEST_FOUND, LabError))
    except (ValueError, OSError, RecursionError):
        raise LabError(f"{path}: damaged; remove it to have it made again") from None
    return content if isinstance(content, dict) else {}


def estimate(teams: Sequence[Team], options: Options) -> tuple[float, float]:
    """Return about how long repeating takes, and how long at most, in seconds.

    The seconds that a report claims do not count: sizes of networks and data do.
    """
    about, count = 0.0, 0
    for team in teams:
        if "runs" not in team.inspection:
            continue
        count += 1
        about += START
        try:
            runs = manifest.read(team.folder / manifest.NAME, options.definition.data_files).runs
        except LabError:
            continue
        seconds = [_seconds(run) for run in runs if not _is_refused(run)]
        chosen = min(options.repeats or len(seconds), len(seconds))
        mean = sum(seconds) / len(seconds) if seconds else 0.0
        about += min(chosen * mean, options.limits.seconds)  # a team has no more
    return about / options.jobs, count * 3 * options.limits.seconds / options.jobs


def _is_refused(run: manifest.Run) -> bool:
    try:
        manifest.refuse_large(run)
    except LabError:
        return True
    return False


def _seconds(run: manifest.Run) -> float:
    sizes = [run.spec.data.facts.inputs, *run.spec.hidden_layers, run.spec.data.facts.outputs]
    weights = sum(one * other for one, other in pairwise(sizes))
    examples = run.spec.epochs * run.spec.data.facts.training
    return COMPILE + PER_STEP * run.spec.epochs * run.spec.steps + PER_PRODUCT * weights * examples


def conclude(teams: Sequence[Team], options: Options) -> None:
    """Compare the teams with each other, and give points where rules can."""
    given = Given.of(options.definition)
    for name, facts in copies.facts(dict(_traces(teams)), given).items():
        next(team for team in teams if team.name == name).facts = facts
    for team in teams:
        if "runs" not in team.inspection:
            continue
        runs = manifest.read(team.folder / manifest.NAME, options.definition.data_files).runs
        answers = {
            number: Written(**written) for number, written in team.inspection["answers"].items()
        }
        spoken = options.definition.file.languages
        language = team.inspection["language"]
        language = language if language in spoken else spoken[0]
        step = team.inspection.get("step", [])
        marks = rubric.Rubric(options.definition, language, answers, runs, team.doubts, step)
        team.points = marks.award()


def _traces(teams: Sequence[Team]) -> Iterator[tuple[str, Traces]]:
    for team in teams:
        if "traces" in team.inspection:
            said = team.inspection["traces"]
            yield (
                team.name,
                Traces(
                    frozenset(said["runs"]),
                    said["answers"],
                    said["text"],
                    frozenset(said.get("pictures", [])),
                    frozenset(said["people"]),
                    frozenset(said.get("own", [])),
                ),
            )


def network_limits(seconds: int, memory_gib: float, written_mib: int) -> Limits:
    """Return the limits of a process that has no network."""
    limits = Limits(seconds, int(memory_gib * 2**30), written_mib * 2**20)
    return replace(limits, network=False)
