"""Many engines, one network: each engine in a process of its own, all of them by turns."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from benchmarks.cases import LEAST_TIMES_AS_FAST_AS_FIT, MOST_MIB, MOST_TIMES_PRODUCTS
from benchmarks.engines import ENGINES, THREADS, WHOLE
from nnbook.project import REPOSITORY
from nnbook.training.spec import RunSpec

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


@dataclass
class Row:
    """What was measured of an engine.

    Attributes
    ----------
    unavailable : str
        Why nothing was measured.
    start : float
        Seconds until its first step was done: model built, data placed, program compiled.
    turns : list of float
        Seconds that a step took in each turn.
    peak_mib : float
        The most memory that its process had.
    versions : dict of str to str
        Of the libraries that it loaded.
    """

    unavailable: str = ""
    start: float = 0.0
    turns: list[float] = field(default_factory=list)
    peak_mib: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def step(self) -> float | None:
        """Seconds that a step takes when nothing disturbs it."""
        return None if self.unavailable else min(self.turns, default=None)


class Worker:
    """The process of an engine (see `benchmarks.worker`). What it measures goes to its row."""

    def __init__(
        self, name: str, spec: RunSpec, steps: int | None, python: str, images: str
    ) -> None:
        self.row = Row()
        engine = (ENGINES | WHOLE)[name]
        self._turn = engine.turn(spec) if steps is None else min(steps, spec.steps)
        settings = spec.model_dump_json(exclude_defaults=True)
        threads = dict.fromkeys(THREAD_VARIABLES, str(THREADS))
        # Libraries write much of no interest there; it is read when the process fails.
        self._messages = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", name, settings, images],
            cwd=REPOSITORY,
            env={**os.environ, **threads, **engine.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._messages,
            text=True,
        )
        self.row = replace(self.row, **self._answer())

    def take_turn(self, *, counts: bool) -> None:
        """Take the steps of a turn; note their time if it counts."""
        if self.row.unavailable:
            return
        print(self._turn, file=self._process.stdin, flush=True)
        answer = self._answer()
        seconds = answer.pop("seconds", None)
        if seconds and counts:
            self.row.turns.append(seconds / self._turn)
        self.row = replace(self.row, **answer)

    def finish(self) -> Row:
        """End the process and return what was measured."""
        with self._messages, self._process:
            self._process.stdin.close()  # type: ignore[union-attr]
            if not self.row.unavailable:
                self.row = replace(self.row, **self._answer())
        return self.row

    def _answer(self) -> dict[str, Any]:
        if line := self._process.stdout.readline():  # type: ignore[union-attr]
            return json.loads(line)  # type: ignore[no-any-return]
        self._messages.seek(0)
        *_, last = ["its process ended", *self._messages.read().splitlines()]
        return {"unavailable": last}


@dataclass(frozen=True)
class Limit:
    """A claim about nnbook on TensorFlow, and the number that was measured."""

    claim: str
    value: float
    kept: bool


@dataclass
class EngineTimes:
    """What was measured with one network."""

    spec: RunSpec
    rows: dict[str, Row]

    def times_as_fast_as_fit(self, name: str) -> float | None:
        """Return how many of an engine's steps take the time of one of `model.fit`."""
        fit, step = self.rows["fit"].step, self.rows[name].step
        return fit / step if fit and step else None

    def times_products(self, name: str) -> float | None:
        """Return the time of an engine's step as a multiple of that of its matrix products."""
        products, step = self.rows.get("products", Row()).step, self.rows[name].step
        return step / products if products and step else None

    def limits(self) -> list[Limit]:
        """Return what is claimed; what could not be measured is not kept."""
        least = LEAST_TIMES_AS_FAST_AS_FIT[self.spec.batch_size]
        ratio = self.times_as_fast_as_fit("nnbook") or 0.0
        limits = [Limit(f"times as fast as model.fit: at least {least:g}", ratio, ratio >= least)]
        if most := MOST_TIMES_PRODUCTS.get(self.spec.batch_size):
            ratio = self.times_products("nnbook") or float("inf")
            claim = f"times as long as the matrix products alone: at most {most:g}"
            limits.append(Limit(claim, ratio, ratio <= most))
        peak = max(self.rows["nnbook"].peak_mib, self.rows["training"].peak_mib) or float("inf")
        limits.append(Limit(f"MiB at the peak: at most {MOST_MIB}", peak, peak <= MOST_MIB))
        return limits

    def noise(self) -> float:
        """Return by what share the median turn of an engine exceeded its fastest, at most."""
        measured = [row for row in self.rows.values() if row.step]
        return max((median(row.turns) / min(row.turns) - 1 for row in measured), default=0.0)


def compare(
    spec: RunSpec, rounds: int, steps: int | None, torch: str | None, images: str
) -> EngineTimes:
    """Measure all engines with the network of `spec`.

    Parameters
    ----------
    rounds : int
        How often each engine has its turn.
    steps : int, optional
        Steps in a turn.
    torch : str, optional
        The interpreter that has PyTorch.
    images : {"mnist", "random"}
        What to train on.
    """

    def start(name: str) -> Worker:
        python = torch if name == "torch" and torch else sys.executable
        return Worker(name, spec, steps, python, images)

    # With batches of two, other work than matrix products takes the time.
    bounded = spec.batch_size in MOST_TIMES_PRODUCTS
    workers = {name: start(name) for name in ENGINES if bounded or name != "products"}
    for turn in range(1 + rounds):
        for worker in workers.values():
            worker.take_turn(counts=turn > 0)  # the first one warms up
    rows = {name: worker.finish() for name, worker in workers.items()}
    return EngineTimes(spec, rows | {name: start(name).finish() for name in WHOLE})
