"""What the commands share: training with progress on the terminal, and results as a table."""

import argparse
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from nnbook.metrics import METRICS, NUMBER, show

if TYPE_CHECKING:
    import pandas as pd

    from nnbook.experiments import Experiment
    from nnbook.experiments.plan import Job
    from nnbook.experiments.store import State
    from nnbook.experiments.workers import Train
    from nnbook.training.engine import Progress
    from nnbook.training.outcome import Outcome
    from nnbook.training.spec import RunSpec


_NAMED = 10
"""How many damaged records of an experiment are named."""


def positive(text: str) -> int:
    """Return an argument that is a whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, received {text!r}")
    return int(text)


def train(
    chosen: Sequence["Experiment"],
    workers: int = 1,
    *,
    scheduler: str | None = None,
    engine: "Train | None" = None,
) -> int:
    """Train what is missing of the chosen experiments, and say on stderr how far it is.

    Parameters
    ----------
    chosen : sequence of Experiment
        What to train.
    workers : int
        Number of processes to train in.
    scheduler : str, optional
        Address of the scheduler of a Dask cluster.
    engine : callable, optional
        In place of `nnbook.training.engine.train`.

    Returns
    -------
    int
        Exit status: 1 if a run failed, else 0.
    """
    from tqdm import tqdm

    from nnbook import project
    from nnbook.experiments import plan, session
    from nnbook.experiments.locks import sweep
    from nnbook.experiments.record import Record
    from nnbook.experiments.store import ON_RECORD

    to_train = []
    for item in chosen:
        place = plan.store_of(item)
        place.sweep()
        sweep(place.private / "locks")
        if not project.IN_CHECKOUT or place.root != project.book_results():
            print(f"{item.name}: results go to {place.root}", file=sys.stderr)
        states = plan.states(item)
        plan.note_names(states)
        missing = [job for job, state in states.items() if state not in ON_RECORD]
        name_damaged(item.name, states)
        count = _counted(Counter(states.values()))
        print(f"{item.name}: {count}; {len(missing)} to run", file=sys.stderr)
        to_train += missing
    failed = False
    with _log_on_stderr():
        trained = session.train_all(to_train, workers, scheduler=scheduler, train=engine)
        for job, result in trained:
            if not isinstance(result, Record):
                failed = True
                # Above the progress bar, where there is one.
                tqdm.write(f"nnbook: {job.experiment}, {job}: failed: {result}", file=sys.stderr)
    return int(failed)


def name_damaged(experiment: str, states: Mapping["Job", "State"]) -> None:
    """Say on stderr which records of an experiment are damaged, as far as one reads it."""
    damaged = [job for job, state in states.items() if state == "damaged"]
    for job in damaged[:_NAMED]:
        print(f"{experiment}, {job}: {job.path} is damaged", file=sys.stderr)
    if len(damaged) > _NAMED:
        more = len(damaged) - _NAMED
        print(f"{experiment}: and {more} more records are damaged", file=sys.stderr)


def train_quickly(
    chosen: Sequence["Experiment"], workers: int = 1, *, scheduler: str | None = None
) -> int:
    """Train small versions of the chosen experiments, print their results and keep nothing."""
    print(
        "quick: 1 repetition, at most 2 epochs, scikit-learn's digits in place of MNIST; "
        "nothing goes on record",
        file=sys.stderr,
    )
    with TemporaryDirectory(prefix=f"nnbook-{os.getpid()}-") as folder:
        small = [item.quick().placed(Path(folder), item.command) for item in chosen]
        status = train(small, workers, scheduler=scheduler, engine=_train_soon)
        if status == 0:
            for item in small:
                means = rounded(summaries(item))["mean"].unstack(sort=False, fill_value="–")
                print(f"{item.name}:\n{means.to_string()}\n")
        return status


def _train_soon(spec: "RunSpec", progress: "Progress | None" = None) -> "Outcome":
    """Train without the compilation that pays in longer runs only."""
    from nnbook.training import engine

    return engine.train(spec, progress, optimized=False)


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


def summaries(chosen: "Experiment") -> "pd.DataFrame":
    """Return the summary of each metric of each configuration."""
    import pandas as pd

    from nnbook.experiments import Results, runner

    results = runner.recorded(chosen)
    finals = {
        name: [record.final for record in runs.finished.values()] for name, runs in results.items()
    }
    measured = {metric for rows in finals.values() for row in rows for metric in row}
    order = [metric for metric in METRICS if metric in measured]
    tables = {}
    for metric in [*order, *sorted(measured - {*order})] or ["training_loss", "test_loss"]:
        # Not every configuration need have every metric, such as a penalty.
        names = [name for name, rows in finals.items() if all(metric in row for row in rows)]
        tables[metric] = Results({name: results[name] for name in names}).table(metric)
    joined: pd.DataFrame = pd.concat(tables, names=["metric"]).swaplevel()
    return joined.sort_index(level=0, sort_remaining=False)


def rounded(table: "pd.DataFrame") -> "pd.DataFrame":
    """Return a table of results as texts, rounded to what the intervals support."""
    import pandas as pd

    rows = {}
    for row in table.reset_index().to_dict("records"):
        what = METRICS.get(row["metric"], replace(NUMBER, label=row["metric"]))
        mean = show(what, row["mean"], row["ci_low"], row["ci_high"])
        center = show(what, row["geometric_mean"], row["gm_low"], row["gm_high"])
        rows[row["configuration"], what.axis_label] = {
            "n": str(row["n"]),
            "mean": mean.value,
            "sd": show(what, row["sd"], places=mean.places).value,
            "95 % interval": f"{mean.low} to {mean.high}",
            "geometric mean": center.value,
            "its interval": f"{center.low} to {center.high}",
            "diverged": str(row["diverged"]),
        }
    index = pd.MultiIndex.from_tuples(list(rows), names=["configuration", "metric"])
    return pd.DataFrame(list(rows.values()), index).replace("– to –", "–")
