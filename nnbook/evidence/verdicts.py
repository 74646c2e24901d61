"""Verdicts: what runs say about a relation between two values.

*larger*
    Student's two-sided test by the design of the comparison (see `nnbook.evidence.designs`) rejects
    equality, or the stated least difference, and the effect has the sign that the claim gives it.
*equivalent*
    Two one-sided tests (Schuirmann 1987, *Journal of Pharmacokinetics and Biopharmaceutics* 15,
    657-680) reject both a difference of more than the margin upwards and one downwards; the 90 %
    interval then lies between them.
*undecided*
    Neither is shown to be larger. Nothing follows from it but the interval.
*exact*
    A statement about the runs on record themselves, such as a count or a minimum, or about values
    that do not scatter at all. There is nothing to infer, and no p-value.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from nnbook.errors import ClaimError, nearest
from nnbook.evidence.claim_files import Margin
from nnbook.evidence.designs import Design, compare, population_of
from nnbook.evidence.estimates import Estimate
from nnbook.evidence.families import LEVEL
from nnbook.evidence.relations import Number, Relation, Term
from nnbook.experiments.statistics import Effect
from nnbook.metrics import NO_BREAK, Metric, show

Kind = Literal["larger", "equivalent", "undecided", "exact"]

_KINDS: dict[str, Kind] = {"<": "larger", ">": "larger", "~": "equivalent", "?": "undecided"}


@dataclass(frozen=True)
class Verdict:
    """What the runs say about a relation.

    Attributes
    ----------
    relation : Relation
    kind : {"larger", "equivalent", "undecided", "exact"}
    agrees : bool
        Whether the effect lies on the side, or between the margins, where the relation has it.
    effect : Effect, optional
        None for what is exact.
    metric : Metric, optional
        What the effect is.
    p : float
        Of this comparison alone; NaN for what is exact.
    adjusted : float
        In its family (see `nnbook.evidence.families`).
    family : str
    size : int
        Number of comparisons in the family.
    test : str
        The same for comparisons that are the same, however they are written.
    population : str
        Of `nnbook.evidence.designs.POPULATIONS`; empty for what is exact.
    margin : float
        Of an equivalence, or least difference.
    side : str
        "larger", "smaller", or "above" or "below" a number.
    said : str
        For what is exact: the two values.
    """

    relation: Relation
    kind: Kind
    agrees: bool
    effect: Effect | None = None
    metric: Metric | None = None
    p: float = math.nan
    adjusted: float = math.nan
    family: str = ""
    size: int = 0
    test: str = ""
    population: str = ""
    margin: float = math.nan
    side: str = ""
    said: str = ""

    @property
    def holds(self) -> bool:
        """Whether the relation holds, as one comparison of its family."""
        return self._at(self.adjusted)

    @property
    def holds_alone(self) -> bool:
        """Whether it would hold if it were the only comparison."""
        return self._at(self.p)

    @property
    def exploratory(self) -> bool:
        """Whether it stands out alone, but not in its family."""
        return self.holds_alone and not self.holds

    def _at(self, p: float) -> bool:
        if self.kind == "exact":
            return self.agrees
        return p > LEVEL if self.kind == "undecided" else self.agrees and p <= LEVEL

    def within(self, family: str, adjusted: float, size: int) -> "Verdict":
        """Return this verdict as one of a family."""
        return replace(self, family=family, adjusted=adjusted, size=size)

    def __str__(self) -> str:
        """Return the verdict in words."""
        if self.effect is None or self.metric is None:
            return f"exact: {self.said}"
        return f"{self._words(self.effect, self.metric)}; {self.effect.design}; {self._p_values()}"

    def _words(self, effect: Effect, metric: Metric) -> str:
        size = _with_interval(effect, metric, 0.90 if self.kind == "equivalent" else 0.95)
        no = "" if self.holds_alone else "not shown to be "
        least = "" if math.isnan(self.margin) else _short(self.margin, effect, metric)
        match self.kind:
            case "equivalent":
                return f"{no}equivalent within {least}: {size}"
            case "undecided":
                return f"{'' if self.holds_alone else 'not '}undecided: {size}"
            case _:
                at_least = f" by at least {least}" if least else ""
                return f"{no}{self.side}{at_least}: {size}"

    def _p_values(self) -> str:
        text = _p(self.p)
        if self.size > 1:
            text += f", {_p(self.adjusted)} by Holm in a family of {self.size}"
        return f"{text} (exploratory)" if self.exploratory else text


def _with_interval(effect: Effect, metric: Metric, confidence: float) -> str:
    shown = show(metric, effect.effect, *effect.interval(confidence))
    percent = f"{confidence:.0%}".replace("%", f"{NO_BREAK}%")
    return f"{shown} ({percent} interval {shown.low} to {shown.high})"


def _short(margin: float, effect: Effect, metric: Metric) -> str:
    if effect.logarithmic:
        return f"a factor of {margin:g}"
    unit = show(metric.difference, margin).unit
    return f"{metric.scale * margin:g}{unit}"


def _p(value: float) -> str:
    if value < 0.0001:
        return f"p{NO_BREAK}<{NO_BREAK}0.0001"
    digits = 4 if value < 0.001 else 3 if value < 0.1 else 2
    return f"p{NO_BREAK}={NO_BREAK}{value:.{digits}f}"


def judge(
    relation: Relation,
    estimates: Mapping[str, Estimate],
    margins: Mapping[str, Margin],
    population: str | None = None,
    design: Design | None = None,
) -> Verdict:
    """Return what the runs say about a relation, as the only comparison.

    Parameters
    ----------
    relation : Relation
    estimates : dict of str to Estimate
        What the names in it stand for.
    margins : dict of str to Margin
        The margins that the file names.
    population, design : str, optional
        As in `nnbook.evidence.designs.compare`.

    Raises
    ------
    ClaimError
        If the relation is between what cannot be compared.
    """
    a, b = (_side(term, estimates) for term in (relation.left, relation.right))
    if relation.sign == "=":
        return _equality(relation, a, b)
    if relation.on_record:
        return _on_record(relation, a, b)
    asked = _question(relation, a, b, population, design)
    margin = _margin(relation, margins, asked)
    if asked is None:
        return _exact(relation, a, b, margin)
    return _tested(relation, asked, margin)


@dataclass(frozen=True)
class _Question:
    """An effect, and the number on whose side it should be."""

    effect: Effect
    null: float
    sign: str
    metric: Metric
    test: str
    population: str


Side = Number | Estimate


def _question(
    relation: Relation, a: Side, b: Side, population: str | None, design: Design | None
) -> _Question | None:
    """Return what is to be tested, or None for two numbers without any scatter."""
    if isinstance(a, Estimate) and isinstance(b, Estimate) and a.sample and b.sample:
        ratio = a.logarithmic and b.logarithmic
        effect = compare(a.sample, b.sample, ratio=ratio, population=population, design=design)
        if not effect.error > 0:
            return None
        return _Question(
            effect,
            effect.neutral,
            relation.sign,
            a.metric.ratio if ratio else a.metric.difference,
            _of_two_means((a.identity, b.identity), ratio),
            population or population_of(a.sample, b.sample),
        )
    for side, other, sign in ((a, b, relation.sign), (b, a, _turned(relation.sign))):
        if not (isinstance(side, Estimate) and side.effect):
            continue
        if isinstance(other, Estimate) and other.effect:
            raise ClaimError(f"{relation}: expected two means, or a value and a number")
        null = other.value
        test = f"{side.identity} : {null!r}"
        if side.between and null == side.effect.neutral:
            test = _of_two_means(side.between, side.logarithmic)
        return _Question(side.effect, null, sign, side.metric, test, side.population)
    return None


def _of_two_means(identities: tuple[str, ...], ratio: bool) -> str:
    """Return the name of their comparison, the same as a relation and as a value beside none."""
    return f"{' : '.join(sorted(identities))} : {ratio}"


def _turned(sign: str) -> str:
    return {"<": ">", ">": "<"}.get(sign, sign)


def _tested(relation: Relation, asked: _Question, margin: float) -> Verdict:
    effect, kind = asked.effect, _KINDS[relation.sign]
    if effect.logarithmic and asked.null <= 0:
        raise ClaimError(f"{relation}: a ratio or geometric mean is above 0 in any case")
    below, above = _shifted(asked, margin)
    match asked.sign:
        case "<":
            agrees, p = effect.effect < below, effect.p_value(below)
        case ">":
            agrees, p = effect.effect > above, effect.p_value(above)
        case "~":
            agrees = below < effect.effect < above
            p = max(effect.p_above(below), effect.p_below(above))
        case _:
            agrees, p = True, effect.p_value(asked.null)
    bounds = "" if math.isnan(margin) else f" : {kind} {margin!r} {asked.sign}"
    return Verdict(
        relation=relation,
        kind=kind,
        agrees=agrees,
        effect=effect,
        metric=asked.metric,
        p=p,
        adjusted=p,
        size=1,
        test=f"{asked.test} : {asked.population}, {effect.design}{bounds}",
        population=asked.population,
        margin=margin,
        side=_side_in_words(relation, asked),
    )


def _side_in_words(relation: Relation, asked: _Question) -> str:
    number = next((t for t in (relation.left, relation.right) if isinstance(t, Number)), None)
    if number is None:
        return "smaller" if asked.sign == "<" else "larger"
    return f"{'below' if asked.sign == '<' else 'above'} {number}"


def _shifted(asked: _Question, margin: float) -> tuple[float, float]:
    """Return the numbers a margin below and above the one that is tested."""
    if math.isnan(margin):
        return asked.null, asked.null
    if asked.effect.logarithmic:
        return asked.null / margin, asked.null * margin
    return asked.null - margin, asked.null + margin


def _on_record(relation: Relation, a: Side, b: Side) -> Verdict:
    """Compare the mean of the runs on record with a typed number."""
    value = a if isinstance(a, Estimate) else b
    if not (isinstance(value, Estimate) and (isinstance(a, Number) or isinstance(b, Number))):
        raise ClaimError(f"{relation}: expected a value and a typed number for 'on record'")
    null = b.value if value is a else a.value
    if value.effect and not value.sample and null == value.effect.neutral:
        raise ClaimError(f"{relation}: a comparison of two means; take 'on record' away")
    agrees = a.value < b.value if relation.sign == "<" else a.value > b.value
    said = f"{_said(relation, a, b)}, of the runs on record"
    return Verdict(relation, "exact", agrees, said=said)


def _exact(relation: Relation, a: Side, b: Side, margin: float) -> Verdict:
    """Compare two numbers without scatter."""
    for name, side in ((relation.left, a), (relation.right, b)):
        if isinstance(side, Estimate) and side.sample and len(side.sample.cells) == 1:
            raise ClaimError(
                f"{relation}: {name} rests on one run, which does not tell how much runs differ; "
                'expected at least two, or a statement about that run itself, such as of = "min"'
            )
    least = 0.0 if math.isnan(margin) else margin
    match relation.sign:
        case "<":
            agrees = a.value < b.value - least
        case ">":
            agrees = a.value > b.value + least
        case "~":
            agrees = abs(a.value - b.value) < least
        case _:
            raise ClaimError(f"{relation}: nothing scatters here, so that nothing is undecided")
    said = _said(relation, a, b)
    return Verdict(relation, "exact", agrees, margin=margin, said=said)


def _equality(relation: Relation, a: Side, b: Side) -> Verdict:
    """Say whether every run of one has the value of the other."""
    if isinstance(a, Number):
        a, b = b, a
    if isinstance(a, Number):
        raise ClaimError(f"{relation}: expected at least one value")
    values = a.sample.numbers.tolist() if a.sample else [a.value]
    if isinstance(b, Number):
        # Rounded, any share above one half would equal 1.
        whole = b.value.is_integer()
        agrees = all((value if whole else round(value, b.decimals)) == b.value for value in values)
    else:
        others = b.sample.numbers.tolist() if b.sample else [b.value]
        agrees = len({*values, *others}) == 1
    every = f"every one of {len(values)} runs" if a.sample else "the value"
    said = f"{every} {'equals' if agrees else 'should equal'} {b.value:.6g}"
    return Verdict(relation, "exact", agrees, said=said)


def _said(relation: Relation, a: Side, b: Side) -> str:
    """Return the values on both sides in words; a typed number speaks for itself."""
    words = []
    for term, side in ((relation.left, a), (relation.right, b)):
        if isinstance(side, Estimate):
            constant = side.sample is not None and side.effect is None
            every = f" in every one of {side.n} runs" if constant else ""
            words.append(f"{term} is {side:full}{every}")
    return ", ".join(words)


def _side(term: Term, estimates: Mapping[str, Estimate]) -> Side:
    if isinstance(term, Number):
        return term
    if term not in estimates:
        raise ClaimError(f"unknown value {term!r}, {nearest(term, estimates)}")
    return estimates[term]


def _margin(relation: Relation, margins: Mapping[str, Margin], asked: _Question | None) -> float:
    """Return least difference or margin; NaN where there is none."""
    if relation.by is None:
        return math.nan
    logarithmic = asked is not None and asked.effect.logarithmic
    if isinstance(relation.by, Number):
        if relation.sign == "~":
            raise ClaimError(
                f"{relation}: expected the name of a margin, which has a reason in the file's "
                "[margins]"
            )
        if relation.by.value <= (1 if logarithmic else 0):
            least = "a factor above 1" if logarithmic else "a difference above 0"
            raise ClaimError(f"{relation}: expected {least} after 'by'")
        return relation.by.value
    if relation.by not in margins:
        raise ClaimError(f"{relation}: unknown margin, {nearest(relation.by, margins)}")
    margin = margins[relation.by]
    value = margin.factor if logarithmic else margin.within
    if value is None:
        expected = "a `factor`, for a ratio" if logarithmic else "`within`, for a difference"
        raise ClaimError(f"{relation}: margin {relation.by!r}: expected {expected}")
    return value
