"""The autoencoder against `model.fit`, and what becomes of its weights; on either backend."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from nnbook.errors import SpecError
from nnbook.training import engine, models, pretraining
from nnbook.training.datasets import load_split
from nnbook.training.feed import batch_orders
from nnbook.training.pretraining import autoencoder
from nnbook.training.program import Program
from nnbook.training.spec import run_spec
from tests.training.cases import CLASSIFICATION, prepared

PRETRAINED: dict[str, Any] = {
    **CLASSIFICATION,
    "hidden_layers": [8],
    "pretraining_epochs": 2,
    "epochs": 2,
}


def test_the_decoder_mirrors_the_encoder() -> None:
    spec = run_spec({**PRETRAINED, "hidden_layers": [30, 20, 10], "initializer": "he_normal"})
    coding = autoencoder(spec)
    assert coding.hidden_layers == (30, 20, 10, 20, 30)
    assert coding.examples == 1197  # all of them, not the 130 with labels
    assert (coding.epochs, coding.activation, coding.initializer) == (2, "tanh", spec.initializer)
    assert autoencoder(run_spec({**PRETRAINED, "hidden_layers": [7]})).hidden_layers == (7,)


@pytest.mark.either_backend
def test_the_hidden_layers_get_the_weights_of_a_trained_autoencoder() -> None:
    spec = run_spec({**PRETRAINED, "hidden_layers": [8, 5], "batch_normalization": True})
    own = prepared(spec)
    before = own.program.model.get_weights()
    pretraining.pretrain(spec, own.program)

    coding = autoencoder(spec)
    model = models.build_model(coding, 64, 64)
    model.compile(keras.optimizers.Adam(0.001), keras.losses.BinaryCrossentropy(from_logits=True))
    images = load_split("digits").training_x
    orders = batch_orders(coding, len(images))
    for _ in range(2):
        x = images[next(orders)]
        model.fit(x, x, batch_size=100, shuffle=False, verbose=0)

    received, trained = own.program.model.get_weights(), model.get_weights()
    # Weights, biases and the four arrays of batch normalization; then the same again.
    for own_place, their_place in ((0, 0), (1, 1), (6, 2), (7, 3)):
        np.testing.assert_allclose(received[own_place], trained[their_place], rtol=1e-3, atol=1e-5)
        assert not np.array_equal(received[own_place], before[own_place])
    for place in (*range(2, 6), *range(8, 14)):
        np.testing.assert_array_equal(received[place], before[place])


def test_the_images_are_reconstructed_better_and_better(monkeypatch: pytest.MonkeyPatch) -> None:
    losses: list[Any] = []
    advance = Program.advance

    def recording(program: Program, *arguments: Any) -> Any:
        result = advance(program, *arguments)
        losses.append((program.shape, result[0]))
        return result

    monkeypatch.setattr(Program, "advance", recording)
    spec = run_spec({**PRETRAINED, "pretraining_epochs": 20})
    pretraining.pretrain(spec, prepared(spec).program)
    assert {shape for shape, _ in losses} == {(64, 64)}
    means = np.concatenate([values for _, values in losses]).reshape(20, 12).mean(axis=1)
    assert (np.diff(means) < 0).all()
    assert means[-1] < 0.75 * means[0]


def test_a_pretrained_run_is_deterministic_and_starts_from_what_was_learned() -> None:
    spec = run_spec({**PRETRAINED, "probes": True})
    outcome = engine.train(spec)
    again = engine.train(spec)
    scratch = engine.train(spec.vary(pretraining_epochs=0))
    assert again.history == outcome.history
    assert again.final == outcome.final
    assert scratch.history != outcome.history
    before = outcome.first_layer["W1_before"]
    np.testing.assert_array_equal(again.first_layer["W1_before"], before)
    assert not np.array_equal(scratch.first_layer["W1_before"], before)


def test_inputs_that_are_no_shares_cannot_be_coded(tmp_path: Path) -> None:
    own = {"name": "npz", "path": str(tmp_path / "own.npz")}
    settings = {**PRETRAINED, "data": own, "batch_size": 5, "training_size": None}
    y = np.arange(40) % 2
    images = np.random.default_rng(0).random((40, 4, 4))
    for x in (images, (255 * images).astype(np.uint8)):
        np.savez(own["path"], x=x, y=y)
        run_spec(settings)
    np.savez(own["path"], x=2 * images, y=y)
    with pytest.raises(SpecError, match=r"pretraining_epochs: expected inputs from 0 to 1.*'npz'"):
        run_spec(settings)
    run_spec({**settings, "pretraining_epochs": 0})


def test_pretraining_may_diverge() -> None:
    large = {"initializer": "random_normal", "initial_deviation": 1e30, "activation": "identity"}
    outcome = engine.train(run_spec({**PRETRAINED, **large}))
    assert outcome.diverged_at == (1, 1)
    assert outcome.network is None
