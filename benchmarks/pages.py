"""What a page costs a visitor on a phone, who has never been here: bytes, requests, seconds.

The built book is served with gzip from a server of its own, to a Chromium that is as slow as a
phone of the middle class on a network of the third generation: 1.6 Mbit/s, 150 ms, a processor at
a quarter of its speed. Each page is opened in a context of its own, with an empty cache.
"""

import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.browsing import SITE, opened

BITS_PER_SECOND = 1.6e6
LATENCY = 150  # ms
PROCESSOR_SLOWER = 4
PHONE = {"width": 390, "height": 844}
QUIET = 1000  # ms without a change, after which a page is taken to be final

MOST_KILOBYTES = 150.0  # without figures
MOST_REQUESTS = 12
MOST_SECONDS_TO_LARGEST = 1.2
MOST_SECONDS_TO_FINAL = 2.0
MOST_SHIFT = 0.02

# When the largest element stood, how far things moved, and when the document changed last.
OBSERVE = """
window.seen = { lcp: 0, cls: 0, changed: 0 };
new PerformanceObserver((l) => { for (const e of l.getEntries()) seen.lcp = e.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) {
  seen.cls += e.value; seen.changed = Math.max(seen.changed, e.startTime); } })
  .observe({ type: "layout-shift", buffered: true });
new MutationObserver(() => { seen.changed = performance.now(); })
  .observe(document, { childList: true, subtree: true, characterData: true });
"""
IS_QUIET = f"""() => document.readyState === "complete"
  && performance.now() - Math.max(seen.changed, performance.timing.loadEventEnd
  - performance.timing.navigationStart) > {QUIET}"""
RESULT = """() => ({ ...seen, loaded: performance.timing.loadEventEnd
  - performance.timing.navigationStart })"""


@dataclass(frozen=True)
class Cost:
    """What one page has cost: bytes as sent by kind, seconds, and how far its content moved."""

    name: str
    kilobytes: Mapping[str, float] = field(repr=False)
    requests: int
    largest: float
    final: float
    shift: float
    messages: tuple[str, ...] = ()

    @property
    def figures(self) -> float:
        """Kilobytes of images."""
        return self.kilobytes.get("Image", 0.0)

    @property
    def without_figures(self) -> float:
        """Kilobytes of all but images."""
        return sum(self.kilobytes.values()) - self.figures


def measure(browser: Any, address: str, name: str) -> Cost:
    """Open a page with an empty cache on a slow phone, and return what it cost."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.add_init_script(OBSERVE)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    session = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    kilobytes: defaultdict[str, float] = defaultdict(float)

    def begin(event: dict[str, Any]) -> None:
        if not event["response"]["url"].startswith("data:"):  # part of what brought it
            kinds[event["requestId"]] = event["type"]

    def end(event: dict[str, Any]) -> None:
        if event["requestId"] in kinds:
            kilobytes[kinds[event["requestId"]]] += event["encodedDataLength"] / 1e3

    session.on("Network.responseReceived", begin)
    session.on("Network.loadingFinished", end)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY,
            "downloadThroughput": BITS_PER_SECOND / 8,
            "uploadThroughput": BITS_PER_SECOND / 8,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": PROCESSOR_SLOWER})
    page.goto(f"{address}/{name}", wait_until="load", timeout=90_000)
    page.wait_for_function(IS_QUIET, timeout=90_000)
    seen = page.evaluate(RESULT)
    context.close()
    return Cost(
        name,
        kilobytes,
        len(kinds),
        seen["lcp"] / 1e3,
        max(seen["loaded"], seen["changed"], seen["lcp"]) / 1e3,
        seen["cls"],
        tuple(messages),
    )


def pages(site: Path) -> list[str]:
    """Return the paths of all pages of a built book, but that for addresses that do not exist.

    What it loads is named by where the book is published, and would not be found here.
    """
    found = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return sorted(name for name in found if not name.startswith("_") and name != "404.html")


def report(costs: list[Cost]) -> bool:
    """Print the worst pages and the limits, and return whether all are kept.

    Bytes, requests, shift and silence are asked of each page, seconds of their median.
    """
    print(f"{'page':44}{'kB':>7}{'figures':>9}{'requests':>10}{'LCP':>7}{'final':>7}{'shift':>8}")
    print(
        f"{'limit':44}{MOST_KILOBYTES:7.0f}{'':9}{MOST_REQUESTS:10}"
        f"{MOST_SECONDS_TO_LARGEST:7.2f}{MOST_SECONDS_TO_FINAL:7.2f}{MOST_SHIFT:8.3f}"
    )
    middle = {
        "largest": statistics.median(cost.largest for cost in costs),
        "final": statistics.median(cost.final for cost in costs),
        "kilobytes": statistics.median(cost.without_figures for cost in costs),
        "figures": statistics.median(cost.figures for cost in costs),
        "requests": statistics.median(cost.requests for cost in costs),
        "shift": statistics.median(cost.shift for cost in costs),
    }
    print(
        f"{f'median of {len(costs)} pages':44}{middle['kilobytes']:7.0f}{middle['figures']:9.0f}"
        f"{middle['requests']:10g}{middle['largest']:7.2f}{middle['final']:7.2f}{middle['shift']:8.3f}"
    )
    worst = sorted(costs, key=lambda cost: -cost.final)[:8]
    worst += [max(costs, key=lambda cost: cost.without_figures), max(costs, key=lambda c: c.shift)]
    for cost in dict.fromkeys(cost.name for cost in worst):
        _print_row(next(c for c in costs if c.name == cost))
    loud = [cost.name for cost in costs if cost.messages]
    print(f"pages with a message on the console: {len(loud)} {', '.join(loud[:4])}")
    return (
        middle["largest"] <= MOST_SECONDS_TO_LARGEST
        and middle["final"] <= MOST_SECONDS_TO_FINAL
        and all(cost.without_figures <= MOST_KILOBYTES for cost in costs)
        and all(cost.requests <= MOST_REQUESTS and cost.shift <= MOST_SHIFT for cost in costs)
        and not loud
    )


def _print_row(cost: Cost) -> None:
    print(
        f"{cost.name:44}{cost.without_figures:7.0f}{cost.kilobytes['Image']:9.0f}{cost.requests:10}"
        f"{cost.largest:7.2f}{cost.final:7.2f}{cost.shift:8.3f}"
    )


def main(only: list[str] | None = None, site: Path = SITE) -> bool:
    """Measure the pages of the built book, print the worst, and return whether limits are kept."""
    with opened(site) as (browser, address):
        measure(browser, address, "index.html")  # the browser's own start is no part of a page
        costs = [measure(browser, address, name) for name in only or pages(site)]
    return report(costs)
