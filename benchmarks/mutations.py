"""Labs and reports as no student writes them: what `check`, `report` and `verify` make of them.

Each lab is a worked one with some of its text exchanged, repeated or cut, or with a link, a pipe or
a folder in the place of a file; each report one with bytes exchanged, cut or repeated. Each command
has to end in time with a status of its own, without a traceback, and must write nothing outside.

    python -m benchmarks mutations --labs 2000 --reports 500 --seed 1
"""

import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 120
"""By the clock; more than the limits that the commands keep themselves."""

EXAMPLE = Path(__file__).parent.parent / "examples" / "lab4"
TEXTS = ("lab.toml", "answers.md", "step.toml")
PIECES = (
    *("{{ figure:predicted:eckerle4 }}", "{{ figure:biases:relu-6 }}", "{{ figure:inputs:mnist }}"),
    *("{{ figure:images:mnist }}", "{{ figure:loss-and-accuracy:vanishing }}", "{{ best:x }}"),
    *("{{ show:table:mnist }}", "{{ show:backpropagation }}", "{{ show:show:value:x }}"),
    *("{{ overview:mnist, vanishing }}", "{{ overview-transposed:eckerle4 }}", "{{ own:x }}"),
    *("{{ best:learning_rate:eckerle4 }}", "{{ listing:lab.toml:1-9 }}", "{{ listing:../x }}"),
    *("{{ own-curves:x }}", "{{ ref:backpropagation:step }}", "\n\n{{ backpropagation }}\n\n"),
    *("[forward]", "[after]", "[gradients]\nW1 = ", "loss = ", '"1/8"', '"2 - 1/2 eta"', '"0,125"'),
    *('"1/0"', '"1e99"', '"9e-99 eta"', '"eta/7"', "[[", '[["", ""], [""]]', "2026-11-27", '"1 2"'),
    *('"' + "9" * 39 + '"', f'"1/{10**37 + 3}"', "1e99", "9" * 4400),
    *("\0", "\x1b[31m", "\ufeff", "\u202e", "{{", "}}", "{{ table:x }}", "{{ ref:", "$", "$$"),
    *("\\begin{align}", "\\end{align}", "\\frac{", "\\def\\a{\\a\\a}\\a", "\\newcommand{\\x}{"),
    *("<!--", "-->", "<b", "[", "](", "![x](", "../../x.png", "`", "```", "|", "> ", "# ", "    "),
    *("1e400000000", "-1", "0", "nan", "inf", "99999999999999999999", "1/0", "true", '"', "'''"),
    *(
        "[",
        "]",
        "{",
        "}",
        "=",
        "[[",
        "]]",
        "\n",
        "\r",
        "é",
        "漢",
        "\U0001f600",
        "\\",
        "#read(",
        "@",
    ),
)
STATUSES = (0, 1, 2)


