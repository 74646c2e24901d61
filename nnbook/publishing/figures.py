"""The figures of recorded runs that chapters share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nnbook import metrics
from nnbook.evidence.comparisons import compare, stands_in_family
from nnbook.publishing.drawing.dodged import dodge
from nnbook.publishing.drawing.mosaic import mark, mosaic
from nnbook.publishing.drawing.palette import COLORS, NO_DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from nnbook.experiments import Results, Runs

_WIDTH = 6.4  # inches
_LARGEST_PICTURE = _WIDTH / 4  # of a single unit's weights


def plot_ratios(
    results: Results,
    reference: str,
    names: Mapping[str, str],
    metric: str = "test_loss",
) -> None:
    """Draw how configurations compare with one of them, as ratios of geometric means.

    Each row shows the ratio (configuration / reference) with its 95 % interval, as a claim would
    give it. A mark is filled where the ratio differs from 1 as one of a family, that of all
    configurations in `results` beside the reference (Holm, 5 %), and hollow where it does not; blue
    is better, orange is worse. Where runs diverged, their number is written beside the label; a row
    without two finished runs has no mark.

    Parameters
    ----------
    results : Results
        The runs of an experiment.
    reference : str
        The configuration to compare with.
    names : mapping of str to str
        Labels of the rows, from top to bottom, and the configurations that they stand for.
    metric : {"test_loss", "training_loss"}
        What to compare.
    """
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(6.4, 0.9 + 0.27 * len(names)))
    axes = figure.gca()
    axes.axvline(1, color=COLORS[6], linewidth=1)
    standing = stands_in_family(results, reference, metric)
    for row, name in enumerate(names.values()):
        if name not in standing:
            continue
        ratio = compare(results[name], results[reference], metric)
        color = _color(ratio.effect < 1, metric)
        filled = color if standing[name] else "white"
        shape = "o" if ratio.effect < 1 else "s"
        margins = [[ratio.effect - ratio.low], [ratio.high - ratio.effect]]
        axes.errorbar(
            ratio.effect, row, xerr=margins, fmt=shape, color=color, markerfacecolor=filled
        )
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), [_label(label, results[n]) for label, n in names.items()])
    axes.set_ylim(len(names) - 0.5, -0.5)


def plot_weight_images(
    rows: Mapping[str, NDArray[np.floating[Any]]],
    units: int = 16,
    scale: Callable[[float], str] = "scale to ±{:.2g}".format,
    across: int = 8,
) -> None:
    """Draw the weights into units of the first layer as pictures, a block for each set of weights.

    White is zero, blue is positive, orange is negative. All pictures of a block share one scale,
    which its label gives as the largest absolute weight that it can show.

    Parameters
    ----------
    rows : mapping of str to array of shape (units, pixels)
        Labels, and the weights: one row of the array for each unit, of a square picture.
    units : int
        How many units to draw, from the first.
    scale : callable
        Returns what a block says of the largest absolute weight that it can show.
    across : int
        How many pictures stand side by side, where a page has room for them.
    """
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    signs = LinearSegmentedColormap.from_list("signs", [COLORS[1], "white", COLORS[0]])
    colors = signs.with_extremes(bad=NO_DATA)
    blocks, limits = [], []
    for weights in rows.values():
        side = math.isqrt(weights.shape[1])
        pictures = weights[:units].reshape(-1, side, side).astype(float)
        # One image for each block, with frames of no value: much faster than one for each unit.
        framed = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
        blocks.append(mosaic(list(framed), min(across, len(framed))))
        limits.append(float(abs(weights).max()) or 1.0)
    heights = [
        block.shape[0] * min(_WIDTH / block.shape[1], _LARGEST_PICTURE / (side + 2))
        for block in blocks
    ]
    _, grid = plt.subplots(
        len(rows), 1, squeeze=False, height_ratios=heights,
        figsize=(_WIDTH, sum(heights) + 0.3 * len(rows)),
    )  # fmt: skip
    for axes, label, block, limit in zip(grid[:, 0], rows, blocks, limits, strict=True):
        image = axes.imshow(block, cmap=colors, vmin=-limit, vmax=limit, interpolation="nearest")
        mark(image, side + 2)
        axes.set_axis_off()
        axes.set_title(f"{label} ({scale(limit)})", loc="left", pad=2, fontsize=9)


def _label(label: str, runs: Runs) -> str:
    if not runs.diverged:
        return label
    return f"{label} ({runs.diverged} of {len(runs.records)} diverged)"


def _color(lower: bool, metric: str) -> str:
    """Return the color of a configuration with a lower or higher metric: blue is better."""
    return COLORS[0] if lower == (metrics.metric(metric).better == "lower") else COLORS[1]


def in_percent(runs: Runs, metric: str) -> NDArray[np.float64]:
    """Return a metric of each finished run as the book's figures show it: shares in percent.

    Parameters
    ----------
    runs : Runs
        The runs of a configuration.
    metric : str
        A metric at the end of training, such as ``validation_accuracy``, or a measure, such as
        ``validation_error`` (see `nnbook.metrics` and `nnbook.evidence.measures`).

    Returns
    -------
    array of shape (finished runs,)
    """
    import numpy as np

    from nnbook.evidence.measures import measured

    values = np.array([measured(record, metric) for record in runs.finished.values()])
    return metrics.metric(metric).scale * values


def plot_factor(
    results: Results,
    settings: Mapping[float, str],
    metric: str = "validation_accuracy",
    label: str | None = None,
    axes: Axes | None = None,
    *,
    aside: float = 0,
) -> None:
    """Draw what a factor does: means with 95 % intervals against its setting, and each run.

    Parameters
    ----------
    results : Results
        The runs of an experiment.
    settings : mapping of float to str
        Values of the factor and the configurations that have them. Those without two finished runs
        are left out.
    metric : str
        What to draw (see `in_percent`).
    label : str, optional
        Of the line, for a legend.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    aside : float
        How many points to the right of its place all is drawn (see `dodge`).
    """
    import matplotlib.pyplot as plt

    from nnbook.experiments.statistics import summarize

    axes = axes or plt.gca()
    runs = {x: in_percent(results[name], metric) for x, name in settings.items()}
    runs = {x: values for x, values in runs.items() if len(values) > 1}
    summaries = [summarize(values) for values in runs.values()]
    means = [s.mean for s in summaries]
    margins = [s.high - s.mean for s in summaries]
    bars = axes.errorbar(list(runs), means, margins, fmt="o-", markersize=4, label=label)
    color = bars.lines[0].get_color()
    dodge(bars, aside)
    for x, values in runs.items():
        marks = axes.plot([x] * len(values), values, "_", color=color, alpha=0.6, markersize=9)
        dodge(marks, aside)


def plot_differences(
    results: Results,
    reference: str,
    names: Mapping[str, str],
    metric: str = "validation_accuracy",
) -> None:
    """Draw how configurations compare with one of them, as differences of means.

    Each row shows the difference (configuration - reference) with its 95 % interval, as a claim
    would give it, of shares in percentage points; blue is better, orange is worse; filled where the
    interval excludes 0, hollow where it does not. A row without two finished runs has no mark.

    Parameters
    ----------
    results : Results
        The runs of an experiment.
    reference : str
        The configuration to compare with.
    names : mapping of str to str
        Labels of the rows, from top to bottom, and the configurations that they stand for.
    metric : str
        What to compare.
    """
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(6.4, 0.9 + 0.27 * len(names)))
    axes = figure.gca()
    axes.axvline(0, color=COLORS[6], linewidth=1)
    scale = metrics.metric(metric).scale
    for row, name in enumerate(names.values()):
        if len(results[name].finished) < 2:
            continue
        difference = compare(results[name], results[reference], metric, ratio=False)
        color = _color(difference.effect < 0, metric)
        filled = color if difference.verdict != "undecided" else "white"
        low, middle, high = (
            scale * end for end in (difference.low, difference.effect, difference.high)
        )
        margins = [[middle - low], [high - middle]]
        axes.errorbar(middle, row, xerr=margins, fmt="o", color=color, markerfacecolor=filled)
    axes.set_yticks(range(len(names)), [_label(label, results[n]) for label, n in names.items()])
    axes.set_ylim(len(names) - 0.5, -0.5)


def plot_learning_curves(
    runs: Mapping[str, Runs], metric: str = "validation_accuracy", axes: Axes | None = None
) -> None:
    """Draw a metric over the epochs: the mean of the runs, and a band from lowest to highest.

    Parameters
    ----------
    runs : mapping of str to Runs
        Labels of the curves and the runs that they show. Accuracies are drawn in percent.
    metric : str
        A column of the history, such as ``validation_loss``.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    """
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    axes = axes or plt.gca()
    scale = metrics.metric(metric).scale
    for label, these in runs.items():
        epochs, values = these.history(metric)
        (line,) = axes.plot(epochs, scale * values.mean(axis=0), label=label)
        low, high = scale * values.min(axis=0), scale * values.max(axis=0)
        axes.fill_between(epochs, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def plot_confusion(confusion: ArrayLike, axes: Axes | None = None) -> None:
    """Draw a confusion matrix: the counts as numbers, the mistakes also as shades.

    Parameters
    ----------
    confusion : array_like of shape (classes, classes)
        How many examples of each class (row) were given each class (column), or means of such
        counts, which are rounded.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default the current axes.
    """
    import matplotlib.pyplot as plt
    import numpy as np

    axes = axes or plt.gca()
    counts = np.asarray(confusion, dtype=float)
    classes = range(len(counts))
    mistakes = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    limit = max(float(mistakes.max()), 1)
    axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=3 * limit)  # faint, for the numbers
    for row in classes:
        for column in classes:
            weight = "bold" if row == column else "normal"
            text = f"{counts[row, column]:.0f}"
            axes.text(column, row, text, ha="center", va="center", fontsize=8.5, weight=weight)
    axes.set(xticks=classes, yticks=classes, xlabel="answer of the network", ylabel="digit shown")
    axes.grid(visible=False)
