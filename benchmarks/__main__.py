"""What nnbook's claims about speed and memory are measured with: `make bench` runs all of it.

``python -m benchmarks book`` measures what the book costs, ``python -m benchmarks pages`` what its
pages cost a visitor, ``python -m benchmarks frames`` what a frame of a running explorable costs,
``python -m benchmarks report`` what the report of a lab costs, ``python -m
benchmarks store`` what it costs to look runs up, to count and to record them, ``python -m
benchmarks training`` what a step of training costs, beside the same step by other libraries. The
exit status is 1 if a limit of the book, its pages or the store is missed. Two are no part of all,
and their exit status is 1 if anything went wrong: ``python -m benchmarks mutations`` hands in labs
and reports that are not what they should be, and ``python -m benchmarks random-input`` uses the
explorables without a plan.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import book, frames, mutations, pages, random_input, report, store, training
from benchmarks.browsing import NothingToOpenError

# What each returns is false if a limit is missed, or anything went wrong.
_Measure = Callable[[argparse.Namespace], bool | None]
ALL: dict[str, _Measure] = {
    "book": lambda _: book.main(),
    "pages": lambda _: pages.main(),
    "frames": lambda _: frames.main(),
    "report": lambda _: report.main(),
    "store": lambda _: store.main(),
    "training": lambda of: training.main(of.rounds, of.steps, of.torch, of.json, of.markdown),
}
BY_NAME: dict[str, _Measure] = {
    "mutations": lambda of: mutations.main(of.labs, of.reports, of.seed, of.log),
    "random-input": lambda of: random_input.main(of.seconds, of.seed, of.only),
}


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=["all", *sorted(ALL | BY_NAME)],
        default="all",
    )
    options = parser.add_argument_group("training")
    options.add_argument(
        "--rounds", type=int, default=7, help="how often each engine has its turn (default: 7)"
    )
    options.add_argument(
        "--steps",
        type=int,
        help="steps in a turn (default: an epoch of nnbook, at most 500 of others)",
    )
    options.add_argument(
        "--torch",
        metavar="PYTHON",
        help="interpreter that has PyTorch, NumPy and pydantic, where this one has no PyTorch",
    )
    options.add_argument("--json", type=Path, metavar="FILE", help="write all measurements there")
    options.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write a table of the ratios there"
    )
    wrong = parser.add_argument_group("mutations")
    wrong.add_argument("--labs", type=int, default=2000, help="how many (default: 2000)")
    wrong.add_argument("--reports", type=int, default=500, help="how many (default: 500)")
    wrong.add_argument(
        "--log", type=Path, metavar="FILE", help="keep what was tried there, and go on from it"
    )
    chances = parser.add_argument_group("mutations and random-input")
    chances.add_argument("--seed", type=int, default=1, help="of what is done (default: 1)")
    hands = parser.add_argument_group("random-input")
    hands.add_argument("--seconds", type=float, default=30, help="for each (default: 30)")
    hands.add_argument("--only", metavar="NAME", help="one explorable (default: all)")
    chosen = parser.parse_args()
    names = ALL if chosen.what == "all" else [chosen.what]
    kept = [_measure(name, chosen) for name in names]
    sys.exit(0 if all(kept) else 1)


def _measure(name: str, chosen: argparse.Namespace) -> bool:
    """Measure one thing, and return whether nothing was missed or wrong."""
    try:
        return (ALL | BY_NAME)[name](chosen) is not False
    except NothingToOpenError as problem:
        print(f"{name}: not measured ({problem})")
        return True


if __name__ == "__main__":
    main()
