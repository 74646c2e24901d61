"""A lab as its course defines it: a folder with ``definition.toml``, and texts in each language.

::

    definition.toml             exercises, points, data, networks, references
    LANGUAGE/statements.md      what the exercises ask: headings with numbers and titles, and texts
    LANGUAGE/lab.toml           what a student begins with; DATE and DEFINITION are filled in
    LANGUAGE/answers.md
    LANGUAGE/step.toml          gaps for what is computed by hand, if the lab has such a step
    LANGUAGE/words.toml         only for a language that the package does not know

Data and reference experiments lie beside them. Nothing of a lab is in the code of the package.
"""

import hashlib
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from nnbook import project
from nnbook.errors import DataError, LabError, NNBookError, SpecError, nearest
from nnbook.experiments import Configuration, Experiment
from nnbook.experiments.catalogue import declared
from nnbook.lab import files
from nnbook.lab.backpropagation import Step
from nnbook.lab.language import Words, known_languages
from nnbook.lab.tasks import DefinitionFile, Exercise, Rule
from nnbook.schema import MOST_BYTES, parse, parse_toml
from nnbook.training.datasets import DataSet, data_set
from nnbook.training.flat import beside, merged

DEFINITION = "definition.toml"
HEADING = re.compile(r"^# +(\S+)(.*)$", re.MULTILINE)


def plain_number(number: str) -> str:
    """Return the number of an exercise as it is compared: ``A.3)`` is ``a3``."""
    return re.sub(r"\W", "", number).casefold()


