"""Configurations, settings with the seeds that they are repeated with, and experiments of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

from nnbook.errors import SpecError, nearest
from nnbook.experiments.experiment_file import LARGEST_SEED, MOST_SEEDS, Choice, read_seeds
from nnbook.experiments.record import KeepWeights
from nnbook.training.datasets import data_set
from nnbook.training.flat import merged
from nnbook.training.spec import RunSpec, run_spec

QUICK_EPOCHS = 2


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
        Which trained weights go on record (see `nnbook.experiments.record.KeepWeights`).
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
            chosen = self.seeds if seeds is None else read_seeds(seeds)
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
            For more seeds than an experiment file may declare, or larger ones than there are.
        """
        if count > MOST_SEEDS:
            raise SpecError(
                f"configuration {self.name!r}: expected at most {MOST_SEEDS:,} seeds, received "
                f"{count:,}"
            )
        more = range(max(self.seeds) + 1, max(self.seeds) + 1 + count)
        seeds = (*self.seeds, *more)[:count]
        if seeds[-1] > LARGEST_SEED:
            raise SpecError(
                f"configuration {self.name!r}: expected no more repetitions than there are seeds "
                f"from its largest to {LARGEST_SEED}, received {count}"
            )
        return replace(self, seeds=seeds)

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
