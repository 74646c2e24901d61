"""Recorded runs as tables and arrays, for the chapters."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnbook.errors import SpecError, nearest
from nnbook.experiments.configurations import Configuration
from nnbook.experiments.record import Record
from nnbook.experiments.statistics import summarize

if TYPE_CHECKING:
    import pandas as pd


T = TypeVar("T")


def looked_up(configuration: Configuration) -> None:
    """Say that the results of a configuration are looked at.

    Whoever wants to know listens to Python's audit events (PEP 578), as
    `nnbook.publishing.recorder` does.
    """
    sys.audit("nnbook.looked_up", f"{configuration.experiment}/{configuration.name}")


@dataclass(frozen=True)
class Provenance:
    """Where numbers come from.

    Attributes
    ----------
    runs : int
        How many runs they rest on.
    seconds : float
        What these cost in all, in seconds of one process.
    dates : tuple of str
        First and last day on which they were run (ISO 8601, UTC).
    versions : dict of str to list of str
        Of Python and each library: the versions that occur.
    """

    runs: int
    seconds: float
    dates: tuple[str, str]
    versions: Mapping[str, list[str]]


@dataclass(frozen=True)
class Runs:
    """The runs of one configuration.

    Attributes
    ----------
    configuration : Configuration
        What was run.
    records : dict of int to Record
        One per seed.
    """

    configuration: Configuration
    records: Mapping[int, Record]

    @cached_property
    def finished(self) -> dict[int, Record]:
        """The records of the runs that did not diverge, by seed."""
        return {seed: record for seed, record in self.records.items() if not record.diverged}

    @property
    def diverged(self) -> int:
        """Number of runs whose loss ceased to be a finite number."""
        return len(self.records) - len(self.finished)

    def final(self, metric: str = "test_loss") -> NDArray[np.float64]:
        """Return `metric` at the end of each finished run, shape (finished runs,).

        Parameters
        ----------
        metric : str
            Such as ``test_loss`` or ``test_accuracy``: any that was measured at the end (see
            `nnbook.training.outcome.Outcome`).
        """
        records = self.finished.values()
        return np.array([_metric(record.final, metric) for record in records])

    def fits(self, metric: str = "test_loss") -> NDArray[np.float64]:
        """Return `metric` at the end of each training of runs that are `continued`.

        Returns
        -------
        array of shape (finished runs, fits)
        """
        records = self.finished.values()
        return np.array(
            [[_metric(fit, metric) for fit in record.content["fits"]] for record in records]
        )

    def probes(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return what the probes of the finished runs measured.

        A run that stopped early keeps its last values.

        Parameters
        ----------
        name : str
            One of `nnbook.training.probes.Probes.arrays`, such as ``"gradient_norm"``.

        Returns
        -------
        steps : array of shape (points,)
            Steps taken before each measurement.
        values : array of shape (finished runs, points, layers)
        """
        measured = [record.probes for record in self.finished.values()]
        return _together([(arrays["step"], _metric(arrays, name)) for arrays in measured])

    def history(self, metric: str = "test_loss") -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return how `metric` went during training, for the finished runs.

        A run that stopped early keeps its last value.

        Returns
        -------
        epochs : array of shape (points,)
            Epochs at whose end it was measured; 0 is before training.
        values : array of shape (finished runs, points)
        """
        histories = [record.content["history"] for record in self.finished.values()]
        return _together([(history["epoch"], _metric(history, metric)) for history in histories])

    def predict(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return what the trained networks predict, without Keras.

        Parameters
        ----------
        x : array_like of shape (points,)
            Scaled inputs (dimensionless; the data lie in [0, 1]).

        Returns
        -------
        array of shape (finished runs, points)
            Scaled outputs.

        Raises
        ------
        RecordError
            If the weights are not on record.
        """
        batch = np.asarray(x, dtype=float).reshape(1, -1)
        predictions = [
            record.network.forward(batch).prediction[0] for record in self.finished.values()
        ]
        return np.array(predictions).reshape(len(predictions), batch.shape[1])


