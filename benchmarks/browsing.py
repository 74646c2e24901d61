"""The built book in a browser: a server of its own with gzip, and Chromium."""

import contextlib
import gzip
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"


class NothingToOpenError(Exception):
    """There is no browser here, or no book."""


class _GzipHandler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = _compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        with contextlib.suppress(ConnectionError):  # who has left does not wait for it
            self.end_headers()
            self.wfile.write(content)


@lru_cache(maxsize=1024)
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9)


@contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve a folder with gzip and give its address."""
    handler = partial(_GzipHandler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def chromium() -> str | None:
    """Return the path of the browser, if there is one."""
    return next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)


@contextmanager
def opened(site: Path) -> Iterator[tuple[Any, str]]:
    """Serve the built book and start a browser for it.

    Yields
    ------
    browser : playwright.sync_api.Browser
        Chromium, without a page.
    address : str
        Where the book is served.

    Raises
    ------
    NothingToOpenError
        If Chromium or the book is not there.
    """
    from playwright.sync_api import sync_playwright

    program = chromium()
    if program is None or not (site / "index.html").is_file():
        raise NothingToOpenError(f"needs Chromium, and the book in {site}")
    with sync_playwright() as playwright, serve(site) as address:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser, address
        browser.close()
