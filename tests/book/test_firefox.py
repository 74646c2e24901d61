"""The explorables in Firefox, which needs no driver: a page of ours uses them and reports.

Debian's Firefox is not one that Playwright can lead. It opens a page that loads each chapter into
a frame, waits for its explorable, chooses each preset, answers what is asked, and tells the server
what it saw.
"""

import http.server
import json
import os
import re
import shutil
import subprocess
import threading

import pytest

from tests.book.conftest import QuietHandler, served, unavailable
from tests.book.test_explorables import PAGES

LONGEST = 300  # s for all of them
USES = """<!doctype html>
<meta charset="utf-8">
<iframe style="width: 1200px; height: 1000px; border: 0"></iframe>
<script>
const frame = document.querySelector("iframe");
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
async function use(name, path) {
  await new Promise((done) => {
    frame.onload = done;
    frame.src = `/${path}?visited=${name}#${name}`;
  });
  const errors = [], box = frame.contentDocument.getElementById(name);
  frame.contentWindow.addEventListener("error", ({ message }) => errors.push(message));
  for (let k = 0; k < 400 && !("ready" in box.dataset); k++) await wait(50);
  const said = [];
  for (const preset of box.querySelectorAll("[aria-label=Presets] button")) {
    preset.click();
    box.querySelector(".nnx-asked:not([hidden]) .nnx-buttons button")?.click();
    await wait(600);
    said.push(box.querySelector(".nnx-said").textContent);
  }
  const drawn = [...box.querySelectorAll("svg, canvas")];
  const seen = drawn.filter((one) => one.getBoundingClientRect().width > 20).length;
  return { errors, said, seen, text: box.innerText };
}
(async () => {
  const found = {};
  for (const [name, path] of Object.entries(PAGES)) {
    found[name] = await use(name, path).catch((problem) => ({ problem: String(problem) }));
  }
  await fetch("/found", { method: "POST", body: JSON.stringify(found) });
})();
</script>
"""


@pytest.fixture(scope="module")
def found(html, tmp_path_factory):
    """Return what Firefox reports of each explorable."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        unavailable("no Firefox found (on Debian: apt-get install firefox-esr)")
    reported, come = {}, threading.Event()

    class Handler(QuietHandler, http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            if self.path != "/uses":
                super().do_GET()
                return
            content = USES.replace("PAGES", json.dumps(PAGES)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self):
            reported.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            come.set()

    home = str(tmp_path_factory.mktemp("firefox"))
    with served(Handler) as site:
        browser = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", home, f"{site}/uses"],
            env={**os.environ, "HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert come.wait(LONGEST), "Firefox has not reported"
        finally:
            browser.terminate()
            browser.wait()
    return reported


@pytest.mark.parametrize("name", PAGES)
def test_explorables_work_in_firefox(found, name):
    report = found[name]
    assert "problem" not in report, report["problem"]
    assert report["errors"] == []
    assert report["seen"] > 0
    assert len(report["said"]) >= 3
    assert all(report["said"])
    assert not re.search(r"NaN|undefined|Infinity", report["text"])
