"""The best epoch of a run that may stop early."""

from typing import Any

import numpy as np

from nnbook.training.stopping import BestEpoch
from nnbook.training.stopping.patience import Patience


class Model:
    """What `BestEpoch` knows of a Keras model."""

    def __init__(self) -> None:
        self.weights: list[Any] = []

    def get_weights(self) -> list[Any]:
        """Return the weights."""
        return self.weights

    def set_weights(self, weights: list[Any]) -> None:
        """Take others."""
        self.weights = weights


def test_of_equally_good_epochs_the_first_counts_and_its_weights_come_back() -> None:
    best, model = BestEpoch(Patience(patience=2)), Model()
    stopped = []
    for epoch, loss in enumerate([0.7, 0.5, 0.5, 0.5], start=1):
        model.weights = [np.array(epoch)]
        line = {"epoch": float(epoch), "validation_loss": loss}
        stopped.append(best.after(line, model))
    assert stopped == [False, False, False, True]
    assert best.measures() == {"best_epoch": 2, "last_epoch": 4}
    assert best.restored(model) == {"epoch": 2.0, "validation_loss": 0.5}
    assert model.weights == [np.array(2)]
