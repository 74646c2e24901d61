"""Losses: what the loss says of the same runs, where a claim compares their accuracies.

An accuracy counts on which side of a boundary an image falls; the loss says how far from it, and is
often the sharper measure. The two can disagree: a network may read more images and be wrong with
more certainty. So each comparison of accuracies stands beside that of the losses, and where the
losses differ in another way than the accuracies, a claim of the same file has to say so.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from nnbook.evidence.claim_files import Claim, RunsValue, Value
from nnbook.evidence.families import LEVEL
from nnbook.evidence.relations import Relation, Sign, Term
from nnbook.evidence.values import Records, estimates
from nnbook.evidence.verdicts import Verdict, judge
from nnbook.metrics import METRICS

Pair = frozenset[frozenset[tuple[str, str]]]
"""Two sets of runs that are compared, each by its experiments and configurations."""

_ACCURACY = re.compile(r"(validation|test)_(?:accuracy|error)")
_LOSS = re.compile(r"(?:validation|test)_loss")


@dataclass(frozen=True)
class Beside:
    """The losses of the runs whose accuracies a relation compares.

    Attributes
    ----------
    relation : Relation
        Of the accuracies.
    part : str
        The part of the data: "validation" or "test".
    verdict : Verdict
        On the ratio of the geometric means of the losses, as a comparison of its own.
    says_otherwise : bool
        Whether the losses differ where the accuracies do not, or in favor of the other side.
    """

    relation: Relation
    part: str
    verdict: Verdict
    says_otherwise: bool

    def __str__(self) -> str:
        """Return it in words."""
        names = f"{self.relation.left}, beside {self.relation.right}"
        return f"{self.part} loss of {names}: {self.verdict}"


def beside(claim: Claim, verdicts: Iterable[Verdict], records: Records) -> Iterator[Beside]:
    """Yield the losses beside each comparison of two mean accuracies, or shares of errors.

    Networks that were trained with different losses are left out.

    Parameters
    ----------
    claim : Claim
    verdicts : iterable of Verdict
        On the relations of the claim.
    records : Records
    """
    for verdict in verdicts:
        names = [str(term) for term in _terms(verdict.relation)]
        found = [value for name in names if isinstance(value := claim.values.get(name), RunsValue)]
        if len(found) < 2 or found[0].metric != found[1].metric or verdict.effect is None:
            continue
        part = _ACCURACY.fullmatch(found[0].metric)
        if part and all(value.of in ("mean", "geometric mean") for value in found):
            update = {"metric": f"{part[1]}_loss", "of": "geometric mean"}
            losses = {
                name: value.model_copy(update=update)
                for name, value in zip(names, found, strict=True)
            }
            if len(_kinds(losses.values(), records)) == 1:
                better = METRICS[found[0].metric].better == "higher"
                compared = replace(claim, values=losses)
                yield _compared(compared, verdict, part[1], records, higher_is_better=better)


def told(claims: Iterable[Claim], records: Records) -> set[Pair]:
    """Return the pairs of runs whose losses stand side by side in one of the claims."""
    pairs = set()
    for claim in claims:
        runs = [value for value in claim.values.values() if isinstance(value, RunsValue)]
        losses = [value for value in runs if _LOSS.fullmatch(value.metric)]
        pairs |= {_pair(pair, records) for pair in combinations(losses, 2)}
    return pairs


def untold(
    claim: Claim, losses: Iterable[Beside], pairs: Container[Pair], records: Records
) -> Iterator[str]:
    """Yield a line for each comparison of accuracies of which no claim tells the losses.

    Parameters
    ----------
    claim : Claim
    losses : iterable of Beside
        Those of the claim.
    pairs : container of Pair
        Of which runs the losses are told, as `told` returns it.
    records : Records
    """
    for one in losses:
        values = [claim.values[str(term)] for term in _terms(one.relation)]
        if one.says_otherwise and _pair(values, records) not in pairs:
            yield f"{claim.name}: {one.relation}, but {one}"


def _compared(
    claim: Claim, shares: Verdict, part: str, records: Records, *, higher_is_better: bool
) -> Beside:
    """Return the verdict on losses, which `claim` has as its values."""
    relation, heading = shares.relation, claim.heading
    values = estimates(claim, records)

    def judged(sign: Sign) -> Verdict:
        compared = Relation(relation.left, sign, relation.right)
        return judge(compared, values, {}, heading.population, heading.design)

    undecided = judged("?")
    assert undecided.effect is not None and shares.effect is not None
    if undecided.p > LEVEL:
        return Beside(relation, part, undecided, says_otherwise=False)
    larger = undecided.effect.effect > undecided.effect.neutral
    better = (shares.effect.effect > shares.effect.neutral) == higher_is_better
    agrees = shares.effect.p_value(shares.effect.neutral) <= LEVEL and better != larger
    return Beside(relation, part, judged(">" if larger else "<"), says_otherwise=not agrees)


def _kinds(values: Iterable[RunsValue], records: Records) -> set[str]:
    """Return which losses the runs were trained with."""
    return {
        spec.loss
        for value in values
        for pattern in value.runs
        for item in records.configurations(pattern)
        for spec in item.runs.values()
    }


def _terms(relation: Relation) -> tuple[Term, Term]:
    return relation.left, relation.right


def _pair(values: Iterable[Value | None], records: Records) -> Pair:
    return frozenset(
        frozenset(
            (item.experiment, item.name)
            for pattern in value.runs
            for item in records.configurations(pattern)
        )
        for value in values
        if isinstance(value, RunsValue)
    )
