"""The look of the book's figures: one style, vector graphics on the web and in print."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

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
    """Set the book's matplotlib style, and SVG with a PDF twin as the format of inline figures.

    Call it once, in a chapter's first cell. Outside a notebook only the style is set.
    """
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update(cast("Any", _RC))
    mpl.rcParams["axes.prop_cycle"] = cycler(color=COLORS)
    if _in_notebook():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        cast("Any", set_matplotlib_formats)("svg", "pdf")


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and shell.has_trait("kernel")


def plot_ratios(
    results: Results,
    reference: str,
    names: Mapping[str, str],
    metric: str = "test_loss",
) -> None:
    """Draw how configurations compare with one of them, as ratios of geometric means.

    Each row shows the paired ratio (configuration / reference) with its 95 % interval; filled where
    the interval excludes 1, hollow where the two are not distinguishable. Where runs diverged,
    their number is written beside the label; a row without two finished runs has no mark.

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
        ratio = results.compare(name, reference, metric)
        color = COLORS[0] if ratio.effect < 1 else COLORS[1]
        filled = color if ratio.verdict != "not distinguishable" else "white"
        axes.plot([ratio.low, ratio.high], [row, row], color=color)
        axes.plot(ratio.effect, row, "o", color=color, markerfacecolor=filled)
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), [_label(label, results[n]) for label, n in names.items()])
    axes.set_ylim(len(names) - 0.5, -0.5)


def plot_weight_images(rows: Mapping[str, NDArray[np.floating[Any]]], units: int = 15) -> None:
    """Draw the weights into units of the first layer as pictures, a row for each set of weights.

    White is zero, blue is positive, orange is negative. All pictures of a row share one scale,
    which its label gives as the largest absolute weight that it can show.

    Parameters
    ----------
    rows : mapping of str to array of shape (units, pixels)
        Labels, and the weights: one row of the array for each unit, of a square picture.
    units : int
        How many units to draw, from the first.
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import LinearSegmentedColormap

    colors = LinearSegmentedColormap.from_list("signs", [COLORS[1], "white", COLORS[0]])
    figure, grid = plt.subplots(
        len(rows), units, figsize=(6.4, 0.2 + 0.62 * len(rows)), squeeze=False
    )
    for axes, (label, weights) in zip(grid, rows.items(), strict=True):
        side = math.isqrt(weights.shape[1])
        limit = float(abs(weights).max())
        for axis, unit in zip(axes, weights, strict=False):
            axis.imshow(unit.reshape(side, side), cmap=colors, vmin=-limit, vmax=limit)
            axis.set(xticks=[], yticks=[])
        axes[0].set_title(f"{label} (scale to ±{limit:.2g})", fontsize=8, loc="left", pad=2)
    figure.subplots_adjust(wspace=0.08, hspace=0.5)


def _label(label: str, runs: Runs) -> str:
    if not runs.diverged:
        return label
    return f"{label} ({runs.diverged} of {len(runs.records)} diverged)"
