"""The report of a student's lab: from the folder to a PDF."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self, TypeVar

from nnbook import console
from nnbook.errors import LabError, NNBookError, nearest
from nnbook.lab import checks, files, manifest, tables
from nnbook.lab.answered import Answers
from nnbook.lab.answers import read_answers, read_statements
from nnbook.lab.characters import characters_of
from nnbook.lab.checks import Finding
from nnbook.lab.elements import Drawn, ReportElements, table_code
from nnbook.lab.folder import Lab, listed
from nnbook.lab.nodes import boxed, heading, paragraph
from nnbook.lab.pandoc import (
    Node,
    UnreadableError,
    Written,
    raw,
    write_typst,
)
from nnbook.lab.placeholders import BACKPROPAGATION, Placeholder, canonical
from nnbook.lab.preamble import preamble
from nnbook.lab.starter import write_starter
from nnbook.lab.typed import placeholders_in
from nnbook.lab.typst import (
    Setting,
    breakable,
    compile_pages,
    compile_pdf,
    problems_of,
    unprintable,
)
from nnbook.publishing.paper.code import Code, call

FONTS = (".ttf", ".otf", ".ttc")

T = TypeVar("T")


@dataclass(frozen=True)
class Document:
    """A report before it is set.

    Attributes
    ----------
    blocks : list of Node
        Its body, as pandoc's syntax tree.
    elements : ReportElements
        The tables and figures that it holds.
    answers : Answers
    """

    blocks: list[Node]
    elements: ReportElements
    answers: Answers


class Report:
    """A student's lab as a report; each method reads ``lab.toml`` and the answers again.

    Parameters
    ----------
    folder : Path or str
        The lab's folder, as `nnbook lab new` writes it.

    Raises
    ------
    LabError, SpecError
        If there is no lab, or its settings cannot be what they say.

    Examples
    --------
    >>> Report("examples/lab4").write("report.pdf")  # doctest: +SKIP
    PosixPath('report.pdf')
    """

    def __init__(self, folder: Path | str) -> None:
        self.lab = Lab.read(folder)
        self.warnings: list[str] = []
        """What the last `pdf` or `write` could not set as it should be."""
        self.findings: list[Finding] = []
        """What `check` finds, as of the last `pdf` or `write`."""
        self.answers = Answers()
        """The answers, as of the last `pdf` or `write`."""
        self._drawn: Drawn = {}

    @classmethod
    def new(cls, folder: Path | str, language: str | None = None, *, lab: str = "lab4") -> Self:
        """Write a folder to begin with, as `nnbook lab new` does, and return its report.

        Parameters
        ----------
        folder : Path or str
            New or empty.
        language : str, optional
            Of the files and of the report; by default the first that the lab speaks.
        lab : str
            A lab that comes with nnbook, or the folder of a definition.

        Raises
        ------
        LabError, SpecError
            If the folder has files already, or there is no such lab or language.
        """
        write_starter(Path(folder), language, lab=lab)
        return cls(folder)

    def run(self, *, workers: int = 1, quick: bool = False) -> None:
        """Train what is missing, with a progress bar, and put it on record in the lab's folder.

        Parameters
        ----------
        workers : int
            Number of processes to train in.
        quick : bool
            See that the experiments work: 1 repetition, at most 2 epochs, scikit-learn's digits in
            place of MNIST. It prints the results and keeps nothing.

        Raises
        ------
        NNBookError
            If a run fails, or a network is too large.
        """
        from nnbook.experiments import session
        from nnbook.experiments.record import Record
        from nnbook.experiments.store import ON_RECORD

        self._read_again()
        manifest.refuse_large_networks(self.lab)
        if quick:
            if console.train_quickly(list(self.lab.experiments.values()), workers):
                raise NNBookError("a quick run failed, for the reason above")
            return
        missing = [job for job, state in self.lab.states.items() if state not in ON_RECORD]
        failed = [
            f"{job}: {result}"
            for job, result in session.train_all(missing, workers)
            if not isinstance(result, Record)
        ]
        self.lab, self._drawn = Lab.read(self.lab.folder), {}
        if failed:
            raise NNBookError("\n".join(failed))

    def _read_again(self) -> None:
        """Read what may have been edited, or run in a terminal, meanwhile."""
        before, self.lab = self.lab, Lab.read(self.lab.folder)
        if _drawn_upon(before) != _drawn_upon(self.lab):
            self._drawn = {}

    def check(self) -> list[Finding]:
        """Return what is unanswered, missing, unreferenced or typed by hand.

        Raises
        ------
        LabError
            If the answers cannot be read.
        """
        self._read_again()
        document = self._document(None)
        written = self._written(document)
        with TemporaryDirectory(prefix="nnbook-fonts-") as name:
            self._add_fonts(Path(name))
            lacking = self._unprintable(written, Path(name))
        return self._findings(document, written.refused, lacking)

    def _written(self, document: Document, refused: dict[str, str] | None = None) -> Written:
        try:
            return write_typst(document.blocks, refused, document.answers.definitions)
        except UnreadableError as error:
            raise LabError(f"{self.lab.answers_path}: {error}") from None

    def _findings(self, document: Document, refused: dict[str, str], lacking: str) -> list[Finding]:
        return checks.findings(self.lab, document.answers, document.elements, refused, lacking)

    def _unprintable(self, written: Written, folder: Path) -> str:
        return unprintable(characters_of(preamble(self.lab) + written.code), folder)

    def pdf(self) -> bytes:
        """Return the report as PDF: the same bytes for the same folder.

        Raises
        ------
        LabError
            If it cannot be made.
        """
        with self._prepared() as (folder, document):
            setting, refused, lacking = self._set(document, folder, self._compiled)
        self.findings = self._findings(document, refused, lacking)
        self.warnings, self.answers = setting.warnings, document.answers
        return setting.pdf

    def pages(self, dots_per_inch: float = 100) -> list[bytes]:
        """Return the pages of the report as PNG pictures, to look at.

        Parameters
        ----------
        dots_per_inch : float
            Resolution.

        Raises
        ------
        LabError
            If it cannot be made.
        """
        with self._prepared() as (folder, document):
            pages, *_ = self._set(
                document, folder, lambda folder: compile_pages(folder, dots_per_inch)
            )
        return pages

    @contextmanager
    def _prepared(self) -> Iterator[tuple[Path, Document]]:
        """Give the report before it is set, and the folder with all that belongs to it."""
        self._read_again()
        with TemporaryDirectory(prefix="nnbook-report-") as name:
            folder = Path(name)
            document = self._document(folder)
            template = resources.files(__package__).joinpath("template.typ").read_text("utf-8")
            (folder / "template.typ").write_text(template, "utf-8")
            (folder / manifest.NAME).write_text(manifest.text(self.lab), "utf-8")
            self._add_fonts(folder)
            yield folder, document

    def _add_fonts(self, folder: Path) -> None:
        """Put the lab's own fonts where Typst finds them."""
        fonts = self.lab.folder / "fonts"
        files.refuse_links(fonts)
        for font in fonts.glob("*"):
            if font.suffix.lower() in FONTS and font.is_file():
                shutil.copy(font, folder)

    def _compiled(self, folder: Path) -> Setting:
        return compile_pdf(folder, self.lab.cover.date)

    def _set(
        self, document: Document, folder: Path, compiled: Callable[[Path], T]
    ) -> tuple[T, dict[str, str], str]:
        """Return what is compiled, and what is not printed as it should be.

        These are formulas that are printed as they were typed, with the reason, and characters.
        """
        written = self._written(document)
        lacking = self._unprintable(written, folder)

        def attempt() -> tuple[T, dict[str, str], str]:
            code = preamble(self.lab, lacking) + written.code
            (folder / "main.typ").write_text(code, "utf-8")
            return compiled(folder), written.refused, lacking

        try:
            return attempt()
        except LabError:
            # It may be a formula, of which one kind or other has been overlooked.
            start = '#import "template.typ": *\n'
            codes = [start + code for code in written.formulas.values()]
            problems = zip(written.formulas, problems_of(codes, folder), strict=True)
            bad = {latex: problem for latex, problem in problems if problem}
            if not bad:
                raise
        written = self._written(document, {**written.refused, **bad})
        return attempt()

    def write(self, path: Path | str | None = None) -> Path:
        """Write the report as PDF and return its path.

        Parameters
        ----------
        path : Path or str, optional
            By default ``report.pdf`` in the lab's folder.

        Raises
        ------
        LabError
            If it cannot be made or written, such as through a link.
        """
        target = Path(path) if path else self.lab.folder / "report.pdf"
        files.write(target, self.pdf())
        return target

    # The document

    def _document(self, folder: Path | None) -> Document:
        _ = self.lab.by_hand  # what is wrong with its file is no fault of the answers
        elements = ReportElements(self.lab, folder, self._drawn)
        answers = read_answers(self.lab, elements)
        blocks = [
            *answers.before,
            *self._exercises(answers, elements),
            *self._experiments(answers, elements),
            *answers.after,
            *self._runs(),
            *elements.own_results(),
        ]
        self._refuse_unknown_references(answers, elements)
        return Document(blocks, elements, answers)

    def _exercises(self, answers: Answers, elements: ReportElements) -> Iterator[Node]:
        words = self.lab.words
        asked = read_statements(self.lab, elements)
        titles = self.lab.definition.statements(self.lab.cover.language)
        for number, exercise in self.lab.definition.exercises.items():
            points = f" ({words.points(exercise.most_points)})" if exercise.most_points else ""
            yield heading(1, f"{words['exercise']} {number}: {titles[number][0]}{points}")
            yield from boxed(words["task"], asked[number])
            section = answers.sections[number]
            yield from section or [raw(call("unanswered", words["unanswered"]))]
            placed = BACKPROPAGATION[0] in elements.labels  # the forward pass is always among them
            if exercise.shows == "backpropagation" and not placed:
                yield from elements.block(Placeholder("backpropagation"))

    def _experiments(self, answers: Answers, elements: ReportElements) -> Iterator[Node]:
        """Yield all that is on record and not placed by the answers."""
        lab, words = self.lab, self.lab.words
        yield heading(1, words["experiments"])
        if not lab.experiments:
            yield raw(call("unanswered", words["no_experiments"]))
            return
        yield paragraph(words["experiments_intro"])
        for name, item in lab.experiments.items():
            yield heading(2, f"{item.title} ({name})")
            yield paragraph(item.question)
            above = [label for label in elements.labels if label not in answers.labels_after]
            yield from self._shown_above(name, above)
            yield from self._unless_placed(
                elements, [Placeholder("settings", name), Placeholder("table", name)]
            )
            curves = Placeholder("figure", name, "learning-curves")
            single = [Placeholder("figure", own, "learning-curves") for own in item.configurations]
            if not any(placed.label in elements.labels for placed in single):
                yield from self._unless_placed(elements, [curves])
            for own, configuration in item.configurations.items():
                if configuration.settings.get("probes") and lab.results[own].finished:
                    kinds = ("weights", "histograms") if configuration.keep_weights else ()
                    yield from self._unless_placed(
                        elements, [Placeholder("figure", own, kind) for kind in kinds]
                    )
        if lab.compare and "comparison" not in elements.labels:
            yield heading(2, words["comparison_title"])
            yield from elements.block(Placeholder("comparison"))

    def _shown_above(self, name: str, above: list[str]) -> Iterator[Node]:
        """Yield references to what the answers show of an experiment."""
        names = {name, *self.lab.members(name)}
        labels = [label for label in above if names & set(listed(label.rpartition(":")[2]))]
        if labels:
            references = ", ".join(call("reference", label) for label in labels)
            yield raw(f"{self.lab.words['shown_above']} {references}.")

    def _unless_placed(self, elements: ReportElements, wanted: list[Placeholder]) -> Iterator[Node]:
        for placeholder in wanted:
            if placeholder.label not in elements.labels:
                yield from elements.block(placeholder)

    def _runs(self) -> Iterator[Node]:
        words = self.lab.words
        blocks = list(tables.run_blocks(self.lab))
        if not blocks:
            return
        yield heading(1, words["runs"])
        yield paragraph(words["runs_intro"])
        for name, settings, versions, table in blocks:
            code = Code(table_code(table, small=True))
            facts = f"{breakable(settings)}."
            libraries = f"{words['versions']}: {breakable(versions)}"
            yield raw(call("runs", breakable(name), facts, code, libraries))

    def _refuse_unknown_references(self, answers: Answers, elements: ReportElements) -> None:
        known = [*elements.labels, *answers.pictures]
        for found in placeholders_in(self.lab.answers_text()):
            name = canonical(found.text.partition(":")[2].strip())
            if found.text.startswith("ref") and name in elements.references and name not in known:
                problem = (
                    "it stands in a line; only a picture with a paragraph of its own has a number"
                    if name in answers.in_lines
                    else f"no such table or figure, {nearest(name, known)}"
                )
                raise LabError(
                    f"{self.lab.answers_path}: line {found.line}: {{{{ {found.text} }}}}: {problem}"
                )


def _drawn_upon(lab: Lab) -> tuple[object, ...]:
    """Return what pictures depend on besides runs: words, and what the lab calls its axes."""
    return lab.cover.language, lab.words.content, lab.definition.file.data
