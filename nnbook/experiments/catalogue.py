"""The experiments that there are: found by name, or read from a file."""

import math
import re
import shlex
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nnbook import project
from nnbook.errors import SpecError, nearest
from nnbook.experiments.configurations import Configuration, Experiment
from nnbook.experiments.experiment_file import (
    MOST_CONFIGURATIONS,
    MOST_RUNS,
    ExperimentFile,
    expanded,
)
from nnbook.schema import parse, read_toml, shown
from nnbook.training.flat import beside, merged

EXPERIMENTS = project.data("experiments")


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


def declared(
    content: Mapping[str, Any],
    name: str,
    owner: str,
    folder: Path,
    resolved: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda settings: settings,
) -> Experiment:
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
    resolved : callable, optional
        What the settings of a configuration stand for, both in the flat form.

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
    for entry in [*file.configuration, *expanded(file.grid)]:
        label = entry.get("name")
        if not (isinstance(label, str) and re.fullmatch(r"[\w.+-]*\w", label)):
            raise SpecError(
                f"{owner}: expected every configuration to have a name of letters, digits and "
                f". _ + - only, received {shown(label)}"
            )
        if label in configurations:
            raise SpecError(f"{owner}: two configurations are called {label!r}")
        try:
            settings = beside(folder, resolved(merged(file.base, entry)))
        except SpecError as error:
            raise SpecError(f"{owner}: configuration {label!r}: {error}") from None
        try:
            configurations[label] = _configuration(label, settings, file, name)
        except SpecError as error:
            raise SpecError(f"{owner}: {error}") from None
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


def _configuration(
    label: str, settings: dict[str, Any], file: ExperimentFile, experiment: str
) -> Configuration:
    """Return the configuration that has these settings, in the flat form."""
    del settings["name"]
    split = settings.pop("split", file.split)
    return Configuration(
        label,
        settings,
        file.seeds,
        split,
        experiment,
        file.keep_weights,
        keep_misread=file.keep_misread,
    )
