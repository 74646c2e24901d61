"""Settings that were chosen by the figures that a claim reports, in the book's own records."""

from dataclasses import replace
from pathlib import Path

import pytest

from nnbook.errors import ClaimError
from nnbook.evidence.claim_files import Claim, read_claims
from nnbook.evidence.selection import part_of, problem
from nnbook.evidence.values import Records
from nnbook.experiments.configurations import Configuration, Experiment
from nnbook.experiments.experiment_file import Choice
from nnbook.experiments.results import Runs

BEST, WORSE = "learning_rate-0.03", "learning_rate-0.01"


class Chosen(Records):
    """The book's records, with one choice declared in `mnist-linear`."""

    def __init__(self, configuration: str, by: str = "validation_accuracy") -> None:
        super().__init__()
        self.choice = Choice(configuration=configuration, by=by, among=["learning_rate-*"])

    def experiment(self, name: str) -> Experiment:
        """Return the experiment with this choice."""
        return replace(super().experiment(name), chosen=(self.choice,))


def claim(folder: Path, metric: str, more: str = "", configuration: str = BEST) -> Claim:
    path = folder / "some.toml"
    path.write_text(
        f'[a-claim]\nsays = "It is {{x}}."\nholds = ["x > 0"]\n{more}\n'
        f'x = {{ runs = "mnist-linear/{configuration}", metric = "{metric}" }}\n'
    )
    return next(read_claims(path))


def test_what_a_choice_was_made_on_is_said(tmp_path: Path) -> None:
    records = Chosen(BEST)
    found = problem(claim(tmp_path, "validation_loss"), records)
    assert found and "expected selected_on = ['validation']" in found
    said = 'selected_on = ["validation"]'
    assert problem(claim(tmp_path, "validation_loss", said), records) is None
    assert problem(claim(tmp_path, "test_loss"), records) is None
    assert problem(claim(tmp_path, "validation_loss", configuration=WORSE), records) is None


def test_it_is_not_said_in_vain(tmp_path: Path) -> None:
    found = problem(claim(tmp_path, "test_loss", 'selected_on = ["validation"]'), Chosen(BEST))
    assert found == "selected_on: no setting in it was chosen on validation figures"


def test_a_choice_is_what_the_records_say(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match=f"{WORSE!r} is not the best by validation_accuracy, "):
        problem(claim(tmp_path, "test_loss", configuration=WORSE), Chosen(WORSE))


def test_the_best_loss_is_the_least(tmp_path: Path) -> None:
    losses = {
        item.name: Records().runs(item).final("validation_loss").mean()
        for item in Records().configurations("mnist-linear/learning_rate-*")
    }
    best, worst = (choose(losses, key=losses.__getitem__) for choose in (min, max))
    assert problem(claim(tmp_path, "test_loss", "", best), Chosen(best, "validation_loss")) is None
    with pytest.raises(ClaimError, match=f"{worst!r} is not the best by validation_loss, {best!r}"):
        problem(claim(tmp_path, "test_loss", "", worst), Chosen(worst, "validation_loss"))


class OneDiverged(Chosen):
    """These records, with a diverged run in the best configuration."""

    def runs(self, configuration: Configuration) -> Runs:
        """Return the runs of a configuration, the first of the best one diverged."""
        found = super().runs(configuration)
        if configuration.name != BEST:
            return found
        seed, record = next(iter(found.records.items()))
        diverged = replace(record, content={**record.content, "status": "diverged"})
        return replace(found, records={**found.records, seed: diverged})


def test_nobody_chooses_what_diverges(tmp_path: Path) -> None:
    means = {
        item.name: Records().runs(item).final("validation_accuracy").mean()
        for item in Records().configurations("mnist-linear/learning_rate-*")
    }
    second = sorted(means, key=means.__getitem__)[-2]
    assert problem(claim(tmp_path, "test_loss", "", second), OneDiverged(second)) is None
    with pytest.raises(ClaimError, match=f"{second!r} is not the best"):
        problem(claim(tmp_path, "test_loss", "", second), Chosen(second))


def test_parts_of_the_data() -> None:
    assert part_of("running_accuracy") == "training"
    assert part_of("test_error") == "test"
