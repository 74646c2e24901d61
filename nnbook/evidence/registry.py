"""The list of measures: numbers that follow from the record of a run."""

from collections.abc import Callable
from dataclasses import dataclass

from nnbook.experiments.record import Record
from nnbook.metrics import Better, Metric, register

Function = Callable[[Record], float]


@dataclass(frozen=True)
class Measure:
    """A function of a record, and what the number is that it returns.

    Attributes
    ----------
    metric : Metric
        It has the name of the function.
    function : callable
    of_diverged_too : bool
        Whether a run without an end has it, too.
    """

    metric: Metric
    function: Function
    of_diverged_too: bool = False

    def __call__(self, record: Record) -> float:
        """Return the number of a run."""
        return self.function(record)


MEASURES: dict[str, Measure] = {}
"""All measures by name. The modules that define them are imported by `nnbook.evidence.measures`."""


def measure(
    label: str,
    *,
    symbol: str = "",
    unit: str = "",
    better: Better | None = None,
    digits: int = 3,
    of_diverged_too: bool = False,
) -> Callable[[Function], Function]:
    """Return the decorator that puts a function of a record on the list of measures.

    Its name is the function's; see `nnbook.metrics.Metric` for the other parameters. Claims and
    figures then know it as they know the metrics that training records.
    """

    def add(function: Function) -> Function:
        name = function.__name__
        metric = register(Metric(name, label, symbol, unit, better, digits))
        MEASURES[name] = Measure(metric, function, of_diverged_too)
        return function

    return add
