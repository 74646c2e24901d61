"""Labs and reports as no student writes them: what `check`, `report` and `verify` make of them.

Three of four labs are a worked one with other values, keys, settings and blocks of text, which are
still TOML and Markdown (see `benchmarks.mutated`), so that most get past the parsers. The fourth
has some of its text exchanged, repeated or cut, or a link, a pipe or a folder in the place of a
file. Each report is one with bytes exchanged, cut or repeated. Each command has to end in time with
a status of its own, without a traceback; it must write nothing outside, and no empty report. What
is refused is refused by `check` and `report` alike, with the name of a file.
Each has a process of its own, see `benchmarks.copied`.

    python -m benchmarks mutations --labs 2000 --reports 500 --seed 1 --log mutations.jsonl

With a log, what is in it is not tried again.
"""

import contextlib
import io
import json
import os
import random
import re
import shutil
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pypdf import PdfReader

from benchmarks import copied, mutated

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
class Tried:
    """A lab or a report that was tried.

    Attributes
    ----------
    name : str
    reached : list of str
        ``parsed``, if its TOML can be read; ``checked`` and ``reported``, where the command did
        its work; ``read``, if the manifest of a report was; ``refused``, where it said why not.
    said : str
        The first line of a refusal.
    faults : list of str
    seconds : float
        Of the longest command.
    """

    name: str
    reached: list[str] = field(default_factory=list)
    said: str = ""
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


def main(labs: int, reports: int, seed: int, log: Path | None = None) -> bool:
    """Mutate, print how far each got and what went wrong, and return whether nothing did."""
    done = _logged(log)
    names = [f"lab {seed} {n}" for n in range(labs)] + [
        f"report {seed} {n}" for n in range(reports)
    ]
    with (
        contextlib.suppress(KeyboardInterrupt),  # what has been tried until then is told
        tempfile.TemporaryDirectory(prefix="nnbook-mutations-") as folder,
    ):
        report = b""
        new = [name for name in names if name not in done]
        if new:
            copied.prepare(EXAMPLE)
        for name in new:
            chance = random.Random(name)
            if name.startswith("lab"):
                done[name] = _try_lab(name, Path(folder), chance)
            else:
                report = report or _report(Path(folder))
                done[name] = _try_report(name, Path(folder), report, chance)
            if log:
                with log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(done[name])) + "\n")
    _summarize([done[name] for name in names if name in done])
    return not any(done[name].faults for name in names if name in done)


def _logged(log: Path | None) -> dict[str, Tried]:
    if log is None or not log.exists():
        return {}
    lines = log.read_text("utf-8").splitlines()
    return {tried.name: tried for tried in (Tried(**json.loads(line)) for line in lines)}


def _summarize(tried: list[Tried]) -> None:
    for kind in ("lab", "report"):
        some = [one for one in tried if one.name.startswith(kind)]
        reached = Counter(stage for one in some for stage in one.reached)
        shares = ", ".join(f"{count} {stage}" for stage, count in reached.items())
        print(f"{len(some)} {kind}s: {shares}")
        said = Counter(re.sub(r"[0-9]+|'.*?'", "…", one.said)[:80] for one in some if one.said)
        for message, count in said.most_common(8):
            print(f"  {count:4} {message}")
    longest = max(tried, key=lambda one: one.seconds, default=Tried(""))
    faults = [f"{one.name}: {fault}" for one in tried for fault in one.faults]
    print(f"longest command {longest.seconds:.0f} s ({longest.name}), {len(faults)} faults")
    for fault in faults:
        print(fault)


def _try_lab(name: str, place: Path, chance: random.Random) -> Tried:
    tried = Tried(name)
    outside = place / "outside"
    shutil.rmtree(outside, ignore_errors=True)
    outside.mkdir()
    (outside / "mine.txt").write_text("mine", "utf-8")
    folder = place / "lab"
    _remove(folder)
    shutil.copytree(EXAMPLE, folder, symlinks=True)
    is_valid, is_wild = chance.random() < 0.75, chance.random() < 0.2
    for _ in range(chance.randint(1, 4)):
        if is_valid:
            mutated.mutate(folder, chance, is_wild=is_wild)
        else:
            change = chance.choices([_mutate_text, _replace_file], weights=[9, 1])[0]
            change(folder, outside, chance)
    if _parses(folder):
        tried.reached.append("parsed")
    report = folder / "report.pdf"
    before = _bytes(report)
    for command, stage in (("check", "checked"), ("report", "reported")):
        status = _run(["lab", command, str(folder)], tried)
        if status in (0, 1):
            tried.reached.append(stage)
            if stage == "reported" and "refused" in tried.reached:
                tried.faults.append("check: it refuses what `report` sets")
        elif status == 2 and "checked" in tried.reached:
            tried.faults.append("report: it refuses what `check` reads")
    if "reported" in tried.reached and not _pages(report):
        tried.faults.append("the report has no page")
    elif "reported" not in tried.reached and _bytes(report) not in (before, None):
        tried.faults.append("a failed report left a file")
    there = sorted(path.name for path in outside.iterdir())
    if there != ["mine.txt"] or (outside / "mine.txt").read_text("utf-8") != "mine":
        tried.faults.append(f"outside of it are now {there}")
    return tried


def _parses(folder: Path) -> bool:
    for name in ("lab.toml", "step.toml"):
        content = _bytes(folder / name)
        try:
            tomllib.loads((content or b"").decode())
        except (ValueError, RecursionError):
            return False
    return True


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _pages(path: Path) -> int:
    content = _bytes(path)
    return len(PdfReader(io.BytesIO(content)).pages) if content else 0


def _mutate_text(folder: Path, outside: Path, chance: random.Random) -> None:
    path = folder / chance.choice(TEXTS)
    if not path.is_file() or path.is_symlink() or path.stat().st_nlink > 1:
        return  # what is outside is no part of the lab
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
    done = copied.run(["lab", "report", str(EXAMPLE), "-o", str(path)], SECONDS)
    if done.status:
        raise RuntimeError(f"the example has no report: {done.errors.decode()}")
    return path.read_bytes()


def _try_report(name: str, place: Path, report: bytes, chance: random.Random) -> Tried:
    tried = Tried(name)
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
    _run(["lab", "verify", str(path), "--run", "zzz"], tried)
    if "no run has a key" in tried.said:
        tried.reached, tried.said = ["read"], ""
    return tried


def _run(arguments: list[str], tried: Tried) -> int | None:
    """Return the exit status of a command; what is wrong with how it ended is noted."""
    begin = time.monotonic()
    done = copied.run(arguments, SECONDS)
    if done.status is None:
        tried.faults.append(f"{arguments[1]}: it did not end within {SECONDS} s")
        return None
    tried.seconds = max(tried.seconds, time.monotonic() - begin)
    said = done.errors.decode("utf-8", "replace")
    if "Traceback" in said or done.status not in STATUSES:
        tried.faults.append(f"{arguments[1]}: exit status {done.status}: {said[-400:]}")
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", done.output + done.errors):
        tried.faults.append(f"{arguments[1]}: it prints control characters")
    if done.status == 2:
        tried.said = tried.said or re.sub(r"/\S*/", "", said.strip().partition("\n")[0])[:300]
        tried.reached += ["refused"] if "refused" not in tried.reached else []
        if not said.strip():
            tried.faults.append(f"{arguments[1]}: it does not say why it refuses")
        elif arguments[2] not in said:
            tried.faults.append(f"{arguments[1]}: it does not say where")
    return done.status
