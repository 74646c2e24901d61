"""Claims: whether the records bear out what the book asserts (see `claim_files`)."""

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from nnbook import project
from nnbook.errors import ClaimError, MissingRunsError, NNBookError, nearest
from nnbook.evidence import families, losses, selection, wording
from nnbook.evidence.claim_files import Claim, DifferenceValue, Measured, RatioValue, read_claims
from nnbook.evidence.designs import POPULATIONS
from nnbook.evidence.estimates import Estimate
from nnbook.evidence.values import Records, estimates, sources
from nnbook.evidence.verdicts import Verdict, judge
from nnbook.experiments.results import Runs

CLAIMS = project.data("claims")


@dataclass(frozen=True)
class Checked:
    """A claim beside what the records say.

    Attributes
    ----------
    claim : Claim
    estimates : dict of str to Estimate
    verdicts : tuple of Verdict
        One for each relation, as members of their family.
    problems : tuple of str
        What the claim says or leaves out against the rules, whatever the records say.
    sources : dict of (str, str) to Runs
        The runs that it rests on, by experiment and configuration.
    beside : tuple of Beside
        What the losses of the same runs say, where it compares accuracies.
    """

    claim: Claim
    estimates: Mapping[str, Estimate]
    verdicts: tuple[Verdict, ...]
    problems: tuple[str, ...] = ()
    sources: Mapping[tuple[str, str], Runs] = field(default_factory=dict)
    beside: tuple[losses.Beside, ...] = ()

    @property
    def sentence(self) -> str:
        """The statement with its numbers."""
        return self.claim.says.format_map(self.estimates)

    @property
    def populations(self) -> list[str]:
        """Whom its verdicts speak of, in words; of these very runs, if all are exact."""
        found = dict.fromkeys(v.population for v in self.verdicts if v.population)
        return [POPULATIONS[name] for name in found] or ["the runs on record, and no others"]

    @cached_property
    def failures(self) -> tuple[str, ...]:
        """Why the claim does not hold; empty for a true one."""
        return (*self._false(), *self.problems)

    def _false(self) -> Iterator[str]:
        marked = self.claim.heading.exploratory
        for verdict in self.verdicts:
            if not verdict.holds_alone and not verdict.holds:
                yield f"{verdict.relation} does not hold: {verdict}"
            elif verdict.exploratory and not marked:
                yield (
                    f"{verdict.relation} holds as a single comparison only, not as one of "
                    f"{verdict.size} in its family: {verdict}; expected exploratory = true, "
                    "or 'a ? b'"
                )
        if marked and not any(verdict.exploratory for verdict in self.verdicts):
            yield "exploratory = true: every relation holds in its family, or none holds alone"

    def estimate(self, name: str) -> Estimate:
        """Return the value called `name`.

        Raises
        ------
        ClaimError
            If the claim has no such value.
        """
        if name not in self.estimates:
            raise ClaimError(f"unknown value {name!r}, {nearest(name, self.estimates)}")
        return self.estimates[name]

    def compares(self, name: str) -> bool:
        """Say whether a test rests on a value: one that is compared, or is itself a comparison."""
        if isinstance(self.claim.values[name], DifferenceValue | RatioValue):
            return True
        tested = (verdict.relation for verdict in self.verdicts if verdict.kind != "exact")
        return any(name in (relation.left, relation.right) for relation in tested)

    def raise_if_false(self) -> None:
        """Raise unless the claim holds.

        Raises
        ------
        ClaimError
            Naming the statement, the relations that do not hold, the values and their records.
        """
        if self.failures:
            reasons = "\n".join(f"  {failure}" for failure in self.failures)
            raise ClaimError(
                f"claim {self.claim.name!r} ({self.claim.source.name}) does not hold: "
                f"{self.sentence}\n{reasons}"
            )


