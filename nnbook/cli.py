"""The command line: ``nnbook run``, ``nnbook status`` and ``nnbook results``."""

import argparse
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, get_args

from nnbook.errors import NNBookError

if TYPE_CHECKING:
    import pandas as pd

    from nnbook.experiments import Experiment

EXAMPLES = """\
examples:
  nnbook status                              what is on record, of all experiments
  nnbook run eckerle4-sheet                  run what is missing of one experiment
  nnbook run my-own.toml --jobs 2            run an experiment file of your own
  nnbook run my-own.toml --quick             see in seconds that it works
  nnbook results eckerle4-sheet --csv        the results as a table
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
        type=_positive,
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
        "--jobs", type=_positive, default=1, metavar="N", help="processes to train in (default: 1)"
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
        "but the loss grew beyond all bounds), missing, stale (made with other settings) or "
        "damaged.",
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
                return _run(options)
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


def _run(options: argparse.Namespace) -> int:
    from nnbook.experiments import experiment

    chosen = [experiment(name) for name in dict.fromkeys(options.names)]
    if options.repetitions:
        chosen = [item.repeated(options.repetitions) for item in chosen]
    if not options.quick:
        return _train(chosen, options)
    print(
        "quick: 1 repetition, at most 2 epochs, scikit-learn's digits in place of MNIST; "
        "nothing goes on record",
        file=sys.stderr,
    )
    with _temporary_results():
        chosen = [item.quick() for item in chosen]
        status = _train(chosen, options)
        if status == 0:
            for item in chosen:
                print(f"{item.name}:\n{_as_text(_table(item)['mean'].unstack())}\n")
        return status


def _train(chosen: Sequence["Experiment"], options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from nnbook.experiments import runner
    from nnbook.experiments.store import Record

    to_train = []
    for item in chosen:
        states = runner.states(item)
        missing = [job for job, state in states.items() if state not in ("recorded", "diverged")]
        count = _counted(Counter(states.values()))
        print(f"{item.name}: {count}; {len(missing)} to run", file=sys.stderr)
        to_train += missing
    failed = False
    with _log_on_stderr():
        for job, result in runner.train_all(to_train, options.jobs, scheduler=options.scheduler):
            if not isinstance(result, Record):
                failed = True
                # Above the progress bar, where there is one.
                tqdm.write(
                    f"nnbook: {job.path.parents[1].name}, {job}: failed: {result}", file=sys.stderr
                )
    return int(failed)


def _counted(count: Mapping[Any, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(count.items()))


@contextmanager
def _log_on_stderr() -> Iterator[None]:
    """Show on stderr what the package logs."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("nnbook")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)


@contextmanager
def _temporary_results() -> Iterator[None]:
    """Let results go to a folder that is removed in the end."""
    before = os.environ.get("NNBOOK_RESULTS", "")
    with TemporaryDirectory(prefix="nnbook-quick-") as folder:
        os.environ["NNBOOK_RESULTS"] = folder
        try:
            yield
        finally:
            os.environ["NNBOOK_RESULTS"] = before


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
    if len(counts) > 1:
        counts["total"] = {
            column: sum(row[column] for row in counts.values()) for column in columns
        }
    width = max(len(name) for name in ["experiment", *counts])
    print(f"{'experiment':{width}}", *(f"{column:>9}" for column in columns))
    for name, count_by_state in counts.items():
        print(f"{name:{width}}", *(f"{number:9}" for number in count_by_state.values()))
    return 0


def _results(options: argparse.Namespace) -> int:
    from nnbook.experiments import experiment

    table = _table(experiment(options.name))
    if options.csv:
        print(table.to_csv(lineterminator="\n"), end="")
    elif options.json:
        print(table.reset_index().to_json(orient="records", indent=1))
    else:
        print(_as_text(table))
    return 0


def _table(chosen: "Experiment") -> "pd.DataFrame":
    """Return the summary of each metric of each configuration."""
    import pandas as pd

    from nnbook.experiments import Results, runner

    results = runner.recorded(chosen)
    finals = {
        name: [record.content["final"] for record in runs.finished.values()]
        for name, runs in results.items()
    }
    metrics = dict.fromkeys(metric for rows in finals.values() for row in rows for metric in row)
    tables = {}
    for metric in metrics or ("training_loss", "test_loss"):
        # Not every configuration need have every metric, such as a penalty.
        names = [name for name, rows in finals.items() if all(metric in row for row in rows)]
        tables[metric] = Results({name: results[name] for name in names}).table(metric)
    table = pd.concat(tables, names=["metric"]).swaplevel()
    return table.sort_index(sort_remaining=False)


def _as_text(table: "pd.DataFrame") -> str:
    import pandas as pd

    with pd.option_context("display.width", 200, "display.max_columns", None):
        return table.to_string(float_format="{:.4g}".format)


if __name__ == "__main__":
    sys.exit(main())
