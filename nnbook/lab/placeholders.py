"""Placeholders: what stands in an answer for a number, a table or a figure on record.

``{{ table:NAME }}``, ``{{ settings:NAME }}``, ``{{ layers:NAME }}``, ``{{ figure:KIND:NAME }}``,
``{{ comparison }}``, ``{{ backpropagation }}`` stand in a paragraph of their own,
``{{ value:NAME.METRIC }}`` and ``{{ ref:... }}`` inside a text.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import LabError, nearest
from nnbook.experiments import Configuration, Runs
from nnbook.experiments.statistics import summarize
from nnbook.lab.folder import Lab
from nnbook.lab.language import Words
from nnbook.metrics import RECORDED
from nnbook.training.datasets import DataSet
from nnbook.training.spec import setting_names

FIGURES = ("learning-curves", "weights", "histograms", "fit")
OWN_PARAGRAPH = ("table", "settings", "layers", "figure", "comparison", "backpropagation")
KINDS = (*OWN_PARAGRAPH, "value", "ref")
PARAMETERS = "parameters"
OWN_NAMES = ("data.columns", "data.target", "data.path")
STATISTICS = ("mean", "sd", "n", "interval", "full", "min", "max", "median")


@dataclass(frozen=True)
class Placeholder:
    """What an answer asks for.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    name : str
        Of an experiment or a configuration; of a reference: the label that it refers to.
    figure : str
        Which figure, one of `FIGURES`.
    quantity : str
        Of a value: a metric or a setting.
    statistic : str
        Of a value: one of `STATISTICS`.
    """

    kind: str
    name: str = ""
    figure: str = ""
    quantity: str = ""
    statistic: str = "mean"

    @property
    def label(self) -> str:
        """What a reference calls this table or figure."""
        return ":".join(part for part in (self.kind, self.figure, self.name) if part)

    @property
    def sort(self) -> str:
        """What a lab calls it that asks for such a thing (see `nnbook.lab.tasks.Needed`)."""
        return ":".join(part for part in (self.kind, self.figure) if part)

    @property
    def needs_own_paragraph(self) -> bool:
        """Whether it is a table or a figure."""
        return self.kind in OWN_PARAGRAPH


def parse(text: str, lab: Lab) -> Placeholder:
    """Return the placeholder that `text` (without braces) is.

    Raises
    ------
    LabError
        If it is none, with the nearest that is known.
    """
    kind, _, rest = (part.strip() for part in text.partition(":"))
    if kind not in KINDS:
        raise LabError(f"unknown placeholder {kind!r}, {nearest(kind, KINDS)}")
    match kind:
        case "comparison" | "backpropagation" if rest:
            raise LabError(f"expected {{{{ {kind} }}}} alone, received {rest!r} after it")
        case "comparison" if not lab.compare:
            raise LabError("comparison: lab.toml has no table [compare]")
        case "backpropagation" if not lab.backpropagation:
            raise LabError("backpropagation: lab.toml has no table [backpropagation]")
        case "comparison" | "backpropagation":
            return Placeholder(kind)
        case "table" | "settings" | "layers":
            lab.members(rest)
            return Placeholder(kind, rest)
        case "figure":
            return _figure(rest, lab)
        case "value":
            return _value(rest, lab)
        case _:
            return Placeholder(kind, rest)


def _figure(rest: str, lab: Lab) -> Placeholder:
    figure, _, name = (part.strip() for part in rest.partition(":"))
    if figure not in FIGURES:
        raise LabError(f"unknown figure {figure!r}, {nearest(figure, FIGURES)}")
    members = lab.members(name)
    if figure == "fit":
        shown = {_data(member).digest for member in members.values()}
        if len(shown) > 1 or any(_data(member).curve(0) is None for member in members.values()):
            raise LabError(
                f"figure:fit: only with data in which one quantity depends on one other, the same "
                f"for all configurations; {name!r} has none"
            )
    if figure in ("weights", "histograms"):
        if name not in lab.configurations:
            raise LabError(f"figure:{figure}: expected a configuration, received {name!r}")
        if not members[name].settings.get("probes"):
            raise LabError(
                f"figure:{figure}: {name!r} keeps no weights of the first layer; "
                f"give it probes = true in lab.toml"
            )
    return Placeholder("figure", name, figure)


def _data(configuration: Configuration) -> DataSet:
    return configuration.run(configuration.seeds[0]).data


def _value(rest: str, lab: Lab) -> Placeholder:
    matching = [name for name in lab.configurations if rest.startswith(f"{name}.")]
    if not matching:
        name, dot, _ = rest.partition(".")
        if name in lab.configurations and not dot:
            raise LabError(
                f"value: expected a metric, such as {{{{ value:{name}.test_loss }}}}, received none"
            )
        known = nearest(name, lab.configurations) if lab.configurations else "there are none"
        raise LabError(f"value: no configuration {name!r}, {known}")
    name = max(matching, key=len)
    asked = rest.removeprefix(f"{name}.")
    quantity, dot, statistic = asked.partition(".")
    if asked in setting_names():  # such as optimizer.beta_2
        quantity, dot = asked, ""
    if quantity == PARAMETERS:
        if dot:
            raise LabError(f"value: {PARAMETERS}: expected no statistic, received {statistic!r}")
        return Placeholder("value", name, quantity=quantity)
    known_metrics = {PARAMETERS, *RECORDED, *_recorded_metrics(lab.results[name])}
    if quantity not in known_metrics and quantity not in setting_names():
        known = nearest(quantity, known_metrics)
        raise LabError(f"value: unknown metric or setting {quantity!r}, {known}")
    statistic = statistic if dot else "mean"
    if statistic not in STATISTICS:
        raise LabError(f"value: unknown statistic {statistic!r}, {nearest(statistic, STATISTICS)}")
    return Placeholder("value", name, quantity=quantity, statistic=statistic)


def _recorded_metrics(runs: Runs) -> set[str]:
    return {metric for record in runs.finished.values() for metric in record.final}


def value_text(placeholder: Placeholder, lab: Lab) -> str | None:
    """Return the text of a value; None if it is not on record.

    A mean is rounded to what its interval supports; accuracies are in percent.
    """
    runs, words = lab.results[placeholder.name], lab.words
    quantity = placeholder.quantity
    if quantity in setting_names():
        specification = runs.configuration.run(runs.configuration.seeds[0])
        return setting_text(specification.setting(quantity), words, quantity)
    if quantity not in _recorded_metrics(runs):
        return None
    return _statistic(runs.final(quantity), quantity, placeholder.statistic, words)


def _statistic(
    values: NDArray[np.float64], metric: str, statistic: str, words: Words
) -> str | None:
    if statistic in ("min", "max", "median"):
        one = float(np.quantile(values, {"min": 0.0, "median": 0.5, "max": 1.0}[statistic]))
        return str(words.show(metric, one))
    summary = summarize(values)
    shown = words.show(metric, summary.mean, summary.low, summary.high)
    texts = {"n": str(summary.n), "mean": str(shown)}
    if summary.n > 1:
        texts["sd"] = str(words.show(metric, summary.sd, places=shown.places))
        texts["interval"] = words.interval(shown)
        inside = f"n = {summary.n}, {words['interval']} {texts['interval']}"
        texts["full"] = f"{texts['mean']} ({inside})"
    return texts.get(statistic)


def setting_text(value: object, words: Words, key: str = "") -> str:
    """Return the value of a setting as text; names that a student gave are left as they are.

    >>> setting_text((20, 11), Words("en")), setting_text(True, Words("de"))
    ('20-11', 'ja')
    >>> setting_text(("force_n",), Words("en"), "data.columns")
    'force_n'
    """
    match value:
        case bool():
            return words["yes" if value else "no"]
        case float():
            return f"{value:.10g}".replace(".", words.marks.decimal)
        case tuple() | list() if all(isinstance(item, int) for item in value):
            return "-".join(map(str, value)) or "–"
        case tuple() | list():
            return ", ".join(setting_text(item, words, key) for item in value)
        case None:
            return "–"
        case _:
            return str(value) if key in OWN_NAMES else words.value(str(value))
