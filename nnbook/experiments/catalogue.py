"""What is to be run: experiment files, and the configurations that they declare.

An experiment file is a TOML file such as ::

    title = "Batch size"
    question = "Does the batch size matter?"
    seeds = 20                  # 0 to 19; or [3, 4, 5]; or {first = 100, count = 40}
    split = "seed"              # the data are split anew for each seed; or a fixed number, here
                                # or in a configuration

    [base]                      # settings of all configurations: parameters of `RunSpec`
    hidden_layers = [20, 20]
    learning_rate = 0.1
    epochs = 215
    batch_size = 3

    [[configuration]]
    name = "wide"
    hidden_layers = [100, 100]

    [[grid]]                    # a configuration for each combination of values, here
    batch_size = [1, 5]         # "batch_size-1" and "batch_size-5"

    [[chosen]]                  # a setting that was chosen by its results (see `Choice`)
    configuration = "batch_size-5"
    by = "validation_loss"
    among = ["batch_size-*"]

    [unused]                    # configurations that no page shows, and why
    "wide" = "superseded by batch_size-5"
"""

import math
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from nnbook import project
from nnbook.errors import SpecError, nearest
from nnbook.experiments.store import KeepWeights
from nnbook.schema import parse, read_toml
from nnbook.training.datasets import data_set
from nnbook.training.flat import beside, merged
from nnbook.training.spec import RunSpec, run_spec

EXPERIMENTS = project.data("experiments")
QUICK_EPOCHS = 2


MOST_SEEDS = 10_000
"""Largest number of repetitions of a configuration."""

MOST_CONFIGURATIONS = 10_000
"""Largest number of configurations of an experiment."""

MOST_RUNS = 100_000
"""Largest number of runs of an experiment."""


def _seeds(declared: Any) -> tuple[int, ...]:
    seeds: range | list[Any] = []
    match declared:
        case bool():
            pass
        case int(count) if count >= 1:
            seeds = range(count)
        case {"first": int(first), "count": int(count)} if first >= 0 and count >= 1:
            seeds = range(first, first + count) if len(declared) == 2 else []
        case [*listed] if all(type(seed) is int and seed >= 0 for seed in listed):
            seeds = listed if len(set(listed)) == len(listed) else []
    # A range of 10^30 has no length, but ends.
    if seeds and seeds[-1] < 2**32 and len(seeds) <= MOST_SEEDS:
        return tuple(seeds)
    if seeds:
        raise ValueError(
            f"expected at most {MOST_SEEDS:,} seeds below 2**32, received {_shortened(declared)}"
        )
    raise ValueError(
        "expected a number of seeds such as 20, a list of different seeds such as [3, 4], or "
        f"{{first = 100, count = 40}}, received {_shortened(declared)}"
    )


def _shortened(declared: object) -> str:
    text = repr(declared)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _split(declared: object) -> object:
    if declared == "seed" or (type(declared) is int and declared >= 0):
        return declared
    raise ValueError(f'expected "seed" or a whole number from 0, received {declared!r}')


class Choice(BaseModel):
    """A setting that was chosen by what came out, so that this figure of it is no fair one.

    Parameters
    ----------
    configuration : str
    by : str
        The metric at the end of training that it has the best mean of, such as
        ``"validation_accuracy"``.
    among : list of str
        Patterns of the configurations that it was chosen from, such as ``"learning_rate-*"``.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    configuration: str
    by: str
    among: Annotated[list[str], Field(min_length=1)]


class ExperimentFile(BaseModel):
    """The content of an experiment file, as the module's docstring describes it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    title: str
    question: str
    seeds: Annotated[tuple[int, ...], BeforeValidator(_seeds)]
    split: Annotated[int | Literal["seed"], BeforeValidator(_split)] = 0
    keep_weights: KeepWeights = True
    keep_misread: bool = False
    base: dict[str, Any]
    configuration: list[dict[str, Any]] = []
    grid: list[dict[str, Annotated[list[Any], Field(min_length=1)]]] = []
    chosen: list[Choice] = []
    unused: dict[str, str] = {}


