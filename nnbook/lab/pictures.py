"""Figures of recorded runs as SVG, with a text for readers who do not see them."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.errors import RecordError
from nnbook.lab.axes import localize
from nnbook.metrics import metric
from nnbook.publishing.drawing.palette import COLORS
from nnbook.publishing.drawing.style import use_style
from nnbook.publishing.figures import plot_weight_images

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.figure import Figure

    from nnbook.experiments import Runs
    from nnbook.lab.language import Words
    from nnbook.training.datasets.base import Curve

MOST_IMAGES = 16
MOST_LEGEND_ENTRIES = 10


@dataclass(frozen=True)
class Picture:
    """A figure.

    Attributes
    ----------
    svg : bytes
        The same for the same runs, on every machine with the same matplotlib.
    alt : str
        What it shows, in words.
    """

    svg: bytes
    alt: str


def _svg(figure: Figure, words: Words) -> bytes:
    import matplotlib.pyplot as plt

    localize(figure, words.marks)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return buffer.getvalue()


def _begin() -> None:
    import matplotlib as mpl

    mpl.use("svg")
    use_style()


def learning_curves(runs: Mapping[str, Runs], words: Words) -> Picture:
    """Draw how training went: one configuration in all its metrics, or several in one.

    Accuracies where there are any, else losses on a logarithmic axis.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    _begin()
    names = _metrics_of_history(runs)
    what = metric(names[-1])
    if len(runs) == 1:
        [only] = runs.values()
        lines = {words[name]: (only, name) for name in names}
        axis = words["accuracy" if what.is_share else "loss"]
    else:
        lines = {name: (some, what.name) for name, some in runs.items() if some.finished}
        axis = words[what.name]
    figure, axes = plt.subplots(layout="constrained")
    alt = []
    for number, (label, (some, name)) in enumerate(lines.items()):
        epochs, values = some.history(name)
        drawn = axes.plot(
            epochs,
            what.scale * values.T,
            color=COLORS[number % len(COLORS)],
            linewidth=1,
            alpha=0.85,
        )
        drawn[0].set_label(_short(label))
        alt.append(f"{label}: {words.show(name, float(values[:, -1].mean()))}")
    if not what.is_share:
        axes.set_yscale("log")
    unit = f" ({what.unit})" if what.unit else ""
    axes.set(xlabel=words["epoch"], ylabel=axis + unit)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _legend(axes, len(lines))
    return Picture(_svg(figure, words), f"{axis} ({words['epoch']}): {'; '.join(alt)}")


def _metrics_of_history(runs: Mapping[str, Runs]) -> list[str]:
    """Return the metrics that all finished runs followed; the most telling one is the last."""
    histories = [
        set(record.content["history"])
        for some in runs.values()
        for record in some.finished.values()
    ]
    shared = set.intersection(*histories)
    for wanted in (
        ["running_accuracy", "validation_accuracy"],
        ["training_loss", "test_loss"],
        ["running_loss", "validation_loss"],
    ):
        if shared.issuperset(wanted):
            return wanted
    return sorted(shared - {"epoch"})[:1]


def _legend(axes: Any, entries: int) -> None:
    if entries > MOST_LEGEND_ENTRIES:
        axes.legend(fontsize=6, ncols=2)
    else:
        axes.legend(fontsize=8)


def _short(label: str, most: int = 36) -> str:
    # matplotlib takes a dollar for mathematics, and leaves a label out that begins with "_".
    text = label if len(label) <= most else label[: most - 1] + "…"
    return text.replace("$", r"\$").lstrip("_") or "–"


def weights(runs: Runs, words: Words) -> Picture:
    """Draw the weights into the first units of the first layer, before and after training.

    Raises
    ------
    RecordError
        If the weights are not on record, or their inputs are no square pictures.
    """
    import matplotlib.pyplot as plt

    before, after = _first_layer(runs)
    side = math.isqrt(before.shape[1])
    if side * side != before.shape[1]:
        raise RecordError(f"{runs.configuration.name}: its inputs are no square pictures")
    _begin()
    units = min(MOST_IMAGES, len(before))
    plot_weight_images(
        {words["before"]: before, words["after"]: after},
        units,
        scale=lambda limit: words.fill("scale", limit=words.number(limit, 2)),
    )
    plt.gcf().set_layout_engine("compressed")
    alt = f"{words['before']}: {units} × {side} × {side}; {words['after']}"
    return Picture(_svg(plt.gcf(), words), alt)


