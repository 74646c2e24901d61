"""One stylesheet with what the pages use, made from those of the theme and its extensions.

A rule stays if each class, id and tag that its selector names occurs in a page or in a script.
What a selector says beyond these (attributes, states, negations) is taken to match: rules are
dropped only where nothing they name exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import tinycss2

from nnbook.publishing.delivery import icons

_GROUPS = {"media", "supports", "layer", "container"}
_READ = re.compile(r"var\(\s*(--[\w-]+)")
_ICON_FONT = re.compile(r"Font ?Awesome|--fa-", re.IGNORECASE)
_GLYPH = re.compile("[\ue000-\uf8ff]")
_THEME = re.compile(r"""\[data-theme=(["']?)(dark|light)\1\]""")


class Used(NamedTuple):
    """What occurs in the pages: names of tags, classes and ids, and all words of the scripts."""

    tags: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True)
class _Rule:
    """Selectors with declarations; a group of rules under a condition; or text as it stands."""

    head: str
    declarations: tuple[tuple[str, str], ...] = ()
    rules: tuple[_Rule, ...] = ()

    @property
    def text(self) -> str:
        if not self.declarations and not self.rules:
            return self.head
        body = ";".join(f"{name}:{value}" for name, value in self.declarations)
        return f"{self.head}{{{body}{''.join(rule.text for rule in self.rules)}}}"


def combine(sheets: Iterable[str], used: Used) -> str:
    """Return one stylesheet with what is used of many, in their order.

    Colors of the dark theme hold on screens only: what is printed is light.

    Raises
    ------
    UnknownIconError
        A rule that is used shows a glyph of the icon font that the package does not carry.
    """
    rules = [rule for sheet in sheets for rule in _rules(_parse(sheet), used)]
    rules = _without_unused_variables(rules, used.words)  # some hold glyphs that nobody shows
    rules = _without_unused_variables(list(map(_with_masks, rules)), used.words)
    rules = list(_without_unused_keyframes(rules))
    return "".join(rule.text for rule in _printed_light(rules))


def _parse(sheet: str) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return nodes


def _rules(nodes: Iterable[Any], used: Used) -> Iterator[_Rule]:
    for node in nodes:
        if node.type == "qualified-rule":
            selectors = [s for s in _split(node.prelude) if _may_match(s, used)]
            declarations = tuple(_declarations(node.content))
            if selectors and declarations:
                yield _Rule(",".join(map(_text, selectors)), declarations)
        elif node.type == "at-rule":
            yield from _at_rule(node, used)


def _at_rule(node: Any, used: Used) -> Iterator[_Rule]:
    name = node.lower_at_keyword
    if name in _GROUPS and node.content is not None:
        inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        rules = tuple(_rules(inner, used))
        if rules:
            yield _Rule(f"@{name} {_text(node.prelude)}", rules=rules)
    elif name == "font-face" and _ICON_FONT.search(tinycss2.serialize(node.content)):
        return
    elif name != "charset":
        yield _Rule(re.sub(r"\s+", " ", node.serialize()))


def _declarations(content: list[Any]) -> Iterator[tuple[str, str]]:
    for node in tinycss2.parse_declaration_list(content, skip_comments=True, skip_whitespace=True):
        if node.type == "declaration":  # what is wrong, browsers skip too
            yield node.name, _text(node.value) + ("!important" if node.important else "")


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
    known, tags = used.names | used.words, used.tags | used.words
    before = ""
    for token in selector:
        if token.type == "hash" and token.value not in known:
            return False
        if token.type == "ident" and before == "." and token.value not in known:
            return False
        is_tag = token.type == "ident" and before not in {".", ":", "|"}
        if is_tag and "-" not in token.value and token.lower_value not in tags:
            return False
        is_choice = token.type == "function" and token.lower_name in {"is", "where"}
        if is_choice and not any(_may_match(o, used) for o in _split(token.arguments)):
            return False
        before = token.value if token.type == "literal" else ""
    return True


def _without_unused_variables(rules: list[_Rule], words: frozenset[str]) -> list[_Rule]:
    """Drop custom properties that no value reads, until all that are left are read."""
    while True:
        text = "".join(rule.text for rule in rules)
        read = set(_READ.findall(text)) | words
        rules = [kept for rule in rules if (kept := _reading(rule, read)) is not None]
        if "".join(rule.text for rule in rules) == text:
            return rules


def _reading(rule: _Rule, read: set[str]) -> _Rule | None:
    declarations = tuple(d for d in rule.declarations if d[0][:2] != "--" or d[0] in read)
    rules = tuple(kept for r in rule.rules if (kept := _reading(r, read)) is not None)
    was_empty = not rule.declarations and not rule.rules
    return _Rule(rule.head, declarations, rules) if declarations or rules or was_empty else None


def _without_unused_keyframes(rules: list[_Rule]) -> Iterator[_Rule]:
    """Drop animations that no rule runs."""
    name = re.compile(r"@(?:-webkit-)?keyframes\s+([\w-]+)")
    run = " ".join(rule.text for rule in rules if not name.match(rule.head))
    for rule in rules:
        animation = name.match(rule.head)
        if animation is None or re.search(rf"(?<![\w-]){re.escape(animation[1])}(?![\w-])", run):
            yield rule


def _with_masks(rule: _Rule) -> _Rule:
    """Show the glyphs of the icon font as masks, filled with the color of the text."""
    declarations = tuple(new for old in rule.declarations for new in _with_mask(*old))
    return _Rule(rule.head, declarations, tuple(map(_with_masks, rule.rules)))


def _with_mask(name: str, value: str) -> list[tuple[str, str]]:
    if name in {"font", "font-family"} and _ICON_FONT.search(value):
        return [("display", "inline-block"), ("width", "1em"), ("height", "1em")]
    glyph = _GLYPH.search(value)
    image = f'url("{icons.by_code(f"{ord(glyph[0]):04x}").data_uri}")' if glyph else value
    if name == "content" and (glyph or value.startswith("var(--pst-")):
        mask = ("mask", f"{image} center/contain no-repeat")
        return [("content", '""'), ("background-color", "currentColor"), mask]
    return [(name, image)]


def _printed_light(rules: Iterable[_Rule]) -> Iterator[_Rule]:
    """Keep the dark theme to screens, and let what is light hold for print in either theme."""
    for rule in rules:
        themes = {found[2] for found in _THEME.finditer(rule.head)}
        if ":not([data-theme" in rule.head or len(themes) != 1:
            yield rule
        elif "dark" in themes:
            yield _Rule("@media screen", rules=(rule,))
        else:
            yield rule
            either = _Rule(_THEME.sub("[data-theme]", rule.head), rule.declarations)
            yield _Rule("@media print", rules=(either,))


def _text(nodes: Any) -> str:
    """Return tokens as text, without the space that only people need."""
    return re.sub(r"\s+", " ", tinycss2.serialize(nodes)).strip()
