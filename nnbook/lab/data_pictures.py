"""Figures of data, and of what trained networks predict for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.lab.pictures import Picture, begin, legend, short, svg
from nnbook.publishing.drawing.mosaic import mosaic
from nnbook.publishing.drawing.palette import COLORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from nnbook.experiments import Runs
    from nnbook.lab.language import Words
    from nnbook.training.datasets.base import Split
    from nnbook.training.spec import RunSpec

    Values = NDArray[Any]

MOST_PANELS = 6
MOST_ROWS, ROWS, ACROSS = 10, 4, 12
"""Of images: most classes shown, rows where there are no classes, and images in a row."""

MOST_MARKS = 5_000
"""More are drawn as pixels: they would be a large file."""

MOST_BINS = 30


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

    begin()
    finished = {name: some for name, some in runs.items() if some.finished}
    figure, axes = plt.subplots(layout="constrained")
    for number, (name, some) in enumerate(finished.items()):
        for seed, record in some.finished.items():
            spec = some.configuration.run(seed)
            curve = spec.data.curve(spec.split)
            assert curve, "figure:fit is refused for other data"
            along = np.linspace(curve.x.min(), curve.x.max(), 201)
            scaled = curve.scalings[0].scale(along)
            predicted = curve.scalings[1].unscale(
                record.network.forward(scaled[None]).prediction[0]
            )
            color = COLORS[number % len(COLORS)]
            [drawn] = axes.plot(along, predicted, color=color, linewidth=0.9, alpha=0.8)
        drawn.set_label(short(name))
    assert curve
    x_label, y_label = axes_labels or curve.names
    axes.plot(curve.x, curve.y, "o", color=COLORS[6], markersize=4, label=words["data"])
    axes.set(xlabel=x_label, ylabel=y_label)
    legend(axes, len(finished) + 1)
    alt = f"{y_label} / {x_label}: {words['data']}, {', '.join(finished)}"
    return Picture(svg(figure, words), alt)


def predicted(runs: Mapping[str, Runs], words: Words, axes_labels: Sequence[str] = ()) -> Picture:
    """Draw predictions against targets, of each example in the test set of each run.

    In the units of the data where one quantity depends on one other, else as networks see them.

    Parameters
    ----------
    runs : mapping of str to Runs
        All on the same data, in which a quantity is predicted.
    words : Words
    axes_labels : pair of str, optional
        What the axes of a figure of the data are called: the second one is the quantity.
    """
    import matplotlib.pyplot as plt

    begin()
    pairs = {name: _targets_and_predictions(some) for name, some in runs.items()}
    everything = np.concatenate(list(pairs.values()), axis=1)
    low = float(everything.min())
    figure, axes = plt.subplots(figsize=(4.4, 4.4), layout="constrained")
    axes.axline((low, low), slope=1, color=COLORS[6], linewidth=0.9)
    alt = []
    for number, (name, (target, prediction)) in enumerate(pairs.items()):
        axes.plot(
            target,
            prediction,
            "os^Dv<>"[number % 7],
            color=COLORS[number % 6],
            markersize=4,
            markerfacecolor="none",
            label=short(name),
            rasterized=everything.shape[1] > MOST_MARKS,
        )
        error = float(np.sqrt(np.mean((prediction - target) ** 2)))
        alt.append(f"{name}: n = {len(target)}, RMSE {words.number(error, 3)}")
    quantity = _quantity(next(iter(runs.values())), words, axes_labels)
    axes.set(xlabel=f"{words['target']}: {quantity}", ylabel=f"{words['prediction']}: {quantity}")
    axes.set_aspect("equal", adjustable="datalim")
    legend(axes, len(pairs))
    return Picture(
        svg(figure, words), f"{words['prediction']} / {words['target']}: {'; '.join(alt)}"
    )


def _targets_and_predictions(runs: Runs) -> Values:
    """Return both, of the test sets of all finished runs, as an array of shape (2, examples)."""
    found = []
    for seed, record in runs.finished.items():
        spec = runs.configuration.run(seed)
        parts = spec.data.load(spec.split)
        prediction = record.network.forward(parts.test_x.T.astype(float)).prediction[0]
        both = np.stack([parts.test_y[:, 0].astype(float), prediction])
        curve = spec.data.curve(spec.split)
        found.append(curve.scalings[1].unscale(both) if curve else both)
    return np.concatenate(found, axis=1)


def _quantity(runs: Runs, words: Words, axes_labels: Sequence[str]) -> str:
    spec = _first(runs)
    if curve := spec.data.curve(spec.split):
        _, label = axes_labels or curve.names
        return label
    return words.fill("scaled", quantity=getattr(spec.data, "target", words["target"]))


def _first(runs: Runs) -> RunSpec:
    return runs.configuration.run(runs.configuration.seeds[0])


def inputs(runs: Mapping[str, Runs], words: Words, axes_labels: Sequence[str] = ()) -> Picture:
    """Draw the distributions of inputs and targets in training and test set.

    Parameters
    ----------
    runs : mapping of str to Runs
        All on the same data; none needs to be on record.
    words : Words
    axes_labels : pair of str, optional
        What the axes of a figure of the data are called.
    """
    import matplotlib.pyplot as plt

    begin()
    spec = _first(next(iter(runs.values())))
    parts = spec.data.load(spec.split)
    panels = [*_input_panels(spec, parts, words, axes_labels)]
    rows = (len(panels) + 2) // 2
    figure, grid = plt.subplots(
        rows, 2, figsize=(6.4, 2.4 * rows), layout="constrained", squeeze=False
    )
    flat = list(grid.flat)
    for axes, (label, training, test) in zip(flat, panels, strict=False):
        _histograms(axes, training, test, words)
        values = training.size > len(parts.training_x)
        axes.set(xlabel=label, ylabel=words["values_number" if values else "examples_number"])
        if values:
            axes.set_yscale("log")
    target = flat[len(panels)]
    if spec.data.facts.classes:
        _classes(target, spec.data.facts.classes, parts, words)
    else:
        curve = spec.data.curve(spec.split)
        training, test = (
            curve.scalings[1].unscale(y) if curve else y for y in (parts.training_y, parts.test_y)
        )
        _histograms(target, training, test, words)
        target.set(
            xlabel=_quantity(next(iter(runs.values())), words, axes_labels),
            ylabel=words["examples_number"],
        )
    for unused in flat[len(panels) + 1 :]:
        unused.set_axis_off()
    both = flat[0].get_legend_handles_labels()
    figure.legend(*both, loc="outside upper center", ncols=2, fontsize=8)
    sizes = [
        f"{words[key]}: {words.count(len(part))}"
        for key, part in (("training_set", parts.training_x), ("test_set", parts.test_x))
    ]
    shown = ", ".join(axes.get_xlabel() for axes in flat[: len(panels) + 1])
    return Picture(svg(figure, words), f"{shown}; {'; '.join(sizes)}")


def _input_panels(
    spec: RunSpec, parts: Split, words: Words, axes_labels: Sequence[str]
) -> Iterator[tuple[str, Values, Values]]:
    """Yield label, training and test values of each input, or of all where there are many."""
    facts = spec.data.facts
    if curve := spec.data.curve(spec.split):
        label, _ = axes_labels or curve.names
        unscale = curve.scalings[0].unscale
        yield label, unscale(parts.training_x[:, 0]), unscale(parts.test_x[:, 0])
    elif facts.inputs > MOST_PANELS:
        label = words["gray" if facts.image_shape else "inputs"]
        yield label, parts.training_x.ravel(), parts.test_x.ravel()
    else:
        names = getattr(spec.data, "columns", None)
        for column in range(facts.inputs):
            label = (
                words.fill("scaled", quantity=names[column])
                if names
                else words.fill("input_number", number=column + 1)
            )
            yield label, parts.training_x[:, column], parts.test_x[:, column]


def _histograms(axes: Any, training: Values, test: Values, words: Words) -> None:
    low = float(min(training.min(), test.min()))
    high = float(max(training.max(), test.max()))
    bins = min(MOST_BINS, round(2 * training.size ** (1 / 3)))  # Rice's rule
    edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    _bars(axes, edges, np.histogram(training, edges)[0], np.histogram(test, edges)[0], words)


def _classes(axes: Any, classes: int, parts: Split, words: Words) -> None:
    training, test = (np.bincount(y, minlength=classes) for y in (parts.training_y, parts.test_y))
    _bars(axes, np.arange(classes + 1) - 0.5, training, test, words)
    if classes <= MOST_BINS:
        axes.set_xticks(range(classes))
    axes.set(xlabel=words["class"], ylabel=words["examples_number"])


def _bars(axes: Any, edges: Values, training: Values, test: Values, words: Words) -> None:
    axes.stairs(training, edges, fill=True, color=COLORS[5], label=words["training_set"])
    axes.stairs(test, edges, color=COLORS[6], label=words["test_set"])


def images(runs: Mapping[str, Runs], words: Words, axes_labels: Sequence[str] = ()) -> Picture:
    """Draw images of the training set: the first ones of each class, or of all.

    Parameters
    ----------
    runs : mapping of str to Runs
        All on the same images; none needs to be on record.
    words : Words
    axes_labels : pair of str, optional
        Not used.
    """
    import matplotlib.pyplot as plt

    begin()
    spec = _first(next(iter(runs.values())))
    parts, facts = spec.data.load(spec.split), spec.data.facts
    assert facts.image_shape, "figure:images is refused for other data"
    height, width = facts.image_shape
    shown = min(facts.classes, MOST_ROWS)
    tiles = []
    for row in range(shown or ROWS):
        chosen = (
            np.flatnonzero(parts.training_y == row)[:ACROSS]
            if shown
            else np.arange(len(parts.training_x))[row * ACROSS : (row + 1) * ACROSS]
        )
        some = parts.training_x[chosen].reshape(-1, height, width).astype(float)
        missing = np.full((ACROSS - len(some), height, width), np.nan)
        framed = np.pad(
            np.concatenate([some, missing]), ((0, 0), (1, 1), (1, 1)), constant_values=np.nan
        )
        tiles += list(framed)
    block = mosaic(tiles, ACROSS)
    figure, axes = plt.subplots(
        figsize=(6.4, 6.4 * block.shape[0] / block.shape[1]), layout="compressed"
    )
    axes.imshow(block, cmap="gray_r", interpolation="nearest")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_xticks([])
    axes.set_yticks([])
    if shown:
        places = (np.arange(shown) + 0.5) * (height + 2) - 0.5
        axes.set_yticks(places.tolist(), [str(label) for label in range(shown)])
        axes.tick_params(length=0)
        axes.set_ylabel(words["class"])
    alt = words.fill("images_alt", rows=shown or ROWS, across=ACROSS, height=height, width=width)
    return Picture(svg(figure, words), alt)


DRAWN: dict[str, Callable[[Mapping[str, Runs], Words, Sequence[str]], Picture]] = {
    "fit": fit,
    "predicted": predicted,
    "inputs": inputs,
    "images": images,
}
"""By kind of figure: what draws it."""
