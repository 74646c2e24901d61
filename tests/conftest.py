"""Fixtures for all rooms."""

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does.
settings.register_profile("without clock", deadline=None)
settings.load_profile("without clock")


@pytest.fixture
def results_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the results of the experiment files in `tmp_path` go; it does not exist yet."""
    monkeypatch.delenv("NNBOOK_RECORDED_ONLY", raising=False)
    return tmp_path / "results"


@pytest.fixture
def small_experiment(tmp_path: Path) -> Path:
    """Return an experiment file of two tiny configurations with three seeds each."""
    path = tmp_path / "small.toml"
    path.write_text(
        """
        title = "Small"
        question = "Does it run?"
        seeds = 3
        split = "seed"
        [base]
        hidden_layers = [3]
        learning_rate = 0.1
        epochs = 5
        batch_size = 21
        [[configuration]]
        name = "three"
        [[grid]]
        batch_size = [8]
        """,
        encoding="utf-8",
    )
    return path
