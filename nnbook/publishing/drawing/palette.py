"""The colors of figures on light and dark pages, and of the text that is written in them."""

from __future__ import annotations

import re

import numpy as np

from nnbook.theory.arrays import Array

COLORS = ("#1B6CA8", "#F94607", "#1C9778", "#B30B73", "#9C8343", "#2D94E4", "#000000")
"""Colors of lines: each at least 3:1 on white, and told apart with any color vision."""

GRID = "#DDDDDD"
NO_DATA = "#BBBBBB"
KEPT = {"#000001": "#000000", "#fffffe": "#ffffff"}
"""Stand-ins for colors that do not follow the page: of text upon pictures."""

_DARK = ("#5C9BE0", "#FC8305", "#0DC388", "#FEA1CA", "#DBCE5B", "#77CDFD", "#D5DBE1")
_TEXT = ("#1B6CA8", "#C23300", "#0B7558", "#B30B73", "#756224", "#1A70B4", "#222832")
_INK, _PAPER = ("#222832", "#D5DBE1"), ("#FFFFFF", "#121212")
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


class Pairs(dict[str, tuple[str, str]]):
    """Colors on light and dark pages, by the names of variables."""

    def name(self, color: str, is_text: bool = False) -> str:
        """Return the variable that stands for a color; of text it has more contrast."""
        color = color.upper()
        if color in COLORS[:6]:
            number = COLORS.index(color)
            return self._add(
                f"t{number}" if is_text else f"c{number}",
                (_TEXT[number] if is_text else color, _DARK[number]),
            )
        if color == "#000000":
            return self._add("ink", _INK)
        if color == "#FFFFFF":
            return self._add("paper", _PAPER)
        if is_gray(color):
            return self._add(f"x{color[1:]}", (color, turned(color)))
        kind, ratio = ("t", 4.5) if is_text else ("x", 3.0)
        light, dark = (legible(color, paper, ratio) for paper in _PAPER)
        return self._add(f"{kind}{color[1:]}", (light, dark))

    def _add(self, name: str, pair: tuple[str, str]) -> str:
        self[name] = pair
        return name

    def css(self) -> str:
        """Return the declarations of all variables that have been asked for."""
        light, dark = (
            "".join(f"--{name}:{pair[k]};" for name, pair in sorted(self.items())) for k in (0, 1)
        )
        return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def turned(color: str) -> str:
    """Return a color of another lightness: what is near white is near a dark page, and so on.

    Hue and saturation are kept in the space OKLab (Ottosson 2020).

    Examples
    --------
    >>> turned("#FFFFFF"), turned("#000000")
    ('#121212', '#E8E8E8')
    """
    lightness, *hue = _TO_LAB @ np.cbrt(_TO_CONES @ linear(color))
    cones = np.linalg.solve(_TO_LAB, np.array([0.93 - 0.747 * lightness, *hue]))
    light = np.linalg.solve(_TO_CONES, cones**3).clip(0, 1)
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * value):02X}" for value in shown)


def is_gray(color: str) -> bool:
    """Say whether a color has hardly any hue, as grids and grounds have.

    Examples
    --------
    >>> is_gray("#DDDDDD"), is_gray("#FDE725")
    (True, False)
    """
    hue = (_TO_LAB @ np.cbrt(_TO_CONES @ linear(color)))[1:]
    return bool(np.hypot(*hue) < 0.05)


def legible(color: str, paper: str, ratio: float) -> str:
    """Return a color with as much of black or white in it as a contrast on some paper needs.

    Examples
    --------
    >>> legible("#FDE725", "#FFFFFF", 4.5)
    '#7E7412'
    """
    ink = "#FFFFFF" if contrast(paper, "#000000") < contrast(paper, "#FFFFFF") else "#000000"
    one, other = (np.array([int(c[k : k + 2], 16) for k in (1, 3, 5)]) for c in (color, ink))
    for share in np.linspace(0, 1, 21):
        mixed = "#" + "".join(f"{round(v):02X}" for v in (1 - share) * one + share * other)
        if contrast(mixed, paper) >= ratio:
            return mixed
    return ink


def linear(color: str) -> Array:
    """Return the light of a color in red, green and blue, each between 0 and 1."""
    shown = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors: from 1 to 21 (WCAG 2.2).

    Examples
    --------
    >>> contrast("#FFFFFF", "#000000")
    21.0
    """
    dark, light = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return round((light + 0.05) / (dark + 0.05), 2)
