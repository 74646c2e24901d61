import gc
import http.server
import os
import shutil
import subprocess
import sys
import threading
import tomllib
from contextlib import contextmanager
from functools import cache, partial

import pytest
from bs4 import BeautifulSoup

from benchmarks.browsing import chromium
from nnbook.project import REPOSITORY

HTML = REPOSITORY / "_build" / "html"
REDIRECTS = tomllib.loads((REPOSITORY / "book" / "redirects.toml").read_text(encoding="utf-8"))
WITHOUT_TEXT = {f"{name}.html" for name in ("search", "404", *REDIRECTS)}
PAGES = sorted(
    name
    for path in HTML.rglob("*.html")
    if (name := path.relative_to(HTML).as_posix()) not in WITHOUT_TEXT and name[0] != "_"
)
CHAPTER = "learning/momentum.html"
WIDTHS = {"desk": (1280, 900), "phone": (390, 844), "small": (320, 640)}


OF_SOURCES = ("test_sources.py", "test_references.py")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Leave what looks at the built book to `make check`."""
    if item.path.name not in OF_SOURCES:
        item.add_marker(pytest.mark.thorough)


def unavailable(reason: str) -> None:
    """Skip on a reader's machine; fail in CI, where everything must be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def check_epub(path):
    """Have EPUBCheck look at an e-book."""
    if shutil.which("java") is None:
        unavailable("no Java found (on Debian: apt-get install default-jre-headless)")
    command = [sys.executable, "-m", "epubcheck", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "WARNING" not in said, said


@pytest.fixture(scope="session")
def html():
    assert (HTML / "index.html").exists(), "the book is not built: run `make book` first"
    return HTML


@cache
def parsed(path):
    """Return a page, the links on it, and what can be linked to."""
    gc.disable()  # A page is one large web of objects, all of which stay:
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    gc.freeze()  # to look for garbage among them takes longer than to read the page.
    gc.enable()
    links = {link["href"] for link in soup.find_all("a", href=True)}
    return soup, links, {element["id"] for element in soup.find_all(id=True)}


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@contextmanager
def served(handler):
    """Serve the built pages with a handler; give the address."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(handler, directory=str(HTML))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def site(html):
    with served(QuietHandler) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    program = chromium()
    if program is None:
        unavailable("no Chromium found (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                # Chromium's own list of suggestions is a page beside each page.
                "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
            ],
        )
        yield browser
        browser.close()


def wait_for_scripts(page):
    """Wait until the scripts of a page have run: they are loaded when it has been drawn."""
    page.wait_for_selector("html[data-ready]", state="attached")


@pytest.fixture
def visit(browser, site):
    contexts = []

    def open_(name=CHAPTER, scheme="light", size="desk", mode=None, scripts=True):
        width, height = WIDTHS[size]
        context = browser.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.messages, page.requested = [], []
        page.on("console", lambda message: page.messages.append(message.text))
        page.on("pageerror", lambda error: page.messages.append(str(error)))
        page.on("request", lambda request: page.requested.append(request.url))
        if mode:
            page.add_init_script(f"localStorage.setItem('mode', {mode!r})")
        page.goto(f"{site}/{name}", wait_until="load")
        if scripts:
            wait_for_scripts(page)
        return page

    yield open_
    for context in contexts:
        context.close()
