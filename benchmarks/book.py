"""What the book costs, measured in a copy of the working tree and printed as a table.

Seconds depend on the machine, so the first row times a fixed piece of Python work: the last column
is each row's time as a multiple of that.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nnbook.project import REPOSITORY

VENV = Path(sys.prefix)
REFERENCE = "sum(i * i % 7 for i in range(10_000_000))"


def seconds(command: list[str], folder: Path, repetitions: int = 1) -> float:
    """Return the shortest time that a command takes, in seconds."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def copy_of_tree(folder: Path) -> Path:
    """Copy what git tracks, with the times of the files, so that make sees nothing to install."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    for name in filter(None, listing.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, target)
    return folder


def append(path: Path, text: str) -> None:
    with path.open("r+", encoding="utf-8") as file:  # it must be there
        file.seek(0, os.SEEK_END)
        file.write(text)


def main() -> bool:
    """Measure each row, print it with its limit, and return whether all limits are kept."""
    kept = []
    book = ["make", "book", f"VENV={VENV}", "-o", f"{VENV}/.ready"]
    with tempfile.TemporaryDirectory() as scratch:
        tree = copy_of_tree(Path(scratch))
        # The environment's rule in the Makefile does this too.
        seconds([sys.executable, "-m", "compileall", "-q", "nnbook"], tree)
        unit = seconds([sys.executable, "-c", REFERENCE], tree, repetitions=3)
        print(f"{'':44}{'seconds':>9}{'limit':>7}{'x reference':>13}", flush=True)

        def row(label: str, limit: float | None, measure: Callable[[], float]) -> None:
            value = measure()
            shown = "" if limit is None else f"{limit:g}"
            kept.append(limit is None or value <= limit)
            print(f"{label:44}{value:9.2f}{shown:>7}{value / unit:13.1f}", flush=True)

        row("reference: ten million additions in Python", None, lambda: unit)
        row("nnbook --help", 0.3, lambda: seconds([str(VENV / "bin/nnbook"), "--help"], tree, 5))
        row("make book, cold", 75, lambda: seconds(book, tree))
        row("make book, nothing changed", 4, lambda: seconds(book, tree, 2))
        append(tree / "book/regression/certified-fit.md", "\nOne more sentence.\n")
        row("make book, one chapter's prose edited", 8, lambda: seconds(book, tree))
        append(tree / "nnbook/project.py", "\n# one more comment\n")
        row("make book, a module of all pages edited", 45, lambda: seconds(book, tree))
        style = tree / "nnbook/publishing/drawing/style.py"
        before = style.read_text(encoding="utf-8")
        style.write_text(
            before.replace('"lines.linewidth": 1.6', '"lines.linewidth": 1.7'), "utf-8"
        )
        assert style.read_text(encoding="utf-8") != before
        row("make book, all figures other ones", None, lambda: seconds(book, tree))
    return all(kept)
