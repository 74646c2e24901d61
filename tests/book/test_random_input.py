"""Random input finds what is wrong: an explorable that has each fault, and one that has none."""

import random

import pytest

from benchmarks import random_input
from benchmarks.browsing import serve
from benchmarks.watched import OBSERVE

PAGE = """<!doctype html><html>
<head><meta charset="utf-8"><link rel="icon" href="data:,"></head><body>
<div id="fake" data-explorable="fake" data-ready>
  <button>Reset</button> <button>Link to this</button>
  <label>Size <input type="range" value="3"></label>
  <button id="own">Do it</button> <p></p>
</div>
<script>
  const kept = [], box = document.querySelector("p");
  document.querySelector("#own").onclick = () => { %s };
</script></body></html>"""
SOUND = "box.textContent = '“NaN” is not a number.';"
FAULTS = {
    "box.textContent = 'loss: NaN';": "shown: text: loss: NaN",
    "box.setAttribute('aria-label', `x is ${undefined}`);": "shown: aria-label: x is undef",
    "document.querySelector('input').max = 1 / 0;": "shown: max: Infinity",
    "console.log('here');": "console: here",
    "let t = 0; if (!kept.length) while (t < 1e9) t++;": "of the processor",  # half a second
    "kept.push(new Array(40_000).fill(0).map(() => [0]));": "the heap grew",
    "for (let k = 0; k < 2000; k++) kept.push(document.createElement('b'));": "the nodes grew",
    "throw new Error('broken');": "exception: broken",
}


@pytest.mark.parametrize(
    ("does", "faults"), [(SOUND, []), ("".join(FAULTS), list(FAULTS.values()))]
)
def test_what_is_wrong_is_found(browser, tmp_path, does, faults):
    (tmp_path / "page.html").write_text(PAGE % does, encoding="utf-8")
    assert random_input.explorables(tmp_path) == {"fake": "page.html"}
    context = browser.new_context()
    context.add_init_script(OBSERVE)
    with serve(tmp_path) as address:
        hands = random_input.Hands(
            context.new_page(), f"{address}/page.html", "fake", random.Random(1)
        )
        hands.begin_to_measure()
        for _ in range(2):
            for _ in range(12):
                hands.step(stays=True)
            hands.rest()
        outcome = hands.judged()
    context.close()
    assert [one for one in faults if not any(one in found for found in outcome.faults)] == []
    assert faults or outcome.faults == []
