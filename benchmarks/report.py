"""What the report of a student's lab costs: seconds, memory, and whether its bytes are the same."""

import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import copytree

from benchmarks.book import REFERENCE
from nnbook.project import REPOSITORY

EXAMPLE = REPOSITORY / "examples" / "lab4"

MOST_SECONDS = 4.0
MOST_MIB = 400.0
MEGABYTES_OF_ANSWERS = 2
MOST_SECONDS_LARGE = 20.0


def seconds(command: list[str]) -> float:
    """Return the time that a command takes, in seconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=REPOSITORY)
    return time.perf_counter() - start


def make(folder: Path, output: Path) -> float:
    """Make the report of a lab and return how long it took, in seconds."""
    command = [sys.executable, "-m", "nnbook.cli", "lab", "report", str(folder), "-o", str(output)]
    return seconds(command)


def reference() -> float:
    """Return how long ten million additions in Python take, in seconds: what the machine can do."""
    return min(seconds([sys.executable, "-c", REFERENCE]) for _ in range(3))


def main() -> None:
    """Measure and print each row with its limit, and times as ratios to the reference."""
    unit = reference()
    with tempfile.TemporaryDirectory() as scratch:
        outputs = [Path(scratch) / f"{n}.pdf" for n in range(3)]
        times = [make(EXAMPLE, output) for output in outputs]
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = (used.ru_utime + used.ru_stime) / len(times)
        mib = used.ru_maxrss / 1024
        digests = {hashlib.sha256(output.read_bytes()).hexdigest() for output in outputs}
        large = Path(copytree(EXAMPLE, Path(scratch) / "large"))
        answers = large / "answers.md"
        paragraph = "A long answer with a formula, $x^2$, and *emphasis*. " * 10 + "\n\n"
        count = MEGABYTES_OF_ANSWERS * 10**6 // len(paragraph)
        answers.write_text(answers.read_text() + "\n" + paragraph * count, encoding="utf-8")
        long = make(large, Path(scratch) / "large.pdf")
    print(f"{'':44}{'measured':>10}{'limit':>8}{'x reference':>13}")
    print(f"{'reference: ten million additions in Python':44}{unit:10.2f}")
    best = min(times)
    print(
        f"{'report of examples/lab4, seconds (best of 3)':44}"
        f"{best:10.2f}{MOST_SECONDS:8g}{best / unit:13.1f}"
    )
    print(f"{'seconds of processor, mean of 3':44}{cpu:10.2f}")
    print(f"{'its peak memory, MiB':44}{mib:10.0f}{MOST_MIB:8g}")
    print(f"{'different files from the same folder':44}{len(digests) - 1:10}{0:8}")
    print(
        f"{'with 2 MB more of answers, seconds':44}"
        f"{long:10.2f}{MOST_SECONDS_LARGE:8g}{long / unit:13.1f}"
    )
