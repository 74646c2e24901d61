"""Probes: gradients, slopes, activations, weights and updates of each layer while a network trains.

They are taken at steps of the first epoch that are evenly spaced on a logarithmic scale, and then
at the end of each epoch. Gradients, slopes and activations are those of the whole probe sample, the
first training examples, so that they do not vary with the batch that happens to come next. Dropout
is off and the penalty left out.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from nnbook.theory.activations import Activation, get_activation
from nnbook.training.program import Program
from nnbook.training.spec import RunSpec

PROBE_EXAMPLES = 1000
POINTS_IN_FIRST_EPOCH = 40

SATURATED = 0.05
"""An output is saturated where the slope is less than this share of the steepest one."""


def probe_steps(steps: int, epochs: int) -> list[int]:
    """Return after how many steps probes are taken: 0, some of the first epoch, each epoch's end.

    >>> probe_steps(steps=5, epochs=3)
    [0, 1, 2, 3, 4, 5, 10, 15]
    """
    spaced = np.geomspace(1, steps, POINTS_IN_FIRST_EPOCH).round().astype(int)
    return [0, *np.unique(spaced).tolist(), *(steps * epoch for epoch in range(2, epochs + 1))]


class Probes:
    """Takes the measurements and keeps them.

    Parameters
    ----------
    spec : RunSpec
        The run.
    program : Program
        Its program, with the weights before training.
    x, y : array
        The training set, one example per row.
    """

    def __init__(
        self, spec: RunSpec, program: Program, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> None:
        self.steps = probe_steps(program.steps, spec.epochs) if spec.probes else []
        self._program = program
        self._activation = get_activation(spec.activation)
        self._sample = program.place(x[:PROBE_EXAMPLES]), program.place(y[:PROBE_EXAMPLES])
        self._points: list[int] = []
        self._measured: dict[str, list[list[float]]] = {}
        self._ratios: list[list[float]] = []
        self._before: list[NDArray[np.float32]] = []
        self._first_layer = _first_layer(program)

    @np.errstate(over="ignore", invalid="ignore")  # of a network that diverges
    def take(self, step: int) -> None:
        """Measure gradients and slopes after `step` steps, and expect one more step."""
        sample = self._program.probe(*self._sample)
        self._before = self._weights()
        self._points.append(step)
        self._add("gradient_norm", [_norm(gradient) for gradient in sample.gradients])
        self._add("weight_norm", [_norm(weights) for weights in self._before])
        layers = [layer_measures(self._activation, z) for z in sample.pre_activations]
        for name in LAYER_MEASURES:
            self._add(name, [layer[name] for layer in layers])

    def _add(self, name: str, values: list[float]) -> None:
        self._measured.setdefault(name, []).append(values)

    @np.errstate(over="ignore", invalid="ignore")
    def take_ratio(self) -> None:
        """Measure how large that one more step was."""
        self._ratios.append(
            [
                _norm(after - before) / (_norm(before) or np.nan)
                for before, after in zip(self._before, self._weights(), strict=True)
            ]
        )

    def _weights(self) -> list[NDArray[np.float32]]:
        return [np.asarray(kernel) for kernel in self._program.kernels]

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the measurements.

        Returns
        -------
        dict of str to array
            ``step``, shape (points,), the number of steps taken before. Of the shape (points,
            layers): ``gradient_norm``, the Euclidean norm of the gradient with respect to the
            weights of each layer; ``weight_norm``, that of these weights; ``update_ratio``, the
            norm of the change of the weights in the step that follows divided by that norm (nan
            after the last step, which none follows). Of the shape (points, hidden layers): those
            of `layer_measures`.
        """
        if not self._points:
            return {}
        norms = self._measured["gradient_norm"]
        ratios = np.full_like(norms, np.nan)
        ratios[: len(self._ratios)] = self._ratios
        measured = {name: np.array(rows, np.float32) for name, rows in self._measured.items()}
        return {
            "step": np.array(self._points, np.int32),
            **measured,
            "update_ratio": ratios.astype(np.float32),
        }

    def first_layer(self) -> dict[str, NDArray[np.float32]]:
        """Return weights and biases of the first layer, before training and now."""
        if not self.steps:
            return {}
        after = _first_layer(self._program)
        return {
            **{f"{name}_before": values for name, values in self._first_layer.items()},
            **{f"{name}_after": values for name, values in after.items()},
        }


LAYER_MEASURES = (
    "slope",
    "activation_mean",
    "activation_deviation",
    "dead_share",
    "saturated_share",
)
"""What `layer_measures` returns."""


def layer_measures(activation: Activation, z: NDArray[np.floating]) -> Mapping[str, float]:
    """Return what the outputs of a hidden layer say about it; all are dimensionless.

    Parameters
    ----------
    activation : Activation
        Of the layer.
    z : array of shape (examples, units)
        Its pre-activations.

    Returns
    -------
    dict of str to float
        ``slope``, the mean of abs(f'(z)) over units and examples, of softmax that with respect to
        the unit's own pre-activation; ``activation_mean`` and ``activation_deviation``, mean and
        standard deviation of f(z) over both; ``dead_share``, the share of the units whose output is
        the same for all examples; ``saturated_share``, the share of the outputs, over units and
        examples, where the slope is less than 5 % of the activation's steepest one (`SATURATED`).
    """
    a = activation(z.T)  # one example per column
    slopes = a * (1 - a) if activation.name == "softmax" else np.abs(activation.derivative(z.T))
    steepest = float(activation.steepest)
    return {
        "slope": float(slopes.mean()),
        "activation_mean": float(a.mean(dtype=float)),
        "activation_deviation": float(a.std(dtype=float)),
        "dead_share": float((a == a[:, :1]).all(axis=1).mean()),
        "saturated_share": float((slopes < SATURATED * steepest).mean()) if steepest else 1.0,
    }


def _norm(values: NDArray[np.floating]) -> float:
    return float(np.linalg.norm(values))


def _first_layer(program: Program) -> dict[str, NDArray[np.float32]]:
    kernel, biases = program.model.weights[:2]
    return {"W1": np.asarray(kernel).T, "b1": np.asarray(biases)}
