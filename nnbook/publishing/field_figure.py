"""Many networks at a glance: a small bar for each, and in its color how well the network does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nnbook.publishing.drawing.palette import COLORS
from nnbook.publishing.figures import in_percent

if TYPE_CHECKING:
    from nnbook.experiments import Results

_FAINTEST = 0.15
_GAP, _WIDE_GAP = 0.5, 2  # between the configurations of a block, and between blocks; in bars


def plot_field(
    results: Results,
    blocks: Sequence[str],
    *,
    columns: int,
    row_label: str,
    metric: str = "test_accuracy",
    label: str = "",
) -> None:
    """Draw a small bar for each finished run of an experiment whose grid has three factors.

    Rows are numbered from 1, at the top; each has the blocks side by side, each block its columns,
    and each column the runs of one configuration side by side.

    Parameters
    ----------
    results : Results
        The runs, in the order of the grid: its rows one after the other, and in each of them its
        blocks one after the other.
    blocks : sequence of str
        What the blocks are called.
    columns : int
        How many configurations each block of a row has.
    row_label, label : str
        What the rows count, and what the color says.
    metric : str
        A share, drawn in percent (see `nnbook.publishing.figures.in_percent`).
    """
    import matplotlib.pyplot as plt
    import numpy as np
    from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgba

    rows = len(results) // (len(blocks) * columns)
    seeds = max(len(runs.records) for runs in results.values())
    step = seeds + _GAP
    width = columns * step + _WIDE_GAP
    bars = []
    for number, runs in enumerate(results.values()):
        row, place = divmod(number, len(blocks) * columns)
        block, column = divmod(place, columns)
        for seed, share in enumerate(in_percent(runs, metric)):
            bars.append((block * width + column * step + seed, row + 1, share))
    across, down, shares = np.transpose(bars)

    figure, axes = plt.subplots(figsize=(4.2, 1.2 + 0.25 * rows), layout="constrained")
    # One color, more or less transparent: right on light and on dark pages.
    ends = [to_rgba(COLORS[0], _FAINTEST), to_rgba(COLORS[0])]
    colors = LinearSegmentedColormap.from_list("shares", ends, N=10)
    axes.bar(across, 0.74, 0.86, down - 0.37, color=colors(shares / 100))
    axes.set(xlim=(-1, len(blocks) * width - _WIDE_GAP), ylim=(rows + 0.6, 0.4))
    axes.set(yticks=range(1, rows + 1), ylabel=row_label)
    middle = (columns * step - _GAP - 1) / 2
    axes.set_xticks([middle + width * block for block in range(len(blocks))], blocks)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    scale = plt.cm.ScalarMappable(Normalize(0, 100), colors)
    bar = figure.colorbar(scale, location="bottom", ax=axes, aspect=40, label=label)
    bar.outline.set_visible(False)
