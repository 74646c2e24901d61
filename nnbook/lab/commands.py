"""The command line of the student's lab: ``nnbook lab new``, ``run``, ``check``, ``report``."""

import argparse
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nnbook import console
from nnbook.lab.marking import commands as marking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nnbook.lab.manifest import Run

EXAMPLES = """\
example: nnbook lab new my-lab

then, in any order and as often as you like:
  nnbook lab run my-lab --quick      see in seconds that the experiments work
  nnbook lab run my-lab              train what is missing
  nnbook lab check my-lab            what is unanswered, missing, typed by hand
  nnbook lab report my-lab           the PDF, my-lab/report.pdf

a marker:
  nnbook lab verify report.pdf       repeat some of its runs and compare
  nnbook lab mark handed-in          go through what all teams handed in
  nnbook lab solution                the step by hand, solved
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of the lab to those of the command line."""
    lab = commands.add_parser(
        "lab",
        help="write your lab: experiments, answers, a PDF to hand in",
        description="A lab is a folder with settings (lab.toml), answers (answers.md) and recorded "
        "runs (results/). Its report takes every number from the records.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = lab.add_subparsers(title="commands", dest="step", required=True)
    new = steps.add_parser(
        "new",
        help="write a folder to begin with",
        description="Write lab.toml and answers.md into a new folder.",
        epilog="example: nnbook lab new my-lab --lab lab4 --language de",
    )
    _add_folder(new)
    new.add_argument(
        "--lab",
        default="lab4",
        metavar="FILE/NAME",
        help="the definition of a lab: its folder or file, or the name of one of nnbook's "
        "(default: lab4)",
    )
    new.add_argument(
        "--language", metavar="CODE", help="of the report (default: the lab's first language)"
    )
    run = steps.add_parser(
        "run",
        help="train what is missing",
        description="Make the runs that lab.toml declares and results/ does not hold. It may be "
        "stopped at any moment: the same command continues. It is for your own lab, as training "
        "has no limits of time and memory here. `nnbook lab mark` repeats runs that others handed "
        "in: in a process with limits and, where the system can, without a network. In the folder "
        "of a definition it makes the runs of the course's references.",
        epilog="example: nnbook lab run my-lab --jobs 2",
    )
    _add_folder(run)
    run.add_argument(
        "--jobs",
        type=console.positive,
        default=1,
        metavar="N",
        help="processes to train in (default: 1)",
    )
    run.add_argument(
        "--key", type=Path, metavar="FILE", help="the course's key: sign the runs that are made now"
    )
    run.add_argument(
        "--quick",
        action="store_true",
        help="see that it works: 1 repetition, at most 2 epochs, scikit-learn's digits in place of "
        "MNIST; prints the table and keeps nothing",
    )
    check = steps.add_parser(
        "check",
        help="say what is missing",
        description="Say what is unanswered, not on record, referred to nowhere, repeated fewer "
        "times than the lab asks, or typed by hand although it is on record. Exit status 1 if any "
        "is found.",
        epilog="example: nnbook lab check my-lab",
    )
    _add_folder(check)
    report = steps.add_parser(
        "report",
        help="write the PDF",
        description="Write the report as PDF, and say on stderr what a check finds.",
        epilog="example: nnbook lab report my-lab -o team-7.pdf",
    )
    _add_folder(report)
    report.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="the PDF (default: DIR/report.pdf)"
    )
    verify = steps.add_parser(
        "verify",
        help="repeat runs of a report and compare",
        description="Read the manifest that is attached to a report, repeat some of its runs, and "
        "compare. Exit status 1 if a result is different, or a declared run is missing. What is "
        "read is a stranger's, and bounded, but training has no limits of time and memory here; "
        "`nnbook lab mark` has.",
        epilog="example: nnbook lab verify report.pdf --sample 5",
    )
    verify.add_argument(
        "report", type=Path, metavar="FILE", help="report.pdf, or its manifest.json"
    )
    which = verify.add_mutually_exclusive_group()
    which.add_argument(
        "--sample",
        type=console.positive,
        default=3,
        metavar="N",
        help="how many runs to repeat, drawn at random (default: 3)",
    )
    which.add_argument("--all", action="store_true", help="repeat all runs")
    which.add_argument("--run", metavar="KEY", help="repeat the run whose key begins like this")
    verify.add_argument(
        "--seed",
        type=int,
        metavar="N",
        help="draw the same runs as another time, which named this number",
    )
    verify.add_argument(
        "--lab", metavar="FILE/NAME", help="the definition of the lab, where its data are"
    )
    verify.add_argument(
        "--large", action="store_true", help="repeat runs of any size, even if it takes days"
    )
    solution = steps.add_parser(
        "solution",
        help="print the step by hand, solved",
        description="Print step.toml as it is right, for whoever teaches: the values that a lab "
        "asks its students to compute by hand. In the folder of a lab, the report shows them.",
        epilog="example: nnbook lab solution --lab lab4 --loss sse > my-lab/step.toml",
    )
    solution.add_argument("--lab", default="lab4", metavar="FILE/NAME", help="its definition")
    solution.add_argument(
        "--loss", default="", metavar="NAME", help="one that the lab allows (default: its first)"
    )
    marking.add_to(steps)


def _add_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="DIR", help="the folder of the lab")


