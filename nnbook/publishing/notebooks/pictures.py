"""Figures of cells as PNG, which Jupyter shows also in a notebook that it does not trust yet."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import tempfile
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from nnbook.publishing.drawing.svg import alone

_SHARP = 2  # pixels for each point, of which there are 72 to an inch
_MAIN = """\
#set page(width: auto, height: auto, margin: 0pt)
#for number in range({count}) {{ image(str(number) + ".svg"); pagebreak(weak: true) }}
"""


def as_png(figures: Iterable[str], memory: Path) -> Mapping[str, str]:
    """Return figures as PNG in base 64, by their SVG.

    Parameters
    ----------
    figures : iterable of str
        SVG in the book's style.
    memory : Path
        The file that keeps them until the figures of the page are others.
    """
    keys = {figure: hashlib.sha256(figure.encode()).hexdigest() for figure in figures}
    before = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
    new = [figure for figure, key in keys.items() if key not in before]
    drawn = dict(zip((keys[figure] for figure in new), _drawn(new), strict=True))
    kept = {key: drawn.get(key) or before[key] for key in keys.values()}
    if kept.keys() != before.keys():
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps(kept), encoding="utf-8")
    return {figure: kept[key] for figure, key in keys.items()}


def size(png: str) -> dict[str, int]:
    """Return width and height in which a PNG of `as_png` is shown, in px."""
    wide, high = struct.unpack(">II", base64.b64decode(png[:32])[16:24])
    return {"width": round(wide / _SHARP * 96 / 72), "height": round(high / _SHARP * 96 / 72)}


def _drawn(figures: list[str]) -> list[str]:
    if not figures:
        return []
    import typst

    found = find_spec("matplotlib")
    assert found is not None and found.origin is not None
    fonts = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, figure in enumerate(figures):
            (folder / f"{number}.svg").write_text(alone(figure), encoding="utf-8")
        main = folder / "main.typ"
        main.write_text(_MAIN.format(count=len(figures)), encoding="utf-8")
        drawn = typst.compile(
            main, font_paths=[fonts], ignore_system_fonts=True, format="png", ppi=72 * _SHARP
        )
    pages = drawn if isinstance(drawn, list) else [drawn]
    return [base64.b64encode(page).decode() for page in pages]
