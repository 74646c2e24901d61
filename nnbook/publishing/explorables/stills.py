"""What stands for an explorable where nothing moves: a figure of its first preset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.errors import NNBookError, nearest
from nnbook.metrics import in_print
from nnbook.publishing.drawing.narrow import WIDTH
from nnbook.publishing.drawing.palette import COLORS, NO_DATA
from nnbook.publishing.drawing.style import as_svg, use_style
from nnbook.publishing.explorables import drawn, facts, noise, normalized, records, thinned
from nnbook.publishing.network_diagrams import plot_forward
from nnbook.theory.activations import get_activation
from nnbook.theory.arrays import Array, exact
from nnbook.theory.depth import folding_network, kinks
from nnbook.theory.losses import get_loss
from nnbook.theory.network import Layer, Network
from nnbook.theory.optimizers import descend
from nnbook.theory.penalties import lasso, ridge
from nnbook.theory.rules import SGD, Momentum, Nesterov

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Texts = Mapping[str, str]
"""A value for each field of an explorable, as its presets write it."""


def still(name: str, state: Texts) -> str:
    """Return the figure of an explorable as SVG.

    Parameters
    ----------
    name : str
        Of the explorable.
    state : mapping
        The values of its fields.

    Raises
    ------
    NNBookError
        If no figure is known for it.
    """
    import matplotlib.pyplot as plt

    if name not in STILLS:
        raise NNBookError(f"no still for the explorable {name!r}: {nearest(name, STILLS)}")
    use_style()
    figure = STILLS[name](state)
    try:
        return str(as_svg(figure))
    finally:
        plt.close(figure)


def one_step(state: Texts) -> Figure:
    """Draw the forward pass of the example that the drawing shows."""
    import matplotlib.pyplot as plt

    network = Network(
        (
            Layer(_matrix(state["W1"], 4), _matrix(state["b1"], 4), state["activation"]),
            Layer(_matrix(state["W2"], 1), _matrix(state["b2"], 1), "identity"),
        )
    )
    forward = network.forward(_matrix(state["x"], 2))
    plot_forward(network, forward, example=int(state["example"]) - 1)
    return plt.gcf()


def descent(state: Texts) -> Figure:
    """Draw the race over a bowl, and the plane of learning rate and momentum beside it."""
    import matplotlib.pyplot as plt

    figure, (bowl, plane) = plt.subplots(1, 2, figsize=(7.2, 3.6), layout="constrained")
    _draw_race(bowl, state)
    _draw_plane(plane, float(state["condition"]))
    plane.plot(float(state["rate"]), float(state["beta"]), "o", color=COLORS[6])
    return figure


def _draw_race(axes: Axes, state: Texts) -> None:
    condition, updates = float(state["condition"]), int(state["at"])
    curvatures = np.array([1.0, condition])
    rate, beta = float(state["rate"]) / condition, float(state["beta"])
    rules = {"sgd": SGD(), "momentum": Momentum(beta), "nesterov": Nesterov(beta)}
    start = np.array([float(state["x"]), float(state["y"])])
    across, up = np.linspace(-4, 4, 161), np.linspace(-3, 3, 121)
    losses = (across**2 + condition * up[:, None] ** 2) / 2
    levels = losses.max() * ((np.arange(12) + 0.5) / 12) ** 4
    axes.contour(across, up, losses, levels, colors=NO_DATA, linewidths=0.8)
    for name in state["rules"].split(","):
        path = descend(rules[name.strip()], lambda w: curvatures * w, start, rate, updates)
        axes.plot(*path.T, label="gradient descent" if name == "sgd" else name.strip())
    axes.plot(0, 0, "+", color=COLORS[6], markersize=10)
    axes.set(xlabel="$w_1$", ylabel="$w_2$", xlim=(-4, 4), ylim=(-3, 3))
    axes.legend(loc="upper right")


def _draw_plane(axes: Axes, condition: float) -> None:
    steps, momenta = np.linspace(0.01, 4.2, 211), np.linspace(0, 0.999, 101)[:, None]
    slower = np.maximum(_factor(momenta, steps), _factor(momenta, steps / condition))
    updates = np.log(0.1) / np.log(np.minimum(slower, 0.9999))
    lines = axes.contour(steps, momenta.ravel(), updates, [16, 32, 64], colors=COLORS[0])
    axes.clabel(lines)
    axes.plot([2, 4], [0, 1], color=COLORS[1], linewidth=2.5)
    ratio = (np.sqrt(condition) - 1) / (np.sqrt(condition) + 1)
    best = 4 * condition / (np.sqrt(condition) + 1) ** 2
    root = np.linspace(ratio, 1, 50)  # of the momenta with which both directions swing
    for border in (condition * (1 - root) ** 2, (1 + root) ** 2):
        axes.plot(border, root**2, "--", color=COLORS[6], linewidth=1)
    axes.plot(best, ratio**2, "D", color=COLORS[6], markersize=5)
    axes.set(xlabel="learning rate × largest curvature", ylabel="momentum")
    axes.set(xlim=(0, 4.2), ylim=(0, 1))


def _factor(beta: Array, step: Array) -> Array:
    """Return the larger modulus of the two roots of the heavy ball's recursion."""
    half = (1 + beta - step) / 2
    inside = half**2 - beta
    real = np.abs(half) + np.sqrt(np.maximum(inside, 0))
    return np.where(inside < 0, np.sqrt(beta), real)


