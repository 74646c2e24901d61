"""A run is data: what is trained, on which data, how and from which seeds.

A setting has one name everywhere: in an experiment file, in
``configuration.vary(learning_rate=0.01)`` and in the tables of the book. Some settings are choices
with settings of their own, such as ``optimizer = {name = "adam", learning_rate = 0.01}``; the flat
form, ``optimizer = "adam"`` with ``learning_rate = 0.01``, says the same (see
`nnbook.training.flat`). Only what the engine carries out is accepted.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import (
    Field,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from nnbook.errors import SpecError, nearest, perhaps
from nnbook.schema import canonical_digest, explain
from nnbook.training.choices import OneOf, field_defaults
from nnbook.training.families import FAMILIES, FLAT, Family, address, addresses
from nnbook.training.flat import flat_choice, in_json, merged, nested
from nnbook.training.optimizers import OPTIMIZERS, LearningRate, Optimizer
from nnbook.training.schedules import SCHEDULES, Schedule
from nnbook.training.spec_data import AUGMENTATIONS
from nnbook.training.spec_network import (
    CANONICAL_OUTPUT,
    Activation,
    Loss,
    NetworkSettings,
    OutputActivation,
)

__all__ = [
    "AUGMENTATIONS",
    "CANONICAL_OUTPUT",
    "Activation",
    "Loss",
    "OutputActivation",
    "RunSpec",
    "run_spec",
]

RECIPE = 1
"""Raised when the same specification would train differently than before, rounding aside."""

DROPOUT_RECIPE = 1
"""Added for runs with dropout, and raised when only they would train differently.

It is 1 since their masks come from NumPy's generator."""


TRAINED = {"trained": True}
"""Says that settings were checked, against data that need not be here any more."""