@dataclass(frozen=True)
class Results(Mapping[str, Runs]):
    """The runs of several configurations; ``results["name"]`` are those of one.

    Who takes the runs of a configuration out, by name or one after the other, has `looked_up` its
    results; a table of all, from which a page takes a few rows, or their provenance shows none yet.
    """

    runs: Mapping[str, Runs]

    def __getitem__(self, name: str) -> Runs:
        """Return the runs of the configuration called `name`."""
        if name not in self.runs:
            raise SpecError(f"no configuration {name!r} in the results, {nearest(name, self.runs)}")
        runs = self.runs[name]
        looked_up(runs.configuration)
        return runs

    def __contains__(self, name: object) -> bool:
        """Say whether there is a configuration called `name`."""
        return name in self.runs

    @overload
    def get(self, name: str, /) -> Runs | None: ...
    @overload
    def get(self, name: str, /, default: Runs | T) -> Runs | T: ...
    def get(self, name: str, /, default: Any = None) -> Any:
        """Return the runs of the configuration called `name`, or `default`."""
        return self[name] if name in self.runs else default

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the configurations."""
        return iter(self.runs)

    def __len__(self) -> int:
        """Return the number of configurations."""
        return len(self.runs)

    def final(self, metric: str = "test_loss") -> dict[str, NDArray[np.float64]]:
        """Return `metric` at the end of each finished run, by configuration."""
        return {name: runs.final(metric) for name, runs in self.runs.items()}

    def table(
        self, metric: str = "test_loss", names: Iterable[str] | None = None
    ) -> "pd.DataFrame":
        """Summarize `metric` at the end of training.

        Parameters
        ----------
        metric : str
        names : iterable of str, optional
            The configurations to show; by default all.

        Returns
        -------
        pandas.DataFrame
            One row per configuration: ``n`` finished runs, ``mean``, ``sd`` (divisor n - 1), 95 %
            interval ``ci_low`` to ``ci_high`` of the mean; ``geometric_mean`` with its interval
            ``gm_low`` to ``gm_high`` (nan unless all values are above 0); ``diverged``, the number
            of runs that are in none of these.
        """
        import pandas as pd

        rows = {}
        shown = self.runs if names is None else {name: self[name] for name in names}
        for name, runs in shown.items():
            values = runs.final(metric)
            plain = summarize(values)
            # A penalty or a share of dead units may be 0, which has no logarithm.
            logarithmic = summarize(np.log(values) if (values > 0).all() else [])
            rows[name] = {
                "n": plain.n,
                "mean": plain.mean,
                "sd": plain.sd,
                "ci_low": plain.low,
                "ci_high": plain.high,
                "geometric_mean": np.exp(logarithmic.mean),
                "gm_low": np.exp(logarithmic.low),
                "gm_high": np.exp(logarithmic.high),
                "diverged": runs.diverged,
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("configuration")

    @property
    def provenance(self) -> Provenance:
        """Where these results come from."""
        contents = [
            record.content for runs in self.runs.values() for record in runs.records.values()
        ]
        dates = sorted(content["date"][:10] for content in contents)
        names = {name: None for content in contents for name in content["versions"]}
        return Provenance(
            runs=len(contents),
            seconds=sum(content["seconds"] for content in contents),
            dates=(dates[0], dates[-1]),
            versions={
                name: sorted(
                    {
                        content["versions"][name]
                        for content in contents
                        if name in content["versions"]
                    }
                )
                for name in names
            },
        )


def _metric(columns: Mapping[str, Any], metric: str) -> Any:
    if metric not in columns or metric == "epoch":
        known = [column for column in columns if column != "epoch"]
        raise SpecError(f"unknown metric {metric!r}, {nearest(metric, known)}")
    return columns[metric]


def _together(
    measured: Sequence[tuple[Any, Any]],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return marks and values of several runs, each as long as the longest; ends are carried on.

    Parameters
    ----------
    measured : sequence of (marks, values)
        Of each run, epochs or steps in rising order, and what was measured there. Until its end,
        each has the marks of the others.
    """
    if not measured:
        return np.zeros(0, np.int64), np.zeros((0, 0))
    longest = max((np.asarray(marks, np.int64) for marks, _ in measured), key=lambda m: m[-1])
    rows = [
        np.asarray(values, float)[np.searchsorted(marks, longest, side="right") - 1]
        for marks, values in measured
    ]
    return longest, np.array(rows)
