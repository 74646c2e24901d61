"""Explorables under hands that know nothing: half a minute of random input to each.

Each is used on its built page, in Chromium, with a real mouse and real keys: buttons, presets and
their answers, sliders, lists, boxes, texts in fields, lines drawn across pictures, reset, the link
and what it leads to, damaged links, back and forward, windows of other sizes. It must throw
nothing, print nothing, show and say no NaN, Infinity or undefined, come back from its own link as
it was, and leave no memory behind; and nothing may take 200 ms of the processor in one go.

    python -m benchmarks random-input --seconds 30 --seed 1 --only training
"""

import contextlib
import json
import random
import re
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.browsing import SITE, opened
from benchmarks.watched import ALONE, DRAWN, OBSERVE, PLACE

LONGEST = 200.0  # ms of a frame, and of the processor for one task of the page's thread
HEAP, NODES = 200_000, 500  # bytes and nodes more in each of the last two quarters of the time

SIZES = ((1366, 768), (1200, 900), (900, 700), (390, 844), (320, 640), (2000, 1200))
TEXTS = (
    *("0", "1", "-1", "2", "10", "100", "1/10", "1/3", "-7/2", "0,1", "0.5", ".5", "1e-1", "1e-9"),
    *(
        "3e2",
        "-1e400",
        "1e400",
        "1e-400",
        "1/0",
        "0/0",
        "NaN",
        "Infinity",
        "-Infinity",
        "",
        " ",
        "-",
    ),
    *("x", "1 2", "1,2,3", "--1", "0x10", "1/1e-300", "9999999999999999999", "\u22121", "\u00bd"),
    *("1e", "e1", "1/", "\U0001f600", "<b>1</b>", "undefined", "null", "2/7"),
)
KEYS = (
    *("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"),
    *("Space", "Enter", "Escape", "Backspace", "Tab", "Shift+Tab", "Shift+ArrowRight", "a", "7"),
)


@dataclass
class Outcome:
    """What was seen of an explorable, and what was wrong with it."""

    name: str
    inputs: int = 0
    longest: float = 0.0  # ms of the processor for one task
    late: int = 0  # frames that came later than they may, whoever had the processor
    heap: list[float] = field(default_factory=list)  # bytes
    nodes: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def fault(self, text: str) -> None:
        """Keep what was wrong, once."""
        if text not in self.faults:
            self.faults.append(text)


