"""Axes that name things."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axis import Axis


def names(axis: Axis) -> dict[float, str]:
    """Return the labels of an axis by their places, if they are words that a cell has set."""
    from matplotlib.ticker import FixedLocator

    locator = axis.get_major_locator()
    if not isinstance(locator, FixedLocator):
        return {}
    places = [float(place) for place in locator()]
    labels = [str(label) for label in axis.get_major_formatter().format_ticks(places)]
    return {} if all(_is_number(one) for one in labels) else dict(zip(places, labels, strict=True))


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").replace("\N{MINUS SIGN}", "-").strip("$%") or "0")
    except ValueError:
        return text.startswith("$")
    return True
