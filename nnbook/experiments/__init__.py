"""The experiments room: many runs, planned, carried out, recorded and summarized.

>>> from nnbook.experiments import experiment, run
>>> sheet = experiment("eckerle4-sheet")
>>> sheet["ex2b-1"].settings["hidden_layers"]
[20, 11, 7]

From what is declared to what is on record:

================== ==================================================================
`experiment_file`  what an experiment file may hold
`configurations`   an experiment and its configurations
`catalogue`        experiments by name or path
`record`, `disk`   a run on record: its form, its arrays; files that are whole or not there
`store`            the folder of records, found by what was run
`plan`             the runs of an experiment, where they go, and which are there
`session`          training those that are not there, with `workers`, `locks`, `progress`
`runner`           `run` and `recorded`, which give `results`
`archives`         the records of a page in one file, for notebooks that are taken away
================== ==================================================================
"""

from nnbook.experiments.catalogue import experiment, experiment_names
from nnbook.experiments.configurations import Configuration, Experiment
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
