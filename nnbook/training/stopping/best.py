"""The best epoch so far of a run that may stop early."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnbook.training.stopping.base import StoppingRule


class BestEpoch:
    """Follows a training epoch by epoch, and keeps the weights of the best one.

    Parameters
    ----------
    rule : StoppingRule
        What is watched, when to stop, and whether the best weights come back.
    """

    def __init__(self, rule: StoppingRule) -> None:
        self._rule = rule
        self._losses: list[float] = []
        self._line: dict[str, float] = {}
        self._weights: list[NDArray[Any]] = []

    def after(self, line: dict[str, float], model: Any) -> bool:
        """Note what was measured after an epoch, and return whether to stop.

        Parameters
        ----------
        line : dict of str to float
            A line of the history.
        model : keras.Model
            With the weights of this epoch.
        """
        loss = self._rule.loss(line)
        if not self._losses or loss < min(self._losses):
            self._line = line
            if self._rule.restore_best:
                self._weights = model.get_weights()
        self._losses.append(loss)
        return self._rule.stops(self._losses)

    def restored(self, model: Any) -> dict[str, float]:
        """Give the model the best weights, where the rule says so, and return what they measured.

        Nothing is returned where the last weights count.
        """
        if not self._rule.restore_best:
            return {}
        model.set_weights(self._weights)
        return dict(self._line)

    def measures(self) -> dict[str, int]:
        """Return ``best_epoch`` and ``last_epoch``, both from 1."""
        return {"best_epoch": int(np.argmin(self._losses)) + 1, "last_epoch": len(self._losses)}
