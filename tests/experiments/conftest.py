"""A store of its own for each test, and where it keeps the run that `SPEC` specifies."""

from pathlib import Path

import pytest

from nnbook.experiments import Store
from tests.experiments.outcomes import SPEC


@pytest.fixture
def place(tmp_path: Path) -> Store:
    return Store(tmp_path / "results", remedy="`nnbook run small` makes it anew")


@pytest.fixture
def path(place: Store) -> Path:
    return place.path(SPEC.key)
