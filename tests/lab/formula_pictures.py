r"""Formulas as pictures: the connected pieces of ink of each, as LaTeX sets it and as Typst does.

``python -m tests.lab.formula_pictures`` sets the formulas of ``formulas.txt`` with LaTeX and dvipng
(and amsmath, amssymb, mathtools, xcolor, mathrsfs) and writes ``formulas_latex.json``: where each
piece lies, and how large it is, in em. It is run again when a formula is new.
"""

import io
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import typst
from PIL import Image
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from nnbook.lab.formulas import Converter
from nnbook.publishing.formulas.engine import FormulaError
from nnbook.theory.arrays import Array

CORPUS = Path(__file__).with_name("formulas.txt").read_text("utf-8").splitlines()
FROM_LATEX = Path(__file__).with_name("formulas_latex.json")
TEMPLATE = (Path(__file__).parents[2] / "nnbook" / "lab" / "template.typ").read_text("utf-8")

DPI, POINTS = 400, 12
DARK = 128
FAR = 0.7
"""From this distance two pieces, in em and in logarithms of their sizes, are not the same one."""

DOCUMENT = r"""\documentclass[12pt]{article}
\usepackage[paperwidth=18cm,paperheight=9cm,margin=1cm]{geometry}
\usepackage{mathtools,amssymb,xcolor,mathrsfs}
\pagestyle{empty}
\begin{document}
%s
\end{document}
"""
PAGE = "#set page(width: 18cm, height: 9cm, margin: 1cm)\n#set text(size: 12pt)\n"


def of_typst(formulas: Sequence[str]) -> list[Array]:
    """Return the pieces of each formula as a report has it; none of one that is refused."""
    shown = []
    for latex in formulas:
        try:
            shown.append(Converter().content(latex, display=True))
        except FormulaError:
            shown.append("")
    with TemporaryDirectory() as name:
        (Path(name) / "template.typ").write_text(TEMPLATE, "utf-8")
        body = "\n#pagebreak()\n".join(shown)
        code = f'#import "template.typ": *\n{PAGE}{body}'.encode()
        made = typst.Compiler(code, root=name, ignore_system_fonts=True).compile(
            format="png", ppi=DPI
        )
    pages = made if isinstance(made, list) else [made]
    return [pieces(Image.open(io.BytesIO(page))) for page in pages if page]


def of_latex(formulas: Sequence[str], folder: Path) -> list[Array]:
    """Return the pieces of each formula as LaTeX sets it."""
    body = "\n\\newpage\n".join(map(_for_latex, formulas))
    (folder / "main.tex").write_text(DOCUMENT % body, "utf-8")
    for command in (
        ["latex", "-interaction=nonstopmode", "main.tex"],
        ["dvipng", "-q", "-D", str(DPI), "-o", "%d.png", "main.dvi"],
    ):
        subprocess.run(command, cwd=folder, check=False)
    return [pieces(Image.open(folder / f"{n}.png")) for n in range(1, len(formulas) + 1)]


def _for_latex(latex: str) -> str:
    """Return a formula without what LaTeX has in packages, or in another place."""
    latex = re.sub(r"\\[bx]?cancel\b", "", latex)
    operator = r"\\DeclareMathOperator(\*?)\{(\\\w+)\}\{(.*?)\}"
    latex = re.sub(operator, r"\\newcommand{\2}{\\operatorname\1{\3}}", latex)
    latex = latex.replace(r"\textcolor{#00aa00}", r"\textcolor[HTML]{00AA00}")
    if r"\tag" not in latex:  # in a report only what has a label or a tag has a number
        latex = re.sub(
            r"\\(begin|end)\{(align|gather|alignat|eqnarray|multline|equation)\}",
            r"\\\1{\2*}",
            latex,
        )
    if re.match(r"\\begin\{(align|gather|alignat|eqnarray|multline|equation)\*?\}", latex):
        return latex
    return rf"\[{latex}\]"


def pieces(picture: Image.Image) -> Array:
    """Return left end, middle (from above), width and height of each piece of ink, in em."""
    seen = picture.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    ink = 255 - np.asarray(Image.alpha_composite(white, seen).convert("L")).astype(int)
    labels, _ = ndimage.label(ink > DARK, structure=np.ones((3, 3)))
    found = [
        (x.start, (y.start + y.stop) / 2, x.stop - x.start, y.stop - y.start)
        for y, x in ndimage.find_objects(labels)
    ]
    return np.reshape(found, (-1, 4)) * 72 / (DPI * POINTS)


def left_alone(one: Array, other: Array) -> int:
    """Return how many pieces of two pictures have no counterpart in the other one.

    The gaps between pieces differ a little: both pictures are made equally wide before.
    """
    if not len(one) or not len(other):
        return len(one) + len(other)
    one, other = _at_origin(one), _at_origin(other)
    other[:, 0] *= max(one[:, 0].max(), 0.1) / max(other[:, 0].max(), 0.1)
    pairs = 0
    for shift in np.linspace(-0.6, 0.6, 25):
        far = 0.5 * np.abs(one[:, None, 0] - other[None, :, 0])
        far += 1.5 * np.abs(one[:, None, 1] - other[None, :, 1] - shift)
        for size in (2, 3):  # what is thin may be a little thicker
            sizes = (one[:, None, size] + 0.06) / (other[None, :, size] + 0.06)
            far += 0.7 * np.abs(np.log(sizes))
        far = np.minimum(far, FAR)
        chosen = far[linear_sum_assignment(far)]
        pairs = max(pairs, int((chosen < FAR).sum()))
    return len(one) + len(other) - 2 * pairs


def _at_origin(found: Array) -> Array:
    moved = found.copy()
    moved[:, 0] -= moved[:, 0].min()
    moved[:, 1] -= np.median(moved[:, 1])
    return moved


def recorded() -> dict[str, Array]:
    """Return the pieces of each formula as LaTeX set it."""
    content = json.loads(FROM_LATEX.read_text("utf-8"))
    return {latex: np.reshape(found, (-1, 4)) for latex, found in content.items()}


def main() -> None:
    """Write what LaTeX makes of all formulas."""
    with TemporaryDirectory() as folder:
        made = of_latex(CORPUS, Path(folder))
    lines = [
        f"{json.dumps(latex)}: {json.dumps(found.round(3).ravel().tolist(), separators=(',', ':'))}"
        for latex, found in zip(CORPUS, made, strict=True)
    ]
    FROM_LATEX.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
