"""A run is data: what is trained, on which data, how and from which seeds.

`RunSpec` is flat so that one setting has one name everywhere: in an experiment file, in
``configuration.vary(learning_rate=0.01)`` and in the tables of the book. It accepts only what the
engine carries out.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nnbook.schema import canonical_json, parse
from nnbook.training import datasets

RECIPE = 1
"""Raised when the same specification would train differently than before, rounding aside."""

DROPOUT_RECIPE = 1
"""Added for runs with dropout, and raised when only they would train differently.

It is 1 since their masks come from NumPy's generator."""

DataSet = Literal["eckerle4", "mnist", "digits"]
Activation = Literal[
    "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "identity", "step", "softmax"
]
Initializer = Literal[
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "random_normal",
    "zeros",
]
Loss = Literal["mean_squared_error", "categorical_cross_entropy", "binary_cross_entropy"]
Optimizer = Literal["sgd", "adagrad", "adadelta", "rmsprop", "adam", "nadam"]
OutputActivation = Literal["identity", "sigmoid", "softmax"]
Schedule = Literal["constant", "exponential", "cosine"]

CANONICAL_OUTPUT: dict[Loss, OutputActivation] = {
    "mean_squared_error": "identity",
    "categorical_cross_entropy": "softmax",
    "binary_cross_entropy": "sigmoid",
}
"""The output activation for which the gradient at z is prediction minus target."""

Units = Annotated[int, Field(ge=1, le=10_000)]
Natural = Annotated[int, Field(ge=0, lt=2**32)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
LearningRate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=0, lt=1)]
# Dropout compares 16 random bits with its rate, so that what it keeps is a multiple of 2^-16.
DropoutRate = Annotated[float, Field(ge=0, le=1 - 2**-16)]

AUGMENTATIONS = ("shift", "rotation", "scaling", "elastic")