class Claims(Mapping[str, Claim]):
    """All claims of a folder, by name; `check` compares one with the records.

    Parameters
    ----------
    folder : Path, optional
        Where the files are; those of the book by default.

    Raises
    ------
    ClaimError
        If a file cannot be what it should be.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._claims: dict[str, Claim] = {}
        for path in sorted((folder or CLAIMS).glob("*.toml")):
            for claim in read_claims(path):
                if claim.name in self._claims:
                    raise ClaimError(f"{path.name}: there is another claim {claim.name!r}")
                self._claims[claim.name] = claim
        self._shown = list(self._claims)
        self._records = Records()
        self._checked: dict[str, Checked | NNBookError] = {}

    def __getitem__(self, name: str) -> Claim:
        """Return the claim called `name`."""
        return self._claims[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the claims."""
        return iter(self._shown)

    def __len__(self) -> int:
        """Return the number of claims."""
        return len(self._shown)

    def chosen(self, names: Iterable[str]) -> "Claims":
        """Return the claims with these names, or in the files with these names; all for none.

        Raises
        ------
        ClaimError
            For a name that is neither.
        """
        names = list(names)
        if not names:
            return self
        files = {claim.source.stem for claim in self._claims.values()}
        for name in names:
            if name not in files | self._claims.keys():
                raise ClaimError(f"no claim and no file of claims {name!r}, {nearest(name, files)}")
        # The others stay in sight of families and causes.
        some = copy(self)
        some._shown = [
            name
            for name, claim in self._claims.items()
            if name in names or claim.source.stem in names
        ]
        return some

    def check(self, name: str) -> Checked:
        """Return the claim `name` beside what the records say.

        Raises
        ------
        ClaimError
            If the claim does not exist or a value of it cannot be computed.
        """
        if name not in self._claims:
            raise ClaimError(f"unknown claim {name!r}, {nearest(name, self._claims)}")
        if name not in self._checked:
            self._check_file(self._claims[name].source)
        found = self._checked[name]
        if isinstance(found, NNBookError):
            raise found
        return found

    def _check_file(self, source: Path) -> None:
        """Check all claims of a file: how one stands depends on its family."""
        alone: dict[str, Checked] = {}
        for claim in self._claims.values():
            if claim.source == source:
                try:
                    alone[claim.name] = self._alone(claim)
                except NNBookError as error:
                    self._checked[claim.name] = _named(error, claim)
        tests = [
            (checked.claim.family, verdict.test, verdict.p)
            for checked in alone.values()
            for verdict in checked.verdicts
            if verdict.test
        ]
        members = families.adjusted(tests)
        for name, checked in alone.items():
            family = checked.claim.family
            verdicts = (
                verdict.within(family, *members[family, verdict.test]) if verdict.test else verdict
                for verdict in checked.verdicts
            )
            self._checked[name] = replace(checked, verdicts=tuple(verdicts))

    def _alone(self, claim: Claim) -> Checked:
        heading = claim.heading
        values = estimates(claim, self._records)
        verdicts = tuple(
            judge(relation, values, claim.margins, heading.population, heading.design)
            for relation in claim.holds
        )
        problems = tuple(self._problems(claim, verdicts))
        beside = tuple(losses.beside(claim, verdicts, self._records))
        checked = Checked(claim, values, verdicts, problems, sources(claim, self._records), beside)
        _ = checked.sentence  # complain about its formats now
        return checked

    def _problems(self, claim: Claim, verdicts: tuple[Verdict, ...]) -> Iterator[str]:
        because = claim.heading.because
        if isinstance(because, Measured) and because.measured not in self._claims:
            yield f"because: unknown claim {because.measured!r}, " + nearest(
                because.measured, self._claims
            )
        elif isinstance(because, Measured) and all(
            relation.sign == "?" for relation in self._claims[because.measured].holds
        ):
            yield (
                f"because: {because.measured!r} leaves undecided what it compares, "
                "and shows no cause"
            )
        kinds = {verdict.kind for verdict in verdicts}
        yield from wording.problems(
            claim.says,
            undecided="undecided" in kinds,
            equivalent="equivalent" in kinds,
            has_because=because is not None,
        )
        if selected := selection.problem(claim, self._records):
            yield selected


def _named(error: NNBookError, claim: Claim) -> NNBookError:
    """Return an error that names claim and file; records that are missing stay that."""
    kind = MissingRunsError if isinstance(error, MissingRunsError) else ClaimError
    return kind(f"claim {claim.name!r} ({claim.source.name}): {error}")
