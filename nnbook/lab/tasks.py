"""The tables that the files of a lab are made of: what a course gives, and what a student sets."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_LAYERS, MOST_UNITS, MOST_EXAMPLES = 10, 20, 50
"""Of a step of backpropagation: more than a table can show."""

MOST_EXERCISES = 100
MOST_POINTS = 10_000

Text = Annotated[str, Field(min_length=1)]
Number = int | float | str
"""A number; a fraction is a string such as ``"1/3"``."""

Row = Annotated[list[Number], Field(max_length=MOST_UNITS)]
Points = Annotated[float, Field(ge=0, le=MOST_POINTS)]
Bound = Annotated[float, Field(allow_inf_nan=False)]

LARGEST_MEASURED = 1e100
"""Training measures nothing larger in 32 bits; squares and sums of such numbers are finite."""

Bounded = Annotated[float, Field(ge=-LARGEST_MEASURED, le=LARGEST_MEASURED, allow_inf_nan=False)]
"""A number that training measured."""

Needed = Literal[
    "table",
    "settings",
    "layers",
    "overview",
    "overview-transposed",
    "best",
    "figure:learning-curves",
    "figure:loss-and-accuracy",
    "figure:weights",
    "figure:histograms",
    "figure:biases",
    "figure:fit",
    "figure:predicted",
    "figure:inputs",
    "figure:images",
    "listing",
    "own",
    "own-curves",
    "comparison",
    "backpropagation",
    "value",
    "picture",
    "formula",
]
"""What an answer can be asked to contain."""


class Table(BaseModel):
    """A table of a file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class LayerTable(Table):
    """A layer of the network whose step is computed by hand."""

    weights: Annotated[list[Row], Field(max_length=MOST_UNITS)]
    biases: Row
    activation: str


Entering = Literal["z", "a", "deltas", "gradients", "parameters"]
"""Quantities of a step by hand; the predictions are among the activations `a`."""


class EnteredTable(Table):
    """What a student computes by hand and writes into ``step.toml``.

    Attributes
    ----------
    quantities : list of str
        Which ones, see `Entering`. A student may enter others, too: what follows from them counts.
    losses : list of str
        The losses of which a student says which one was used; by default that of the step.
    decimals : int
        Fewest decimals of a value that is rounded; one with fewer must be exact.
    tells : bool
        Whether `check` says which values are wrong, and not only which are missing.
    follows_per_right : float
        How many values that follow from a wrong one earn points, for each right one that had to be
        computed: whoever begins with numbers at will can go on correctly from them.
    """

    quantities: Annotated[list[Entering], Field(min_length=1)] = [
        "z",
        "a",
        "gradients",
        "parameters",
    ]
    losses: list[str] = []
    decimals: Annotated[int, Field(ge=1, le=12)] = 1
    tells: bool = False
    follows_per_right: Annotated[float, Field(ge=0, le=1000)] = 2.0


class Backpropagation(Table):
    """Network, mini-batch and loss of one step by hand: the table ``[backpropagation]``.

    `inputs` and `targets` hold one list for each example.
    """

    layers: Annotated[list[LayerTable], Field(min_length=1, max_length=MOST_LAYERS)]
    inputs: Annotated[list[Row], Field(min_length=1, max_length=MOST_EXAMPLES)]
    targets: Annotated[list[Row], Field(min_length=1, max_length=MOST_EXAMPLES)]
    loss: str = "half_sse"
    learning_rate: Number = "eta"
    entered: EnteredTable = EnteredTable()


class Rule(Table):
    """A rule by which points are given; a marker gives those without one.

    Attributes
    ----------
    points : float
    says : dict of str to str
        What they are for, by language.
    rule : str, optional
        ``answered``: so many words as the exercise asks for; ``contents``: all that it needs is
        there; ``repetitions``: each configuration on `data` has enough runs that finished;
        ``value``: the mean of `metric` of the best configuration on `data` is within the bounds;
        ``step``: the share of the values of the step by hand that are right, or follow from an
        earlier wrong one (see `nnbook.lab.marking.rubric.share_by_hand`).
    data : str
        A data set of the lab; all of them if it is empty.
    metric : str
    at_least, at_most : float, optional
    quantities : list of str
        Of the step by hand; all that are entered if it is empty.
    """

    points: Points
    says: dict[str, Text]
    rule: Literal["answered", "contents", "repetitions", "value", "step"] | None = None
    data: str = ""
    metric: str = ""
    at_least: Bound | None = None
    at_most: Bound | None = None
    quantities: list[Entering] = []


class Exercise(Table):
    """An exercise: a table ``[[exercise]]``.

    Attributes
    ----------
    number : str
        As the course has it: ``1a``, ``2.1``, ``A3``.
    points : float, optional
        By default the sum of those of its rubric.
    words : int
        Fewest words of an answer.
    needs : list of str
        What an answer must contain.
    shows : str, optional
        What the report shows here if the answer does not.
    rubric : list of Rule
    """

    number: Annotated[str, Field(pattern=r"^\w[\w.]{0,19}$")]
    points: Points | None = None
    words: Annotated[int, Field(ge=1, le=100_000)] = 1
    needs: list[Needed] = []
    shows: Literal["backpropagation"] | None = None
    rubric: list[Rule] = []

    @property
    def most_points(self) -> float:
        """The points of a faultless answer; 0 where the course gives none."""
        return sum(rule.points for rule in self.rubric) if self.points is None else self.points


class Data(Table):
    """A data set of a lab: a table ``[data.NAME]``.

    Attributes
    ----------
    source : dict
        What an experiment file says of it; a path is relative to the definition.
    sha256 : str, optional
        Digest of a file, in hex.
    split : int or "seed", optional
        The split of experiments that name none.
    axes : dict of str to list of str
        By language: labels of both axes of a figure of the data.
    """

    source: dict[str, Any]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    split: Annotated[int, Field(ge=0)] | Literal["seed"] | None = None
    axes: dict[str, Annotated[list[Text], Field(min_length=2, max_length=2)]] = {}


class DefinitionFile(Table):
    """The content of ``definition.toml``."""

    languages: Annotated[list[Annotated[str, Field(pattern="^[a-z]{2,3}$")]], Field(min_length=1)]
    repetitions: Annotated[int, Field(ge=1, le=1000)] = 1
    book: bool = False
    references: list[Text] = []
    exercise: Annotated[list[Exercise], Field(min_length=1, max_length=MOST_EXERCISES)]
    data: dict[str, Data] = {}
    networks: dict[str, dict[str, Any]] = {}
    backpropagation: Backpropagation | None = None
