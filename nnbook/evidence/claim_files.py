"""Files of claims: what a chapter asserts about recorded runs, as data.

One file in ``data/claims`` belongs to one chapter. Each of its tables is a claim ::

    [six-relu-layers-learn]
    says = "Six layers of ReLU units reach {relu} on the test set, one sigmoid layer {one}."
    holds = ["relu > one", "0.94 < relu < 0.98"]
    relu = { runs = "sheet-vanishing/ex4-04", metric = "test_accuracy" }
    one = { runs = "sheet-vanishing/ex4-01", metric = "test_accuracy" }

``says`` is the statement, with the values' names in braces. Every other key but ``holds`` is a
value (see `RunsValue`, `SheetValue`, `DifferenceValue` and `RatioValue`). ``holds`` are the
relations on which the statement rests, chains of names and numbers:

``a < b``, ``a > b``
    Between two means: the 95 % interval of their difference excludes zero (of their ratio, one,
    between geometric means). It is paired over shared seeds where there are any, and Welch's (1947)
    otherwise. With a number: the whole 95 % interval of the mean is on that side. What is no mean,
    such as a minimum or a figure of the answer sheet, is a number.
``a = b``
    Every run of `a` has the value `b`, to the decimals with which a typed number is written.
``a ~ b``
    Not distinguishable: neither is significantly smaller.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from nnbook.errors import ClaimError, SpecError
from nnbook.schema import parse

Statistic = Literal["mean", "geometric mean", "median", "min", "max", "sd", "sum", "count", "share"]


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
    where: Annotated[str, Field(pattern=r"^[<>] *-?[\d.e-]+$")] | None = None
    epoch: Annotated[int, Field(ge=0)] | None = None
    fit: Annotated[int, Field(ge=1)] | None = None


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


@dataclass(frozen=True)
class Claim:
    """A statement with the values and relations on which it rests.

    Attributes
    ----------
    name : str
        Unique in the book.
    says : str
        The statement, with names of values in braces.
    holds : tuple of str
        Relations between values and numbers.
    values : dict of str to Value
    source : Path
        The file that declares it.
    """

    name: str
    says: str
    holds: tuple[str, ...]
    values: Mapping[str, Value]
    source: Path


def read_claims(path: Path) -> Iterator[Claim]:
    """Yield the claims of a file.

    Raises
    ------
    ClaimError
        If it cannot be what it should be.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ClaimError(f"{path.name}: not a TOML file: {error}") from None
    for name, entry in content.items():
        owner = f"{path.name}: claim {name!r}"
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or not isinstance(entry, dict):
            raise ClaimError(f"{owner}: expected a table with a name such as [deep-relu-learns]")
        says, holds = entry.pop("says", ""), entry.pop("holds", [])
        if not (isinstance(says, str) and says and isinstance(holds, list) and holds):
            raise ClaimError(f"{owner}: expected a statement `says` and a list `holds`")
        values = {key: _value(content, f"{owner}: {key}") for key, content in entry.items()}
        yield Claim(name, says, tuple(holds), values, path)


def _value(content: object, owner: str) -> Value:
    kinds: dict[str, type[Value]] = {
        "runs": RunsValue,
        "sheet": SheetValue,
        "difference": DifferenceValue,
        "ratio": RatioValue,
    }
    if not isinstance(content, dict) or not (found := [key for key in kinds if key in content]):
        raise ClaimError(f"{owner}: expected a table with one of {', '.join(kinds)}")
    try:
        return parse(kinds[found[0]], content, owner)
    except SpecError as error:
        raise ClaimError(str(error)) from None
