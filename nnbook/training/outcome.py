"""What comes out of a run."""

from dataclasses import dataclass

from nnbook.theory.network import Network


@dataclass(frozen=True)
class Outcome:
    """What came out of one run.

    Attributes
    ----------
    history : dict of str to list
        Columns of equal length: ``epoch`` (0 is before training), and ``training_loss`` and
        ``test_loss`` at the end of that epoch: without dropout, with the moving averages of batch
        normalization, without penalty; dimensionless.
    diverged_at : tuple of int, optional
        Epoch and step (both from 1, the step within the epoch) at which the loss ceased to be a
        finite number; None for a run that finished.
    network : Network, optional
        The trained network; None if the run diverged.
    seconds : float
        Wall-clock time, compilation included where this run caused it.
    """

    history: dict[str, list[float]]
    diverged_at: tuple[int, int] | None
    network: Network | None
    seconds: float
