"""Comparisons of recorded runs for figures and tables, by the designs that claims have."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from nnbook.evidence import designs
from nnbook.evidence.families import LEVEL, holm
from nnbook.evidence.measures import measured, of_diverged_too
from nnbook.evidence.samples import Label, Sample, unpaired
from nnbook.experiments.record import Record
from nnbook.experiments.results import Results, Runs
from nnbook.experiments.statistics import Effect, summarize
from nnbook.training.spec import RunSpec

if TYPE_CHECKING:
    import pandas as pd


def compare(first: Runs, second: Runs, metric: str = "test_loss", *, ratio: bool = True) -> Effect:
    """Compare the finished runs of two configurations, as a claim about them does.

    The design follows from the runs (see `nnbook.evidence.designs`): on one split of the data two
    independent samples, on several splits pairs, of the splits at which both finished.

    Parameters
    ----------
    first, second : Runs
    metric : str
        A metric at the end of a run, or a measure.
    ratio : bool
        Whether to compare geometric means (a ratio) or means (a difference).

    Raises
    ------
    ClaimError
        If the runs do not tell how much runs differ: there is one, say.
    """
    samples = [sample_of(runs, metric) for runs in (first, second)]
    if len(samples[0].splits | samples[1].splits) > 1:
        alone = unpaired(*samples)
        samples = [sample.without(alone) for sample in samples]
    return designs.compare(*samples, ratio=ratio)


def stands_in_family(
    results: Results, reference: str, metric: str = "test_loss"
) -> dict[str, bool]:
    """Say of each configuration whether it differs from one of them, as one comparison of many.

    The family is all configurations of `results` beside the reference, by the ratio of geometric
    means; those without two finished runs are left out.

    Parameters
    ----------
    results : Results
    reference : str
        The configuration to compare with.
    metric : str
        A metric at the end of a run, or a measure.
    """
    runs = results.runs  # not looked up: the family is counted, and not shown
    p_values = {
        name: compare(others, runs[reference], metric).p_value()
        for name, others in runs.items()
        if name != reference and len(others.finished) > 1
    }
    return dict(zip(p_values, (p <= LEVEL for p in holm(list(p_values.values()))), strict=True))


def sample_of(runs: Runs, metric: str) -> Sample:
    """Return a metric of the runs of one configuration, as a sample."""
    numbers = labelled(runs, metric, lambda record: measured(record, metric))
    what = f"{metric} of {runs.configuration.experiment}/{runs.configuration.name}"
    spec = next(iter(runs.configuration.runs.values()))
    return Sample(numbers, what, *points(spec, metric))


def labelled(runs: Runs, metric: str, number: Callable[[Record], float]) -> dict[Label, float]:
    """Return a number of each run that has this metric, under the run's label."""
    configuration = runs.configuration
    chosen = runs.records if of_diverged_too(metric) else runs.finished
    numbers = {}
    for seed, record in chosen.items():
        spec = configuration.runs[seed]
        label = Label(
            configuration.experiment, configuration.name, seed, spec.split, spec.data.resplits
        )
        numbers[label] = number(record)
    return numbers


def points(spec: RunSpec, metric: str) -> tuple[int, int]:
    """Return how many points a test metric is measured on, and how many a run is trained on."""
    return (spec.data.facts.test if metric.startswith("test") else 0), spec.examples


def differences(
    results: Results,
    reference: str,
    names: Mapping[str, str],
    metric: str = "validation_accuracy",
) -> "pd.DataFrame":
    """Compare configurations with one of them, by differences of their means.

    Parameters
    ----------
    results : Results
    reference : str
        The configuration to compare with.
    names : mapping of str to str
        Labels, and the configurations that they stand for.
    metric : str
        A metric at the end of training.

    Returns
    -------
    pandas.DataFrame
        One row per label: ``mean`` of the metric, ``effect``, the mean difference to the
        reference, with its 95 % interval ``low`` to ``high`` and the ``verdict`` (see
        `Effect`); ``seconds``, the median duration of a run. A reference does not differ
        from itself. Where fewer than two runs finished, all but the duration is nan.
    """
    import pandas as pd

    rows = {}
    for label, name in names.items():
        runs = results[name]
        durations = [record.content["seconds"] for record in runs.records.values()]
        rows[label] = {
            "mean": summarize(runs.final(metric)).mean,
            **_difference(runs, results[reference], metric),
            "seconds": float(np.median(durations)),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _difference(runs: Runs, reference: Runs, metric: str) -> dict[str, float | str]:
    if min(len(runs.finished), len(reference.finished)) < 2:
        return {"effect": np.nan, "low": np.nan, "high": np.nan, "verdict": ""}
    found = compare(runs, reference, metric, ratio=False)
    return {"effect": found.effect, "low": found.low, "high": found.high, "verdict": found.verdict}
