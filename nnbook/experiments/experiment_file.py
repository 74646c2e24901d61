"""What is to be run: experiment files, and the configurations that they declare.

An experiment file is a TOML file such as ::

    title = "Batch size"
    question = "Does the batch size matter?"
    seeds = 20                  # 0 to 19; or [3, 4, 5]; or {first = 100, count = 40}
    split = "seed"              # the data are split anew for each seed; or a fixed number, here
                                # or in a configuration

    [base]                      # settings of all configurations: parameters of `RunSpec`
    hidden_layers = [20, 20]
    learning_rate = 0.1
    epochs = 215
    batch_size = 3

    [[configuration]]
    name = "wide"
    hidden_layers = [100, 100]

    [[grid]]                    # a configuration for each combination of values, here
    batch_size = [1, 5]         # "batch_size-1" and "batch_size-5"

    [[chosen]]                  # a setting that was chosen by its results (see `Choice`)
    configuration = "batch_size-5"
    by = "validation_loss"
    among = ["batch_size-*"]

    [unused]                    # configurations that no page shows, and why
    "wide" = "superseded by batch_size-5"
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from nnbook.experiments.record import KeepWeights

MOST_SEEDS = 10_000
"""Largest number of repetitions of a configuration."""

LARGEST_SEED = 2**32 - 1

MOST_CONFIGURATIONS = 10_000
"""Largest number of configurations of an experiment."""

MOST_RUNS = 100_000
"""Largest number of runs of an experiment."""


def read_seeds(declared: Any) -> tuple[int, ...]:
    """Return the seeds that a file or a variation declares.

    Raises
    ------
    ValueError
        For anything but a number of seeds, a list of different ones, or a range within the bounds.
    """
    seeds: range | list[int] = []
    match declared:
        case bool():
            pass
        case int(count) if count >= 1:
            seeds = range(count)
        case {"first": int(first), "count": int(count)} if first >= 0 and count >= 1:
            seeds = range(first, first + count) if len(declared) == 2 else []
        case [*listed] if all(type(seed) is int and seed >= 0 for seed in listed):
            seeds = listed if len(set(listed)) == len(listed) else []
    largest = seeds[-1] if isinstance(seeds, range) else max(seeds, default=0)
    # A range of 10^30 has no length, but ends.
    if seeds and largest <= LARGEST_SEED and len(seeds) <= MOST_SEEDS:
        return tuple(seeds)
    if seeds:
        raise ValueError(
            f"expected at most {MOST_SEEDS:,} seeds below 2**32, received {_shortened(declared)}"
        )
    raise ValueError(
        "expected a number of seeds such as 20, a list of different seeds such as [3, 4], or "
        f"{{first = 100, count = 40}}, received {_shortened(declared)}"
    )


def _shortened(declared: object) -> str:
    text = repr(declared)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _split(declared: object) -> object:
    if declared == "seed" or (type(declared) is int and declared >= 0):
        return declared
    raise ValueError(f'expected "seed" or a whole number from 0, received {declared!r}')


class Choice(BaseModel):
    """A setting that was chosen by what came out, so that this figure of it is no fair one.

    Parameters
    ----------
    configuration : str
    by : str
        The metric at the end of training that it has the best mean of, such as
        ``"validation_accuracy"``.
    among : list of str
        Patterns of the configurations that it was chosen from, such as ``"learning_rate-*"``.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    configuration: str
    by: str
    among: Annotated[list[str], Field(min_length=1)]


class ExperimentFile(BaseModel):
    """The content of an experiment file, as the module's docstring describes it."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    title: str
    question: str
    seeds: Annotated[tuple[int, ...], BeforeValidator(read_seeds)]
    split: Annotated[int | Literal["seed"], BeforeValidator(_split)] = 0
    keep_weights: KeepWeights = True
    keep_misread: bool = False
    base: dict[str, Any]
    configuration: list[dict[str, Any]] = []
    grid: list[dict[str, Annotated[list[Any], Field(min_length=1)]]] = []
    chosen: list[Choice] = []
    unused: dict[str, str] = {}


def expanded(grids: list[dict[str, list[Any]]]) -> Iterator[dict[str, Any]]:
    """Yield a configuration for each combination of the values of each grid, with its name."""
    for grid in grids:
        for values in product(*grid.values()):
            settings = dict(zip(grid, values, strict=True))
            name = "_".join(f"{key}-{_label(value)}" for key, value in settings.items())
            yield {"name": name, **settings}


def _label(value: Any) -> str:
    if isinstance(value, Mapping):
        value = list(value.values())
    return "-".join(map(_label, value)) if isinstance(value, list) else str(value)
