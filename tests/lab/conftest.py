"""A lab whose runs take no time, and the text of its report."""

import datetime
import io
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader

from nnbook.experiments import plan, session
from nnbook.lab import Report
from nnbook.lab.folder import Lab
from nnbook.lab.starter import write_starter
from nnbook.theory.network import Layer, Network
from nnbook.training.outcome import Outcome
from nnbook.training.spec import RunSpec

DATE = datetime.date(2026, 11, 24)


def trained(spec: RunSpec, progress: Any = None, *, optimized: bool = True) -> Outcome:
    """Return what a training might: losses that depend on size and seed, random weights."""
    generator = np.random.default_rng(spec.seed)
    classes = spec.data.facts.classes
    sizes = [spec.data.facts.inputs, *spec.hidden_layers, classes or 1]
    layers = [
        Layer(generator.normal(size=(units, inputs)), np.zeros(units), "identity")  # type: ignore[arg-type]
        for inputs, units in pairwise(sizes)
    ]
    loss = round(0.1 / len(spec.hidden_layers) + 0.00123 * spec.seed, 6)
    history: dict[str, list[float]] = {"epoch": [0.0, float(spec.epochs)]}
    names = ["training_loss", "test_loss"]
    if classes:
        names = ["running_loss", "running_accuracy", "validation_loss", "validation_accuracy"]
    history |= {name: [0.5, 1 - loss if "accuracy" in name else loss] for name in names}
    final = {name: column[-1] for name, column in history.items() if name != "epoch"}
    if classes:
        final |= {"test_loss": loss, "test_accuracy": 1 - loss, "training_accuracy": 1 - loss / 2}
    first = {"W1_before": layers[0].weights, "W1_after": layers[0].weights * 2}
    first |= {"b1_before": 0 * layers[0].weights[:, 0], "b1_after": layers[0].weights[:, 0]}
    return Outcome(
        history,
        None,
        Network(tuple(layers)),
        0.5,
        final=final,
        arrays={"step": np.array([0])} if spec.probes else {},
        first_layer=first if spec.probes else {},
        versions={"python": "3.11", "keras": "3", "tensorflow": "2"},
    )


def record_runs(folder: Path) -> None:
    """Put all runs of a lab on record, without training."""
    with plan.Names() as names:
        for job in Lab.read(folder).states:
            job.record(trained(job.spec))
            names.add(job)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new lab with its runs on record, which no test may change."""
    folder = tmp_path_factory.mktemp("recorded") / "lab"
    write_starter(folder, "en", DATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NNBOOK_RECORDED_ONLY", raising=False)
        record_runs(folder)
    return folder


@pytest.fixture(scope="session")
def report(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of that lab as PDF, which no test may change."""
    return Report(recorded).write(tmp_path_factory.mktemp("report") / "report.pdf")


@pytest.fixture
def new_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that `nnbook lab new` writes."""
    monkeypatch.delenv("NNBOOK_RECORDED_ONLY", raising=False)
    monkeypatch.setattr(session, "SECONDS_BETWEEN_LOOKS", 0)
    folder = tmp_path / "lab"
    write_starter(folder, "en", DATE)
    return folder


@pytest.fixture
def lab(new_lab: Path, recorded: Path) -> Path:
    """Return a new lab with its runs on record."""
    shutil.copytree(recorded / "results", new_lab / "results")
    return new_lab


@pytest.fixture
def answer(lab: Path) -> Callable[[str], Report]:
    """Return a function that answers exercise 2b of the lab and returns its report."""

    def write(text: str) -> Report:
        (lab / "answers.md").write_text(f"# 2b\n\n{text}\n", encoding="utf-8")
        return Report(lab)

    return write


@pytest.fixture
def print_answer(new_lab: Path) -> Callable[[str], str]:
    """Return a function that gives the text of a report with an answer and nothing else."""
    settings = new_lab / "lab.toml"
    start, _, _ = settings.read_text(encoding="utf-8").partition("# Exercise 2b")
    settings.write_text(start, encoding="utf-8")

    def printed(text: str) -> str:
        (new_lab / "answers.md").write_text(f"# 2b\n\n{text}\n", encoding="utf-8")
        return text_of(Report(new_lab).pdf())

    return printed


def text_of(pdf: bytes) -> str:
    """Return the text of a PDF, in one line."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())
