"""The command line: ``nnbook run``, ``nnbook status`` and ``nnbook results``."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from nnbook.errors import NNBookError

EXAMPLES = """\
examples:
  nnbook status                              what is on record, of all experiments
  nnbook run eckerle4-sheet                  run what is missing of one experiment
  nnbook run my-own.toml --jobs 2            run an experiment file of your own
  nnbook results eckerle4-sheet --csv        the results as a table
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(
        prog="nnbook",
        description="Run the experiments of the book and show what is on record.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(title="commands", dest="command", required=True)
    run = commands.add_parser(
        "run",
        help="make the runs of an experiment that are not on record",
        description="Make the runs that are missing, stale or damaged, and put each on record as "
        "soon as it is finished. It may be stopped at any moment: the same command continues.",
        epilog="example: nnbook run eckerle4-sheet eckerle4-study --jobs 2",
    )
    _add_names(run, "+")
    run.add_argument(
        "--jobs", type=_positive, default=1, metavar="N", help="processes to train in (default: 1)"
    )
    status = commands.add_parser(
        "status",
        help="show which runs are on record",
        description="Count the runs of each experiment that are recorded, diverged (recorded too, "
        "but the loss grew beyond all bounds), missing, stale (made with other settings) or "
        "damaged.",
        epilog="example: nnbook status eckerle4-sheet --json",
    )
    _add_names(status, "*")
    status.add_argument("--json", action="store_true", help="print JSON")
    results = commands.add_parser(
        "results",
        help="show the results of an experiment",
        description="Print mean, standard deviation and 95 % interval of training and test loss "
        "at the end of training for each configuration.",
        epilog="example: nnbook results eckerle4-sheet --csv > sheet.csv",
    )
    results.add_argument("name", metavar="NAME", help=NAME_HELP)
    form = results.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print CSV")
    form.add_argument("--json", action="store_true", help="print JSON")
    return top


NAME_HELP = "an experiment of the book, or the path of an experiment file (.toml)"


def _add_names(command: argparse.ArgumentParser, count: str) -> None:
    command.add_argument("names", nargs=count, metavar="NAME", help=NAME_HELP)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, received {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command.

    Returns
    -------
    int
        Exit status: 0; 1 if a run failed; 2 for input that cannot be used; 130 after Ctrl-C.
    """
    options = parser().parse_args(arguments)
    try:
        match options.command:
            case "run":
                return _run(options.names, options.jobs)
            case "status":
                return _status(options.names, options.json)
            case _:
                return _results(options)
    except NNBookError as error:
        print(f"nnbook: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "nnbook: interrupted; finished runs are on record, the same command continues",
            file=sys.stderr,
        )
        return 130


def _run(names: Sequence[str], jobs: int) -> int:
    from nnbook.experiments import experiment, runner
    from nnbook.experiments.store import Record

    failed = False
    for chosen in [experiment(name) for name in names]:
        states = runner.states(chosen)
        to_train = [job for job, state in states.items() if state not in ("recorded", "diverged")]
        count = Counter(states.values())
        print(f"{chosen.name}: {_counted(count)}; {len(to_train)} to run", file=sys.stderr)
        for job, result in runner.train_all(to_train, jobs):
            if not isinstance(result, Record):
                failed = True
                print(f"nnbook: {chosen.name}, {job}: failed: {result}", file=sys.stderr)
    return int(failed)


def _counted(count: Mapping[Any, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(count.items()))


def _status(names: Sequence[str], as_json: bool) -> int:
    from nnbook.experiments import experiment, experiment_names, runner

    columns = get_args(runner.State)
    counts = {}
    for name in names or experiment_names():
        chosen = experiment(name)
        count = Counter(runner.states(chosen).values())
        counts[chosen.name] = {column: count[column] for column in columns}
    if as_json:
        print(json.dumps(counts, indent=1))
        return 0
    width = max(len(name) for name in ["experiment", *counts])
    print(f"{'experiment':{width}}", *(f"{column:>9}" for column in columns))
    for name, count_by_state in counts.items():
        print(f"{name:{width}}", *(f"{number:9}" for number in count_by_state.values()))
    return 0


def _results(options: argparse.Namespace) -> int:
    import pandas as pd

    from nnbook.experiments import experiment, runner

    results = runner.recorded(experiment(options.name))
    tables = {metric: results.table(metric) for metric in ("training_loss", "test_loss")}
    table = pd.concat(tables, names=["metric"]).swaplevel().sort_index(sort_remaining=False)
    if options.csv:
        print(table.to_csv(lineterminator="\n"), end="")
    elif options.json:
        print(table.reset_index().to_json(orient="records", indent=1))
    else:
        with pd.option_context("display.width", 200, "display.max_columns", None):
            print(table.to_string(float_format="{:.4g}".format))
    return 0


if __name__ == "__main__":
    sys.exit(main())
