"""What a built page loads and shows, rewritten: head, icons, images, identifiers."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from nnbook.publishing.delivery import cards, folds, header, icons, images

# Scripts, styles and comments hold text that only looks like markup.
_OPAQUE = re.compile(
    r"(<script\b.*?</script>|<style\b.*?</style>|<!--.*?-->)", re.DOTALL | re.IGNORECASE
)
_SCRIPT = re.compile(r"\s*<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"\s*<link\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?""")
# `first.js` sets the theme, and earlier; no page asks for its own name; `folds` folds.
_DONE_OTHERWISE = re.compile(
    r"dataset\.theme|DOCUMENTATION_OPTIONS\.pagename|toggle(?:Hint|OpenOnPrint|buttonSelector)"
)
_OFFERED = re.compile(r'(<a href="[^"]*") target="_blank"(\s+class="btn [^"]*\bbtn-download-)')
_EMPTY_HEADER = re.compile(r'<th\b(?: scope="\w+")?([^>]*)>(?:<p></p>|\s)*</th>')
_TITLE = re.compile(r"<title>(.*?) (?:&#8212;|—) (.*?)</title>")
_PRINTED_CONTENTS = re.compile(r'<div id="jb-print-toc">.*?</nav>\s*</div>', re.DOTALL)
_DELIVERED = "data-delivered"
_LOADING = re.compile(r'<script data-script=.*?</script>\s*<link rel="stylesheet"[^>]*>', re.DOTALL)
_FIRST_SCREEN = 20_000  # characters of markup, formulas included


class Part(NamedTuple):
    """A script or a stylesheet of a page: its file, a path in the site, or what stands inline."""

    file: str | None
    text: str


@dataclass(frozen=True)
class Loaded:
    """What a page loads of its own site, in order."""

    styles: tuple[Part, ...]
    scripts: tuple[Part, ...]


class Assets(NamedTuple):
    """What all pages load, as addresses from the root of the site; fonts are of most formulas."""

    style: str
    script: str
    search: str
    fonts: tuple[str, ...] = ()