class RunSpec(NetworkSettings):
    """Specification of one training run.

    What is called a choice below is a name, such as ``"adam"``, or a table with a name and fields,
    such as ``{name = "adam", beta_2 = 0.99}``; its members and their fields are listed under the
    registry that is named. The most common of the fields have names of their own here.

    Parameters
    ----------
    data : choice, `nnbook.training.datasets.DATA_SETS`
        The data set; by default Eckerle4.
    training_fraction : float in (0, 1)
        Of `eckerle4` and the user's own files: share of the observations that is trained on.
    training_size : int, optional
        Of images: train on a random subset of this size, balanced between the classes.
    split : int
        Seed that chooses which observations those are.
    noise : float
        Of `eckerle4`: standard deviation of normal noise added to the training targets, in their
        scaled units (dimensionless); the test targets stay as they were measured.
    shift, rotation, scaling, elastic : float
        Data augmentation, anew in each epoch: largest shift in pixels, largest rotation in
        degrees, largest relative change of size, and root-mean-square elastic displacement in
        pixels, in each of the two directions (see `nnbook.training.augmentation`).
    hidden_layers : tuple of int
        Units per hidden layer, first to last; empty for a linear model.
    activation : str
        Activation of every hidden layer, by its name in `nnbook.theory.activations`.
    shortcuts : int
        How many hidden layers a residual connection passes by; 0 for none. It adds what one hidden
        layer gives to what a later one of equal width gives (He et al. 2016).
    input_dropout : float in [0, 1)
        Rate at which inputs are zeroed while training.
    dropout : float in [0, 1)
        Rate at which outputs of the hidden layers are zeroed while training.
    dropout_from : int
        Number of the first hidden layer with dropout; 1 is all of them.
    output_dropout : float in [0, 1)
        Rate at which outputs of the network, before their activation, are zeroed while training.
    normalization : choice, `nnbook.training.normalizations.NORMALIZATIONS`, optional
        Normalization in the hidden layers; by default none.
    batch_normalization : bool
        ``batch_normalization = true`` stands for ``normalization = "batch"``.
    normalized : {"pre-activations", "activations"}
        What is normalized: by default what goes into the activation, or else what comes out.
    initializer : choice, `nnbook.training.initializers.INITIALIZERS`
        Distribution of the initial weights, by Keras' name; biases start at zero.
    initial_deviation : float
        Standard deviation of the initial weights, for `random_normal` only.
    pretraining_epochs : int
        Epochs for which the hidden layers are first trained as the encoder of an autoencoder, on
        all training images without their labels.
    regularizer : choice, `nnbook.training.regularizers.REGULARIZERS`
        Penalty that is added to the loss while training.
    l1, l2 : float
        Of `l1_l2`, the default: weights of the penalties sum abs(w) and sum w² over the entries of
        all weight matrices.
    bias_l1, bias_l2 : float
        The same for the biases.
    optimizer : choice, `nnbook.training.optimizers.OPTIMIZERS`
        Update rule, with Keras' defaults for what is not set here; by default `sgd`.
    learning_rate : float
        Step size at the first step, or after the warm-up.
    momentum : float in [0, 1)
        Momentum of `sgd` or `rmsprop`.
    nesterov : bool
        Whether that momentum is Nesterov's.
    schedule : choice, `nnbook.training.schedules.SCHEDULES`
        How the learning rate goes, step by step, from `learning_rate` to
        `learning_rate * final_fraction` at the last step of all epochs; its ``warm_up`` is the
        number of epochs before, in which the rate rises to that. By default it is constant.
    final_fraction : float in (0, 1]
        Where the schedule ends; 1 exactly when it is constant.
    loss : {"mean_squared_error", "categorical_cross_entropy", "binary_cross_entropy"}
        Mean over the examples (and outputs), dimensionless for scaled data.
    output_activation : {"identity", "sigmoid", "softmax"}, optional
        Activation of the output; by default the one that suits the loss.
    epochs, batch_size : int
        Passes over the training set (at most, with early stopping); examples per step.
    drop_remainder : bool
        Whether examples that fill no whole batch are left out of an epoch; by default they make a
        smaller last batch.
    early_stopping : choice, `nnbook.training.stopping.STOPPING_RULES`, optional
        When training ends before its last epoch; by default it does not.
    continued : tuple of float
        Learning rates of further trainings of `epochs` epochs each, which go on with the weights of
        the one before and a fresh optimizer.
    probes : bool
        Whether gradients and weights are measured while training (see `nnbook.training.probes`).
    seed : int
        Seed of initial weights, batch order, dropout and augmentation.
    """

    optimizer: Annotated[Optimizer, OneOf(OPTIMIZERS)]
    schedule: Annotated[Schedule, OneOf(SCHEDULES)]
    continued: Annotated[tuple[LearningRate, ...], Field(strict=False)] = ()
    probes: bool = False

    @model_validator(mode="before")
    @classmethod
    def _tables_for_choices(cls, settings: Any) -> Any:
        return nested(settings) if isinstance(settings, Mapping) else settings

    @model_validator(mode="after")
    def _settings_fit_together(self, info: ValidationInfo) -> Self:
        if info.context != TRAINED:
            for problem in self._problems():
                raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        yield from self._course_problems()
        yield from self._network_problems()
        yield from self._data_problems()

    def _course_problems(self) -> Iterator[str]:
        if self.continued and not self.schedule.is_constant:
            yield (
                "continued: expected a constant schedule without warm-up, received "
                f"{self.schedule.name!r} with {self.schedule.warm_up}"
            )
        if self.continued and self.probes:
            yield "probes: expected false for a run that is continued, received true"
        if self.continued and self.early_stopping:
            yield "early_stopping: expected none for a run that is continued, received it"
        if self.schedule.warm_up >= self.epochs:
            yield (
                f"schedule.warm_up: expected fewer epochs than the training's {self.epochs}, "
                f"received {self.schedule.warm_up}"
            )

    @property
    def learning_rate(self) -> float:
        """Step size at the first step, or after the warm-up."""
        return self.optimizer.learning_rate

    def settings(self, *, defaults: bool = False) -> dict[str, Any]:
        """Return the settings in the flat form.

        Parameters
        ----------
        defaults : bool
            Whether those at their default are included, and flat names that say nothing of this
            run, such as a momentum of 0 for Adam.

        Returns
        -------
        dict of str to value
            Values that JSON has: numbers, texts, lists. Without defaults they determine the run,
            but for the content of the data.
        """
        found: dict[str, Any] = {}
        if defaults:
            found["batch_normalization"] = False
            found |= {name: entry.neutral for name, (_, entry) in FLAT.items()}
        for name, standard in field_defaults(type(self)).items():
            value = getattr(self, name)
            if name in FAMILIES:
                found |= flat_choice(name, value, defaults=defaults)
            elif defaults or value != standard:
                found[name] = in_json(value)
        return found

    @model_serializer(mode="wrap")
    def _flat_in_json(self, tables: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
        """Give records the flat form, which they have always had."""
        return self.settings(defaults=True) if info.mode == "json" else tables(self)

    def setting(self, name: str) -> Any:
        """Return the value of a setting by its flat name, such as ``momentum``.

        Raises
        ------
        SpecError
            If this run has none of this name; the message suggests the nearest one.
        """
        values = self.settings(defaults=True)
        if name not in values:
            raise SpecError(f"unknown setting {name!r}, {nearest(name, values)}")
        return values[name]

    def vary(self, **settings: Any) -> "RunSpec":
        """Return this specification with other settings, flat ones or tables.

        Raises
        ------
        SpecError
            For a setting that does not exist, or a value that cannot be.
        """
        own = {name: getattr(self, name) for name in type(self).model_fields}
        return run_spec(merged(own, settings))

    @property
    def key(self) -> str:
        """SHA-256 (hex) of what determines the run: settings, content of the data, recipe.

        Settings at their default are left out, so that a setting that the schema gains later does
        not disown the runs recorded before.
        """
        content = {
            "recipe": RECIPE + DROPOUT_RECIPE * self.has_dropout,
            "data": self.data.digest,
            "spec": self.settings(),
        }
        return canonical_digest(content)


def setting_names() -> list[str]:
    """Return the flat names of all settings."""
    names = dict.fromkeys(RunSpec.model_fields) | {"batch_normalization": None}
    for setting in FAMILIES:
        names |= dict.fromkeys(addresses(setting))
    return list(names)


def run_spec(settings: Mapping[str, Any], owner: str = "run", *, trained: bool = False) -> RunSpec:
    """Return the specification that `settings` describe.

    Parameters
    ----------
    settings : mapping of str to value
        The parameters of `RunSpec`, flat or with tables.
    owner : str
        What the settings belong to, for the error message.
    trained : bool
        Whether they are those of a run on record, and are not checked against its data again.

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
    try:
        return RunSpec.model_validate(dict(settings), context=TRAINED if trained else None)
    except ValidationError as error:
        problems = [_explained(problem, settings) for problem in error.errors()]
        raise SpecError("\n".join(f"{owner}: {problem}" for problem in problems)) from None
    except SpecError as error:  # two forms that contradict each other
        raise SpecError(f"{owner}: {error}") from None


def _explained(problem: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return what is wrong in the words of the form in which it was said."""
    setting, *place = map(str, problem["loc"] or [""])
    if setting not in FAMILIES:
        return explain(problem, ".".join([setting, *place]), setting_names())
    family = FAMILIES[setting]
    if problem["type"].startswith("union_tag"):
        return _no_member(setting, family, settings.get(setting))
    member, *within = place
    if not within:  # a problem of the choice as a whole
        return explain(problem, "", ())
    in_a_table = isinstance(settings.get(setting), Mapping)

    def called(field: str) -> str:
        dotted = f"{setting}.{field}"
        return dotted if in_a_table or dotted in settings else address(setting, field)

    known = [called(name) for name in family.members[member].model_fields if name != "name"]
    return explain(problem, ".".join([called(within[0]), *within[1:]]), known)


def _no_member(setting: str, family: Family, received: Any) -> str:
    """Return what is wrong with a choice that is none of its family, and how one is written."""
    name = received.get("name") if isinstance(received, Mapping) else received
    expected = ", ".join(map(repr, family.members))
    problem = f"{setting}: expected {expected}, received {name!r}"
    if name is None or isinstance(name, str):
        return problem + perhaps(name, family.members)
    usual = family.implied or family.default or next(iter(family.members))
    *_, (field, default) = field_defaults(family.members[usual]).items()
    example = f'{{name = "{usual}", {field} = {json.dumps(default)}}}'
    return f'{problem}; write {setting} = "{usual}" or {setting} = {example}'
