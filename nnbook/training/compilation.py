"""Which program trains a specification: that of Keras' backend, compiled once for similar runs."""

from functools import lru_cache

import keras

from nnbook.training import datasets
from nnbook.training.program import Program
from nnbook.training.spec import AUGMENTATIONS, RunSpec


def program(spec: RunSpec, inputs: int, outputs: int) -> Program:
    """Return the program of `spec` for the backend that Keras is configured with."""
    if keras.backend.backend() == "jax":
        from nnbook.training.jax_program import JaxProgram

        return JaxProgram(spec, inputs, outputs)
    from nnbook.training.tensorflow_program import TensorFlowProgram

    return TensorFlowProgram(spec, inputs, outputs)


def compiled_for(spec: RunSpec) -> Program:
    """Return the program that trains `spec`, perhaps one that trained similar runs before."""
    defaults = {name: field.default for name, field in RunSpec.model_fields.items()}
    irrelevant = [
        "seed",
        "split",
        "noise",
        "initializer",
        "initial_deviation",
        "pretraining_epochs",
        "continued",
        "probes",
        *AUGMENTATIONS,
    ]
    template = {name: defaults[name] for name in irrelevant}
    if spec.schedule == "constant":
        template |= {"learning_rate": 1.0, "epochs": 1}
    return _program(spec.model_copy(update=template))


@lru_cache(maxsize=2)
def _program(template: RunSpec) -> Program:
    classes = datasets.classes(template.data)
    return program(template, datasets.inputs(template.data), classes or 1)
