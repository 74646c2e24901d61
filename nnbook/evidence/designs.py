"""Designs: how two samples of runs belong together, and what the error of their comparison is.

The design follows from how the runs were made, and never from which test gives the smaller p-value:

*within runs*
    Two numbers of the same runs, such as training and validation accuracy, are pairs.
*paired over splits*
    Each run of one sample has a partner in the other that saw the same split of the data. Then what
    an easy or a hard split does to both cancels: in ``eckerle4-study`` the logarithms of the test
    errors of two configurations correlate by 0.53 over the splits, on average over all pairs.
*crossed*
    Several seeds were run on each of several splits. A run is then not independent of the others of
    its split, nor of those of its seed: a two-way layout (`nnbook.experiments.layouts.two_way`).
*independent* (Welch)
    Runs on one split with several seeds. Runs of equal seed share the order of the batches and, if
    their layers are equal, the initial weights, yet this hardly makes them alike: in
    ``mnist-parameters`` the test accuracies of two configurations correlate by 0.03 over the seeds.
    Pairs would gain nothing and halve the degrees of freedom.
*clustered*
    Where a sample pools several configurations, their mean at a split and seed counts as one run.

To whom it speaks (the *population*) decides the error where there is a choice:

``seeds``
    Fresh seeds on the same split.
``splits``
    Other splits of the same points (or draws of the labeled images), with fresh seeds; all it says
    is conditional on these points.
``points``
    Other points of the same kind. Splits of the same points overlap, so the error is larger
    (Nadeau & Bengio 2003).
``images``
    Other test images, and fresh seeds: the images at hand are a sample, too. For a share p of N
    images this adds at most p (1 - p) / N to the variance of a mean; which images a network
    misreads is on record for few runs, so that a comparison adds this bound of either side.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from nnbook.errors import ClaimError
from nnbook.evidence.samples import Cell, Sample, listed, unpaired
from nnbook.experiments.layouts import (
    corrected_for_resampling,
    two_way,
)
from nnbook.experiments.statistics import (
    Effect,
    mean_effect,
    paired_difference,
    unpaired_difference,
)

Population = Literal["seeds", "splits", "points", "images"]
Design = Literal["unpaired"]

POPULATIONS: dict[str, str] = {
    "seeds": "fresh seeds on this split of the data",
    "splits": "other splits of these points, with fresh seeds",
    "draws": "other draws of the labeled images, with fresh seeds",
    "points": "other points of the same kind",
    "images": "other test images, with fresh seeds",
}
"""What a page calls each population."""


def population_of(*samples: Sample) -> str:
    """Return the population that samples speak of if nothing else is declared, a key of those."""
    if all(len(sample.splits) == 1 for sample in samples):
        return "seeds"
    return "splits" if all(sample.resplit for sample in samples) else "draws"


def mean_of(sample: Sample, *, ratio: bool = False, population: str | None = None) -> Effect:
    """Return the mean of a sample.

    Parameters
    ----------
    sample : Sample
    ratio : bool
        Whether to take the geometric mean.
    population : str, optional
        Of `POPULATIONS`; by default the one that follows from the labels.

    Raises
    ------
    ClaimError
        If the sample does not say anything about this population.
    """
    population = population or population_of(sample)
    _check(population, sample)
    logs = sample.logarithms() if ratio else sample
    effect = _mean(logs, population)
    return replace(_widened(effect, population, ratio, sample), logarithmic=ratio)


def compare(
    a: Sample,
    b: Sample,
    *,
    ratio: bool = False,
    population: str | None = None,
    design: Design | None = None,
) -> Effect:
    """Return mean of a - mean of b, or the ratio of their geometric means.

    Parameters
    ----------
    a, b : Sample
    ratio : bool
        Whether to compare geometric means.
    population : str, optional
        Of `POPULATIONS`; by default the one that follows from the labels.
    design : {"unpaired"}, optional
        To compare samples on different splits as independent ones.

    Raises
    ------
    ClaimError
        If both samples have several splits but not the same, or a sample has one run only.
    """
    population = population or population_of(a, b)
    _check(population, a, b)
    first, second = (a.logarithms(), b.logarithms()) if ratio else (a, b)
    effect = _difference(first, second, population, design)
    return replace(_widened(effect, population, ratio, a, b), logarithmic=ratio)


def _difference(a: Sample, b: Sample, population: str, design: Design | None) -> Effect:
    if a.values.keys() == b.values.keys():
        return _within(a, b, population)
    if (len(a.splits) == 1 and a.splits == b.splits) or design == "unpaired":
        return _independent(a, b)
    if alone := unpaired(a, b):
        raise ClaimError(
            f"{a.what} and {b.what}: runs on several splits are compared in pairs, but "
            f"{listed(alone)} has no partner; compare the same ones, or say design = "
            '"unpaired"'
        )
    differences = {cell: a.cells[cell] - b.cells[cell] for cell in a.cells}
    if a.crossed:
        return _crossed(differences, population)
    effect = paired_difference(list(a.cells.values()), [b.cells[cell] for cell in a.cells])
    return replace(effect, design=f"paired over {effect.n} splits" + _pooled(a, b))


def _within(a: Sample, b: Sample, population: str) -> Effect:
    if a.crossed:
        return _crossed({cell: a.cells[cell] - b.cells[cell] for cell in a.cells}, population)
    effect = paired_difference(list(a.cells.values()), [b.cells[cell] for cell in a.cells])
    return replace(effect, design=f"pairs within {effect.n} runs" + _pooled(a, b))


def _independent(a: Sample, b: Sample) -> Effect:
    for sample in (a, b):
        _at_least_two(sample)
        if sample.crossed:
            raise ClaimError(f"{sample.what}: seeds crossed with splits are compared in pairs")
    effect = unpaired_difference(list(a.cells.values()), list(b.cells.values()))
    return replace(effect, design=effect.design + _pooled(a, b))


def _mean(sample: Sample, population: str) -> Effect:
    if sample.crossed:
        return _crossed(sample.cells, population)
    _at_least_two(sample)
    kind = "splits" if len(sample.splits) > 1 else "seeds"
    return mean_effect(list(sample.cells.values()), f"{len(sample.cells)} {kind}" + _pooled(sample))


def _crossed(cells: Mapping[Cell, float], population: str) -> Effect:
    splits, seeds = (sorted({cell[axis] for cell in cells}) for axis in (0, 1))
    layout = two_way([[cells[Cell(split, seed)] for seed in seeds] for split in splits])
    effect = layout.effect(other_splits=population != "seeds")
    # To speak of other points, what is repeated is the split.
    return replace(effect, sizes=(len(splits),)) if population == "points" else effect


def _widened(effect: Effect, population: str, ratio: bool, *samples: Sample) -> Effect:
    """Return an effect with the error of what else was drawn: the points, or the test images."""
    if population == "points":
        test, training = samples[0].test_points, samples[0].training_points
        return corrected_for_resampling(effect, test / training)
    if population != "images":
        return effect
    extra = 0.0
    for sample in samples:
        p = float(sample.numbers.mean())
        variance = p * (1 - p) / sample.test_points
        extra += variance / p**2 if ratio else variance
    error = float(np.sqrt(effect.error**2 + extra))
    design, freedom = f"{effect.design}, and the test images", max(effect.freedom, 1.0)
    return replace(effect, error=error, freedom=freedom, design=design)


def _check(population: str, *samples: Sample) -> None:
    if population in ("splits", "draws", "points") and all(len(s.splits) == 1 for s in samples):
        raise ClaimError(f"{samples[0].what}: one split of the data says nothing about others")
    for sample in samples:
        several = len(sample.splits) > 1
        if population == "seeds" and several and not sample.crossed:
            raise ClaimError(
                f"{sample.what}: each seed has its own split, which says nothing about one split"
            )
        if population in ("points", "images") and not sample.test_points:
            raise ClaimError(f"{sample.what}: expected a metric of the test set")
        if population == "images" and not ((sample.numbers >= 0) & (sample.numbers <= 1)).all():
            raise ClaimError(f"{sample.what}: expected a share of the test images")


def _at_least_two(sample: Sample) -> None:
    if len(sample.cells) < 2:
        raise ClaimError(
            f"{sample.what}: one run does not tell how much runs differ; expected at least two"
        )


def _pooled(*samples: Sample) -> str:
    numbers = [sample.pooled for sample in samples]
    if max(numbers) == 1:
        return ""
    return f", {' and '.join(map(str, numbers))} runs pooled at each seed"