def chain(state: Texts) -> Figure:
    """Draw the chain on its way forward, the product, and the derivatives by the biases."""
    import matplotlib.pyplot as plt

    numbers = range(1, 5)
    chain_ = Network(
        tuple(
            Layer(exact([[state[f"w{l}"]]]), exact([state[f"b{l}"]]), state["activation"])
            for l in numbers  # noqa: E741
        )
    )
    forward = chain_.forward(exact([[state["x"]]]))
    backward = chain_.backward(forward, exact([[state["y"]]]), "half_sse")
    sizes = [abs(float(backward.gradients[l].biases.item())) for l in numbers]  # noqa: E741
    figure = plt.figure(figsize=(WIDTH, 4.8), layout="constrained")
    rows: Any = figure.subfigures(2, 1, height_ratios=(1, 3))  # the chain is as wide as may be
    drawn_chain, axes = (row.subplots() for row in rows)
    sums = {l: float(forward.z[l].item()) for l in numbers}  # noqa: E741
    _forward_chain(drawn_chain, state, sums)
    slopes = [chain_[l].activation.derivative(forward.z[l]).item() for l in numbers]  # noqa: E741
    factors = [float(forward.prediction.item()) - float(Fraction(state["y"])), float(slopes[-1])]
    for slope, l in zip(slopes[-2::-1], (4, 3, 2), strict=True):  # noqa: E741
        factors += [float(Fraction(state[f"w{l}"])), float(slope)]
    letters = "(a₄ − y)", "f′(z₄)", "w₄", "f′(z₃)", "w₃", "f′(z₂)", "w₂", "f′(z₁)"
    products = [_in_two_lines(letters), _in_two_lines([in_print(f"{f:.3g}") for f in factors])]
    axes.set_title("∂C/∂b₁ = " + "\n= ".join(products), fontsize=10)
    axes.semilogy(numbers, sizes, "o-", color=COLORS[1])
    for l, size in zip(numbers, sizes, strict=True):  # noqa: E741
        axes.annotate(f"{size:.4g}", (l, size), (7, -7), textcoords="offset points", va="top")
    axes.set(xlabel="neuron", ylabel="|∂C/∂b|", xticks=list(numbers), xlim=(0.5, 4.7))
    axes.set_ylim(min(sizes) / 3, max(sizes) * 2)
    return figure


def _in_two_lines(factors: Sequence[str]) -> str:
    """Return a product that a narrow screen has room for."""
    half = len(factors) // 2
    return "\n· ".join(" · ".join(part) for part in (factors[:half], factors[half:]))


