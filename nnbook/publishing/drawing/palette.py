"""The colors of figures on light and dark pages, and of the text that is written in them."""

from __future__ import annotations

import textwrap

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
_PAPER = ("#FFFFFF", "#121212")
_GROUND = {"#000000": ("ink", ("#222832", "#D5DBE1")), "#FFFFFF": ("paper", _PAPER)}
_CONTRAST = {"text": 4.5, "stroke": 3.0}


class Pairs(dict[str, tuple[str, str]]):
    """Colors on light and dark pages, by the names of variables."""

    def variable(self, color: str, kind: str = "stroke") -> str:
        """Return the variable that stands for a color, with its value on light pages.

        Parameters
        ----------
        color : str
            As in ``"#1b6ca8"``.
        kind : {"text", "stroke", "fill"}
            Text has more contrast than lines. An area that is neither gray nor of the palette keeps
            its color: it may be of a scale.
        """
        name, pair = self._found(color.upper(), kind)
        self[name] = pair
        return f"var(--{name},{pair[0]})"

    def _found(self, color: str, kind: str) -> tuple[str, tuple[str, str]]:
        if color in COLORS[:6]:
            number = COLORS.index(color)
            if kind == "text":
                return f"t{number}", (_TEXT[number], _DARK[number])
            return f"c{number}", (color, _DARK[number])
        if color in _GROUND:
            return _GROUND[color]
        if len(set(textwrap.wrap(color[1:], 2))) == 1:
            return f"g{color[1:3]}", (color, on_dark(color))
        if kind == "fill":
            return f"f{color[1:]}", (color, color)
        light, dark = (legible(color, paper, _CONTRAST[kind]) for paper in _PAPER)
        return f"{kind[0]}{color[1:]}", (light, dark)

    def css(self) -> str:
        """Return the declarations of all variables that have been asked for."""
        light, dark = (
            "".join(f"--{name}:{pair[k]};" for name, pair in sorted(self.items())) for k in (0, 1)
        )
        return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def theme(prefix: str) -> str:
    """Return the colors of figures as variables of a page, for scripts that draw on it.

    Lines are ``c0`` to ``c6``, text in their colors ``t0`` to ``t6``; ``ink`` and ``paper``; and
    grays, named by what they are on light pages. What is printed is light.

    Examples
    --------
    >>> theme("nnx-").partition(";")[0]
    ':root{--nnx-c0:#1B6CA8'
    """
    ink, paper = (pair for _, pair in _GROUND.values())
    pairs = {f"c{k}": pair for k, pair in enumerate(zip(COLORS, _DARK, strict=True))}
    pairs |= {f"t{k}": pair for k, pair in enumerate(zip(_TEXT, _DARK, strict=True))}
    pairs |= {"ink": ink, "paper": paper, "c6": ink}
    pairs |= {f"g{gray[1:3]}": (gray, on_dark(gray)) for gray in ("#999999", GRID)}
    light, dark = (
        "".join(f"--{prefix}{name}:{pair[k]};" for name, pair in pairs.items()) for k in (0, 1)
    )
    return f":root{{{light}}}@media screen{{[data-theme=dark]{{{dark}}}}}\n"


def on_dark(gray: str) -> str:
    """Return the gray that stands out on a dark page as much as this one does on a light page.

    Examples
    --------
    >>> on_dark("#FFFFFF"), on_dark("#999999"), on_dark("#000000")
    ('#121212', '#5D5D5D', '#FFFFFF')
    """
    light, dark = (float(linear(paper)[0]) for paper in _PAPER)
    wanted = (light + 0.05) / (float(linear(gray)[0]) + 0.05) * (dark + 0.05) - 0.05
    shown = 12.92 * wanted if wanted <= 0.0031308 else 1.055 * wanted ** (1 / 2.4) - 0.055
    return "#" + 3 * f"{round(255 * min(shown, 1)):02X}"


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
