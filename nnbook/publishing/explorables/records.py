"""What the records by factor need: the curves of `mnist-parameters`, and the still."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from nnbook.publishing.drawing.palette import COLORS, NO_DATA

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nnbook.experiments.results import Results, Runs

POINTS = 12
"""How many points a curve has: the epochs of the baseline."""

BASELINE = "baseline"

_TOLD = ("hidden_layers", "activation", "learning_rate", "momentum", "batch_size", "epochs")

_LEAST = 0.02  # percent: a training error of 0 is drawn here

_SGD = "optimizer-sgd_momentum-0.9_learning_rate-{}"
_DEEP = "hidden_layers-{}_dropout-0.0_batch_normalization-False"
_ACTIVATIONS = "ReLU leaky_ReLU tanh sigmoid softplus identity step softmax"

_PENALTIES = {
    "10\u207b\u2076": "1e-06",
    "10\u207b\u2075": "1e-05",
    "10\u207b\u2074": "0.0001",
    "0.001": "0.001",
    "0.01": "0.01",
}

_FACTORS: dict[str, dict[str, str]] = {
    "rate": {
        text: _SGD.format(text) if text != "0.03" else BASELINE
        for text in ["0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1.0"]
    },
    "images": {f"{count:,}": f"training_size-{count}" for count in (100, 300, 1000, 3000, 10_000)}
    | {"50,000": BASELINE},
    "units": {
        text: f"hidden_layers-{text}" if text != "100" else BASELINE
        for text in ["5", "10", "20", "50", "100", "200", "500"]
    },
    "layers": {str(count): _DEEP.format("-".join(["100"] * count)) for count in range(1, 9)},
    "activation": {
        name.replace("_", " "): f"activation-{name.lower()}_learning_rate-"
        for name in _ACTIVATIONS.split()
    },
    "solver": {
        name: f"optimizer-{name.lower()}_momentum-0.0_learning_rate-"
        for name in ["SGD", "Adagrad", "Adadelta", "RMSprop", "Adam", "Nadam"]
    },
    "batch": {
        f"{size:,}": f"batch_size-{size}" if size != 100 else BASELINE
        for size in (10, 30, 100, 300, 1000, 3000)
    },
    "proportion": {
        f"{size:,}": f"in-proportion_batch_size-{size}" if size != 100 else BASELINE
        for size in (10, 30, 100, 300, 1000, 3000)
    },
    "momentum": {
        text: f"momentum-{text}_learning_rate-0.01" for text in ["0.0", "0.5", "0.9", "0.99"]
    },
    "pace": {
        text: f"same-pace_momentum-{text}" if text != "0.9" else BASELINE
        for text in ["0.0", "0.5", "0.9", "0.99"]
    },
    "schedule": {"constant": _SGD.format("0.1")}
    | {
        kind: f"schedule-{kind}_final_fraction-0.01_learning_rate-0.1"
        for kind in ("exponential", "cosine")
    },
    "l1": {"0": BASELINE} | {text: f"l1-{value}" for text, value in _PENALTIES.items()},
    "l2": {"0": BASELINE} | {text: f"l2-{value}" for text, value in _PENALTIES.items()},
    "dropout": {"0": BASELINE} | {text: f"dropout-{text}" for text in ["0.1", "0.3", "0.5"]},
}
"""The settings of each factor, and the names of their configurations; one that ends in a hyphen
stands for the best of the rates with which it goes on, by the validation accuracy."""


def factors() -> dict[str, dict[str, str]]:
    """Return the configuration of each setting; of activations and solvers at their best rate.

    One that has the runs of the baseline is the baseline, whatever else it is called.
    """
    results = _results()
    return {
        factor: {setting: _configuration(results, name) for setting, name in settings.items()}
        for factor, settings in _FACTORS.items()
    }


@cache
def facts() -> dict[str, Any]:
    """Return the recorded curves of the experiment, in whole numbers.

    Returns
    -------
    dict
        ``factors``: for each its settings, what each is called and which run it is. ``runs``:
        for each configuration, and each of its seeds, validation ``loss`` in thousandths and
        validation ``error`` in hundredths of a percent after each twelfth of the training, and
        the ``training`` error in the end; ``rate``, the learning rate; and the number of
        ``epochs``. ``baseline``: its settings, as they are called in specifications.
    """
    results, chosen = _results(), factors()
    spec = results[BASELINE].records[0].content["spec"]
    names = list(dict.fromkeys([BASELINE, *(n for own in chosen.values() for n in own.values())]))
    return {
        "factors": {
            factor: [[setting, names.index(name)] for setting, name in settings.items()]
            for factor, settings in chosen.items()
        },
        "runs": [_packed(results[name]) for name in names],
        "baseline": {key: spec[key] for key in _TOLD},
    }


@cache
def _results() -> Results:
    from nnbook.experiments import experiment, run

    return run(experiment("mnist-parameters"))


def _configuration(results: Results, name: str) -> str:
    """Return the configuration that a name of `_FACTORS` stands for."""
    found = _best(results, name) if name.endswith("-") else name
    return BASELINE if _keys(results[found]) == _keys(results[BASELINE]) else found


def _keys(runs: Runs) -> dict[int, str]:
    return {seed: record.key for seed, record in runs.records.items()}


def _best(results: Results, start: str) -> str:
    """Return the configuration with the highest mean validation accuracy among those so named."""
    accuracy = {
        name: float(runs.final("validation_accuracy").mean())
        for name, runs in results.items()
        if name.startswith(start) and runs.finished
    }
    return max(accuracy, key=lambda name: accuracy[name])


def _packed(runs: Runs) -> dict[str, Any]:
    losses, accuracies = (
        np.asarray(runs.history(f"validation_{name}")[1]) for name in ("loss", "accuracy")
    )
    places = (np.arange(1, POINTS + 1) * losses.shape[1] / POINTS).round().astype(int) - 1
    training = 1 - np.asarray(runs.final("training_accuracy"))
    found = (1000 * losses[:, places], 1e4 * (1 - accuracies[:, places]), 1e4 * training)
    if not all(np.isfinite(values).all() for values in found):
        raise ValueError("expected runs that have finished")
    loss, error, training = (values.round().astype(int).tolist() for values in found)
    spec = runs.records[0].content["spec"]
    own = {"rate": spec["learning_rate"], "epochs": spec["epochs"]}
    return {"loss": loss, "error": error, "training": training} | own


def still(state: Mapping[str, str]) -> Figure:
    """Draw the curves of a factor, with the runs of one setting, beside the errors in the end."""
    import matplotlib.pyplot as plt

    found, metric = facts(), state["metric"]
    unit = 100 if metric == "error" else 1000
    settings = found["factors"][state["factor"]]
    label, chosen = settings[int(state["setting"]) - 1]
    drawn, (curves, ends) = plt.subplots(1, 2, figsize=(7.2, 3.2), layout="constrained")
    epochs = np.arange(1, POINTS + 1)
    heights = {}
    for setting, run in settings:
        means = np.mean(found["runs"][run][metric], axis=0) / unit
        curves.plot(epochs, means, color=NO_DATA, linewidth=1)
        heights[setting] = float(means[-1])
    for setting, height in _apart(heights, label).items():
        curves.annotate(
            setting,
            (POINTS, height),
            (4, 0),
            textcoords="offset points",
            va="center",
            weight="bold" if setting == label else "normal",
            fontsize=8.5,
        )
    for color, run in ((COLORS[1], 0), (COLORS[0], chosen)):
        values = np.array(found["runs"][run][metric]) / unit
        curves.fill_between(
            epochs, values.min(axis=0), values.max(axis=0), color=color, alpha=0.25, linewidth=0
        )
        curves.plot(epochs, values.mean(axis=0), color=color)
    passing = "twelfths of the training" if state["factor"] == "images" else "epochs"
    curves.set(xlabel=passing, yscale="log", xticks=[1, 4, 8, 12], xlim=(1, 14.5))
    curves.set_ylabel("validation error (%)" if metric == "error" else "validation loss")
    own = {run for _, run in settings}
    for k in sorted(range(len(found["runs"])), key=lambda k: (k in own, k == chosen)):
        run = found["runs"][k]
        x, y = np.mean(run["training"]) / 100, np.mean(run["error"], axis=0)[-1] / 100
        mark, size = ("D", 6) if k == chosen else ("o", 5 if k in own else 3)
        color = COLORS[6] if k == chosen else COLORS[0] if k in own else NO_DATA
        ends.loglog(max(x, _LEAST), y, mark, color=color, markersize=size)
    ends.set(xlabel="training error (%)", ylabel="validation error (%)")
    return drawn


def _apart(heights: Mapping[str, float], label: str) -> dict[str, float]:
    """Return those heights, and that of the label, whose texts do not cover each other."""
    kept = {label: heights[label]}
    for setting, height in heights.items():
        if all(abs(np.log(height / other)) > 0.12 for other in kept.values()):
            kept[setting] = height
    return kept