@dataclass
class Outcome:
    """What went wrong, and how often each status came."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    longest: float = 0.0


def main(labs: int, reports: int, seed: int) -> bool:
    """Mutate, print what went wrong, and return whether nothing did."""
    outcome = Outcome()
    tried_labs = tried_reports = 0
    with (
        contextlib.suppress(KeyboardInterrupt),  # what has been tried until then is told
        tempfile.TemporaryDirectory(prefix="nnbook-mutations-") as name,
    ):
        place = Path(name)
        for number in range(labs):
            _try_lab(place, random.Random(f"lab {seed} {number}"), number, outcome)
            tried_labs += 1
        if reports:
            report = _report(place)
            for number in range(reports):
                tried_reports += 1
                _try_report(
                    place, report, random.Random(f"report {seed} {number}"), number, outcome
                )
    statuses = dict(sorted(outcome.statuses.items()))
    print(f"{tried_labs} labs and {tried_reports} reports: exit statuses {statuses}, ", end="")
    print(f"longest command {outcome.longest:.0f} s, {len(outcome.faults)} faults")
    for fault in outcome.faults:
        print(fault)
    return not outcome.faults


def _try_lab(place: Path, chance: random.Random, number: int, outcome: Outcome) -> None:
    outside = place / "outside"
    shutil.rmtree(outside, ignore_errors=True)
    outside.mkdir()
    (outside / "mine.txt").write_text("mine", "utf-8")
    folder = place / "lab"
    _remove(folder)
    shutil.copytree(EXAMPLE, folder, symlinks=True)
    for _ in range(chance.randint(1, 4)):
        chance.choices([_mutate_text, _replace_file], weights=[9, 1])[0](folder, outside, chance)
    for command in ("check", "report"):
        fault = _run(["lab", command, str(folder)], outcome)
        if fault:
            outcome.faults.append(f"lab {number}, {command}: {fault}")
    there = sorted(path.name for path in outside.iterdir())
    if there != ["mine.txt"] or (outside / "mine.txt").read_text("utf-8") != "mine":
        outcome.faults.append(f"lab {number}: outside of it are now {there}")


def _mutate_text(folder: Path, outside: Path, chance: random.Random) -> None:
    path = folder / chance.choice(TEXTS)
    if not path.is_file() or path.is_symlink():
        return
    text = path.read_text("utf-8", "replace")
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.choice([0, 1, 10, 100]))
    new: Callable[[], str] = chance.choice(
        [
            lambda: chance.choice(PIECES),
            lambda: chance.choice(PIECES) * chance.choice([2, 50, 5000]),
            lambda: text[start:end] * chance.choice([0, 2, 100]),
            lambda: "".join(chance.sample(PIECES, 5)),
            lambda: chr(chance.randrange(0x20, 0x2FFF)),
        ]
    )
    text = text[:start] + new() + text[end:]
    if chance.random() < 0.3:
        numbers = list(re.finditer(r"\b\d+(\.\d+)?\b", text))
        if numbers:
            found = chance.choice(numbers)
            text = text[: found.start()] + chance.choice(PIECES[-31:]) + text[found.end() :]
    path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _replace_file(folder: Path, outside: Path, chance: random.Random) -> None:
    paths = sorted(path for path in folder.rglob("*") if "objects" not in path.parts)
    path = chance.choice([*paths, folder / "report.pdf", folder / "fonts"])
    _remove(path)
    target = outside / "mine.txt"
    make: Callable[[], object] = chance.choice(
        [
            lambda: path.symlink_to(target),
            lambda: path.symlink_to(outside),
            lambda: path.hardlink_to(target),
            lambda: os.mkfifo(path),
            path.mkdir,
            lambda: path.write_bytes(chance.randbytes(chance.choice([0, 10, 10_000]))),
        ]
    )
    if path.parent.is_dir():
        make()


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file() or path.is_fifo():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def _report(place: Path) -> bytes:
    path = place / "report.pdf"
    subprocess.run(
        [sys.executable, "-m", "nnbook.cli", "lab", "report", str(EXAMPLE), "-o", str(path)],
        check=True,
        capture_output=True,
    )
    return path.read_bytes()


def _try_report(
    place: Path, report: bytes, chance: random.Random, number: int, outcome: Outcome
) -> None:
    content = bytearray(report)
    for _ in range(chance.choice([1, 3, 30])):
        start = chance.randrange(len(content) + 1)
        match chance.randrange(4):
            case 0:
                del content[start : start + chance.choice([1, 100, 10_000])]
            case 1:
                content[start:start] = chance.randbytes(chance.choice([1, 100]))
            case 2:
                content[start:start] = content[: chance.choice([10, 10_000])]
            case _ if content:
                content[min(start, len(content) - 1)] = chance.randrange(256)
    path = place / "mutated.pdf"
    path.write_bytes(content)
    # A key that no run has: the report is read and judged, and nothing is trained.
    fault = _run(["lab", "verify", str(path), "--run", "zzz"], outcome)
    if fault:
        outcome.faults.append(f"report {number}: {fault}")


def _run(arguments: list[str], outcome: Outcome) -> str:
    """Return what is wrong with how a command ended; nothing if nothing is."""
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nnbook.cli", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not end within {SECONDS} s"
    outcome.longest = max(outcome.longest, time.monotonic() - begin)
    outcome.statuses[done.returncode] += 1
    said = done.stderr.decode("utf-8", "replace")
    if "Traceback" in said or done.returncode not in STATUSES:
        return f"exit status {done.returncode}: {said[-400:]}"
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", done.stdout + done.stderr):
        return "it prints control characters"
    return ""
