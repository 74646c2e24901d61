"""L2 and L1 penalties: what Node finds exactly, beside ridge, lasso and scikit-learn."""

import itertools
import json

import numpy as np
from sklearn.linear_model import lars_path

from nnbook.theory.penalties import lasso, ridge
from tests.publishing.explorables.node import run_tests

MINIMA = ((1.2, 0.6), (1.2, 1.1), (1.3, -0.1), (-0.3, -1.5), (0.5, 0.0))
VALLEYS = ((1, 0), (4, 120), (9, 35), (20, 135), (20, 70))
LAMBDAS = (0.05, 0.5, 1.0, 2.35, 4.0)


def features(condition, angle):
    """Return features whose squared errors have the valley: one example along it, one across."""
    c, s = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return np.array([[c / np.sqrt(condition), -s], [s / np.sqrt(condition), c]])


def kinks(phi, y):
    """Return where, and to which side, L1 changes which weights are zero."""
    alphas, _, weights = lars_path(phi.T, y.ravel(), method="lasso")
    return {"lambda": (2 * y.size * alphas).tolist(), "weights": weights.T.tolist()}


def found(star, valley):
    phi = features(*valley)
    y = np.array([star]) @ phi
    return {
        "setting": dict(zip(("x", "y", "condition", "angle"), (*star, *valley), strict=True)),
        "matrix": (phi @ phi.T).tolist(),
        "kinks": kinks(phi, y),
        "minima": [
            {
                "lambda": strength,
                "ridge": ridge(phi, y, strength)[0].tolist(),
                "lasso": lasso(phi, y, strength, steps=800)[0].tolist(),
            }
            for strength in LAMBDAS
        ],
    }


def test_the_page_computes_what_nnbook_computes(tmp_path):
    losses = [found(star, valley) for star, valley in itertools.product(MINIMA, VALLEYS)]
    path = tmp_path / "golden.json"
    path.write_text(json.dumps({"losses": losses}), encoding="utf-8")
    run_tests("penalties.test.mjs", NNBOOK_GOLDEN=str(path))
