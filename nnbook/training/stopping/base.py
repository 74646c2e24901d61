"""What all rules of early stopping have in common."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from nnbook.training.choices import Choice

HELD_OUT = 0.2
"""Share of the training set that is held out by default."""


class StoppingRule(Choice):
    """When training ends before its last epoch, judged by examples that are not trained on.

    Those are the validation set. Where a data set has none, as for a regression, a part of the
    training set is held out for it: to stop at the best test loss would be to train on the test
    set.

    Parameters
    ----------
    metric : {"validation_loss", "validation_accuracy"}
        What is watched; an accuracy only of a classification.
    restore_best : bool
        Whether the weights of the best epoch are those that count, or the last ones.
    held_out : float in (0, 1)
        Share of the training set that is held out where there is no validation set.
    """

    metric: Literal["validation_loss", "validation_accuracy"] = "validation_loss"
    restore_best: bool = True
    held_out: Annotated[float, Field(gt=0, lt=1)] = HELD_OUT

    @abstractmethod
    def stops(self, losses: Sequence[float]) -> bool:
        """Return whether to stop after these epochs.

        Parameters
        ----------
        losses : sequence of float
            After each epoch, what is watched; an accuracy with the opposite sign.
        """

    def loss(self, line: Mapping[str, float]) -> float:
        """Return what is watched of a line of the history; an accuracy with the opposite sign."""
        value = line[self.metric]
        return value if self.metric == "validation_loss" else -value