@dataclass(frozen=True)
class Configuration:
    """Settings and the seeds that they are repeated with.

    Attributes
    ----------
    name : str
        Name within the experiment.
    settings : dict of str to value
        Parameters of `RunSpec`, without seed and split.
    seeds : tuple of int
        One run each.
    split : int or "seed"
        The split of the data, for all runs the same or for each run its own; configurations with
        "seed" are paired, since runs of equal seed see equal splits.
    experiment : str
        Name of the experiment that this belongs to, or is a variation of.
    keep_weights : bool or "first layer"
        Which trained weights go on record (see `nnbook.experiments.store.KeepWeights`).
    results : Path, optional
        Folder of the results that it belongs to; those of the book by default.
    command : str
        What makes its missing runs.
    declared : bool
        Whether a file declares it; a variation is not declared.
    keep_misread : bool
        Whether it must be on record which images were misread, as it is of new runs.
    """

    name: str
    settings: Mapping[str, Any]
    seeds: tuple[int, ...]
    split: int | Literal["seed"]
    experiment: str
    keep_weights: KeepWeights = True
    results: Path | None = None
    command: str = ""
    declared: bool = True
    keep_misread: bool = False

    def __post_init__(self) -> None:
        """Refuse settings that no run could have."""
        if "seed" in self.settings:
            raise SpecError(
                f"configuration {self.name!r}: seed: expected `seeds` at the top of the file"
            )
        self.run(self.seeds[0])

    def run(self, seed: int) -> RunSpec:
        """Return the specification of the run with this seed."""
        split = seed if self.split == "seed" else self.split
        owner = f"configuration {self.name!r}"
        return run_spec({**self.settings, "seed": seed, "split": split}, owner)

    @cached_property
    def runs(self) -> dict[int, RunSpec]:
        """The specification of each run by its seed."""
        first = self.run(self.seeds[0])  # the others need no check of their own
        split = {} if self.split == "seed" else {"split": first.split}
        return {
            seed: first.model_copy(update={"seed": seed, "split": seed, **split})
            for seed in self.seeds
        }

    def vary(
        self,
        *,
        seeds: int | Sequence[int] | None = None,
        split: int | Literal["seed"] | None = None,
        **settings: Any,
    ) -> "Configuration":
        """Return this configuration with other settings, seeds or split.

        Parameters
        ----------
        seeds : int or sequence of int, optional
            How many (0, 1, ...) or which.
        split : int or "seed", optional
            As for the configuration.
        **settings
            Parameters of `RunSpec`, such as ``batch_size=7``.

        Raises
        ------
        SpecError
            For a parameter that does not exist, or a value that cannot be.
        """
        try:
            chosen = self.seeds if seeds is None else _seeds(seeds)
        except ValueError as error:
            raise SpecError(f"configuration {self.name!r}: seeds: {error}") from None
        changes = ", ".join(f"{key}={value}" for key, value in settings.items())
        return replace(
            self,
            name=f"{self.name} with {changes}" if changes else self.name,
            settings=merged(self.settings, settings),
            seeds=chosen,
            split=self.split if split is None else split,
            keep_weights=True,
            declared=False,
        )

    def repeated(self, count: int) -> "Configuration":
        """Return this configuration with `count` seeds: its own ones first, then those after.

        Raises
        ------
        SpecError
            For more seeds than an experiment file may declare.
        """
        if count > MOST_SEEDS:
            raise SpecError(
                f"configuration {self.name!r}: expected at most {MOST_SEEDS:,} seeds, received "
                f"{count:,}"
            )
        more = range(max(self.seeds) + 1, max(self.seeds) + 1 + count)
        return replace(self, seeds=(*self.seeds, *more)[:count])

    def quick(self) -> "Configuration":
        """Return a small version of this configuration, which shows in seconds that it works.

        It has one repetition and at most 2 epochs; scikit-learn's digits take the place of MNIST.
        """
        spec = self.run(self.seeds[0])
        changes: dict[str, Any] = {"epochs": min(spec.epochs, QUICK_EPOCHS)}
        if spec.schedule.warm_up >= changes["epochs"]:
            changes["schedule.warm_up"] = changes["epochs"] / 2
        if spec.pretraining_epochs:
            changes["pretraining_epochs"] = min(spec.pretraining_epochs, QUICK_EPOCHS)
        if spec.data.name == "mnist":
            size = min(spec.examples, data_set("digits").facts.training)
            changes |= {"data": "digits", "training_size": size}
            changes["batch_size"] = min(spec.batch_size, size)
        return replace(self, settings=merged(self.settings, changes), seeds=self.seeds[:1])


@dataclass(frozen=True)
class Experiment:
    """A question and the configurations that answer it; `experiment["name"]` is one of them.

    Attributes
    ----------
    name : str
        Name of the file without its ending.
    title, question : str
        In words.
    configurations : dict of str to Configuration
        In the order of the file.
    chosen : tuple of Choice
        Settings that were chosen by their results.
    unused : dict of str to str
        Patterns of configurations that no page shows, and why.
    results : Path, optional
        Folder of the results that it belongs to; those of the book by default.
    command : str
        What makes its missing runs.
    """

    name: str
    title: str
    question: str
    configurations: Mapping[str, Configuration]
    chosen: tuple[Choice, ...] = ()
    unused: Mapping[str, str] = field(default_factory=dict)
    results: Path | None = None
    command: str = ""
    declared: ClassVar[bool] = True

    def placed(self, results: Path, command: str) -> "Experiment":
        """Return this experiment with another folder of results, and what makes its runs."""
        items = self.configurations.items()
        configurations = {
            name: replace(item, results=results, command=command) for name, item in items
        }
        return replace(self, configurations=configurations, results=results, command=command)

    def __getitem__(self, name: str) -> Configuration:
        """Return the configuration called `name`."""
        if name not in self.configurations:
            raise SpecError(
                f"experiment {self.name!r}: no configuration {name!r}, "
                f"{nearest(name, self.configurations)}"
            )
        return self.configurations[name]

    def repeated(self, count: int) -> "Experiment":
        """Return this experiment with `count` repetitions of each configuration."""
        items = self.configurations.items()
        return replace(self, configurations={name: item.repeated(count) for name, item in items})

    def quick(self) -> "Experiment":
        """Return a small version of this experiment (see `Configuration.quick`)."""
        items = self.configurations.items()
        return replace(self, configurations={name: item.quick() for name, item in items})


