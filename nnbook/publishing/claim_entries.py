"""An entry of the list of claims: all that stands behind a claim, which is also its card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes

from nnbook.project import relative
from nnbook.publishing.claim_dots import plots

if TYPE_CHECKING:
    from nnbook.evidence.claims import Checked
    from nnbook.publishing.claim_sources import Use

_MOST_RECORDS = 40
"""Up to how many records of a configuration each has a link of its own."""


class claim_place(nodes.inline):  # noqa: N801 - docutils names nodes in this way
    """A link to a sentence that uses a claim."""


@dataclass(frozen=True)
class Entry:
    """What is known of a claim, for the list.

    Attributes
    ----------
    sentence : str
        The statement, in Markdown.
    values, verdicts, notes : list of str
        Lines of Markdown.
    sources, plots : list of str
        For each value, which records it rests on, and a plot as SVG.
    files : str
        Links to the experiment files and the records, as HTML.
    """

    sentence: str
    values: list[str]
    verdicts: list[str]
    notes: list[str]
    sources: list[str]
    plots: list[str]
    files: str

    @property
    def markdown(self) -> str:
        """Statement and lists, without plots and files."""
        lines = [*self.values, *self.verdicts, *self.notes]
        return "\n".join([self.sentence, "", *(f"- {line}" for line in lines)])


def label(name: str) -> str:
    """Return the label of the entry of a claim."""
    return f"claim-{name}"


def entry(checked: Checked, repository: str) -> Entry:
    """Return the entry of a claim.

    Parameters
    ----------
    checked : Checked
    repository : str
        Address below which the files of the repository are shown; empty if they are not.
    """
    drawn = plots(checked.estimates)
    return Entry(
        checked.sentence,
        [f"*{name}*: {value:full}" for name, value in checked.estimates.items()],
        [f"`{verdict.relation}`: {_plain(str(verdict))}" for verdict in checked.verdicts],
        list(_notes(checked)),
        [value.what for value in checked.estimates.values()],
        [f'<span data-value="{name}">{drawn.get(name, "")}</span>' for name in checked.estimates],
        _files(checked, repository) if repository else "",
    )


def complete(parsed: Sequence[nodes.Node], shown: Entry, uses: Sequence[Use]) -> None:
    """Put plots, places and files into what the Markdown of an entry was parsed to."""
    items = parsed[-1]
    assert isinstance(items, nodes.bullet_list)
    for item, source, plot in zip(items, shown.sources, shown.plots, strict=False):
        assert isinstance(item, nodes.list_item) and isinstance(item[0], nodes.paragraph)
        item[0].append(nodes.inline("", source, classes=["nnb-source"]))
        item.append(nodes.raw("", plot, format="html"))
    if uses:
        items += nodes.list_item("", nodes.paragraph("", "used in: ", *_places(uses)))
    if shown.files:
        items += nodes.list_item("", nodes.raw("", shown.files, format="html"))


def _places(uses: Sequence[Use]) -> Iterator[nodes.Node]:
    before = ""
    for number, use in enumerate(uses):
        if number:
            yield nodes.Text("; ")
        text = "and again" if use.place == before else use.place
        yield claim_place("", text, page=use.page, anchor=use.anchor)
        before = use.place


def _plain(text: str) -> str:
    return text.replace("*", r"\*")  # a wildcard, no emphasis


def _notes(checked: Checked) -> Iterator[str]:
    """Yield what else a reader should know of a claim."""
    heading = checked.claim.heading
    for one in checked.beside:
        otherwise = ", other than the accuracy" if one.says_otherwise else ""
        names = f"`{one.relation.left}`, beside `{one.relation.right}`"
        yield f"{one.part} loss of {names}{otherwise}: {_plain(str(one.verdict))}"
    yield f"speaks of: {'; '.join(checked.populations)}"
    if heading.exploratory:
        yield "**exploratory**: a comparison holds alone, but not among all of its family"
    if heading.selected_on:
        parts = " and ".join(heading.selected_on)
        yield f"**selected**: a setting was chosen on these {parts} figures, which flatters it"
    if heading.because == "conjecture":
        yield "the cause that it names is a **conjecture**"
    elif heading.because is not None:
        name = heading.because.measured
        yield f"the cause that it names is measured in [](#{label(name)})"
    if heading.family:
        yield f"family *{heading.family}*: {checked.claim.families[heading.family].reason}"
    for relation in checked.claim.holds:
        if relation.sign == "~" and isinstance(relation.by, str):
            yield f"margin *{relation.by}*: {checked.claim.margins[relation.by].reason}"
            break


def _files(checked: Checked, repository: str) -> str:
    """Return folded links to what a claim is checked from."""

    def link(path: str, text: str) -> str:
        return f'<a class="reference external" href="{repository}/{path}">{escape(text)}</a>'

    lines = [link(relative(checked.claim.source), f"the claim, in {checked.claim.source.name}")]
    experiments: dict[str, dict[str, Mapping[int, Any]]] = {}
    for (experiment, configuration), runs in checked.sources.items():
        experiments.setdefault(experiment, {})[configuration] = runs.records
    for experiment, configurations in experiments.items():
        file = link(f"data/experiments/{experiment}.toml", f"experiment {experiment}")
        table = link(f"data/results/index/{experiment}.csv", "all its records")
        lines.append(f"{file}, {table}")
        if sum(map(len, configurations.values())) <= _MOST_RECORDS:
            for configuration, records in configurations.items():
                seeds = " ".join(
                    link(relative(record.path), f"seed\N{NO-BREAK SPACE}{seed}")
                    for seed, record in records.items()
                )
                lines.append(f"{escape(configuration)}: {seeds}")
    items = "".join(f"<li>{line}</li>" for line in lines)
    return (
        f'<details class="nnb-files"><summary>Records and files</summary><ul>{items}</ul></details>'
    )
