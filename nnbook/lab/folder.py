"""A student's lab as a folder: ``lab.toml``, ``answers.md``, ``step.toml``, and ``results/``."""

import datetime
import re
import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field

from nnbook.errors import LabError, SpecError, nearest
from nnbook.experiments import Configuration, Experiment, Results, Runs, experiment, plan, runner
from nnbook.experiments.catalogue import declared
from nnbook.experiments.store import State
from nnbook.lab import declarations, entered, files, own_results
from nnbook.lab.definition import DEFINITION, Definition, known_labs
from nnbook.lab.entered import ByHand
from nnbook.lab.language import Words
from nnbook.lab.own_results import OwnResult
from nnbook.lab.tasks import Table, Text
from nnbook.schema import MOST_BYTES, parse, parse_toml

SETTINGS = "lab.toml"
ANSWERS = "answers.md"
RESULTS = "results"


class Cover(Table):
    """What the title page says: the table ``[lab]``."""

    course: Text
    title: Text
    team: str = ""
    date: datetime.date
    language: str = "en"
    definition: Text


class Author(Table):
    """One of the authors: a table ``[[author]]``."""

    name: Text
    matriculation: str = ""
    email: str = ""


class LabFile(Table):
    """The tables that ``lab.toml`` may have; each is read for itself."""

    lab: dict[str, Any]
    author: Annotated[list[dict[str, Any]], Field(min_length=1)]
    experiments: dict[str, dict[str, Any]] = Field(default_factory=dict)
    compare: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Lab:
    """A student's lab.

    Attributes
    ----------
    folder : Path
        Where it is.
    cover : Cover
        What the title page says.
    definition : Definition
        What the course asks.
    authors : list of Author
    experiments : dict of str to Experiment
        The student's own, by name.
    compare : dict of str to Configuration
        For own configurations: the one of the book to compare with.
    """

    folder: Path
    cover: Cover
    definition: Definition
    authors: list[Author]
    experiments: Mapping[str, Experiment]
    compare: Mapping[str, Configuration]

    @classmethod
    def read(cls, folder: Path | str) -> Self:
        """Read the lab in `folder`.

        Raises
        ------
        LabError, SpecError
            If there is none, or ``lab.toml`` cannot be what it says.
        """
        folder = Path(folder)
        path = folder / SETTINGS
        try:
            content = _content(path)
        except FileNotFoundError:
            raise LabError(
                f"{folder}: no lab here ({SETTINGS} is missing); "
                f"`nnbook lab new {folder}` makes one"
            ) from None
        file = parse(LabFile, content, str(path))
        cover = parse(Cover, file.lab, f"{path}: [lab]")
        definition = _definition(path, cover)
        experiments = {
            name: _experiment(path, name, content, definition)
            for name, content in file.experiments.items()
        }
        _refuse_ambiguous_names(path, experiments)
        own = [name for item in experiments.values() for name in item.configurations]
        return cls(
            folder,
            cover,
            definition,
            [parse(Author, author, f"{path}: [[author]]") for author in file.author],
            experiments,
            {
                name: _reference(own, name, reference, f"{path}: [compare]", definition)
                for name, reference in file.compare.items()
            },
        )

    @cached_property
    def words(self) -> Words:
        """The words of the lab's language."""
        return self.definition.words(self.cover.language)

    @cached_property
    def configurations(self) -> dict[str, Configuration]:
        """All configurations, of all experiments, by name."""
        return {
            name: configuration
            for item in self.experiments.values()
            for name, configuration in item.configurations.items()
        }

    @property
    def names(self) -> list[str]:
        """The names of all experiments and configurations."""
        return [*self.experiments, *self.configurations]

    def members(self, names: str) -> dict[str, Configuration]:
        """Return the configurations of all experiments, and those configurations, called so.

        Parameters
        ----------
        names : str
            One, or several with commas between them.

        Raises
        ------
        LabError
            If there is none of a name.
        """
        found: dict[str, Configuration] = {}
        for name in listed(names):
            if name in self.experiments:
                found |= self.experiments[name].configurations
            elif name in self.configurations:
                found[name] = self.configurations[name]
            else:
                known = nearest(name, self.names) if self.names else "lab.toml declares none"
                raise LabError(f"no experiment or configuration {name!r}, {known}")
        return found

    def title_of(self, names: str) -> str:
        """Return what captions call experiments or configurations."""
        return ", ".join(
            self.words.fill("quoted", text=self.experiments[name].title)
            if name in self.experiments
            else name
            for name in listed(names)
        )

    def axes_of(self, configuration: Configuration) -> list[str]:
        """Return what the lab calls the axes of a figure of the data; empty if it does not say."""
        name = self.definition.data_of(configuration)
        axes = self.definition.file.data[name].axes if name else {}
        return axes.get(self.cover.language, [])

    @cached_property
    def states(self) -> dict[plan.Job, State]:
        """The state of each run that the lab declares, in the lab's own folder.

        Raises
        ------
        LabError
            If there are links in it.
        """
        files.refuse_links(self.folder / RESULTS)
        return {
            job: state
            for item in self.experiments.values()
            for job, state in plan.states(item).items()
        }

    @cached_property
    def results(self) -> dict[str, Runs]:
        """What is on record of each configuration; all of them are there, if empty.

        Raises
        ------
        LabError
            If a record is damaged.
        """
        for job, state in self.states.items():
            if state == "damaged":
                raise LabError(
                    f"{job.path}: the record is truncated or was edited after the run; "
                    f"`nnbook lab run {self.folder}` makes it anew"
                )
        found: dict[str, Runs] = {}
        for item in self.experiments.values():
            own = replace(plan.store_of(item), also=())  # a lab is handed in with its records
            some = runner.recorded(item, store=own, missing="left out").runs
            for name, configuration in item.configurations.items():
                found[name] = some.get(name, Runs(configuration, {}))
        return found

    @cached_property
    def own(self) -> dict[str, list[OwnResult]]:
        """The results of the student's own code, by name, which nobody repeats.

        Raises
        ------
        LabError
            If a file is damaged.
        """
        return own_results.read(self.folder)

    @cached_property
    def by_hand(self) -> ByHand | None:
        """What the student computed by hand, if the lab has such a step.

        Raises
        ------
        LabError
            If its file is refused.
        """
        step = self.definition.step
        return entered.read(self.folder, step) if step else None

    @cached_property
    def of_the_book(self) -> dict[str, Runs]:
        """What the book has on record of the configurations to compare with, by own name."""
        found = {}
        for name, configuration in self.compare.items():
            found[name] = runner.recorded(configuration, missing="left out")
        return found

    def chosen(self, names: str) -> Results:
        """Return the runs of experiments, or of configurations."""
        return Results({member: self.results[member] for member in self.members(names)})

    @property
    def answers_path(self) -> Path:
        """Where the answers are."""
        return self.folder / ANSWERS

    def place(self, line: int | None = None) -> str:
        """Return how a message about the answers, or a line of them, begins."""
        return f"{self.answers_path}: line {line}: " if line else f"{self.answers_path}: "

    def declared(self, names: str) -> str:
        """Return how a message about experiments or configurations begins: where the first is.

        A configuration that a grid makes has no line of its own, but that of its experiment.
        """
        name = listed(names)[0]
        lines = self._declarations
        line = lines.get(name)
        if line is None and name in self.configurations:
            line = lines.get(self.configurations[name].experiment)
        path = self.folder / SETTINGS
        return f"{path}: line {line}: " if line else f"{path}: "

    @cached_property
    def _declarations(self) -> dict[str, int]:
        return declarations.lines_of(files.read_text(self.folder / SETTINGS, MOST_BYTES))

    def answers_text(self) -> str:
        """Return the answers as they were written.

        Raises
        ------
        LabError
            If the file is missing, outside, too large or no text.
        """
        path = self.answers_path
        try:
            return files.read_text(path)
        except FileNotFoundError:
            raise LabError(
                f"{path}: missing; `nnbook lab new` shows in another folder what it looks like"
            ) from None