@dataclass(frozen=True)
class Definition:
    """A lab as its course defines it.

    Attributes
    ----------
    path : Path
        Its ``definition.toml``.
    file : DefinitionFile
        What it says.
    """

    path: Path
    file: DefinitionFile

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a definition.

        Parameters
        ----------
        folder : Path
            Of the definition, or its ``definition.toml``.

        Raises
        ------
        LabError, SpecError
            If there is none, or it cannot be what it says: file and key.
        """
        path = folder if folder.name == DEFINITION else folder / DEFINITION
        try:
            content = parse_toml(files.read_text(path, MOST_BYTES), path, LabError)
        except FileNotFoundError:
            raise LabError(
                f"{path}: no such file; expected the folder of a lab's definition, or one of those "
                f"that come with nnbook: {', '.join(known_labs())}"
            ) from None
        found = cls(path, parse(DefinitionFile, content, str(path)))
        for problem in found._problems():
            raise LabError(f"{path}: {problem}")
        _ = found.step
        for language in found.file.languages:
            found.statements(language)
            _ = found.words(language).content
        return found

    @classmethod
    def find(cls, name: str) -> Self:
        """Return one that comes with nnbook, or the one at a path."""
        return cls.read(project.labs() / name if name in known_labs() else Path(name))

    def _problems(self) -> Iterator[str]:
        """Yield what contradicts itself."""
        file = self.file
        numbers: dict[str, str] = {}
        for exercise in file.exercise:
            other = numbers.setdefault(plain_number(exercise.number), exercise.number)
            if list(numbers.values()).count(other) and other != exercise.number:
                yield f"exercise: {other!r} and {exercise.number!r} are the same number in headings"
            owner = f"exercise {exercise.number}"
            if [item.number for item in file.exercise].count(exercise.number) > 1:
                yield f"{owner}: is there twice"
            total = sum(rule.points for rule in exercise.rubric)
            if exercise.rubric and total != exercise.most_points:
                yield f"{owner}: points: its rubric gives {total:g}, not {exercise.most_points:g}"
            if exercise.shows and not file.backpropagation:
                yield f"{owner}: shows: there is no table [backpropagation]"
            for rule in exercise.rubric:
                yield from self._problems_of_rule(rule, owner)
        for name, data in file.data.items():
            if not isinstance(data.source.get("name"), str):
                yield f"data.{name}.source: name: missing; such as {{ name = 'csv', ... }}"
            path = data.source.get("path", ".")
            if isinstance(path, str) and not self._is_inside(path):
                yield f"data.{name}.source: path: expected no file outside, as {path!r} is"

    def _problems_of_rule(self, rule: Rule, owner: str) -> Iterator[str]:
        file = self.file
        if rule.data and rule.data not in file.data:
            yield f"{owner}: rubric: no data {rule.data!r}, {self._known_data(rule.data)}"
        if rule.rule == "value" and not rule.metric:
            yield f"{owner}: rubric: value needs a metric"
        if missing := set(file.languages) - rule.says.keys():
            yield f"{owner}: rubric: says: missing in {', '.join(sorted(missing))}"
        asked = file.backpropagation.entered.quantities if file.backpropagation else []
        if rule.rule == "step" and not asked:
            yield f"{owner}: rubric: step: there is no table [backpropagation]"
        if unknown := set(rule.quantities).difference(asked):
            yield f"{owner}: rubric: quantities: not entered: {', '.join(sorted(unknown))}"

    @cached_property
    def step(self) -> Step | None:
        """The step that is computed by hand, if the lab has one.

        Raises
        ------
        LabError
            If it is none.
        """
        try:
            return Step(self.file.backpropagation) if self.file.backpropagation else None
        except LabError as error:
            raise LabError(f"{self.path}: {error}") from None

    def _is_inside(self, path: str) -> bool:
        folder = self.folder.resolve()
        return (folder / path).resolve().is_relative_to(folder)

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.path.parent

    @property
    def name(self) -> str:
        """What it is called: its folder's name."""
        return self.folder.resolve().name

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that it says, in hex."""
        found = hashlib.sha256(files.read_text(self.path, MOST_BYTES).encode())
        for language in sorted(self.file.languages):
            found.update(files.read_text(self._statements_path(language), MOST_BYTES).encode())
        return found.hexdigest()

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises by number, in the order of the report."""
        return {exercise.number: exercise for exercise in self.file.exercise}

    def words(self, language: str) -> Words:
        """Return the words of a language that the definition speaks."""
        own = self.folder / language / "words.toml"
        if own.is_file() or language not in known_languages():
            return Words(language, own)
        return Words(language)

    # Statements

    def _statements_path(self, language: str) -> Path:
        return self.folder / language / "statements.md"

    def statements(self, language: str) -> dict[str, tuple[str, str]]:
        """Return title and text (Markdown) of each exercise by number.

        Raises
        ------
        LabError
            If one is missing, or there twice.
        """
        path = self._statements_path(language)
        try:
            text = files.read_text(path, MOST_BYTES)
        except FileNotFoundError:
            raise LabError(
                f"{path}: missing; {DEFINITION} has languages = {self.file.languages}"
            ) from None
        found: dict[str, tuple[str, str]] = {}
        heads = list(HEADING.finditer(text))
        by_plain = {plain_number(number): number for number in self.exercises}
        for head, after in zip(heads, [*heads[1:], None], strict=True):
            line = text[: head.start()].count("\n") + 1
            number = by_plain.get(plain_number(head[1]))
            if number is None or number in found:
                what = "is there twice" if number else nearest(head[1], self.exercises)
                raise LabError(f"{path}: line {line}: exercise {head[1]!r}: {what}")
            title = head[2].strip(" #")
            found[number] = title, text[head.end() : after.start() if after else None].strip()
        for number in self.exercises:
            if number not in found or not found[number][1]:
                raise LabError(f"{path}: exercise {number!r} has no text; begin it with # {number}")
        return found

    # Data and networks

    def _known_data(self, name: str) -> str:
        return nearest(name, self.file.data) if self.file.data else "the lab has none"

    def resolved(self, *, splits: bool) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
        """Return what turns names of data and networks of the lab into what they stand for.

        Parameters
        ----------
        splits : bool
            Whether the data say how they are split.
        """

        def resolve(settings: Mapping[str, Any]) -> Mapping[str, Any]:
            rest = dict(settings)
            if (network := rest.pop("network", None)) is not None:
                if network not in self.file.networks:
                    raise SpecError(
                        f"network: the lab has no {network!r}, "
                        f"{nearest(str(network), self.file.networks)}"
                    )
                rest = merged(self.file.networks[network], rest)
            name = rest.pop("data", None)
            if "data.path" in rest:  # a student's own file
                return {"data": name, **rest}
            if name not in self.file.data:
                received = "none" if name is None else repr(name)
                raise SpecError(
                    f"data: expected one of the lab's ({', '.join(self.file.data)}) or a file of "
                    f"your own, received {received}"
                )
            data = self.file.data[name]
            if splits and data.split is not None:
                rest.setdefault("split", data.split)
            return merged(self._source(name), rest)

        return resolve

    def _source(self, name: str) -> Mapping[str, Any]:
        """Return the settings of a data set of the lab, whose file is what it should be."""
        data = self.file.data[name]
        settings = beside(self.folder.resolve(), {"data": data.source})
        if data.sha256:
            received = self.digest_of(name)
            if received != data.sha256:
                raise SpecError(
                    f"{self.path}: data.{name}.sha256: expected {data.sha256[:16]}..., the file "
                    f"has {received[:16]}...; put the course's file in its place"
                )
        return settings

    def digest_of(self, name: str) -> str:
        """Return the SHA-256 of what a data set of the lab holds."""
        try:
            return self._data_set(name).digest
        except NNBookError as error:
            raise SpecError(f"{self.path}: data.{name}.source: {error}") from None

    def load(self, name: str) -> None:
        """Load a data set of the lab, so that it is on this machine.

        Raises
        ------
        DataError
            If it cannot be.
        """
        self._data_set(name).load(0)

    def _data_set(self, name: str) -> DataSet:
        source = dict(self.file.data[name].source)
        if isinstance(source.get("path"), str):
            source["path"] = str(self.folder.resolve() / source["path"])
        return data_set(str(source.pop("name")), **source)

    @property
    def data_files(self) -> dict[str, Path]:
        """The files of the lab's data by name, with the folders that they are in."""
        paths = [data.source.get("path") for data in self.file.data.values()]
        found = [self.folder.resolve() / path for path in paths if isinstance(path, str)]
        return {path.name: path for path in found}

    def data_of(self, configuration: Configuration) -> str:
        """Return which data set of the lab a configuration is trained on; empty if it is none."""
        wanted = configuration.run(configuration.seeds[0]).data.digest
        for name in self.file.data:
            try:
                if self.digest_of(name) == wanted:
                    return name
            except (SpecError, DataError):
                continue
        return ""

    # References

    @cached_property
    def references(self) -> dict[str, Experiment]:
        """The course's own experiments to compare with, by name."""
        found = {}
        command = f"nnbook lab run {shlex.quote(str(self.folder))}"
        for file in self.file.references:
            path = self.folder / file
            if not self._is_inside(file):
                raise LabError(f"{self.path}: references: expected no file outside, as {file!r} is")
            try:
                content = parse_toml(files.read_text(path, MOST_BYTES), path, LabError)
            except FileNotFoundError:
                raise LabError(f"{self.path}: references: {path} is missing") from None
            resolve = self.resolved(splits="split" not in content)
            item = declared(content, path.stem, str(path), self.folder.resolve(), resolve)
            found[path.stem] = item.placed(path.parent / "results", command)
        return found


def known_labs() -> list[str]:
    """Return the names of the labs that come with nnbook."""
    return sorted(path.parent.name for path in project.labs().glob(f"*/{DEFINITION}"))
