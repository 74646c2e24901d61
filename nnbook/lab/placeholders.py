"""Placeholders: what stands in an answer for a number, a table or a figure on record.

``{{ table:NAME }}``, ``{{ settings:NAME }}``, ``{{ layers:NAME }}``, ``{{ figure:KIND:NAME }}``,
``{{ overview:NAME }}``, ``{{ overview-transposed:NAME }}``, ``{{ best:SETTING:NAME }}``,
``{{ listing:FILE }}``, ``{{ own:NAME }}``, ``{{ own-curves:NAME }}``, ``{{ comparison }}``,
``{{ backpropagation }}`` stand in a paragraph of their own, ``{{ value:NAME.METRIC }}``,
``{{ ref:... }}`` and ``{{ show:... }}`` inside a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nnbook.errors import LabError, nearest
from nnbook.experiments import Configuration, Runs
from nnbook.experiments.record import Need
from nnbook.experiments.statistics import summarize
from nnbook.lab.folder import Lab, listed
from nnbook.lab.language import Words
from nnbook.lab.listings import read_listing
from nnbook.metrics import RECORDED
from nnbook.training.datasets import DataSet
from nnbook.training.spec import setting_names

OF_FIRST_LAYER = ("weights", "histograms", "biases")
OF_DATA = ("inputs", "images")
"""Figures that need no runs."""
OF_REGRESSION = ("fit", "predicted")
FIGURES = ("learning-curves", "loss-and-accuracy", *OF_FIRST_LAYER, *OF_REGRESSION, *OF_DATA)
OF_NAMES = ("table", "settings", "layers", "overview", "overview-transposed")
OF_OWN_CODE = ("own", "own-curves")
OWN_PARAGRAPH = (
    *OF_NAMES,
    *("best", "figure", "listing", *OF_OWN_CODE, "comparison", "backpropagation"),
)
KINDS = (*OWN_PARAGRAPH, "value", "ref", "show")
BACKPROPAGATION = tuple(f"backpropagation:{part}" for part in ("forward", "backward", "step"))
"""The tables of `backpropagation`."""
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
        Of an experiment or a configuration, or of several with commas between them; of a file; of a
        reference: the label that it refers to.
    figure : str
        Which figure, one of `FIGURES`.
    quantity : str
        Of a value: a metric or a setting; of the best one: a setting.
    statistic : str
        Of a value: one of `STATISTICS`.
    shown : bool
        Whether it stands in a text: as a reference, and after the paragraph as table or figure.
    line : int
        Of the answers, from 1; 0 if it is not there.
    """

    kind: str
    name: str = ""
    figure: str = ""
    quantity: str = ""
    statistic: str = "mean"
    shown: bool = False
    line: int = field(default=0, compare=False)

    @property
    def label(self) -> str:
        """What a reference calls this table or figure."""
        setting = self.quantity if self.kind == "best" else ""
        return ":".join(part for part in (self.kind, self.figure, setting, self.name) if part)

    @property
    def labels(self) -> tuple[str, ...]:
        """What references call its tables and figures."""
        return BACKPROPAGATION if self.kind == "backpropagation" else (self.label,)

    @property
    def sort(self) -> str:
        """What a lab calls it that asks for such a thing (see `nnbook.lab.tasks.Needed`)."""
        return ":".join(part for part in (self.kind, self.figure) if part)

    @property
    def needs_own_paragraph(self) -> bool:
        """Whether it is a table or a figure that stands where the placeholder is."""
        return self.kind in OWN_PARAGRAPH and not self.shown


def canonical(names: str) -> str:
    """Return names with commas between them, or a label with such, without blanks at the commas.

    >>> canonical("overview:mnist, vanishing"), canonical("image:pictures/a, b.png")
    ('overview:mnist,vanishing', 'image:pictures/a, b.png')
    """
    is_file = names.startswith(("image:", "listing:"))
    return names if is_file else ",".join(listed(names))


def placeholder_of(text: str, lab: Lab) -> Placeholder:
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
        case "backpropagation" if not lab.definition.step:
            raise LabError("backpropagation: the lab has no step that is computed by hand")
        case "comparison" | "backpropagation":
            return Placeholder(kind)
        case "own" | "own-curves":
            if rest not in lab.own:
                known = nearest(rest, lab.own) if lab.own else "nnbook.lab.record has written none"
                raise LabError(f"{kind}: no results of own code {rest!r}, {known}")
            return Placeholder(kind, rest)
        case "listing":
            return Placeholder(kind, read_listing(lab.folder, rest).name)
        case _ if kind in OF_NAMES:
            lab.members(rest)
            return Placeholder(kind, canonical(rest))
        case "figure" | "show" | "value" | "best":
            read = {"figure": _figure, "show": _shown, "value": _value, "best": _best}
            return read[kind](rest, lab)
        case _:
            return Placeholder(kind, canonical(rest))


