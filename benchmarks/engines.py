"""The engines that are compared: each prepares one network and then takes steps on request.

An engine's function returns another one, which takes a number of steps and returns how many seconds
they took. Batches are drawn at random by each engine in its own way, as its users would have it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from benchmarks.numpy_network import CLASSES, INPUTS, MatrixProducts, NumpyNetwork
from nnbook.training.datasets import Split
from nnbook.training.spec import RunSpec

THREADS = 2

TakeSteps = Callable[[int], float]


@dataclass(frozen=True)
class Engine:
    """One row of the table.

    Attributes
    ----------
    title : str
        Its name in the table.
    prepare : callable
        Takes the specification and the data; returns the function that takes steps.
    needs : tuple of str
        The modules that it imports, which may not be installed.
    environment : mapping of str to str
        Variables of its process.
    whole_epochs : bool
        Whether a turn is an epoch; otherwise it is at most 500 steps of one.
    lacks : str
        What it cannot do of the settings with dropout and L2.
    """

    title: str
    prepare: Callable[[RunSpec, Split], TakeSteps]
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    whole_epochs: bool = False
    lacks: str = ""

    def turn(self, spec: RunSpec) -> int:
        """Return the number of steps in a turn."""
        return spec.steps if self.whole_epochs else min(spec.steps, 500)


def _timed(take_steps: Callable[[int], object]) -> TakeSteps:
    def timed(steps: int) -> float:
        start = time.perf_counter()
        take_steps(steps)
        return time.perf_counter() - start

    return timed


def _batches(
    spec: RunSpec, data: Split, steps: int, random: np.random.Generator
) -> Iterator[tuple[Any, Any]]:
    order = random.permutation(len(data.training_x))[: steps * spec.batch_size]
    for chosen in order.reshape(steps, spec.batch_size):
        yield data.training_x[chosen], data.training_y[chosen]


def nnbook(spec: RunSpec, data: Split) -> TakeSteps:
    """Steps as `Training.run` takes them: batches and dropout are drawn as it draws them."""
    from nnbook.training import engine

    compiled = engine.compiled_for(spec)
    compiled.reset(spec)
    training = engine.Training(spec, data, compiled, lambda epoch: None)
    return _timed(lambda steps: training._advance(0, steps))


def nnbook_whole(spec: RunSpec, data: Split) -> TakeSteps:
    """A whole training with its evaluations, which is run for its memory and not timed."""
    from nnbook.training import engine

    return _timed(lambda steps: engine.train(spec.vary(epochs=2)))


def keras_fit(spec: RunSpec, data: Split, jit_compile: bool | str = "auto") -> TakeSteps:
    """The same model, optimizer and loss by `model.fit`, with the accuracy, which nnbook has too.

    Each turn is the second epoch of a call: the first one pays for the start of it. Keras leaves
    XLA alone on a machine without an accelerator, unless `jit_compile` is True.
    """
    import keras

    from nnbook.training import models

    class Stopwatch(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            float(logs["loss"])  # waits for the last step
            self.seconds = time.perf_counter() - self.start

    model = models.build_model(spec, INPUTS, CLASSES)
    model.compile(
        models.build_optimizer(spec, spec.steps),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=jit_compile,
    )
    stopwatch = Stopwatch()

    def take_steps(steps: int) -> float:
        model.fit(
            data.training_x,
            data.training_y,
            batch_size=spec.batch_size,
            epochs=2,
            steps_per_epoch=steps if steps < spec.steps else None,
            callbacks=[stopwatch],
            verbose=0,
        )
        return stopwatch.seconds

    return take_steps


def torch_eager(spec: RunSpec, data: Split) -> TakeSteps:
    """PyTorch's modules and optimizer, in a loop over batches."""
    import torch  # type: ignore[import-not-found,unused-ignore]
    from torch import nn

    torch.set_num_threads(THREADS)
    units: list[int] = [INPUTS, *spec.hidden_layers]
    layers: list[nn.Module] = []
    for number, size in enumerate(spec.hidden_layers, start=1):
        layers += [
            nn.Linear(units[number - 1], size),
            {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}[spec.activation](),
        ]
        if spec.dropout and number >= spec.dropout_from:
            layers.append(nn.Dropout(spec.dropout))
    layers.append(nn.Linear(units[-1], CLASSES))
    if spec.output_dropout:
        layers.append(nn.Dropout(spec.output_dropout))
    model = nn.Sequential(*layers)
    loss = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=spec.learning_rate,
        momentum=spec.setting("momentum"),
        nesterov=spec.setting("nesterov"),
        weight_decay=2
        * spec.setting("l2"),  # the gradient of the penalty, on weights and biases alike
    )
    x, y = torch.tensor(data.training_x), torch.tensor(data.training_y, dtype=torch.long)

    def take_steps(steps: int) -> None:
        order = torch.randperm(len(x))[: steps * spec.batch_size]
        for chosen in order.split(spec.batch_size):
            optimizer.zero_grad()
            loss(model(x[chosen]), y[chosen]).backward()
            optimizer.step()

    return _timed(take_steps)


