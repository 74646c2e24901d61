"""Measures of vanishing gradients: numbers from what the probes of a run measured.

All are functions of a record, dimensionless, and listed among `nnbook.evidence.measures`. Norms
are Euclidean norms of gradients with respect to the weights of a layer.
"""

import numpy as np
from numpy.typing import NDArray

from nnbook.evidence.registry import measure
from nnbook.experiments.record import Record


@measure("factor of the gradient from layer to layer")
def gradient_factor(record: Record) -> float:
    """Return by which factor the norm changes from a hidden layer to the one before it.

    It is measured before the first update, between the last hidden layer and the second one: the
    gradient of the first layer has the size of the image in it. Networks need three hidden layers.
    """
    hidden = _norms(record)[0, 1:-1]
    return float((hidden[0] / hidden[-1]) ** (1 / (len(hidden) - 1)))


@measure("norm of the gradient, first layer / output layer")
def gradient_first_to_last(record: Record) -> float:
    """Return the norm of the first layer divided by that of the output layer, before training."""
    norms = _norms(record)
    return float(norms[0, 0] / norms[0, -1])


@measure("norm of the first layer's gradient, after / before training")
def first_layer_gradient_change(record: Record) -> float:
    """Return the norm of the first layer after training divided by that before it."""
    norms = _norms(record)
    return float(norms[-1, 0] / norms[0, 0])


@measure("mean slope of the activations before training")
def initial_slope(record: Record) -> float:
    """Return the mean slope of the activations over hidden layers, before training."""
    slope: NDArray[np.float64] = np.asarray(record.probes["slope"], dtype=float)
    return float(slope[0].mean())


@measure("mean slope of the last hidden layer after training")
def last_hidden_slope(record: Record) -> float:
    """Return the mean slope of the last hidden layer's activations, after training."""
    return float(record.probes["slope"][-1, -1])


@measure("mean slope of the first hidden layer after training")
def first_hidden_slope(record: Record) -> float:
    """Return the mean slope of the first hidden layer's activations, after training."""
    return float(record.probes["slope"][-1, 0])


@measure("mean movement of a weight of the first layer")
def first_layer_movement(record: Record) -> float:
    """Return by how much a weight of the first layer has changed, mean of absolute values."""
    weights = record.probes
    before, after = (np.asarray(weights[f"W1_{t}"], dtype=float) for t in ("before", "after"))
    return float(np.abs(after - before).mean())


@measure("distance moved by the first layer's weights / their size before training")
def first_layer_distance(record: Record) -> float:
    """Return the norm of the change of the first layer's weights divided by their norm before."""
    weights = record.probes
    before, after = (np.asarray(weights[f"W1_{t}"], dtype=float) for t in ("before", "after"))
    return float(np.linalg.norm(after - before) / np.linalg.norm(before))


@measure("largest weight of the first layer after training")
def largest_first_layer_weight(record: Record) -> float:
    """Return the largest absolute weight of the first layer, after training."""
    return float(np.abs(record.probes["W1_after"]).max())


@measure("size of the first layer's weights, after / before training")
def first_layer_growth(record: Record) -> float:
    """Return the norm of the first layer's weights after training divided by that before it."""
    return _growth(record, 0)


@measure("size of the output layer's weights, after / before training")
def output_layer_growth(record: Record) -> float:
    """Return the norm of the output layer's weights after training divided by that before it."""
    return _growth(record, -1)


@measure("mean activation of the last hidden layer after training")
def last_hidden_activation(record: Record) -> float:
    """Return the mean over units and images of the last hidden layer's output, after training."""
    return float(record.probes["activation_mean"][-1, -1])


@measure("update / weights of the first layer")
def first_layer_pace(record: Record) -> float:
    """Return update / weights (norms) of the first layer, geometric mean over the first epoch."""
    return _pace(record, 0)


@measure("update / weights of the output layer")
def output_layer_pace(record: Record) -> float:
    """Return update / weights (norms) of the output layer, geometric mean over the first epoch."""
    return _pace(record, -1)


@measure("epochs with a validation accuracy below one half", better="lower")
def epochs_below_half(record: Record) -> float:
    """Return after how many epochs the validation accuracy was below one half."""
    accuracy: NDArray[np.float64] = np.asarray(record.content["history"]["validation_accuracy"])
    return float((accuracy < 0.5).sum())


def _norms(record: Record) -> NDArray[np.float64]:
    """Return the norms of the gradients, shape (measurements, layers)."""
    return np.asarray(record.probes["gradient_norm"], dtype=float)


def _growth(record: Record, layer: int) -> float:
    sizes: NDArray[np.float64] = np.asarray(record.probes["weight_norm"], dtype=float)
    return float(sizes[-1, layer] / sizes[0, layer])


def _pace(record: Record, layer: int) -> float:
    first_epoch = record.probes["step"] < record.spec.steps
    ratios = np.asarray(record.probes["update_ratio"], dtype=float)[first_epoch, layer]
    return float(np.exp(np.log(ratios).mean()))
