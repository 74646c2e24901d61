"""What a step of training costs in nnbook and elsewhere, with networks of the lab.

The time of a step is that of an engine's fastest turn. Only ratios are judged, between engines that
took turns on the same two cores: seconds depend on the machine.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.cases import CASES, title
from benchmarks.comparison import EngineTimes, compare
from benchmarks.engines import ENGINES, THREADS, WHOLE
from nnbook.project import REPOSITORY


def main(
    rounds: int, steps: int | None, torch: str | None, json_file: Path | None, table: Path | None
) -> None:
    """Compare the engines with each network and print what came out."""
    cores = _bind_to_two_cores()
    images = _images()
    if images == "random":
        print("MNIST is not there (see NNBOOK_DATA): random images of the same shape instead\n")
    comparisons = []
    for spec in CASES:
        comparisons.append(compare(spec, rounds, steps, torch, images))
        print(text(comparisons[-1]), flush=True)
    conditions = f"{images} images, {cores} cores ({platform.machine()}), {_versions(comparisons)}"
    print(conditions)
    if json_file:
        content = {"conditions": conditions, "cases": list(map(_content, comparisons))}
        json_file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    if table:
        table.write_text(markdown(comparisons) + f"\n{conditions}\n", encoding="utf-8")


def text(comparison: EngineTimes) -> str:
    """Return the table of one network."""
    lines = [
        f"{title(comparison.spec):54}"
        f"{'us/step':>9}{'x fit':>8}{'x products':>12}{'start s':>9}{'peak MiB':>10}"
    ]
    for name, row in comparison.rows.items():
        label = f"  {_label(name, dropout=comparison.spec.has_dropout):52}"
        if row.unavailable:
            lines.append(f"{label}not measured: {row.unavailable}")
            continue
        lines.append(
            f"{label}{_number(1e6 * row.step if row.step else None):>9}"
            f"{_number(comparison.times_as_fast_as_fit(name)):>8}"
            f"{_number(comparison.times_products(name)):>12}"
            f"{_number(row.start if row.step else None):>9}{row.peak_mib:10.0f}"
        )
    lines += [
        f"  {'PASS' if limit.kept else 'MISSED':8}{_number(limit.value):>6} {limit.claim}"
        for limit in comparison.limits()
    ]
    lines.append(f"  noise: a median turn exceeded the fastest by {comparison.noise():.0%} at most")
    return "\n".join(lines) + "\n"


def markdown(comparisons: list[EngineTimes]) -> str:
    """Return how many times as fast as `model.fit` on TensorFlow each engine was."""
    lines = [
        f"| times as fast as `model.fit` | {' | '.join(title(c.spec) for c in comparisons)} |",
        f"|---|{'---:|' * len(comparisons)}",
    ]

    def add(label: str, cells: list[str]) -> None:
        if any(cells):
            lines.append(f"| {label} | {' | '.join(cells)} |")

    for name in ENGINES:
        measured = [c.times_as_fast_as_fit(name) if name in c.rows else None for c in comparisons]
        add(_label(name, dropout=True), [_number(ratio) for ratio in measured])
    for name in ("nnbook", "nnbook-jax"):
        multiples = [_number(c.times_products(name)) for c in comparisons]
        add(f"{ENGINES[name].title}: multiple of the matrix products' time", multiples)
    for name, engine in WHOLE.items():
        peaks = [c.rows[name].peak_mib for c in comparisons]
        add(f"{engine.title}: peak memory, MiB", [f"{peak:.0f}" if peak else "" for peak in peaks])
    return "\n".join(lines) + "\n"


def _label(name: str, *, dropout: bool) -> str:
    engine = (ENGINES | WHOLE)[name]
    return f"{engine.title} ({engine.lacks})" if engine.lacks and dropout else engine.title


def _number(value: float | None) -> str:
    """Return three significant digits, or nothing."""
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 99.95 else f"{value:#.3g}"


def _content(comparison: EngineTimes) -> dict[str, object]:
    return {
        "settings": comparison.spec.model_dump(mode="json", exclude_defaults=True),
        "engines": {
            name: {
                **vars(row),
                "times_as_fast_as_fit": comparison.times_as_fast_as_fit(name),
                "times_products": comparison.times_products(name),
            }
            for name, row in comparison.rows.items()
        },
        "limits": [vars(limit) for limit in comparison.limits()],
    }


def _versions(comparisons: list[EngineTimes]) -> str:
    versions = {"Python": platform.python_version()}
    for comparison in comparisons:
        for row in comparison.rows.values():
            versions |= row.versions
    return ", ".join(f"{library} {version}" for library, version in versions.items())


def _bind_to_two_cores() -> int:
    """Bind this process, and so all that it starts, to two cores; return how many it now has."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    return len(os.sched_getaffinity(0))


def _images() -> str:
    """Return which images there are: 'mnist' or 'random'."""
    code = "from nnbook.training import datasets; datasets.mnist()"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, check=False
    )
    return "mnist" if found.returncode == 0 else "random"
