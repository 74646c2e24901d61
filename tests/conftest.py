"""Fixtures for all rooms."""

import gc
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does.
settings.register_profile("without clock", deadline=None)
settings.load_profile("without clock")

LONGEST = (
    "book/test_explorables.py",
    "book/test_pages.py",
    "publishing/test_execution.py",
    "book/test_open_code.py",
    "training/test_program.py",
    "book/test_cards.py",
    "training/test_engine.py",
)
"""Files that take longest, in order. They are begun first: else one process ends long after all."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files in front; in each the order stays."""
    here = Path(__file__).parent
    ranks = {here / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(LONGEST)))


def pytest_collection_finish() -> None:
    """Look for no garbage among the modules and tests, which all stay."""
    gc.freeze()


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
