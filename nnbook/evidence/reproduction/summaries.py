"""Verdicts on figures as tables."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnbook.evidence.reproduction.predictions import Verdict
from nnbook.evidence.reproduction.sheet import reads_most, rows
from nnbook.evidence.reproduction.verdicts import Figure
from nnbook.metrics import in_print

if TYPE_CHECKING:
    import pandas as pd


def as_frame(figures: Iterable[Figure]) -> "pd.DataFrame":
    """Return figures as a table: exercise, row, metric, sheet, reruns, verdict.

    ``network`` says whether the sheet's network reads most of the test images or few; ``distance``
    is that between the sheet's figure and ``ours``, in standard deviations.
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "exercise": figure.exercise,
            "row": figure.row,
            "metric": figure.metric,
            "sheet": figure.sheet,
            "carried": float(np.mean(figure.carried)) if figure.carried else np.nan,
            "fresh": float(np.mean(figure.fresh)) if figure.fresh else np.nan,
            "ours": figure.ours,
            "distance": figure.distance,
            "network": _network(figure),
            "verdict": str(figure.verdict),
            "reason": figure.reason,
        }
        for figure in figures
    )


def _network(figure: Figure) -> str:
    if figure.exercise == "2b":
        return "regression"
    return "reads most images" if reads_most(figure.exercise, figure.row) else "reads few images"


def listing(figures: Iterable[Figure]) -> "pd.DataFrame":
    """Return figures as a table of words, to be read: row and metric, sheet, reruns, verdict.

    A rerun is shown as its mean, with the standard deviation in brackets.
    """
    import pandas as pd

    lines = [
        {
            "figure": f"{_title(figure)}, {figure.metric.replace('_', ' ')}",
            "sheet": in_print(f"{figure.sheet:.7g}"),
            "carried": _mean_and_sd(figure.carried),
            "fresh": _mean_and_sd(figure.fresh),
            "ours": in_print(f"{figure.ours:.4g}"),
            "distance": in_print(f"{figure.distance:+.1f}"),
            "verdict": str(figure.verdict),
        }
        for figure in figures
    ]
    return pd.DataFrame(lines).set_index("figure")


def _title(figure: Figure) -> str:
    """Return the name of a row within its table: its solver in exercise 3, else its number."""
    return str(rows(figure.exercise)[figure.row].get("solver", figure.row))


def _mean_and_sd(values: Sequence[float]) -> str:
    if not values:
        return "–"
    mean, sd = float(np.mean(values)), float(np.std(values, ddof=1))
    if sd <= 1e-12 * abs(mean):  # equal runs, up to rounding
        return f"{in_print(format(mean, '.4g'))} (0)"
    places = max(0, 1 - math.floor(math.log10(sd)))  # two digits of the scatter
    return f"{mean:.{places}f} ({sd:.{places}f})"


def counts(figures: Iterable[Figure], by: str = "exercise") -> "pd.DataFrame":
    """Count the verdicts.

    Parameters
    ----------
    figures : iterable of Figure
    by : {"exercise", "row", "metric", "network"}
        What the rows of the table are.

    Returns
    -------
    pandas.DataFrame
        One column for each verdict, and their sum, ``figures``.
    """
    import pandas as pd

    data = as_frame(figures)
    counted = pd.crosstab(data[by], data["verdict"])
    order = data[by].drop_duplicates()
    counted = counted.reindex(index=order, columns=[str(v) for v in Verdict], fill_value=0)
    counted.columns.name = None
    return counted.assign(figures=counted.sum(axis=1))
