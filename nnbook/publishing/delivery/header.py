"""The header of a page: where the reader is, and menus that narrow screens show in one."""

from __future__ import annotations

import re

_TOOLS = '<div class="nnb-tools" id="nnb-tools" popover>'
_MORE = (
    '<button class="btn btn-sm nnb-menus" type="button" popovertarget="nnb-tools"'
    ' aria-label="More about this page" title="More about this page">'
    '<svg class="nnb-icon" viewBox="0 0 512 512" aria-hidden="true">'
    '<path d="M256 24a64 64 0 1 1 0 128a64 64 0 1 1 0-128zm0 168a64 64 0 1 1 0 128a64 64 0 1 1'
    ' 0-128zm0 168a64 64 0 1 1 0 128a64 64 0 1 1 0-128z"/></svg></button>'
)
_BUTTONS = re.compile(
    r'(?P<start><div class="article-header-buttons">)(?P<tools>.*?)'
    r'(?P<rest><button class="[^"]*\bsearch-button\b)',
    re.DOTALL,
)
_TOGGLE = re.compile(
    r'<div class="header-article-item"><button class="[^"]*primary-toggle.*?</div>', re.DOTALL
)
_MENU = re.compile(
    r'(aria-label="([^"]*)">(?:(?!</?button).)*</button>\s*<ul class="dropdown-menu")', re.DOTALL
)
_TOGGLES = {"primary": "Contents of the book", "secondary": "Contents of this page"}
_UNNAMED = re.compile(r'(<button onclick="toggleFullScreen\(\)"[^>]*?)\stitle="([^"]*)"')


def arrange(text: str, title: str) -> str:
    """Return a page whose header names it, and holds its menus in one box.

    Wide screens show what is in the box in the row of icons. Narrow ones have one button for it,
    which works without scripts: the box is a popover.

    Parameters
    ----------
    text
        Markup of a page.
    title
        What the header calls it, as markup.
    """

    def gather(buttons: re.Match[str]) -> str:
        tools = _MENU.sub(r'\1 aria-label="\2"', buttons["tools"])
        tools = _UNNAMED.sub(r'\1 title="\2" aria-label="\2"', tools)
        return f"{buttons['start']}{_MORE}{_TOOLS}{tools}</div>{buttons['rest']}"

    here = f'<span class="nnb-here" aria-hidden="true">{title}</span>'  # as in the title itself
    text = _TOGGLE.sub(lambda toggle: toggle[0] + here, text, count=1)
    for side, name in _TOGGLES.items():
        text = text.replace(f' title="Toggle {side} sidebar"', f' title="{name}"')
    return _BUTTONS.sub(gather, text, count=1)
