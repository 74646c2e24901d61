"""Probes: how large gradients, slopes and updates are in each layer while a network trains.

They are taken at steps of the first epoch that are evenly spaced on a logarithmic scale, and then
at the end of each epoch. Gradients and slopes are those of the whole probe sample, the first
training examples, so that they do not vary with the batch that happens to come next. Dropout is
off and the penalty left out.
"""

import numpy as np
from numpy.typing import NDArray

from nnbook.theory.activations import get_activation
from nnbook.training.program import Program
from nnbook.training.spec import RunSpec

PROBE_EXAMPLES = 1000
POINTS_IN_FIRST_EPOCH = 40


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
        self._norms: list[list[float]] = []
        self._slopes: list[list[float]] = []
        self._ratios: list[list[float]] = []
        self._before: list[NDArray[np.float32]] = []
        self._first_layer = _first_layer(program)

    @np.errstate(over="ignore", invalid="ignore")  # of a network that diverges
    def take(self, step: int) -> None:
        """Measure gradients and slopes after `step` steps, and expect one more step."""
        sample = self._program.probe(*self._sample)
        self._points.append(step)
        self._norms.append([float(np.linalg.norm(gradient)) for gradient in sample.gradients])
        self._slopes.append(
            [float(np.abs(self._activation.derivative(z)).mean()) for z in sample.pre_activations]
        )
        self._before = self._weights()

    @np.errstate(over="ignore", invalid="ignore")
    def take_ratio(self) -> None:
        """Measure how large that one more step was."""
        self._ratios.append(
            [
                float(np.linalg.norm(after - before) / (np.linalg.norm(before) or np.nan))
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
            ``step``, shape (points,), the number of steps taken before; ``gradient_norm``, shape
            (points, layers), the Euclidean norm of the gradient with respect to the weights of each
            layer; ``slope``, shape (points, hidden layers), the mean of abs(f'(z)) over units and
            sample; ``update_ratio``, shape (points, layers), the norm of the change of the weights
            in the step that follows divided by the norm of the weights (nan after the last step,
            which none follows).
        """
        if not self._points:
            return {}
        ratios = np.full_like(self._norms, np.nan)
        ratios[: len(self._ratios)] = self._ratios
        return {
            "step": np.array(self._points, np.int32),
            "gradient_norm": np.array(self._norms, np.float32),
            "slope": np.array(self._slopes, np.float32),
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


def _first_layer(program: Program) -> dict[str, NDArray[np.float32]]:
    kernel, biases = program.model.weights[:2]
    return {"W1": np.asarray(kernel).T, "b1": np.asarray(biases)}
