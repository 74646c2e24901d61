import io
import re
import sys

import pytest

from nnbook.experiments import progress
from nnbook.experiments.progress import Progress, cost
from nnbook.training.spec import RunSpec, run_spec

BASE = {"hidden_layers": [20, 20], "learning_rate": 0.1, "epochs": 100, "batch_size": 3}
MNIST = {**BASE, "data": "mnist", "loss": "categorical_cross_entropy"}


def specs(*epochs: int) -> list[RunSpec]:
    return [run_spec({**BASE, "epochs": number}) for number in epochs]


@pytest.mark.parametrize(
    ("cheap", "dear", "factor"),
    [
        (BASE, {**BASE, "epochs": 300}, 3),
        (BASE, {**BASE, "continued": [0.1, 0.01]}, 3),
        ({**MNIST, "epochs": 5}, {**MNIST, "epochs": 5, "pretraining_epochs": 10}, 3),
    ],
)
def test_cost_is_proportional_to_epochs(
    cheap: dict[str, object], dear: dict[str, object], factor: float
) -> None:
    assert cost(run_spec(dear)) == pytest.approx(factor * cost(run_spec(cheap)))


@pytest.mark.parametrize(
    ("cheap", "dear", "low", "high"),
    [
        # Small networks cost their steps, large ones their products.
        ({**BASE, "batch_size": 21}, {**BASE, "batch_size": 1}, 3, 21),
        ({**MNIST, "batch_size": 100}, {**MNIST, "batch_size": 10}, 1.2, 5),
        (MNIST, {**MNIST, "hidden_layers": [1000, 1000]}, 20, 105),
        ({**MNIST, "training_size": 600}, MNIST, 10, 84),
        (MNIST, {**MNIST, "elastic": 2.0}, 2, 100),
        ({**MNIST, "shift": 2.0}, {**MNIST, "elastic": 2.0}, 1.5, 5),
    ],
)
def test_cost_grows_with_steps_weights_examples_and_augmentation(
    cheap: dict[str, object], dear: dict[str, object], low: float, high: float
) -> None:
    assert low < cost(run_spec(dear)) / cost(run_spec(cheap)) < high


class Clock:
    """Passes when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


def test_a_line_a_minute_says_how_much_is_done_and_how_long_the_rest_takes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(monkeypatch)
    with caplog.at_level("INFO"), Progress(specs(300, 100)) as shown:
        clock.now += 59
        shown.end(1)
        assert not caplog.messages
        clock.now += 1
        shown.show()
        assert caplog.messages == ["1 of 2 runs, 25%, 01:00 so far, 03:00 left"]
        clock.now += 60
        shown.show()
        assert caplog.messages[1:] == ["1 of 2 runs, 25%, 02:00 so far, 06:00 left"]
        clock.now += 5
        shown.end(0, elsewhere=True)
    assert caplog.messages[2:] == ["2 runs in 02:05, 1 of them by another process"]


def test_the_time_left_does_not_count_what_was_before_the_first_epochs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(monkeypatch)
    with caplog.at_level("INFO"), Progress(specs(300, 100)) as shown:
        clock.now += 50
        shown.follow(0, 0)
        shown.follow(0, 40)
        assert "10%, 00:50 so far, ? left" in str(shown)
        clock.now += 10
        shown.follow(0, 120)
        assert caplog.messages == ["0 of 2 runs, 30%, 01:00 so far, 00:35 left"]


def test_the_first_epochs_are_no_speed_on_a_terminal_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    monkeypatch.setattr(sys, "stderr", Terminal())
    with Progress(specs(1000, 1000)) as shown:
        shown._bar.mininterval = 0
        clock.now += 18
        shown.follow(0, 1)  # after what was compiled
        clock.now += 1
        shown.follow(0, 500)
    written = sys.stderr.getvalue()  # type: ignore[attr-defined]
    left = re.findall(r"([\d:?]+) left", written)
    assert left[0] == "?" and set(left) <= {"?", "00:03"}, left


def test_a_run_is_never_more_than_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    with Progress(specs(100, 100)) as shown:
        shown.follow(0, 150)
        clock.now += 60
        assert str(shown).startswith("0 of 2 runs, 50%")


def test_nothing_done_gives_no_estimate_and_no_sum_when_interrupted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock(monkeypatch)
    with caplog.at_level("INFO"), pytest.raises(KeyboardInterrupt), Progress(specs(9)) as shown:
        clock.now += 60
        shown.show()
        raise KeyboardInterrupt
    assert caplog.messages == ["0 of 1 runs, 0%, 01:00 so far, ? left"]


class Terminal(io.StringIO):
    """Says that it is one."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_there_is_a_bar_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress(specs(300, 100)) as shown:
        shown._bar.mininterval = 0
        clock.now += 30
        shown.end(0)
        shown.follow(1, 60)
    text = terminal.getvalue()
    assert re.search(r"0 of 2 runs:   0%\|.*\| 00:00 so far", text)
    assert re.search(r"1 of 2 runs:  75%\|.*\| 00:00 so far, 00:10 left", text)
    assert re.search(r"1 of 2 runs:  90%\|.*\| 00:00 so far, 00:03 left", text)
    assert text.endswith("\r")
