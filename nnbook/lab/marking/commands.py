"""The command line of marking: ``nnbook lab mark``."""

import argparse
import datetime
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

from nnbook import console

RUNS = 3
"""Of each team that are repeated, by default."""

STEPS = """\
example: nnbook lab mark handed-in --lab lab4

then look at handed-in/marking/overview.html, fill in handed-in/marking/teams/*/feedback.toml, and
  nnbook lab mark handed-in --feedback     writes a PDF for each team; nothing is repeated for it
The same command continues where it was stopped. --estimate says how long it will take.
"""


def add_to(steps: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the lab."""
    mark = steps.add_parser(
        "mark",
        help="inspect what all teams handed in, repeat runs, and compare",
        description="Go through a folder of PDFs and folders of labs: integrity, repeated runs, "
        "findings, values beside the reference, points by rules, what teams share. Writes an "
        "overview as page, table and JSON. Each team is read and repeated in processes with limits "
        "of time and, as far as the system can, of memory and file size and without a network; the "
        "overview says what is limited on which system.",
        epilog=STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    mark.add_argument("folder", type=Path, metavar="FOLDER", help="what was handed in")
    mark.add_argument("--lab", default="lab4", metavar="FILE/NAME", help="its definition")
    mark.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="for results (default: FOLDER/marking)"
    )
    which = mark.add_mutually_exclusive_group()
    which.add_argument(
        "--sample",
        type=console.positive,
        metavar="N",
        help="runs of each team to repeat, drawn anew each time (default: 3)",
    )
    which.add_argument("--all", action="store_true", help="repeat all runs")
    mark.add_argument(
        "--seed", type=int, metavar="N", help="draw as another time, which named this number"
    )
    mark.add_argument(
        "--fresh", action="store_true", help="draw another sample than the one begun with"
    )
    mark.add_argument("--key", type=Path, metavar="FILE", help="the course's key, for signatures")
    mark.add_argument(
        "--jobs", type=console.positive, default=2, metavar="N", help="teams at a time (default: 2)"
    )
    mark.add_argument(
        "--seconds",
        type=console.positive,
        default=600,
        metavar="N",
        help="processor time of a team (default: 600)",
    )
    mark.add_argument(
        "--memory",
        type=console.positive,
        default=16,
        metavar="GIB",
        help="address space of a team (default: 16)",
    )
    mark.add_argument("--estimate", action="store_true", help="inspect, say how long, and stop")
    mark.add_argument(
        "--feedback",
        action="store_true",
        help="write the PDFs from what was filled in, and do nothing else",
    )


def carry_out(options: argparse.Namespace) -> int:
    """Mark, and return the exit status: 1 if there is a problem or a different result."""
    from nnbook.lab import signing
    from nnbook.lab.definition import Definition
    from nnbook.lab.marking import feedback, marker, overview

    out = options.output or options.folder / "marking"
    if options.feedback:
        return _write_feedback(options, out)
    if options.key:
        signing.read_key(options.key)
    chosen = marker.Options(
        Definition.find(options.lab),
        out,
        0 if options.all else options.sample or RUNS,
        _seed(options.seed, out, fresh=options.fresh),
        options.jobs,
        marker.network_limits(options.seconds, options.memory, 500),
        options.key,
    )
    teams = marker.submissions(options.folder, out)
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
    marker.inspect_all(teams, chosen, say)
    about, most = marker.estimate(teams, chosen)
    print(
        f"repeating takes about {about / 60:.0f} min with {options.jobs} at a time, "
        f"at most {most / 60:.0f} min",
        file=sys.stderr,
    )
    if options.estimate:
        return 0
    marker.repeat_all(teams, chosen, say)
    marker.conclude(teams, chosen)
    for team in teams:
        feedback.begin(team)
    for path in overview.write(teams, chosen):
        print(path)
    return int(any(team.doubts for team in teams))


def _write_feedback(options: argparse.Namespace, out: Path) -> int:
    """Write a PDF for each team that was marked, and return the exit status."""
    from nnbook.errors import LabError, NNBookError
    from nnbook.lab.definition import Definition
    from nnbook.lab.marking import feedback, marker

    asked = {"--sample": options.sample, "--all": options.all, "--estimate": options.estimate}
    asked |= {"--fresh": options.fresh, "--seed": options.seed, "--key": options.key}
    if others := [name for name, value in asked.items() if value not in (None, False)]:
        raise LabError(f"--feedback repeats no runs: leave out {' and '.join(others)}")
    definition = Definition.find(options.lab)
    say: Callable[[str], None] = lambda said: print(f"nnbook: {said}", file=sys.stderr)  # noqa: E731
    failed = False
    for team in marker.submissions(options.folder, out):
        try:
            marker.already_found(team)
            print(feedback.write(team, definition, datetime.date.today(), say))
        except NNBookError as error:  # the other teams get theirs
            print(f"nnbook: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def _seed(asked: int | None, out: Path, *, fresh: bool) -> int:
    """Return the seed of the samples: a new one, unless marking goes on that was begun."""
    from nnbook.lab import files

    path = out / "seed"
    if asked is None:
        try:
            asked = secrets.randbelow(10**9) if fresh else int(files.read_text(path))
        except (FileNotFoundError, ValueError):
            asked = secrets.randbelow(10**9)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, f"{asked}\n".encode())
    return asked
