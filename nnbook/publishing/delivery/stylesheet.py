"""One stylesheet with what the pages use, made from those of the theme and its extensions.

A rule stays if each class, id and tag that its selector names occurs in a page or in a script. What
a selector says beyond these (attributes, states, negations) is taken to match: rules are dropped only
where nothing they name exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import tinycss2

from nnbook.publishing.delivery import icons

_GROUPS = {"media", "supports", "layer", "container"}
_VARIABLE = re.compile(r"--[\w-]+")
_ICON_FONT = re.compile(r"Font ?Awesome|--fa-", re.IGNORECASE)
_GLYPH = re.compile("[\ue000-\uf8ff]")
_MASK = "background-color:currentColor;mask:{url} center/contain no-repeat"
_THEME = re.compile(r"""\[data-theme=(["']?)(dark|light)\1\]""")


class Used(NamedTuple):
    """What occurs in the pages: names of tags, classes and ids, and all words of the scripts."""

    tags: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]


def combine(sheets: Iterable[str], used: Used) -> str:
    """Return one stylesheet with what is used of many, in their order.

    Colors of the dark theme hold on screens only: what is printed is light.

    Raises
    ------
    UnknownIcon
        A rule that is used shows a glyph of the icon font that the package does not carry.
    """
    rules = [rule for sheet in sheets for rule in _rules(_parse(sheet), used)]
    text = _without_unused_variables("".join(_printed_light(rules)), used.words)
    return _without_unused_keyframes(text)


def _parse(sheet: str) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return nodes


def _rules(nodes: Iterable[Any], used: Used) -> Iterator[str]:
    for node in nodes:
        if node.type == "qualified-rule":
            selectors = [s for s in _split(node.prelude) if _may_match(s, used)]
            body = _declarations(node.content)
            if selectors and body:
                yield f"{','.join(map(_text, selectors))}{{{body}}}"
        elif node.type == "at-rule":
            yield from _at_rule(node, used)


def _at_rule(node: Any, used: Used) -> Iterator[str]:
    name = node.lower_at_keyword
    if name in _GROUPS and node.content is not None:
        inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        kept = "".join(_rules(inner, used))
        if kept:
            yield f"@{name} {_text(node.prelude)}{{{kept}}}"
    elif name == "font-face" and _ICON_FONT.search(tinycss2.serialize(node.content)):
        return
    elif name != "charset":
        text = node.serialize()
        yield re.sub(r"\s+", " ", text)


def _declarations(content: list[Any]) -> str:
    """Return the declarations of a rule as short text; glyphs of the icon font become masks."""
    found = []
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":  # nested rules are no part of the theme
            found.append(_text([node]))
            continue
        value = _text(node.value) + ("!important" if node.important else "")
        found.append(_with_masks(node.name, value))
    return ";".join(filter(None, found))


def _with_masks(name: str, value: str) -> str:
    glyph = _GLYPH.search(value)
    if name in {"font", "font-family"} and _ICON_FONT.search(value):
        return "display:inline-block;width:1em;height:1em"
    if name == "content" and value.startswith("var(--pst-"):
        return 'content:"";' + _MASK.format(url=value)
    if glyph is None:
        return f"{name}:{value}"
    url = f"\ufffe{ord(glyph[0]):04x}\ufffe"  # looked up once it is known that the rule is used
    if name == "content":
        return 'content:"";' + _MASK.format(url=url)
    return f"{name}:{url}" if name.startswith("--") else ""


def _split(prelude: list[Any]) -> list[list[Any]]:
    """Split a selector list at its commas."""
    selectors: list[list[Any]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def _may_match(selector: list[Any], used: Used) -> bool:
    """Say whether all that a selector names exists."""
    before = None
    for token in selector:
        kind = before.value if before is not None and before.type == "literal" else None
        if token.type == "hash" and token.value not in used.names | used.words:
            return False
        if token.type == "ident" and kind == "." and token.value not in used.names | used.words:
            return False
        if token.type == "ident" and kind not in {".", ":", "|"}:
            if "-" not in token.value and token.lower_value not in used.tags | used.words:
                return False
        if token.type == "function" and token.lower_name in {"is", "where"}:
            if not any(_may_match(option, used) for option in _split(token.arguments)):
                return False
        before = token
    return True


def _printed_light(rules: Iterable[str]) -> Iterator[str]:
    """Keep the dark theme to screens, and let what is light hold for print in either theme."""
    for rule in rules:
        selector = rule.partition("{")[0]
        themes = {found[2] for found in _THEME.finditer(selector)}
        if rule.startswith("@") or ":not([data-theme" in selector:
            yield rule
        elif themes == {"dark"}:
            yield f"@media screen{{{rule}}}"
        elif themes == {"light"}:
            yield rule
            body = rule.removeprefix(selector)
            yield f"@media print{{{_THEME.sub('[data-theme]', selector)}{body}}}"
        else:
            yield rule


def _without_unused_variables(text: str, words: frozenset[str]) -> str:
    """Drop custom properties that no value reads, until all that are left are read."""
    while True:
        read = set(re.findall(r"var\(\s*(--[\w-]+)", text)) | words
        definition = re.compile(r"(?<=[{;])(--[\w-]+):(?:\"[^\"]*\"|url\([^)]*\)|[^;{}\"])*;?")
        shorter = definition.sub(lambda d: d[0] if d[1] in read else "", text)
        shorter = re.sub(r"(?<=[{}])[^{}@]+\{\}", "", shorter)
        if shorter == text:
            return re.sub("\ufffe(\\w{4})\ufffe", _glyph_url, text)
        text = shorter


def _glyph_url(code: re.Match[str]) -> str:
    return f'url("{icons.by_code(code[1]).data_uri}")'


def _without_unused_keyframes(text: str) -> str:
    """Drop animations that no rule runs."""
    block = re.compile(r"@(?:-webkit-)?keyframes ([\w-]+) ?\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
    rest = block.sub("", text)
    return block.sub(lambda found: found[0] if re.search(rf"\b{found[1]}\b", rest) else "", text)


def _text(nodes: Any) -> str:
    """Return tokens as text, without the space that only people need."""
    return re.sub(r"\s+", " ", tinycss2.serialize(nodes)).strip()
