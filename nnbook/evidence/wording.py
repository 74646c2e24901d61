"""Wording: what a sentence may not say, given the verdicts that it rests on."""

import re
from collections.abc import Iterator

EQUALITY = re.compile(
    r"\b(as (?:good|bad|well|high|low|fast|large|small|much|many) as|no (?:effect|difference|gain)"
    r"|(?:does|do|did) (?:nothing|not (?:matter|help|hurt|differ|change))|makes? no difference"
    r"|(?:adds?|gains?|costs?|brings?|changes?) nothing|the same|alike|equal(?:s|ly)?"
    r"|(?:not|in)[ -]?distinguishable|cannot be (?:told|distinguished|separated)"
    r"|(?:not|no|any) (?:better|worse)|level|unchanged)\b",
    flags=re.IGNORECASE,
)
"""Words of equality, which what is not shown to differ does not have."""

CAUSE = re.compile(
    r"\b(because|reasons?|causes?d?|causing|due to|therefore|thus|hence|explains?|explained"
    r"|owing to|thanks to|leads? to)\b",
    flags=re.IGNORECASE,
)
"""Words that say why."""


def problems(says: str, *, undecided: bool, equivalent: bool, has_because: bool) -> Iterator[str]:
    """Yield what a statement says beyond its verdicts.

    Parameters
    ----------
    says : str
    undecided, equivalent : bool
        Whether a verdict of this kind is among those that it rests on.
    has_because : bool
        Whether it is declared what shows the cause, or that it is a conjecture.

    Examples
    --------
    >>> list(problems("A is as good as B.", undecided=True, equivalent=False, has_because=False))
    ["says 'as good as', but the runs leave it undecided: give the interval, or a margin"]
    """
    if (undecided or equivalent) and (found := EQUALITY.search(says)):
        word = found[0]
        if not equivalent:
            yield f"says {word!r}, but the runs leave it undecided: give the interval, or a margin"
        elif "within" not in says.lower():
            yield f"says {word!r} without the margin: equal 'within' what?"
    if (found := CAUSE.search(says)) and not has_because:
        yield (
            f"says {found[0]!r}: expected because = {{ measured = NAME }}, a claim that shows the "
            'cause, or because = "conjecture"'
        )
