"""What nnbook's claims about speed and memory are measured with: `make bench` runs all of it.

``python -m benchmarks book`` measures what the book costs, ``python -m benchmarks pages`` what its
pages cost a visitor, ``python -m benchmarks frames`` what a frame of a running explorable costs,
``python -m benchmarks report`` what the report of a lab costs, ``python -m
benchmarks store`` what it costs to look runs up, to count and to record them, ``python -m
benchmarks training`` what a step of training costs, beside the same step by other libraries. The
exit status is 1 if a limit of the store is missed. Two are no part of all, and their exit status is
1 if anything went wrong: ``python -m benchmarks mutations`` hands in labs and reports that are not
what they should be, and ``python -m benchmarks random-input`` uses the explorables without a plan.
"""

import argparse
import sys
from pathlib import Path

from benchmarks import book, frames, mutations, pages, random_input, report, store, training


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=[
            *("all", "book", "frames", "mutations", "pages", "random-input", "report", "store"),
            "training",
        ],
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
    kept = True
    if chosen.what == "mutations":
        kept = mutations.main(chosen.labs, chosen.reports, chosen.seed, chosen.log)
    if chosen.what == "random-input":
        kept = random_input.main(chosen.seconds, chosen.seed, chosen.only)
    if chosen.what in ("all", "book"):
        book.main()
    if chosen.what in ("all", "pages"):
        pages.main()
    if chosen.what in ("all", "frames"):
        frames.main()
    if chosen.what in ("all", "report"):
        report.main()
    if chosen.what in ("all", "store"):
        kept = store.main()
    if chosen.what in ("all", "training"):
        training.main(chosen.rounds, chosen.steps, chosen.torch, chosen.json, chosen.markdown)
    if not kept:
        sys.exit(1)


if __name__ == "__main__":
    main()
