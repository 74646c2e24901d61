"""Figures of recorded runs as SVG, with a text for readers who do not see them."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.errors import RecordError
from nnbook.metrics import metric
from nnbook.publishing.drawing.palette import COLORS
from nnbook.publishing.drawing.style import use_style
from nnbook.publishing.figures import plot_learning_curves, plot_weight_images

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.figure import Figure

    from nnbook.experiments import Runs
    from nnbook.lab.language import Words

MOST_IMAGES = 16
MOST_LEGEND_ENTRIES = 10
MOST_INSIDE = 3
"""Entries of a legend among the curves; one with more stands below them."""
DASHES = ("-", "--", ":", "-.")
"""For one round of colors after the other."""


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


def svg(figure: Figure, words: Words) -> bytes:
    """Return a figure, which is then closed, with the numbers of a language."""
    import matplotlib.pyplot as plt

    from nnbook.lab.axes import localize

    show_single_points(figure)
    localize(figure, words.marks)
    if engine := figure.get_layout_engine():
        engine.execute(figure)
        figure.set_layout_engine(None)  # else all is drawn once more, to lay it out
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return buffer.getvalue()


def show_single_points(figure: Figure) -> None:
    """Mark points without neighbors, which a line does not show, such as those of one epoch."""
    for axes in figure.axes:
        for line in axes.lines:
            finite = np.isfinite(np.asarray(line.get_ydata(), float))
            beside = np.pad(finite, 1)
            single = finite & ~beside[:-2] & ~beside[2:]
            if single.any() and line.get_marker() == "None":
                line.set_marker("o")
                line.set_markersize(4)
                line.set_markevery(single)
        values = np.concatenate([[], *(np.asarray(line.get_xdata()) for line in axes.lines)])
        if values.size and values.min() == values.max():
            axes.set_xlim(values[0] - 1, values[0] + 1)


def begin() -> None:
    """Draw as the book does, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    use_style()


def learning_curves(runs: Mapping[str, Runs], words: Words) -> Picture:
    """Draw how training went: one configuration in all its metrics, or several in one.

    Accuracies where there are any, else losses on a logarithmic axis.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    begin()
    names = _metrics_of_history(runs)
    if not names:
        raise RecordError(f"{', '.join(runs)}: no metric of training that all of them have")
    what = metric(names[-1])
    if len(runs) == 1:
        [only] = runs.values()
        lines = {words[name]: (only, name) for name in names}
        axis = words["accuracy" if what.is_share else "loss"]
    else:
        lines = {name: (some, what.name) for name, some in runs.items() if some.finished}
        axis = words[what.name]
    several = len(lines) > MOST_INSIDE
    figure, axes = plt.subplots(layout="constrained", figsize=(6.4, 4.2 if several else 3.6))
    alt = []
    for number, (label, (some, name)) in enumerate(lines.items()):
        epochs, values = some.history(name)
        drawn = axes.plot(
            epochs,
            what.scale * values.T,
            color=COLORS[number % len(COLORS)],
            linestyle=DASHES[number // len(COLORS) % len(DASHES)],
            linewidth=1,
            alpha=0.85,
        )
        drawn[0].set_label(short(label))
        alt.append(f"{label}: {words.show(name, float(values[:, -1].mean()))}")
    if not what.is_share:
        axes.set_yscale("log")
    unit = f" ({what.unit})" if what.unit else ""
    axes.set(xlabel=words["epoch"], ylabel=axis + unit)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if several:
        legend_below(figure, axes)
    else:
        legend(axes, len(lines))
    return Picture(svg(figure, words), f"{axis} ({words['epoch']}): {'; '.join(alt)}")


def loss_and_accuracy(runs: Mapping[str, Runs], words: Words) -> Picture:
    """Draw loss and accuracy during training beside each other.

    Of one configuration in training and validation set, of several in the training set.
    """
    import matplotlib.pyplot as plt

    begin()
    histories = _shared_history(runs)
    parts = ["running", "validation"] if len(runs) == 1 else ["running"]
    figure, both = plt.subplots(1, 2, figsize=(6.4, 3.1), layout="constrained")
    alt = []
    for axes, quantity in zip(both, ("loss", "accuracy"), strict=True):
        names = [name for part in parts if (name := f"{part}_{quantity}") in histories]
        if not names:
            raise RecordError(f"{', '.join(runs)}: no {quantity} of training on record")
        for name in names:
            labels = dict(runs) if len(runs) > 1 else {words[name]: next(iter(runs.values()))}
            plot_learning_curves({short(n): some for n, some in labels.items()}, name, axes)
            ends = {n: float(some.history(name)[1][:, -1].mean()) for n, some in labels.items()}
            alt += [f"{words[name]}, {n}: {words.show(name, end)}" for n, end in ends.items()]
        what = metric(names[0])
        label = words[what.name] if len(runs) > 1 else words[quantity]
        axes.set(xlabel=words["epoch"], ylabel=f"{label} ({what.unit})" if what.unit else label)
        if len(runs) == 1:
            legend(axes, len(names))
    both[0].set_yscale("log")
    if len(runs) > 1:
        legend_below(figure, both[0])
    return Picture(svg(figure, words), "; ".join(alt))


def _shared_history(runs: Mapping[str, Runs]) -> set[str]:
    """Return the metrics that all finished runs followed."""
    histories = [
        set(record.content["history"])
        for some in runs.values()
        for record in some.finished.values()
    ]
    return set.intersection(*histories)


def _metrics_of_history(runs: Mapping[str, Runs]) -> list[str]:
    """Return the metrics that all finished runs followed; the most telling one is the last."""
    shared = _shared_history(runs)
    for wanted in (
        ["running_accuracy", "validation_accuracy"],
        ["training_loss", "test_loss"],
        ["running_loss", "validation_loss"],
    ):
        if shared.issuperset(wanted):
            return wanted
    return sorted(shared - {"epoch"})[:1]


def legend(axes: Any, entries: int) -> None:
    """Add a legend, a small one for many entries."""
    if entries > MOST_LEGEND_ENTRIES:
        axes.legend(fontsize=6, ncols=2)
    else:
        axes.legend(fontsize=8)


def legend_below(figure: Figure, axes: Any) -> None:
    """Add the legend of axes below the figure, where it hides no line."""
    handles, labels = axes.get_legend_handles_labels()
    longest = max(map(len, labels))
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=max(1, min(len(labels), 100 // (longest + 5))),
        fontsize=8 if len(labels) <= MOST_LEGEND_ENTRIES else 6,
    )


def short(label: str, most: int = 36) -> str:
    """Return a name as matplotlib prints it."""
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
    begin()
    units = min(MOST_IMAGES, len(before))
    plot_weight_images(
        {words["before"]: before, words["after"]: after},
        units,
        scale=lambda limit: words.fill("scale", limit=words.number(limit, 2)),
    )
    plt.gcf().set_layout_engine("compressed")
    alt = f"{words['before']}: {units} × {side} × {side}; {words['after']}"
    return Picture(svg(plt.gcf(), words), alt)


def histograms(runs: Runs, words: Words) -> Picture:
    """Draw the distribution of the first layer's weights before and after training."""
    return _distributions(_first_layer(runs), words, ("weight", "weights_number"), 80)


