"""Which program trains a specification: that of Keras' backend, compiled once for similar runs."""

from functools import lru_cache
from typing import Any

import keras

from nnbook.training.choices import field_defaults
from nnbook.training.datasets import Facts
from nnbook.training.initializers.zeros import Zeros
from nnbook.training.program import Program
from nnbook.training.spec import AUGMENTATIONS, RunSpec
from nnbook.training.stopping import StoppingRule
from nnbook.training.stopping.patience import Patience

IRRELEVANT = ("seed", "split", "pretraining_epochs", "continued", "probes", *AUGMENTATIONS)
"""Settings that a program does not depend on, besides the data and the initial weights."""


def program(spec: RunSpec, inputs: int, outputs: int, *, optimized: bool = True) -> Program:
    """Return the program of `spec` for the backend that Keras is configured with."""
    if keras.backend.backend() == "jax":
        from nnbook.training.jax_program import JaxProgram

        return JaxProgram(spec, inputs, outputs, optimized=optimized)
    from nnbook.training.tensorflow_program import TensorFlowProgram

    return TensorFlowProgram(spec, inputs, outputs, optimized=optimized)


def compiled_for(spec: RunSpec, *, optimized: bool = True) -> Program:
    """Return the program that trains `spec`, perhaps one that trained similar runs before."""
    # A user's file may have changed, and its sizes with it.
    return _program(template(spec), spec.data.facts, optimized)


def template(spec: RunSpec) -> RunSpec:
    """Return what all specifications have in common that one program trains."""
    settings: dict[str, Any] = {
        **{name: field_defaults(RunSpec)[name] for name in IRRELEVANT},
        "data": spec.data.for_programs(),
        "initializer": Zeros(),
        "early_stopping": _held_out_alone(spec),
    }
    if spec.schedule.is_constant:
        settings["epochs"] = 1
        settings["optimizer"] = spec.optimizer.model_copy(update={"learning_rate": 1.0})
    return spec.model_copy(update=settings)


def _held_out_alone(spec: RunSpec) -> StoppingRule | None:
    """Return a rule that holds out as many examples."""
    if spec.early_stopping is None or not spec.held_out:
        return None
    return Patience(held_out=spec.early_stopping.held_out)


@lru_cache(maxsize=2)
def _program(template: RunSpec, facts: Facts, optimized: bool) -> Program:
    return program(template, facts.inputs, facts.outputs, optimized=optimized)
