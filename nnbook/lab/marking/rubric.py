"""Points, where a rule can give them."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from nnbook.lab.definition import Definition
from nnbook.lab.judged import VERDICTS
from nnbook.lab.manifest import Run
from nnbook.lab.tasks import Entering, Exercise, Rule
from nnbook.metrics import METRICS


@dataclass(frozen=True)
class Written:
    """What is known of the answer to an exercise.

    Attributes
    ----------
    words : int
    contains : dict of str to bool
        What it needs, and whether it is there; what cannot be seen is not in it.
    """

    words: int
    contains: Mapping[str, bool]


@dataclass(frozen=True)
class Awarded:
    """The points of a rule.

    Attributes
    ----------
    exercise : str
    says : str
        What they are for.
    most : float
    given : float, optional
        None where a person decides.
    why : str
    """

    exercise: str
    says: str
    most: float
    given: float | None
    why: str


@dataclass(frozen=True)
class Rubric:
    """The rules of a lab, and what a team handed in.

    Parameters
    ----------
    definition : Definition
    language : str
    answers : mapping of str to Written
        By exercise.
    runs : sequence of Run
    doubts : sequence of str
        Why the results may not be what they seem: with any, no points are given for results.
    step : sequence of dict
        How the values by hand are, see `nnbook.lab.judged.rows`.
    """

    definition: Definition
    language: str
    answers: Mapping[str, Written]
    runs: Sequence[Run]
    doubts: Sequence[str]
    step: Sequence[Mapping[str, Any]] = ()

    def award(self) -> list[Awarded]:
        """Return the points of all rules."""
        found = []
        for number, exercise in self.definition.exercises.items():
            rules = exercise.rubric
            if not rules and exercise.most_points:
                title = self.definition.statements(self.language)[number][0]
                rules = [Rule(points=exercise.most_points, says={self.language: title or number})]
            for rule in rules:
                share, why = self._share(rule, exercise)
                says = rule.says.get(self.language) or next(iter(rule.says.values()))
                given = None if share is None else share * rule.points
                found.append(Awarded(number, says, rule.points, given, why))
        return found

    def _share(self, rule: Rule, exercise: Exercise) -> tuple[float | None, str]:
        """Return which share of the points a rule gives, None if a person decides; and why."""
        written = self.answers.get(exercise.number, Written(0, {}))
        match rule.rule:
            case None:
                return None, "a person decides"
            case "answered":
                enough = written.words >= exercise.words
                return float(enough), f"{written.words} words of {exercise.words}"
            case "contents":
                return _contents(exercise, written)
            case "step":
                table = self.definition.file.backpropagation
                per_right = table.entered.follows_per_right if table else 0.0
                return share_by_hand(rule, self.step, per_right)
            case _:
                return self._results(rule)

    def _results(self, rule: Rule) -> tuple[float | None, str]:
        """Return the share that results are worth."""
        if self.doubts:
            return None, f"in doubt: {self.doubts[0]}"
        by_name: dict[str, list[Run]] = {}
        for run in self.runs:
            if not rule.data or run.spec.data.digest == self.definition.digest_of(rule.data):
                by_name.setdefault(run.configuration, []).append(run)
        if not by_name:
            return 0.0, f"no run on {rule.data or 'any data'}"
        if rule.rule == "value":
            return _by_value(rule, by_name)
        fewest = min(sum(run.final is not None for run in some) for some in by_name.values())
        asked = self.definition.file.repetitions
        return float(fewest >= asked), f"{fewest} finished runs of {asked}"


def share_by_hand(
    rule: Rule, rows: Sequence[Mapping[str, Any]], per_right: float
) -> tuple[float, str]:
    """Return which share of the points the values by hand are worth, and why.

    A value earns points if it is right, came from rounded ones, or follows from a wrong one. But

    - where all that was entered of a quantity is there without computing (zeros, parameters as they
      were before the step), nothing is earned unless all of the quantity is right;
    - of the values that follow, at most `per_right` count for each right one of the whole step that
      had to be computed. If there are more, each counts for as much less.

    A wrong value of a quantity that is not asked for, from which others follow, is charged with
    the quantities that come after it.

    Parameters
    ----------
    rule : Rule
    rows : sequence of dict
        See `nnbook.lab.judged.rows`.
    per_right : float
        See `nnbook.lab.tasks.EnteredTable`.

    Returns
    -------
    share : float
    why : str
    """
    counted = _count(rule, rows, per_right)
    earned = {key: counted.values[key] - less for key, less in counted.unearned.items()}
    total = earned["right"] + earned["rounded"] + counted.weight * earned["follows"]
    share = max(0.0, total - counted.charged) / max(1, counted.values["of"])
    return share, _why(counted, per_right)


@dataclass(frozen=True)
class _Counted:
    """How many values by hand are what.

    Attributes
    ----------
    values : mapping of str to int
        How many are asked for (``"of"``), and how many have each verdict.
    unearned : mapping of str to int
        How many of them earn nothing, as nothing was computed.
    following, most : int
        How many follow from wrong ones in the whole step, and of how many the points are given.
    weight : float
        What each that follows counts for.
    charged : int
        How many wrong ones that are not asked for count against the rule.
    """

    values: Mapping[str, int]
    unearned: Mapping[str, int]
    following: int
    most: int
    weight: float
    charged: int


def _count(rule: Rule, rows: Sequence[Mapping[str, Any]], per_right: float) -> _Counted:
    """Count the values by hand that a rule is about."""
    all_asked = [row for row in rows if row["asked"]]
    asked = [row for row in all_asked if not rule.quantities or row["sort"] in rule.quantities]
    idle = [row for row in asked if row["idle"] and row["right"] < row["of"]]
    following = sum(row["follows"] for row in all_asked if not row["idle"])
    most = math.floor(per_right * sum(row["computed"] for row in all_asked))
    order = get_args(Entering)
    sorts = [sort for sort in order if sort in {row["sort"] for row in all_asked}]
    ours = {row["sort"] for row in asked}
    charged = 0
    for row in rows:
        after = [sort for sort in sorts if order.index(sort) >= order.index(row["sort"])]
        if not row["asked"] and after and after[0] in ours:
            charged += row["wrong"]
    return _Counted(
        {key: sum(row[key] for row in asked) for key in ("of", *VERDICTS)},
        {key: sum(row[key] for row in idle) for key in ("right", "rounded", "follows")},
        following,
        most,
        min(1.0, most / following) if following else 1.0,
        charged,
    )


def _why(counted: _Counted, per_right: float) -> str:
    """Say what was counted."""
    count, unearned = counted.values, sum(counted.unearned.values())
    why = f"{count['right']} of {count['of']} values are right, "
    if count["rounded"]:
        why += f"{count['rounded']} came from rounded ones, "
    why += f"{count['follows']} follow from earlier wrong ones, {count['missing']} missing"
    if unearned:
        why += f"; {unearned} of them are among zeros, or parameters as they were, and do not count"
    if counted.weight < 1:
        why += (
            f"; of {counted.following} in the step that follow {counted.most} count, "
            f"{per_right:g} for each right one that was computed"
        )
    if counted.charged:
        why += f"; {counted.charged} wrong ones that were not asked for are charged here"
    return why


def _contents(exercise: Exercise, written: Written) -> tuple[float | None, str]:
    lacking = [need for need in exercise.needs if written.contains.get(need) is False]
    unseen = [need for need in exercise.needs if need not in written.contains]
    if lacking or written.words < exercise.words:
        return 0.0, f"lacks {', '.join(lacking) or 'words'}"
    if unseen:
        return None, f"not to be seen in a PDF: {', '.join(unseen)}"
    return 1.0, "all is there"


def _by_value(rule: Rule, by_name: Mapping[str, Sequence[Run]]) -> tuple[float, str]:
    means = {}
    for name, runs in by_name.items():
        finals = [run.final for run in runs if run.final]
        if finals and all(rule.metric in final for final in finals):
            means[name] = statistics.fmean(final[rule.metric] for final in finals)
    if not means:
        return 0.0, f"no {rule.metric}"
    higher = rule.metric in METRICS and METRICS[rule.metric].better == "higher"
    name = (max if higher else min)(means, key=means.__getitem__)
    low = rule.at_least is None or means[name] >= rule.at_least
    high = rule.at_most is None or means[name] <= rule.at_most
    return float(low and high), f"{name}: mean {rule.metric} {means[name]:.4g}"
