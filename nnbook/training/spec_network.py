"""The part of a specification that says which network is trained."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from nnbook.training.choices import MOST_EPOCHS, OneOf
from nnbook.training.initializers import INITIALIZERS, Initializer
from nnbook.training.normalizations import NORMALIZATIONS, Normalization
from nnbook.training.regularizers import REGULARIZERS, Regularizer
from nnbook.training.spec_data import DataSettings

Activation = Literal[
    "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "identity", "step", "softmax"
]
Loss = Literal["mean_squared_error", "categorical_cross_entropy", "binary_cross_entropy"]
OutputActivation = Literal["identity", "sigmoid", "softmax"]

CANONICAL_OUTPUT: dict[Loss, OutputActivation] = {
    "mean_squared_error": "identity",
    "categorical_cross_entropy": "softmax",
    "binary_cross_entropy": "sigmoid",
}
"""The output activation for which the gradient at z is prediction minus target."""

MOST_LAYERS = 1_000

Units = Annotated[int, Field(ge=1, le=10_000)]
# Dropout compares 16 random bits with its rate, so that what it keeps is a multiple of 2^-16.
DropoutRate = Annotated[float, Field(ge=0, le=1 - 2**-16)]


class NetworkSettings(DataSettings):
    """Layers, what regularizes them, and the loss; see `nnbook.training.spec.RunSpec`."""

    hidden_layers: Annotated[tuple[Units, ...], Field(strict=False, max_length=MOST_LAYERS)]
    activation: Activation = "relu"
    shortcuts: Annotated[int, Field(ge=0, le=100)] = 0
    input_dropout: DropoutRate = 0.0
    dropout: DropoutRate = 0.0
    dropout_from: Annotated[int, Field(ge=1)] = 1
    output_dropout: DropoutRate = 0.0
    normalization: Annotated[Normalization, OneOf(NORMALIZATIONS)] | None = None
    initializer: Annotated[Initializer, OneOf(INITIALIZERS)]
    regularizer: Annotated[Regularizer, OneOf(REGULARIZERS)]
    pretraining_epochs: Annotated[int, Field(ge=0, le=MOST_EPOCHS)] = 0
    loss: Loss = "mean_squared_error"
    output_activation: OutputActivation | None = None

    @property
    def output(self) -> OutputActivation:
        """The activation of the output."""
        return self.output_activation or CANONICAL_OUTPUT[self.loss]

    @property
    def has_dropout(self) -> bool:
        """Whether anything is zeroed while training."""
        hidden = self.dropout > 0 and len(self.hidden_layers) > 0
        return self.input_dropout > 0 or hidden or self.output_dropout > 0

    @property
    def shortcut_starts(self) -> dict[int, int]:
        """For each hidden layer where a shortcut ends, the one where it starts; from 1.

        The first shortcut starts at the first hidden layer, and each one where the one before it
        ended. Where the layer that is `shortcuts` layers on has another width, the next start is
        tried.
        """
        starts, start = {}, 1
        while self.shortcuts and start + self.shortcuts <= len(self.hidden_layers):
            end = start + self.shortcuts
            if self.hidden_layers[start - 1] == self.hidden_layers[end - 1]:
                starts[end] = start
                start = end
            else:
                start += 1
        return starts

    def _network_problems(self) -> Iterator[str]:
        depth = len(self.hidden_layers)
        if self.activation == "softmax" and 1 in self.hidden_layers:
            yield (
                "hidden_layers: expected at least 2 units in each layer for activation 'softmax' "
                "(a softmax of one unit is always 1), received 1"
            )
        if self.shortcuts and not self.shortcut_starts:
            yield (
                f"shortcuts: expected two hidden layers of equal width, {self.shortcuts} apart, "
                f"received {list(self.hidden_layers)}"
            )
        if (self.dropout_from > 1) and not (self.dropout and self.dropout_from <= depth):
            yield (
                f"dropout_from: expected at most {depth} (the hidden layers) and "
                f"a dropout above 0, received {self.dropout_from} with dropout {self.dropout}"
            )
        if self.pretraining_epochs and not self.data.facts.image_shape:
            yield (
                "pretraining_epochs: expected only with images, received it with data "
                f"{self.data.name!r}"
            )
        if self.pretraining_epochs and not self.data.in_unit_interval:
            yield (
                "pretraining_epochs: expected inputs from 0 to 1, or bytes, since an autoencoder "
                "is trained on their binary cross-entropy; received others with data "
                f"{self.data.name!r}"
            )
        if self.pretraining_epochs and not self.hidden_layers:
            yield "pretraining_epochs: expected hidden layers to pretrain, received none"
        yield from self._loss_problems()

    def _loss_problems(self) -> Iterator[str]:
        if self.output == "softmax" and not self.classifies:
            yield (
                "output_activation: a softmax needs classes, which "
                f"{self.data.name!r} does not have"
            )
        if self.loss == "categorical_cross_entropy" and not self.classifies:
            yield f"loss: {self.loss!r} needs classes, which {self.data.name!r} does not have"
        if self.loss != "mean_squared_error" and self.output == "identity":
            yield f"output_activation: {self.loss!r} needs probabilities, received 'identity'"