def histograms(runs: Runs, words: Words) -> Picture:
    """Draw the distribution of the first layer's weights before and after training."""
    import matplotlib.pyplot as plt

    before, after = _first_layer(runs)
    _begin()
    limit = float(np.percentile(np.abs(np.concatenate([before, after])), 99.9)) or 1.0
    bins = np.linspace(-limit, limit, 81).tolist()
    figure, axes = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
    clipped = [np.clip(values.ravel(), -limit, limit) for values in (before, after)]
    axes.hist(clipped[1], bins, color=COLORS[5], log=True, label=words["after"])
    axes.hist(clipped[0], bins, color=COLORS[6], histtype="step", label=words["before"])
    axes.set(xlabel=words["weight"], ylabel=words["weights_number"])
    axes.set_ylim(0.8, 4 * axes.get_ylim()[1])
    axes.legend(fontsize=8, loc="upper center", ncols=2)
    spread = [f"s = {words.number(float(values.std()), 3)}" for values in (before, after)]
    alt = f"{words['before']}: {spread[0]}; {words['after']}: {spread[1]}"
    return Picture(_svg(figure, words), alt)


def _first_layer(runs: Runs) -> tuple[Any, Any]:
    seed = first_seed(runs)
    arrays = runs.finished[seed].probes
    if "W1_before" not in arrays:
        raise RecordError(
            f"{runs.configuration.name}: no weights on record; remove keep_weights = false"
        )
    return arrays["W1_before"].astype(float), arrays["W1_after"].astype(float)


def first_seed(runs: Runs) -> int:
    """Return the seed of the first run that finished."""
    return next(iter(runs.finished))


def fit(runs: Mapping[str, Runs], words: Words, axes_labels: Sequence[str] = ()) -> Picture:
    """Draw the data and what trained networks predict, in the data's units.

    Parameters
    ----------
    runs : mapping of str to Runs
        All on the same data, in which a quantity depends on one other.
    words : Words
    axes_labels : pair of str, optional
        By default what the data call them.
    """
    import matplotlib.pyplot as plt

    _begin()
    finished = {name: some for name, some in runs.items() if some.finished}
    figure, axes = plt.subplots(layout="constrained")
    for number, (name, some) in enumerate(finished.items()):
        for seed, record in some.finished.items():
            curve = _curve(some, seed)
            along = np.linspace(curve.x.min(), curve.x.max(), 201)
            scaled = curve.scalings[0].scale(along)
            predicted = curve.scalings[1].unscale(
                record.network.forward(scaled[None]).prediction[0]
            )
            color = COLORS[number % len(COLORS)]
            [drawn] = axes.plot(along, predicted, color=color, linewidth=0.9, alpha=0.8)
        drawn.set_label(_short(name))
    x_label, y_label = axes_labels or curve.names
    axes.plot(curve.x, curve.y, "o", color=COLORS[6], markersize=4, label=words["data"])
    axes.set(xlabel=x_label, ylabel=y_label)
    _legend(axes, len(finished) + 1)
    alt = f"{y_label} / {x_label}: {words['data']}, {', '.join(finished)}"
    return Picture(_svg(figure, words), alt)


def _curve(runs: Runs, seed: int) -> Curve:
    spec = runs.configuration.run(seed)
    curve = spec.data.curve(spec.split)
    assert curve, "figure:fit is refused for other data"
    return curve


DRAWN: dict[str, Callable[[Mapping[str, Runs], Words], Picture]] = {
    "learning-curves": learning_curves,
    "weights": lambda runs, words: weights(next(iter(runs.values())), words),
    "histograms": lambda runs, words: histograms(next(iter(runs.values())), words),
}
"""By kind of figure: what draws it; `fit` needs to know what the axes are called, too."""
