"""Losses: what they say of the same runs is found where a claim compares accuracies."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from nnbook.evidence.claims import Checked, Claims
from nnbook.evidence.losses import Pair, told, untold
from nnbook.evidence.measures import measured
from nnbook.evidence.values import Records
from nnbook.experiments.catalogue import experiment
from nnbook.experiments.runner import recorded
from nnbook.project import REPOSITORY
from tests.evidence.test_claims import ROLE

PLAIN = "mnist-parameters/hidden_layers-{}_dropout-0.0_batch_normalization-False"
ONE, EIGHT = PLAIN.format("100"), PLAIN.format("-".join(["100"] * 8))


def checked(folder: Path, holds: str, more: str = "", **runs: str) -> Checked:
    """Compare the test accuracies of runs of the book."""
    values = "\n".join(
        f'{name} = {{ runs = "{path}", metric = "test_accuracy" }}' for name, path in runs.items()
    )
    margin = "[margins.half]\nwithin = 0.005\nreason = 'What a reader would act on.'\n"
    (folder / "some.toml").write_text(
        f"{margin if 'half' in holds else ''}"
        f"[accuracies]\nsays = 'It holds.'\nholds = ['{holds}']\n{values}\n{more}"
    )
    return Claims(folder).check("accuracies")


def lines(folder: Path) -> list[str]:
    claims, records = Claims(folder), Records()
    pairs = told(claims.values(), records)
    return [
        line
        for name, claim in claims.items()
        for line in untold(claim, claims.check(name).beside, pairs, records)
    ]


def losses(path: str) -> np.ndarray:
    name, configuration = path.split("/")
    runs = recorded(experiment(name)[configuration]).finished.values()
    return np.array([measured(run, "test_loss") for run in runs])


def test_losses_that_differ_where_accuracies_do_not_say_otherwise(tmp_path: Path) -> None:
    [one] = checked(tmp_path, "eight ? one", one=ONE, eight=EIGHT).beside
    assert one.says_otherwise
    a, b = np.log(losses(EIGHT)), np.log(losses(ONE))
    assert one.verdict.effect is not None
    assert one.verdict.effect.effect == pytest.approx(np.exp(a.mean() - b.mean()))
    assert one.verdict.p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    assert "test loss of eight, beside one: larger" in str(one)
    [line] = lines(tmp_path)
    assert line.startswith("accuracies: eight ? one, but test loss")


@pytest.mark.parametrize(
    "told",
    [
        'holds = ["lower < higher"]',
        'holds = ["factor < 1"]\nfactor = { ratio = ["lower", "higher"] }',
    ],
)
def test_a_claim_on_the_losses_tells_it(tmp_path: Path, told: str) -> None:
    more = (
        f"[losses]\nsays = 'So are the losses.'\n{told}\n"
        f'lower = {{ runs = "{ONE}", metric = "test_loss", of = "geometric mean" }}\n'
        f'higher = {{ runs = "{EIGHT}", metric = "test_loss", of = "geometric mean" }}\n'
    )
    assert checked(tmp_path, "eight ? one", more, one=ONE, eight=EIGHT).beside[0].says_otherwise
    assert lines(tmp_path) == []


def test_losses_that_agree_say_nothing_else(tmp_path: Path) -> None:
    slow = "mnist-parameters/momentum-0.0_learning_rate-0.01"
    fast = "mnist-parameters/momentum-0.9_learning_rate-0.01"
    [one] = checked(tmp_path, "fast > slow", slow=slow, fast=fast).beside
    assert not one.says_otherwise
    assert one.verdict.side == "smaller"
    assert one.verdict.p < 0.05


def test_losses_against_the_accuracies_say_otherwise(tmp_path: Path) -> None:
    # With small batches more images are read, and the losses are higher.
    runs = {"small": "mnist-repeated/batch_size-30", "large": "mnist-repeated/baseline"}
    [one] = checked(tmp_path, "small > large", **runs).beside
    assert one.says_otherwise
    assert one.verdict.side == "larger"


def test_different_losses_are_not_compared(tmp_path: Path) -> None:
    pair = "output-pairs/loss-{}_output_activation-{}_learning_rate-0.3"
    soft = pair.format("categorical_cross_entropy", "softmax")
    binary = pair.format("binary_cross_entropy", "sigmoid")
    assert checked(tmp_path, "a ? b", a=soft, b=binary).beside == ()


BOOK, RECORDS = Claims(), Records()


@cache
def pages() -> dict[str, set[str]]:
    """Return the names of the claims that each chapter makes."""
    book = REPOSITORY / "book"
    return {
        path.relative_to(book).as_posix(): set(ROLE.findall(path.read_text(encoding="utf-8")))
        for path in book.rglob("*.md")
        if path.parent.name != "errata"
    }


@cache
def told_around(name: str) -> frozenset[Pair]:
    """Return whose losses are told in a file of claims, or on a page."""
    made = pages().get(name, ())
    claims = [claim for claim in BOOK.values() if claim.source.name == name or claim.name in made]
    return frozenset(told(claims, RECORDS))


def test_where_the_losses_say_otherwise_the_chapter_tells_it() -> None:
    found = []
    for name, claim in BOOK.items():
        places = [claim.source.name, *(page for page, made in pages().items() if name in made)]
        pairs = frozenset().union(*map(told_around, places))
        found += untold(claim, BOOK.check(name).beside, pairs, RECORDS)
    assert found == []
