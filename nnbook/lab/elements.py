"""What placeholders turn into: tables, figures, values and references, as Typst."""

from pathlib import Path

from nnbook.errors import DataError, LabError, RecordError
from nnbook.experiments import Runs
from nnbook.lab import data_pictures, overviews, own_shown, pictures, tables
from nnbook.lab.folder import Lab
from nnbook.lab.listings import read_listing
from nnbook.lab.nodes import heading, paragraph
from nnbook.lab.pandoc import (
    DISPLAY,
    Node,
    formula_nodes,
    raw,
    raw_inline,
    string,
)
from nnbook.lab.placeholders import (
    BACKPROPAGATION,
    OF_DATA,
    PARAMETERS,
    Placeholder,
    setting_text,
    value_text,
)
from nnbook.lab.step_tables import MathRows, StepTables
from nnbook.lab.tables import TextTable
from nnbook.lab.typst import breakable
from nnbook.publishing.paper.code import Code, call, literal

LOSSES = {
    "half_sse": "L = ½ Σ (ŷ − y)²",
    "sse": "L = Σ (ŷ − y)²",
    "mse": "L = (1/n) Σ (ŷ − y)²",
}
"""What captions call the losses of exercise 2a."""

Drawn = dict[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], pictures.Picture]
"""Pictures by kind and by the keys of the runs that each configuration in them has."""

CAPTIONS = {
    "learning-curves": "curves",
    "loss-and-accuracy": "loss_accuracy",
}
"""By kind of figure: the caption that is called otherwise."""

WIDTHS = {"weights": "100%", "loss-and-accuracy": "92%", "inputs": "92%", "predicted": "62%"}
"""By kind of figure: how wide it is; the text in it is then as large as in a caption."""


