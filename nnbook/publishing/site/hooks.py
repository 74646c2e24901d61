"""What Sphinx calls: pages say what they are, and the pages around them are made."""

from __future__ import annotations

import hashlib
import html
import json
import re
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from nnbook import __version__
from nnbook.errors import NNBookError
from nnbook.publishing.formulas.hooks import plain_text
from nnbook.publishing.side_by_side import share
from nnbook.publishing.site import not_found, pages, pictures, reading, redirects, repository
from nnbook.publishing.site.citing import Citation
from nnbook.publishing.site.history import Change, last_changes
from nnbook.publishing.site.sitemap import sitemap

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_STYLE, _SITEMAP = "site.css", "sitemap.xml"
_AFTER_FORMULAS, _BEFORE_DELIVERY, _AFTER_DELIVERY = 600, 400, 950

_shown: dict[str, pages.Shown] = {}


def setup(app: Sphinx) -> None:
    """Connect to Sphinx. All pages are written again when this package changes."""
    own = sorted(path for path in files(__package__).iterdir() if path.is_file())  # type: ignore[type-var]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in own)).hexdigest()
    app.add_config_value("nnbook_site", digest, "html")
    app.add_config_value("nnbook_looked_up", [], "html")
    app.add_config_value("nnbook_redirects", "", "html")
    app.add_css_file(_STYLE)
    app.connect("builder-inited", start)
    app.connect("source-read", repository.fill_in)
    app.connect("env-updated", find_changes)
    app.connect("env-updated", find_redirects)
    app.connect("doctree-resolved", collect, priority=_AFTER_FORMULAS)
    app.connect("html-page-context", dress, priority=900)  # after the theme's buttons
    app.connect("html-collect-pages", not_found.add)
    app.connect("build-finished", write_style, priority=_BEFORE_DELIVERY)
    app.connect("build-finished", finish, priority=_AFTER_DELIVERY)


def start(app: Sphinx) -> None:
    """Remember what the last build has read off the pages."""
    _shown.clear()
    share(app, _shown)
    memory = _memory(app)
    if app.builder.name == "html" and memory.is_file():
        content = json.loads(memory.read_text(encoding="utf-8"))
        _shown.update({page: pages.Shown(**shown) for page, shown in content.items()})


