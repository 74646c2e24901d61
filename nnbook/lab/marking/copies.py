"""What teams have in common, as facts: whoever worked together, or from one source, shares some."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from nnbook.lab.marking.given import Given, words_of

WORDS_IN_A_ROW = 6
FEWEST_ROWS = 20
NEARLY_EQUAL = 0.5
COMMON = 0.4
"""Share of the teams that have a row of words which then says nothing, such as of the statement."""


@dataclass(frozen=True)
class Traces:
    """What of a team's report another team's would not have by chance.

    Attributes
    ----------
    runs : frozenset of str
        Key, results, moment and duration of each run.
    answers : str
        Digest of the answers.
    text : str
        Of the exercises.
    pictures : frozenset of str
        Digests of the team's own pictures.
    people : frozenset of str
        Names and numbers of its authors.
    own : frozenset of str
        Digests of results of its own code.
    """

    runs: frozenset[str] = frozenset()
    answers: str = ""
    text: str = ""
    pictures: frozenset[str] = frozenset()
    people: frozenset[str] = field(default=frozenset())
    own: frozenset[str] = field(default=frozenset())


def facts(teams: Mapping[str, Traces], given: Given | None = None) -> dict[str, list[str]]:
    """Return, for each team, what it shares with others that the lab did not give to all."""
    given = given or Given()
    teams = {
        name: replace(traces, answers="", text="") if traces.answers in given.answers else traces
        for name, traces in teams.items()
    }
    found: dict[str, list[str]] = defaultdict(list)
    rows = {name: set(filter(given.is_own, _rows(traces.text))) for name, traces in teams.items()}
    count = Counter(row for some in rows.values() for row in some)
    most = max(2, COMMON * len(teams))
    own = {name: {row for row in some if count[row] <= most} for name, some in rows.items()}
    for first, second in combinations(teams, 2):
        for fact in _between(teams[first], teams[second], own[first], own[second]):
            found[first].append(f"{second}: {fact}")
            found[second].append(f"{first}: {fact}")
    return {name: found[name] for name in teams}


def _between(one: Traces, other: Traces, rows: set[str], others: set[str]) -> Iterable[str]:
    if shared := one.runs & other.runs:
        yield f"{len(shared)} runs of {len(one.runs)} with equal results, moment and duration"
    if one.answers and one.answers == other.answers:
        yield "the answers are equal to the last letter"
    elif rows and others and min(len(rows), len(others)) >= FEWEST_ROWS:
        share = len(rows & others) / min(len(rows), len(others))
        if share >= NEARLY_EQUAL:
            yield f"{share:.0%} of the text, in rows of {WORDS_IN_A_ROW} words"
    if shared := one.pictures & other.pictures:
        yield f"{len(shared)} own pictures are equal to the last byte"
    if shared := one.own & other.own:
        yield f"{len(shared)} results of own code are equal to the last byte"
    if shared := one.people & other.people:
        yield f"authors in both: {', '.join(sorted(shared))}"


def _rows(text: str) -> set[str]:
    words = words_of(text)
    starts = range(len(words) - WORDS_IN_A_ROW + 1)
    return {" ".join(words[start : start + WORDS_IN_A_ROW]) for start in starts}