class Page:
    """A built page, as text that is rewritten step by step.

    Parameters
    ----------
    name
        Its path in the site, as in ``"learning/momentum.html"``.
    text
        Its markup.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    @property
    def is_delivered(self) -> bool:
        """Whether this page has been rewritten already."""
        return f"<html {_DELIVERED}" in self.text[:500]

    @property
    def root(self) -> str:
        """The way from this page to the root of the site: ``"../"`` for one in a folder."""
        return "../" * self.name.count("/")

    def take_assets(self, goes: Callable[[str], bool]) -> Loaded:
        """Take the site's own stylesheets and scripts out of the page, and return them.

        Parameters
        ----------
        goes
            Says of the path of a script whether nothing needs it.
        """
        styles: list[Part] = []
        scripts: list[Part] = []

        def take_link(link: re.Match[str]) -> str:
            attributes = _attributes(link[0])
            path = self._within_site(attributes.get("href", ""))
            relation = attributes.get("rel", "")
            if relation == "stylesheet" and path:
                styles.append(Part(path, ""))
                return ""
            return "" if relation == "preload" and attributes.get("as") == "script" else link[0]

        def take_script(script: re.Match[str]) -> str:
            attributes = _attributes(script[1])
            kind = attributes.get("type", "")
            if kind not in {"", "text/javascript"}:
                return script[0]
            if "src" in attributes:
                path = self._within_site(attributes["src"])
                if path is None:
                    return re.sub(r"<script(?! defer)", "<script defer", _undeferred(script[0]))
                if not goes(path):
                    scripts.append(Part(path, ""))
                return ""
            if not _DONE_OTHERWISE.search(script[2]):
                scripts.append(Part(None, script[2].strip()))
            return ""

        head, end, body = self.text.partition("</head>")
        head = _SCRIPT.sub(take_script, _outside_opaque(head, lambda t: _LINK.sub(take_link, t)))
        # Scripts within the text of a page belong to what they stand in.
        before, article, after = _around_article(body)
        loads = re.compile(r"\s*<script\b([^>]*\bsrc=[^>]*)>(.*?)</script>", re.DOTALL)
        before, after = (loads.sub(take_script, part) for part in (before, after))
        self.text = f"{head}{end}{before}{article}{after}"
        return Loaded(tuple(styles), tuple(scripts))

    def put_assets(self, first: str, assets: Assets) -> None:
        """Let the page choose its theme before it is drawn, and load one style and one script."""
        found = _TITLE.search(self.text)
        title = _quoted(title_of(self.text))
        if found and found[1] == found[2]:  # the front page, named as the book is
            self.text = self.text.replace(found[0], f"<title>{found[1]}</title>", 1)
        self.text = re.sub(r'\s*<meta name="viewport"[^>]*>', "", self.text)
        marked = f'<html {_DELIVERED} data-theme="light" data-mode="auto"'
        self.text = re.sub(r"<html(?: data-theme=\"\")?", marked, self.text, count=1)
        head = (
            f'\n    <meta name="viewport" content="width=device-width, initial-scale=1" />'
            f"\n    {self._loading(first, assets)}"
            f"\n    <style>@page{{@top-center{{content:{title}}}}}</style>"
        )
        self.text = re.sub(
            r"<meta charset=[^>]*>", lambda charset: charset[0] + head, self.text, count=1
        )

    def put_cards(self, found: Mapping[str, cards.Card], script: str) -> None:
        """Say which links have a card, and which script holds these cards."""
        self.text = cards.mark(self.text, found)
        attribute = f' data-cards="{self.root}{script}"'
        html_tag = re.compile(r'(<html\b[^>]*?)(?: data-cards="[^"]*")?>')
        self.text = html_tag.sub(lambda tag: f"{tag[1]}{attribute}>", self.text, count=1)

    def point_to(self, first: str, assets: Assets) -> None:
        """Let a page that has been rewritten before load the present style and script."""
        loading = self._loading(first, assets)
        self.text = _LOADING.sub(lambda _: loading, self.text, count=1)

    def _loading(self, first: str, assets: Assets) -> str:
        """Return what loads the assets; ``first.js`` loads the script when the page is drawn."""
        article = _around_article(self.text)[1]
        fonts = assets.fonts if 'class="katex"' in article[:_FIRST_SCREEN] else ()
        addresses = " ".join(self.root + font for font in fonts)
        later = f' data-fonts="{addresses}"' if fonts else ""
        return (
            f'<script data-script="{self.root}{assets.script}"{later}'
            f' data-search="{self.root}{assets.search}">{first}</script>'
            f'\n    <link rel="stylesheet" href="{self.root}{assets.style}" />'
        )

    def draw_icons(self) -> None:
        """Draw the icons as SVG."""
        self._rewrite(icons.draw)

    def fold_solutions(self) -> None:
        """Let the browser fold the boxes that are to be opened on request."""
        self.text = folds.fold(self.text, _OPAQUE)

    def name_parts(self) -> None:
        """Name the controls that fold, cards and the sidebar; corners of tables are no headers."""
        self._rewrite(folds.name)
        self._rewrite(lambda text: _EMPTY_HEADER.sub(r"<td\1></td>", text))
        self._rewrite(folds.name_cards)
        sidebar = '<div id="pst-primary-sidebar"'
        self.text = self.text.replace(sidebar, f'{sidebar} role="complementary" aria-label="Book"')
        here = '<a class="current reference internal" href="#"'
        self.text = self.text.replace(here, f'{here} aria-current="page"')

    def arrange_header(self) -> None:
        """Let the header say which page this is, and put its menus together for narrow screens."""
        self.text = header.arrange(self.text, title_of(self.text))

    def drop_second_contents(self) -> None:
        """Drop the list of sections that the theme prints: it has no numbers of pages."""
        self.text = _PRINTED_CONTENTS.sub("", self.text, count=1)

    def keep_files(self) -> None:
        """Let a browser keep the files that the theme offers, and not show them."""
        self.text = _OFFERED.sub(r"\1 download\2", self.text)

    def break_names(self) -> None:
        """Let long names of modules break after their dots."""
        module = re.compile(r'(?<=descclassname"><span class="pre">)[\w.]+')
        self._rewrite(lambda t: module.sub(lambda name: name[0].replace(".", ".<wbr />"), t))

    def size_images(self, site: Path) -> None:
        """Let images declare their size and load when they are near; let figures be enlarged.

        One on the first screen is loaded at once: it is often the largest thing there.
        """
        folder = (site / self.name).parent
        before, article, after = _around_article(self.text)
        before, after = (
            _outside_opaque(part, lambda text: images.declare(text, folder, may_link=False))
            for part in (before, after)
        )
        article = _outside_opaque(article, lambda text: images.declare(text, folder))
        first, rest = article[:_FIRST_SCREEN], article[_FIRST_SCREEN:]
        article = first.replace(images.WHEN_NEAR, images.AT_ONCE, 1) + rest
        self.text = f"{before}{article}{after}"

    def mend_ids(self) -> None:
        """Make identifiers unique: all but the first of those that are equal get a number."""
        seen: Counter[str] = Counter()

        def number(found: re.Match[str]) -> str:
            seen[found[2]] += 1
            count = seen[found[2]]
            return found[0] if count == 1 else f'{found[1]}id="{found[2]}-{count}"'

        tags = re.compile(r"<[a-zA-Z][^<>]*>")
        identifier = re.compile(r'(\s)id="([^"]*)"')
        self._rewrite(lambda text: tags.sub(lambda tag: identifier.sub(number, tag[0]), text))

    def _rewrite(self, change: Callable[[str], str]) -> None:
        self.text = _outside_opaque(self.text, change)

    def _within_site(self, address: str) -> str | None:
        """Return the path in the site of what an address of this page leads to."""
        path = unquote(html.unescape(address)).partition("?")[0].partition("#")[0]
        if not path or "//" in path or path.startswith(("/", "data:")):
            return None
        parts: list[str] = self.name.split("/")[:-1]
        for part in path.split("/"):
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part != ".":
                parts.append(part)
        return "/".join(parts)


def title_of(text: str) -> str:
    """Return the number and title of a page, as markup, without the name of the book."""
    found = _TITLE.search(text)
    return found[1] if found else ""


def words(text: str) -> tuple[set[str], set[str]]:
    """Return the names of the tags, and the classes and ids that occur in markup."""
    tags = {tag.lower() for tag in re.findall(r"<([a-zA-Z][\w-]*)", text)}
    names = re.findall(r"""\b(?:class|id)=(?:"([^"]*)"|'([^']*)')""", text)
    return tags, {word for pair in names for value in pair for word in value.split()}


def _quoted(markup: str) -> str:
    """Return a text of the page as a string of a stylesheet."""
    text = html.unescape(markup).replace("\\", r"\\").replace('"', r"\"")
    return '"' + text.replace("<", r"\3c ") + '"'


def _undeferred(script: str) -> str:
    return re.sub(r"\s(?:defer|async)(?:=\"[^\"]*\")?(?=[\s>])", "", script)


def _around_article(text: str) -> tuple[str, str, str]:
    """Split a page into what comes before, in, and after its text."""
    start, end = text.find("<article"), text.rfind("</article>")
    if start < 0 or end < 0:
        return text, "", ""
    return text[:start], text[start:end], text[end:]


def _outside_opaque(text: str, change: Callable[[str], str]) -> str:
    """Change what is markup, and leave scripts, styles and comments as they are."""
    parts = _OPAQUE.split(text)
    parts[::2] = map(change, parts[::2])
    return "".join(parts)


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): first or second for name, first, second in _ATTRIBUTE.findall(tag)}
