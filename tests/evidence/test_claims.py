"""Claims: read, compared with records, shown; and those of the book, which are all true."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from nnbook.errors import ClaimError, MissingRunsError, SpecError
from nnbook.evidence.claims import Checked, Claims
from nnbook.evidence.estimates import Estimate, difference, exact, ratio
from nnbook.experiments import experiment, plan, session
from nnbook.experiments.statistics import Effect
from nnbook.metrics import METRICS, NUMBER, Metric
from nnbook.project import REPOSITORY
from tests.experiments.outcomes import diverging, quick, record_of

ROLE = re.compile(r"\{claim\}`([a-z0-9-]+)")

# The stand-in for training gives the seeds 0, 1, 2 these losses after 5 epochs.
LOSSES = np.array([1 / 6, 1 / 7, 1 / 8])

Check = Callable[..., Checked]


@pytest.fixture
def check(small_experiment: Path, results_folder: Path, tmp_path: Path) -> Check:
    """Return a function that compares a claim with records of the small experiment."""

    def compared(
        *holds: str,
        values: str = "",
        says: str = "It is {x}.",
        train: object = quick,
        margins: str = "",
        heading: str = "",
    ) -> Checked:
        small = experiment(str(small_experiment))
        list(session.train_all(list(plan.states(small)), 1, train=train))  # type: ignore[arg-type]
        text = (
            f"{margins}[a-claim]\nsays = {says!r}\nholds = {list(holds)}\n{heading}\n"
            'x = { runs = "FILE/three", metric = "test_loss" }\n' + values
        )
        folder = tmp_path / "claims"
        folder.mkdir(exist_ok=True)
        (folder / "some.toml").write_text(text.replace("FILE", str(small_experiment)))
        return Claims(folder).check("a-claim")

    return compared


def test_a_true_claim_shows_its_numbers(check: Check) -> None:
    checked = check("x > 0.05", "0.08 < x < 0.2 on record")
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
    assert "claim 'a-claim' (some.toml) does not hold: It is 0.14." in message
    assert "x < 0.19 does not hold: not shown to be below 0.19: 0.14 (95" in message
    assert "; 3 splits; p" in message
    assert "0.05 < x does not hold" not in message


OTHER = 'y = { runs = "FILE/batch_size-8", metric = "test_loss" }\n'
EARLY = 'y = { runs = "FILE/three", metric = "test_loss", epoch = 1 }\n'
DIFFERENCE = EARLY + 'd = { difference = ["x", "y"] }\n'
RATIO = EARLY + 'r = { ratio = ["x", "y"] }\n'


def test_runs_that_do_not_scatter_decide_nothing_about_others(check: Check) -> None:
    first = 'y = { runs = "FILE/three", metric = "diverged" }\n'
    verdict = check("y = 0", "y < 0.5", values=first).verdicts[1]
    assert (verdict.kind, verdict.agrees, np.isnan(verdict.p)) == ("exact", True, True)
    assert "in every one of 3 runs" in str(verdict)
    with pytest.raises(ClaimError, match="nothing scatters here"):
        check("y ? 1", values=first)
    with pytest.raises(ClaimError, match="nothing scatters here"):
        check("x ? y", values=OTHER)  # the same losses, seed by seed


def test_equal_means_are_undecided_or_equivalent_within_a_margin(check: Check) -> None:
    # Differences of 1/3, 4/21 and 1/8: two one-sided tests at 5 %.
    differences = LOSSES - np.array([1 / 2, 1 / 3, 1 / 4])
    p = stats.ttest_1samp(differences, -0.5, alternative="greater").pvalue
    assert p < 0.05
    found = check("x ~ y within m", values=EARLY, margins=margin("within = 0.5"))
    assert found.failures == ()
    assert found.verdicts[0].p == pytest.approx(p, rel=1e-4)
    text = str(found.verdicts[0]).replace("\N{NO-BREAK SPACE}", " ")
    assert text.startswith("equivalent within 0.5: −0.22 (90 % interval −0.40 to −0.04)")
    # The same runs leave open which of the two is larger.
    assert check("x ? y", values=EARLY).failures == ()
    narrow = check("x ~ y within m", values=EARLY, margins=margin("within = 0.3"))
    assert "x ~ y within m does not hold" in narrow.failures[0]
    equal = check("x ~ y within m", values=OTHER, margins=margin("within = 0.3"))
    assert (equal.failures, equal.verdicts[0].kind) == ((), "exact")
    ratio = margin("factor = 1.5")
    with pytest.raises(ClaimError, match="expected `within`, for a difference"):
        check("x ~ y within m", values=EARLY, margins=ratio)


def margin(text: str) -> str:
    return f'[margins.m]\n{text}\nreason = "Less than this changes nothing."\n'


def test_an_ordering_of_means_is_a_significant_one(check: Check) -> None:
    # After 1 epoch the losses are 1/2, 1/3, 1/4: higher, but the interval of the pairs' mean
    # difference includes zero. Their logarithms tell: each falls to about the same fraction.
    arithmetic = 'y = { runs = "FILE/three", metric = "test_loss", epoch = 1 }\n'
    differences = np.array([1 / 2, 1 / 3, 1 / 4]) - LOSSES
    test = stats.ttest_1samp(differences, 0)
    assert test.pvalue > 0.05
    undecided = check("x ? y", values=arithmetic)
    assert undecided.failures == ()
    assert undecided.verdicts[0].p == pytest.approx(test.pvalue, rel=1e-4)
    assert undecided.verdicts[0].effect is not None
    assert undecided.verdicts[0].effect.design == "pairs within 3 runs"
    assert len(check("x < y", values=arithmetic).failures) == 1
    geometric = (
        'y = { runs = "FILE/three", metric = "test_loss", epoch = 1, of = "geometric mean" }\n'
        'z = { runs = "FILE/three", metric = "test_loss", of = "geometric mean" }\n'
    )
    assert check("z < y", values=geometric).failures == ()
    assert check("y > z by 1.2", values=geometric).failures == ()
    with pytest.raises(ClaimError, match="expected a factor above 1 after 'by'"):
        check("y > z by 0.5", values=geometric)
    with pytest.raises(ClaimError, match="expected a difference above 0 after 'by'"):
        check("x > 0 by -1")
    assert len(check("y < z", "y ? z", values=geometric).failures) == 2


def test_a_least_ratio_and_a_margin_of_ratios_are_factors(check: Check) -> None:
    early, end = np.log([1 / 2, 1 / 3, 1 / 4]), np.log(LOSSES)
    values = "".join(
        f'{name} = {{ runs = "FILE/three", metric = "test_loss", of = "geometric mean"{when} }}\n'
        for name, when in (("y", ", epoch = 1"), ("z", ""))
    )
    factor = margin("factor = 4")
    found = check("y > z by 1.2", "z < y by 1.2", "y ~ z within m", values=values, margins=factor)
    more, less, alike = found.verdicts
    p = stats.ttest_1samp(early - end, np.log(1.2)).pvalue
    assert (more.p, less.p) == pytest.approx((p, p), rel=1e-4)
    below = stats.ttest_1samp(early - end, np.log(4), alternative="less").pvalue
    above = stats.ttest_1samp(early - end, -np.log(4), alternative="greater").pvalue
    assert above < below < 0.05
    assert alike.p == pytest.approx(below, rel=1e-4)


def test_exact_values_differ_by_the_least_difference(check: Check) -> None:
    values = "".join(
        f'{name} = {{ runs = "FILE/three", metric = "test_loss", of = "{name}" }}\n'
        for name in ("median", "max")
    )
    assert check("median < max by 0.02", "max > median by 0.02", values=values).failures == ()
    far = check("median < max by 0.03", "max > median by 0.03", values=values)
    assert [verdict.agrees for verdict in far.verdicts] == [False, False]


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
    assert checked.estimates["y"].effect is None
    assert checked.verdicts[0].kind == "exact"
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


def test_a_whole_number_is_meant_exactly(check: Check) -> None:
    low = 'y = { runs = "FILE/three", metric = "test_loss", of = "min" }\n'
    assert len(check("y = 0", "y = 0.0", values=low).failures) == 2


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


def test_a_claim_needs_its_records(
    check: Check, small_experiment: Path, results_folder: Path
) -> None:
    check("x > 0")
    record_of(small_experiment, "three", 1).unlink()
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
        ("x > 0", 'becuase = "conjecture"', "did you mean 'because'"),
        ("x > 0", 'y = { runs = "FILE/three", metric = "test_loss", of = "count" }', "`where`"),
        ("x > 0", 'y = { runs = "FILE/three", metric = "test_loss", epoch = 3 }', "after epoch 3"),
        ("x > 0", 'y = { runs = "FILE/three", metric = "test_loss", fit = 1 }', "after fit 1"),
        ("x > 0", 'y = { sheet = "ex3-e2-sdg", metric = "test_loss" }', "did you mean"),
        ("x > 0", 'y = { sheet = "ex3-e2-sgd", metric = "tests_loss" }', "did you mean"),
        ("x > 0", 'y = { ratio = ["x", "z"] }', "unknown value 'z'"),
        ("x ~ 0.1", "", "what is not shown to differ is not shown to be equal"),
        ("x ~ 0.1 within 0.2", "", "expected the name of a margin"),
        ("x ~ 0.1 within m", "", "unknown margin"),
        ("x > 0 by 0.1 < 3", "", "expected a relation such as"),
        ("x > y on record", OTHER, "expected a value and a typed number"),
        ("d > 0 on record", DIFFERENCE, "a comparison of two means"),
        ("r > 0", RATIO, "above 0 in any case"),
        ("d > x", DIFFERENCE, "expected two means, or a value and a number"),
        ("x > 0", 'y = { runs = "FILE/three", metric = "test_loss", where = "> 1" }', "`where` is"),
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
        ("[a-claim]\nholds = ['x > 1']", "claim 'a-claim': says: missing"),
        ("[a-claim]\nsays = 'x'\nholds = []", "claim 'a-claim': holds: "),
        ("[a-claim]\nsays = 'x'\nholds = [3]", "claim 'a-claim': holds.0: "),
        ("[a-claim]\nsays = '{a.foo}'\nholds = ['1 < 2']", "in braces the name of a value"),
        ("[a-claim]\nsays = '{'\nholds = ['1 < 2']", "claim 'a-claim': says: "),
        ("[a-claim]\nsays = 'x'\nholds = ['a > 1']\nfamily = 'f'", "family: "),
        ("[a-claim]\nsays = 'x'\nholds = ['a > 1']\nexploratory = 1", "exploratory: "),
        ("[a-claim]\nsays = 'x'\nholds = ['a > 1']\npopulation = 'all'", "population: "),
        (
            "[margins.m]\nwithin = 1.0\nfactor = 2.0\nreason = 'Because it is so.'",
            "either `within`",
        ),
        ("[margins.m]\nwithin = 1.0", "margins.m: reason: missing"),
        ("margins = 3", "expected tables such as"),
        (
            "[margins.m]\nwithin = 1.0\nreason = 'No claim names it.'",
            "some.toml: margins.m: no claim of the file uses it",
        ),
        (
            "[families.f]\nreason = 'No claim names it.'",
            "some.toml: families.f: no claim of the file uses it",
        ),
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
        Claims(tmp_path / "none").check("sane")


def test_claims_are_a_mapping_like_any_other() -> None:
    assert "there-is-no-such-claim" not in BOOK
    assert BOOK.get("there-is-no-such-claim") is None
    assert "adaptive-best" in BOOK


SHARE = METRICS["test_accuracy"]


@pytest.mark.parametrize(
    ("value", "error", "metric", "form", "text"),
    [
        (0.9643, 0.0023, SHARE, "", "96.43 %"),
        (0.9643, 0.0073, SHARE, "", "96.4 %"),
        (0.9643, 0.0023, SHARE, ".2f", "96.43 %"),
        (0.9643, 0.0023, SHARE, "bare", "96.43"),
        (0.9643, 0.0023, SHARE, "full.2f", "96.43 % (n = 5, 95 % interval 96.20 to 96.66 %)"),
        (0.9643, 0, SHARE, "full", "96.43 % (n = 5)"),
        (-0.0123, 0.004, SHARE.difference, "", "−1.2 percentage points"),
        (12345.6, 300, NUMBER, "", "12,350"),
        (7, 0, NUMBER, "", "7"),
        (0, 0.3, NUMBER, "", "0.00"),
        (0.00000123, 0.0000002, NUMBER, "", "1.23 · 10⁻⁶"),
        (1 / 3, 0, NUMBER.ratio, "", "0.333"),
    ],
)
def test_numbers_are_shown_as_exactly_as_they_are_known(
    value: float, error: float, metric: Metric, form: str, text: str
) -> None:
    # A normal distribution, nearly: half of the interval is 1.96 standard errors.
    effect = Effect(value, error / 1.959964, 1e9, (5,), "5 seeds") if error else None
    shown = format(Estimate(value, 5, metric, "it", "it", effect), form)
    assert shown.replace("\N{NO-BREAK SPACE}", " ") == text


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ClaimError, match="unknown format 'ful'"):
        format(exact(1.0, 1, NUMBER, "it", "it"), "ful")


def test_numbers_without_runs_or_interval_are_compared_as_they_are() -> None:
    typed, least = exact(3.0, 0, NUMBER, "typed", "t"), exact(1.5, 4, NUMBER, "least", "l")
    assert f"{typed:full}" == "3"
    assert f"{least:full}" == "1.50 (n = 4)"
    for compared, value in ((difference(least, typed), -1.5), (ratio(least, typed), 0.5)):
        assert (compared.value, compared.n, compared.effect) == (value, 0, None)
    nothing = exact(0.0, 4, NUMBER, "nothing", "n")
    with pytest.raises(ClaimError, match="a division by zero"):
        ratio(least, nothing)


def test_comparisons_are_a_family(check: Check) -> None:
    # Both are significant alone, at 3 and 4 %; among two comparisons neither is.
    found = check("x > 0.08", "x < 0.2")
    assert [verdict.size for verdict in found.verdicts] == [2, 2]
    assert all(verdict.exploratory for verdict in found.verdicts)
    assert len(found.failures) == 2
    assert "expected exploratory = true" in found.failures[0]
    marked = check("x > 0.08", "x < 0.2", heading="exploratory = true")
    assert marked.failures == ()
    assert "by Holm in a family of 2 (exploratory)" in str(marked.verdicts[0])
    vain = check("x > 0.05", heading="exploratory = true")
    assert "every relation holds in its family" in vain.failures[0]


def test_a_comparison_counts_once_however_it_is_written(check: Check) -> None:
    for values, relations in (
        (DIFFERENCE, ("x ? y", "y ? x", "d ? 0", "0 ? d")),
        (RATIO.replace("}", ', of = "geometric mean" }', 1), ("r < 1", "1 > r")),
    ):
        found = check(*relations, values=values)
        assert found.failures == ()
        assert {verdict.size for verdict in found.verdicts} == {1}
    # Another difference than none is another question.
    assert [v.size for v in check("x ? y", "d > -0.9", values=DIFFERENCE).verdicts] == [2, 2]


def test_the_same_means_for_two_populations_are_two_tests(check: Check) -> None:
    other = """
        [other-points]
        says = "It is {x}."
        holds = ["x > 0.08"]
        population = "points"
        x = { runs = "FILE/three", metric = "test_loss" }
    """
    [verdict] = check("x > 0.08", values=textwrap.dedent(other)).verdicts
    assert verdict.size == 2
    assert verdict.adjusted == pytest.approx(2 * verdict.p)


def test_a_family_of_its_own_needs_a_reason(check: Check) -> None:
    family = '[families.own]\nreason = "It was named before the runs."\n'
    found = check("x > 0.05", margins=family, heading='family = "own"')
    assert found.verdicts[0].family == "some/own"
    with pytest.raises(ClaimError, match="family: "):
        check("x > 0.05", heading='family = "own"')


@pytest.mark.parametrize(
    ("heading", "says", "message"),
    [
        ("", "It is {x} because of y.", "expected because = "),
        ('because = { measured = "no-claim" }', "It is {x} because of y.", "unknown claim"),
        ('because = "conjecture"', "It is {x} because of y.", ""),
        ('because = { measured = "a-claim" }', "It is {x} because of y.", ""),
        ('selected_on = ["test"]', "It is {x}.", "no setting in it was chosen on test"),
    ],
)
def test_what_a_claim_says_of_itself(check: Check, heading: str, says: str, message: str) -> None:
    found = check("x > 0.05", says=says, heading=heading)
    assert bool(found.failures) == bool(message)
    assert message in "".join(found.failures)


def test_what_is_left_undecided_shows_no_cause(check: Check) -> None:
    open_claim = '[still-open]\nsays = "It is {x}."\nholds = ["x ? 0.14"]\n'
    values = open_claim + 'x = { runs = "FILE/three", metric = "test_loss" }\n'
    because = 'because = { measured = "still-open" }'
    [failure] = check("x > 0.05", says="{x} because of y.", heading=because, values=values).failures
    assert failure == "because: 'still-open' leaves undecided what it compares, and shows no cause"


CHOSEN = """
[[chosen]]
configuration = "three"
by = "test_loss"
among = ["*"]
"""


def test_a_choice_is_declared_and_said(check: Check, small_experiment: Path) -> None:
    with small_experiment.open("a") as file:
        file.write(CHOSEN)
    assert "chosen on them: expected selected_on = ['test']" in check("x > 0.05").failures[0]
    assert check("x > 0.05", heading='selected_on = ["test"]').failures == ()
    training = 'y = { runs = "FILE/three", metric = "training_loss" }\n'
    assert check("y > 0", values=training).failures[0].startswith("reports test figures")


def test_a_choice_is_of_what_there_is(check: Check, small_experiment: Path) -> None:
    with small_experiment.open("a") as file:
        file.write(CHOSEN.replace('"*"', '"tree"'))
    with pytest.raises(SpecError, match="no configuration is called 'tree', did you mean 'three'"):
        check("x > 0.05")


BOOK = Claims()


@pytest.mark.parametrize("name", BOOK)
def test_every_claim_of_the_book_is_true(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = BOOK.check(name)
    checked.raise_if_false()
    # Each value has a part in the statement or in what it rests on.
    used = [checked.claim.says, *map(str, checked.claim.holds)]
    for content in checked.claim.values.values():
        used += getattr(content, "ratio", getattr(content, "difference", []))
    idle = [v for v in checked.claim.values if not re.search(rf"\b{v}\b", " ".join(used))]
    assert not idle, f"{name}: without a part in the claim: {idle}"


def test_every_claim_is_made_in_a_chapter_and_every_role_names_one() -> None:
    pages = (REPOSITORY / "book").rglob("*.md")
    made = {name for page in pages for name in ROLE.findall(page.read_text(encoding="utf-8"))}
    assert made == set(BOOK)
