"""Claims: read, compared with records, shown; and those of the book, which are all true."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from nnbook.errors import ClaimError, MissingRunsError
from nnbook.evidence.claims import Checked, Claims
from nnbook.evidence.estimates import Estimate, exact
from nnbook.experiments import experiment, runner
from nnbook.project import REPOSITORY
from tests.experiments.outcomes import diverging, quick

ROLE = re.compile(r"\{claim\}`([a-z0-9-]+)")

# The stand-in for training gives the seeds 0, 1, 2 these losses after 5 epochs.
LOSSES = np.array([1 / 6, 1 / 7, 1 / 8])

Check = Callable[..., Checked]


@pytest.fixture
def check(small_experiment: Path, results_folder: Path, tmp_path: Path) -> Check:
    """Return a function that compares a claim with records of the small experiment."""

    def compared(
        *holds: str, values: str = "", says: str = "It is {x}.", train: object = quick
    ) -> Checked:
        small = experiment(str(small_experiment))
        list(runner.train_all(list(runner.states(small)), 1, train=train))  # type: ignore[arg-type]
        text = (
            f"[a-claim]\nsays = {says!r}\nholds = {list(holds)}\n"
            'x = { runs = "FILE/three", metric = "test_loss" }\n' + values
        )
        folder = tmp_path / "claims"
        folder.mkdir(exist_ok=True)
        (folder / "some.toml").write_text(text.replace("FILE", str(small_experiment)))
        return Claims(folder).check("a-claim")

    return compared


def test_a_true_claim_shows_its_numbers(check: Check) -> None:
    checked = check("x > 0.05", "0.08 < x < 0.2")
    checked.raise_if_false()
    assert checked.failures == ()
    x = checked.estimates["x"]
    interval = stats.ttest_1samp(LOSSES, 0).confidence_interval(0.95)
    assert (x.value, x.low, x.high) == pytest.approx((LOSSES.mean(), *interval), rel=1e-6)
    assert checked.sentence == "It is 0.14."
    assert f"{x:full}" == "0.14 (n = 3, 95\N{NO-BREAK SPACE}% interval 0.09 to 0.20)"
    records = {path for estimate in checked.estimates.values() for path in estimate.records}
    assert len(records) == 3


def test_a_false_claim_names_statement_relation_value_and_records(check: Check) -> None:
    checked = check("0.05 < x < 0.19")
    with pytest.raises(ClaimError) as raised:
        checked.raise_if_false()
    message = str(raised.value)
    assert "claim 'a-claim' (some.toml) is false: It is 0.14." in message
    assert "x < 0.19 does not hold: x is 0.14 (n = 3" in message
    assert "mean of test_loss" in message
    assert "small.toml/three" in message
    assert "0.05 < x does not hold" not in message


OTHER = 'y = { runs = "FILE/batch_size-8", metric = "test_loss" }\n'


def test_equal_runs_cannot_be_told_apart(check: Check) -> None:
    # Both configurations have the same losses, seed by seed.
    assert check("x ~ y", values=OTHER).failures == ()
    assert len(check("x < y", "x > y", values=OTHER).failures) == 2


def test_an_ordering_of_means_is_a_significant_one(check: Check) -> None:
    # After 1 epoch the losses are 1/2, 1/3, 1/4: higher, but the interval of the pairs' mean
    # difference includes zero. Their logarithms tell: each falls to about the same fraction.
    arithmetic = 'y = { runs = "FILE/three", metric = "test_loss", epoch = 1 }\n'
    differences = np.array([1 / 2, 1 / 3, 1 / 4]) - LOSSES
    assert stats.ttest_1samp(differences, 0).confidence_interval(0.95).low < 0
    assert check("x ~ y", values=arithmetic).failures == ()
    assert len(check("x < y", values=arithmetic).failures) == 1
    geometric = (
        'y = { runs = "FILE/three", metric = "test_loss", epoch = 1, of = "geometric mean" }\n'
        'z = { runs = "FILE/three", metric = "test_loss", of = "geometric mean" }\n'
    )
    assert check("z < y", "y > z", values=geometric).failures == ()
    assert len(check("y < z", "y ~ z", values=geometric).failures) == 2


def test_samples_without_shared_seeds_are_compared_as_welch_does(check: Check) -> None:
    first = Estimate(0, 0, 0, 4, "number", "a", {(0, s): v for s, v in enumerate([1, 2, 3, 4.0])})
    second = {(1, s): v for s, v in enumerate([3.0, 6.0, 9.0])}
    from nnbook.evidence.estimates import difference

    found = difference(first, Estimate(0, 0, 0, 3, "number", "b", second))
    expected = stats.ttest_ind([1, 2, 3, 4], [3, 6, 9], equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        ('"median"', 1 / 7),
        ('"min"', 1 / 8),
        ('"max"', 1 / 6),
        ('"sum"', LOSSES.sum()),
        ('"sd"', LOSSES.std(ddof=1)),
        ('"count", where = "< 0.15"', 2),
        ('"share", where = "> 0.15"', 1 / 3),
    ],
)
def test_statistics(check: Check, statistic: str, value: float) -> None:
    y = f'y = {{ runs = "FILE/three", metric = "test_loss", of = {statistic} }}\n'
    checked = check("y > 0", values=y)
    assert checked.estimates["y"].value == pytest.approx(value, rel=1e-6)
    assert not checked.estimates["y"].has_interval
    assert len(check("y < 0", values=y).failures) == 1


def test_differences_and_ratios_are_paired(check: Check) -> None:
    values = (
        'first = { runs = "FILE/three", metric = "test_loss", epoch = 1 }\n'
        'd = { difference = ["first", "x"] }\nr = { ratio = ["first", "x"] }\n'
    )
    checked = check("r > 1", values=values)
    before = np.array([1 / 2, 1 / 3, 1 / 4])
    assert checked.estimates["d"].value == pytest.approx((before - LOSSES).mean(), rel=1e-6)
    assert checked.estimates["r"].value == pytest.approx(np.prod(before / LOSSES) ** (1 / 3))
    assert checked.failures == ()


def test_equality_is_of_every_run_to_the_decimals_typed(check: Check) -> None:
    low = 'y = { runs = "FILE/three", metric = "test_loss", of = "min" }\n'
    assert check("y = 0.125", "y = 0.1", values=low).failures == ()
    assert len(check("y = 0.126", "x = 0.1", "x = 0.14", values=low).failures) == 3


def test_figures_of_the_answer_sheet(check: Check) -> None:
    sheet = 'y = { sheet = "ex3-e2-sgd", metric = "test_accuracy" }\n'
    checked = check("y = 0.9252", "y > x", values=sheet, says="It is {y}.")
    assert checked.failures == ()
    assert checked.sentence == "It is 92.52\N{NO-BREAK SPACE}%."


def test_diverged_runs_are_counted_but_not_averaged(check: Check) -> None:
    y = 'y = { runs = "FILE/three", metric = "diverged", of = "sum" }\n'
    checked = check("y = 1", values=y, train=diverging)
    assert checked.failures == ()
    assert (checked.estimates["x"].n, checked.estimates["y"].n) == (2, 3)


def test_a_claim_needs_its_records(check: Check, results_folder: Path) -> None:
    check("x > 0")
    (results_folder / "small" / "three" / "1.json").unlink()
    folder = results_folder.parent / "claims"
    with pytest.raises(MissingRunsError, match="1 of 3 runs of 'three' are not on record"):
        Claims(folder).check("a-claim")


@pytest.mark.parametrize(
    ("holds", "values", "message"),
    [
        ("x", "", "expected a relation such as"),
        ("x < y", "", "unknown value 'y'"),
        ("0.1 < 0.2 <", "", "expected a relation such as"),
        ("x > 0", 'y = { runs = "FILE/there", metric = "test_loss" }', "did you mean 'three'"),
        ("x > 0", 'y = { runs = "FILE/three", metric = "tets_loss" }', "did you mean 'test_loss'"),
        ("x > 0", 'y = { runs = "FILE/three", metrics = "test_loss" }', "did you mean 'metric'"),
        ("x > 0", "y = 3", "expected a table with one of"),
        ("x > 0", 'y = { runs = "FILE/three", metric = "test_loss", of = "count" }', "`where`"),
        ("x > 0", 'y = { runs = "FILE/three", metric = "test_loss", epoch = 3 }', "after epoch 3"),
        ("x > 0", 'y = { runs = "FILE/three", metric = "test_loss", fit = 1 }', "after fit 1"),
        ("x > 0", 'y = { sheet = "ex3-e2-sdg", metric = "test_loss" }', "did you mean"),
        ("x > 0", 'y = { sheet = "ex3-e2-sgd", metric = "tests_loss" }', "did you mean"),
        ("x > 0", 'y = { ratio = ["x", "z"] }', "unknown value 'z'"),
    ],
)
def test_claims_that_cannot_be(check: Check, holds: str, values: str, message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        check(holds, values=values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "not a TOML file"),
        ("[A_claim]\nsays = 'x'\nholds = ['x > 1']", "a name such as"),
        ("[a-claim]\nholds = ['x > 1']", "expected a statement"),
        ("[a-claim]\nsays = 'x'\nholds = []", "expected a statement"),
    ],
)
def test_files_that_cannot_be(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "some.toml").write_text(text)
    with pytest.raises(ClaimError, match=message):
        Claims(tmp_path)


def test_names_are_unique(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.toml").write_text(
            '[same]\nsays = "x"\nholds = ["y > 1"]\ny = { sheet = "ex3-e2-sgd", metric = "x" }\n'
        )
    with pytest.raises(ClaimError, match="another claim 'same'"):
        Claims(tmp_path)
    with pytest.raises(ClaimError, match="unknown claim 'sane'"):
        Claims(tmp_path / "none")["sane"]


@pytest.mark.parametrize(
    ("value", "margin", "kind", "form", "text"),
    [
        (0.9643, 0.0023, "share", "", "96.43 %"),
        (0.9643, 0.0073, "share", "", "96.4 %"),
        (0.9643, 0.0023, "share", ".2f", "96.43 %"),
        (0.9643, 0.0023, "share", "bare", "96.43"),
        (0.9643, 0.0023, "share", "full.2f", "96.43 % (n = 5, 95 % interval 96.20 to 96.66 %)"),
        (0.9643, 0, "share", "full", "96.43 % (n = 5)"),
        (-0.0123, 0.004, "points", "", "−1.2 percentage points"),
        (12345.6, 300, "number", "", "12,350"),
        (7, 0, "number", "", "7"),
        (0, 0.3, "number", "", "0.00"),
        (-0.001, 0.3, "number", "", "0.00"),
        (0.00000123, 0.0000002, "number", "", "1.23 · 10⁻⁶"),
        (1 / 3, 0, "ratio", "", "0.333"),
    ],
)
def test_numbers_are_shown_as_exactly_as_they_are_known(
    value: float, margin: float, kind: str, form: str, text: str
) -> None:
    shown = format(Estimate(value, value - margin, value + margin, 5, kind, "it"), form)
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == text


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ClaimError, match="unknown format 'ful'"):
        format(exact(1.0, 1, "number", "it", ()), "ful")


BOOK = Claims()


@pytest.mark.parametrize("name", BOOK)
def test_every_claim_of_the_book_is_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNBOOK_RESULTS", raising=False)
    checked = BOOK.check(name)
    checked.raise_if_false()
    # Each value has a part in the statement or in what it rests on.
    used = [checked.claim.says, *checked.claim.holds]
    for content in checked.claim.values.values():
        used += getattr(content, "ratio", getattr(content, "difference", []))
    idle = [v for v in checked.claim.values if not re.search(rf"\b{v}\b", " ".join(used))]
    assert not idle, f"{name}: without a part in the claim: {idle}"


def test_every_claim_is_made_in_a_chapter_and_every_role_names_one() -> None:
    pages = (REPOSITORY / "book").rglob("*.md")
    made = {name for page in pages for name in ROLE.findall(page.read_text(encoding="utf-8"))}
    assert made == set(BOOK)