class RunSpec(BaseModel):
    """Specification of one training run.

    Parameters
    ----------
    data : {"eckerle4", "mnist", "digits"}
        Name of the data set.
    training_fraction : float in (0, 1)
        Of `eckerle4`: share of the observations that is trained on; the others are the test set.
    training_size : int, optional
        Of a classification: train on a random subset of this size, balanced between the classes.
    split : int
        Seed that chooses which observations those are.
    noise : float
        Of `eckerle4`: standard deviation of normal noise added to the training targets, in their
        scaled units (dimensionless); the test targets stay as they were measured.
    shift, rotation, scaling, elastic : float
        Data augmentation, anew in each epoch: largest shift in pixels, largest rotation in
        degrees, largest relative change of size, and root-mean-square elastic displacement in
        pixels (see `nnbook.training.augmentation`).
    hidden_layers : tuple of int
        Units per hidden layer, first to last; empty for a linear model.
    activation : str
        Activation of every hidden layer, by its name in `nnbook.theory.activations`.
    dropout : float in [0, 1)
        Rate at which outputs of the hidden layers are zeroed while training.
    dropout_from : int
        Number of the first hidden layer with dropout; 1 is all of them.
    output_dropout : float in [0, 1)
        Rate at which outputs of the network, before their activation, are zeroed while training.
    batch_normalization : bool
        Whether there is batch normalization in the hidden layers (Ioffe & Szegedy 2015).
    normalized : {"pre-activations", "activations"}
        What it normalizes: by default what goes into the activation, or else what comes out.
    initializer : str
        Distribution of the initial weights, by Keras' name; biases start at zero.
    initial_deviation : float
        Standard deviation of the initial weights, for `random_normal` only.
    pretraining_epochs : int
        Epochs for which the hidden layers are first trained as the encoder of an autoencoder, on
        all training images without their labels.
    l1, l2 : float
        Weights of the penalties sum abs(w) and sum w² over the entries of all weight matrices,
        added to the loss while training.
    bias_l1, bias_l2 : float
        The same for the biases.
    optimizer : {"sgd", "adagrad", "adadelta", "rmsprop", "adam", "nadam"}
        Update rule, with Keras' defaults for what is not set here.
    learning_rate : float
        Step size at the first step.
    momentum : float in [0, 1)
        Momentum of `sgd` or `rmsprop`.
    nesterov : bool
        Whether that momentum is Nesterov's.
    schedule : {"constant", "exponential", "cosine"}
        How the learning rate goes, step by step, from `learning_rate` to
        `learning_rate * final_fraction` at the last step.
    final_fraction : float in (0, 1]
        Where the schedule ends; 1 exactly when it is constant.
    loss : {"mean_squared_error", "categorical_cross_entropy", "binary_cross_entropy"}
        Mean over the examples (and outputs), dimensionless for scaled data.
    output_activation : {"identity", "sigmoid", "softmax"}, optional
        Activation of the output; by default the one that suits the loss.
    epochs, batch_size : int
        Passes over the training set; examples per step.
    drop_remainder : bool
        Whether examples that fill no whole batch are left out of an epoch; by default they make a
        smaller last batch.
    continued : tuple of float
        Learning rates of further trainings of `epochs` epochs each, which go on with the weights of
        the one before and a fresh optimizer.
    probes : bool
        Whether gradients and weights are measured while training (see `nnbook.training.probes`).
    seed : int
        Seed of initial weights, batch order, dropout and augmentation.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    data: DataSet = "eckerle4"
    training_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.6
    training_size: Annotated[int, Field(ge=1)] | None = None
    split: Natural = 0
    noise: NotNegative = 0.0
    shift: Annotated[float, Field(ge=0, le=10)] = 0.0
    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0
    scaling: Annotated[float, Field(ge=0, lt=1)] = 0.0
    elastic: Annotated[float, Field(ge=0, le=10)] = 0.0
    hidden_layers: Annotated[tuple[Units, ...], Field(strict=False)]
    activation: Activation = "relu"
    dropout: DropoutRate = 0.0
    dropout_from: Annotated[int, Field(ge=1)] = 1
    output_dropout: DropoutRate = 0.0
    batch_normalization: bool = False
    normalized: Literal["pre-activations", "activations"] = "pre-activations"
    initializer: Initializer = "glorot_uniform"
    initial_deviation: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.05
    pretraining_epochs: Annotated[int, Field(ge=0)] = 0
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    bias_l1: NotNegative = 0.0
    bias_l2: NotNegative = 0.0
    optimizer: Optimizer = "sgd"
    learning_rate: LearningRate
    momentum: Rate = 0.0
    nesterov: bool = False
    schedule: Schedule = "constant"
    final_fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    loss: Loss = "mean_squared_error"
    output_activation: OutputActivation | None = None
    epochs: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)]
    drop_remainder: bool = False
    continued: Annotated[tuple[LearningRate, ...], Field(strict=False)] = ()
    probes: bool = False
    seed: Natural = 0

    @model_validator(mode="after")
    def _settings_fit_together(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        yield from self._optimizer_problems()
        yield from self._network_problems()
        yield from self._data_problems()

    def _optimizer_problems(self) -> Iterator[str]:
        if self.momentum and self.optimizer not in ("sgd", "rmsprop"):
            yield f"momentum: expected 0 for optimizer {self.optimizer!r}, received {self.momentum}"
        if self.nesterov and self.optimizer != "sgd":
            yield f"nesterov: expected false for optimizer {self.optimizer!r}, received true"
        if self.nesterov and not self.momentum:
            yield "momentum: expected above 0 when nesterov is true, received 0"
        if (self.schedule == "constant") != (self.final_fraction == 1):
            yield (
                f"final_fraction: expected 1 for a constant schedule and below 1 for any other, "
                f"received {self.final_fraction} with schedule {self.schedule!r}"
            )
        if self.continued and self.schedule != "constant":
            yield f"continued: expected a constant schedule, received {self.schedule!r}"
        if self.continued and self.probes:
            yield "probes: expected false for a run that is continued, received true"

    def _network_problems(self) -> Iterator[str]:
        if self.activation == "softmax" and 1 in self.hidden_layers:
            yield (
                "hidden_layers: expected at least 2 units in each layer for activation 'softmax' "
                "(a softmax of one unit is always 1), received 1"
            )
        if (self.dropout_from > 1) and not (
            self.dropout and self.dropout_from <= len(self.hidden_layers)
        ):
            yield (
                f"dropout_from: expected at most {len(self.hidden_layers)} (the hidden layers) and "
                f"a dropout above 0, received {self.dropout_from} with dropout {self.dropout}"
            )
        if self.normalized == "activations" and not self.batch_normalization:
            yield "normalized: expected only with batch_normalization, received it without"
        if self.initial_deviation != 0.05 and self.initializer != "random_normal":
            yield (
                f"initial_deviation: expected only with initializer 'random_normal', received it "
                f"with {self.initializer!r}"
            )
        if self.output == "softmax" and not datasets.classes(self.data):
            yield f"output_activation: a softmax needs classes, which {self.data!r} does not have"

    def _data_problems(self) -> Iterator[str]:
        classification = datasets.classes(self.data) > 0
        for name in ("training_fraction", "noise"):
            if classification and getattr(self, name) != type(self).model_fields[name].default:
                yield f"{name}: expected only with data 'eckerle4', received it with {self.data!r}"
        for name in ("training_size", "pretraining_epochs", *AUGMENTATIONS):
            if not classification and getattr(self, name):
                yield f"{name}: expected only with images, received it with data {self.data!r}"
        if self.pretraining_epochs and not self.hidden_layers:
            yield "pretraining_epochs: expected hidden layers to pretrain, received none"
        if self.loss == "categorical_cross_entropy" and not classification:
            yield f"loss: {self.loss!r} needs classes, which {self.data!r} does not have"
        if self.loss == "categorical_cross_entropy" and self.output == "identity":
            yield f"output_activation: {self.loss!r} needs probabilities, received 'identity'"
        if self.loss == "binary_cross_entropy" and self.output == "identity":
            yield f"output_activation: {self.loss!r} needs probabilities, received 'identity'"
        available = datasets.training_examples(self.data, self.training_fraction)
        if not 0 < available < datasets.size(self.data):
            yield (
                f"training_fraction: expected to leave examples for both training and test, "
                f"received {self.training_fraction}"
            )
        if (self.training_size or 0) > available:
            yield f"training_size: expected 1 to {available}, received {self.training_size}"
        elif self.batch_size > self.examples:
            yield (
                f"batch_size: expected 1 to {self.examples} (the size of the training set), "
                f"received {self.batch_size}"
            )

    @property
    def output(self) -> OutputActivation:
        """The activation of the output."""
        return self.output_activation or CANONICAL_OUTPUT[self.loss]

    @property
    def examples(self) -> int:
        """The number of examples in the training set."""
        return datasets.training_examples(self.data, self.training_fraction, self.training_size)

    @property
    def steps(self) -> int:
        """The number of steps in an epoch."""
        whole, rest = divmod(self.examples, self.batch_size)
        return whole + (rest > 0 and not self.drop_remainder)

    @property
    def has_dropout(self) -> bool:
        """Whether anything is zeroed while training."""
        return self.output_dropout > 0 or (self.dropout > 0 and len(self.hidden_layers) > 0)

    @property
    def augmentation(self) -> dict[str, float]:
        """The amplitudes of the augmentation that are not zero."""
        amplitudes = {name: getattr(self, name) for name in AUGMENTATIONS}
        return {name: amplitude for name, amplitude in amplitudes.items() if amplitude}

    @property
    def key(self) -> str:
        """SHA-256 (hex) of what determines the run: settings, content of the data, recipe.

        Settings at their default are left out, so that a setting that the schema gains later does
        not disown the runs recorded before.
        """
        content = {
            "recipe": RECIPE + DROPOUT_RECIPE * self.has_dropout,
            "data": datasets.digest(self.data),
            "spec": self.model_dump(mode="json", exclude_defaults=True),
        }
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()


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
