"""The form of a figure for narrow screens: panels below each other, legends above them."""

from __future__ import annotations

import itertools
import math
import re
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nnbook.publishing.drawing.finish import above, are_pictures, stands_at_an_end
from nnbook.publishing.drawing.mosaic import mosaic, tile
from nnbook.publishing.drawing.svg import measured
from nnbook.publishing.drawing.ticks import names
from nnbook.theory.arrays import Array

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpecBase

WIDTH = 3.5
"""Inches: 336 px, which the column of a phone has room for."""

_PANEL = 2.3  # inches: height of a panel among others
_PICTURE = 0.69  # inches: no picture is narrower, which are 66 px
_LONGEST_ROW = 20  # characters of the label of a row
_LONGEST_END = 11  # characters of the label beside a line
_NUMBER = re.compile(r"[$\\{}\w]*[\d.,−-]+[^A-Za-z]*|")


def has_narrow_form(figure: Figure) -> bool:
    """Say whether a figure is too wide for a narrow screen, and is no diagram of one shape."""
    diagrams = [axes for axes in figure.axes if axes.texts and not axes.axison and not axes.images]
    return float(figure.get_figwidth()) > WIDTH and not diagrams


@contextmanager
def narrowed(figure: Figure) -> Iterator[Figure]:
    """Give a figure its narrow form for a while.

    Parameters
    ----------
    figure : Figure
        One that is finished (see `nnbook.publishing.drawing.finish`).
    """
    with measured(figure), ExitStack() as undo:
        width, height = map(float, figure.get_size_inches())
        undo.callback(figure.set_size_inches, (width, height))
        for axes in figure.axes:
            _tile(axes, undo)
        figure.set_size_inches(WIDTH, _stack_panels(figure, undo))
        for axes in figure.axes:
            _wrap_rows(axes, figure, undo)
        _raise_legends(figure, undo)
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.execute(figure)
            if are_pictures(figure.axes) and _trim(figure):
                engine.execute(figure)
        moved = [_fit(axes, undo) for axes in figure.axes]
        if not any(moved):
            figure.set_layout_engine("none")  # it has done its work
            undo.callback(figure.set_layout_engine, engine)
        yield figure


def _change(artist: Artist, undo: ExitStack, **values: Any) -> None:
    """Set properties of an artist, and remember what they were."""
    for name, value in values.items():
        undo.callback(getattr(artist, f"set_{name}"), getattr(artist, f"get_{name}")())
        getattr(artist, f"set_{name}")(value)


