"""Early stopping when nothing has become better for a while."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nnbook.training.choices import Epochs
from nnbook.training.stopping.base import StoppingRule


class Patience(StoppingRule):
    """Stop when the best epoch is `patience` epochs ago (Prechelt 1998 compares such rules).

    Parameters
    ----------
    patience : int
        The number of epochs.
    metric : {"validation_loss", "validation_accuracy"}
        What is watched; an accuracy only of a classification.
    restore_best : bool
        Whether the weights of the best epoch are those that count, or the last ones.
    held_out : float in (0, 1)
        Share of the training set that is held out where there is no validation set.
    """

    name: Literal["patience"] = "patience"
    patience: Epochs = 10

    def stops(self, losses: Sequence[float]) -> bool:
        """Return whether to stop after these epochs."""
        return len(losses) - 1 - int(np.argmin(losses)) >= self.patience