def _shown(rest: str, lab: Lab) -> Placeholder:
    kind = rest.partition(":")[0].strip()
    if kind not in OWN_PARAGRAPH:
        raise LabError(f"show: expected a table or a figure, {nearest(kind, OWN_PARAGRAPH)}")
    return replace(placeholder_of(rest, lab), shown=True)


def _figure(rest: str, lab: Lab) -> Placeholder:
    figure, _, name = (part.strip() for part in rest.partition(":"))
    if figure not in FIGURES:
        raise LabError(f"unknown figure {figure!r}, {nearest(figure, FIGURES)}")
    members = lab.members(name)
    if problem := _problem(figure, name, members, lab):
        raise LabError(f"figure:{figure}: {problem}")
    return Placeholder("figure", canonical(name), figure)


def _best(rest: str, lab: Lab) -> Placeholder:
    setting, _, names = (part.strip() for part in rest.partition(":"))
    if setting not in setting_names():
        raise LabError(f"best: unknown setting {setting!r}, {nearest(setting, setting_names())}")
    specifications = [one.run(one.seeds[0]) for one in lab.members(names).values()]
    if len({repr(specification.setting(setting)) for specification in specifications}) < 2:
        raise LabError(f"best: {setting} is the same in all configurations of {names!r}")
    if not all(specification.data.facts.validation for specification in specifications):
        raise LabError(
            f"best: {names!r} has no validation set; a value that the test set chooses is no "
            f"longer tested by it"
        )
    return Placeholder("best", canonical(names), quantity=setting)


def _problem(figure: str, name: str, members: Mapping[str, Configuration], lab: Lab) -> str:
    """Return why there can be no such figure; nothing if there can be one."""
    data = {own: _data(member) for own, member in members.items()}
    if figure in OF_FIRST_LAYER:
        return _no_first_layer(name, members) or _without_weights(members, lab, "first layer")
    if figure in OF_REGRESSION:
        return _no_regression(figure, name, data) or _without_weights(members, lab, "weights")
    if figure in OF_DATA:
        return _no_data(figure, name, data)
    if figure == "learning-curves" and len({bool(one.facts.classes) for one in data.values()}) > 1:
        return (
            f"of {name!r} some predict a quantity and some classes: their curves have nothing in "
            f"common; give each a figure"
        )
    if figure == "loss-and-accuracy":
        for own, one in data.items():
            if not one.facts.classes:
                return f"{own!r} predicts a quantity, which has no accuracy"
    return ""


def _no_first_layer(name: str, members: Mapping[str, Configuration]) -> str:
    if name not in members:
        return f"expected a configuration, received {name!r}"
    if not members[name].settings.get("probes"):
        return f"{name!r} keeps no weights of the first layer; give it probes = true in lab.toml"
    return ""


def _no_regression(figure: str, name: str, data: Mapping[str, DataSet]) -> str:
    shared = len({one.digest for one in data.values()}) == 1
    if figure == "fit" and not (shared and all(one.curve(0) for one in data.values())):
        return (
            f"only with data in which one quantity depends on one other, the same "
            f"for all configurations; {name!r} has none"
        )
    if not shared or any(one.facts.classes for one in data.values()):
        received = "classes" if shared else "different data"
        return (
            f"only with a quantity that is predicted, in the same data for all configurations; "
            f"{name!r} has {received}"
        )
    return ""


def _no_data(figure: str, name: str, data: Mapping[str, DataSet]) -> str:
    first = next(iter(data.values()))
    if any(one != first for one in data.values()):
        return f"the configurations of {name!r} have different data; name one of them"
    if figure == "images" and not first.facts.image_shape:
        return f"the data of {name!r} are no images"
    return ""


def _without_weights(members: Mapping[str, Configuration], lab: Lab, need: Need) -> str:
    for name, configuration in members.items():
        if _lacks(lab.results[name], configuration, need):
            return (
                f"no weights of {name!r} on record; let its experiment keep them "
                f"(keep_weights in lab.toml), and run it again"
            )
    return ""


def _lacks(runs: Runs, configuration: Configuration, need: Need) -> bool:
    """Say whether the weights that a figure needs are not on record, or will not be."""
    if runs.finished:
        return any(record.lacks({need}) for record in runs.finished.values())
    kept = configuration.keep_weights
    return not kept if need == "first layer" else kept is not True


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
    recorded = _recorded_metrics(lab.results[name])
    known_metrics = {PARAMETERS, *(recorded or RECORDED)}
    if quantity not in known_metrics and quantity not in setting_names():
        known = nearest(quantity, known_metrics)
        raise LabError(f"value: {name} has no metric or setting {quantity!r}, {known}")
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