def listed(names: str) -> list[str]:
    """Return the names that commas divide.

    >>> listed("mnist, vanishing")
    ['mnist', 'vanishing']
    """
    return [name.strip() for name in names.split(",")]


def _content(path: Path) -> dict[str, Any]:
    return parse_toml(files.read_text(path, MOST_BYTES), path, LabError)


def _definition(path: Path, cover: Cover) -> Definition:
    """Return the definition that a lab names: one of nnbook's, or one in the lab's folder."""
    owner, name = f"{path}: [lab]: definition", cover.definition
    if name in known_labs():
        found = Definition.find(name)
    else:
        folder = path.parent / name
        if not (folder / DEFINITION).is_file():
            raise LabError(
                f"{owner}: no lab {name!r}, {nearest(name, known_labs())}, and no folder of this "
                f"name with {DEFINITION} beside {SETTINGS}"
            )
        if not folder.resolve().is_relative_to(path.parent.resolve()):
            raise LabError(f"{owner}: expected a folder beside {SETTINGS}, this one is outside")
        files.refuse_links(folder)
        found = Definition.read(folder)
    if cover.language not in found.file.languages:
        spoken = " or ".join(map(repr, found.file.languages))
        raise LabError(f"{path}: [lab]: language: expected {spoken}, received {cover.language!r}")
    return found


def _experiment(
    path: Path, name: str, content: Mapping[str, Any], definition: Definition
) -> Experiment:
    owner = f"{path}: [experiments.{name}]"
    if not re.fullmatch(r"[\w.+-]*\w", name):
        raise LabError(
            f"{owner}: expected a name of letters, digits and . _ + - only, received {name!r}"
        )
    command = f"nnbook lab run {shlex.quote(str(path.parent))}"
    resolve = definition.resolved(splits="split" not in content)
    return declared(content, name, owner, path.parent.resolve(), resolve).placed(
        path.parent / RESULTS, command
    )


def _refuse_ambiguous_names(path: Path, experiments: Mapping[str, Experiment]) -> None:
    names = Counter(experiments.keys())
    for item in experiments.values():
        names.update(item.configurations.keys())
    for name, count in names.items():
        if count > 1:
            raise LabError(
                f"{path}: expected different names for all experiments and configurations, "
                f"received {name!r} {count} times"
            )


def _reference(
    own_names: list[str], name: str, reference: str, owner: str, definition: Definition
) -> Configuration:
    """Return the configuration to compare with: of the lab's references, or of the book."""
    if name not in own_names:
        known = nearest(name, own_names) if own_names else "there are none"
        raise LabError(f"{owner}: no own configuration {name!r}, {known}")
    own, _, configuration = reference.partition("/")
    try:
        if configuration and own in definition.references:
            return definition.references[own][configuration]
        if configuration and definition.file.book and not own.endswith(".toml"):
            return experiment(own)[configuration]
    except SpecError as error:
        raise LabError(f"{owner}: {name}: {error}") from None
    lists = [*definition.references, *(["one of the book"] if definition.file.book else [])]
    raise LabError(
        f"{owner}: {name}: expected an experiment ({', '.join(lists) or 'the lab has none'}) and "
        f'one of its configurations, such as "experiment/configuration", received {reference!r}'
    )
