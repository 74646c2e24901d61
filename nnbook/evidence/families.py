"""Families: the comparisons that a reader sees side by side, and what that does to p-values.

Of twenty comparisons in which nothing differs, one is significant at 5 %. Holm (1979, *A simple
sequentially rejective multiple test procedure*, Scandinavian Journal of Statistics 6, 65-70) bounds
the probability of even one false finding in a family by 5 %, whatever the comparisons have to do
with each other. The smallest p-value is multiplied by their number, the next by one less, and so
on; so comparisons that are beyond doubt cost the others nothing.
"""

from collections.abc import Iterable, Mapping, Sequence

LEVEL = 0.05
"""Probability of at least one false finding in a family."""


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the adjusted p-values, in the order of `p_values`.

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [1.0] * len(p_values)
    least = 0.0
    for rank, index in enumerate(order):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = least
    return adjusted


def adjusted(
    tests: Iterable[tuple[str, str, float]],
) -> Mapping[tuple[str, str], tuple[float, int]]:
    """Return the adjusted p-value of each test and the size of its family.

    Parameters
    ----------
    tests : iterable of (str, str, float)
        Family, name of the test, p-value; a test that is made twice counts once.

    Returns
    -------
    dict of (family, test) to (adjusted p-value, size of the family)
    """
    families: dict[str, dict[str, float]] = {}
    for family, test, p in tests:
        families.setdefault(family, {})[test] = p
    return {
        (family, test): (p, len(members))
        for family, members in families.items()
        for test, p in zip(members, holm(list(members.values())), strict=True)
    }
