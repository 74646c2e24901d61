"""Families of comparisons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnbook.evidence.families import LEVEL, adjusted, holm

P = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_holm_as_in_the_paper() -> None:
    # Holm (1979) rejects while the ordered p-values lie below 5 % / (n - rank).
    p = [0.01, 0.02, 0.012, 0.2]
    assert holm(p) == pytest.approx([0.04, 0.04, 0.036 + 0.004, 0.2])


@given(P)
def test_holm_rejects_step_by_step(p: list[float]) -> None:
    rejected = set()
    for rank, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        if (len(p) - rank) * p[index] > LEVEL:
            break
        rejected.add(index)
    assert {index for index, value in enumerate(holm(p)) if value <= LEVEL} == rejected


@given(P)
def test_no_adjusted_value_is_smaller_and_the_order_stays(p: list[float]) -> None:
    found = holm(p)
    assert all(p[i] <= found[i] <= 1 for i in range(len(p)))
    assert all(found[i] <= found[j] for i in range(len(p)) for j in range(len(p)) if p[i] < p[j])


def test_few_false_findings_where_nothing_differs() -> None:
    p = np.random.default_rng(0).random((2000, 20))
    assert np.mean([min(holm(row)) <= LEVEL for row in p.tolist()]) < 0.065
    assert np.mean(p.min(axis=1) <= LEVEL) > 0.6


def test_a_test_that_is_made_twice_counts_once() -> None:
    tests = [("a", "x", 0.01), ("a", "y", 0.02), ("a", "x", 0.01), ("b", "x", 0.01)]
    assert adjusted(tests) == {
        ("a", "x"): (0.02, 2),
        ("a", "y"): (0.02, 2),
        ("b", "x"): (0.01, 1),
    }
