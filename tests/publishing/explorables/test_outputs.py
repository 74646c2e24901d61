"""Outputs and losses: what Node computes beside nnbook."""

import itertools
import json

import numpy as np

from nnbook.theory.activations import get_activation
from nnbook.theory.losses import get_loss
from tests.publishing.explorables.node import run_tests


def found(output, loss, z, y):
    """Return what nnbook computes of the first output; two others have the logit 0."""
    others = [[0.0], [0.0]] if output == "softmax" else []
    z_all, y_all = np.array([[z], *others]), np.array([[y], *[[(1 - y) / 2]] * len(others)])
    activation = get_activation(output)
    kind = {"softmax": "categorical_cross_entropy"}.get(output, "binary_cross_entropy")
    if loss == "cross_entropy" and output != "identity":
        on_logits = get_loss(f"{kind}_on_logits")
        value, signal = on_logits(z_all, y_all), on_logits.gradient(z_all, y_all)
    else:
        function = get_loss(kind if loss == "cross_entropy" else loss)
        predictions = activation(z_all)
        times = len(z_all) if loss == "mae" else 1
        value = times * function(predictions, y_all)
        signal = times * activation.pull_back(z_all, function.gradient(predictions, y_all))
    return {
        "prediction": activation(z_all)[0].item(),
        "loss": float(value),
        "signal": signal[0].item(),
    }


def test_the_page_computes_what_nnbook_computes(tmp_path):
    pairs = [
        {
            "setting": {"output": output, "loss": loss, "z": z, "y": y},
            "found": found(output, loss, z, y),
        }
        for output, loss, z, y in itertools.product(
            ("identity", "sigmoid", "softmax"),
            ("half_sse", "mae", "cross_entropy"),
            (-40.0, -6.0, 0.3, 0.9, 7.5, 40.0),
            (0.0, 0.35, 1.0),
        )
        if not (output == "identity" and loss == "cross_entropy" and not 0 < z < 1)
    ]
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"pairs": pairs}), encoding="utf-8")
    run_tests("outputs.test.mjs", NNBOOK_GOLDEN=str(path))