def find_changes(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Ask git for the last change of each page; name the pages for which it is another."""
    if app.builder.name != "html":
        return []
    before: dict[str, Change] = getattr(env, "nnbook_changes", {})
    by_path = last_changes(Path(env.srcdir))
    paths = {page: Path(env.doc2path(page, base=False)).as_posix() for page in env.found_docs}
    now = {page: by_path[path] for page, path in paths.items() if path in by_path}
    env.nnbook_changes = now  # type: ignore[attr-defined]
    return sorted(page for page in env.found_docs if now.get(page) != before.get(page))


def find_redirects(app: Sphinx, env: BuildEnvironment) -> None:
    """Read which pages have moved; a redirect that cannot be right fails the build at once."""
    from sphinx.errors import ExtensionError

    app.nnbook_redirects = {}  # type: ignore[attr-defined]
    if app.builder.name == "html" and app.config.nnbook_redirects:
        path = Path(app.srcdir) / app.config.nnbook_redirects
        try:
            app.nnbook_redirects = redirects.read(path, env.found_docs)  # type: ignore[attr-defined]
        except NNBookError as error:
            raise ExtensionError(str(error)) from error


def collect(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Read off a page what it will say of itself."""
    if app.builder.name != "html":
        return
    figures = list(doctree.findall(nodes.image))
    first = next((image for image in figures if _path(app, image)), None)
    _shown[docname] = pages.Shown(
        title=plain_text(app.env.titles[docname]),
        about=reading.description(doctree),
        minutes=reading.minutes(doctree),
        figure=_path(app, first) if first else "",
        alt=" ".join(first.get("alt", "").split()) if first else "",
    )


def _path(app: Sphinx, image: nodes.image) -> str:
    """Return the path of an image that can stand on a picture, or nothing."""
    path = Path(app.srcdir) / image["uri"]
    return str(path) if path.suffix in {".svg", ".png", ".jpg"} and path.is_file() else ""


def dress(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Put what a page says of itself into its head, below its title and below its text."""
    if app.builder.name != "html":
        return
    if doctree is None:  # a page that no author has written, such as that of the search
        context["pageurl"] = None
        # The theme prints a title above the text, and has none for these pages.
        context.setdefault("pagetitle", context.get("title") or pagename.capitalize())
        return
    shown, place = _shown[pagename], _place(app, pagename)
    context["pageurl"] = place.address or None
    described = 'name="description"' in context["metatags"]
    context["metatags"] += pages.head(shown, place, described)
    body = pages.with_time(context["body"], shown.minutes) if place.is_read else context["body"]
    context["body"] = body + pages.foot(place, _citation(app, shown, place))
    if place.repository:
        report = place.repository.report(place.name, shown.title)
        _point_buttons(context.get("header_buttons", []), report)


def _point_buttons(buttons: list[dict[str, Any]], report: str) -> None:
    """Let the theme's button for issues lead to the form for errors."""
    for button in buttons:
        if button.get("label") == "source-issues-button":
            url = html.escape(report)  # the theme writes it as it is
            button |= {"url": url, "text": "Report an error", "tooltip": "Report an error"}
        _point_buttons(button.get("buttons", []), report)


def _place(app: Sphinx, page: str) -> pages.Place:
    return pages.Place(
        name=page,
        source=Path(app.env.doc2path(page, base=False)).as_posix(),
        book=app.config.html_title,
        base=_base(app),
        address=_address(app, page),
        repository=repository.repository_of(app.config),
        change=app.env.nnbook_changes.get(page),  # type: ignore[attr-defined]
        is_read=not any(fnmatch(page, pattern) for pattern in app.config.nnbook_looked_up),
    )


def _citation(app: Sphinx, shown: pages.Shown, place: pages.Place) -> Citation:
    years = re.findall(r"\d{4}", str(app.config.copyright)) or ["n.d."]
    return Citation(
        page=place.name,
        title=shown.title,
        book=place.book,
        author=app.config.author,
        year=str(place.change.date.year) if place.change else years[-1],
        version=__version__,
        commit=place.change.commit if place.change else "",
        url=place.address or (place.repository.url if place.repository else ""),
    )


def _base(app: Sphinx) -> str:
    """Return the address of the book with a slash at its end, or nothing if it is not known."""
    base: str = app.config.html_baseurl
    return f"{base.rstrip('/')}/" if base else ""


def _address(app: Sphinx, page: str) -> str:
    base = _base(app)
    is_front = page == app.config.root_doc
    return base + ("" if is_front else app.builder.get_target_uri(page)) if base else ""


def write_style(app: Sphinx, exception: Exception | None) -> None:
    """Write the style, which then becomes a part of that of all pages."""
    if app.builder.name == "html" and exception is None:
        target = Path(app.outdir) / "_static" / _STYLE
        target.parent.mkdir(exist_ok=True)
        target.write_text(files(__package__).joinpath(_STYLE).read_text(encoding="utf-8"))


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write what stands around the pages: pictures of links, redirects, the sitemap."""
    if app.builder.name != "html" or exception is not None:
        return
    site, found = Path(app.outdir), sorted(app.env.found_docs)
    for gone in _shown.keys() - set(found):
        del _shown[gone]
    content = {page: shown._asdict() for page, shown in _shown.items()}
    _memory(app).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    moved: dict[str, str] = app.nnbook_redirects  # type: ignore[attr-defined]
    redirects.write(site, moved, _memory(app).with_name("redirects"))
    not_found.finish(site, _base(app))
    (site / _SITEMAP).unlink(missing_ok=True)
    if _base(app):
        changes: dict[str, Change] = app.env.nnbook_changes  # type: ignore[attr-defined]
        dates = {page: changes[page].date if page in changes else None for page in found}
        text = sitemap({_address(app, page): date for page, date in dates.items()})
        (site / _SITEMAP).write_text(text, encoding="utf-8")
        book = app.config.html_title
        on_them = {
            page: pictures.Picture(shown.title, book, shown.about, shown.figure)
            for page, shown in _shown.items()
        }
        pictures.draw(site, on_them, Path(app.doctreedir) / "pictures.json")


def _memory(app: Sphinx) -> Path:
    return Path(app.doctreedir) / "site.json"
