"""How long it takes to mark thirty teams, with three repeated runs of each.

``python -m benchmarks.marking`` makes thirty labs with runs of the size of Eckerle4's, and their
PDFs, and marks them as a course would, in processes of their own with limits.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from nnbook.cli import main
from nnbook.lab import Report
from nnbook.lab.folder import Lab
from nnbook.lab.starter import write_starter


def write_teams(folder: Path, count: int) -> None:
    """Write the PDFs of teams that ran Eckerle4 with seeds of their own."""
    for team in range(count):
        lab = folder.parent / f"lab-{team}"
        write_starter(lab, "en")
        path = lab / "lab.toml"
        text = path.read_text("utf-8").replace('team = "1"', f'team = "{team}"')
        seeds = f"seeds = {{first = {4 * team}, count = 4}}"
        path.write_text(text.replace("seeds = 5", seeds), "utf-8")
        if main(["lab", "run", str(lab)]):
            sys.exit("a run failed")
        assert len(Lab.read(lab).results) == 2
        Report(lab).write(folder / f"team-{team}.pdf")
        shutil.rmtree(lab)


def measure(count: int, jobs: int) -> float:
    """Return the seconds that marking takes."""
    with TemporaryDirectory(prefix="nnbook-marking-") as name:
        folder = Path(name) / "in"
        folder.mkdir()
        write_teams(folder, count)
        start = time.perf_counter()
        status = main(["lab", "mark", str(folder), "--jobs", str(jobs), "--sample", "3"])
        seconds = time.perf_counter() - start
        if status:
            print((folder / "marking" / "overview.csv").read_text("utf-8-sig"))
            sys.exit("an honest team is in doubt")
        return seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    seconds = measure(options.teams, options.jobs)
    print(f"{options.teams} teams, 3 runs each, {options.jobs} at a time: {seconds:.0f} s")