def scikit_learn(spec: RunSpec, data: Split) -> TakeSteps:
    """MLPClassifier.partial_fit, which takes one step for each batch of what it is given."""
    import sklearn
    from sklearn.neural_network import MLPClassifier

    sklearn.set_config(assume_finite=True)  # no look at every number in each call
    model = MLPClassifier(
        spec.hidden_layers,
        activation={"sigmoid": "logistic", "relu": "relu"}[spec.activation],
        solver="sgd",
        alpha=2
        * spec.setting("l2")
        * spec.batch_size,  # its penalty is half of that, over the batch size
        batch_size=spec.batch_size,
        learning_rate_init=spec.learning_rate,
        momentum=spec.setting("momentum"),
        nesterovs_momentum=spec.setting("nesterov"),
    )
    classes = np.arange(CLASSES)

    def take_steps(steps: int) -> None:
        chosen = slice(steps * spec.batch_size)
        model.partial_fit(data.training_x[chosen], data.training_y[chosen], classes=classes)

    return _timed(take_steps)


def numpy_step(spec: RunSpec, data: Split) -> TakeSteps:
    """The step written out, see `NumpyNetwork`."""
    random = np.random.default_rng(0)
    network = NumpyNetwork(spec, random)

    def take_steps(steps: int) -> None:
        for x, y in _batches(spec, data, steps, random):
            network.step(x, y)

    return _timed(take_steps)


def matrix_products(spec: RunSpec, data: Split) -> TakeSteps:
    """The lower bound, see `MatrixProducts`; its batches lie in memory as they are used."""
    products = MatrixProducts(spec, np.random.default_rng(0))

    def take_steps(steps: int) -> None:
        for x in data.training_x[: steps * spec.batch_size].reshape(steps, spec.batch_size, -1):
            products.step(x)

    return _timed(take_steps)


TENSORFLOW = {"KERAS_BACKEND": "tensorflow"}
JAX = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}

ENGINES = {
    "nnbook": Engine(
        "nnbook on TensorFlow", nnbook, ("nnbook.training.engine",), TENSORFLOW, whole_epochs=True
    ),
    "nnbook-jax": Engine(
        "nnbook on JAX", nnbook, ("jax", "nnbook.training.engine"), JAX, whole_epochs=True
    ),
    # oneDNN is on by default, which nnbook.training changes.
    "fit": Engine(
        "model.fit on TensorFlow",
        keras_fit,
        ("keras",),
        TENSORFLOW | {"TF_ENABLE_ONEDNN_OPTS": "1"},
    ),
    "fit-xla": Engine(
        "model.fit on TensorFlow, jit_compile=True",
        partial(keras_fit, jit_compile=True),
        ("keras",),
        TENSORFLOW | {"TF_ENABLE_ONEDNN_OPTS": "1"},
    ),
    "fit-jax": Engine("model.fit on JAX", keras_fit, ("jax", "keras"), JAX),
    "torch": Engine("PyTorch, eager", torch_eager, ("torch",)),
    "scikit-learn": Engine(
        "scikit-learn", scikit_learn, ("sklearn",), lacks="no dropout, no penalty on biases"
    ),
    "numpy": Engine("NumPy", numpy_step),
    "products": Engine("matrix products alone, NumPy", matrix_products),
}

WHOLE = {
    "training": Engine(
        "nnbook, whole training on TensorFlow",
        nnbook_whole,
        ("nnbook.training.engine",),
        TENSORFLOW,
    ),
    "training-jax": Engine(
        "nnbook, whole training on JAX", nnbook_whole, ("jax", "nnbook.training.engine"), JAX
    ),
}