def experiment_names() -> list[str]:
    """Return the names of the experiments in the repository."""
    return sorted(path.stem for path in EXPERIMENTS.glob("*.toml"))


def experiment(name: str) -> Experiment:
    """Return the experiment `name`.

    Parameters
    ----------
    name : str
        An experiment of the repository, or the path of an experiment file (ending in ``.toml``).

    Raises
    ------
    SpecError
        If there is no such experiment, or its file cannot be what it says.
    """
    path = Path(name) if name.endswith(".toml") else EXPERIMENTS / f"{name}.toml"
    try:
        return _read(path)
    except FileNotFoundError:
        hint = "no such file" if name.endswith(".toml") else nearest(name, experiment_names())
        raise SpecError(f"unknown experiment {name!r}, {hint}") from None


def _read(path: Path) -> Experiment:
    owner = path.stem if path.parent == EXPERIMENTS else str(path)
    found = declared(read_toml(path), path.stem, str(path), path.resolve().parent)
    command = f"nnbook run {shlex.quote(owner)}"
    return found.placed(
        project.book_results() if path.parent == EXPERIMENTS else project.own_results(path), command
    )


def declared(content: Mapping[str, Any], name: str, owner: str, folder: Path) -> Experiment:
    """Return the experiment that `content` declares.

    Parameters
    ----------
    content : mapping
        What an experiment file holds (see the module's docstring).
    name : str
        Name of the experiment.
    owner : str
        Where the content stands, for error messages.
    folder : path
        What the paths of data files are relative to.

    Raises
    ------
    SpecError
        If it cannot be what it says.
    """
    file = parse(ExperimentFile, content, owner)
    count = len(file.configuration) + sum(
        math.prod(len(values) for values in grid.values()) for grid in file.grid
    )
    if count > MOST_CONFIGURATIONS or count * len(file.seeds) > MOST_RUNS:
        raise SpecError(
            f"{owner}: expected at most {MOST_CONFIGURATIONS:,} configurations and {MOST_RUNS:,} "
            f"runs, received {count:,} configurations with {len(file.seeds):,} seeds each"
        )
    configurations: dict[str, Configuration] = {}
    for entry in [*file.configuration, *_expanded(file.grid)]:
        label = entry.get("name")
        if not (isinstance(label, str) and re.fullmatch(r"[\w.+-]*\w", label)):
            raise SpecError(
                f"{owner}: expected every configuration to have a name of letters, digits and "
                f". _ + - only, received {label!r}"
            )
        if label in configurations:
            raise SpecError(f"{owner}: two configurations are called {label!r}")
        settings = beside(folder, merged(file.base, entry))
        split = settings.pop("split", file.split)
        del settings["name"]
        configurations[label] = Configuration(
            label,
            settings,
            file.seeds,
            split,
            name,
            file.keep_weights,
            keep_misread=file.keep_misread,
        )
    if not configurations:
        raise SpecError(f"{owner}: expected at least one [[configuration]] or [[grid]]")
    for pattern in [*file.unused, *(p for choice in file.chosen for p in choice.among)]:
        if not any(fnmatchcase(label, pattern) for label in configurations):
            raise SpecError(
                f"{owner}: no configuration is called {pattern!r}, "
                f"{nearest(pattern, configurations)}"
            )
    for choice in file.chosen:
        if choice.configuration not in configurations:
            raise SpecError(
                f"{owner}: chosen: {choice.configuration!r}, "
                f"{nearest(choice.configuration, configurations)}"
            )
    return Experiment(
        name, file.title, file.question, configurations, tuple(file.chosen), file.unused
    )


def _expanded(grids: list[dict[str, list[Any]]]) -> Iterator[dict[str, Any]]:
    for grid in grids:
        for values in product(*grid.values()):
            settings = dict(zip(grid, values, strict=True))
            name = "_".join(f"{key}-{_label(value)}" for key, value in settings.items())
            yield {"name": name, **settings}


def _label(value: Any) -> str:
    if isinstance(value, Mapping):
        value = list(value.values())
    return "-".join(map(_label, value)) if isinstance(value, list) else str(value)