class Hands:
    """Random input to one explorable.

    Parameters
    ----------
    page : Page
        Of Playwright.
    address : str
        Of the page, without a query.
    name : str
        Of the explorable.
    chance : random.Random
        Decides what is done.
    """

    def __init__(self, page: Any, address: str, name: str, chance: random.Random) -> None:
        self.page, self.name, self.chance = page, name, chance
        self.browser = page.context.browser
        self.outcome = Outcome(name)
        self.done: list[str] = []  # the last inputs
        self.when: list[tuple[float, str]] = []  # monotonic time and input
        page.on("pageerror", lambda error: self._wrong(f"exception: {error}"))
        page.on("console", lambda message: self._wrong(f"console: {message.text}"))
        self.session = page.context.new_cdp_session(page)
        page.goto(address)
        self.arrive(f"{address}#{name}")

    def _wrong(self, text: str) -> None:
        self.outcome.fault(f"{text} (after {'; '.join(self.done[-3:])})")

    @property
    def box(self) -> Any:
        """Where the explorable is."""
        return self.page.locator(f"#{self.name}")

    def arrive(self, address: str | None = None) -> None:
        """Go to an address, or wait where a step through the history leads."""
        if address:
            self.page.goto("about:blank")  # another hash alone would load nothing
            self.page.goto(address)
        self.page.locator(f"#{self.name}[data-ready]").wait_for()
        self.box.evaluate("box => watch(box)")

    def one_of(self, selector: str) -> tuple[Any, dict[str, float]] | None:
        """Return one of the elements that can be reached, and where it is."""
        found = self.box.locator(selector).element_handles()
        for element in self.chance.sample(found, min(3, len(found))):
            if place := element.evaluate(PLACE):
                return element, place
        return None

    def press(self) -> str:
        """Press a button, or open what is folded."""
        kind = self.chance.choice(["button", "button", ".nnx-asked button", "summary"])
        if not (found := self.one_of(f"{kind}:not([data-stage])")):
            return ""
        element, place = found
        text = str(element.inner_text())
        self.click(place, 0.5, 0.5)
        return f"press {text!r}"

    def click(self, place: dict[str, float], across: float, down: float) -> None:
        """Click at a share of the width and of the height of a place."""
        self.page.mouse.click(
            place["x"] + across * place["width"], place["y"] + down * place["height"]
        )

    def type(self) -> str:
        """Type a text into a field, and leave it or not."""
        if not (found := self.one_of("input.nnx-number:visible")):
            return ""
        element, place = found
        self.click(place, 0.5, 0.5)
        self.page.keyboard.press("Control+A")
        text = self.chance.choice(TEXTS)
        self.page.keyboard.type(text) if text else self.page.keyboard.press("Delete")
        after = self.chance.choice(["Tab", "Enter", "", "ArrowUp"])
        if after:
            self.page.keyboard.press(after)
        return f"type {text!r} {after} into {element.get_attribute('aria-label')!r}"

    def slide(self) -> str:
        """Press somewhere on a slider."""
        if not (found := self.one_of("input[type=range]:visible")):
            return ""
        element, place = found
        share = self.chance.choice([0.0, 0.02, 0.3, 0.5, 0.98, 1.0, self.chance.random()])
        self.click(place, share, 0.5)
        return f"slide {element.evaluate('e => e.labels[0]?.textContent')!r} to {share:.2f}"

    def choose(self) -> str:
        """Choose from a list, or tick a box."""
        if not (found := self.one_of("select:visible, input[type=checkbox]:visible")):
            return ""
        element, place = found
        if element.evaluate("e => e.type") == "checkbox":
            self.click(place, 0.5, 0.5)
            return f"tick {element.get_attribute('value')!r}"
        values = element.evaluate("e => [...e.options].map((o) => o.value)")
        value = self.chance.choice(values)
        element.select_option(value)
        return f"choose {value!r}"

    def draw(self) -> str:
        """Draw a line across a picture, beyond its edges at times."""
        if not (found := self.one_of("svg, canvas")):
            return ""
        _, place = found
        points = [(self.chance.random(), self.chance.random())]  # what lies outside is the page's
        points += [(self.chance.uniform(-0.2, 1.2), self.chance.uniform(-0.2, 1.2)) for _ in "123"]
        mouse, first = self.page.mouse, True
        for across, down in points:
            mouse.move(place["x"] + across * place["width"], place["y"] + down * place["height"])
            if first:
                mouse.down()
            first = False
        mouse.up()
        return "draw"

    def keys(self) -> str:
        """Press keys where the focus is."""
        kind = "button:not([data-stage]), input, select, [tabindex='0'], summary"
        if self.chance.random() < 0.5 and (found := self.one_of(kind)):
            found[0].focus()
        elif not self.box.evaluate("box => box.contains(document.activeElement)"):
            return ""
        keys = self.chance.choices(KEYS, k=4)
        for key in keys:
            self.page.keyboard.press(key)
            if not self.box.evaluate("box => box.contains(document.activeElement)"):
                break
        return f"keys {' '.join(keys)}"

    def resize(self) -> str:
        """Give the window another size."""
        width, height = self.chance.choice(SIZES)
        self.page.set_viewport_size({"width": width, "height": height})
        return f"resize to {width}"

    def theme(self) -> str:
        """Change between light and dark."""
        scheme = self.chance.choice(["light", "dark"])
        self.page.emulate_media(color_scheme=scheme)
        return scheme

    def link(self) -> str:
        """Follow the explorable's own link: it must give the same one again."""
        address = self.linked()
        self.arrive(address)
        again = self.linked()
        if again != address:
            self.outcome.fault(f"the link {address} comes back as {again}")
        return "link"

    def linked(self) -> str:
        """Return the link to the present state."""
        self.box.get_by_role("button", name=re.compile("^Link")).click()
        return str(self.page.url)

    def damage(self) -> str:
        """Come with a link that somebody has damaged."""
        base, _, query = self.linked().partition("?")
        query, _, _ = query.partition("#")
        start = self.chance.randrange(len(query) + 1)
        end = start + self.chance.choice([0, 1, 3, 30])
        text = self.chance.choice([*TEXTS, "&", "=", "%", "%ff", "."])
        damaged = query[:start] + text.replace("#", "") + query[end:]
        self.arrive(f"{base}?{damaged}#{self.name}")
        return f"damaged link {damaged[max(0, start - 30) : start + 40]!r}"

    def back(self) -> str:
        """Go back and forward."""
        self.page.go_back()
        self.page.go_forward()
        self.arrive()
        return "back and forward"

    def away(self) -> str:
        """Leave it for the top of the page, and come again."""
        self.page.evaluate("scrollTo(0, 0)")
        self.page.wait_for_timeout(100)
        self.box.evaluate("box => box.scrollIntoView()")
        return "away and back"

    def step(self, *, stays: bool) -> None:
        """Do one thing, and look at what came of it."""
        on_page = [self.press, self.type, self.slide, self.choose, self.draw, self.keys]
        # What a page costs as a whole is measured elsewhere.
        around = [self.resize, self.theme, self.away, self.link, self.damage, self.back]
        weights = [5] * len(on_page) + [0 if stays else 1] * len(around)
        (action,) = self.chance.choices([*on_page, *around], weights)
        self.done.append(action.__name__)
        begun = time.monotonic()
        done = action()
        if not done:
            self.done.pop()
            return
        self.done[-1] = done
        self.when.append((begun, done))
        self.outcome.inputs += 1
        self.page.evaluate(DRAWN)
        self.look()

    def look(self) -> None:
        """Keep what the page has shown since the last look."""
        seen = self.box.evaluate("box => fields(box)")
        for text in seen["bad"]:
            self._wrong(f"shown: {text}")
        self.outcome.late += sum(apart > LONGEST for apart in seen["frames"])

    def rest(self) -> None:
        """Reset it, collect what is garbage, and note what is left."""
        self.page.keyboard.press("Escape")  # keys may have opened a dialog of the page
        self.page.set_viewport_size(dict(zip(("width", "height"), SIZES[0], strict=True)))
        self.box.get_by_role("button", name="Reset", exact=True).click()
        self.page.wait_for_timeout(1000)
        for _ in range(2):
            self.session.send("HeapProfiler.collectGarbage")
        self.outcome.heap.append(self.session.send("Runtime.getHeapUsage")["usedSize"])
        self.outcome.nodes.append(self.session.send("Memory.getDOMCounters")["nodes"])

    def play(self, seconds: float) -> None:
        """Use the explorable: half of the time with links and history, then for its memory."""
        begin = time.monotonic()
        for quarter in range(1, 5):
            while time.monotonic() < begin + seconds * quarter / 4:
                self.step(stays=quarter > 2)
            if quarter == 2:
                self.begin_to_measure()
            elif quarter > 2:
                self.rest()
        self.judged()

    def begin_to_measure(self) -> None:
        """From here on the page is not left any more."""
        self.box.evaluate(ALONE)
        self.rest()
        self.browser.start_tracing(page=self.page, categories=["toplevel"])

    def look_at_tasks(self, events: list[dict[str, Any]]) -> None:
        """Look for tasks that kept the page's thread at work, by the processor's time."""
        threads = {
            (event["pid"], event["tid"]): event["args"]["name"]
            for event in events
            if event["name"] == "thread_name"
        }
        for event in events:
            if threads.get((event["pid"], event["tid"])) != "CrRendererMain":
                continue
            took = event.get("tdur", 0) / 1000
            self.outcome.longest = max(self.outcome.longest, took)
            if took > LONGEST:
                # Chromium's clock is that of Python.
                before = [done for begun, done in self.when if begun <= event["ts"] / 1e6]
                self.outcome.fault(f"{took:.0f} ms of the processor for: {before[-1:]}")

    def judged(self) -> Outcome:
        """Return what was seen, with what it says of the processor and of memory."""
        self.look_at_tasks(json.loads(self.browser.stop_tracing())["traceEvents"])
        one = self.outcome
        for what, amounts, most in (("heap", one.heap, HEAP), ("nodes", one.nodes, NODES)):
            # At first the browser compiles what runs often; what leaks goes on growing.
            if all(after - before > most for before, after in pairwise(amounts)):
                one.fault(f"the {what} grew: {amounts}")
        return one