def _forward_chain(axes: Axes, state: Texts, sums: Mapping[int, float]) -> None:
    """Draw the neurons in a row: parameters above the arrows, the sums below the neurons."""
    axes.plot(range(5), [0] * 5, "-", color=NO_DATA, zorder=1)
    axes.scatter(range(5), [0] * 5, s=560, color="white", edgecolors=COLORS[0], zorder=2)
    for place in range(5):
        name, value = ("z", f"{sums[place]:.3g}") if place else ("x", state["x"])
        name += f"_{place}" if place else ""
        texts: list[tuple[float, str, int]] = [(place, f"${name}$ = {in_print(value)}", -28)]
        if place:
            weight, bias = (in_print(state[f"{letter}{place}"]) for letter in "wb")
            label = f"$w_{place}$ = {weight}\n$b_{place}$ = {bias}"
            texts.append((place - 0.5, label, 16))
        for where, text, up in texts:
            axes.annotate(
                text, (where, 0), (0, up), textcoords="offset points", ha="center", fontsize=9
            )
        inside = f"$a_{place}$" if place else "$x$"
        axes.text(place, 0, inside, ha="center", va="center", zorder=3)
    axes.set(xlim=(-0.45, 4.45), ylim=(-0.8, 1.2))
    axes.set_axis_off()


def folding(state: Texts) -> Figure:
    """Draw the output of the folding network, and of one with a layer less, and count pieces."""
    import matplotlib.pyplot as plt

    layers, ends = int(state["layers"]), exact(["0", "1"])
    figure, (output, counts) = plt.subplots(1, 2, figsize=(7.2, 2.8), layout="constrained")
    for folds, color, width in ((layers - 1, NO_DATA, 1), (layers, COLORS[0], 2)):
        network = folding_network(folds)
        places = np.array([ends[0], *kinks(network, *ends), ends[1]])
        heights = network.forward(places[None, :]).prediction[0]
        output.plot(places.astype(float), heights.astype(float), color=color, linewidth=width)
    here = exact([[state["x"]]])
    height = folding_network(layers).forward(here).prediction
    output.plot(float(here.item()), float(height.item()), "o", color=COLORS[6])
    output.set(xlabel="input x", ylabel="output")
    numbers = np.arange(1, 9)
    pieces = [len(kinks(folding_network(int(folds)), *ends)) + 1 for folds in numbers]
    counts.semilogy(numbers, pieces, "o-", label="pieces")
    counts.semilogy(numbers, 2 * numbers + 1, "s--", label="at most, in one layer")
    counts.set(xlabel="hidden layers of two units", ylabel="pieces")
    counts.legend()
    return figure


def training(state: Texts) -> Figure:
    """Draw the gradients of the network before training, and the weights of some of its units."""
    import matplotlib.pyplot as plt

    pixels, targets = facts.digits()
    network = Network(facts.trained_layers(state, len(pixels), len(targets)))
    forward = network.forward(pixels)
    backward = network.backward(forward, targets, "categorical_cross_entropy_on_logits")
    norms = [np.linalg.norm(layer.weights) for layer in backward.gradients]
    figure = plt.figure(figsize=(7.2, 3), layout="constrained")
    grid = figure.add_gridspec(2, 8)
    for unit, weights in enumerate(network[1].weights[:8]):
        axes = figure.add_subplot(grid[unit // 4, unit % 4])
        axes.imshow(weights.reshape(8, 8), cmap="gray")
        axes.set_axis_off()
    axes = figure.add_subplot(grid[:, 4:])
    axes.semilogy(range(1, len(norms) + 1), norms, "o-", color=COLORS[0])
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    return figure


def vanishing(state: Texts) -> Figure:
    """Draw slopes and gradients of a random network, and the bands of recorded ones."""
    import matplotlib.pyplot as plt

    found = facts.vanishing()
    layers, spec = range(1, int(state["depth"]) + 2), facts.initial_layers(state)
    x, targets = facts.unpacked(found["batch"])
    network = Network(spec)
    forward = network.forward(x)
    backward = network.backward(forward, targets, "categorical_cross_entropy_on_logits")
    gradients = [np.linalg.norm(layer.weights) for layer in backward.gradients]
    slopes = [
        np.abs(layer.activation.derivative(z)).mean()
        for layer, z in zip(network, forward.z.values(), strict=True)
    ]
    band = found["bands"].get(facts.key(state), {})
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3), layout="constrained")
    for axes, name, values in ((left, "slope", slopes[:-1]), (right, "gradient", gradients)):
        numbers = list(layers)[: len(values)]
        if name in band:
            axes.fill_between(numbers, *band[name], color=COLORS[0], alpha=0.2, linewidth=0)
        axes.plot(numbers, values, "o-", color=COLORS[0])
        axes.set(xlabel="layer", xlim=(0.5, len(layers) + 0.5))
    left.set(ylabel="mean slope", ylim=(0, 0.3 if state["activation"] == "sigmoid" else 1.05))
    right.set(ylabel="norm of the gradient", yscale="log")
    return figure