def biases(runs: Runs, words: Words) -> Picture:
    """Draw the distribution of the first layer's biases before and after training."""
    # Most begin at 0: an odd number of bins has one for it.
    return _distributions(_first_layer(runs, "b1"), words, ("bias", "biases_number"), 21)


def _distributions(
    both: tuple[Any, Any], words: Words, labels: tuple[str, str], count: int
) -> Picture:
    """Draw the distribution of numbers before and after training, in so many bins."""
    import matplotlib.pyplot as plt

    begin()
    flat = [values.ravel() for values in both]
    limit = float(np.percentile(np.abs(np.concatenate(flat)), 99.9)) or 1.0
    bins = np.linspace(-limit, limit, count + 1)
    figure, axes = plt.subplots(figsize=(6.4, 2.8), layout="constrained")
    # A stair is drawn much faster than a bar for each bin.
    before, after = (np.histogram(np.clip(values, -limit, limit), bins)[0] for values in flat)
    axes.stairs(after, bins, fill=True, color=COLORS[5], label=words["after"])
    axes.stairs(before, bins, color=COLORS[6], label=words["before"])
    axes.set(xlabel=words[labels[0]], ylabel=words[labels[1]], yscale="log")
    axes.set_ylim(0.8, 8 * max(before.max(), after.max()))
    axes.legend(fontsize=8, loc="upper center", ncols=2)
    spread = [f"s = {words.number(float(values.std()), 3)}" for values in flat]
    alt = f"{words['before']}: {spread[0]}; {words['after']}: {spread[1]}"
    return Picture(svg(figure, words), alt)


def _first_layer(runs: Runs, array: str = "W1") -> tuple[Any, Any]:
    seed = first_seed(runs)
    arrays = runs.finished[seed].probes
    if f"{array}_before" not in arrays:
        raise RecordError(
            f"{runs.configuration.name}: no weights on record; remove keep_weights = false"
        )
    return arrays[f"{array}_before"].astype(float), arrays[f"{array}_after"].astype(float)


def first_seed(runs: Runs) -> int:
    """Return the seed of the first run that finished."""
    return next(iter(runs.finished))


DRAWN: dict[str, Callable[[Mapping[str, Runs], Words], Picture]] = {
    "learning-curves": learning_curves,
    "loss-and-accuracy": loss_and_accuracy,
    "weights": lambda runs, words: weights(next(iter(runs.values())), words),
    "histograms": lambda runs, words: histograms(next(iter(runs.values())), words),
    "biases": lambda runs, words: biases(next(iter(runs.values())), words),
}
"""By kind of figure: what draws it."""
