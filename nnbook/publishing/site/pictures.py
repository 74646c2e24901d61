"""The picture that is shown where a link to a page is shared: its title and its first figure.

Typst draws them, all that are new in one go, and with fonts that come as wheels, so that they are
the same on every machine.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from nnbook.publishing.drawing.svg import on_light

FOLDER = "_static/shared"
WIDTH, HEIGHT = 1200, 630  # pixels, as those who show them ask for

_TEMPLATE = "picture.typ"
_FONT = "DejaVu Sans"
# Figures may have colors for light and dark pages, as variables: a picture is light.
_VARIABLE = re.compile(r"var\(\s*--(?P<name>[\w-]+)\s*(?:,\s*(?P<otherwise>[^()]+))?\)")
_DECLARED = re.compile(r"--([\w-]+)\s*:\s*([^;{}]+)")
_OTHER_PAGES = re.compile(r"@media[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_FAMILY = re.compile(r"font-family\s*:[^;}\"]*")


class Picture(NamedTuple):
    """What is on a picture.

    Attributes
    ----------
    title, book : str
    text : str
        What stands in the place of a figure.
    figure : str
        The path of a figure, or nothing.
    """

    title: str
    book: str
    text: str = ""
    figure: str = ""


def draw(site: Path, pictures: Mapping[str, Picture], memory: Path) -> None:
    """Draw the pictures of pages, and take away those of pages that are no more.

    Parameters
    ----------
    site : Path
    pictures : mapping of str to Picture
        By the names of the pages.
    memory : Path
        A file that remembers what has been drawn: nothing is drawn twice.
    """
    folder = site / FOLDER
    known = json.loads(memory.read_text(encoding="utf-8")) if memory.is_file() else {}
    keys = {page: _key(picture) for page, picture in pictures.items()}
    for gone in known.keys() - keys.keys():
        (folder / f"{gone}.png").unlink(missing_ok=True)
    new = [
        page
        for page, key in sorted(keys.items())
        if known.get(page) != key or not (folder / f"{page}.png").is_file()
    ]
    for page, drawn in zip(new, _drawn([pictures[page] for page in new]), strict=True):
        target = folder / f"{page}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(drawn)
    memory.write_text(json.dumps(keys), encoding="utf-8")


def _key(picture: Picture) -> str:
    figure = Path(picture.figure).read_bytes() if picture.figure else b""
    parts = [repr(picture[:3]).encode(), figure, _template().encode()]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _drawn(pictures: list[Picture]) -> list[bytes]:
    """Return the pictures as PNG files."""
    if not pictures:
        return []
    import typst

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = []
        for number, picture in enumerate(pictures):
            figure = ""
            if picture.figure:
                source = Path(picture.figure)
                figure = f"{number}{source.suffix}"
                (folder / figure).write_bytes(_in_colors(source))
            pages.append({**picture._asdict(), "figure": figure})
        (folder / "pages.json").write_text(json.dumps(pages), encoding="utf-8")
        main = folder / "main.typ"
        main.write_text(_template(), encoding="utf-8")
        drawn = typst.compile(
            main, font_paths=[_fonts()], ignore_system_fonts=True, format="png", ppi=72
        )
    return drawn if isinstance(drawn, list) else [drawn]


def _in_colors(figure: Path) -> bytes:
    """Return a figure that depends on nothing: neither on a theme nor on fonts of the machine."""
    if figure.suffix != ".svg":
        return figure.read_bytes()
    svg = _OTHER_PAGES.sub("", on_light(figure.read_text(encoding="utf-8")))
    declared = dict(_DECLARED.findall(svg))

    def value(variable: re.Match[str]) -> str:
        return str(declared.get(variable["name"], variable["otherwise"] or "currentColor"))

    return _FAMILY.sub(f"font-family:{_FONT}", _VARIABLE.sub(value, svg)).encode()


def _fonts() -> Path:
    """Return the folder of the fonts that figures are set in, without importing matplotlib."""
    found = find_spec("matplotlib")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"


def _template() -> str:
    return files(__package__).joinpath(_TEMPLATE).read_text(encoding="utf-8")
