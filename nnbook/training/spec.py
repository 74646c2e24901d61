"""A run is data: what is trained, on which data, how and from which seeds.

`RunSpec` is flat so that one setting has one name everywhere: in an experiment file, in
``configuration.vary(learning_rate=0.01)`` and in the tables of the book. It accepts only what the
engine carries out.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nnbook.errors import SpecError, nearest
from nnbook.training import datasets

RECIPE = 1
"""Raised when the same specification would train differently than before."""

Activation = Literal["relu", "leaky_relu", "tanh", "sigmoid", "softplus"]
Initializer = Literal["glorot_uniform", "he_normal", "lecun_normal"]
Loss = Literal["mean_squared_error"]
Optimizer = Literal["sgd", "rmsprop", "adam"]
Schedule = Literal["constant", "exponential", "cosine"]

Model = TypeVar("Model", bound=BaseModel)

Units = Annotated[int, Field(ge=1, le=10_000)]
Natural = Annotated[int, Field(ge=0, lt=2**32)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class RunSpec(BaseModel):
    """Specification of one training run.

    Parameters
    ----------
    data : {"eckerle4"}
        Name of the data set.
    training_fraction : float in (0, 1)
        Share of the observations that is trained on; the others are the test set.
    split : int
        Seed that chooses which observations those are.
    noise : float
        Standard deviation of normal noise added to the training targets, in their scaled units
        (dimensionless); the test targets stay as they were measured.
    hidden_layers : tuple of int
        Units per hidden layer, first to last; empty for a linear model.
    activation : str
        Activation of every hidden layer; the output is linear.
    dropout : float in [0, 1)
        Rate at which outputs of each hidden layer are zeroed while training.
    batch_normalization : bool
        Whether pre-activations of the hidden layers are normalized (Ioffe & Szegedy 2015).
    initializer : str
        Distribution of the initial weights, by Keras' name; biases start at zero.
    l1, l2 : float
        Weights of the penalties sum abs(w) and sum w² over the entries of all weight matrices
        (not the biases), added to the loss while training.
    optimizer : {"sgd", "rmsprop", "adam"}
        Update rule, with Keras' defaults for what is not set here.
    learning_rate : float
        Step size at the first step.
    momentum : float in [0, 1)
        Momentum of `sgd`.
    nesterov : bool
        Whether that momentum is Nesterov's.
    schedule : {"constant", "exponential", "cosine"}
        How the learning rate goes, step by step, from `learning_rate` to
        `learning_rate * final_fraction` at the last step.
    final_fraction : float in (0, 1]
        Where the schedule ends; 1 exactly when it is constant.
    loss : {"mean_squared_error"}
        Mean over the examples of (prediction - target)², dimensionless for scaled data.
    epochs, batch_size : int
        Passes over the training set; examples per step (the last batch of an epoch may be
        smaller).
    seed : int
        Seed of initial weights, batch order and dropout.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    data: Literal["eckerle4"] = "eckerle4"
    training_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.6
    split: Natural = 0
    noise: NotNegative = 0.0
    hidden_layers: Annotated[tuple[Units, ...], Field(strict=False)]
    activation: Activation = "relu"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    batch_normalization: bool = False
    initializer: Initializer = "glorot_uniform"
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    optimizer: Optimizer = "sgd"
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.0
    nesterov: bool = False
    schedule: Schedule = "constant"
    final_fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    loss: Loss = "mean_squared_error"
    epochs: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    seed: Natural = 0

    @model_validator(mode="after")
    def _settings_fit_together(self) -> Self:
        if self.momentum and self.optimizer != "sgd":
            raise ValueError(
                f"momentum: expected 0 for optimizer {self.optimizer!r}, received {self.momentum}"
            )
        if self.nesterov and not self.momentum:
            raise ValueError("momentum: expected above 0 when nesterov is true, received 0")
        if (self.schedule == "constant") != (self.final_fraction == 1):
            raise ValueError(
                f"final_fraction: expected 1 for a constant schedule and below 1 for any other, "
                f"received {self.final_fraction} with schedule {self.schedule!r}"
            )
        examples = datasets.training_size(self.data, self.training_fraction)
        if not 0 < examples < datasets.size(self.data):
            raise ValueError(
                f"training_fraction: expected to leave examples for both training and test, "
                f"received {self.training_fraction}"
            )
        if self.batch_size > examples:
            raise ValueError(
                f"batch_size: expected 1 to {examples} (the size of the training set), "
                f"received {self.batch_size}"
            )
        return self

    @property
    def key(self) -> str:
        """SHA-256 (hex) of what determines the run: settings, content of the data, recipe.

        Settings at their default are left out, so that a setting that the schema gains later does
        not disown the runs recorded before.
        """
        content = {
            "recipe": RECIPE,
            "data": datasets.digest(self.data),
            "spec": self.model_dump(mode="json", exclude_defaults=True),
        }
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()

    @property
    def template(self) -> Self:
        """The specification without what differs between repetitions of a configuration."""
        return self.model_copy(update={"seed": 0, "split": 0})


def canonical_json(content: object) -> str:
    """Return `content` as JSON with sorted keys and no spaces, the form that is digested."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)


def run_spec(settings: Mapping[str, Any], owner: str = "run") -> RunSpec:
    """Return the specification that `settings` describe.

    Parameters
    ----------
    settings : mapping of str to value
        The parameters of `RunSpec`.
    owner : str
        What the settings belong to, for the error message.

    Raises
    ------
    SpecError
        With one line for each unknown or missing key and each impossible value.

    Examples
    --------
    >>> run_spec({"hiden_layers": [5], "learning_rate": 0.1, "epochs": 9, "batch_size": 3})
    Traceback (most recent call last):
        ...
    nnbook.errors.SpecError: run: hidden_layers: missing
    run: unknown key 'hiden_layers', did you mean 'hidden_layers'?
    """
    return parse(RunSpec, settings, owner)


def parse(model: type[Model], content: Mapping[str, Any], owner: str) -> Model:
    """Return `content` as `model`; explain what is wrong with it in the words of its `owner`.

    Raises
    ------
    SpecError
        With one line for each unknown or missing key and each impossible value.
    """
    try:
        return model.model_validate(dict(content))
    except ValidationError as error:
        problems = [_explain(dict(problem), model) for problem in error.errors()]
        raise SpecError("\n".join(f"{owner}: {problem}" for problem in problems)) from None


def _explain(problem: dict[str, Any], model: type[BaseModel]) -> str:
    path = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"unknown key {path!r}, {nearest(path, model.model_fields)}"
    if problem["type"] == "missing":
        return f"{path}: missing"
    if problem["type"] == "value_error":
        return f"{path}: {problem['ctx']['error']}".removeprefix(": ")
    expected = problem["msg"].replace("Input should be", "expected").replace("tuple", "list")
    return f"{path}: {expected}, received {problem['input']!r}"