def carry_out(options: argparse.Namespace) -> int:
    """Carry out a command of the lab and return its exit status."""
    commands: dict[str, Callable[[argparse.Namespace], int]] = {
        "new": _new,
        "run": _run,
        "check": _check,
        "report": _report,
        "verify": _verify,
        "solution": _solution,
        "mark": marking.carry_out,
    }
    return commands[options.step](options)


def _new(options: argparse.Namespace) -> int:
    from nnbook.lab.starter import write_starter

    for path in write_starter(options.folder, options.language, lab=options.lab):
        print(path)
    return 0


def _solution(options: argparse.Namespace) -> int:
    from nnbook.errors import LabError
    from nnbook.lab.backpropagation import solution
    from nnbook.lab.definition import Definition

    definition = Definition.find(options.lab)
    if definition.step is None:
        raise LabError(f"{definition.path}: there is no step by hand, no table [backpropagation]")
    print(solution(definition.step, options.loss), end="")
    return 0


def _run(options: argparse.Namespace) -> int:
    from nnbook.lab import manifest
    from nnbook.lab.definition import DEFINITION
    from nnbook.lab.folder import SETTINGS, Lab

    if (options.folder / DEFINITION).is_file() and not (options.folder / SETTINGS).exists():
        return _run_references(options)
    lab = Lab.read(options.folder)
    manifest.refuse_large_networks(lab)
    experiments = list(lab.experiments.values())
    if options.quick:
        return console.train_quickly(experiments, options.jobs)
    before = lab.states  # refuses links, through which results would be written elsewhere
    if options.key is None:
        return console.train(experiments, options.jobs)
    from nnbook.experiments.store import ON_RECORD
    from nnbook.lab import signing

    key = signing.read_key(options.key)
    status = console.train(experiments, options.jobs)
    made = {job.spec.key for job, state in before.items() if state not in ON_RECORD}
    records = [
        record.content
        for runs in Lab.read(lab.folder).results.values()
        for record in runs.records.values()
        if record.key in made
    ]
    signing.add(lab.folder, records, key)
    return status


def _run_references(options: argparse.Namespace) -> int:
    """Train what a course compares its teams with."""
    from nnbook.errors import LabError
    from nnbook.lab import files
    from nnbook.lab.definition import Definition

    definition = Definition.read(options.folder)
    if options.key is not None:
        raise LabError(f"{definition.path}: a key signs the runs of a team, not those of a course")
    experiments = list(definition.references.values())
    if not experiments:
        raise LabError(f"{definition.path}: there are no references to train")
    if options.quick:
        return console.train_quickly(experiments, options.jobs)
    files.refuse_links(definition.folder)
    return console.train(experiments, options.jobs)


def _check(options: argparse.Namespace) -> int:
    from nnbook.lab.report import Report

    findings = Report(options.folder).check()
    for finding in findings:
        print(finding)
    if not findings:
        print("nothing is missing")
    return int(bool(findings))


def _report(options: argparse.Namespace) -> int:
    from nnbook.lab.report import Report

    report = Report(options.folder)
    path = report.write(options.output)
    for warning in report.warnings:
        print(f"nnbook: {warning}", file=sys.stderr)
    findings = report.findings
    if findings:
        print(
            f"nnbook: not complete yet: `nnbook lab check {options.folder}` has "
            f"{len(findings)} finding{'s' if len(findings) > 1 else ''}",
            file=sys.stderr,
        )
    print(path)
    return 0


def _verify(options: argparse.Namespace) -> int:
    from nnbook.lab import manifest, own_results, repeats
    from nnbook.lab.definition import Definition

    data_files = Definition.find(options.lab).data_files if options.lab else {}
    read = manifest.read(options.report, data_files)
    if note := own_results.not_repeated(read.named.own):
        print(note)
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    chosen = _chosen(read.runs, options, seed)
    if not options.large:
        for run in chosen:
            manifest.refuse_large(run)
    drawn = "" if options.run or len(chosen) == len(read.runs) else f" (--seed {seed})"
    print(
        f"{options.report}: {len(read.runs)} runs, {len(chosen)} of them are repeated{drawn}",
        file=sys.stderr,
    )
    for configuration, seeds in read.missing.items():
        some = ", ".join(map(str, seeds[:5])) + (", ..." if len(seeds) > 5 else "")
        print(f"{configuration}: {len(seeds)} declared runs are not in the report (seed {some})")
    failed = bool(read.missing)
    repeater = repeats.Repeater()
    for run in chosen:
        print(run)
        for line in repeater.repeat(run):
            failed |= line.verdict == "different"
            print(
                f"  {line.metric:20} reported {line.reported:<12.7g} "
                f"repeated {line.repeated:<12.7g} {line.verdict}"
            )
    return int(failed)


def _chosen(runs: "Sequence[Run]", options: argparse.Namespace, seed: int) -> "list[Run]":
    from nnbook.errors import LabError
    from nnbook.lab import repeats

    if not runs:
        raise LabError(f"{options.report}: there is no run in it")
    if options.run:
        chosen = [run for run in runs if run.spec.key.startswith(options.run.lower())]
        if not chosen:
            raise LabError(f"{options.report}: no run has a key that begins with {options.run!r}")
        return chosen
    return repeats.sample(runs, len(runs) if options.all else options.sample, seed)
