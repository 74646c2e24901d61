"""Files of claims: what a chapter asserts about recorded runs, as data.

One file in ``data/claims`` belongs to one chapter. Each of its tables is a claim ::

    [six-relu-layers-learn]
    says = "Six layers of ReLU units reach {relu} on the test set, one sigmoid layer {one}."
    holds = ["relu > one", "0.94 < relu < 0.98"]
    relu = { runs = "sheet-vanishing/ex4-04", metric = "test_accuracy" }
    one = { runs = "sheet-vanishing/ex4-01", metric = "test_accuracy" }

``says`` is the statement, with the values' names in braces. ``holds`` are the relations on which it
rests (see `nnbook.evidence.relations`). A claim may also have

``exploratory = true``
    A relation holds as a single comparison but not in its family (see `nnbook.evidence.families`).
``selected_on = ["test"]``
    A setting was chosen on the figures that are reported here (see `nnbook.evidence.selection`).
``because = { measured = "NAME" }`` or ``because = "conjecture"``
    Which claim shows the cause that the statement names, or that none does.
``population = "points"``
    Of whom it speaks, if not of those that follow from the runs (see `nnbook.evidence.designs`).
``design = "unpaired"``
    Samples on different splits are compared as independent ones.
``family = "NAME"``
    Its comparisons belong to this family, not to that of the whole file.

Every other key is a value (see `RunsValue`, `SheetValue`, `DifferenceValue` and `RatioValue`). The
file itself may name margins of equivalence and families, with the reason for each ::

    [margins.accuracy]
    within = 0.005                      # or factor = 1.1, for ratios
    reason = "Half a percentage point changes no choice of a network of this size."

    [families.sheet]
    reason = "Figures of the answer sheet are checked one by one."
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from nnbook.errors import ClaimError, SpecError, nearest
from nnbook.evidence.designs import Design, Population
from nnbook.evidence.relations import NUMBER, Relation, relations
from nnbook.schema import parse, read_toml

Statistic = Literal["mean", "geometric mean", "median", "min", "max", "sd", "sum", "count", "share"]
Part = Literal["training", "validation", "test"]
Named = TypeVar("Named", bound="Value")


def _several(declared: object) -> object:
    return declared if isinstance(declared, list) else [declared]


class Value(BaseModel):
    """What the name in a claim stands for."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class RunsValue(Value):
    """A statistic of recorded runs.

    Parameters
    ----------
    runs : str or list of str
        ``"experiment/configuration"``, where ``*`` in the configuration stands for any characters;
        the runs of all configurations are taken together.
    metric : str
        A metric at the end of training, or a measure of `nnbook.evidence.measures`.
    of : str
        The statistic; by default the mean over the runs that did not diverge.
    where : str, optional
        For ``"count"`` and ``"share"``: what is counted, such as ``"< 0.2"``.
    epoch : int, optional
        Take the metric from the history after this epoch.
    fit : int, optional
        Take the metric at the end of this training (from 1) of a run that is `continued`.
    """

    runs: Annotated[list[str], BeforeValidator(_several), Field(min_length=1)]
    metric: str
    of: Statistic = "mean"
    where: Annotated[str, Field(pattern=rf"^[<>] *{NUMBER}$")] | None = None
    epoch: Annotated[int, Field(ge=0)] | None = None
    fit: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _counts_something(self) -> Self:
        counts = self.of in ("count", "share")
        if counts and self.where is None:
            raise ValueError('expected `where`, such as "< 0.2"')
        if self.where is not None and not counts:
            raise ValueError(f'`where` is used by "count" and "share" only, not by {self.of!r}')
        return self


class SheetValue(Value):
    """A figure that the answer sheet prints: of the row `sheet`, the column `metric`."""

    sheet: str
    metric: str


class DifferenceValue(Value):
    """The first of two other values of the claim minus the second."""

    difference: Annotated[list[str], Field(min_length=2, max_length=2)]


class RatioValue(Value):
    """The first of two other values of the claim divided by the second."""

    ratio: Annotated[list[str], Field(min_length=2, max_length=2)]


class Margin(Value):
    """A difference that does not matter, or a factor, and why.

    Parameters
    ----------
    within : float, optional
        The difference, as on record: 0.005 is half a percentage point of a share.
    factor : float, optional
        For ratios of geometric means, above 1.
    reason : str
    """

    within: Annotated[float, Field(gt=0)] | None = None
    factor: Annotated[float, Field(gt=1)] | None = None
    reason: Annotated[str, Field(min_length=10)]

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.within is None) == (self.factor is None):
            raise ValueError("expected either `within` or `factor`")
        return self


class Family(Value):
    """A family of comparisons other than the whole file, and why."""

    reason: Annotated[str, Field(min_length=10)]