def outputs(state: Texts) -> Figure:
    """Draw prediction, loss and error signal of an output against its logit."""
    import matplotlib.pyplot as plt

    z, target = np.linspace(-8, 8, 321)[None], np.full((1, 321), float(state["y"]))
    activation, loss = get_activation(state["output"]), get_loss(state["loss"])
    prediction = activation(z)
    losses = [loss(column[:, None], target[:, :1]) for column in prediction.T]
    signal = activation.pull_back(z, loss.gradient(prediction, target))
    here = float(state["z"])
    figure, panels = plt.subplots(1, 3, figsize=(7.2, 2.6), layout="constrained")
    curves = {"prediction": prediction[0], "loss": losses, "error signal": signal[0]}
    for axes, (name, values) in zip(panels, curves.items(), strict=True):
        axes.plot(z[0], values, color=COLORS[0])
        axes.plot(here, np.interp(here, z[0], values), "o", color=COLORS[6])
        axes.set(xlabel="logit z", ylabel=name)
    panels[2].plot(z[0], (prediction - target)[0], "--", color=COLORS[1])
    return figure


def penalties(state: Texts) -> Figure:
    """Draw circle and diamond over the contours of a loss, and both weights against lambda."""
    import matplotlib.pyplot as plt

    angle = np.deg2rad(float(state["angle"]))
    along, across = (
        np.array([np.cos(angle), np.sin(angle)]),
        np.array([-np.sin(angle), np.cos(angle)]),
    )
    features = np.stack([along / np.sqrt(float(state["condition"])), across], axis=1)
    star = np.array([[float(state["x"]), float(state["y"])]])
    axis, strengths = np.linspace(-1.8, 1.8, 181), np.linspace(0.02, 4, 100)
    far = np.stack(np.meshgrid(axis, axis), axis=-1) - star
    losses = ((far @ features) ** 2).sum(axis=-1)
    figure, panels = plt.subplots(
        2, 2, figsize=(6.4, 5.4), height_ratios=(3, 2), sharey="row", layout="constrained"
    )
    for title, solve, p, (region, paths) in zip(
        ("L2", "L1"), (ridge, lasso), (2, 1), panels.T, strict=True
    ):
        here = solve(features, star @ features, float(state["lambda"])).ravel()
        touched = (((here - star) @ features) ** 2).sum()
        levels = sorted({*(0.25 * np.arange(1, 8)) ** 2, touched})
        region.contour(axis, axis, losses, levels, colors=NO_DATA, linewidths=0.8)
        sizes = (abs(far + star) ** p).sum(axis=-1)
        size = (abs(here) ** p).sum()
        region.contourf(axis, axis, sizes, [0, size], colors=[COLORS[2]], alpha=0.3)
        region.plot(*star.T, "+", color=COLORS[6], markersize=10)
        region.plot(*here, "o", color=COLORS[6], markersize=5)
        region.set(title=title, xlabel="$w_1$", aspect="equal")
        weights = np.concatenate([solve(features, star @ features, a) for a in strengths])
        for name, style, values in zip(("$w_1$", "$w_2$"), ("-", "--"), weights.T, strict=True):
            paths.plot(strengths, values, style, label=name)
        paths.axvline(float(state["lambda"]), color=NO_DATA)
        paths.set(title=title, xlabel="weight of the penalty, λ")
    panels[0, 0].set_ylabel("$w_2$")
    panels[1, 0].set_ylabel("weights")
    panels[1, 0].legend()
    return figure


