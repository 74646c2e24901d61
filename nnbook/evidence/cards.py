"""Cards: a claim with all that it rests on, as data for pages and other readers.

All cards together are the file ``claims.json`` of a build.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from nnbook.errors import NNBookError
from nnbook.evidence.claim_files import Claim, Measured, RunsValue, Value
from nnbook.evidence.claims import Checked, Claims
from nnbook.evidence.designs import POPULATIONS
from nnbook.evidence.estimates import Estimate
from nnbook.evidence.verdicts import Verdict
from nnbook.experiments.statistics import Effect
from nnbook.project import relative

FORM = 3
"""Number of the form of a card; raised when it changes."""

Card = dict[str, Any]


def card(checked: Checked) -> Card:
    """Return a claim beside what the records say, of plain lists, dictionaries and numbers."""
    claim = checked.claim
    return {
        "name": claim.name,
        "source": relative(claim.source),
        "statement": checked.sentence,
        "holds": not checked.failures,
        "failures": list(checked.failures),
        "values": {
            name: _value(claim.values[name], estimate)
            for name, estimate in checked.estimates.items()
        },
        "verdicts": [_verdict(verdict) for verdict in checked.verdicts],
        "losses": [
            {"part": one.part, "says_otherwise": one.says_otherwise, **_verdict(one.verdict)}
            for one in checked.beside
        ],
        "populations": checked.populations,
        "exploratory": claim.heading.exploratory,
        "selected_on": list(claim.heading.selected_on),
        "because": _because(claim),
        "family": claim.family,
        "family_reason": _family_reason(claim),
        "margins": {
            name: claim.margins[name].model_dump(exclude_none=True) for name in _margins(claim)
        },
    }


def cards(claims: Claims, pages: Mapping[str, Iterable[str]]) -> Card:
    """Return the content of ``claims.json``.

    Parameters
    ----------
    claims : Claims
    pages : dict of str to list of str
        Which pages use each claim.
    """
    content = {
        name: dict(_card(claims, name), pages=sorted(pages.get(name, ()))) for name in claims
    }
    return {"form": FORM, "populations": POPULATIONS, "claims": content}


def holds(claims: Claims, name: str) -> bool:
    """Say whether a claim can be checked, and holds."""
    return bool(_card(claims, name)["holds"])


def plain(claims: Claims, name: str) -> str:
    """Return a claim with its verdicts as text, and why it does not hold if so."""
    try:
        checked = claims.check(name)
    except NNBookError as error:
        return f"{name}: cannot be checked\n  ! {error}"
    lines = [f"{name}: {'holds' if not checked.failures else 'DOES NOT HOLD'}", checked.sentence]
    lines += [f"  {verdict.relation}: {verdict}" for verdict in checked.verdicts]
    lines += [f"  {one}" for one in checked.beside]
    lines += [f"  speaks of: {'; '.join(checked.populations)}"]
    return "\n".join([*lines, *(f"  ! {failure}" for failure in checked.failures)])


def _card(claims: Claims, name: str) -> Card:
    try:
        return card(claims.check(name))
    except NNBookError as error:
        source = relative(claims[name].source)
        return {"name": name, "source": source, "holds": False, "failures": [str(error)]}


def text(content: Card) -> str:
    """Return cards as JSON, one claim a line, so that a change of one is seen in a diff."""
    lines = ",\n".join(
        f"{_dumped(name)}: {_dumped(entry)}" for name, entry in content["claims"].items()
    )
    head = {key: part for key, part in content.items() if key != "claims"}
    return f'{_dumped(head)[:-1]}, "claims": {{\n{lines}\n}}}}\n'


def _dumped(part: object) -> str:
    return json.dumps(part, ensure_ascii=False, allow_nan=False)


def _value(declared: Value, estimate: Estimate) -> Card:
    return {
        "shown": format(estimate),
        "full": format(estimate, "full"),
        "value": estimate.value,
        "n": estimate.n,
        "metric": estimate.metric.name,
        "label": estimate.metric.label,
        "unit": estimate.metric.unit,
        "scale": estimate.metric.scale,
        "what": estimate.what,
        "effect": _effect(estimate.effect),
        "population": POPULATIONS.get(estimate.population),
        "runs": _runs(estimate),
        "experiments": _experiments(declared),
        "records": [relative(path) for path in estimate.records],
    }


def _experiments(declared: Value) -> list[str]:
    patterns = declared.runs if isinstance(declared, RunsValue) else []
    names = dict.fromkeys(pattern.rpartition("/")[0] for pattern in patterns)
    return [name if name.endswith(".toml") else f"data/experiments/{name}.toml" for name in names]


def _runs(estimate: Estimate) -> list[Card]:
    """Return the value of each run, with its labels, for a plot of points."""
    return [{**label._asdict(), "value": value} for label, value in estimate.runs.items()]


def _effect(effect: Effect | None) -> Card | None:
    if effect is None:
        return None
    return {
        "effect": effect.effect,
        "low": effect.low,
        "high": effect.high,
        "standard_error": effect.error,
        "degrees_of_freedom": effect.freedom,
        "sizes": list(effect.sizes),
        "design": effect.design,
        "ratio": effect.logarithmic,
    }


def _verdict(verdict: Verdict) -> Card:
    return {
        "relation": str(verdict.relation),
        "kind": verdict.kind,
        "words": str(verdict),
        "holds": verdict.holds,
        "exploratory": verdict.exploratory,
        "effect": _effect(verdict.effect),
        "p": _number(verdict.p),
        "adjusted_p": _number(verdict.adjusted),
        "margin": _number(verdict.margin),
        "family_size": verdict.size,
        "population": POPULATIONS.get(verdict.population),
    }


def _because(claim: Claim) -> str | None:
    because = claim.heading.because
    return because.measured if isinstance(because, Measured) else because


def _family_reason(claim: Claim) -> str:
    name = claim.heading.family
    return claim.families[name].reason if name else "The comparisons of the chapter that name none."


def _margins(claim: Claim) -> list[str]:
    return sorted({relation.by for relation in claim.holds if isinstance(relation.by, str)})


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
