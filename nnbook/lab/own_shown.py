"""What a student's own code has written down, as tables and as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnbook.experiments.statistics import summarize
from nnbook.lab.own_results import metrics_of
from nnbook.lab.pictures import Picture, begin, legend, short, svg
from nnbook.lab.tables import TextTable
from nnbook.publishing.drawing.palette import COLORS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nnbook.lab.language import Words
    from nnbook.lab.own_results import OwnResult

VALIDATION = "val_"
MOST_PANELS = 6
DIGITS_OF_DIGEST = 16


def curves(results: Sequence[OwnResult], words: Words) -> Picture:
    """Draw each metric, with that of the validation set in the same panel: a line for each run."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    begin()
    panels: dict[str, list[str]] = {}
    for name in metrics_of(results):
        panels.setdefault(name.removeprefix(VALIDATION), []).append(name)
    shown = dict(list(panels.items())[:MOST_PANELS])
    rows, across = (len(shown) + 1) // 2, min(2, len(shown))
    figure, grid = plt.subplots(
        rows, across, figsize=(6.4, 2.6 * rows), layout="constrained", squeeze=False
    )
    alt = []
    for axes, (label, names) in zip(grid.flat, shown.items(), strict=False):
        for number, name in enumerate(names):
            for one in results:
                values = np.array(one.history[name], float)  # None becomes nan: a gap
                [line] = axes.plot(
                    range(1, len(values) + 1), values, color=COLORS[number % 6], linewidth=1
                )
            line.set_label(short(name))
            ends = [end for one in results if (end := one.final[name]) is not None]
            alt.append(f"{name}: {words.number(float(np.mean(ends)), 4) if ends else '–'}")
        axes.set(xlabel=words["epoch"], ylabel=short(label))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        legend(axes, len(names))
    for unused in list(grid.flat)[len(shown) :]:
        unused.set_axis_off()
    return Picture(svg(figure, words), "; ".join(alt))


def table(results: Sequence[OwnResult], words: Words) -> TextTable:
    """Return mean and standard deviation of each metric after the last epoch."""
    rows = []
    for name in metrics_of(results):
        values = [value for one in results if (value := one.final[name]) is not None]
        cells = ["–", "–", "–"]
        if values:
            summary = summarize(values)
            mean = words.show(name, summary.mean, summary.low, summary.high)
            spread = words.show(name, summary.sd, places=mean.places)
            several = summary.n > 1
            cells = [str(mean), str(spread), words.interval(mean)] if several else [str(mean)]
        rows.append([name, str(len(values)), *cells, *["–"] * (3 - len(cells))])
    header = [words["metric"], "n", words["mean"], words["sd"], words["interval"]]
    return TextTable(header, rows)


def facts(results: Sequence[OwnResult], words: Words) -> str:
    """Return what was trained: layers, parameters, optimizer, epochs."""
    first = results[0]
    parts = [
        ", ".join(first.layers),
        f"{words.count(first.parameters)} {words['parameters']}",
        first.optimizer,
        f"{first.epochs} {words.setting('epochs')}",
    ]
    return "; ".join(parts)


def listing(results: Mapping[str, Sequence[OwnResult]], words: Words) -> TextTable:
    """Return a row for each file, for the list at the end of a report."""
    header = [words[key] for key in ("network", "metric", "date", "digest")]
    rows = []
    for name, some in results.items():
        for one in some:
            values = "; ".join(
                f"{metric} {words.number(value, 6) if value is not None else '–'}"
                for metric, value in one.final.items()
            )
            digest = one.digest[:DIGITS_OF_DIGEST]
            rows.append([f"{name} {one.repetition}", values, one.date[:10], digest])
    return TextTable(header, rows, words=2)
