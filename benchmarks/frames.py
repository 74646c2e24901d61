"""What an explorable that runs costs: processor time per frame over the 16.7 ms that a frame has.

Each is started on its built page, in Chromium, and watched for some seconds. What the page's own
thread works is counted, not what passes meanwhile, because others use the processor, too. The
browser draws in software here, so that frames come later than on a reader's screen.
"""

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.browsing import SITE, opened

FRAME = 1000 / 60  # ms
SECONDS = 5

RUNNING = {
    "descent": ("learning/momentum.html", ("Six on a tilted valley", "Race")),
    "seeds": ("reproduction/what-to-report.html", ("Draw on",)),
    "training": ("vanishing/cured.html", ("Train",)),
}
"""The page of each explorable that runs, and the buttons that start it."""

# What changes in one go is one picture.
OBSERVE = """box => {
  window.watched = { pictures: 0, apart: [] };
  let last = 0;
  new MutationObserver(() => { watched.pictures += 1; })
    .observe(box, { subtree: true, childList: true, attributes: true });
  const next = (now) => {
    if (last) watched.apart.push(now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}"""


@dataclass(frozen=True)
class Frames:
    """What was seen of an explorable.

    Attributes
    ----------
    pictures : int
        How often the explorable drew something new.
    script, work : float
        Milliseconds of the processor for each picture: of scripts, and of all that the page's
        thread does (scripts, styles, layout, drawing).
    apart : float
        Milliseconds between two frames, the median.
    """

    name: str
    pictures: int
    script: float
    work: float
    apart: float


def measure(browser: Any, address: str, name: str, seconds: float = SECONDS) -> Frames:
    """Let an explorable run for some seconds, and return what its frames cost."""
    path, buttons = RUNNING[name]
    page = browser.new_page(
        viewport={"width": 1280, "height": 1400}, reduced_motion="no-preference"
    )
    page.goto(f"{address}/{path}#{name}")
    box = page.locator(f"#{name}[data-ready]")
    box.wait_for()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> dict[str, float]:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: 1000 * metric["value"] for metric in metrics}

    for button in buttons:
        box.get_by_role("button", name=button, exact=True).click()
    box.scroll_into_view_if_needed()
    box.evaluate(OBSERVE)
    before = spent()
    page.wait_for_timeout(1000 * seconds)
    after, seen = spent(), page.evaluate("watched")
    page.close()
    pictures = max(1, seen["pictures"])
    return Frames(
        name,
        seen["pictures"],
        (after["ScriptDuration"] - before["ScriptDuration"]) / pictures,
        (after["TaskDuration"] - before["TaskDuration"]) / pictures,
        statistics.median(seen["apart"]) if seen["apart"] else float("nan"),
    )


def report(found: list[Frames]) -> None:
    """Print for each explorable what a picture costs, as a share of a frame."""
    print(f"of {FRAME:.1f} ms    pictures   script    all work   frames apart")
    for one in found:
        print(
            f"{one.name:12}{one.pictures:11}{one.script / FRAME:9.2f}{one.work / FRAME:12.2f}"
            f"{one.apart:12.1f} ms"
        )


def main(site: Path = SITE) -> None:
    """Measure the explorables that run, on the pages of the built book."""
    with opened(site) as (browser, address):
        report([measure(browser, address, name) for name in RUNNING])
