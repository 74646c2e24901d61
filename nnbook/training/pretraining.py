"""Unsupervised pre-training: the hidden layers learn to code the images, without their labels.

The hidden layers become the encoder of an autoencoder whose decoder mirrors them, and which is
trained to give each training image back (Hinton & Salakhutdinov 2006). What the encoder learned is
where the supervised training starts.
"""

import keras

from nnbook.training.compilation import program
from nnbook.training.feed import Feed
from nnbook.training.program import Program
from nnbook.training.spec import RunSpec, run_spec

LEARNING_RATE = 0.001
BATCH_SIZE = 100


def autoencoder(spec: RunSpec) -> RunSpec:
    """Return how the autoencoder for the hidden layers of `spec` is trained.

    With Adam, on binary cross-entropy between the images and what the decoder makes of their codes,
    on the whole training set, whatever the size of the labeled part.
    """
    decoder = spec.hidden_layers[-2::-1]
    return run_spec(
        {
            "data": spec.data.all_training(),
            "hidden_layers": (*spec.hidden_layers, *decoder),
            "activation": spec.activation,
            "initializer": spec.initializer,
            "optimizer": {"name": "adam", "learning_rate": LEARNING_RATE},
            "loss": "binary_cross_entropy",
            "epochs": spec.pretraining_epochs,
            "batch_size": min(BATCH_SIZE, spec.data.all_training().facts.training),
            "seed": spec.seed,
        }
    )


def pretrain(spec: RunSpec, compiled: Program) -> None:
    """Give the hidden layers of a program the weights of a trained encoder.

    Parameters
    ----------
    spec : RunSpec
        A run with `pretraining_epochs`.
    compiled : Program
        Its program; the output layer keeps its weights.
    """
    coding = autoencoder(spec)
    pixels = spec.data.facts.inputs
    trained = program(coding, pixels, pixels, optimized=compiled.optimized)
    images = trained.place(coding.load().training_x)
    feed, total = Feed(coding), coding.epochs * coding.steps
    for first in range(0, total, trained.capacity):
        count = min(trained.capacity, total - first)
        trained.advance(images, images, feed.take(count), first)
    for layer, encoder in zip(_hidden(compiled), _hidden(trained), strict=False):
        layer.set_weights(encoder.get_weights())


def _hidden(compiled: Program) -> list[keras.layers.Dense]:
    dense = [layer for layer in compiled.model.layers if isinstance(layer, keras.layers.Dense)]
    return dense[:-1]
