"""The look of the book's figures: one style, vector graphics on the web and in print."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

from nnbook import metrics
from nnbook.evidence.comparisons import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from nnbook.experiments import Results, Runs

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colors that readers with any color vision can tell apart (Okabe & Ito 2008, without yellow)."""

_RC = {
    "figure.figsize": (6.4, 3.6),
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    # Text stays text: it can be searched, selected and read aloud.
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    # The same figure gives the same bytes, so that a rebuilt book shows no false change.
    "svg.hashsalt": "nnbook",
}


def use_style() -> None:
    """Set the book's matplotlib style, and vector graphics as the format of inline figures.

    Call it once, in a chapter's first cell. Outside a notebook only the style is set.
    """
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib import pyplot as plt

    mpl.rcParams.update(cast("Any", _RC))
    mpl.rcParams["axes.prop_cycle"] = cycler(color=COLORS)
    if shell := _notebook():
        from matplotlib.figure import Figure
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        cast("Any", set_matplotlib_formats)("svg")
        shell.display_formatter.formatters["image/svg+xml"].for_type(Figure, _as_svg)
        # Figures are shown when their cell ends: what pyplot draws before that, nobody sees.
        plt.uninstall_repl_displayhook()


def _notebook() -> Any:
    """Return the shell of the notebook that this runs in, or None."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    return shell if shell is not None and shell.has_trait("kernel") else None


def _as_svg(figure: Figure) -> str | None:
    """Return a figure as IPython would, in less time: it would draw it once more for its size."""
    from IPython.core.pylabtools import print_figure

    tight = "tight" if figure.get_layout_engine() else _tight_box(figure)
    return cast("str | None", cast("Any", print_figure)(figure, "svg", bbox_inches=tight))


def _tight_box(figure: Figure) -> Any:
    """Return the rectangle of all that is drawn as SVG, with a margin, in inches."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    canvas, dpi = figure.canvas, figure.dpi
    try:
        FigureCanvasSVG(figure)  # which is then the figure's
        figure.dpi = 72  # as the backend has it
        return figure.get_tightbbox().padded(mpl.rcParams["savefig.pad_inches"])
    finally:
        figure.set_canvas(canvas)
        figure.dpi = dpi


def plot_ratios(
    results: Results,
    reference: str,
    names: Mapping[str, str],
    metric: str = "test_loss",
) -> None:
    """Draw how configurations compare with one of them, as ratios of geometric means.

    Each row shows the ratio (configuration / reference) with its 95 % interval, as a claim would
    give it; filled where the interval excludes 1, hollow where it does not; blue is better, orange
    is worse. Where runs diverged, their number is written beside the label; a row without two
    finished runs has no mark.

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
    for row, name in enumerate(names.values()):
        if len(results[name].finished) < 2:
            continue
        ratio = compare(results[name], results[reference], metric)
        color = _color(ratio.effect < 1, metric)
        filled = color if ratio.verdict != "undecided" else "white"
        axes.plot([ratio.low, ratio.high], [row, row], color=color)
        axes.plot(ratio.effect, row, "o", color=color, markerfacecolor=filled)
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), [_label(label, results[n]) for label, n in names.items()])
    axes.set_ylim(len(names) - 0.5, -0.5)


def plot_weight_images(
    rows: Mapping[str, NDArray[np.floating[Any]]],
    units: int = 15,
    height: float = 0.62,
    scale: Callable[[float], str] = "scale to ±{:.2g}".format,
) -> None:
    """Draw the weights into units of the first layer as pictures, a row for each set of weights.

    White is zero, blue is positive, orange is negative. All pictures of a row share one scale,
    which its label gives as the largest absolute weight that it can show.

    Parameters
    ----------
    rows : mapping of str to array of shape (units, pixels)
        Labels, and the weights: one row of the array for each unit, of a square picture.
    units : int
        How many units to draw, from the first.
    height : float
        Height of a row in inches.
    scale : callable
        Returns what a row says of the largest absolute weight that it can show.
    """
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap

    signs = LinearSegmentedColormap.from_list("signs", [COLORS[1], "white", COLORS[0]])
    colors = signs.with_extremes(bad="#BBBBBB")
    figure, grid = plt.subplots(
        len(rows), 1, figsize=(6.4, 0.2 + height * len(rows)), squeeze=False
    )
    for axes, (label, weights) in zip(grid[:, 0], rows.items(), strict=True):
        side = math.isqrt(weights.shape[1])
        pictures = weights[:units].reshape(-1, side, side).astype(float)
        # One image for each row, with frames of no value: much faster than one for each unit.
        framed = np.pad(pictures, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
        limit = float(abs(weights).max()) or 1.0
        axes.imshow(np.hstack(list(framed)), cmap=colors, vmin=-limit, vmax=limit)
        axes.set_axis_off()
        axes.set_title(f"{label} ({scale(limit)})", fontsize=8, loc="left", pad=2)
    figure.subplots_adjust(hspace=0.5)


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
    for x, values in runs.items():
        axes.plot([x] * len(values), values, "_", color=color, alpha=0.6, markersize=9)


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
        axes.plot([scale * difference.low, scale * difference.high], [row, row], color=color)
        axes.plot(scale * difference.effect, row, "o", color=color, markerfacecolor=filled)
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
    axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=2.2 * limit)  # light, for the numbers
    for row in classes:
        for column in classes:
            weight = "bold" if row == column else "normal"
            text = f"{counts[row, column]:.0f}"
            axes.text(column, row, text, ha="center", va="center", fontsize=7, weight=weight)
    axes.set(xticks=classes, yticks=classes, xlabel="answer of the network", ylabel="digit shown")
    axes.grid(visible=False)
