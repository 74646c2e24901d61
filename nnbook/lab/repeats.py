"""Runs that a marker repeats: which, and what counts as the same result.

Nothing that decides comes from the report: whoever writes a false value could write a tolerance to
go with it. On equal versions and an equal kind of machine a run must come out identical. Elsewhere
the marker's own repetitions with other seeds say how much results of its settings differ.
"""

import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nnbook.lab.manifest import Run
from nnbook.metrics import METRICS
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

Train = Callable[[RunSpec], Outcome]
Final = Mapping[str, float]

IDENTICAL = 1e-6
"""Relative difference up to which two results are the same, as they are rounded in records."""

CLOSE_IN_DEVIATIONS = 4.0
"""Another machine adds up in another order; its result is one of the same distribution."""

OTHER_SEEDS = 3
"""How many runs of the marker's own say how much results differ."""

MENTIONED, BEST, EXTREME = 2.0, 3.0, 2.0
"""Weights in the sample, beside 1: of what the text names, of the configuration that wins, and of
the best run of a configuration."""


@dataclass(frozen=True)
class RepeatedMetric:
    """A metric as the report has it, and as the repeated run has it.

    Attributes
    ----------
    metric : str
    reported, repeated : float
        nan where one of them has no such metric.
    verdict : {"identical", "close", "different"}
        Close: as near as another run of the same configuration may be.
    """

    metric: str
    reported: float
    repeated: float
    verdict: str


@dataclass
class Repeater:
    """Repeats runs, and remembers what came out.

    Parameters
    ----------
    train : callable, optional
        In place of `nnbook.training.engine.train`.
    outcomes : dict
        What came out of runs before, by key; added to.
    """

    train: Train | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def repeat(self, run: Run) -> list[RepeatedMetric]:
        """Repeat a run and compare what comes out with what the report says.

        Returns
        -------
        list of RepeatedMetric
            One for each metric of either; one called ``diverged`` if one of the two diverged. What
            only one of them has is "different".
        """
        outcome = self._outcome(run.spec)
        diverged = bool(outcome.diverged_at)
        if diverged or run.final is None:
            same = diverged == (run.final is None)
            verdict = "identical" if same else "different"
            return [RepeatedMetric("diverged", float(run.final is None), float(diverged), verdict)]
        repeated = final_of(outcome)
        pairs = {
            metric: (run.final.get(metric, math.nan), float(repeated.get(metric, math.nan)))
            for metric in {**run.final, **repeated}
        }
        spreads: Final = {}
        if not all(_same(*pair) for pair in pairs.values()) and not same_kind(run, outcome):
            spreads = self._spreads(run.spec)
        return [
            RepeatedMetric(metric, *pair, _verdict(*pair, spreads.get(metric, 0.0)))
            for metric, pair in pairs.items()
        ]

    def _outcome(self, spec: RunSpec) -> Outcome:
        if spec.key not in self.outcomes:
            train = self.train
            if train is None:
                from nnbook.training import engine

                train = engine.train
            self.outcomes[spec.key] = train(spec)
        return self.outcomes[spec.key]

    def _spreads(self, spec: RunSpec) -> Final:
        """Return the standard deviation of each metric over runs of one's own with other seeds."""
        others = [spec.seed + 1 + number for number in range(OTHER_SEEDS)]
        finals = [
            final_of(outcome)
            for outcome in (self._outcome(spec.vary(seed=seed)) for seed in others)
            if not outcome.diverged_at
        ]
        if len(finals) < 2:
            return {}
        shared = set.intersection(*(set(final) for final in finals))
        return {metric: statistics.stdev(final[metric] for final in finals) for metric in shared}


def final_of(outcome: Outcome) -> Final:
    """Return what a run reached at the end of training."""
    return outcome.final or {
        column: values[-1] for column, values in outcome.history.items() if column != "epoch"
    }


def same_kind(run: Run, outcome: Outcome) -> bool:
    """Say whether a report says that a run was made as it is repeated here.

    Libraries and system must be equal. (Processors of one name may round differently.)
    """
    return dict(run.versions) == dict(outcome.versions) and dict(run.machine) == dict(
        outcome.machine
    )


def _same(reported: float, repeated: float) -> bool:
    return abs(reported - repeated) <= IDENTICAL * max(abs(reported), abs(repeated))


def _verdict(reported: float, repeated: float, spread: float) -> str:
    if _same(reported, repeated):
        return "identical"
    near = abs(reported - repeated) <= CLOSE_IN_DEVIATIONS * spread
    return "close" if near else "different"


def weights(runs: Sequence[Run], text: str = "") -> list[float]:
    """Return by how much each run matters for what a report concludes.

    Parameters
    ----------
    runs : sequence of Run
    text : str
        The pages of the report; a configuration that they name often matters more.
    """
    found = []
    best = _best_configurations(runs)
    for run in runs:
        weight = 1.0
        if text.count(run.configuration) > 2:  # beside the list of runs and a table
            weight += MENTIONED
        if run.configuration in best:
            weight += BEST
        if _is_best_run(run, runs):
            weight += EXTREME
        found.append(weight)
    return found


def _score(run: Run) -> float:
    """Return how good a run is said to be: larger is better."""
    final = run.final or {}
    for metric in ("test_accuracy", "test_loss", *final):
        if metric in final:
            higher = metric in METRICS and METRICS[metric].better == "higher"
            return final[metric] if higher else -final[metric]
    return -math.inf


def _best_configurations(runs: Sequence[Run]) -> set[str]:
    """Return the best configuration of each experiment."""
    scores: dict[str, dict[str, list[float]]] = {}
    for run in runs:
        experiment = str(run.entry.get("experiment", ""))
        scores.setdefault(experiment, {}).setdefault(run.configuration, []).append(_score(run))
    return {
        max(some, key=lambda name, some=some: statistics.fmean(some[name]))  # type: ignore[misc]
        for some in scores.values()
    }


def _is_best_run(run: Run, runs: Sequence[Run]) -> bool:
    siblings = [other for other in runs if other.configuration == run.configuration]
    return _score(run) >= max(map(_score, siblings))


def sample(runs: Sequence[Run], count: int, seed: int, text: str = "") -> list[Run]:
    """Return `count` of the runs, drawn at random by weight: for one seed always the same.

    Each run can be drawn (Efraimidis & Spirakis 2006, "Weighted random sampling with a reservoir").
    """
    if count >= len(runs):
        return list(runs)
    draw = random.Random(seed)
    keys = [draw.random() ** (1 / weight) for weight in weights(runs, text)]
    chosen = sorted(range(len(runs)), key=keys.__getitem__, reverse=True)[:count]
    return [runs[index] for index in sorted(chosen)]
