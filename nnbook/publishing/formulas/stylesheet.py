"""KaTeX's stylesheet and its fonts: those that are used, with the glyphs that are used."""

from __future__ import annotations

import hashlib
import html
import io
import logging
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import NamedTuple

from nnbook.publishing.formulas.engine import katex

_FACE = re.compile(r"@font-face\{(?P<body>[^}]*)\}")
_RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}")


class Stylesheet(NamedTuple):
    """A style and the fonts that it loads: their paths beside it, and what they hold."""

    text: str
    fonts: dict[str, bytes]


class _Face(NamedTuple):
    """What a rule asks for, and what a font offers."""

    family: str
    weight: str
    style: str


def key(formulas: Iterable[str]) -> str:
    """Return what the stylesheet of formulas depends on: it is the same for the same key."""
    classes, letters = _used(formulas)
    parts = [katex("katex.min.css").decode(), _own(), *sorted(classes), *sorted(letters)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def stylesheet(formulas: Iterable[str]) -> Stylesheet:
    """Return the stylesheet for formulas; a page loads those of its fonts that it shows.

    Parameters
    ----------
    formulas
        HTML of all of them, as `Formulas.html` returns it.
    """
    classes, letters = _used(formulas)
    text = katex("katex.min.css").decode()
    faces = set(_faces_asked_for(_FACE.sub("", text), classes))
    fonts: dict[str, bytes] = {}

    def point(found: re.Match[str]) -> str:
        face, path = _offered(found["body"])
        if face not in faces:
            return ""
        fonts[path] = font = _subset(katex(path), letters)
        digest = hashlib.sha256(font).hexdigest()[:8]
        source = f'src:url("{path}?v={digest}") format("woff2")'
        return f"@font-face{{{re.sub('src:.*', source, found['body'])}}}"

    text = _FACE.sub(point, text)
    return Stylesheet(f"{text}\n{_own()}", fonts)


def _own() -> str:
    return files(__package__).joinpath("formulas.css").read_text(encoding="utf-8")


def _used(formulas: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return all classes and all letters."""
    classes: set[str] = set()
    letters: set[str] = set()
    for formula in formulas:
        for names in re.findall(r'class="([^"]*)"', formula):
            classes.update(names.split())
        letters.update(html.unescape(re.sub(r"<[^>]*>", "", formula)))
    return classes, letters


def _faces_asked_for(text: str, classes: set[str]) -> Iterable[_Face]:
    """Yield the fonts that are used; a rule that names no family is for the main one."""
    yield _Face("KaTeX_Main", "400", "normal")
    for rule in _RULE.finditer(text):
        asked = dict(re.findall(r"font-(family|weight|style):([^;,}]+)", rule["body"]))
        used = any(
            set(re.findall(r"\.([\w-]+)", selector)) <= classes
            for selector in rule["selectors"].split(",")
        )
        if asked and used:
            family = asked.get("family", "KaTeX_Main")
            yield _Face(family, asked.get("weight", "400"), asked.get("style", "normal"))


def _offered(body: str) -> tuple[_Face, str]:
    """Return what a font is for, and its file."""
    values = dict(re.findall(r"font-(family|weight|style):([^;]+)", body))
    path = re.search(r"url\(([^)]+\.woff2)\)", body)
    assert path is not None, "KaTeX comes as woff2"
    return _Face(values["family"], values["weight"], values["style"]), path[1]


def _subset(font: bytes, letters: set[str]) -> bytes:
    """Return a font with no other letters than these."""
    from fontTools import subset, ttLib

    # It tells of each table that it looks at.
    logging.getLogger("fontTools").setLevel(logging.WARNING)

    options = subset.Options(flavor="woff2", hinting=False, notdef_outline=True)
    loaded = ttLib.TTFont(io.BytesIO(font), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=map(ord, letters))
    subsetter.subset(loaded)
    loaded.flavor = "woff2"
    written = io.BytesIO()
    loaded.save(written)
    return written.getvalue()
