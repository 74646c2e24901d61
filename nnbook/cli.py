"""The command line: ``nnbook run``, ``status``, ``results``, ``claims`` and ``lab``."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import get_args

from nnbook import __version__, console, streams
from nnbook.errors import NNBookError
from nnbook.lab import commands as lab_commands

EXAMPLES = """\
examples:
  nnbook status                              what is on record, of all experiments
  nnbook run eckerle4-sheet                  run what is missing of one experiment
  nnbook run my-own.toml --jobs 2            run an experiment file of your own
  nnbook run my-own.toml --quick             see in seconds that it works
  nnbook results eckerle4-sheet --csv        the results as a table
  nnbook claims momentum                     what a chapter claims, and what the records say
  nnbook lab new my-lab                      begin a lab of your own; ends in a PDF
"""

RUN_EXAMPLES = """\
example: nnbook run eckerle4-sheet eckerle4-study --jobs 2

a cluster, with the same nnbook and the data on each machine:
  dask scheduler                                    prints its address
  dask worker tcp://localhost:8786 --nthreads 1     on each machine, once or several times
  nnbook run eckerle4-sheet --scheduler tcp://localhost:8786
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="nnbook",
        description="Run the experiments of the book and show what is on record.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"nnbook {__version__}")
    commands = top.add_subparsers(title="commands", dest="command", required=True)
    run = commands.add_parser(
        "run",
        help="make the runs of an experiment that are not on record",
        description="Make the runs that are missing, stale or damaged, and put each on record as "
        "soon as it is finished. It may be stopped at any moment: the same command continues. "
        "Given several times at once, the commands share the work. The time left is shown on "
        "stderr: as a bar on a terminal, as a line a minute elsewhere.",
        epilog=RUN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_names(run, "+")
    size = run.add_mutually_exclusive_group()
    size.add_argument(
        "--repetitions",
        type=console.positive,
        metavar="N",
        help="seeds per configuration, in place of the file's number: its own first, then those "
        "after its last",
    )
    size.add_argument(
        "--quick",
        action="store_true",
        help="see that it works: 1 repetition, at most 2 epochs, scikit-learn's digits in place of "
        "MNIST; prints the table and keeps nothing",
    )
    place = run.add_mutually_exclusive_group()
    place.add_argument(
        "--jobs",
        type=console.positive,
        default=1,
        metavar="N",
        help="processes to train in (default: 1)",
    )
    place.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="train on the Dask cluster of this scheduler, such as tcp://localhost:8786 (needs "
        "nnbook[dask]); one run at a time on each worker",
    )
    status = commands.add_parser(
        "status",
        help="show which runs are on record",
        description="Count the runs of each experiment that are recorded, diverged (recorded too, "
        "but the loss grew beyond all bounds), missing, stale (made with other settings), "
        "damaged, or incomplete (without arrays that are wanted now).",
        epilog="example: nnbook status eckerle4-sheet --json",
    )
    _add_names(status, "*")
    status.add_argument("--json", action="store_true", help="print JSON")
    results = commands.add_parser(
        "results",
        help="show the results of an experiment",
        description="Print mean, standard deviation and 95 % interval of each metric at the end of "
        "training for each configuration.",
        epilog="example: nnbook results eckerle4-sheet --csv > sheet.csv",
    )
    results.add_argument("name", metavar="NAME", help=NAME_HELP)
    form = results.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print CSV")
    form.add_argument("--json", action="store_true", help="print JSON")
    claims = commands.add_parser(
        "claims",
        help="compare what the book claims with the records",
        description="Print each claim with its verdicts. Exit status 1 if one does not hold.",
        epilog="example: nnbook claims momentum",
    )
    claims.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="a file in data/claims without its ending, or a claim (default: all)",
    )
    claims.add_argument("--json", action="store_true", help="print JSON, as in claims.json")
    lab_commands.add_to(commands)
    return top


NAME_HELP = "an experiment of the book, or the path of an experiment file (.toml)"


def _add_names(command: argparse.ArgumentParser, count: str) -> None:
    command.add_argument("names", nargs=count, metavar="NAME", help=NAME_HELP)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command.

    Returns
    -------
    int
        Exit status: 0; 1 if a run failed; 2 for input that cannot be used or output that cannot be
        written; 130 after Ctrl-C; 141 if the reader of the output has gone.
    """
    streams.prepare()
    try:
        return _carried_out(arguments)
    except NNBookError as error:
        print(f"nnbook: {error}", file=sys.stderr)
        return 2
    except OSError as error:  # such as a full disk
        where = f"{error.filename}: " if error.filename else ""
        print(f"nnbook: {where}{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "nnbook: interrupted; finished runs are on record, the same command continues",
            file=sys.stderr,
        )
        return 130
    except streams.ReaderGoneError:
        return 141


def _carried_out(arguments: Sequence[str] | None) -> int:
    try:
        options = parser().parse_args(arguments)
        return COMMANDS[options.command](options)
    finally:
        sys.stdout.flush()  # here, and not when Python ends, its errors are noticed


def _run(options: argparse.Namespace) -> int:
    from nnbook.experiments import experiment

    chosen = [experiment(name) for name in dict.fromkeys(options.names)]
    if options.repetitions:
        chosen = [item.repeated(options.repetitions) for item in chosen]
    train = console.train_quickly if options.quick else console.train
    return train(chosen, options.jobs, scheduler=options.scheduler)


def _status(options: argparse.Namespace) -> int:
    from nnbook.experiments import experiment, experiment_names, plan
    from nnbook.experiments.store import State

    columns = get_args(State)
    counts = {}
    for name in options.names or experiment_names():
        chosen = experiment(name)
        states = plan.states(chosen)
        console.name_damaged(chosen.name, states)
        count = Counter(states.values())
        counts[chosen.name] = {column: count[column] for column in columns}
    if options.json:
        print(json.dumps(counts, indent=1))
        return 0
    if len(counts) > 1:
        counts["total"] = {
            column: sum(row[column] for row in counts.values()) for column in columns
        }
    width = max(len(name) for name in ["experiment", *counts])
    print(f"{'experiment':{width}}", *(f"{column:>10}" for column in columns))
    for name, count_by_state in counts.items():
        print(f"{name:{width}}", *(f"{number:10}" for number in count_by_state.values()))
    return 0


def _results(options: argparse.Namespace) -> int:
    from nnbook.experiments import experiment

    table = console.summaries(experiment(options.name))
    if options.csv:
        print(table.to_csv(lineterminator="\n"), end="")
    elif options.json:
        print(table.reset_index().to_json(orient="records", indent=1))
    else:
        print(console.rounded(table).to_string())
    return 0


def _claims(options: argparse.Namespace) -> int:
    from nnbook.evidence import cards
    from nnbook.evidence.claims import Claims

    chosen = Claims().chosen(options.names)
    if options.json:
        print(cards.text(cards.cards(chosen, {})), end="")
    else:
        print("\n\n".join(cards.plain(chosen, name) for name in chosen))
    return 0 if all(cards.holds(chosen, name) for name in chosen) else 1


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": _run,
    "status": _status,
    "results": _results,
    "claims": _claims,
    "lab": lab_commands.carry_out,
}
"""What carries out each command; it returns the exit status."""


if __name__ == "__main__":
    sys.exit(main())
