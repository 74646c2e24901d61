r"""Formulas in Typst: pandoc, from its wheel, understands the TeX of the book."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterable

from nnbook.errors import NNBookError
from nnbook.publishing.paper.code import Code

_BETWEEN = "// the next formula"
# A bar of an absolute value; one that has a size of its own, or is another sign, has a command.
_BAR = re.compile(r"(?P<command>\\(?:(?:left|right|[bB]igg?[lrm]?)\s*)?)?\|")


def as_typst(formulas: Iterable[str]) -> dict[str, Code]:
    """Return formulas, which are TeX, as Typst without dollar signs.

    Raises
    ------
    NNBookError
        Pandoc does not understand one.
    """
    import pypandoc

    wanted = list(dict.fromkeys(formulas))
    source = "".join(
        f"\n\n```{{=typst}}\n{_BETWEEN}\n```\n\n${tex.strip()}$" for tex in map(_plain, wanted)
    )
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "--from", "markdown", "--to", "typst", "--wrap", "none"],
        input=source,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    parts = [part.strip() for part in done.stdout.split(_BETWEEN)[1:]]
    made = {}
    for tex, part in zip(wanted, parts, strict=True):
        if not (part.startswith("$") and part.endswith("$") and len(part) > 2):
            raise NNBookError(
                f"pandoc cannot turn the formula {tex!r} into Typst; it made {part!r}"
            )
        made[tex] = Code(with_new_names(part[1:-1]))
    return made


def _plain(tex: str) -> str:
    r"""Return TeX on one line, with what pandoc would set too widely in other words.

    Examples
    --------
    >>> print(_plain(r"|x| \ge 10{,}000"))
    \left|x\right| \ge \text{10,000}
    """
    tex = re.sub(r"\s+", " ", re.sub(r"(?<!\\)%[^\n]*", "", tex)).strip()
    tex = re.sub(
        r"\d+(?:\{,\}\d+)+", lambda number: rf"\text{{{number[0].replace('{,}', ',')}}}", tex
    )
    bars = sum(bar["command"] is None for bar in _BAR.finditer(tex))
    if bars % 2 == 0:
        sides = itertools.cycle((r"\left|", r"\right|"))
        tex = _BAR.sub(lambda bar: bar[0] if bar["command"] else next(sides), tex)
    return tex


def with_new_names(code: str) -> str:
    """Return Typst in which names are those that newer versions know."""
    return re.sub(r"\b(dot|times|plus|minus|div|slash)\.circle\b", r"\1.o", code)