def _tile(axes: Axes, undo: ExitStack) -> None:
    """Put the pictures of a mosaic into more rows, so that each is seen."""
    for image in axes.images:
        side = tile(image)
        if side is None:
            continue
        data: Array = np.ma.filled(np.ma.asarray(image.get_array()), np.nan)
        across = data.shape[1] // side
        wanted = int(WIDTH / _PICTURE)
        if across <= wanted:
            continue
        undo.callback(image.set_extent, image.get_extent())
        undo.callback(image.set_data, data)
        undo.callback(axes.set_ylim, axes.get_ylim())
        undo.callback(axes.set_xlim, axes.get_xlim())
        new = mosaic(
            [
                part
                for row in np.vsplit(data, data.shape[0] // side)
                for part in np.hsplit(row, across)
                if np.isfinite(part).any()
            ],
            wanted,
        )
        image.set_data(new)
        image.set_extent((-0.5, new.shape[1] - 0.5, new.shape[0] - 0.5, -0.5))


def _stack_panels(figure: Figure, undo: ExitStack) -> float:
    """Put panels that stand side by side below each other; return the height that they need."""
    width, height = (float(inches) for inches in figure.get_size_inches())
    panels = [axes for axes in figure.axes if axes.get_subplotspec() is not None]
    grids = {id(g): g for axes in panels if (g := _grid(axes)) is not None}
    if len(grids) != 1 or len(panels) < len(figure.axes):
        return height * (WIDTH / width if are_pictures(figure.axes) else 1)
    [grid] = grids.values()
    columns = _columns(panels, grid)
    rows = math.ceil(len(panels) / columns) if columns < grid.ncols else grid.nrows
    if columns < grid.ncols:
        new = figure.add_gridspec(rows, columns)
        for number, axes in enumerate(panels):
            undo.callback(cast("Any", axes).set_subplotspec, axes.get_subplotspec())
            axes.set_subplotspec(new[number // columns, number % columns])
            if not axes.images:
                _show_labels(axes, panels, undo)
    if are_pictures(panels):
        return _height_of_pictures(panels, rows, columns)
    if columns == grid.ncols:
        return height
    return rows * max(_PANEL, 0.75 * height / grid.nrows)


def _height_of_pictures(panels: list[Axes], rows: int, columns: int) -> float:
    """Return the height of a figure in which pictures are as wide as may be."""
    shapes = [axes.images[0].get_array().shape for axes in panels[::columns][:rows]]  # type: ignore[union-attr]
    heights = [shape[0] / shape[1] * WIDTH / columns for shape in shapes]
    titled = any(axes.get_title() or axes.get_title("left") for axes in panels)
    numbered = any(axes.get_xticks().size and axes.axison for axes in panels)
    return (
        float(sum(heights)) * (0.9 if numbered else 1)
        + rows * (0.25 * titled + 0.1)
        + 0.4 * numbered
    )


def _trim(figure: Figure) -> bool:
    """Take off the room above and below pictures that are as wide as may be; say whether any is."""
    height = float(figure.get_figheight())
    needed = float(figure.get_tightbbox().height) + 0.1
    if needed >= height:
        return False
    figure.set_figheight(needed)
    return True


def _grid(axes: Axes) -> GridSpecBase | None:
    spec = axes.get_subplotspec()
    return spec.get_gridspec() if spec is not None else None


def _columns(panels: list[Axes], grid: GridSpecBase) -> int:
    """Return how many panels stand side by side: curves alone, pictures as far as they are seen."""
    if not all(axes.images for axes in panels):
        return 1
    room = max(1, int(WIDTH / _PICTURE))
    return next(n for n in range(min(room, grid.ncols), 0, -1) if grid.ncols % n == 0 or n < 5)


def _show_labels(axes: Axes, panels: list[Axes], undo: ExitStack) -> None:
    """Show what a panel had from its neighbor: the numbers and the label of its axes."""
    for which, siblings in (("x", axes.get_shared_x_axes()), ("y", axes.get_shared_y_axes())):
        shared = [other for other in panels if siblings.joined(axes, other)]
        axis = getattr(axes, f"{which}axis")
        side = "bottom" if which == "x" else "left"
        before = axis.get_tick_params().get(f"label{side}", True)
        undo.callback(axis.set_tick_params, **{f"label{side}": before})
        axis.set_tick_params(**{f"label{side}": True})
        label = axis.get_label()
        named = next((text for o in shared if (text := getattr(o, f"get_{which}label")())), "")
        if len(shared) > 1 and named and not label.get_text():
            _change(label, undo, text=named, visible=True)
        elif not label.get_visible():
            _change(label, undo, visible=True)


def _wrap_rows(axes: Axes, figure: Figure, undo: ExitStack) -> None:
    """Break long labels of rows, and give the rows the height for it."""
    labels = list(names(axes.yaxis).values())
    if max(map(len, labels), default=0) <= _LONGEST_ROW or any("$" in label for label in labels):
        return
    places = axes.get_yticks()
    broken = [textwrap.fill(label, _LONGEST_ROW, break_long_words=False) for label in labels]
    undo.callback(axes.set_yticks, places, labels)
    axes.set_yticks(places, broken)
    lines = max(label.count("\n") + 1 for label in broken)
    needed = 0.9 + len(labels) * (0.06 + 0.15 * lines)
    panels = grid.nrows if (grid := _grid(axes)) is not None else 1
    figure.set_figheight(max(float(figure.get_figheight()), panels * needed))


def _raise_legends(figure: Figure, undo: ExitStack) -> None:
    """Put the legend of each panel above all panels, or what stands beside lines as one."""
    legends = [legend for axes in figure.axes if (legend := axes.get_legend()) is not None]
    entries = _unlabeled(figure, undo)
    for legend in [*legends, *figure.legends]:
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
            entries.setdefault(text.get_text(), handle)
    together = sum(len(legend.get_texts()) for legend in legends)
    if not entries or (len(legends) > 1 and len(entries) == together):
        return  # panels with legends of their own
    for legend in [*legends, *figure.legends]:
        _change(legend, undo, visible=False, in_layout=False)
    undo.callback(above(figure, list(entries.values()), list(entries)).remove)


def _unlabeled(figure: Figure, undo: ExitStack) -> dict[str, Any]:
    """Take away what stands beside the ends of lines if it is long; return what it named."""
    entries: dict[str, Any] = {}
    for axes in figure.axes:
        labels = [text for text in axes.texts if stands_at_an_end(text)]
        if max((len(text.get_text()) for text in labels), default=0) > _LONGEST_END:
            for text in labels:
                _change(text, undo, visible=False, in_layout=False)
            handles, labels_ = axes.get_legend_handles_labels()
            entries |= dict(zip(labels_, handles, strict=True))
    return entries


def _fit(axes: Axes, undo: ExitStack) -> bool:
    """Break titles and labels that are too long; say whether anything needs another place."""
    inside = axes.get_window_extent()
    changed = _thin_ticks(axes, undo)
    page = cast("Any", axes.get_figure()).bbox
    for text, room, is_upright in (
        (axes.title, inside.width * 1.05, False),
        (axes.xaxis.label, min(2 * (page.x1 - inside.x0 - inside.width / 2), page.width), False),
        (axes.yaxis.label, inside.height * 1.1, True),
    ):
        box = text.get_window_extent()
        length = box.height if is_upright else box.width
        words = text.get_text()
        if text.get_visible() and length > room and " " in words and "\n" not in words:
            undo.callback(text.set_text, words)
            changed = True
            for most in range(int(len(words) * room / length), 8, -3):
                text.set_text(textwrap.fill(words, most, break_long_words=False))
                box = text.get_window_extent()
                if (box.height if is_upright else box.width) <= room:
                    break
    return changed


def _thin_ticks(axes: Axes, undo: ExitStack) -> bool:
    """Leave out numbers of the horizontal axis that stand upon others; turn words, if need be.

    Returns whether anything needs another place.
    """
    shown = [tick for tick in axes.get_xticklabels() if tick.get_text() and tick.get_visible()]
    boxes = [tick.get_window_extent() for tick in shown]
    if not any(a.x1 + 2 > b.x0 for a, b in itertools.pairwise(boxes)):
        return False
    if not all(_NUMBER.fullmatch(tick.get_text()) for tick in shown):
        undo.callback(axes.tick_params, axis="x", labelrotation=0)
        axes.tick_params(axis="x", labelrotation=90)
        return True
    axis = axes.xaxis
    undo.callback(axis.set_major_formatter, axis.get_major_formatter())
    undo.callback(axis.set_major_locator, axis.get_major_locator())
    end, kept = -math.inf, {}
    for tick, box in zip(shown, boxes, strict=True):
        if box.x0 > end + 3:
            end = box.x1
            kept[float(tick.get_position()[0])] = tick.get_text()
    axis.set_ticks(list(kept), list(kept.values()))
    return False