def explorables(site: Path) -> dict[str, str]:
    """Return the page of each explorable in the built book."""
    found: dict[str, str] = {}
    for path in sorted(site.rglob("*.html")):
        for name in re.findall(r'data-explorable="([\w-]+)"', path.read_text("utf-8")):
            found.setdefault(name, path.relative_to(site).as_posix())
    return dict(sorted(found.items()))


def main(seconds: float, seed: int, only: str | None, site: Path = SITE) -> bool:
    """Use each explorable, print what was wrong, and return whether nothing was."""
    from playwright.sync_api import Error

    outcomes: list[Outcome] = []
    with opened(site) as (browser, address):
        print("                inputs   longest   late   heap (MB)   nodes   faults")
        for name, path in explorables(site).items():
            if only and name != only:
                continue
            context = browser.new_context(reduced_motion="no-preference")
            context.add_init_script(OBSERVE)
            hands = Hands(
                context.new_page(), f"{address}/{path}", name, random.Random(f"{name} {seed}")
            )
            with contextlib.suppress(KeyboardInterrupt):  # what was seen until then is told
                try:
                    hands.play(seconds)
                except Error as problem:
                    hands.outcome.fault(f"stuck after {hands.done[-3:]}: {problem}")
                    with contextlib.suppress(Error):  # where it was not measured yet
                        browser.stop_tracing()
                outcomes.append(hands.outcome)
                report(hands.outcome)
            context.close()
    return not any(one.faults for one in outcomes)


def report(one: Outcome) -> None:
    """Print a line for an explorable, and one for each of its faults."""
    heap = " ".join(f"{amount / 1e6:.1f}" for amount in one.heap[-2:])
    nodes = one.nodes[-1] if one.nodes else 0
    print(
        f"{one.name:16}{one.inputs:6}{one.longest:7.0f} ms{one.late:7}{heap:>12}"
        f"{nodes:8}{len(one.faults):9}",
        flush=True,
    )
    for fault in one.faults:
        print(f"  {fault}")