class ReportElements:
    """Makes the parts of a report and remembers which there are.

    Parameters
    ----------
    lab : Lab
    folder : Path, optional
        Where Typst will find pictures; without it none is drawn.
    drawn : dict, optional
        Pictures of runs that were drawn before, to which those that are drawn now are added.

    Attributes
    ----------
    labels : list of str
        Of the tables and figures made so far.
    references : list of str
        Labels that the text refers to.
    missing : list of str
        What is asked for and not on record, each after its place.
    """

    def __init__(self, lab: Lab, folder: Path | None = None, drawn: Drawn | None = None) -> None:
        self.lab = lab
        self.labels: list[str] = []
        self.references: list[str] = []
        self.missing: list[str] = []
        self._folder = folder
        self._drawn = {} if drawn is None else drawn
        self._pictures = 0

    def block(self, placeholder: Placeholder) -> list[Node]:
        """Return a table or a figure.

        Raises
        ------
        LabError
            If it is there already.
        """
        label = placeholder.label
        if (first := placeholder.labels[0]) in self.labels:
            raise LabError(f"it is there twice; refer to it with {{{{ ref:{first} }}}}")
        if placeholder.kind == "backpropagation":
            return self._by_hand()
        self.labels += placeholder.labels
        match placeholder.kind:
            case "comparison":
                return [self._comparison()]
            case "own" | "own-curves":
                return [self._own(placeholder)]
            case "listing":
                return [self._listing(placeholder)]
            case "settings" | "layers" as kind:
                members = self.lab.members(placeholder.name)
                caption = self._caption(kind, placeholder.name)
                table = {"settings": tables.settings, "layers": tables.layers}[kind]
                return [self._table(table(members, self.lab.words), caption, label)]
        return [self._of_runs(placeholder)]

    def _of_runs(self, placeholder: Placeholder) -> Node:
        """Return a table or a figure of results; a figure of the data needs none."""
        if placeholder.figure in OF_DATA:
            return self._figure(placeholder, dict(self.lab.chosen(placeholder.name)))
        runs = {
            name: some for name, some in self.lab.chosen(placeholder.name).items() if some.records
        }
        if not runs or not any(some.finished for some in runs.values()):
            return self._not_there(placeholder, placeholder.label, "missing-block")
        finished = {name: some for name, some in runs.items() if some.finished}
        words, name = self.lab.words, placeholder.name
        match placeholder.kind:
            case "figure":
                return self._figure(placeholder, finished)
            case "table":
                table, caption = tables.results(runs, words), self._caption("results", name)
            case "best":
                setting = placeholder.quantity
                table = overviews.best(finished, setting, words)
                caption = self._caption("best", name, setting=words.setting(setting))
            case kind:
                transposed = kind == "overview-transposed"
                table = overviews.overview(runs, words, transposed=transposed)
                caption = self._caption("overview", name)
        return self._table(table, caption, placeholder.label)

    def _own(self, placeholder: Placeholder) -> Node:
        words, name = self.lab.words, placeholder.name
        results = self.lab.own[name]
        key, facts = placeholder.kind.replace("-", "_"), own_shown.facts(results, words)
        caption = breakable(words.fill(f"{key}_caption", title=name, facts=facts))
        if placeholder.kind == "own":
            return self._table(own_shown.table(results, words), caption, placeholder.label)
        picture, alt = "", ""
        if self._folder:
            drawn = own_shown.curves(results, words)
            picture, alt = self.add_picture(drawn.svg, ".svg"), drawn.alt
        named = {"caption": caption, "name": placeholder.label, "width": Code("92%")}
        return raw(call("picture", picture, alt=alt, **named))

    def own_results(self) -> list[Node]:
        """Return the list of all results of own code, and that nobody can repeat them."""
        words = self.lab.words
        if not self.lab.own:
            return []
        code = Code(table_code(own_shown.listing(self.lab.own, words), small=True))
        return [
            heading(1, words["own_results"]),
            paragraph(words["own_intro"]),
            raw(f"#{code}"),
        ]

    def _listing(self, placeholder: Placeholder) -> Node:
        listing = read_listing(self.lab.folder, placeholder.name)
        key = "lines_caption" if listing.lines else "listing_caption"
        lines = listing.lines.replace("-", "–")
        caption = self.lab.words.fill(key, path=breakable(listing.path), lines=lines)
        lang = listing.language or None
        return raw(
            call("listing", listing.text, lang=lang, caption=caption, name=placeholder.label)
        )

    def _caption(self, kind: str, name: str, **more: object) -> str:
        return self.lab.words.fill(f"{kind}_caption", title=self.lab.title_of(name), **more)

    def _not_there(self, placeholder: Placeholder, label: str, function: str) -> Node:
        self._miss(placeholder, label)
        content = call(function, self.lab.words.fill("missing", what=label))
        if function == "missing":
            return raw_inline(content)
        # A reference to it must lead somewhere.
        alt = literal(self.lab.words.fill("missing", what=label))
        figure = f"figure({content.strip('#;')}, kind: table, alt: {alt})"
        return raw(f"#named({figure}, {literal(label)});")

    def _miss(self, placeholder: Placeholder, what: str) -> None:
        line, lab = placeholder.line, self.lab
        self.missing.append(f"{lab.place(line) if line else lab.declared(placeholder.name)}{what}")

    def _table(self, table: TextTable, caption: str, label: str) -> Node:
        return raw(call("table-figure", Code(table_code(table)), caption=caption, name=label))

    def _comparison(self) -> Node:
        words = self.lab.words
        return self._table(tables.comparison(self.lab), words["comparison_caption"], "comparison")

    def _figure(self, placeholder: Placeholder, runs: dict[str, Runs]) -> Node:
        kind, of_data = placeholder.figure, placeholder.figure in OF_DATA
        first = next(iter(runs.values()))
        seed = first.configuration.seeds[0] if of_data else pictures.first_seed(first)
        named = CAPTIONS.get(kind, kind)
        if kind == "images" and first.configuration.run(seed).data.facts.classes:
            named = "images_by_class"
        caption = self._caption(named, placeholder.name, seed=seed)
        name, alt = "", ""
        if self._folder:
            picture = self._picture(kind, runs)
            name, alt = self.add_picture(picture.svg, ".svg"), picture.alt
        width = Code(WIDTHS.get(kind, "85%"))
        return raw(
            call("picture", name, alt=alt, caption=caption, name=placeholder.label, width=width)
        )

    def _picture(self, kind: str, runs: dict[str, Runs]) -> pictures.Picture:
        """Draw runs, unless the same runs were drawn before."""
        keys = tuple((n, tuple(r.key for r in some.records.values())) for n, some in runs.items())
        try:
            if (kind, keys) not in self._drawn:
                self._drawn[kind, keys] = self._draw(kind, runs)
        except RecordError as error:
            reason = str(error).partition("; `nnbook run")[0]
            raise LabError(
                f"{reason}; `nnbook lab run {self.lab.folder}` may make it anew"
            ) from None
        except DataError as error:
            raise LabError(f"{{{{ figure:{kind} }}}}: {error}") from None
        return self._drawn[kind, keys]

    def _draw(self, kind: str, runs: dict[str, Runs]) -> pictures.Picture:
        if kind in data_pictures.DRAWN:
            axes = self.lab.axes_of(next(iter(runs.values())).configuration)
            return data_pictures.DRAWN[kind](runs, self.lab.words, axes)
        return pictures.DRAWN[kind](runs, self.lab.words)

    def add_picture(self, content: bytes, ending: str) -> str:
        """Put a picture where Typst finds it, and return its name there."""
        self._pictures += 1
        name = f"picture-{self._pictures}{ending}"
        if self._folder:
            (self._folder / name).write_bytes(content)
        return name

    def inline(self, placeholder: Placeholder) -> Node:
        """Return a value or a reference."""
        if placeholder.kind == "ref":
            self.references.append(placeholder.name)
            return raw_inline(call("reference", placeholder.name))
        text = self._value(placeholder)
        if text is None:
            return self._not_there(placeholder, _asked(placeholder), "missing")
        return string(text)

    def _value(self, placeholder: Placeholder) -> str | None:
        if placeholder.quantity == PARAMETERS:
            [count] = map(tables.parameters, self.lab.members(placeholder.name).values())
            return self.lab.words.count(count)
        return value_text(placeholder, self.lab)

    def formula(self, placeholder: Placeholder) -> str:
        """Return a value as LaTeX."""
        text = self._value(placeholder)
        if text is None:
            self._miss(placeholder, _asked(placeholder))
            return r"\text{[?]}"
        return r"\text{" + text.replace("%", r"\%") + "}"

    def _by_hand(self) -> list[Node]:
        """Return the tables of what was computed by hand; one that has no values is left out."""
        words, step, by_hand = self.lab.words, self.lab.definition.step, self.lab.by_hand
        assert step and by_hand
        loss = LOSSES.get(by_hand.loss, words.value(by_hand.loss)) if by_hand.states_loss else "[?]"
        rate = "η" if step.rate is None else setting_text(float(step.rate), words)
        made = StepTables(step, by_hand, words.marks)
        captions = (
            words["forward_caption"],
            words.fill("backward_caption", loss=loss),
            words.fill("step_caption", rate=rate),
        )
        nodes = []
        for label, caption, (header, rows) in zip(
            BACKPROPAGATION, captions, (made.forward(), made.backward(), made.after()), strict=True
        ):
            if rows:
                self.labels.append(label)
                nodes.append(self._math_table(header, rows, caption, label))
        return nodes

    def _math_table(self, header: list[str], rows: MathRows, caption: str, label: str) -> Node:
        inlines = [raw_inline("#table-figure(math-table((")]
        for cell in header:
            inlines += _math_cell(cell)
        inlines.append(raw_inline("), "))
        for row in rows:
            for cell in row:
                inlines += _math_cell(cell)
        end = f"), caption: {literal(caption)}, name: {literal(label)});"
        return {"t": "Para", "c": [*inlines, raw_inline(end)]}


def _asked(value: Placeholder) -> str:
    return f"value:{value.name}.{value.quantity}.{value.statistic}"


def _math_cell(formula: str) -> list[Node]:
    if not formula:
        return [raw_inline("[], ")]
    return [raw_inline("["), *formula_nodes(formula, DISPLAY, "plain-formula"), raw_inline("], ")]


def table_code(table: TextTable, *, small: bool = False) -> str:
    """Return the Typst code of a table of texts."""
    rows = [[breakable(cell) for cell in row] for row in table.rows]
    header = [breakable(cell) for cell in table.header]
    code = call(
        "text-table",
        header=header,
        rows=rows,
        words=table.words,
        lines=list(table.lines),
        note=table.note and [breakable(cell) for cell in table.note],
        small=small,
    )
    return code.strip("#;")
