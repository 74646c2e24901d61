"""Every configuration that was run is shown, or excused with a reason."""

from pathlib import Path

import pytest

from nnbook.evidence import accounts
from nnbook.evidence.accounts import claimed, problems
from nnbook.evidence.claims import Claims
from nnbook.experiments import experiment

FILE = """
title = "t"
question = "q"
seeds = 2
[base]
learning_rate = 0.1
epochs = 2
batch_size = 3
[[grid]]
hidden_layers = [[1], [2], [3]]
"""


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a small experiment the only one of the book, and return its file."""
    (tmp_path / "small.toml").write_text(FILE)
    monkeypatch.setattr(accounts, "experiment_names", lambda: ["small"])
    monkeypatch.setattr(accounts, "experiment", lambda _: experiment(str(tmp_path / "small.toml")))
    return tmp_path / "small.toml"


ALL = ["small/hidden_layers-1", "small/hidden_layers-2", "small/hidden_layers-3"]


def test_what_is_shown_is_accounted_for(listed: Path) -> None:
    assert list(problems(ALL)) == list(problems(["small/*"])) == []
    left_out = list(problems([*ALL[:2], "other/hidden_layers-3"]))
    assert len(left_out) == 1
    assert left_out[0].startswith("small/hidden_layers-3 was run and no page shows it")


def test_what_has_a_reason_is_excused(listed: Path) -> None:
    reason = '[unused]\n"hidden_layers-3" = "superseded by hidden_layers-2"\n'
    listed.write_text(FILE + reason)
    assert list(problems(ALL[:2])) == []
    assert list(problems(ALL)) == [
        "small: unused: 'hidden_layers-3' is shown; take the reason away"
    ]


def test_a_reason_for_several_stands_while_one_of_them_is_not_shown(listed: Path) -> None:
    reason = '[unused]\n"hidden_layers-*" = "superseded by others"\n'
    listed.write_text(FILE + reason)
    assert list(problems(ALL[:2])) == []
    assert "unused: 'hidden_layers-*' is shown" in next(problems(ALL))


def test_claims_account_for_what_they_name() -> None:
    assert "adam-schedule/learning_rate-0.01" in claimed(Claims().values())