def seeds(state: Texts) -> Figure:
    """Draw recorded runs, and intervals of samples of them beside the mean of all."""
    import matplotlib.pyplot as plt

    from nnbook.experiments.statistics import summarize

    recorded = facts.seeds()["runs"][state["runs"]]
    values, size = np.array(recorded["values"]), int(state["size"])
    random = np.random.default_rng(int(state["seed"]))
    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    axes.plot(values, np.full(len(values), -2), "o", color=NO_DATA, markersize=4)
    for row in range(int(state["at"])):
        sample = summarize(random.choice(values, size=size))
        covers = sample.low <= values.mean() <= sample.high
        line, color = ("-", COLORS[0]) if covers else ("--", COLORS[1])
        axes.plot([sample.low, sample.high], [row, row], line, color=color)
        axes.plot(sample.mean, row, "o" if covers else "D", color=color, markersize=4)
    axes.axvline(values.mean(), color=COLORS[6])
    axes.set(xlabel=recorded["label"], ylabel="samples", yticks=[])
    axes.invert_yaxis()
    return figure


def drawn_digit(state: Texts) -> Figure:
    """Draw the image that the networks get, what they answer, and where ink matters; no warp."""
    import matplotlib.pyplot as plt

    image = drawn.moved(drawn.image_of(state["strokes"]), state)
    networks = drawn.facts()["networks"]
    answers = [drawn.answered(drawn.unpacked(one["layers"]), image) for one in networks]
    steepest = max(np.abs(slopes).max() for _, slopes in answers)
    figure, panels = plt.subplots(2, 1 + len(networks), figsize=(7.2, 3.9), layout="constrained")
    for axes in (*panels[:, 0], *panels[1]):
        axes.set_axis_off()
    panels[0, 0].imshow(image.reshape(drawn.SIDE, -1), cmap="gray_r", vmin=0, vmax=1)
    for k, (network, (probabilities, slopes)) in enumerate(zip(networks, answers, strict=True), 1):
        bars, picture = panels[:, k]
        bars.bar(range(10), probabilities, color=COLORS[0])
        bars.set(title=network["title"], xlabel="digit", xticks=range(0, 10, 3), ylim=(0, 1))
        pixels = slopes.reshape(drawn.SIDE, -1)
        picture.imshow(pixels, cmap="gray", vmin=-steepest, vmax=steepest)
    panels[0, 1].set_ylabel("probability")
    return figure


def histograms(state: Texts) -> Figure:
    """Draw histograms of activations through depth, and the gradient of each layer."""
    return normalized.draw(state, facts.histograms()["digits"])


def _matrix(text: str, rows: int) -> Array:
    return exact([entry.strip() for entry in text.split(",")]).reshape(rows, -1)


STILLS: dict[str, Callable[[Texts], Figure]] = {
    "chain": chain,
    "descent": descent,
    "drawn-digit": drawn_digit,
    "folding": folding,
    "gradient-noise": noise.still,
    "histograms": histograms,
    "one-step": one_step,
    "outputs": outputs,
    "penalties": penalties,
    "records": records.still,
    "seeds": seeds,
    "thinned": thinned.still,
    "training": training,
    "vanishing": vanishing,
}
"""The function that draws each explorable."""