class Measured(Value):
    """The claim that shows a cause."""

    measured: str


class Heading(Value):
    """What a claim says of itself, as the module's docstring describes it."""

    says: Annotated[str, Field(min_length=1)]
    holds: Annotated[list[str], Field(min_length=1)]
    exploratory: bool = False
    selected_on: list[Part] = []
    because: Measured | Literal["conjecture"] | None = None
    population: Population | None = None
    design: Design | None = None
    family: str | None = None


@dataclass(frozen=True)
class Claim:
    """A statement with the values and relations on which it rests.

    Attributes
    ----------
    name : str
        Unique in the book.
    heading : Heading
    holds : tuple of Relation
    values : dict of str to Value
    source : Path
        The file that declares it.
    margins : dict of str to Margin
        Those of the file.
    families : dict of str to Family
        Those of the file.
    """

    name: str
    heading: Heading
    holds: tuple[Relation, ...]
    values: Mapping[str, Value]
    source: Path
    margins: Mapping[str, Margin] = field(default_factory=dict)
    families: Mapping[str, Family] = field(default_factory=dict)

    @property
    def says(self) -> str:
        """The statement, with names of values in braces."""
        return self.heading.says

    @property
    def family(self) -> str:
        """Name of the family of its comparisons: that of the file, if no other is declared."""
        name = self.heading.family
        return f"{self.source.stem}/{name}" if name else self.source.stem


def read_claims(path: Path) -> Iterator[Claim]:
    """Yield the claims of a file.

    Raises
    ------
    ClaimError
        If it cannot be what it should be, with file and key.
    """
    try:
        content = read_toml(path)
        margins = _named(Margin, content.pop("margins", {}), f"{path.name}: margins")
        families = _named(Family, content.pop("families", {}), f"{path.name}: families")
        unused = {*(f"margins.{m}" for m in margins), *(f"families.{f}" for f in families)}
        for name, entry in content.items():
            if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or not isinstance(entry, dict):
                raise ClaimError(
                    f"{path.name}: claim {name!r}: expected a table with a name such as "
                    "[deep-relu-learns]"
                )
            claim = _claim(name, entry, path)
            if (family := claim.heading.family) and family not in families:
                raise ClaimError(
                    f"{path.name}: claim {name!r}: family: {nearest(family, families)}"
                )
            unused -= {f"margins.{relation.by}" for relation in claim.holds}
            unused.discard(f"families.{family}")
            yield replace(claim, margins=margins, families=families)
        if unused:
            raise ClaimError(f"{path.name}: {min(unused)}: no claim of the file uses it")
    except SpecError as error:
        raise ClaimError(str(error)) from None


def _named(model: type[Named], content: object, owner: str) -> dict[str, Named]:
    if not isinstance(content, dict) or not all(isinstance(e, dict) for e in content.values()):
        raise ClaimError(f"{owner}: expected tables such as [margins.accuracy]")
    return {name: parse(model, entry, f"{owner}.{name}") for name, entry in content.items()}


def _claim(name: str, entry: Mapping[str, Any], path: Path) -> Claim:
    owner = f"{path.name}: claim {name!r}"
    known = {key: content for key, content in entry.items() if key in Heading.model_fields}
    heading = parse(Heading, known, owner)
    values = {
        key: _value(content, f"{owner}: {key}")
        for key, content in entry.items()
        if key not in Heading.model_fields
    }
    _check_fields(heading.says, values, f"{owner}: says")
    try:
        holds = [relation for text in heading.holds for relation in relations(text)]
    except ClaimError as error:
        raise ClaimError(f"{owner}: holds: {error}") from None
    return Claim(name, heading, tuple(holds), values, path)


def _check_fields(says: str, values: Mapping[str, Value], owner: str) -> None:
    try:
        fields = list(string.Formatter().parse(says))
    except ValueError as error:
        raise ClaimError(f"{owner}: {error}") from None
    for _, name, _, conversion in fields:
        if name is None:
            continue
        if name not in values or conversion:
            shown = f"{name}!{conversion}" if conversion else name
            raise ClaimError(
                f"{owner}: expected in braces the name of a value, received {shown!r}, "
                f"{nearest(name, values)}"
            )


def _value(content: object, owner: str) -> Value:
    kinds: dict[str, type[Value]] = {
        "runs": RunsValue,
        "sheet": SheetValue,
        "difference": DifferenceValue,
        "ratio": RatioValue,
    }
    if not isinstance(content, dict) or not (found := [key for key in kinds if key in content]):
        raise ClaimError(
            f"{owner}: expected a table with one of {', '.join(kinds)}, or a key of claims: "
            f"{nearest(owner.rpartition(': ')[2], Heading.model_fields)}"
        )
    return parse(kinds[found[0]], content, owner)
