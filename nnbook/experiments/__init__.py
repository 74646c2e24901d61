"""The experiments room: many runs, planned, carried out, recorded and summarized.

>>> from nnbook.experiments import experiment, run
>>> sheet = experiment("eckerle4-sheet")
>>> sheet["ex2b-1"].settings["hidden_layers"]
[20, 11, 7]
"""

from nnbook.experiments.catalogue import Configuration, Experiment, experiment, experiment_names
from nnbook.experiments.results import Results, Runs
from nnbook.experiments.runner import recorded, run
from nnbook.experiments.store import Store

__all__ = [
    "Configuration",
    "Experiment",
    "Results",
    "Runs",
    "Store",
    "experiment",
    "experiment_names",
    "recorded",
    "run",
]
